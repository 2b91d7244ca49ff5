"""Every member of the document's tables and sample: what goes, what does not, and null."""

import json

import msgspec
import pytest
from order_time_orders import LINE, ORDER, TYPE, codes, found, with_member, without

from sobatch.core.check.explain import explain
from sobatch.core.order.declared import members_of
from sobatch.erp.order_time.order import (
    SPEC,
    CustomerAddress,
    CustomFieldData,
    EntityRef,
    SalesOrder,
    SalesOrderLineItem,
)

REF, TEXT, FIGURE, MOMENT = {"Id": 8}, "text", 1.25, "2026-10-21T00:00:00"
TOO_LONG = {25: "x" * 26, 50: "x" * 51, 4000: "x" * 4001}


def ref(name, null=None, beside=()):
    """A reference: with Id, with Id and Name; nothing in it, a bare number, an Id beyond Int32."""
    return (name, [REF, {"Id": 8, "Name": "Processing"}, {"Id": 8, "Name": None}],
            [({}, "SO-605"), ({"Id": 0}, "SO-605"), ({"Id": -1}, "SO-605"), ({"Name": " "}, "SO-605"), (8, "SO-104"),
             ({"Id": "8"}, "SO-104"), ({"Id": 2**31}, "SO-611"), ({"Name": "Processing"}, "SO-606"),
             ({"Id": 8, "Code": "P"}, "SO-110")],
            null)  # fmt: skip


def text(name, most):
    return (name, ["", TEXT, "x" * most], [(TOO_LONG[most], "SO-607"), (17, "SO-104"), (["a"], "SO-104")], None)


def figure(name, null="SO-619"):
    return (name, [0.0001, 17, 1e3], [("17", "SO-104"), (True, "SO-104"), (1e30, "SO-621"), ([], "SO-104")], null)


def moment(name, null):
    wrong = [("2026-02-30T00:00:00", "SO-108"), ("2026-10-21", "SO-109"), ("2026-10-21T00:00:00Z", "SO-109"),
             ("21.10.2026", "SO-109"), ("", "SO-109"), (20261021, "SO-104")]  # fmt: skip
    return (name, [MOMENT, "2026-10-21T14:30:59"], wrong, null)


HEADER = [
    ref("CustomerRef", "SO-105"),
    ref("ShipToRef", "SO-604"),
    ("DocNo", [0], [(1042, "SO-609"), ("1042", "SO-104"), (1.5, "SO-104"), (2**31, "SO-609")], None),
    ("CustomerPO", ["", TEXT, "x" * 25], [("x" * 26, "SO-607"), (17, "SO-104"), ("a,b", "SO-616")], None),
    moment("Date", "SO-604"),
    ("PromiseDate", *moment("PromiseDate", "SO-604")[1:]),
    *(ref(name) for name in (
        "StatusRef", "ClassRef", "ContactRef", "CurrencyRef", "LocationRef", "ItemSalesTaxRef", "DiscountRef",
        "DiscountSalesTaxCodeRef", "AdditionalFeeItemRef", "AdditionalFeeSalesTaxCodeRef", "ShipMethodRef",
        "ShipSalesTaxCodeRef", "SalesRepRef", "TermRef")),
    text("FOB", 50),
    *(text(name, 4000) for name in ("InternalNotes", "Memo", "ShippingInstructions")),
    *(figure(name) for name in ("DiscountAmount", "AdditionalFeeAmount", "ShipAmount", "ExchangeRate")),
    ("BillAddress", [{}, {"City": "Oslo"}], [("Oslo", "SO-104"), ({"Town": "Oslo"}, "SO-110")], None),
    ("ShipAddress", [{}, {"City": "Oslo"}], [("Oslo", "SO-104"), ({"Town": "Oslo"}, "SO-110")], None),
    ("AllowShipPartial", [True, False], [("true", "SO-104"), (1, "SO-104")], "SO-604"),
    ("LineItems", [[LINE], [LINE, LINE]], [([], "SO-612"), ({}, "SO-104"), ([17], "SO-104")], "SO-612"),
    ("CustomFields", [[], [{"Name": "SOCust1"}]], [({}, "SO-104"), (["SOCust1"], "SO-104"), ([{}], "SO-620")], None),
]  # fmt: skip
OWN = [({"a": 1}, "SO-610"), (17, "SO-610"), (0, "SO-610")]
LINES = [
    ("$type", [TYPE], [("SalesOrderLineItem", "SO-602"), (TYPE.lower(), "SO-602"), (17, "SO-602"), ("", "SO-602")],
     "SO-602"),
    *((name, [], OWN, None) for name in ("Id", "LineNo", "StdCost", "StdPrice")),
    ref("ItemRef", "SO-105"),
    text("Description", 4000),
    text("LineInstructions", 4000),
    ref("SalesTaxCodeRef"),
    ref("UomRef"),
    figure("UomConversionRate"),
    figure("Price", "SO-105"),
    ("Quantity", [0.0001, 17, 1e3], [*figure("")[2], (0, "SO-613"), (-1, "SO-613")], "SO-105"),
    text("CustomerPartNo", 50),
    ("CustomFields", [[], [{"Name": "SOICust1", "Value": "Dry", "Caption": "H Code"}]], [([{}], "SO-620")], None),
]  # fmt: skip
ADDRESS = [
    *((name, ["", TEXT], [(94107, "SO-620"), ([], "SO-620")], None)
      for name in ("Addr1", "Addr2", "Addr3", "Addr4", "City", "State", "Zip", "Country", "Contact", "AltContact",
                   "Phone", "AltPhone", "Fax", "Email", "Website")),
    ("UpdateCustomerRecord", [True, False], [("false", "SO-620"), (0, "SO-620")], None),
]  # fmt: skip
CUSTOM = [
    ("Name", ["SOCust1"], [(17, "SO-620"), ("", "SO-620")], "SO-620"),
    ("Value", ["2018-10-24T00:00:00", "", 17, False, None], [], None),
    ("Caption", ["GTD", ""], [(17, "SO-620")], None),
]
REFERENCE = [
    ("Id", [1, 2**31 - 1], [(2**31, "SO-611"), (1.5, "SO-104")], "SO-605"),
    ("Name", ["A", ""], [(5, "SO-104")], None),
]
# What a value needs beside it so that nothing else is wrong.
BESIDE = {
    "DiscountAmount": "DiscountRef", "AdditionalFeeAmount": "AdditionalFeeItemRef", "ShipAmount": "ShipMethodRef",
    "ExchangeRate": "CurrencyRef", "UomConversionRate": "UomRef",
}  # fmt: skip
TABLES = {
    "": (SalesOrder, HEADER),
    "/LineItems/0": (SalesOrderLineItem, LINES),
    "/ShipAddress": (CustomerAddress, ADDRESS),
    "/BillAddress": (CustomerAddress, ADDRESS),
    "/CustomFields/0": (CustomFieldData, CUSTOM),
    "/LineItems/0/CustomFields/0": (CustomFieldData, CUSTOM),
    "/CustomerRef": (EntityRef, REFERENCE),
}
ROWS = [(f"{at}/{row[0]}", *row[1:]) for at, (_, table) in TABLES.items() for row in table]


