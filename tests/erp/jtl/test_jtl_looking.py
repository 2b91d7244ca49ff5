"""What a look after a lost answer may conclude, by canned answers. Found needs proof; not found is none."""

from __future__ import annotations

import json

import pytest
from canned import answer, carried
from hypothesis import given
from hypothesis import strategies as st
from jtl_talk import BOTH, HEADER, LINE_A, LINE_B, MADE, ORDER, page, requests

from sobatch.erp.jtl.dialect import JtlDialect
from sobatch.erp.jtl.lines import covered, kept, more_than_ours
from sobatch.erp.jtl.looking import tag_of
from sobatch.erp.one_by_one import Present
from sobatch.erp.ports import CannotTell, NotListed

DIALECT = JtlDialect()
NUMBERED = b'{"CompanyId": 1, "CustomerId": 1042, "Number": "A100"}'


def looked(*answers, order=ORDER, done=None, pending="order", dialect=DIALECT):
    return carried(dialect.look(order, done or {}, pending), *answers)


def test_found_by_the_external_number_without_lines():
    calls, found = looked(answer(200, page(MADE)), answer(200, []))
    assert requests(calls) == [("GET", "/salesOrders", None), ("GET", "/salesOrders/17/lineitems", None)]
    assert calls[0].request.params == {"externalOrderNumber": "W-1", "pageNumber": "1", "pageSize": "100"}
    assert isinstance(found, Present)
    assert found.value == "17 A100"


def test_found_by_the_number_where_there_is_no_other():
    calls, found = looked(answer(200, page(MADE)), answer(200, []), order=NUMBERED)
    assert calls[0].request.params["salesOrderNumber"] == "A100"
    assert isinstance(found, Present)


@pytest.mark.parametrize(("order", "renames"), [(b'{"CompanyId": 1, "CustomerId": 1042}', False), (NUMBERED, True)])
def test_without_a_reference_nothing_can_be_told(order, renames):
    calls, found = looked(order=order, dialect=JtlDialect(renames=renames))
    assert (calls, isinstance(found, CannotTell)) == ([], True)


@pytest.mark.parametrize(
    "listed",
    [
        page(),
        [],
        page({**MADE, "ExternalNumber": "W-10"}),
        page({**MADE, "ExternalNumber": "w-1"}),
        page({**MADE, "ExternalNumber": None}),
        {"items": [], "totalItems": 0, "hasNextPage": False},
    ],
)
def test_not_listed_is_told_as_such_and_never_more(listed):
    _, found = looked(answer(200, listed))
    assert isinstance(found, NotListed)
    assert not found.thorough
    assert "pending" in found.evidence


@pytest.mark.parametrize(
    ("listed", "candidates"),
    [
        (page({**MADE, "CustomerId": 1043}), ("17",)),
        (page({**MADE, "CustomerId": None}), ("17",)),
        (page({**MADE, "CompanyId": 2}), ("17",)),
        (page({**MADE, "IsCancelled": True}), ("17",)),
        (page({**MADE, "Id": None}), ()),
        (page(MADE, {**MADE, "Id": 18}), ("17", "18")),
        (page(MADE, TotalItems=2), ()),
        ({"ok": True}, ()),
        (b"<html>", ()),
        (b"", ()),
    ],
)
def test_a_stranger_a_twin_or_half_a_list_is_not_ours(listed, candidates):
    _, found = looked(answer(200, listed))
    assert isinstance(found, CannotTell)
    assert found.candidates == candidates


@pytest.mark.parametrize("status", [204, 400, 404, 409])
def test_a_list_that_is_refused_tells_nothing(status):
    _, found = looked(answer(status, {"ErrorMessage": "no"}))
    assert isinstance(found, CannotTell)


@pytest.mark.parametrize("there", [answer(200, [LINE_A]), answer(200, BOTH), answer(404), answer(200, b"<html>")])
def test_an_order_that_has_lines_already_is_not_the_one_whose_header_was_lost(there):
    _, found = looked(answer(200, page(MADE)), there)
    assert isinstance(found, CannotTell)
    assert found.candidates == ("17",)


def test_a_twin_on_a_later_page_is_seen():
    first = page(*({**MADE, "Id": 100 + n, "ExternalNumber": "W-10"} for n in range(99)), MADE, TotalItems=101)
    second = page({**MADE, "Id": 18}, TotalItems=101)
    calls, found = looked(answer(200, {**first, "HasNextPage": True}), answer(200, second))
    assert [call.request.params["pageNumber"] for call in calls] == ["1", "2"]
    assert isinstance(found, CannotTell)
    assert found.candidates == ("17", "18")


@pytest.mark.parametrize("more", [{"HasNextPage": True}, {"HasNextPage": None, "TotalPages": 9}, {"HasNextPage": None}])
def test_a_server_that_shows_one_page_for_ever_is_left(more):
    rows = [{**MADE, "Id": 100 + n, "ExternalNumber": "W-10"} for n in range(100)]
    calls, found = looked(*[answer(200, page(*rows, **more, TotalItems=None))] * 2)
    assert len(calls) == 2
    assert isinstance(found, NotListed)


def test_a_list_without_end_is_left():
    def listed(start):
        rows = [{**MADE, "Id": start + n, "ExternalNumber": "x"} for n in range(100)]
        return answer(200, page(*rows, HasNextPage=True))

    _, found = looked(*[listed(1000 * page) for page in range(1, 51)])
    assert isinstance(found, CannotTell)
    assert "50 pages" in found.reason


DONE = {"order": "17 A100"}


