"""Servers that come to no end: headers that drip, 1xx answers for ever, bodies without end. Every call has one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from erp_doubles import FakeClock, Journal, connection
from scripted_server import Peer, Script, answer, serving

import sobatch.erp.wire.reading as reading
from sobatch.erp.ports import InDoubt, Kind, PartFile, Receipt
from sobatch.erp.unit4.api import Unit4, build
from sobatch.erp.wire import post
from sobatch.errors import RemoteFailed, Temporary

B1 = Receipt("B1")
TOKEN = answer("200 OK", "Content-Type: application/json", body=b'{"access_token":"t","expires_in":4500}')
STEP = 0.02  # far below every time-out of a single read


def for_ever(head: bytes, drop: bytes) -> Script:
    """Says something, and then a little more, again and again, until the other side has gone."""

    def script(peer: Peer) -> None:
        peer.read_all()
        peer.send(head)
        for _ in itertools.count():
            peer.send(drop)
            peer.pause(STEP)

    return script


ENDLESS = {
    "headers that drip": for_ever(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
    "1xx answers": for_ever(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "a body without end": for_ever(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b" "),
    "chunks without end": for_ever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "an error without end": for_ever(b"HTTP/1.1 400 Bad Request\r\n\r\n", b" "),
}
CALLS: dict[str, Callable[[Unit4, Path], object]] = {
    "status": lambda target, _: target.status(B1),
    "results": lambda target, folder: list(target.results(B1, Kind.CREATED, folder / "r.json")),
    "list": lambda target, _: list(target.jobs()),
    "cancel": lambda target, _: target.cancel(B1),
}


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ends of calls come soon."""
    monkeypatch.setattr(reading.Reader, "_whole", lambda self, ask: 0.3)
    monkeypatch.setattr(reading, "UNREADABLE_ATTEMPTS", 1)
    monkeypatch.setattr(post, "BODY_SECONDS", 0.3)


@pytest.mark.parametrize("script", ENDLESS.values(), ids=ENDLESS)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_read_ends(call: Callable[[Unit4, Path], object], script: Script, tmp_path: Path, clock: FakeClock) -> None:
    with serving(token_first(script)) as server:
        target = build(connection(server.url), clock)
        enough = script is ENDLESS["an error without end"] or call is CALLS["cancel"]  # what came says all
        with suppress(Temporary, RemoteFailed) if enough else pytest.raises(Temporary):
            call(target, tmp_path)
        target.close()


@pytest.mark.parametrize("script", list(ENDLESS.values())[:4], ids=list(ENDLESS)[:4])
def test_a_token_that_never_comes(script: Script, clock: FakeClock) -> None:
    with serving(script) as server:
        target = build(connection(server.url), clock)
        with pytest.raises(Temporary):
            target.prepare()
        target.close()


@pytest.mark.parametrize("script", list(ENDLESS.values())[:2], ids=list(ENDLESS)[:2])
def test_an_answer_to_a_send_that_never_comes_is_a_doubt(script: Script, part: PartFile, clock: FakeClock) -> None:
    journal = Journal()
    with serving(token_first(script)) as server:
        target = build(connection(server.url, send_timeout=0.3), clock)
        with pytest.raises(InDoubt, match="no answer in the time it had"):
            target.send(part, journal, lambda _: None)
        target.close()
    assert journal.receipts == []
    assert len(server.peers) == 2, "it was sent again"


def test_a_yes_whose_body_never_ends_is_a_yes(part: PartFile, clock: FakeClock) -> None:
    journal = Journal()
    accepted = b"HTTP/1.1 201 Created\r\nLocation: /v1/batch-operations/B1/status\r\n\r\n"
    with serving(token_first(for_ever(accepted, b" "))) as server:
        target = build(connection(server.url), clock)
        assert target.send(part, journal, lambda _: None).remote_id == "B1"
        target.close()
    assert [receipt.remote_id for receipt in journal.receipts] == ["B1"]


def token_first(script: Script) -> Script:
    """The token is handed out at once; what follows is for everything else."""

    def follow(peer: Peer) -> None:
        peer.read_head()
        if peer.head.startswith(b"POST /token"):
            peer.read_body()
            peer.send(TOKEN)
        else:
            peer.read_head = lambda: None  # type: ignore[method-assign]
            script(peer)

    return follow
