"""Every step of making a JTL order, by canned answers: a yes, a no, garbage, an answer about something else."""

from __future__ import annotations

import json

import pytest
from canned import answer, carried
from jtl_talk import BOTH, HEADER, LINE_A, LINE_B, LINES, MADE, ORDER, requests

from sobatch.erp.jtl.dialect import JtlDialect
from sobatch.erp.one_by_one import Fate
from sobatch.errors import NotAllowed

DIALECT = JtlDialect()
HEAD, LINES_CALL = ("POST", "/salesOrders", "order"), ("POST", "/salesOrders/17/lineitems", "lines")
READ_LINES = ("GET", "/salesOrders/17/lineitems", None)
NO = {"ErrorCode": "E7", "ErrorMessage": "Nope"}


def created(*answers, order=ORDER, done=None, dialect=DIALECT):
    return carried(dialect.create(order, done or {}), *answers)


def test_header_then_all_lines_in_the_spelling_of_the_user():
    calls, made = created(answer(201, MADE), answer(201, BOTH))
    assert requests(calls) == [HEAD, LINES_CALL]
    assert (made.fate, made.remote_id, made.number, made.note) == (Fate.CREATED, "17", "A100", None)
    assert calls[0].request.body == f"{{{HEADER}}}".replace('": ', '":').replace(", ", ",").encode()
    assert calls[1].request.body == LINES.replace("}, {", "},{").encode()
    assert all(call.request.headers == {"api-version": "1.1"} for call in calls)
    assert all(not call.request.params for call in calls)


@pytest.mark.parametrize("lines", ["", ', "LineItems": null', ', "LineItems": []'])
def test_an_order_without_lines_is_one_call(lines):
    calls, made = created(answer(200, MADE), order=f"{{{HEADER}{lines}}}".encode())
    assert requests(calls) == [HEAD]
    assert made.fate is Fate.CREATED
    assert b"LineItems" not in calls[0].request.body


def test_settings_reach_the_wire():
    dialect = JtlDialect("1.4", renames=True, workflows=False)
    calls, _ = created(answer(201, MADE), answer(201, BOTH), dialect=dialect)
    assert calls[0].request.params == {
        "renameSalesOrderNumberWhenAlreadyExists": "true",
        "disableAutomaticWorkflows": "true",
    }
    assert {call.request.headers["api-version"] for call in calls} == {"1.4"}


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ({}, [HEAD]),
        ({"order": "17 A100"}, [LINES_CALL]),
        ({"order": "17"}, [LINES_CALL]),
        ({"order": "17 A100", "lines": "lines 0"}, [("POST", "/salesOrders/17/lineitems", "lines 2")]),
        ({"order": "17 A100", "lines": "lines 0", "lines 2": "lines 1"}, []),
        ({"order": "17 A100", "lines": "lines 0-1"}, []),
        ({"order": "17 A100", "lines": "whatever an operator said"}, []),
    ],
)
def test_what_is_done_is_not_made_again(done, expected):
    calls, made = created(done=done)
    assert requests(calls) == expected
    assert (made is None) == bool(expected)


def test_what_is_left_of_the_lines_goes_out_alone():
    calls, _ = created(done={"order": "17 A100", "lines": "lines 0"})
    assert json.loads(calls[0].request.body) == [{"SKU": "B", "Quantity": 2.5}]


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        (MADE, "17 A100"),
        ({**MADE, "Number": None}, "17"),
        ({"id": 17, "number": "A100", "customerId": 1042}, "17 A100"),
        ({**MADE, "Id": "b45f6432-2462"}, "b45f6432-2462 A100"),
        ({**MADE, "Number": " A\n100 "}, "17 A 100"),
        ({**MADE, "Id": None}, None),
        ({**MADE, "Id": 0}, None),
        ({**MADE, "Id": True}, None),
        ({**MADE, "Id": "../17"}, None),
        ({**MADE, "CustomerId": 1043}, None),
        ({**MADE, "CompanyId": 2}, None),
        ({**MADE, "ExternalNumber": "W-2"}, None),
        ({"ok": True}, None),
        ([MADE], None),
        (17, None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_only_an_id_of_this_very_order_proves_it(data, kept):
    (call, *_), _ = created()
    assert call.keep(answer(201, data)) == kept


@pytest.mark.parametrize(
    ("order", "renames", "kept"),
    [
        ('{"CompanyId": 1, "CustomerId": 1042, "Number": "A99"}', False, None),
        ('{"CompanyId": 1, "CustomerId": 1042, "Number": "A99"}', True, "17 A100"),
        ('{"CompanyId": 1, "CustomerId": 1042, "Number": "A100"}', False, "17 A100"),
        ('{"CompanyId": 1, "CustomerId": 1042, "Number": "A99", "ExternalNumber": "W-1"}', False, "17 A100"),
    ],
)
def test_another_number_is_another_order_unless_something_says_it_is_ours(order, renames, kept):
    (call, *_), _ = created(order=order.encode(), dialect=JtlDialect(renames=renames))
    assert call.keep(answer(201, MADE)) == kept


def test_a_number_of_jtls_own_is_told():
    order = b'{"CompanyId": 1, "CustomerId": 1042, "Number": "A99"}'
    _, made = created(answer(201, MADE), order=order, dialect=JtlDialect(renames=True))
    assert (made.number, made.note) == ("A100", "JTL gave it the number A100 in place of A99")


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        (BOTH, "lines 0-1"),
        ({"Items": BOTH}, "lines 0-1"),
        ([{}, {}], "lines 0-1"),
        ([LINE_A], None),
        ([*BOTH, {}], None),
        ([LINE_A, LINE_A], None),
        ([LINE_A, {**LINE_B, "SalesOrderId": 18}], None),
        ([1, 2], None),
        ({"Items": 2}, None),
        (b"", None),
        (b"[", None),
    ],
)
def test_only_as_many_lines_of_this_order_prove_them(data, kept):
    (call, *_), _ = created(done={"order": "17 A100"})
    assert call.keep(answer(201, data)) == kept


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 415, 422])
def test_a_refused_header_is_a_rejected_order(status):
    calls, made = created(answer(status, NO))
    assert requests(calls) == [HEAD]
    assert (made.fate, made.remote_id, made.messages) == (Fate.REJECTED, None, (("", "Nope (E7)"),))
    assert bool(made.note) == (status == 409)


