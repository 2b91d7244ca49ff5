"""What a MYOB EXO order is, member by member and rule by rule, through the explanation that `validate` gives."""

from __future__ import annotations

import json

import pytest

from sobatch.core.check.explain import explain
from sobatch.core.order.declared import decoder_of, documented
from sobatch.erp.myob_exo.codes import CODES
from sobatch.erp.myob_exo.order import SPEC, Order
from sobatch.erp.myob_exo.rules import CALCULATED, CALCULATED_OF_A_LINE

TEXT, WHOLE, NUMBER, FLAG, DAY, MOMENT = "text", "whole", "number", "flag", "day", "moment"
ACCEPTED = {
    TEXT: ('"x"', '""', '"漢"'),
    WHOLE: ("-1",),
    NUMBER: ("0.90", "1e0", "1"),
    FLAG: ("true", "false"),
    DAY: ('"2014-10-10"',),
    MOMENT: ('"2014-10-10T08:00:00+11:00"', '"2014-10-10T08:00:00"'),
}
REFUSED = {
    TEXT: (("17", "SO-104"), ("[]", "SO-104")),
    WHOLE: (('"1"', "SO-104"), ("1.5", "SO-104"), ("true", "SO-104")),
    NUMBER: (('"1"', "SO-104"), ("{}", "SO-104"), ("1e400", "SO-048")),
    FLAG: (("1", "SO-104"), ('"true"', "SO-104")),
    DAY: (("17", "SO-104"), ('"10.10.2014"', "SO-109"), ('"2014-02-30"', "SO-108")),
    MOMENT: (("17", "SO-104"), ('"2014-10-10"', "SO-109"), ('"2014-02-30T08:00:00"', "SO-108")),
}
HEADER = {
    "customerordernumber": TEXT, "reference": TEXT, "instructions": TEXT, "narrative": TEXT, "accountname": TEXT,
    "orderdate": DAY, "duedate": DAY, "finalisationdate": DAY, "activationdate": MOMENT, "currencyid": WHOLE,
    "exchangerate": NUMBER, "istaxinclusive": FLAG, "taxrounding": NUMBER, "branchid": WHOLE, "id": WHOLE,
    "defaultlocationid": WHOLE, "contactid": WHOLE, "salespersonid": WHOLE,
}  # fmt: skip
LINE = {
    "isoriginatedfromtemplate": FLAG, "discount": NUMBER, "unitprice": NUMBER, "ispriceoverridden": FLAG,
    "locationid": WHOLE, "taxrateid": WHOLE, "listprice": NUMBER, "pricepolicyid": WHOLE, "id": WHOLE,
    "branchid": WHOLE, "taxratevalue": NUMBER, "istaxoverridden": FLAG, "taxoverridevalue": NUMBER, "narrative": TEXT,
    "backorderquantity": NUMBER, "description": TEXT, "batchcode": TEXT, "duedate": DAY, "rankorder": WHOLE,
}  # fmt: skip
MEMBERS = [("", name, kind) for name, kind in HEADER.items()] + [("lines/0", name, kind) for name, kind in LINE.items()]
NEVER_NULL = [("", "debtorid"), ("", "status"), ("", "allowcustomerordernumber"), ("lines/0", "stockcode")]
NEVER_NULL += [("lines/0", "orderquantity")]
GOOD_LINE = {"stockcode": '"DIFF01"', "orderquantity": "1"}


def order(place: str = "", name: str = "", value: str | None = None, **beside: str) -> bytes:
    """A flawless order as text, with one member laid over it; None takes it out."""
    header = {"debtorid": "2", "status": "0"} | (beside if not place else {})
    line = GOOD_LINE | (beside if place else {})
    target = line if place else header
    target.pop(name, None) if value is None else target.update({name: value})
    header.setdefault("lines", "[" + _object(line) + "]")
    return _object(header).encode()


def _object(members: dict[str, str]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in members.items()) + "}"


def found(raw: bytes, **options) -> list[tuple[str, str, str]]:
    told = []
    raw = documented(raw, Order)
    value = explain(raw, Order, tuple(SPEC.heavy_keys), told.append)
    told.extend(SPEC.rules(value, SPEC.limits(options)))
    return [(each.code, each.severity.value, each.pointer) for each in told]


def errors(raw: bytes, **options) -> list[str]:
    return [code for code, severity, _ in found(raw, **options) if severity == "error"]


