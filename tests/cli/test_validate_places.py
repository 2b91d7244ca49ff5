"""The mark stands under the wrong value in the terminal, however wide the characters before it are."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from offline_orders import good


def cells(text):
    """What a terminal gives a text: an independent and simple count."""
    return sum(0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def marked(out):
    """The text above the mark of the first problem, by cells."""
    lines = out.splitlines()
    at = next(at for at, line in enumerate(lines) if re.fullmatch(r" +\| +\^+", line))
    line, mark = lines[at - 1], lines[at]
    start, width = mark.index("^"), mark.count("^")
    at, taken = 0, ""
    for char in line:
        if start <= at < start + width:
            taken += char
        at += cells(char)
    return taken


BEFORE = {
    "plain": "abc",
    "wide": "北京市東京都",
    "combining": "e\u0301a\u0308o\u0302",
    "emoji": "📦📦",
    "hangul": "한국어",
    "fullwidth": "\uff21\uff22\uff23",
    "tab escaped": "a\tb",
    "mixed": "ä北e\u0301📦x",
    "long": "x" * 5_000,
    "long and wide": "北" * 3_000,
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
@pytest.mark.parametrize("after", ["", "北" * 2_000])
def test_the_mark_is_under_the_value(door, before, after):
    order = {"notes": before} | good(orderDate="2026-02-30") | {"deliveryInformation": {"deliveryComment": after}}
    text = b"[" + json.dumps(order, ensure_ascii=False).encode() + b"]"
    told = door("validate", door.file("orders.json", text))
    assert marked(told.out) == '"2026-02-30"'
    assert all(cells(line) <= 120 for line in told.out.splitlines() if "|" in line)


@pytest.mark.parametrize("blank", ["\t", "\t\t ", "  \t", " " * 300])
def test_tabs_are_shown_as_the_cells_they_take(door, blank):
    text = f'[\n{{{blank}"customerId":{blank}17}}]'.encode()
    told = door("validate", door.file("orders.json", text))
    assert "\t" not in told.out
    assert marked(told.out[told.out.index("SO-104") :]) == "17"


def test_the_column_counts_characters_and_the_offset_bytes(door):
    text = ("[" + json.dumps({"notes": "北📦é"} | good(orderDate="2026-02-30"), ensure_ascii=False) + "]").encode()
    (problem, _) = door("validate", door.file("o.json", text), "-o", "json").document["result"]["problems"]
    assert problem["column"] == text.decode().index('"2026-02-30"') + 1
    assert problem["offset"] == text.index(b'"2026-02-30"')


def test_a_missing_member_is_placed_at_the_object_that_lacks_it(door):
    text = b'[\n  {"transactionType": "SO",\n   "orderLines": [{"productCode": "1"}]}\n]'
    problems = door("validate", door.file("o.json", text), "-o", "json").document["result"]["problems"]
    places = {(each["code"], each["pointer"]): (each["line"], each["column"]) for each in problems}
    assert places["SO-102", "/0/customerId"] == (2, 3)
    assert places["SO-102", "/0/orderLines/0/quantity"] == (3, 19)
