"""Where a server points: redirects are never followed, a `Location` is read and never requested."""

from __future__ import annotations

import httpx
import pytest
from erp_doubles import FakeClock, Journal, connection
from scripted_server import answer, serving
from sending_doubles import accept_and, silent, target_at

from sobatch.erp.ports import (
    InDoubt,
    PartFile,
    Receipt,
)
from sobatch.erp.unit4.answers import batch_id
from sobatch.erp.unit4.api import build
from sobatch.errors import NotAllowed


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_anywhere(status: int, part: PartFile, clock: FakeClock, journal: Journal) -> None:
    with serving(silent) as evil:
        away = answer(f"{status} Elsewhere", f"Location: {evil.url}/v1/batch-operations/b-1/status")
        with serving(accept_and(lambda peer: peer.send(away))) as server:
            target = target_at(server.url, clock)
            with pytest.raises(InDoubt, match="never followed"):
                target.send(part, journal, lambda _: None)
            for call in (target.status, target.cancel):
                with pytest.raises(NotAllowed, match="never followed"):
                    call(Receipt("b-1"))
            unready = build(connection(server.url), clock)
            with pytest.raises(NotAllowed, match="never followed"):
                unready.prepare()
            target.close()
            unready.close()
    assert evil.peers == []


BASE = "https://erp.example.com/base"
LOCATIONS = [
    ("/v1/batch-operations/b-1/status", "b-1", False),
    ("/v1/batch-operations/b-1", "b-1", False),
    ("batch-operations/b-1", "b-1", False),
    ("/v1/batch-operations/b-1/status/", "b-1", False),
    ("v1/batch-operations/7b1e0b52-6c0f-4f5d-9f43-2c1a55d0a001/status", "7b1e0b52-6c0f-4f5d-9f43-2c1a55d0a001", False),
    ("https://erp.example.com/base/v1/batch-operations/b-1/status", "b-1", False),
    ("/v1/batch-operations/b-1/status?tenant=x", "b-1", False),
    ("https://evil.example/v1/batch-operations/b-1/status", "b-1", True),
    ("//evil.example/v1/batch-operations/b-1/status", "b-1", True),
    ("https://user@erp.example.com/v1/batch-operations/b-1", "b-1", True),
    ("https://erp.example.com:8443/v1/batch-operations/b-1", "b-1", True),
    ("http://erp.example.com/v1/batch-operations/b-1", "b-1", True),
    ("http://10.0.0.7/v1/batch-operations/b-1", "b-1", True),
    ("/v1/../../admin", None, True),
    ("/v1/batch-operations/../admin", None, True),
    ("/v1/../batch-operations/b-1", None, True),
    ("/v1/batch-operations/..%2fadmin/status", None, True),
    ("/v1/batch-operations/b%2d1/status", None, True),
    ("/v1/batch-operations/b-1/status\r\nX: y", None, True),
    ("/v1/batch-operations/b-1\n", None, True),
    ("/v1/batch-operations/" + "a" * 129, None, True),
    ("/v1/batch-operations/" + "a" * 64_000, None, True),
    ("/v1/batch-operations//status", None, True),
    ("/v1/batch-operations/status/cancel", None, True),
    ("/v1/batch-operations/b-1/cancel", None, True),
    ("/v1/batch-operations/é/status", None, True),
    ("javascript:/v1/batch-operations/b-1", None, True),
    ("http://[/v1/batch-operations/b-1", None, True),
    ("?x=/batch-operations/b-1", None, True),
    ("", None, True),
    (None, None, True),
]


@pytest.mark.parametrize(("location", "remote_id", "odd"), LOCATIONS)
def test_the_id_in_a_location(location: str | None, remote_id: str | None, odd: bool) -> None:
    found, oddity = batch_id(location, BASE)
    assert found == remote_id and (oddity is not None) == odd


@pytest.mark.parametrize(("location", "remote_id"), [(text, found) for text, found, _ in LOCATIONS])
def test_a_201_is_recorded_whatever_its_location_and_the_location_is_never_requested(
    location: str | None, remote_id: str | None, part: PartFile, target_of, journal: Journal
) -> None:
    headers = [] if location is None else [(b"Location", location.encode())]
    target, world = target_of(httpx.Response(201, headers=headers))
    receipt = target.send(part, journal, lambda _: None)
    assert journal.receipts == [receipt] and receipt.remote_id == remote_id
    assert len(receipt.location or "") <= 2000 and "\n" not in (receipt.location or "")
    if receipt.remote_id:
        target.cancel(receipt)
    hosts = {request.url.host for request in world.requests}
    assert hosts == {"erp.example.com"}
    assert [r.url.path for r in world.calls[1:]] == [f"/v1/batch-operations/{remote_id}/cancel"] * bool(remote_id)