@pytest.mark.parametrize(("place", "name", "kind"), MEMBERS)
def test_each_member_takes_its_kind_and_null_and_nothing_else(place, name, kind):
    for value in (*ACCEPTED[kind], "null"):
        beside = {"taxoverridevalue": "1"} if name == "istaxoverridden" else {}
        assert errors(order(place, name, value, **beside)) == [], value
        decoder_of(Order).decode(order(place, name, value))
    for value, code in REFUSED[kind]:
        assert [(each, at) for each, _, at in found(order(place, name, value)) if each == code] == [
            (code, f"/{place}/{name}" if place else f"/{name}")
        ], value


@pytest.mark.parametrize(("place", "name"), NEVER_NULL)
def test_five_members_are_never_null(place, name):
    assert "SO-105" in errors(order(place, name, "null"))


@pytest.mark.parametrize("name", ["debtorid", "status"])
def test_two_members_must_be_there(name):
    assert errors(order("", name, None)) == ["SO-102"]


@pytest.mark.parametrize("name", sorted(CALCULATED - {"href"}))
@pytest.mark.parametrize("value", ["1", "null", '"x"'])
def test_a_calculated_member_is_only_told(name, value):
    assert found(order("", name, value)) == [("SO-712", "warning", f"/{name}")]


@pytest.mark.parametrize("name", sorted(CALCULATED_OF_A_LINE))
def test_a_calculated_member_of_a_line_too(name):
    assert found(order("lines/0", name, "1")) == [("SO-712", "warning", f"/lines/0/{name}")]


RULES = [
    ("", {"status": "3"}, ()),
    ("", {"status": "1"}, ("SO-701",)),
    ("", {"status": "2"}, ("SO-701",)),
    ("", {"status": "7"}, ("SO-701",)),
    ("", {"status": "4"}, ("SO-710",)),
    ("", {"status": "5"}, ("SO-710",)),
    ("", {"finalised": "0"}, ()),
    ("", {"finalised": "1"}, ("SO-711",)),
    ("", {"finalised": "4"}, ("SO-701",)),
    ("", {"id": "10009"}, ("SO-706",)),
    ("", {"id": "0"}, ("SO-706",)),
    ("", {"id": "-1"}, ()),
    ("", {"currencyid": "0", "exchangerate": "1"}, ()),
    ("", {"currencyid": "0", "exchangerate": "1.25"}, ("SO-704",)),
    ("", {"currencyid": "1", "exchangerate": "1.25"}, ()),
    ("", {"exchangerate": "0"}, ("SO-704",)),
    ("", {"reference": f'"{"r" * 20}"'}, ()),
    ("", {"reference": f'"{"r" * 21}"'}, ("SO-700",)),
    ("", {"customerordernumber": f'"{"n" * 21}"'}, ("SO-700",)),
    ("", {"instructions": f'"{"i" * 256}"'}, ("SO-700",)),
    ("", {"narrative": f'"{"n" * 5000}"'}, ()),
    ("", {"accountname": '"Sample Ltd"'}, ("SO-713",)),
    ("", {"finalisationdate": '"2014-10-10"'}, ("SO-713",)),
    ("", {"lines": "[]"}, ("SO-714",)),
    ("", {"lines": "null"}, ("SO-714",)),
    ("", {"deliveryaddress": '{"line1": "x", "line6": null}'}, ()),
    ("", {"deliveryaddress": '[{"line1": "x"}]'}, ()),
    ("", {"deliveryaddress": "null"}, ()),
    ("", {"deliveryaddress": '"x"'}, ("SO-705",)),
    ("", {"deliveryaddress": '{"line7": "x"}'}, ("SO-705",)),
    ("", {"deliveryaddress": '{"line1": 7}'}, ("SO-705",)),
    ("", {"deliveryaddress": f'{{"line1": "{"a" * 31}"}}'}, ("SO-700",)),
    ("", {"extrafields": '[{"key": "X_CHECKEDBY", "value": 1}]'}, ()),
    ("", {"extrafields": '[{"key": " "}]'}, ("SO-707",)),
    ("", {"extrafields": "[]"}, ()),
    ("", {"nothing": "1"}, ("SO-110",)),
    ("lines/0", {"linetype": "0"}, ()),
    ("lines/0", {"linetype": "3"}, ("SO-701",)),
    ("lines/0", {"stockcode": '""'}, ("SO-105",)),
    ("lines/0", {"stockcode": f'"{"s" * 24}"'}, ("SO-700",)),
    ("lines/0", {"description": f'"{"d" * 40}"'}, ()),
    ("lines/0", {"description": f'"{"d" * 41}"'}, ("SO-715",)),
    ("lines/0", {"description": f'"{"d" * 101}"'}, ("SO-700",)),
    ("lines/0", {"batchcode": f'"{"b" * 21}"'}, ("SO-700",)),
    ("lines/0", {"istaxoverridden": "true"}, ("SO-703",)),
    ("lines/0", {"istaxoverridden": "true", "taxoverridevalue": "12.5"}, ()),
    ("lines/0", {"istaxoverridden": "false"}, ()),
    ("lines/0", {"taxratevalue": "12.5"}, ("SO-716",)),
    ("lines/0", {"unitprice": "9.5"}, ("SO-717",)),
    ("lines/0", {"unitprice": "9.5", "ispriceoverridden": "true"}, ()),
    ("lines/0", {"pricepolicyid": "-1"}, ()),
    ("lines/0", {"id": "66"}, ("SO-706",)),
    ("lines/0", {"extrafields": '[{"key": ""}]'}, ("SO-707",)),
]


