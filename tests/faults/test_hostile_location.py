"""Whatever a `Location` says: it is never requested, and the batch is recorded all the same."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator

import pytest
from fault_world import World, raw_orders

OURS = re.compile(
    r"/identity/connect/token|/v1/batch/sales-orders"
    r"|/v1/batch-operations(/[A-Za-z0-9_-]{1,128}/(status|results|cancel))?"
)
# {usual} is the honest path, {trap} the address of a server that must never hear of us.
FOLLOWED = [
    "http://{trap}{usual}",
    "https://{trap}{usual}",
    "//{trap}{usual}",
    "http://evil.example{usual}",
    "http://user@{trap}{usual}",
    "http://me:secret@127.0.0.1{usual}",
    "http://127.0.0.1:1{usual}",
    "https://127.0.0.1{usual}",
    "{usual}/",
    "{usual}?next=http://{trap}/",
    "{usual}#http://{trap}/",
    "{usual}\r\nLocation-Too: http://{trap}/",
]
NAMELESS = [
    "",
    " ",
    "/",
    "http://{trap}/",
    "http://{trap}/v1/batch-operations/",
    "ftp://{trap}{usual}",
    "file:///etc/passwd",
    "/v1/../../admin",
    "/v1/batch-operations/..",
    "/v1/batch-operations/../../admin/status",
    "{usual}/../../../admin",
    "/v1/batch-operations/..%2f..%2fadmin",
    "/v1/batch-operations/%2e%2e/status",
    "{usual}%2f..%2fadmin",
    "/v1/batch-operations/a;b/status",
    "/v1/batch-operations/a b/status",
    "/v1/batch-operations/a%00/status",
    "/v1/batch-operations/a?x/status",
    "javascript:alert(1)",
    "http://[::1",
    "\x1b]0;owned\x07",
    "caf\u00e9",
    "/v1/batch-operations/" + "a" * 129,
    "/v1/batch-operations/" + "a" * 65_536,
    "http://{trap}/" + "b/" * 20_000,
]


@pytest.fixture
def trap() -> Iterator[socket.socket]:
    """Listens, and hopes to hear nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def submitted(make: Callable[..., World], trap: socket.socket, location: str) -> int:
    """One submit that is given this `Location`; nobody but the ERP was asked, and everything comes out right."""
    address = f"127.0.0.1:{trap.getsockname()[1]}"
    world = make(raw_orders(2), list_enabled=False)
    try:
        world.erp.fault("submit", "location", location=location.replace("{trap}", address))
        world.configure(poll_interval="5s")
        looked_up = world.folder / "looked-up"
        ran = world.submit(arm=lambda: note_lookups(looked_up))
        world.verify(ran.code)
        assert "Traceback" not in ran.err and "\x1b" not in ran.out + ran.err
        with pytest.raises(BlockingIOError):
            trap.accept()
        assert set(looked_up.read_text().split()) == {"127.0.0.1"}
        strange = [each.path for each in world.erp.requests() if not OURS.fullmatch(each.path)]
        assert not strange
        state = world.ask("SELECT state FROM part WHERE number = 1")
        assert state in ([("settled",)], [("accepted",)], [("unknown",)])
        assert world.finish()[-1] == 0
        return ran.code
    finally:
        world.close()


def note_lookups(log: object) -> None:
    """In a child: write down every host whose address is asked for."""
    usual = socket.getaddrinfo

    def noting(host: object, *rest: object, **more: object) -> object:
        with open(str(log), "a") as file:
            file.write(f"{host if isinstance(host, str) else bytes(host).decode()}\n")  # type: ignore[call-overload]
        return usual(host, *rest, **more)  # type: ignore[arg-type]

    socket.getaddrinfo = noting  # type: ignore[assignment]


@pytest.mark.parametrize("location", FOLLOWED, ids=repr)
def test_an_id_is_taken_from_anywhere_and_asked_for_at_home(
    world: Callable[..., World], trap: socket.socket, location: str
) -> None:
    assert submitted(world, trap, location) == 0


@pytest.mark.parametrize("location", NAMELESS, ids=lambda each: repr(each[:40]))
def test_what_names_no_batch_leaves_the_part_in_doubt(
    world: Callable[..., World], trap: socket.socket, location: str
) -> None:
    assert submitted(world, trap, location) == 10


def test_an_id_that_the_erp_does_not_know_is_dropped_and_the_true_one_is_found(world: Callable[..., World]) -> None:
    made = world(raw_orders(2), list_shows_file_name=True)
    made.configure(poll_interval="5s")
    made.erp.fault("submit", "foreign_location")
    assert made.submit().code == 10
    assert made.ask("SELECT state, remote_id FROM part WHERE number = 1") == [("accepted", None)]
    ran = made.submit()
    assert ran.code == 0, ran.err
    made.verify(0)


def test_a_part_that_was_accepted_is_never_freed_by_a_list_that_does_not_show_it(world: Callable[..., World]) -> None:
    made = world(raw_orders(2))
    made.erp.fault("submit", "no_location", nth=2)
    assert made.submit().code == 10
    shown, hidden = made.erp.batches()
    rows = json.dumps([{"batchRequestId": shown.id, "status": "T"}])
    made.erp.fault("list", "custom", status=200, body=rows, times=None)
    assert made.submit().code == 10
    assert made.erp.posts() == 2
    made.erp.no_faults()
    made.verify(10)
    assert made.ask("SELECT state, remote_id FROM part WHERE number = 2") == [("accepted", None)]
    assert made.finish()[-1] == 0 and [each.id for each in made.erp.batches()] == [shown.id, hidden.id]
