"""Thousands of good files with wounds, read by sobatch, orjson, ijson and a recogniser of our own: nothing broken is
accepted, nothing sound is called broken, and no fault is shown after the place where the text ceased to be JSON."""

from __future__ import annotations

import io
import json
import random
from dataclasses import dataclass
from typing import Any

import ijson
import orjson
import pytest
from json_machine import completed, impossible_at

from sobatch.core.check.one_source import Check
from sobatch.core.order.limits import Limits
from sobatch.core.read.scan import Broken, Form, Scanner
from sobatch.core.read.source import Source
from sobatch.erp.unit4.order import SPEC, Order

FILES, ROUNDS = 15_000, 15
PIECES = [
    *(b', : " [ ] { } \' / // # 0 1 - . e + a null tru NaN ,, }{ ][ "" {} [] 01 1. .5 1e5 -0'.split()),
    *(b"\\", b"\\u", b"\\u12", b"\\ud83d", b"\\udc00", b"\\ud83d\\ude00", b"\n", b"\t", b" ", b"\0", b"\x0c", b"\x1f"),
    *(b"\xe9", b"\xef\xbb\xbf", b"\xc2\xa0", b"\xe2\x80\x9c", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xf0\x9f"),
]
TEXTS = ["", "a", "Ås", "漢字", "😀", 'a"b', "c\\d", "e\nf", "\u2028", "{}", "[,]", "x" * 30]
# Refused though it is JSON: not an array, nested too deeply, too large. A text that is empty is no JSON either way.
NOT_SYNTAX = {"SO-011", "SO-020", "SO-045"}


def good(chance: random.Random) -> bytes:
    """A small array of orders, flawless or not, in some style of writing."""
    orders = [_order(chance) for _ in range(chance.randint(1, 3))]
    indent = chance.choice([None, None, 0, 1, "\t"])
    separators = chance.choice([(",", ":"), (", ", ": "), (" ,", " :")])
    if chance.random() < 0.15:
        return b"\n".join(json.dumps(each, ensure_ascii=False).encode() for each in orders)
    return json.dumps(orders, ensure_ascii=chance.random() < 0.5, indent=indent, separators=separators).encode()


def _order(chance: random.Random) -> Any:
    line = {
        "productCode": "P1",
        "quantity": 2,
        "price": chance.choice([0.9, 50.0, 1e2, -1, 10**25]),
        "glAnalysis": [{}],
    }
    order: dict[str, Any] = {"customerId": "C1", "transactionType": "SO", "responsible": "R", "salesPerson": "S"}
    if chance.random() < 0.7:
        order[chance.choice(["notes", "x", "orderType"])] = chance.choice(TEXTS)
    if chance.random() < 0.3:
        order["y"] = chance.choice([None, True, [], {}, [[1, 2], {"a": [None]}], -0.5])
    order["orderLines"] = [line] * chance.randint(0, 2)
    return order


def wounded(text: bytes, other: bytes, chance: random.Random) -> bytes:
    """The text with one to three wounds."""
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        at = chance.randint(0, len(text))
        span = chance.randint(1, 4)
        kind = chance.randrange(7)
        if kind == 0 and text:
            at = min(at, len(text) - 1)
            text = text[:at] + bytes([text[at] ^ (1 << chance.randrange(8))]) + text[at + 1 :]
        elif kind == 1:
            text = text[:at] + text[at + span :]
        elif kind == 2:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif kind == 3:
            text = text[:at] + chance.choice(PIECES) + text[at + span :]
        elif kind == 4:
            text = text[:at]
        elif kind == 5:
            text = text[:at] + other[chance.randint(0, len(other)) :]
        else:
            text = text[:at] + text[max(0, at - span * 3) : at] + text[at:]
    return text


@dataclass
class Reading:
    """What the scanner made of a text: the orders it cut out, and its faults as (code, offset)."""

    form: Form | None
    orders: list[bytes]
    faults: list[tuple[str, int]]


def read(text: bytes, window: int, order_type: Any) -> Reading:
    scanner: Scanner[Any] = Scanner(io.BytesIO(text), order_type, window=window)
    orders, faults = [], []
    for piece in scanner:
        if isinstance(piece, Broken):
            faults.append((piece.fault.code, piece.fault.offset))
        else:
            orders += [piece.text[start:end] for start, end in piece.cut()]
    return Reading(scanner.form, orders, faults)


def parsed(text: bytes) -> tuple[bool | None, Any]:
    """Whether orjson accepts it, and the value; None where it stopped at a number beyond a double, which is JSON."""
    try:
        return True, orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return None if "infinity" in str(error) else False, None


def judge_value(text: bytes, base: int, faults: list[tuple[str, int]]) -> bool:
    """Hold the faults found in one JSON value that begins at `base` against all other opinions; whether it is sound."""
    accepted, _ = parsed(text)
    impossible = impossible_at(text)
    assert accepted in (impossible is None, None)
    if impossible is None:
        assert [fault for fault in faults if fault[0] not in NOT_SYNTAX] == []
    else:
        assert faults
        assert parsed(completed(text[:impossible]))[0] is not False  # so far it could still have become valid
        assert min(offset for _, offset in faults) - base <= impossible
    return impossible is None


def judge(text: bytes, reading: Reading) -> bool:
    if reading.form is not Form.NDJSON:
        sound = judge_value(text, 0, reading.faults)
        if sound and not reading.faults:
            _, value = parsed(text)
            assert value is None or [parsed(order)[1] for order in reading.orders] == value
        return sound
    at, all_sound = 0, True
    for line in text.split(b"\n"):
        end = at + len(line)
        if line.strip(b" \t\r\n"):
            faults = [fault for fault in reading.faults if at <= fault[1] <= end]
            all_sound = judge_value(line, at, faults) and all_sound
        at = end + 1
    return all_sound


def noticed_by_ijson(text: bytes) -> int | None:
    """The offset of the byte at which ijson's C parser raises, fed one by one; None if it never does."""

    class _Sink:
        def send(self, event: Any) -> None:
            """Events do not matter here."""

    parser = ijson.basic_parse_coro(_Sink())
    for at in range(len(text)):
        try:
            parser.send(text[at : at + 1])
        except (ijson.JSONError, UnicodeDecodeError):
            return at
    try:
        parser.close()
    except ijson.JSONError:
        return len(text)
    return None


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_wounded_files_are_read_as_all_others_read_them(seed: int) -> None:
    chance = random.Random(seed)
    sound = 0
    for number in range(FILES // ROUNDS):
        text = good(chance)
        if number % 8:
            text = wounded(text, good(chance), chance)
        reading = read(text, chance.choice([1, 7, 64, 1 << 17]), chance.choice([None, Order]))
        sound += judge(text, reading)
        if number % 10 == 0 and reading.form is Form.ARRAY and reading.faults:
            noticed = noticed_by_ijson(text)
            if noticed is not None:
                assert reading.faults[0][1] <= noticed
        if number % 10 == 1:
            check = Check(SPEC, Limits())
            problems = check.problems(Source("text", lambda text=text: io.BytesIO(text), len(text), None))
            told = [(each.code, each.offset) for each in problems if each.code < "SO-100"]
            assert [each for each in told if each[0] not in ("SO-012", "SO-048")] == reading.faults
    assert 0.1 < sound / (FILES // ROUNDS) < 0.7  # wounds heal now and then, but most show


@pytest.mark.parametrize("seed", range(4))
def test_what_the_scanner_accepts_ijson_accepts(seed: int) -> None:
    chance = random.Random(f"ijson {seed}")
    for _ in range(500):
        text = wounded(good(chance), good(chance), chance)
        reading = read(text, 1 << 17, Order)
        if reading.form is Form.ARRAY and not reading.faults:
            assert len(list(ijson.items(io.BytesIO(text), "item"))) == len(reading.orders)
