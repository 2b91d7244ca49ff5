"""The dialect of RamBase by canned answers: look at the requests, send answers, look at the outcome."""

from __future__ import annotations

import json

import pytest
from canned import answer, carried

from sobatch.erp.exchange import Answer
from sobatch.erp.one_by_one import Fate, Present
from sobatch.erp.ports import CannotTell, NotListed
from sobatch.erp.rambase.answers import ADVICE
from sobatch.erp.rambase.dialect import RamBase

ORDER = (
    b'{"Customer": {"CustomerId": 10017}, "customersReferenceNumber": "W1", "items": ['
    b'{"quantity": 0.90, "product": {"productId": 100017}}, {"Quantity": 2, "Product": {"ProductId": 100018}}]}'
)
ADDED = b'{"salesOrderId": 100400, "items": [{"quantity": 1, "product": {"productId": 100017}}]}'
HEADER = answer(201, {"salesOrder": {"salesOrderId": 100500}})
ONE, TWO = (answer(201, {"salesOrderItem": {"salesOrderItemId": number}}) for number in (1, 2))
DIALECT = RamBase({"$format": "json", "$db": "ABC-NO"})


def refused(number, words="no", *values):
    parameters = [{"index": index, "value": value} for index, value in enumerate(values)]
    return answer(400, {"message": words, "errorMessage": {"errorMessageId": number}, "parameters": parameters})


def steps(asked):
    return [(call.request.method, call.request.path, call.step) for call in asked]


def test_a_header_and_one_call_for_each_item_in_the_users_spelling():
    asked, made = carried(DIALECT.create(ORDER, {}), HEADER, ONE, TWO)
    assert steps(asked) == [
        ("POST", "/sales/orders", "order"),
        ("POST", "/sales/orders/100500/items", "item 1"),
        ("POST", "/sales/orders/100500/items", "item 2"),
    ]
    assert asked[0].request.body == (
        b'{"salesOrder":{"customer":{"customerId": 10017},"customersReferenceNumber":"W1"}}'
    )
    assert asked[1].request.body == b'{"salesOrderItem":{"quantity": 0.90, "product": {"productId": 100017}}}'
    assert asked[2].request.body == b'{"salesOrderItem":{"quantity": 2, "product": {"productId": 100018}}}'
    assert all(call.request.params == {"$format": "json", "$db": "ABC-NO"} for call in asked)
    assert (made.fate, made.remote_id, made.number, made.messages) == (Fate.CREATED, "100500", "100500", ())


def test_only_what_is_left_is_made():
    asked, made = carried(DIALECT.create(ORDER, {"order": "100500", "item 1": "1"}), TWO)
    assert steps(asked) == [("POST", "/sales/orders/100500/items", "item 2")]
    assert made.fate is Fate.CREATED
    assert carried(DIALECT.create(ORDER, {"order": "100500", "item 1": "1", "item 2": "2"}))[0] == []


def test_items_for_an_order_that_exists_are_the_difference():
    before = answer(200, {"salesOrderItems": [{"salesOrderItemId": 7}, {"salesOrderItemId": 8}]})
    asked, made = carried(DIALECT.create(ADDED, {}), before, ONE)
    assert steps(asked) == [
        ("GET", "/sales/orders/100400/items", "before"),
        ("POST", "/sales/orders/100400/items", "item 1"),
    ]
    assert asked[0].keep(before) == "7,8"
    assert (made.fate, made.remote_id) == (Fate.CREATED, "100400")


