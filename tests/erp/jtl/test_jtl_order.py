"""What a JTL order is, member by member and rule by rule, through the explanation that `validate` gives."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from sobatch.core.check.explain import explain
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import Severity
from sobatch.erp.jtl.codes import BOOK, CODES
from sobatch.erp.jtl.order import SPEC, Order

TEXT, WHOLE, NUMBER, MOMENT, PART = "text", "whole", "number", "moment", "part"
ACCEPTED: dict[str, tuple[str, ...]] = {
    TEXT: ('"x"', '""', '"漢\\u00e9"'),
    WHOLE: ("1", "2147483647"),
    NUMBER: ("0.90", "1e2", "5"),
    MOMENT: ('"2023-02-01T12:45:00.0000000+00:00"', '"2023-02-01T12:45:00Z"'),
}
REFUSED: dict[str, tuple[tuple[str, str], ...]] = {
    TEXT: (("17", "SO-104"), ("{}", "SO-104"), ("true", "SO-104")),
    WHOLE: (('"1"', "SO-104"), ("1.5", "SO-104"), ("2147483648", "SO-402"), ("-2147483649", "SO-402")),
    NUMBER: (('"1"', "SO-104"), ("[1]", "SO-104"), ("1e400", "SO-048")),
    MOMENT: (("17", "SO-104"), ('"2023-02-01T12:45:00"', "SO-109"), ('"2023-02-30T12:45:00Z"', "SO-108")),
}
ADDRESS = {
    name: TEXT
    for name in "Company Company2 FormOfAddress Title FirstName LastName Street Address2 PostalCode City State "
    "CountryIso VatID PhoneNumber MobilePhoneNumber EmailAddress Fax".split()
}
MEMBERS: dict[str, dict[str, str]] = {
    "": {
        "CompanyId": WHOLE, "CustomerId": WHOLE, "Number": TEXT, "ExternalNumber": TEXT, "BillingNumber": TEXT,
        "CustomerVatID": TEXT, "SalesOrderDate": MOMENT, "ColorcodeId": WHOLE, "Comment": TEXT,
        "CustomerComment": TEXT, "LanguageIso": TEXT,
    },
    "DepartureCountry": {"CountryISO": TEXT, "State": TEXT, "CurrencyIso": TEXT, "CurrencyFactor": NUMBER},
    "BillingAddress": ADDRESS,
    "Shipmentaddress": ADDRESS,
    "SalesOrderPaymentDetails": {
        "PaymentMethodId": WHOLE, "CurrencyIso": TEXT, "CurrencyFactor": NUMBER, "PaymentTarget": NUMBER,
        "CashDiscount": NUMBER, "CashDiscountDays": NUMBER,
    },
    "SalesOrderShippingDetail": {
        "ShippingMethodId": WHOLE, "ShippingPriority": WHOLE, "ShippingDate": MOMENT,
        "EstimatedDeliveryDate": MOMENT, "OnHoldReasonId": WHOLE, "ExtraWeight": NUMBER,
    },
    "LineItems/0": {
        "Quantity": NUMBER, "ItemId": WHOLE, "Name": TEXT, "SKU": TEXT, "SalesUnit": TEXT, "SalesPriceNet": NUMBER,
        "SalesPriceGross": NUMBER, "Discount": NUMBER, "PurchasePriceNet": NUMBER, "TaxRate": NUMBER, "Notice": TEXT,
    },
}  # fmt: skip
READ_ONLY: dict[str, tuple[str, ...]] = {
    "": (
        "Id", "MerchantVatID", "IsExternalInvoice", "IsCancelled", "CancellationDetails", "SalesChannelId",
        "UserCreatedId", "UserId", "TransactionStatusId",
    ),
    "BillingAddress": ("Id",),
    "Shipmentaddress": ("Id",),
    "SalesOrderPaymentDetails": ("PaymentStatus", "TotalGrossAmount", "DateOfPayment", "StillToPay"),
    "SalesOrderShippingDetail": ("DeliveryCompleteStatus", "DeliveredDate"),
    "LineItems/0": ("Id", "SalesOrderId", "Type", "QuantityDelivered", "QuantityReturned"),
}  # fmt: skip
REQUIRED = {"/CompanyId", "/CustomerId"}
PLACES = [(place, name, kind) for place, members in MEMBERS.items() for name, kind in members.items()]
OBJECTS = [each for each in MEMBERS if each and each != "LineItems/0"]


def order(place: str = "", name: str = "", value: str | None = None) -> bytes:
    """A flawless order as text, with one member laid over it; None takes it out."""
    address = {"City": '"Kiel"', "CountryIso": '"DE"'}
    parts: dict[str, dict[str, str]] = {
        "": {"CompanyId": "1", "CustomerId": "1042"},
        "BillingAddress": dict(address),
        "Shipmentaddress": dict(address),
        "LineItems/0": {"SKU": '"BALL-5"', "ItemId": "7", "Quantity": "1"},
    }
    target = parts.setdefault(place, {})
    if value is None:
        target.pop(name, None)
    elif name:
        target[name] = value
    head = parts.pop("")
    for each, members in parts.items():
        text = written(members)
        head.setdefault(each.removesuffix("/0"), f"[{text}]" if each.endswith("/0") else text)
    return written(head).encode()


def written(members: dict[str, str]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in members.items()) + "}"


def told(text: bytes) -> list[tuple[str, str]]:
    found: list[Any] = []
    value = explain(text, Order, tuple(SPEC.heavy_keys), found.append)
    found.extend(SPEC.rules(value, Limits()))
    assert all(each.message for each in found)
    return [(each.code, each.pointer) for each in found]


def at(place: str, name: str) -> str:
    return f"/{place}/{name}" if place else f"/{name}"


def errors(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(code, pointer) for code, pointer in found if BOOK.codes[code].severity is Severity.ERROR]


def test_the_flawless_order_has_nothing_to_explain():
    assert told(order()) == []


@pytest.mark.parametrize(("place", "name", "kind"), PLACES)
def test_every_member_takes_its_type_and_nothing_else(place, name, kind):
    for value in ACCEPTED[kind]:
        assert errors(told(order(place, name, value))) == []
    for value, code in REFUSED[kind]:
        assert (code, at(place, name)) in told(order(place, name, value))


@pytest.mark.parametrize(("place", "name", "kind"), PLACES)
def test_null_is_what_leaving_it_out_is(place, name, kind):
    without, null = told(order(place, name)), told(order(place, name, "null"))
    assert [pointer for _, pointer in without] == [pointer for _, pointer in null]
    if at(place, name) in REQUIRED:
        assert without == [("SO-102", at(place, name))]
        assert null == [("SO-105", at(place, name))]
    else:
        assert errors(null) == []


@pytest.mark.parametrize("name", OBJECTS)
def test_a_part_of_the_order_is_an_object_or_null(name):
    assert errors(told(order("", name, "null"))) == []
    assert ("SO-104", f"/{name}") in told(order("", name, "[]"))


@pytest.mark.parametrize(("value", "code"), [("null", "SO-407"), ("[]", "SO-407"), ("{}", "SO-104"), ("[1]", "SO-104")])
def test_lines_are_an_array_of_objects(value, code):
    assert [each for each, _ in told(order("", "LineItems", value))] == [code]


@pytest.mark.parametrize(("place", "name"), [(place, name) for place, names in READ_ONLY.items() for name in names])
@pytest.mark.parametrize("value", ["1", '"x"', "null", "{}"])
def test_a_member_of_the_answer_is_told_to_be_read_only(place, name, value):
    assert told(order(place, name, value)) == [("SO-405", at(place, name))]


def test_every_member_of_the_structs_is_in_the_tables():
    known = {(place, name) for place, members in MEMBERS.items() for name in members}
    known |= {(place, name) for place, names in READ_ONLY.items() for name in names}
    declared = {
        (place, field.name)
        for place in MEMBERS
        for field in msgspec.structs.fields(struct_of(place))
        if ("", field.name) != (place, "ShipmentAddress")
        and not (place == "" and field.name in (*OBJECTS, "LineItems"))
    }
    assert declared == known


def struct_of(place: str) -> Any:
    if not place:
        return Order
    decoded = msgspec.json.decode(order(place), type=Order)
    value = getattr(decoded, place.removesuffix("/0"))
    return type(value[0] if place.endswith("/0") else value)


RULES = [
    ("", "ShipmentAddress", '{"City": "Kiel"}', "SO-406", "/ShipmentAddress"),
    ("", "ShipmentAddress", "null", "SO-406", "/ShipmentAddress"),
    ("", "shipmentAddress", "{}", "SO-110", "/shipmentAddress"),
    ("", "CustomerId", "0", "SO-417", "/CustomerId"),
    ("", "CompanyId", "-1", "SO-417", "/CompanyId"),
    ("", "LanguageIso", '"D"', "SO-412", "/LanguageIso"),
    ("", "LanguageIso", '"Deutsch"', "SO-412", "/LanguageIso"),
    ("DepartureCountry", "CountryISO", '"Germany"', "SO-410", "/DepartureCountry/CountryISO"),
    ("BillingAddress", "CountryIso", '"de"', "SO-410", "/BillingAddress/CountryIso"),
    ("Shipmentaddress", "CountryIso", '"DEU"', "SO-410", "/Shipmentaddress/CountryIso"),
    ("Shipmentaddress", "CountryIso", None, "SO-418", "/Shipmentaddress/CountryIso"),
    ("BillingAddress", "City", '""', "SO-418", "/BillingAddress/City"),
    ("DepartureCountry", "CurrencyIso", '"€"', "SO-411", "/DepartureCountry/CurrencyIso"),
    ("SalesOrderPaymentDetails", "CurrencyIso", '"eur"', "SO-411", "/SalesOrderPaymentDetails/CurrencyIso"),
    ("DepartureCountry", "CurrencyFactor", "0", "SO-413", "/DepartureCountry/CurrencyFactor"),
    ("SalesOrderPaymentDetails", "CurrencyFactor", "-1.5", "SO-413", "/SalesOrderPaymentDetails/CurrencyFactor"),
    ("LineItems/0", "Quantity", "-0.01", "SO-404", "/LineItems/0/Quantity"),
    ("LineItems/0", "Quantity", "2147483647.5", "SO-404", "/LineItems/0/Quantity"),
    ("LineItems/0", "Quantity", None, "SO-415", "/LineItems/0/Quantity"),
    ("", "LineItems", '[{"Quantity": 1}]', "SO-408", "/LineItems/0"),
    ("", "LineItems", '[{"Quantity": 1, "SKU": "", "Name": null}]', "SO-408", "/LineItems/0"),
    (
        "",
        "LineItems",
        '[{"SKU": "A", "Quantity": 1, "SalesPriceNet": 1, "SalesPriceGross": 1.19}]',
        "SO-409",
        "/LineItems/0/SalesPriceGross",
    ),
    (
        "",
        "SalesOrderShippingDetail",
        '{"ShippingDate": "2026-01-15T13:00:00+01:00", "EstimatedDeliveryDate": "2026-01-15T11:59:59Z"}',
        "SO-414",
        "/SalesOrderShippingDetail/EstimatedDeliveryDate",
    ),
]
HARMLESS = [
    ("LineItems/0", "Quantity", "0"),
    ("LineItems/0", "Quantity", "2147483647"),
    ("", "LanguageIso", '"de-DE"'),
    ("DepartureCountry", "CountryISO", '"DE"'),
    ("DepartureCountry", "CurrencyFactor", "0.5"),
    (
        "",
        "SalesOrderShippingDetail",
        '{"ShippingDate": "2026-01-15T13:00:00+01:00", "EstimatedDeliveryDate": "2026-01-15T12:00:00Z"}',
    ),
    ("", "LineItems", '[{"Name": "Ball", "Quantity": 1, "SalesPriceNet": null, "SalesPriceGross": 1.19}]'),
]


@pytest.mark.parametrize(("place", "name", "value", "code", "pointer"), RULES)
def test_every_rule_has_its_code_and_place(place, name, value, code, pointer):
    assert told(order(place, name, value)) == [(code, pointer)]
    found: list[Any] = []
    explain(order(place, name, value), Order, (), found.append)
    wanted = Severity.ERROR if code == "SO-404" else Severity.WARNING
    assert BOOK.codes[code].severity is wanted


@pytest.mark.parametrize(("place", "name", "value"), HARMLESS)
def test_a_rule_lets_pass_what_is_right(place, name, value):
    assert told(order(place, name, value)) == []


def test_the_trap_has_a_hint():
    found: list[Any] = []
    explain(order("", "shipmentAddress", "{}"), Order, (), found.append)
    hint = found[0].hint
    assert '"Shipmentaddress"' in (hint() if callable(hint) else hint)


@pytest.mark.parametrize("value", ["17", '"x"', "[]", "null"])
def test_whatever_stands_in_a_member_the_rules_live_through_it(value):
    for place, members in [*MEMBERS.items(), ("", dict.fromkeys(("LineItems", *OBJECTS), PART))]:
        for name in members:
            plain = json.loads(order(place, name, value))
            assert all(each.pointer.startswith("/") for each in SPEC.rules(plain, Limits()))


def test_facts_of_a_typed_order_are_those_of_the_plain_one():
    for text in (order("", "Number", '"A1"'), order("", "ExternalNumber", '"W1"'), order("", "LineItems", "[]")):
        assert SPEC.facts(msgspec.json.decode(text, type=Order)) == SPEC.facts(json.loads(text))
    assert SPEC.facts(json.loads(order())).rows == 2
    assert SPEC.facts(json.loads(order("", "LineItems", "[]"))).rows == 1
    assert SPEC.facts(17).lines == 0


def test_orders_without_a_key_are_noted_once():
    assert [code for code, *_ in SPEC.input_notes([""], 5, 2)] == ["SO-416"]
    assert list(SPEC.input_notes([""], 5, 0)) == []


def test_the_codes_are_of_its_own_hundred_and_ascend():
    names = [code.code for code in CODES]
    assert names == sorted(set(names))
    assert all(name.startswith("SO-4") for name in names)
    told_by_rules = {row[3] for row in RULES} | {"SO-401", "SO-402", "SO-403", "SO-405", "SO-407", "SO-416"}
    assert set(names) == told_by_rules - {"SO-110"}
