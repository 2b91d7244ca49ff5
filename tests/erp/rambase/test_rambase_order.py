"""What a RamBase order is, member by member and rule by rule, through the explanation that `validate` gives."""

from __future__ import annotations

import json

import pytest

from sobatch.core.check.explain import explain
from sobatch.core.order.declared import decoder_of, documented
from sobatch.erp.rambase.codes import CODES
from sobatch.erp.rambase.order import SPEC, Order

TEXT, WHOLE, NUMBER, DAY = "text", "whole", "number", "day"
ACCEPTED = {
    TEXT: ('"x"', '""', '"漢"'),
    WHOLE: ("0", "7"),
    NUMBER: ("0.90", "1e1", "5"),
    DAY: ('"2026-03-02"',),
}
REFUSED = {
    TEXT: (("17", "SO-104"), ("{}", "SO-104")),
    WHOLE: (('"1"', "SO-104"), ("1.5", "SO-104")),
    NUMBER: (('"1"', "SO-104"), ("true", "SO-104"), ("1e400", "SO-048")),
    DAY: (("17", "SO-104"), ('"02.03.2026"', "SO-109"), ('"2026-02-30"', "SO-108")),
}
# Each member with its kind, or with the least and the greatest value that the document gives.
ITEM = {
    "type": WHOLE, "requestedDeliveryDate": DAY, "customersReferenceNumber": TEXT, "customersProductName": TEXT,
    "equivalentProductName": TEXT, "requestedProductStructureRevision": TEXT, "productDescription": TEXT, "note": TEXT,
    "grossMargin": (-100, 100), "discountPercent": (0, 100), "quantity": (0, None),
    "warranty/warrantyExpirationDate": DAY, "price/grossPrice": NUMBER, "price/discount": (0, None),
    "location/locationId": (10_000, None), "seller/employeeId": (100, None), "product/productId": (10_000, None),
    "landedCost/purchaseExchangeRate": NUMBER, "derivedFrom/purchaseQuoteItemId": (1, None),
    "derivedFrom/purchaseQuote/purchaseQuoteId": (100_000, None), "recurringInvoicing/startDate": DAY,
    "recurringInvoicing/estimatedEndDate": DAY, "recurringInvoicing/priceChangeAgreement": WHOLE,
    "recurringInvoicing/recurringPrice/recurringPriceId": (100_000, None),
}  # fmt: skip
HEADER = {
    "type": WHOLE, "customersReference": TEXT, "customersReferenceNumber": TEXT, "note": TEXT,
    "customer/customerId": (10_000, None),
}  # fmt: skip
MUST = {"quantity", "product/productId", "customer/customerId"}
MEMBERS = [("", name, kind) for name, kind in HEADER.items()]
MEMBERS += [("items/0", name, kind) for name, kind in ITEM.items()]


def order(place: str = "", name: str = "", value: str | None = None) -> bytes:
    """A flawless order as text, with one member (a path) laid over it."""
    whole = {"customer": {"customerId": 10017}, "items": [{"quantity": 1, "product": {"productId": 100017}}]}
    target = whole["items"][0] if place else whole
    if name:
        *groups, member = name.split("/")
        for group in groups:
            target = target.setdefault(group, {})
        target[member] = "@@"
    text = json.dumps(whole)
    return text.replace('"@@"', value).encode() if value is not None else text.encode()


def found(raw: bytes) -> list[tuple[str, str, str]]:
    told = []
    raw = documented(raw, Order)
    value = explain(raw, Order, tuple(SPEC.heavy_keys), told.append)
    told.extend(SPEC.rules(value, SPEC.limits({})))
    own = {code.code: code.severity for code in CODES}
    return [(each.code, (each.severity or own[each.code]).value, each.pointer) for each in told]


def errors(raw: bytes) -> list[str]:
    quiet = ("SO-506",)  # the quote's item alone is an error of another kind
    return [code for code, severity, _ in found(raw) if severity == "error" and code not in quiet]


@pytest.mark.parametrize(("place", "name", "kind"), MEMBERS)
def test_each_member_takes_its_kind_and_null_and_nothing_else(place, name, kind):
    pointer = f"/{place}/{name}" if place else f"/{name}"
    good, bad = bounds(*kind) if isinstance(kind, tuple) else (ACCEPTED[kind], REFUSED[kind])
    for value in (*good, *(() if name in MUST else ("null",))):
        assert errors(order(place, name, value)) == [], value
        decoder_of(Order).decode(order(place, name, value))
    for value, code in bad:
        assert (code, pointer) in [(each, at) for each, _, at in found(order(place, name, value))], value
        assert code in errors(order(place, name, value)), value


def bounds(least, most):
    good = [str(least), str(least + 1)]
    bad = [(str(least - 1), "SO-501"), ('"1"', "SO-104")]
    if most is not None:
        good.append(str(most))
        bad.append((str(most + 1), "SO-501"))
    return good, bad


