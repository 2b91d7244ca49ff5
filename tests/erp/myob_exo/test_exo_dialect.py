"""The dialect of MYOB EXO by canned answers: look at the request, send an answer, look at the outcome."""

from __future__ import annotations

import json

import pytest
from canned import answer, carried

from sobatch.erp.exchange import Answer
from sobatch.erp.myob_exo.dialect import MyobExo
from sobatch.erp.one_by_one import Fate, Made, Present
from sobatch.erp.ports import CannotTell, NotListed

ORDER = b'{"DebtorId": 2, "status": 0, "Reference": "W1", "Lines": [{"StockCode": "DIFF01", "orderquantity": 1.0}]}'
STORED = {"id": 10009, "debtorid": 2, "reference": "W1", "lines": [{"stockcode": "DIFF01", "orderquantity": 1}]}


def test_one_call_sends_the_users_bytes():
    asked, made = carried(MyobExo().create(ORDER, {}), answer(201, STORED))
    assert [(call.request.method, call.request.path, call.step) for call in asked] == [("POST", "/salesorder", "order")]
    assert asked[0].request.body == ORDER
    assert (made.fate, made.remote_id, made.number) == (Fate.CREATED, "10009", "10009")


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"id": 10009}, "10009"),
        ({"Id": 10009}, "10009"),
        ({"id": "10009"}, None),
        ({"id": -1}, None),
        ({"id": True}, None),
        ({}, None),
        ([], None),
        ("10009", None),
    ],
)
def test_only_an_id_proves_an_order(body, kept):
    (call,), _ = carried(MyobExo().create(ORDER, {}))
    assert call.keep(answer(201, body)) == kept
    assert call.keep(Answer(201, {}, b"<SalesOrder>")) is None


def test_a_finished_order_needs_no_call():
    assert carried(MyobExo().create(ORDER, {"order": "10009"})) == ([], Made(Fate.CREATED, "10009", "10009"))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"Message": "bad", "ModelState": {"salesorder.lines[0].stockcode": ["none"]}},
         (("", "bad"), ("/Lines/0/StockCode", "none"))),
        ([{"field": "debtorid", "message": "unknown"}], (("/DebtorId", "unknown"),)),
        (["a", "b"], (("", "a"), ("", "b"))),
        ({"message": ""}, (("", '{"message": ""}'),)),
        (None, (("", "status 400 without a word"),)),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_the_servers_words_at_its_place(value, told):
    _, made = carried(MyobExo().create(ORDER, {}), answer(400, value))
    assert (made.fate, made.messages) == (Fate.REJECTED, told)


def test_validated_first_the_servers_order_is_sent_and_its_changes_are_told():
    whole = {
        **STORED,
        "id": -1,
        "status": 0,
        "lines": [{**STORED["lines"][0], "unitprice": 9.5}, {"stockcode": "EXTRA"}],
    }
    asked, made = carried(MyobExo(validate_first=True).create(ORDER, {}), answer(200, whole), answer(201, STORED))
    assert [(call.request.path, call.step) for call in asked] == [
        ("/salesorder/validate", None),
        ("/salesorder", "order"),
    ]
    assert asked[0].request.body == ORDER
    assert json.loads(asked[1].request.body) == whole
    assert made.note == "the server's validation changed 1 lines added"


@pytest.mark.parametrize(
    "answered",
    [
        answer(400, {"message": "no"}),
        answer(200, ["no stock"]),
        answer(200, {**STORED, "debtorid": 3}),
        answer(200, {}),
    ],
)
def test_what_validation_does_not_pass_is_never_sent(answered):
    asked, made = carried(MyobExo(validate_first=True).create(ORDER, {}), answered)
    assert (len(asked), made.fate) == (1, Fate.REJECTED)


OTHER = {**STORED, "id": 10010, "reference": "W2"}
FULL_PAGE = [OTHER] * 100


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([answer(200, [OTHER, STORED]), answer(200, STORED)], Present),
        ([answer(200, FULL_PAGE), answer(200, [STORED]), answer(200, STORED)], Present),
        ([answer(200, [STORED, STORED]), answer(200, STORED)], Present),
        ([answer(200, [OTHER])], NotListed),
        ([answer(200, [])], NotListed),
        ([answer(200, FULL_PAGE), answer(404)], NotListed),
        ([answer(200, [STORED, {**STORED, "id": 10011}])], CannotTell),
        ([answer(200, [STORED]), answer(404)], CannotTell),
        ([answer(200, [STORED]), answer(200, {**STORED, "debtorid": 3})], CannotTell),
        ([answer(200, [STORED]), answer(200, {**STORED, "lines": []})], CannotTell),
        ([answer(200, [STORED]), answer(200, {**STORED, "lines": [{"stockcode": "DIFF01", "orderquantity": 2}]})],
         CannotTell),
        ([answer(200, [STORED]), answer(200, {"id": 10009, "debtorid": 2, "reference": "W1"})], CannotTell),
        ([answer(200, {"rows": []})], CannotTell),
        ([answer(400, {"message": "filter"})], CannotTell),
    ],
)  # fmt: skip
def test_looking_for_an_order(answers, verdict):
    asked, found = carried(MyobExo().look(ORDER, {}, "order"), *answers)
    assert isinstance(found, verdict)
    assert all(call.step is None for call in asked)
    assert asked[0].request.params["$filter"] == "debtorid eq 2"
    if verdict is Present:
        assert found.value == "10009"


def test_an_order_without_a_key_cannot_be_looked_for():
    asked, found = carried(MyobExo().look(b'{"debtorid": 2, "status": 0}', {}, "order"))
    assert (asked, type(found)) == ([], CannotTell)


@pytest.mark.parametrize(
    ("answered", "word", "gone", "cancelled"),
    [
        (answer(200, {**STORED, "status": 0, "finalised": 0}), "not processed", False, False),
        (answer(200, {**STORED, "status": 0, "finalised": 1}), "not processed", False, True),
        (answer(200, {**STORED, "status": 2}), "processed", False, False),
        (answer(200, STORED), "status not shown", False, False),
        (answer(404), "not there", True, False),
    ],
)
def test_how_an_order_stands(answered, word, gone, cancelled):
    _, seen = carried(MyobExo().see("10009"), answered)
    assert (seen.word, seen.gone, seen.cancelled) == (word, gone, cancelled)