@pytest.mark.parametrize(
    ("answers", "fate", "messages", "note"),
    [
        ([refused(107812)], Fate.REJECTED, [("", f"107812: no {ADVICE['107812']}")], None),
        ([HEADER, ONE, refused(105749)], Fate.INCOMPLETE, [("/items/1", f"105749: no {ADVICE['105749']}")],
         "1 of 2 items are in order 100500"),
        ([HEADER, refused(1), refused(2)], Fate.INCOMPLETE, [("/items/0", "1: no"), ("/items/1", "2: no")],
         "0 of 2 items are in order 100500"),
        ([HEADER, refused(102485, "{0} needs {1}", "1920", "department"), TWO], Fate.INCOMPLETE,
         [("/items/0", f"102485: 1920 needs department {ADVICE['102485']}")], "1 of 2 items are in order 100500"),
    ],
)  # fmt: skip
def test_a_refused_item_is_named_and_stops_no_other(answers, fate, messages, note):
    _, made = carried(DIALECT.create(ORDER, {}), *answers)
    assert (made.fate, list(made.messages), made.note) == (fate, messages, note)


def test_nothing_added_to_an_order_is_a_rejection():
    _, made = carried(DIALECT.create(ADDED, {}), answer(200, {"salesOrderItems": []}), refused(105784))
    assert made.fate is Fate.REJECTED
    _, made = carried(DIALECT.create(ADDED, {}), answer(404, {"message": "Sales order not found"}))
    assert (made.fate, made.messages) == (Fate.REJECTED, (("/salesOrderId", "Sales order not found"),))


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"salesOrder": {"salesOrderId": 100500}}, "100500"),
        ({"SalesOrder": {"SalesOrderId": "100500"}}, "100500"),
        ({"salesOrderId": 100500}, "100500"),
        ({"salesOrder": {"salesOrderId": 5}}, None),
        ({"salesOrder": {"salesOrderId": True}}, None),
        ({"salesOrder": {}}, None),
        ({}, None),
        ([], None),
    ],
)
def test_only_an_id_proves_a_header(body, kept):
    (call,), _ = carried(DIALECT.create(ORDER, {}))
    assert call.keep(answer(201, body)) == kept
    assert call.keep(Answer(201, {}, b"<SalesOrder/>")) is None


def test_warnings_of_an_answer_are_told():
    told = [{"category": "Warning", "message": "price is old"}, {"category": "Information", "message": "hello"}]
    warned = answer(201, {"salesOrderItem": {"salesOrderItemId": 1}, "notifications": told})
    _, made = carried(DIALECT.create(ORDER, {}), HEADER, warned, TWO)
    assert made.note == "price is old"


OURS = {"salesOrderId": 100500, "customersReferenceNumber": "W1", "customer": {"customerId": 10017}}
NO_ITEMS = answer(200, {"salesOrderItems": []})


def listed(*rows):
    return answer(200, {"salesOrders": list(rows)})


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([listed(OURS), NO_ITEMS], Present),
        ([listed(OURS, OURS), NO_ITEMS], Present),
        ([refused(100150), listed({**OURS, "salesOrderId": 100501, "customersReferenceNumber": "W2"}, OURS), NO_ITEMS],
         Present),
        ([listed()], NotListed),
        ([refused(100150), listed({**OURS, "customersReferenceNumber": "W2"})], NotListed),
        ([refused(100150), listed({"salesOrderId": 100500})], NotListed),
        ([listed(OURS, {**OURS, "salesOrderId": 100501})], CannotTell),
        ([listed({**OURS, "customer": {"customerId": 10018}})], CannotTell),
        ([listed({"salesOrderId": 100500, "customersReferenceNumber": "W1"})], CannotTell),
        ([listed({"salesOrderId": 100500, "customer": {"customerId": 10017}})], CannotTell),
        ([listed(OURS), answer(200, {"salesOrderItems": [{"salesOrderItemId": 1}]})], CannotTell),
        ([listed(OURS), answer(404)], CannotTell),
        ([answer(200, "nonsense")], CannotTell),
        ([refused(1), refused(1)], CannotTell),
    ],
)  # fmt: skip
def test_looking_for_a_header(answers, verdict):
    asked, found = carried(DIALECT.look(ORDER, {}, "order"), *answers)
    assert isinstance(found, verdict), found
    assert all(call.step is None and call.request.method == "GET" for call in asked)
    if verdict is Present:
        assert found.value == "100500"


