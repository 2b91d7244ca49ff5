"""Looking for an order whose answer was lost, by canned answers: what is proof, what is none, and what is said."""

import json

import pytest
from order_time_orders import LINE, ORDER
from order_time_talk import MADE, TEXT, changed, played, yes

from sobatch.erp.exchange import Answer
from sobatch.erp.one_by_one import ORDER as STEP
from sobatch.erp.one_by_one import Present
from sobatch.erp.order_time.dialect import PAGE, OrderTimeDialect
from sobatch.erp.ports import CannotTell, NotListed

ROW = {"DocNo": 1042, "CustomerPO": "6T56-97", "CustomerRef": {"Id": 21, "Name": "Basket Case"}}


def looked(*answers, order=TEXT, dialect=None):
    asked, _, end = played((dialect or OrderTimeDialect()).look(order, {}, STEP), *answers)
    assert all(call.step is None for call in asked), "a look only reads"
    return asked, end


def test_it_is_looked_for_by_its_reference_and_customer():
    asked, end = looked(yes([ROW]), yes(MADE), dialect=OrderTimeDialect(77, 3))
    listed, read = [call.request for call in asked]
    assert (listed.method, listed.path) == ("POST", "/list")
    assert json.loads(listed.body) == {
        "Type": 77,
        "Filters": [
            {"PropertyName": "CustomerPO", "Operator": 3, "FilterValueArray": "6T56-97"},
            {"PropertyName": "CustomerRef.Id", "Operator": 3, "FilterValueArray": "21"},
        ],
        "PageNumber": 1,
        "NumberOfRecords": PAGE,
    }
    assert (read.method, read.path, dict(read.params)) == ("GET", "/salesorder", {"docNo": "1042"})
    assert isinstance(end, Present)
    assert end.value == "1042"


def line(**members):
    return [{**LINE, **members}]


@pytest.mark.parametrize(
    "shown",
    [
        changed(),
        changed(Date=None, PromiseDate=None, ShipToRef=None, StatusRef={"Id": 9}, AllowShipPartial=False, Memo="x"),
        changed(CustomerRef={"Id": 21, "Name": "Renamed"}),
        changed(Date="2026-10-21T09:30:00"),
        changed(LineItems=line(Price=42.50000, Quantity=6.0, LineNo=1, Id=9, Description="filled in")),
    ],
)
def test_an_order_that_agrees_is_ours(shown):
    assert isinstance(looked(yes([ROW]), shown)[1], Present)


@pytest.mark.parametrize(
    "shown",
    [
        changed(CustomerPO="6t56-97"),
        changed(CustomerPO=None),
        changed(CustomerRef=None),
        changed(Date="2026-10-22T00:00:00"),
        changed(PromiseDate="2026-10-22T00:00:00"),
        changed(ShipToRef={"Id": 3}),
        changed(LineItems=None),
        changed(LineItems=[]),
        changed(LineItems=[LINE, LINE]),
        changed(LineItems=line(ItemRef={"Id": 38})),
        changed(LineItems=line(ItemRef={"Name": "Shirt"})),
        changed(LineItems=line(Quantity=7)),
        changed(LineItems=line(Price=42.51)),
        changed(LineItems=line(Price=None)),
        changed(LineItems=["6", None]),
        changed(DocNo=1043),
        yes("gone", 400),
        yes("gone", 404),
        Answer(200, body=b"<html>"),
    ],
)
def test_what_differs_or_is_hidden_proves_nothing(shown):
    end = looked(yes([ROW]), shown)[1]
    assert isinstance(end, CannotTell)
    assert end.candidates == ("1042",)


@pytest.mark.parametrize(
    "shown", [changed(CustomerRef={"Id": 22}), changed(CustomerPO="6T56-98"), changed(CustomerPO="x6T56-97")]
)
def test_a_stranger_with_the_same_reference_is_not_ours(shown):
    assert isinstance(looked(yes([{**ROW, "CustomerRef": None}]), shown, yes([ROW]))[1], NotListed)


def test_two_that_agree_are_one_too_many():
    rows = yes([ROW, {**ROW, "DocNo": 1043}])
    end = looked(rows, changed(), changed(DocNo=1043))[1]
    assert (type(end), end.candidates) == (CannotTell, ("1042", "1043"))