@pytest.mark.parametrize(("place", "members", "codes"), RULES)
def test_rules(place, members, codes):
    assert tuple(code for code, _, _ in found(order(place, **members))) == codes


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ('{"orderquantity": 1}', ["SO-702"]),
        ('{"stockcode": "X"}', ["SO-702"]),
        ('{"bomcode": "KIT", "orderquantity": 1}', []),
        ('{"linetype": 4, "description": "thank you"}', []),
        ("{}", ["SO-702", "SO-702"]),
    ],
)
def test_what_makes_a_line(line, codes):
    assert errors(order("", "lines", f"[{line}]")) == codes


def test_a_site_has_its_own_lengths():
    assert errors(order("", "reference", f'"{"r" * 30}"'), reference_length=30) == []
    assert errors(order("lines/0", "stockcode", '"ABCDEF"'), stockcode_length=5) == ["SO-700"]


def test_names_come_in_any_case_and_twice_is_twice():
    raw = b'{"DebtorId": 2, "STATUS": 0, "Lines": [{"StockCode": "X", "OrderQuantity": 1}]}'
    assert found(raw) == []
    assert errors(raw.replace(b'"STATUS": 0', b'"STATUS": 0, "debtorid": 3')) == ["SO-112"]
    facts = SPEC.facts(explain(documented(raw, Order), Order, (), lambda told: None))
    assert (facts.lines, facts.rows) == (1, 1)


def test_the_owners_sample_says_what_would_not_be_used():
    """The document shows an order as it is read back: it has an id, a total, and everything calculated."""
    line = GOOD_LINE | dict.fromkeys(sorted(CALCULATED_OF_A_LINE), "0") | {"id": "66", "extrafields": "[]"}
    sample = {"debtorid": "2", "lines": f"[{_object(line)}]", "status": "3", "id": "10009"}
    sample |= dict.fromkeys(sorted(CALCULATED), "0") | {"href": '"x"'}
    codes = [code for code, _, _ in found(_object(sample).encode())]
    assert codes.count("SO-706") == 2
    assert codes.count("SO-712") == len(CALCULATED) + len(CALCULATED_OF_A_LINE)
    assert set(codes) == {"SO-706", "SO-712"}


def test_every_code_is_told_somewhere():
    elsewhere = {"SO-702", "SO-712", "SO-720", "SO-721", "SO-722", "SO-730", "SO-731"}
    assert {code.code for code in CODES} <= {code for _, _, codes in RULES for code in codes} | elsewhere
    assert len({code.code for code in CODES}) == len(CODES)


def test_keys():
    text = order("", "reference", '"W1"', customerordernumber='"4711"')
    facts = SPEC.facts(decoder_of(Order).decode(text))
    assert (facts.number, facts.external, facts.reference, facts.lines) == (None, "W1", "4711", 1)
    assert SPEC.facts(json.loads(text)) == facts
    assert [code for code, *_ in SPEC.input_notes((), 3, 1)] == ["SO-722"]
    assert list(SPEC.input_notes((), 3, 0)) == []
