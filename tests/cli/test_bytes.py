"""Bytes in, the same bytes out: every order the pretend ERP received is, byte for byte, what the user wrote."""

from __future__ import annotations

import gzip

import pytest
import zstandard
from sending_door import sha256

from sobatch.sandbox import Record

PLAIN = b'{"customerId":"1000","transactionType":"SO","responsible":"FRED","salesPerson":"SYSEN","orderLines":[%s]}'
LINE = b'{"productCode":"1000","quantity":1,"price":%s}'
NUMBERS = [
    b"50.0",
    b"0.90",
    b"0.9",
    b"1e2",
    b"1E+2",
    b"1.0e-2",
    b"100",
    b"-0.0",
    b"0.1000000000000000055511151231257827",
    b"123456789012345678901234567890",
    b"3.14159265358979323846264338327",
    b"1.7976931348623157e308",
]
TEXTS = [
    '"Fredrik Grinøy"',
    r'"Fredrik Grin\u00f8y"',
    r'"\ud83d\ude00"',
    '"😀"',
    r'"a\/b"',
    '"a/b"',
    r'"tab\tquote\""',
    '"漢字 \u200b\u0301"',
    r'"\u0041"',
    '""',
]
WHOLE = [
    b'{\r\n\t"transactionType" : "SM", "customerId"\n:"1000",\n "orderNumber":70001, "responsible":"FRED",'
    b' "salesPerson" :"SYSEN" ,"orderLines":[ {"quantity":1 ,"price":0.90 , "productCode":"1000"} ] }',
    b'{"unknown":{"deep":[1e999,{"a":[]}],"a":null},' + PLAIN[1:] % (LINE % b"1.50"),
    PLAIN % (LINE % b"2.50" + b" ,\n" + LINE % b"2.5"),
]


def raw_orders() -> list[bytes]:
    """Orders that a tool which reads and writes JSON would change."""
    priced = [PLAIN % (LINE % number) for number in NUMBERS]
    named = [b'{"notes":%s,' % text.encode() + PLAIN[1:] % (LINE % b"1") for text in TEXTS]
    return priced + named + WHOLE


def joined(raw: list[bytes], before: bytes, between: bytes, after: bytes) -> bytes:
    return before + between.join(raw) + after


FILES = {
    "compact": lambda raw: joined(raw, b"[", b",", b"]"),
    "spread": lambda raw: joined(raw, b"\n [\r\n\t", b"\r\n ,\t\n", b" \n]\n\n"),
    "one on a line": lambda raw: joined([one for one in raw if b"\n" not in one], b"", b"\n", b"\n"),
    "zstd of a parallel tool": lambda raw: (
        b"\x50\x2a\x4d\x18\x04\0\0\0size" + zstandard.compress(joined(raw, b"[", b", ", b"]"))
    ),
    "gzip": lambda raw: gzip.compress(joined(raw, b"[", b", ", b"]")),
}


@pytest.mark.parametrize("made", FILES.values(), ids=FILES)
@pytest.mark.parametrize("flags", [[], ["--max-orders", "3"]], ids=["one part a type", "many parts"])
def test_every_order_arrives_as_it_was_written(door, pretend, made, flags):
    world, content = pretend(), made(raw_orders())
    told = door("submit", door.file("orders.json", content), *flags)
    assert told.code == 0, told.err
    wanted = [sha256(one) for one in raw_orders() if made is not FILES["one on a line"] or b"\n" not in one]
    assert sorted(each.sha256 for each in world.received()) == sorted(wanted)
    assert world.missing(wanted) == world.doubles(wanted) == {}


def test_orders_keep_their_sequence_inside_a_type(door, pretend):
    world = pretend()
    raw = raw_orders()
    assert door("submit", door.file("orders.json", FILES["compact"](raw)), "--max-orders", "4").code == 0
    plain = [sha256(one) for one in raw if b'"transactionType":"SO"' in one]
    assert [each.sha256 for each in world.received() if each.transaction_type == "SO"] == plain


def test_the_embedded_pretend_erp_gets_the_same_bytes(door):
    raw = raw_orders()
    assert door("submit", door.file("orders.json", FILES["spread"](raw)), "--sandbox").code == 0
    with Record(door.state / "sandbox" / "unit4.sqlite") as record:
        assert record.missing(map(sha256, raw)) == record.doubles(map(sha256, raw)) == {}


def test_what_is_rejected_comes_back_as_it_was_written(door, pretend):
    pretend()
    raw = [PLAIN % (LINE % b"0.90"), PLAIN.replace(b"1000", b"9999", 1) % (LINE % b"1e2"), PLAIN % b"{}"]
    told = door("submit", door.file("o.json", FILES["spread"](raw)), "--set-aside-invalid", "--output", "json")
    assert told.code == 4
    (rejects,) = door.folder.glob("o.*.rejects.json")
    assert str(rejects) == told.run["rejects_file"]
    assert rejects.read_bytes() == b"[\n" + raw[1] + b",\n" + raw[2] + b"\n]\n"
