"""Every fixed name of the environment has its effect, with no file: what a container or a pipeline relies on."""

from __future__ import annotations

import http.server
import threading
from contextlib import contextmanager
from itertools import pairwise
from urllib.parse import parse_qs

import pytest
from sending_door import order, orders


def sent(door, content=None):
    told = door("submit", door.file("orders.json", content or orders(1)), "--output", "json")
    assert told.code == 0, told.err
    return told


@contextmanager
def identity_service():
    """A token endpoint that turns everybody away and remembers what they asked."""
    forms = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            forms.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(400)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/token", forms
        server.shutdown()
        thread.join()


def test_erp(door, pretend):
    pretend()
    door.set(SOBATCH_ERP="unit4")
    sent(door)
    door.set(SOBATCH_ERP="nobody")
    assert door("submit", "orders.json").code == 2


def test_base_url(door, pretend):
    first = pretend()
    second = pretend()
    sent(door)
    assert (len(first.created()), len(second.created())) == (0, 1)


def test_token_url_client_id_client_secret_and_scope(door, pretend):
    pretend()
    with identity_service() as (url, forms):
        door.set(SOBATCH_TOKEN_URL=url, SOBATCH_CLIENT_ID="me", SOBATCH_CLIENT_SECRET="mine", SOBATCH_SCOPE="a scope")
        assert door("submit", door.file("orders.json", orders(1))).code == 6
    assert forms == [
        {
            "client_id": ["me"],
            "client_secret": ["mine"],
            "grant_type": ["client_credentials"],
            "scope": ["a scope"],
        }
    ]


def test_username_and_password(door, pretend, monkeypatch):
    world = pretend(users={"anna": "hemmelig"})
    monkeypatch.delenv("SOBATCH_CLIENT_ID")
    door.set(SOBATCH_USERNAME="anna", SOBATCH_PASSWORD="hemmelig")
    sent(door)
    assert [batch.user for batch in world.batches()] == ["anna"]
    assert "token" not in {each.place for each in world.requests()}


def test_company_id(door, pretend):
    world = pretend()
    door.set(SOBATCH_COMPANY_ID="NO")
    sent(door)
    assert [batch.company for batch in world.batches()] == ["NO"]


@pytest.mark.parametrize(("word", "skips"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_skip_workflow(door, pretend, word, skips):
    world = pretend()
    door.set(SOBATCH_SKIP_WORKFLOW=word)
    told = door("submit", door.file("orders.json", [order(13)]))
    assert told.code == (0 if skips else 3)
    assert [batch.skip_workflow for batch in world.batches()] == [True] * skips


def test_submit_path(door, pretend):
    world = pretend()
    door.set(SOBATCH_SUBMIT_PATH="/v1/sales-orders/batch")
    sent(door)
    assert [each.path for each in world.requests() if each.place == "submit"] == ["/v1/sales-orders/batch"]


def test_part_name(door, pretend):
    world = pretend(part_name="file")
    door.set(SOBATCH_PART_NAME="file")
    sent(door)
    assert len(world.created()) == 1


def test_max_lines(door, pretend):
    world = pretend()
    door.set(SOBATCH_MAX_LINES="2")
    assert door("submit", door.file("orders.json", [order(3)])).code == 3
    assert world.requests() == []


def test_max_rows(door, pretend):
    world = pretend()
    door.set(SOBATCH_MAX_ROWS="9")
    sent(door, orders(6))
    assert [batch.orders for batch in world.batches()] == [2, 2, 2]


def test_poll_interval(door, pretend):
    world = pretend(start_delay=0.5)
    door.set(SOBATCH_POLL_INTERVAL="0.1")
    sent(door)
    asked = [each.at for each in world.requests() if each.place == "status"]
    assert len(asked) >= 4  # left to itself it asks at once and then after two seconds
    assert all(later - sooner >= 0.1 for sooner, later in pairwise(asked))


def test_profile(door):
    door.set(SOBATCH_PROFILE="sandbox")
    assert sent(door).run["address"] == "http://sandbox.localhost"


def test_config(door, pretend):
    world = pretend()
    (door.folder.parent / "elsewhere.toml").write_text('[profiles.mine]\nscope = "x"\nmax_orders = 1\n')
    door.set(SOBATCH_CONFIG=str(door.folder.parent / "elsewhere.toml"), SOBATCH_PROFILE="mine")
    sent(door, orders(3))
    assert [batch.orders for batch in world.batches()] == [1, 1, 1]


def test_state_dir(door, pretend):
    pretend()
    door.set(SOBATCH_STATE_DIR=str(door.folder / "here"))
    sent(door)
    assert (door.folder / "here" / "journal.sqlite").is_file()
    assert not door.state.exists()


def test_a_flag_counts_before_the_environment(door, pretend):
    world = pretend()
    door.set(SOBATCH_COMPANY_ID="NO", SOBATCH_SKIP_WORKFLOW="true")
    told = door("submit", door.file("orders.json", orders(1)), "--company-id", "100", "--workflow")
    assert told.code == 0
    assert [(batch.company, batch.skip_workflow) for batch in world.batches()] == [("100", False)]


def test_a_misspelt_name_is_pointed_out(door, pretend):
    pretend()
    door.set(SOBATCH_COMPANYID="NO")
    assert "did you mean SOBATCH_COMPANY_ID?" in sent(door).err
