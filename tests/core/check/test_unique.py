"""Every use of a value after the first is told, with the first, in the order of the input, however many there are."""

from __future__ import annotations

from array import array
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_orders import source_of

from sobatch.core.check.one_source import Check
from sobatch.core.check.repeats import Hashes
from sobatch.core.order.limits import Limits
from sobatch.erp.unit4.order import SPEC

MEMBERS = {"orderNumber": "SO-203", "externalOrderId": "SO-204"}
GOOD = (
    '{%s"customerId": "C1", "transactionType": "SO", "responsible": "R", "salesPerson": "S", "orderLines": '
    '[{"productCode": "P1", "quantity": 2, "price": 1, "glAnalysis": [{}]}]}'
)
VALUES = {
    "orderNumber": ["7", "8", "0", "70", "null", "123456789012345678901234567890"],
    "externalOrderId": [
        '"7"',
        '"07"',
        '"W"',
        '"w"',
        '"W "',
        '""',
        "null",
        '"Å"',
        '"\\u00c5"',
        '"A\\u030a"',
        '"\\u0000"',
    ],
    "externalReference": ['"7"', '"W"', '"漢"', '""'],
}
SAME = {'"\\u00c5"': '"Å"'}
NONE = {"0", "null", '""'}


@st.composite
def keys(draw: st.DrawFn) -> dict[str, str]:
    """Some keys of one order, as text."""
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True))
    return {name: draw(st.sampled_from(VALUES[name])) for name in names}


def sharing(rows: list[dict[str, str]]) -> list[str]:
    """The note about references that several orders have, counted by looking at all."""
    uses = Counter(row["externalReference"] for row in rows if row.get("externalReference", '""') not in NONE)
    shared = [number for number in uses.values() if number > 1]
    what = "one externalReference" if len(shared) == 1 else f"{len(shared)} values of externalReference"
    return [f"{sum(shared)} orders share {what}."] if shared else []


def naive(rows: list[dict[str, str]]) -> list[tuple[int, str, str, int]]:
    """Index, member, code and first index of every repeat that is no note, found by looking at all."""
    first: dict[tuple[str, str], int] = {}
    found = []
    for index, row in enumerate(rows):
        for name, text in row.items():
            use = (name, SAME.get(text, text))
            if name in MEMBERS and text not in NONE and first.setdefault(use, index) != index:
                found.append((index, name, MEMBERS[name], first[use]))
    return sorted(found)


@settings(max_examples=150, deadline=None)
@given(st.lists(keys(), max_size=12), st.sampled_from([50, 1 << 17]))
def test_repeats_are_those_of_looking_at_all(rows: list[dict[str, str]], window: int) -> None:
    texts = [GOOD % "".join(f'"{name}": {value}, ' for name, value in row.items()) for row in rows]
    text = ("[" + ",\n".join(texts) + "]").encode()
    check = Check(SPEC, Limits(), window=window)
    found, notes = [], []
    for problem in check.problems(source_of(text)):
        if problem.code in ("SO-203", "SO-204"):
            assert problem.index is not None
            name = problem.pointer.split("/")[2]
            value = rows[problem.index][name].encode()
            assert text[problem.offset : problem.offset + len(value)] == value
            first = int(problem.message.split("first by order ")[1].split(",")[0])
            found.append((problem.index, name, problem.code, first))
        elif problem.code == "SO-217":
            notes.append(problem.message)
    assert (sorted(found), notes) == (naive(rows), sharing(rows))
    assert [row[0] for row in found] == sorted(row[0] for row in found)
    assert list(check.faulty) == sorted({index for index, _, code, _ in naive(rows) if code == "SO-203"})


@pytest.mark.parametrize("count", [100, 1 << 17, 300_000])
def test_hashes_that_occur_twice_are_found_in_memory_and_on_disk(count: int) -> None:
    hashes = Hashes()
    for start in range(0, count, 50_000):
        part = array("q", range(start, min(start + 50_000, count)))
        hashes.add({"number": part, "external": array("q", (-each for each in part))})
    hashes.add({"number": array("q", [5, 7, 7]), "reference": array("q", [1])})
    assert hashes.suspects() == {"number": {5, 7}}
    assert [hashes.shared(key) for key in ("number", "external", "reference", "none")] == [
        (5, 2),
        (0, 0),
        (0, 0),
        (0, 0),
    ]
    assert hashes.suspects() == {"number": {5, 7}}
    hashes.close()


def test_of_very_many_repeats_every_value_is_looked_at() -> None:
    hashes = Hashes()
    for _ in range(2):
        hashes.add({"number": array("q", range(100_000))})
    assert hashes.suspects() == {"number": None}
    hashes.close()