@pytest.mark.parametrize("name", sorted(MUST))
def test_what_must_be_there_is_never_null(name):
    place = "" if name.startswith("customer") else "items/0"
    assert "SO-105" in errors(order(place, name, "null"))


@pytest.mark.parametrize("group", ["warranty", "price", "location", "seller", "landedCost", "derivedFrom"])
def test_a_group_may_be_null_or_empty_and_is_an_object(group):
    assert errors(order("items/0", group, "null")) == []
    assert errors(order("items/0", group, "{}")) == []
    assert errors(order("items/0", group, "[]")) == ["SO-104"]


ITEM_TEXT = '{"quantity": 1, "product": {"productId": 100017}}'
RULES = [
    ('{"customer": {"customerId": 10017}}', ("SO-510",)),
    ('{"customer": {"customerId": 10017}, "items": []}', ("SO-510",)),
    (f'{{"items": [{ITEM_TEXT}]}}', ("SO-502",)),
    (f'{{"customer": null, "items": [{ITEM_TEXT}]}}', ("SO-502",)),
    (f'{{"salesOrderId": 100017, "items": [{ITEM_TEXT}]}}', ()),
    (f'{{"salesOrderId": 99999, "items": [{ITEM_TEXT}]}}', ("SO-501",)),
    (f'{{"salesOrderId": 100017, "currency": "EUR", "items": [{ITEM_TEXT}]}}', ("SO-507",)),
    ('{"salesOrderId": 100017}', ("SO-508",)),
    ('{"salesOrderId": 100017, "items": []}', ("SO-508",)),
    (order("", "currency", '"EUR"').decode(), ()),
    (order("", "currency", '"Euro"').decode(), ("SO-503",)),
    (order("", "exchangeRateFluctuationAgreement", '"100/3.0"').decode(), ()),
    (order("", "exchangeRateFluctuationAgreement", '"3 %"').decode(), ("SO-504",)),
    (order("", "customFields", '{"any": [1]}').decode(), ()),
    (order("", "nothing", "1").decode(), ("SO-110",)),
    (order("items/0", "customFields", "[]").decode(), ()),
    (order("items/0", "quantity", "0").decode(), ("SO-512",)),
    (order("items/0", "landedCost/purchaseCurrency", '"euro"').decode(), ("SO-503",)),
    (order("items/0", "price", '{"discount": 1}').decode(), ()),
    (order("items/0", "x", '1, "discountPercent": 5, "price": {"discount": 1}').decode(), ("SO-110", "SO-511")),
    (order("items/0", "grossMargin", '5, "discountPercent": 5, "price": {"discount": 1, "grossPrice": 2}').decode(),
     ("SO-511",) * 3),
    (order("items/0", "derivedFrom/purchaseQuoteItemId", "1").decode(), ("SO-506",)),
    (order("items/0", "derivedFrom", '{"purchaseQuoteItemId": 1, "purchaseQuote": {"purchaseQuoteId": 100004}}')
     .decode(), ()),
    (order("items/0", "recurringInvoicing", '{"startDate": "2026-05-01"}').decode(), ("SO-514",)),
    (order("items/0", "recurringInvoicing", '{"startDate": "2026-05-01", "estimatedEndDate": "2026-04-01",'
           ' "recurringPrice": {"recurringPriceId": 100002}}').decode(), ("SO-505",)),
    ('{"customer": {"customerId": 10017}, "items": ['
     '{"quantity": 1, "product": {"productId": 100017}, "customersReferenceNumber": "1"},'
     '{"quantity": 2, "product": {"productId": 100018}, "customersReferenceNumber": "1"}]}', ("SO-513",)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "codes"), RULES)
def test_rules(text, codes):
    assert tuple(code for code, _, _ in found(text.encode())) == codes


def test_names_come_in_any_case_and_twice_is_twice():
    raw = b'{"Customer": {"CUSTOMERID": 10017}, "Items": [{"Quantity": 1, "product": {"productid": 100017}}]}'
    assert found(raw) == []
    assert errors(raw.replace(b'"Items"', b'"items": [], "Items"')) == ["SO-112"]


def test_keys_and_requests():
    text = order("", "customersReferenceNumber", '"W1"')
    facts = SPEC.facts(decoder_of(Order).decode(text))
    assert (facts.number, facts.external, facts.lines, facts.rows) == (None, "W1", 1, 2)
    assert SPEC.facts(json.loads(text)) == facts
    added = f'{{"salesOrderId": 100017, "customersReferenceNumber": "W1", "items": [{ITEM_TEXT}]}}'
    assert SPEC.facts(json.loads(added)).external is None
    assert [code for code, *_ in SPEC.input_notes((), 3, 1)] == ["SO-522"]


def test_every_code_is_told_somewhere():
    told = {code for _, codes in RULES for code in codes} | {"SO-520", "SO-521", "SO-522"}
    assert {code.code for code in CODES} <= told
