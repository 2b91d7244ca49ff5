"""One send, over real sockets and through canned answers: what is acknowledged, and with what."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from erp_doubles import FakeClock, Journal, connection
from scripted_server import Peer, answer, serving
from sending_doubles import CREATED, ReadyToken, accept_and, target_at

from sobatch.erp.ports import (
    InDoubt,
    PartFile,
    Receipt,
    Refused,
    Throttled,
    TokenExpired,
)
from sobatch.erp.unit4.api import build
from sobatch.errors import StorageFailed


def test_the_request_on_the_wire(part: PartFile, clock: FakeClock, journal: Journal) -> None:
    told: list[int] = []
    with serving(accept_and(lambda peer: peer.send(CREATED))) as server:
        target = target_at(server.url + "/erp/", clock, company="EN", options={"skip_workflow": True})
        receipt = target.send(part, journal, told.append)
        target.close()
    peer = server.peers[0]
    assert peer.head.startswith(b"POST /erp/v1/batch/sales-orders?companyId=EN&skipWorkflow=true HTTP/1.1\r\n")
    boundary = (peer.header("content-type") or "").removeprefix("multipart/form-data; boundary=").encode()
    assert peer.body == (
        b"--" + boundary + b'\r\nContent-Disposition: form-data; name=""; filename="0001-SO-abcdef12.json.gz"'
        b"\r\nContent-Type: application/gzip\r\n\r\n" + part.path.read_bytes() + b"\r\n--" + boundary + b"--\r\n"
    )
    assert peer.header("content-length") == str(len(peer.body))
    assert peer.header("transfer-encoding") is None and peer.header("content-encoding") is None
    assert peer.header("connection") == "close" and peer.header("accept-encoding") == "identity"
    assert peer.header("authorization") == "Bearer ready"
    assert sum(told) == part.size and len(server.peers) == 1
    assert receipt == journal.receipts[0]
    assert receipt == Receipt("b-1", 201, "/v1/batch-operations/b-1/status", 1_795_251_603.0, None)


def test_options_change_path_and_part_name_and_leave_the_rest_out(part: PartFile, target_of, journal: Journal) -> None:
    target, world = target_of(
        httpx.Response(201, headers={"Location": "/v1/batch-operations/b-1"}),
        options={"submit_path": "/v1/sales-orders/batch", "part_name": "file"},
    )
    target.send(part, journal, lambda _: None)
    assert str(world.calls[0].url) == "https://erp.example.com/v1/sales-orders/batch"
    assert b'name="file"; filename=' in world.calls[0].content


def test_every_send_opens_a_fresh_connection(part: PartFile, clock: FakeClock) -> None:
    with serving(accept_and(lambda peer: peer.send(CREATED))) as server:
        target = target_at(server.url, clock)
        for _ in range(3):
            target.send(part, Journal(), lambda _: None)
        target.close()
    assert len(server.peers) == 3


CUTS: dict[str, Callable[[Peer], None]] = {
    "body cut short": lambda peer: peer.send(
        answer("201 Created", "Location: /v1/batch-operations/b-1/status", body=b"{", length=5000)
    ),
    "reset after the headers": lambda peer: (peer.send(CREATED), peer.reset())[0],
    "broken chunks": lambda peer: peer.send(
        b"HTTP/1.1 201 Created\r\nLocation: /v1/batch-operations/b-1/status\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    ),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_cut_body_after_the_yes_is_still_acknowledged(cut, part: PartFile, clock: FakeClock) -> None:
    journal = Journal()
    with serving(accept_and(cut)) as server:
        target = target_at(server.url, clock)
        assert target.send(part, journal, lambda _: None).remote_id == "b-1"
        target.close()
    assert [receipt.remote_id for receipt in journal.receipts] == ["b-1"] and len(server.peers) == 1


def test_the_receipt_is_handed_over_before_the_body_is_read(part: PartFile, clock: FakeClock) -> None:
    events: list[str] = []

    class Body(httpx.SyncByteStream):
        def __iter__(self):
            events.append("body")
            yield b"{}"

    class Watching(Journal):
        def acknowledged(self, receipt: Receipt) -> None:
            events.append("acknowledged")

    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, headers={"Location": "/v1/batch-operations/b-1"}, stream=Body())

    target = build(connection(transport=httpx.MockTransport(reply)), clock)
    target._authority = ReadyToken()
    target.send(part, Watching(), lambda _: None)
    assert events == ["acknowledged", "body"]


def test_an_error_of_the_journal_comes_through_untouched(part: PartFile, clock: FakeClock) -> None:
    failure = StorageFailed("disk full")
    with serving(accept_and(lambda peer: peer.send(CREATED))) as server:
        target = target_at(server.url, clock)
        with pytest.raises(StorageFailed) as caught:
            target.send(part, Journal(failure), lambda _: None)
        target.close()
    assert caught.value is failure


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_signal_in_the_middle_comes_through(stop, part: PartFile, target_of, journal: Journal) -> None:
    def interrupting(request: httpx.Request) -> httpx.Response:
        raise stop

    target, _ = target_of(interrupting)
    with pytest.raises(stop):
        target.send(part, journal, lambda _: None)


def test_a_missing_staged_part_is_a_storage_failure(part: PartFile, target_of, journal: Journal) -> None:
    part.path.unlink()
    target, world = target_of(httpx.Response(201))
    with pytest.raises(StorageFailed, match="nothing was sent"):
        target.send(part, journal, lambda _: None)
    assert world.calls == []


@pytest.mark.parametrize("status", [200, 202])
@pytest.mark.parametrize("headers", [{}, {"Location": "/login"}])
def test_a_login_page_is_not_a_yes(status, headers, part, target_of, journal: Journal) -> None:
    target, _ = target_of(httpx.Response(status, headers=headers, html="<title>Sign in</title>"))
    with pytest.raises(InDoubt, match="an HTML page: Sign in"):
        target.send(part, journal, lambda _: None)
    assert journal.receipts == []


def test_a_401_with_a_token_is_worth_one_more_attempt_and_no_more(part: PartFile, target_of, journal: Journal) -> None:
    target, world = target_of(httpx.Response(401, json={"statusCode": 401, "message": "Invalid JWT."}))
    with pytest.raises(TokenExpired, match="Invalid JWT"):
        target.send(part, journal, lambda _: None)
    with pytest.raises(Refused) as caught:
        target.send(part, journal, lambda _: None)
    assert caught.value.http_status == 401
    assert len(world.calls) == 2 and len(world.requests) - len(world.calls) == 2


def test_a_401_with_basic_auth_is_final(part: PartFile, target_of, journal: Journal) -> None:
    target, world = target_of(
        httpx.Response(401, text="Unauthorized."), client_id=None, username="u", password=lambda: "p"
    )
    with pytest.raises(Refused, match="Unauthorized"):
        target.send(part, journal, lambda _: None)
    assert world.requests[0].headers["authorization"] == "Basic dTpw"


def test_too_busy_tells_how_long_to_wait(part: PartFile, target_of, journal: Journal) -> None:
    target, _ = target_of(httpx.Response(429, headers={"Retry-After": "32"}, json={"message": "slow down"}))
    with pytest.raises(Throttled, match="slow down") as caught:
        target.send(part, journal, lambda _: None)
    assert caught.value.retry_after == 32.0


def test_a_deprecation_is_noted_once(part: PartFile, target_of, journal: Journal) -> None:
    headers = {"Location": "/v1/batch-operations/b-1", "X-U4-Warning": "v1 ends \x1b[31msoon"}
    target, _ = target_of(httpx.Response(201, headers=headers))
    for _ in range(2):
        target.send(part, journal, lambda _: None)
    assert target.warnings == ["v1 ends ^[[31msoon"]


def test_memory_stays_flat_for_a_large_part(tmp_path: Path, clock: FakeClock, journal: Journal) -> None:
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("needs /proc")
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(100 << 20)
    page, seen, blocks = os.sysconf("SC_PAGE_SIZE"), [], 0

    def notify(_: int) -> None:
        nonlocal blocks
        blocks += 1
        if blocks % 64 == 1:
            seen.append(int(statm.read_text().split()[1]) * page)

    with serving(accept_and(lambda peer: peer.send(CREATED)), keep=False) as server:
        target = target_at(server.url, clock)
        target.send(PartFile("r", 1, "SO", 1, path, "large.json", "", 100 << 20), journal, notify)
        target.close()
    assert server.peers[0].body_bytes > 100 << 20
    assert max(seen) - seen[0] <= 10 << 20


def test_a_plain_file_is_called_json(tmp_path: Path, target_of, journal: Journal) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(b"[]")
    target, world = target_of(httpx.Response(201))
    receipt = target.send(PartFile("r", 1, "SO", 0, path, "p.json", "", 2), journal, lambda _: None)
    assert b"Content-Type: application/json" in world.calls[0].content
    assert receipt.remote_id is None and receipt.note


def test_a_no_keeps_the_words_of_the_server(part: PartFile, target_of, journal: Journal) -> None:
    target, _ = target_of(httpx.Response(400, json={"message": "File not present in MIME multipart content."}))
    with pytest.raises(Refused, match="File not present"):
        target.send(part, journal, lambda _: None)