@pytest.mark.parametrize(
    ("there", "value"),
    [
        (BOTH, "lines 0-1"),
        (BOTH[::-1], "lines 0-1"),
        ([LINE_A], "lines 0"),
        ([LINE_B], "lines 1"),
        ([*BOTH, {"Id": 3, "Name": "Shipping", "Quantity": 1}], "lines 0-1 +1"),
        ({"Items": BOTH}, "lines 0-1"),
    ],
)
def test_the_lines_that_are_there_are_found(there, value):
    calls, found = looked(answer(200, there), done=DONE, pending="lines")
    assert requests(calls) == [("GET", "/salesOrders/17/lineitems", None)]
    assert isinstance(found, Present)
    assert (found.value, found.partial) == (value, not value.startswith("lines 0-1"))


@pytest.mark.parametrize("there", [[], {"Items": []}])
def test_no_lines_are_no_proof(there):
    assert isinstance(looked(answer(200, there), done=DONE, pending="lines")[1], NotListed)


@pytest.mark.parametrize(
    "there",
    [
        answer(200, [{"Id": 3, "SKU": "C", "Quantity": 1}]),
        answer(200, [LINE_A, {"Id": 3, "SKU": "C", "Quantity": 1}]),
        answer(200, [{"Id": 3, "SKU": "A", "Quantity": 99}]),
        answer(200, [{}]),
        answer(404),
        answer(200, {"Items": [LINE_A], "TotalItems": 2, "HasNextPage": False}),
        answer(200, b"[["),
    ],
)
def test_lines_that_are_not_clearly_ours_tell_nothing(there):
    _, found = looked(there, done=DONE, pending="lines")
    assert isinstance(found, CannotTell)
    assert found.candidates == ("17",)


def lines(*written):
    return f'{{{HEADER}, "LineItems": [{", ".join(written)}]}}'.encode()


@pytest.mark.parametrize(
    ("order", "there", "value"),
    [
        # equal twins count by number
        (lines('{"SKU": "A", "Quantity": 1}', '{"SKU": "A", "Quantity": 1}'), [LINE_A], "lines 0"),
        # alike in what decides, told apart by the rest
        (
            lines('{"SKU": "A", "Quantity": 1, "SalesPriceNet": 5}', '{"SKU": "A", "Quantity": 1, "SalesPriceNet": 7}'),
            [{"SKU": "A", "Quantity": 1, "SalesPriceNet": 7.0}],
            "lines 1",
        ),
        # alike in all that is shown: nobody can tell
        (
            lines('{"SKU": "A", "Quantity": 1, "SalesPriceNet": 5}', '{"SKU": "A", "Quantity": 1, "SalesPriceNet": 7}'),
            [{"SKU": "A", "Quantity": 1}],
            None,
        ),
        (
            lines('{"Name": "x", "Quantity": 1}', '{"Name": "y", "Quantity": 1}'),
            [{"Name": "y", "Quantity": 1}],
            "lines 1",
        ),
        # an item may be shown under another name
        (lines('{"SKU": "A", "Name": "x", "Quantity": 1}'), [{"SKU": "A", "Name": "Ball", "Quantity": 1}], "lines 0"),
    ],
)
def test_which_lines_are_there(order, there, value):
    _, found = looked(answer(200, there), order=order, done=DONE, pending="lines")
    assert getattr(found, "value", None) == value
    assert isinstance(found, Present if value else CannotTell)


def test_a_second_call_for_lines_counts_only_what_it_brought():
    done = {**DONE, "lines": "lines 0"}
    _, found = looked(answer(200, [LINE_A]), done=done, pending="lines 2")
    assert isinstance(found, NotListed)
    _, found = looked(answer(200, BOTH), done=done, pending="lines 2")
    assert found.value == "lines 1"
    _, found = looked(answer(200, [LINE_B]), done=done, pending="lines 2")
    assert isinstance(found, CannotTell)


@pytest.mark.parametrize("external", ["", ', "ExternalNumber": null', ', "ExternalNumber": ""'])
def test_a_tag_is_a_reference_where_the_order_has_none(external):
    order = f'{{"CompanyId": 1, "CustomerId": 1042, "Comment": "0.90 \\u00e9"{external}}}'.encode()
    dialect = JtlDialect(tagged=True)
    (call,), _ = carried(dialect.create(order, {}))
    header = json.loads(call.request.body)
    tag = header["ExternalNumber"]
    assert (len(tag), tag[:2], header["Comment"]) == (18, "sb", "0.90 \u00e9")
    assert b"\\u00e9" in call.request.body
    listed = {**MADE, "ExternalNumber": tag}
    calls, found = looked(answer(200, page(listed)), answer(200, []), order=order, dialect=dialect)
    assert calls[0].request.params["externalOrderNumber"] == tag
    assert isinstance(found, Present)
    assert call.keep(answer(201, MADE)) is None


def test_a_tag_overwrites_nothing_and_differs_with_the_order():
    (call,), _ = carried(JtlDialect(tagged=True).create(ORDER, {}))
    assert json.loads(call.request.body)["ExternalNumber"] == "W-1"
    assert len({tag_of(b'{"CompanyId": 1}'), tag_of(b'{"CompanyId": 2}'), tag_of(b'{"CompanyId": 1}')}) == 2


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 3))
def test_which_lines_are_there_is_kept_and_read_again(there, more):
    found = {at for at, here in enumerate(there) if here}
    done = {"order": "17", "lines": kept(found, more)}
    assert (covered(done, len(there)), more_than_ours(done)) == (found, more)
