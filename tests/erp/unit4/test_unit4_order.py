"""The quick look at a typed order and the explanation of a plain one agree, on anything; and the tables are right."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sobatch.core.check.explain import explain
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import Finding
from sobatch.erp.unit4.order import SPEC, Order
from sobatch.erp.unit4.rules import CODES

# Alphabetic and numeric codes, from the standard's own list by way of the iso-codes project (2026). The numbers are not
# used: they show that the list was not typed off the product's.
ISO_4217 = """
AED784 AFN971 ALL008 AMD051 AOA973 ARS032 AUD036 AWG533 AZN944 BAM977 BBD052 BDT050 BHD048 BIF108 BMD060 BND096
BOB068 BOV984 BRL986 BSD044 BTN064 BWP072 BYN933 BZD084 CAD124 CDF976 CHE947 CHF756 CHW948 CLF990 CLP152 CNY156
COP170 COU970 CRC188 CUP192 CVE132 CZK203 DJF262 DKK208 DOP214 DZD012 EGP818 ERN232 ETB230 EUR978 FJD242 FKP238
GBP826 GEL981 GHS936 GIP292 GMD270 GNF324 GTQ320 GYD328 HKD344 HNL340 HTG332 HUF348 IDR360 ILS376 INR356 IQD368
IRR364 ISK352 JMD388 JOD400 JPY392 KES404 KGS417 KHR116 KMF174 KPW408 KRW410 KWD414 KYD136 KZT398 LAK418 LBP422
LKR144 LRD430 LSL426 LYD434 MAD504 MDL498 MGA969 MKD807 MMK104 MNT496 MOP446 MRU929 MUR480 MVR462 MWK454 MXN484
MXV979 MYR458 MZN943 NAD516 NGN566 NIO558 NOK578 NPR524 NZD554 OMR512 PAB590 PEN604 PGK598 PHP608 PKR586 PLN985
PYG600 QAR634 RON946 RSD941 RUB643 RWF646 SAR682 SBD090 SCR690 SDG938 SEK752 SGD702 SHP654 SLE925 SOS706 SRD968
SSP728 STN930 SVC222 SYP760 SZL748 THB764 TJS972 TMT934 TND788 TOP776 TRY949 TTD780 TWD901 TZS834 UAH980 UGX800
USD840 USN997 UYI940 UYU858 UYW927 UZS860 VED926 VES928 VND704 VUV548 WST882 XAD396 XAF950 XAG961 XAU959 XBA955
XBB956 XBC957 XBD958 XCD951 XCG532 XDR960 XOF952 XPD964 XPF953 XPT962 XSU994 XTS963 XUA965 XXX999 YER886 ZAR710
ZMW967 ZWG924
""".split()

LIMITS = Limits(max_lines=3, max_rows=10, own_numbers=frozenset({"A"}))
DATES = ["2026-04-29", "1949-12-31", "1950-01-01", "2098-12-31", "2099-01-01", "1900-01-01", "2024-02-29", None]
NUMBERS = [
    *(
        "0",
        "1",
        "2",
        "-1",
        "0.9",
        "0.90",
        "50",
        "45",
        "45.00",
        "45.009",
        "45.011",
        "45.02",
        "44.99",
        "40.5",
        "1e2",
        "100",
    ),
    *("33.33", "33.34", "60", "99.995", "100.02", "1e-9", "1e25", "10000000000000000000000000", "0.1", "0.2", "0.3"),
    *("1e200", "1" + "0" * 200, "1e308", "-1e308", "123456789012345678901234567890", "9007199254740993"),
]
numbers, dates = st.sampled_from(NUMBERS), st.sampled_from(DATES).map(json.dumps)
words = st.sampled_from(["A", " ", "\t ", "\u00a0", "EUR", "eur", "EURO", "NOK", "", "\u3000", "x" * 255, None]).map(
    json.dumps
)
wholes = st.sampled_from(
    ["0", "202601", "202600", "202699", "195001", "194912", "209812", "209901", "2026", "-202601", "null"]
)


@st.composite
def members(draw: st.DrawFn, choices: dict[str, st.SearchStrategy[str]], **always: str) -> str:
    """An object with these members and some of the others, as text."""
    chosen = draw(st.lists(st.sampled_from(sorted(choices)), unique=True, max_size=4))
    parts = always | {name: draw(choices[name]) for name in chosen}
    return "{" + ", ".join(f'"{name}": {text}' for name, text in parts.items()) + "}"


@st.composite
def arrays(draw: st.DrawFn, element: st.SearchStrategy[str], most: int) -> str:
    """An array of some elements, as text."""
    return "[" + ", ".join(draw(st.lists(element, min_size=1, max_size=most))) + "]"


shares = members(
    {"percentageSplit": numbers, "amount": numbers, "account": words, "accounting": st.just('{"dim1": {}}')}
)
lines = members(
    {
        "currencyAmount": numbers, "price": numbers, "quantity": numbers, "lineDiscountPercent": numbers,
        "lineDeliveryDate": dates, "productCode": words, "unit": words, "glAnalysis": arrays(shares, 3),
    },
    productCode='"P1"', quantity="50", price="0.9", glAnalysis="[{}]",
)  # fmt: skip
order_texts = members(
    {
        "followUp": dates, "orderDate": dates, "currencyCode": words, "period": wholes, "companyId": words,
        "customerId": words, "transactionType": words, "notes": words, "orderNumber": wholes,
        "deliveryInformation": members({"deliveryDate": dates, "deliveryMethod": words}), "invoicing": st.just("null"),
    },
    customerId='"C1"', transactionType='"SO"', responsible='"R"', salesPerson='"S"', orderLines="@",
)  # fmt: skip
orders = st.builds(lambda order, held: order.replace('"@"', held).replace("@", held), order_texts, arrays(lines, 4))
_decoder = msgspec.json.Decoder(Order)
_NINES = "9" * 200  # as a whole number; the product of two of them is beyond a double
ENORMOUS = (
    '{"customerId": "C", "transactionType": "S", "responsible": "R", "salesPerson": "S", "orderLines": [{'
    f'"productCode": "P", "quantity": {_NINES}, "price": {_NINES}, "currencyAmount": 5, "glAnalysis": [{{}}]}}]}}'
)


@settings(max_examples=300, deadline=None)
@given(orders)
@example(ENORMOUS)
def test_the_quick_look_and_the_rules_agree(text: str) -> None:
    try:
        order = _decoder.decode(text)
    except msgspec.ValidationError:
        return
    found = list(SPEC.rules(json.loads(text), LIMITS))
    assert SPEC.suspicious(order, LIMITS) == bool(found)
    assert SPEC.facts(order) == SPEC.facts(json.loads(text))


@settings(max_examples=200, deadline=None)
@given(orders)
def test_what_decodes_has_no_finding_of_its_members_and_the_other_way_round(text: str) -> None:
    try:
        _decoder.decode(text)
    except msgspec.ValidationError:
        decodes = False
    else:
        decodes = True
    findings: list[Finding] = []
    value = explain(text.encode(), Order, tuple(SPEC.heavy_keys), findings.append)
    assert decodes == (not findings)
    # What explaining leaves, typed where it decodes, says to the rules what the plain data say.
    assert list(SPEC.rules(value, LIMITS)) == list(SPEC.rules(json.loads(text), LIMITS))
    assert SPEC.facts(value) == SPEC.facts(json.loads(text))


ONE_RULE_EACH: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"currencyCode": "EURO"}, {}),
    ({"period": 202600}, {}),
    ({"companyId": None}, {}),
    ({"customerId": " "}, {}),
    ({"transactionType": "\t"}, {}),
    ({"transactionType": "A"}, {}),
    ({"transactionType": "A", "orderNumber": 0}, {}),
    ({"followUp": "1900-01-01"}, {}),
    ({"orderDate": "2099-01-01"}, {}),
    ({"deliveryInformation": {"deliveryDate": "1949-12-31"}}, {}),
    ({"orderDate": "2026-04-29", "deliveryInformation": {"deliveryDate": "2026-04-28"}}, {}),
    ({}, {"productCode": " "}),
    ({}, {"lineDeliveryDate": "1900-01-01"}),
    ({}, {"currencyAmount": 46}),
    ({}, {"currencyAmount": 40.5, "lineDiscountPercent": 20}),
    ({}, {"glAnalysis": [{"percentageSplit": 99}]}),
    ({}, {"glAnalysis": [{"percentageSplit": 50}, {"percentageSplit": 49.98}]}),
]


@pytest.mark.parametrize(("header", "line"), ONE_RULE_EACH)
def test_each_rule_alone_is_seen_by_both(header: dict[str, Any], line: dict[str, Any]) -> None:
    flawless = {"productCode": "P1", "quantity": 50, "price": 0.9, "glAnalysis": [{}]}
    order = {
        "customerId": "C",
        "transactionType": "S",
        "responsible": "R",
        "salesPerson": "S",
        "orderLines": [flawless],
    }
    assert not SPEC.suspicious(_decoder.decode(json.dumps(order)), LIMITS)
    assert list(SPEC.rules(order, LIMITS)) == []
    order |= {**header, "orderLines": [flawless, {**flawless, **line}]}
    assert SPEC.suspicious(_decoder.decode(json.dumps(order)), LIMITS)
    assert len(list(SPEC.rules(order, LIMITS))) == 1


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([10**400, -(10**400)]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@st.composite
def strange(draw: st.DrawFn) -> dict[str, Any]:
    """Plain data in which any member may be anything."""

    def some(names: str) -> dict[str, Any]:
        return {name: draw(anything) for name in names.split() if draw(st.booleans())}

    held = [
        {**some("currencyAmount price quantity lineDiscountPercent lineDeliveryDate productCode"),
         "glAnalysis": draw(anything | st.just([{"percentageSplit": 10**400}, some("percentageSplit")]))}
        for _ in range(draw(st.integers(0, 2)))
    ]  # fmt: skip
    header = some(
        "customerId transactionType currencyCode period companyId followUp orderDate orderNumber externalOrderId"
    )
    inner = {"deliveryInformation": some("deliveryDate")} if draw(st.booleans()) else some("deliveryInformation")
    return {**header, **inner, "orderLines": held if draw(st.booleans()) else [*held, draw(anything)]}


@settings(max_examples=200, deadline=None)
@given(strange())
@example({"orderLines": [{"currencyAmount": 10**400, "price": 10**300, "quantity": 10**300}]})
@example({"orderLines": [{"currencyAmount": 1, "price": 10**200, "quantity": 10**200}], "period": 10**4000})
def test_no_data_upsets_the_rules(order: dict[str, Any]) -> None:
    for finding in SPEC.rules(order, LIMITS):
        assert re.fullmatch(r"(/[A-Za-z0-9]+)*", finding.pointer)
        assert finding.message
    SPEC.facts(order)


# -- tables ---------------------------------------------------------------------------------------------------------


def test_currencies_are_those_of_the_standard() -> None:
    assert {row[:3] for row in ISO_4217} == CODES
    assert len({row[3:] for row in ISO_4217}) == len(ISO_4217)


@pytest.mark.parametrize(
    ("options", "lines", "rows"),
    [
        ({}, 12, 37_000),
        ({"skip_workflow": False}, 12, 37_000),
        ({"skip_workflow": True}, 1_000, 1_550_000),
        ({"skip_workflow": True, "max_lines": 50}, 50, 1_550_000),
        ({"max_rows": 100, "max_lines": 5}, 5, 100),
    ],
)
def test_limits_are_the_document_s_unless_they_are_set(options: dict[str, Any], lines: int, rows: int) -> None:
    limits = SPEC.limits(options)
    assert (limits.max_lines, limits.max_rows, limits.headroom) == (lines, rows, 0.05)
    wider = 1_000 if lines == 12 else None
    wanted = Limits(lines, rows, 9, 3, 0, wider_lines=wider)
    assert SPEC.limits({**options, "headroom": 0, "max_bytes": 9, "max_orders": 3}) == wanted


@pytest.mark.parametrize(("lines", "rows"), [(0, 1), (1, 4), (4, 13), (5, 16), (12, 37), (1_000, 3_001)])
def test_the_rows_of_an_order_follow_from_its_lines(lines: int, rows: int) -> None:
    facts = SPEC.facts({"transactionType": "SO", "orderLines": [{}] * lines})
    assert (facts.group, facts.lines, facts.rows) == ("SO", lines, rows)


@pytest.mark.parametrize(
    ("order", "number", "external", "reference"),
    [
        ({"orderNumber": 7, "externalOrderId": "W", "externalReference": "R"}, "7", "W", "R"),
        ({"orderNumber": "7"}, "7", None, None),
        ({"orderNumber": 0, "externalOrderId": "", "externalReference": None}, None, None, None),
        ({"orderNumber": True, "externalOrderId": 5}, None, None, None),
        ({"orderNumber": None}, None, None, None),
        ({}, None, None, None),
    ],
)
def test_keys_are_text_and_empty_ones_are_none(
    order: dict[str, Any], number: str | None, external: str | None, reference: str | None
) -> None:
    facts = SPEC.facts(order)
    assert (facts.number, facts.external, facts.reference) == (number, external, reference)
