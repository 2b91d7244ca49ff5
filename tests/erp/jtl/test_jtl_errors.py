"""JTL's error bodies come home with the place in the user's order, whatever form they have."""

from __future__ import annotations

import json

import pytest
from canned import answer

from sobatch.erp.jtl.answers import messages, pointer_of

ORDER = json.loads(
    '{"CompanyId": 1, "customerid": 2, "SalesOrderPaymentDetails": {"CurrencyIso": "x"}, "a/b~c": 1,'
    ' "LineItems": [{"SKU": "A"}, {"SKU": "B", "Quantity": 1}]}'
)


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("CompanyId", "/CompanyId"),
        ("companyId", "/CompanyId"),
        ("CustomerId", "/customerid"),
        ("$.SalesOrderPaymentDetails.CurrencyIso", "/SalesOrderPaymentDetails/CurrencyIso"),
        ("salesOrder.SalesOrderPaymentDetails.currencyISO", "/SalesOrderPaymentDetails/CurrencyIso"),
        ("LineItems[1].Quantity", "/LineItems/1/Quantity"),
        ("LineItems[0].Quantity", "/LineItems/0/Quantity"),
        ("ExternalNumber", "/ExternalNumber"),
        ("a/b~c", ""),
        ("command", ""),
        ("LineItems[7].Quantity", ""),
        ("CompanyId.x", ""),
        ("", ""),
        ("...", ""),
    ],
)
def test_a_path_becomes_a_pointer_into_the_order_or_none(path, pointer):
    assert pointer_of(path, ORDER) == pointer


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("[0].Quantity", "/LineItems/1/Quantity"),
        ("$[0].SKU", "/LineItems/1/SKU"),
        ("[1].SKU", ""),
        ("0", "/LineItems/1"),
    ],
)
def test_an_index_counts_among_the_lines_of_the_call(path, pointer):
    assert pointer_of(path, ORDER, [1]) == pointer


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"ErrorCode": "E1", "ErrorMessage": "Bad"}, [("", "Bad (E1)")]),
        ({"errorCode": "E1", "errorMessage": "Bad", "stacktrace": "secret"}, [("", "Bad (E1)")]),
        ({"ErrorCode": 17}, [("", "17")]),
        ({}, [("", "JTL answered 400")]),
        ("Bad", [("", "Bad")]),
        (b"<html>", [("", "JTL answered 400")]),
        ([1], [("", "JTL answered 400")]),
        (
            {"ErrorMessage": "Bad", "ValidationErrors": {"CompanyId": ["is 0", "is odd"], "Nowhere": "x"}},
            [("", "Bad"), ("/CompanyId", "is 0"), ("/CompanyId", "is odd"), ("", "Nowhere: x")],
        ),
        (
            {"ErrorMessage": "Bad", "ValidationErrors": [{"PropertyName": "CompanyId", "ErrorMessage": "is 0"}]},
            [("", "Bad"), ("/CompanyId", "is 0")],
        ),
        (
            {"title": "Bad", "errors": {"LineItems[0].SKU": [{"message": "is odd"}], "x": {"y": {"z": "deep"}}}},
            [("", "Bad"), ("/LineItems/0/SKU", "is odd"), ("", "x.y.z: deep")],
        ),
        ({"ErrorMessage": "Bad", "ValidationErrors": {"CompanyId": None}, "Errors": 7}, [("", "Bad"), ("", "7")]),
    ],
)
def test_whatever_the_form_the_words_come_home(data, told):
    assert list(messages(answer(400, data), ORDER)) == told


def test_a_flood_of_errors_is_bounded():
    flood = {"ErrorMessage": "Bad", "ValidationErrors": {f"a{n}": "x" for n in range(10_000)}}
    assert len(messages(answer(400, flood), ORDER)) == 50
    deep: object = "x"
    for _ in range(200):
        deep = {"a": deep}
    assert messages(answer(400, {"ErrorMessage": "Bad", "Errors": deep}), ORDER) == (("", "Bad"),)