@pytest.mark.parametrize("status", [402, 412])
def test_a_no_that_every_order_would_get_stops(status):
    assert status in DIALECT.refused
    with pytest.raises(NotAllowed, match="Nope"):
        created(answer(status, NO))
    with pytest.raises(NotAllowed, match="Nope"):
        created(answer(status, NO), answer(200, []), done={"order": "17 A100"})


@pytest.mark.parametrize(
    ("there", "fate", "words"),
    [
        (answer(200, []), Fate.INCOMPLETE, "0 of 2 lines are there. Add what is missing to order A100"),
        (answer(200, [LINE_B]), Fate.INCOMPLETE, "1 of 2 lines are there; missing: 0 (counted from 0)"),
        (answer(200, BOTH), Fate.CREATED, None),
        (answer(404, NO), Fate.INCOMPLETE, "could not be read (JTL answered 404 without a list)"),
        (answer(200, {"ok": 1}), Fate.INCOMPLETE, "could not be read"),
    ],
)
def test_refused_lines_are_read_back_and_told(there, fate, words):
    calls, made = created(answer(400, NO), there, done={"order": "17 A100"})
    assert requests(calls) == [LINES_CALL, READ_LINES]
    assert (made.fate, made.remote_id, made.number) == (fate, "17", "A100")
    assert (made.note is None) if words is None else (words in made.note)


def test_a_concurrent_change_passes_once():
    calls, made = created(answer(409, NO), answer(200, []), answer(201, BOTH), done={"order": "17"})
    assert requests(calls) == [LINES_CALL, READ_LINES, LINES_CALL]
    assert made.fate is Fate.CREATED
    _, made = created(answer(409), answer(200, []), answer(409, NO), answer(200, []), done={"order": "17"})
    assert made.fate is Fate.INCOMPLETE
    _, made = created(answer(409, NO), answer(200, [LINE_A]), done={"order": "17"})
    assert made.fate is Fate.INCOMPLETE


def test_more_lines_than_ours_are_told():
    _, made = created(done={"order": "17 A100", "lines": "lines 0-1 +2"})
    assert (made.fate, made.note) == (Fate.CREATED, "JTL shows 2 more lines than the order has")


@pytest.mark.parametrize(
    ("data", "word", "cancelled", "delivered"),
    [
        ({"Id": 17, "IsCancelled": False}, "there", False, False),
        ({"Id": 17, "IsCancelled": True}, "cancelled", True, False),
        (
            {
                "Id": 17,
                "IsCancelled": False,
                "SalesOrderShippingDetail": {"DeliveryCompleteStatus": 2, "DeliveredDate": "2026-01-15T13:00:00Z"},
                "SalesOrderPaymentDetails": {"PaymentStatus": 0},
            },
            "delivered, delivery status 2, payment status 0",
            False,
            True,
        ),
        ({"Id": 18, "IsCancelled": True}, "cannot be told: JTL answered 200", False, False),
        (b"<html>", "cannot be told: JTL answered 200", False, False),
    ],
)
def test_how_an_order_stands(data, word, cancelled, delivered):
    calls, seen = carried(DIALECT.see("17"), answer(200, data))
    assert requests(calls) == [("GET", "/salesOrders/17", None)]
    assert (seen.word, seen.cancelled, seen.delivered, seen.gone) == (word, cancelled, delivered, False)


def test_an_order_that_is_gone():
    assert carried(DIALECT.see("17"), answer(404))[1].gone
