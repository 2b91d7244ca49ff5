"""The whole conversation with the pretend ERP over a real socket, then with every way of spoiling a send."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from erp_doubles import NOON, FakeClock, Journal, connection, part_at
from scripted_server import Peer, serving

from sobatch.erp.ports import (
    Attempt,
    Found,
    InDoubt,
    Kind,
    NotListed,
    Phase,
    Refused,
    SendError,
    Throttled,
    TokenExpired,
)
from sobatch.erp.unit4.api import Unit4, build
from sobatch.erp.unit4.sending import Envelope, Sender
from sobatch.erp.wire.client import build_client
from sobatch.erp.wire.redactor import Redactor
from sobatch.sandbox import Fault, Options, Sandbox, serve


def order(customer: str) -> dict[str, Any]:
    return {
        "customerId": customer,
        "transactionType": "SO",
        "responsible": "FRED",
        "salesPerson": "SYSEN",
        "orderLines": [{"productCode": "1000", "price": 50.0, "quantity": 1}],
    }


ORDERS = [order("1000"), order("9999"), order("1015")]
Made = Callable[..., tuple[Unit4, Sandbox]]


@pytest.fixture
def sandbox_of(tmp_path: Path, clock: FakeClock) -> Iterator[Made]:
    with ExitStack() as stack:

        def made(**changes: Any) -> tuple[Unit4, Sandbox]:
            options = changes.pop("sandbox", Options())
            sandbox = stack.enter_context(
                Sandbox(tmp_path / "sandbox.sqlite", options, clock.now, sleep=lambda _: None)
            )
            server = stack.enter_context(serve(sandbox))
            values = {
                "token_url": f"{server.url}/identity/connect/token",
                "client_id": "sandbox",
                "client_secret": lambda: "sandbox",
                "send_timeout": 5.0,
                **changes,
            }
            target = build(connection(server.url, **values), clock)
            stack.callback(target.close)
            return target, sandbox

        yield made


def sent(target: Unit4, folder: Path, journal: Journal | None = None):
    part = part_at(folder, json.dumps(ORDERS).encode(), len(ORDERS))
    return part, target.send(part, journal or Journal(), lambda _: None)


@pytest.mark.parametrize("shape", ["echo", "wrapper", "flat"])
@pytest.mark.parametrize("location", ["relative", "absolute", "no-status-tail"])
def test_the_life_of_a_batch(shape, location, sandbox_of: Made, tmp_path: Path) -> None:
    target, sandbox = sandbox_of(company="NO", sandbox=Options(result_shape=shape, location_form=location))
    target.prepare()
    _, receipt = sent(target, tmp_path)
    assert receipt.note is None and receipt.server_time is not None
    while (status := target.status(receipt)).phase is not Phase.FINISHED:
        assert not status.phase.terminal
    assert (status.result, status.processed, status.failed) == ("SuccessWithValidationErrors", 3, 1)
    failed = list(target.results(receipt, Kind.FAILED, tmp_path / "failed.json"))
    created = list(target.results(receipt, Kind.CREATED, tmp_path / "created.json"))
    assert [text for _, text in failed[0].messages] == ["Illegal value entered"] and len(failed) == 1
    assert shape == "flat" or failed[0].order["customerId"] == "9999"
    assert [outcome.order["customerId"] for outcome in created] == ["1000", "1015"]
    assert all(outcome.number for outcome in created)
    assert [job.remote_id for job in target.jobs()] == [receipt.remote_id]
    assert len(sandbox.batches()) == 1 and sandbox.batches()[0].company == "NO"
    target.cancel(receipt)


def test_a_lost_part_is_found_and_a_part_never_received_is_not_listed(sandbox_of: Made, tmp_path: Path, clock) -> None:
    target, sandbox = sandbox_of(sandbox=Options(list_shows_file_name=True))
    first, receipt = sent(target, tmp_path)
    assert receipt.remote_id
    clock.time += 600
    sandbox.add_fault(Fault("submit", "close", saved=True))
    started = clock.now()
    part = replace(first, number=2, file_name="0002-SO-abcdef12.json.gz")
    with pytest.raises(InDoubt):
        target.send(part, Journal(), lambda _: None)
    known, beside = frozenset({receipt.remote_id}), {receipt.remote_id: (first.file_name, False)}
    lost = Attempt(part, None, started, started + 1, 0.0, known, beside, waited=699.0, settle=600.0)
    found = target.find(lost)
    assert isinstance(found, Found) and found.receipt.remote_id == sandbox.batches()[1].id
    both = known | {found.receipt.remote_id or ""}
    beside = {**beside, found.receipt.remote_id or "": (part.file_name, False)}
    never = replace(
        lost, known_ids=both, witnesses=beside, part=replace(part, number=3, file_name="0003-SO-abcdef12.json.gz")
    )
    told = target.find(never)
    assert isinstance(told, NotListed) and told.thorough and "2 of the 2 parts" in told.evidence


def test_the_sandbox_can_live_in_this_process(tmp_path: Path, clock: FakeClock) -> None:
    with Sandbox(tmp_path / "sandbox.sqlite", Options(), clock.now) as sandbox:
        home = "http://sandbox.localhost"
        target = build(
            connection(
                home,
                token_url=f"{home}/identity/connect/token",
                client_id="sandbox",
                client_secret=lambda: "sandbox",
                transport=httpx.WSGITransport(sandbox),
            ),
            clock,
        )
        _, receipt = sent(target, tmp_path)
        assert receipt.remote_id == sandbox.batches()[0].id
        while not target.status(receipt).phase.terminal:
            clock.time += 1
        assert len(list(target.results(receipt, Kind.CREATED, tmp_path / "created.json"))) == 2
        target.close()


FAULTS: list[tuple[dict[str, Any], type[SendError] | None]] = [
    ({"action": "refuse"}, InDoubt),
    ({"action": "reset"}, InDoubt),
    ({"action": "close"}, InDoubt),
    ({"action": "close", "saved": True}, InDoubt),
    ({"action": "reset_after", "saved": True}, InDoubt),
    ({"action": "silence", "saved": True}, InDoubt),
    ({"action": "partial_header", "saved": True}, InDoubt),
    ({"action": "garbage"}, InDoubt),
    ({"action": "cut_body"}, None),
    ({"action": "late"}, None),
    ({"action": "no_location"}, None),
    ({"action": "foreign_location"}, None),
    ({"action": "garbage_location"}, None),
    ({"action": "throttle", "retry_after": "5"}, Throttled),
    ({"action": "unauthorized"}, TokenExpired),
    ({"action": "redirect", "location": "http://127.0.0.1:9/"}, InDoubt),
    ({"action": "html"}, InDoubt),
    *(
        ({"action": "error", "status": status, "saved": saved}, InDoubt)
        for status in (500, 502, 503, 504)
        for saved in (False, True)
    ),
    *(
        ({"action": "custom", "status": status, "body": "{}"}, Refused)
        for status in (400, 403, 404, 405, 413, 415, 422)
    ),
    *(({"action": "custom", "status": status, "body": "{}"}, InDoubt) for status in (204, 304, 408, 409, 425, 599)),
    ({"action": "status", "status": 200}, None),
    ({"action": "status", "status": 202}, None),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS, ids=lambda each: str(each) if isinstance(each, dict) else "")
def test_a_spoilt_send(fault, error, sandbox_of: Made, tmp_path: Path) -> None:
    target, sandbox = sandbox_of()
    target.prepare()
    sandbox.add_fault(Fault("submit", **fault))
    journal = Journal()
    if error is None:
        _, receipt = sent(target, tmp_path, journal)
        assert journal.receipts == [receipt]
    else:
        with pytest.raises(SendError) as caught:
            sent(target, tmp_path, journal)
        assert type(caught.value) is error and journal.receipts == []
        assert error is InDoubt or sandbox.batches() == []
    assert sum(request.path.endswith("sales-orders") for request in sandbox.requests()) <= 1
    assert len(sandbox.batches()) <= 1


def test_an_answer_that_drips_is_cut_off(tmp_path: Path, clock: FakeClock) -> None:
    def drip(peer: Peer) -> None:
        peer.read_all()
        for letter in b"HTTP/1.1 201 Created\r\nX: " + b"y" * 100_000:
            peer.send(bytes([letter]))
            peer.sock.settimeout(0.05)
            try:
                if not peer.sock.recv(1):
                    return
            except TimeoutError:
                continue

    part = part_at(tmp_path)
    with serving(drip) as server, build_client(connection(server.url), sending=True) as client:
        sender = Sender(client, clock, Redactor(), seconds=0.4)
        envelope = Envelope(server.url + "/v1/batch/sales-orders", server.url, {}, "", {"Authorization": "Bearer x"})
        with pytest.raises(InDoubt):
            sender.send(part, envelope, Journal(), lambda _: None)
    assert gzip.decompress(part.path.read_bytes()) and clock.time == NOON