def test_a_header_without_a_number_cannot_be_looked_for():
    asked, found = carried(DIALECT.look(b'{"customer": {"customerId": 10017}}', {}, "order"))
    assert (asked, type(found)) == ([], CannotTell)


FIRST = {"salesOrderItemId": 1, "product": {"productId": 100017}, "quantity": 0.9}
SECOND = {"salesOrderItemId": 2, "product": {"productId": "100018"}, "quantity": 2.0}


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([FIRST, SECOND], Present),
        ([SECOND, FIRST], Present),
        ([FIRST], NotListed),
        ([FIRST, {**SECOND, "quantity": 3}], CannotTell),
        ([FIRST, {**SECOND, "product": {"productId": 100017}}], CannotTell),
        ([FIRST, {"salesOrderItemId": 2}], CannotTell),
        ([FIRST, {"product": {"productId": 100018}, "quantity": 2}], CannotTell),
        ([FIRST, SECOND, {**SECOND, "salesOrderItemId": 3}], CannotTell),
    ],
)
def test_looking_for_an_item(rows, verdict):
    done = {"order": "100500", "item 1": "1"}
    asked, found = carried(DIALECT.look(ORDER, done, "item 2"), answer(200, {"salesOrderItems": rows}))
    assert isinstance(found, verdict), found
    assert [call.request.path for call in asked] == ["/sales/orders/100500/items"]
    if verdict is Present:
        assert found.value == "2"


def test_an_item_among_more_than_can_be_seen_is_not_told_apart():
    many = answer(200, {"salesOrderItems": [{**FIRST, "salesOrderItemId": number} for number in range(1, 81)]})
    (call,), _ = carried(DIALECT.create(ADDED, {}))
    kept = call.keep(many)
    assert kept.endswith(",?")
    _, found = carried(DIALECT.look(ADDED, {"before": kept}, "item 1"), many)
    assert isinstance(found, CannotTell)


def test_the_items_from_before_can_be_read_again():
    _, found = carried(DIALECT.look(ADDED, {}, "before"), answer(200, {"salesOrderItems": [FIRST]}))
    assert (type(found), found.value) == (Present, "1")
    _, found = carried(DIALECT.look(ADDED, {}, "before"), answer(404, {"message": "none"}))
    assert isinstance(found, CannotTell)


@pytest.mark.parametrize(
    ("answered", "word", "gone"),
    [
        (answer(200, {"salesOrder": {"status": 0}}), "draft (status 0)", False),
        (answer(200, {"salesOrder": {"status": "4"}}), "status 4", False),
        (answer(200, {"salesOrder": {}}), "status not shown", False),
        (answer(404, {"message": "none"}), "not there", True),
    ],
)
def test_how_an_order_stands(answered, word, gone):
    asked, seen = carried(DIALECT.see("100500"), answered)
    assert (seen.word, seen.gone) == (word, gone)
    assert json.loads(json.dumps(asked[0].request.params))["$db"] == "ABC-NO"


def test_a_deep_or_odd_error_is_told_in_words():
    inner = {"message": "deep", "innerErrors": [{"message": "deeper"}]}
    for _ in range(9):
        inner = {"message": "x", "innerErrors": [inner, "odd", None]}
    _, made = carried(DIALECT.create(ORDER, {}), answer(400, inner))
    assert 1 <= len(made.messages) <= 30
    _, made = carried(DIALECT.create(ORDER, {}), Answer(400, {}, b"<html>no</html>"))
    assert made.messages == (("", "<html>no</html>"),)


def test_a_refusal_has_its_place_in_the_users_own_spelling():
    _, made = carried(DIALECT.create(ORDER.replace(b'"items"', b'"Items"'), {}), HEADER, ONE, refused(1))
    assert made.messages == (("/Items/1", "1: no"),)