def order_with(pointer, value):
    at, _, name = pointer.rpartition("/")
    order = with_member(f"{at}/{BESIDE[name]}", REF) if name in BESIDE else ORDER
    if pointer.endswith(("Caption", "Value")):
        order = with_member(f"{at}/Name", "SOCust1")
    if pointer == "/CustomerRef/Name":
        order = with_member("/CustomerRef/Id", 21)
    return with_member(pointer, value, order)


@pytest.mark.parametrize("at", TABLES)
def test_every_declared_member_has_its_row(at):
    struct, table = TABLES[at]
    assert sorted(row[0] for row in table) == sorted(members_of(struct))


@pytest.mark.parametrize(("pointer", "good", "bad", "null"), ROWS, ids=[row[0] for row in ROWS])
def test_each_member(pointer, good, bad, null):
    for value in good:
        assert codes(order_with(pointer, value)) == set(), value
    for value, code in bad:
        assert codes(order_with(pointer, value)) == {code}, value
        assert any(where.startswith(pointer) for _, where, _ in found(order_with(pointer, value))), value
    assert codes(order_with(pointer, None)) == ({null} if null else set())


@pytest.mark.parametrize(("pointer", "good", "bad", "null"), ROWS, ids=[row[0] for row in ROWS])
def test_the_rules_say_the_same_of_what_was_read_and_of_plain_data(pointer, good, bad, null):
    """What explaining leaves is typed where it decodes; a flawless order is looked at as plain data."""
    for value in [*good, *(each for each, _ in bad), None]:
        order = order_with(pointer, value)
        explained = explain(json.dumps(order).encode(), SalesOrder, (), lambda _: None)
        assert list(SPEC.rules(explained, SPEC.limits({}))) == list(SPEC.rules(order, SPEC.limits({})))
        assert SPEC.facts(explained) == SPEC.facts(order)


@pytest.mark.parametrize(
    ("pointer", "code"),
    [
        ("/CustomerRef", "SO-102"),
        ("/ShipToRef", "SO-604"),
        ("/Date", "SO-604"),
        ("/PromiseDate", "SO-604"),
        ("/AllowShipPartial", "SO-604"),
        ("/LineItems", "SO-612"),
        ("/LineItems/0/$type", "SO-601"),
        ("/LineItems/0/ItemRef", "SO-102"),
        ("/LineItems/0/Price", "SO-102"),
        ("/LineItems/0/Quantity", "SO-102"),
        ("/CustomerPO", None),
    ],
)
def test_a_member_that_is_not_there(pointer, code):
    assert [(each, where) for each, where, _ in found(without(pointer))] == ([(code, pointer)] if code else [])


