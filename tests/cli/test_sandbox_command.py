"""`sobatch sandbox`: what it prints is all another terminal needs, and it ends when told to."""

from __future__ import annotations

import re
import signal
import socket
from contextlib import contextmanager

import pytest
from sending_door import orders

EXPORT = re.compile(r"(SOBATCH_[A-Z_]+)=(\S+)")


@contextmanager
def served(door, *words):
    """The environment that the command prints, while it runs."""
    with door.start("sandbox", "--port", "0", *words) as child:
        lines = [child.stdout.readline().decode() for _ in range(3)]
        try:
            yield dict(EXPORT.findall("".join(lines)))
            child.send_signal(signal.SIGINT)
            _, err = child.communicate(timeout=30)
        finally:
            child.kill()
    assert (child.returncode, "has ended" in err.decode()) == (0, True)


def test_what_it_prints_is_enough_to_send_orders(door):
    with served(door) as settings:
        assert sorted(settings) == [
            "SOBATCH_BASE_URL",
            "SOBATCH_CLIENT_ID",
            "SOBATCH_CLIENT_SECRET",
            "SOBATCH_COMPANY_ID",
            "SOBATCH_TOKEN_URL",
        ]
        door.set(**settings)
        told = door("submit", door.file("orders.json", orders(2)), "--output", "json")
        assert (told.code, told.run["ledger"]["created"]) == (0, 2)


def test_what_it_knows_stays_for_the_next_time(door):
    for times in (1, 2):
        with served(door) as settings:
            door.set(**settings)
            assert door("submit", door.file("orders.json", orders(1, f"S{times}"))).code == 0
            jobs = door("status", "--remote", "--output", "json").document["result"]["jobs"]
            assert len(jobs) == times


def test_its_world_can_be_chosen(door):
    with served(door, "--options", '{"max_lines": 1, "list_enabled": false}', "--database", "my.sqlite") as settings:
        door.set(**settings)
        content = [{**orders(1)[0], "orderLines": [{"productCode": "1", "quantity": 1}] * 2}]
        assert door("submit", door.file("orders.json", content)).code == 5
        assert door("status", "--remote").code == 5
    assert (door.folder / "my.sqlite").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--options", "{"], "not understood"),
        (["--options", "[]"], "not an object"),
        (["--options", '{"max_lins": 1}'], "no such sandbox option: max_lins"),
        (["--port", "70000"], "--port"),
        (["--pace", "-1"], "--pace"),
    ],
)
def test_what_cannot_be_understood_is_a_usage_error(door, words, said):
    told = door("sandbox", "--port", "0", *words)
    assert (told.code, told.out) == (2, "")
    assert said in told.err and "next: " in told.err


def test_a_port_in_use_is_a_usage_error(door):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = door("sandbox", "--port", str(taken.getsockname()[1]))
    assert (told.code, told.out) == (2, "")
    assert "cannot be used" in told.err and "--port" in told.err