def test_one_that_agrees_is_ours_whatever_else_has_the_reference():
    """As the orders of a blanket purchase order have."""
    rows = yes([{**ROW, "DocNo": 1041}, ROW, {**ROW, "DocNo": 900, "CustomerRef": {"Id": 5}}])
    end = looked(rows, changed(DocNo=1041, Date="2026-10-14T00:00:00"), changed())[1]
    assert (type(end), end.value) == (Present, "1042")
    assert "1 more" in end.evidence


def test_nothing_found_is_never_proof_and_says_what_was_seen():
    asked, end = looked(yes([]), yes([{**ROW, "DocNo": 7}]))
    assert (type(end), end.thorough) == (NotListed, True)
    assert "does show others of this customer" in end.evidence
    assert [each["PropertyName"] for each in json.loads(asked[1].request.body)["Filters"]] == ["CustomerRef.Id"]
    for other in (yes([]), yes("no", 400), yes([17])):
        end = looked(yes([]), other)[1]
        assert (type(end), end.thorough) == (NotListed, False)
        assert "record_type" in end.evidence


def test_a_comma_in_the_reference_makes_a_look_weak():
    order = json.dumps({**ORDER, "CustomerPO": "7,8"}).encode()
    end = looked(yes([]), yes([ROW]), order=order)[1]
    assert (type(end), end.thorough) == (NotListed, False)
    assert "comma" in end.evidence


def test_a_customer_known_by_name_is_compared_by_name():
    order = json.dumps({**ORDER, "CustomerRef": {"Name": "Basket Case"}}).encode()
    asked, end = looked(yes([ROW]), changed(CustomerRef={"Id": 21, "Name": "basket case"}), order=order)
    assert len(json.loads(asked[0].request.body)["Filters"]) == 1
    assert isinstance(end, Present)
    assert isinstance(looked(yes([ROW]), changed(CustomerRef={"Id": 21}), order=order)[1], CannotTell)
    assert looked(yes([]), order=order)[1] == NotListed(
        "the list (Type 7) shows no order with the CustomerPO '6T56-97'"
    )


@pytest.mark.parametrize("reference", [None, "", "  ", 17])
def test_without_a_reference_nobody_can_look(reference):
    asked, end = looked(order=json.dumps({**ORDER, "CustomerPO": reference}).encode())
    assert (asked, type(end)) == ([], CannotTell)


@pytest.mark.parametrize(
    "answer",
    [yes("no", 400), yes("no", 404), yes({}), yes({"a": [], "b": []}), yes(5), Answer(200, body=b"<html>")],
)
def test_a_list_that_is_none_tells_nothing(answer):
    assert isinstance(looked(answer)[1], CannotTell)


def test_a_list_that_is_refused_says_why():
    end = looked(yes({"Message": "CustomerRef.Id is no property."}, 400))[1]
    assert "status 400" in end.reason and "CustomerRef.Id is no property." in end.reason


def test_a_list_in_a_wrapper_is_a_list():
    assert isinstance(looked(yes({"Total": 1, "Records": [ROW]}), changed())[1], Present)


def test_an_entry_without_a_number_is_not_overlooked():
    row = {name: value for name, value in ROW.items() if name != "DocNo"}
    assert isinstance(looked(yes([row]))[1], CannotTell)


def test_full_pages_are_followed_to_the_end():
    def page(first, count):
        return yes([{**ROW, "DocNo": first + each, "CustomerRef": {"Id": 5}} for each in range(count)])

    asked, end = looked(page(1, PAGE), page(1 + PAGE, 2), yes([ROW]))
    assert [json.loads(call.request.body)["PageNumber"] for call in asked] == [1, 2, 1]
    assert "102 that are not it" in end.evidence
    asked, end = looked(page(1, PAGE), page(1, PAGE), yes([ROW]))  # a server that knows no pages
    assert len(asked) == 3
    end = looked(*(page(1 + each * PAGE, PAGE) for each in range(20)))[1]
    assert isinstance(end, CannotTell)


def test_too_many_that_might_be_it_are_not_read_one_by_one():
    end = looked(yes([{**ROW, "DocNo": number} for number in range(1, 30)]))[1]
    assert (type(end), len(end.candidates)) == (CannotTell, 20)