def test_the_customer_alone_is_an_order_to_be_wondered_at():
    said = found({"CustomerRef": {"Id": 21}})
    assert {severity for _, _, severity in said} == {"warning"}
    assert [code for code, _, _ in said] == ["SO-604"] * 4 + ["SO-612"]


def test_a_setting_takes_the_tables_side():
    said = found(without("/Date"), strict_required=True)
    assert said == [("SO-604", "/Date", "error")]
    assert found(ORDER, strict_required=True) == []


@pytest.mark.parametrize(
    ("at", "value", "needed", "severity", "zero_is_nothing"),
    [
        ("/ExchangeRate", 1, "CurrencyRef", "error", False),
        ("/DiscountAmount", 5, "DiscountRef", "error", True),
        ("/ShipAmount", 15.0, "ShipMethodRef", "error", True),
        ("/AdditionalFeeAmount", 2, "AdditionalFeeItemRef", "warning", True),
        ("/LineItems/0/UomConversionRate", 12, "UomRef", "error", False),
    ],
)
def test_a_value_needs_what_it_belongs_to(at, value, needed, severity, zero_is_nothing):
    there = f"{at.rpartition('/')[0]}/{needed}"
    assert found(with_member(at, value)) == [("SO-608", at, severity)]
    assert found(with_member(there, None, with_member(at, value))) == [("SO-608", at, severity)]
    assert found(with_member(there, REF, with_member(at, value))) == []
    assert bool(found(with_member(at, 0))) != zero_is_nothing
    assert found(with_member(there, REF)) == []  # a discount may be a percentage of its own


@pytest.mark.parametrize("inside", ["ItemRef", "SalesTaxCodeRef", "UomRef"])
def test_one_id_with_two_names(inside):
    def order(*refs):
        return {**ORDER, "LineItems": [{**LINE, inside: each} for each in refs]}

    first, second = {"Id": 37, "Name": "Grey SN"}, {"Id": 37, "Name": "Grey FSN"}
    assert found(order(first, second)) == [("SO-614", f"/LineItems/1/{inside}/Name", "warning")]
    for unlike in (first, {"Id": 38, "Name": "Grey FSN"}, {"Id": 37}, {"Id": 37, "Name": ""}):
        assert found(order(first, unlike)) == []
    # The sample has "Non" as 12 and as 2: other kinds of references may count otherwise.
    assert found({**order(first), "ShipSalesTaxCodeRef": second}) == []


@pytest.mark.parametrize("day", ["2026-10-20T23:59:59", "2025-10-21T00:00:00"])
def test_a_promise_before_the_order(day):
    assert found({**ORDER, "PromiseDate": day}) == [("SO-615", "/PromiseDate", "warning")]
    assert found({**ORDER, "Date": "2026-10-21T09:00:00"}) == []  # the same day


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"$type": "%s", "ItemRef": {"Id": 37}, "Price": 1, "Quantity": 1}', None),
        ('{\n\t"$type":"%s", "ItemRef": {"Id": 37}, "Price": 1, "Quantity": 1}', None),
        ('{"\\u0024type": "%s", "ItemRef": {"Id": 37}, "Price": 1, "Quantity": 1}', None),
        ('{"ItemRef": {"Id": 37}, "$type": "%s", "Price": 1, "Quantity": 1}', "SO-603"),
        ('{"Description": "{\\"$type\\":", "ItemRef": {"Id": 1}, "Price": 1, "Quantity": 1, "$type": "%s"}', "SO-603"),
    ],
)
def test_the_type_comes_first(line, code):
    order = json.dumps({**ORDER, "LineItems": "@"}).replace('"@"', f"[{line % TYPE}]")
    assert found(order) == ([(code, "/LineItems/0/$type", "warning")] if code else [])


@pytest.mark.parametrize("name", ["CustomerRef", "CustomerPO", "LineItems", "$type", "ItemRef", "Quantity", "Price"])
def test_a_decisive_name_used_twice_is_an_error(name):
    text = json.dumps(ORDER)
    value = {**ORDER, **LINE}[name]
    written = f'"{name}": {json.dumps(value)}'
    assert ("SO-112", "error") in {
        (code, how) for code, _, how in found(text.replace(written, f"{written}, {written}"))
    }


def test_facts_are_the_same_typed_and_plain():
    typed = msgspec.json.decode(json.dumps(ORDER), type=SalesOrder)
    assert SPEC.facts(typed) == SPEC.facts(ORDER)
    facts = SPEC.facts(typed)
    assert (facts.lines, facts.rows, facts.number, facts.external, facts.reference) == (1, 1, None, None, "6T56-97")
    assert SPEC.facts([]) == SPEC.facts({"CustomerPO": "", "LineItems": 5})


def test_the_codes_are_complete_and_plain():
    assert [entry.code for entry in SPEC.codes] == [f"SO-{number}" for number in range(601, 622)]
    for entry in SPEC.codes:
        assert all((entry.title, entry.meaning, entry.rule, entry.example, entry.fix))
        assert entry.meaning.endswith(".")
