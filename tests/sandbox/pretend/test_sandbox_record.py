"""The judge: exact fingerprints, doubles and losses, every request; and how the orders are cut."""

from __future__ import annotations

import hashlib
import io
import json

import pytest

from sobatch.sandbox import Record
from sobatch.sandbox.unit4 import cutting
from sobatch.sandbox.unit4.cutting import BrokenUpload, orders_in

PIECES = [
    b'{"a" : 0.90}',
    b"{}",
    '{"notes":"\u00f8l \U0001f69a \\"}]"}'.encode(),
    b'{"x":[1,[2,{"y":"\\ud800"}]]}',
    b"12.50",
    b'"],["',
    b"null",
]


def fingerprint(raw):
    return hashlib.sha256(raw).hexdigest()


def cut(data, sizes=()):
    stream, steps = io.BytesIO(data), iter(sizes)
    return list(orders_in(lambda wanted: stream.read(next(steps, wanted))))


def test_orders_are_cut_with_their_exact_bytes_and_places():
    data = b" [\n" + b" ,\r\n\t".join(PIECES) + b"\n] \n"
    found = cut(data)
    assert [raw for _, raw, _ in found] == PIECES
    assert all(data[start : start + len(raw)] == raw for start, raw, _ in found)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16])
def test_the_cut_does_not_depend_on_the_pieces_read(size):
    data = b"[" + b" , ".join(PIECES) + b"]"
    assert cut(data, [size] * len(data)) == cut(data)


def test_a_number_is_not_torn_by_the_border_of_a_window():
    assert [value for _, _, value in cut(b"[1234,5]", [3, 2])] == [1234, 5]


def test_an_order_larger_than_a_window_is_cut(monkeypatch):
    huge = json.dumps({"notes": "x" * (3 * cutting.WINDOW)}).encode()
    assert [raw for _, raw, _ in cut(b"[{}," + huge + b",{}]")] == [b"{}", huge, b"{}"]


@pytest.mark.parametrize(
    "data", [b"[1 2]", b"[1,,2]", b"[1", b"[", b"[1]]", b"[1],", b"[01]", b"[-]", b"[tru]", b'["\xc3"]']
)
def test_what_is_no_array_of_values_is_broken(data):
    with pytest.raises(BrokenUpload):
        cut(data)


def test_every_order_received_has_the_fingerprint_of_its_bytes(erp):
    visitor = erp()
    body = b"[\n" + b",  ".join(PIECES) + b"]"
    batch = visitor.submit(body)
    received = visitor.sandbox.received()
    assert [(each.index, each.sha256) for each in received] == [
        (index, fingerprint(raw)) for index, raw in enumerate(PIECES)
    ]
    assert {(each.batch, each.verdict) for each in received} == {(batch, "pending")}
    visitor.status(batch)
    assert {each.verdict for each in visitor.sandbox.received()} == {"failed"}
    assert all(each.message for each in visitor.sandbox.received())


def test_of_a_file_broken_far_in_nothing_is_kept(erp, order):
    visitor = erp()
    batch = visitor.submit(json.dumps([order()] * 2500).encode()[:-1])
    assert visitor.letter(batch) == "E"
    assert visitor.sandbox.received() == []
    assert list(visitor.sandbox.store.uploads.iterdir()) == []


def test_doubles_and_losses_are_counted(erp, order):
    visitor = erp()
    orders = [order(externalOrderId=str(number)) for number in range(3)]
    prints = [fingerprint(json.dumps(each).encode()) for each in orders]
    visitor.status(visitor.submit(orders[:2]))
    assert (visitor.sandbox.doubles(), visitor.sandbox.missing(prints)) == ({}, {prints[2]: 1})
    visitor.status(visitor.submit(orders[1:]))
    assert (visitor.sandbox.doubles(prints), visitor.sandbox.missing(prints)) == ({prints[1]: 1}, {})
    assert visitor.sandbox.doubles() == {prints[1]: 1}
    assert visitor.sandbox.doubles([*prints, prints[1]]) == {}
    assert visitor.sandbox.missing([*prints, prints[0]]) == {prints[0]: 1}
    assert visitor.sandbox.doubles(prints[:1]) == {prints[1]: 2, prints[2]: 1}


def test_every_request_is_written_down(erp, order):
    visitor = erp()
    batch = visitor.submit([order()], companyId="NO")
    visitor.clock.tick(7)
    visitor.created(batch)
    token, sent, asked = visitor.sandbox.requests()
    assert (token.place, token.status, token.batch) == ("token", 200, None)
    assert (sent.method, sent.path, sent.query) == ("POST", "/v1/batch/sales-orders", "companyId=NO")
    assert (sent.place, sent.status, sent.batch, sent.file_name) == ("submit", 201, batch, "orders.json")
    assert sent.upload_sha256 == fingerprint(json.dumps([order()]).encode())
    assert sent.body_bytes == int(sent.headers["Content-Length"])
    assert (asked.place, asked.at - sent.at, asked.status) == ("success", 7, 200)


def test_another_reader_sees_what_the_sandbox_sees(erp, order):
    visitor = erp()
    visitor.status(visitor.submit([order(), order(customerId="9999")]))
    with Record(visitor.sandbox.database) as record:
        assert record.received() == visitor.sandbox.received()
        assert record.created() == visitor.sandbox.created() and len(record.created()) == 1
        assert record.requests() == visitor.sandbox.requests()
        assert record.batches() == visitor.sandbox.batches()


def test_a_sandbox_opened_again_goes_on_where_it_was(erp, order):
    visitor = erp(pace=100)
    batch = visitor.submit([order()] * 200)
    visitor.clock.tick(1)
    visitor.status(batch)
    visitor.sandbox.close()
    again = erp(pace=100)
    again.clock.tick(1)
    assert again.status(batch)["processedItems"] == 200
    assert len({each.order_number for each in again.sandbox.created()}) == 200
