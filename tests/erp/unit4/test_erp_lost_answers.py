"""Sends whose answer never came, or whose request never left: what is in doubt and what is not."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from erp_doubles import FakeClock, Journal, connection
from scripted_server import Peer, serving
from sending_doubles import silent, target_at

from sobatch.erp.ports import (
    InDoubt,
    NotSent,
    PartFile,
)
from sobatch.erp.unit4.api import build
from sobatch.errors import NotAllowed


def read_then(end: str) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        peer.read_all()
        if end == "reset":
            peer.reset()
        elif end == "garbage":
            peer.send(b"what?\r\n\r\n")
        elif end == "half a status line":
            peer.send(b"HTTP/1.1 20")

    return script


def part_read_then_reset(peer: Peer) -> None:
    peer.read_head()
    peer.read_body(20_000)
    peer.reset()


def no_time(peer: Peer) -> None:
    peer.read_all()
    peer.sock.recv(1)


LOST = {
    "closed without reading": silent,
    "closed after reading everything": read_then("close"),
    "reset after reading everything": read_then("reset"),
    "garbage in place of HTTP": read_then("garbage"),
    "half a status line": read_then("half a status line"),
    "reset in the middle of the body": part_read_then_reset,
    "no answer in time": no_time,
}


@pytest.mark.parametrize("size", [10_000, 30_000_000])
@pytest.mark.parametrize("script", LOST.values(), ids=LOST)
def test_an_answer_that_never_came_is_in_doubt_and_is_sent_once(script, size: int, tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    with path.open("wb") as file:
        file.truncate(size)
    big, journal = PartFile("r", 1, "SO", 2, path, "big.json", "", size), Journal()
    with serving(script, keep=False) as server:
        target = target_at(server.url, FakeClock(), send_timeout=0.3)
        with pytest.raises(InDoubt) as caught:
            target.send(big, journal, lambda _: None)
        target.close()
    assert journal.receipts == [] and len(server.peers) == 1
    assert script is silent or caught.value.bytes_sent > 0
    assert f"{caught.value.bytes_sent:,} bytes" in caught.value.message


def test_a_refused_connection_is_not_sent(part: PartFile, clock: FakeClock, journal: Journal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    told: list[int] = []
    with pytest.raises(NotSent) as caught:
        target_at(url, clock).send(part, journal, told.append)
    assert caught.value.bytes_sent == 0 and told == []


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.RemoteProtocolError,
        httpx.LocalProtocolError,
        OSError,
        ValueError,
    ],
)
@pytest.mark.parametrize("read_first", [False, True])
def test_only_the_connect_phase_without_a_byte_is_not_sent(error, read_first, part, clock, journal) -> None:
    class Failing(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if read_first:
                request.read()
            raise error("it broke")

    target = target_at("https://erp.example.com", clock, transport=Failing())
    early = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError)
    with pytest.raises(NotSent if error in early and not read_first else InDoubt):
        target.send(part, journal, lambda _: None)


def test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent(part, journal, clock) -> None:
    class Untrusted(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("bad certificate") from ssl.SSLCertVerificationError("self-signed")

    with pytest.raises(NotAllowed, match="nothing was sent"):
        target_at("https://erp.example.com", clock, transport=Untrusted()).send(part, journal, lambda _: None)
    with pytest.raises(NotAllowed, match="cannot be trusted"):
        build(connection(transport=Untrusted()), clock).prepare()
