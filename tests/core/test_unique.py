"""Every use of a value after the first is told, with the first, in the order of the input."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sobatch.core.unique import Repeat, Uniques

KEYS = ("number", "external", "reference")
rows = st.lists(st.tuples(st.sampled_from(KEYS), st.text(max_size=2) | st.sampled_from(["7", "07", "W", "w", " W"])))


def naive(added: list[tuple[str, str, int]]) -> list[Repeat]:
    first: dict[tuple[str, str], int] = {}
    found = []
    for key, value, index in sorted(added, key=lambda row: row[2]):
        if (key, value) in first:
            found.append(Repeat(key, value, index, first[key, value]))
        first.setdefault((key, value), index)
    return sorted(found, key=lambda repeat: (repeat.index, repeat.key))


@settings(max_examples=200, deadline=None)
@given(st.lists(rows, max_size=4), st.integers(1, 3))
def test_repeats_are_those_of_looking_at_all(batches: list[list[tuple[str, str]]], step: int) -> None:
    uniques = Uniques()
    added, base = [], 0
    for batch in batches:
        chosen = dict.fromkeys((key, value, at * step) for at, (key, value) in enumerate(batch))
        uniques.add(chosen, base)
        added += [(key, value, base + at) for key, value, at in chosen]
        base += len(batch) * step
    assert list(uniques.repeats()) == naive(added)
    uniques.close()


def test_values_are_compared_exactly() -> None:
    uniques = Uniques()
    values = ["7", "7.0", "07", "Å", "A\u030a", "", "w", "W", "W ", "\u0000", "\u0000a"]
    uniques.add([("external", value, index) for index, value in enumerate(values)])
    uniques.add([("reference", value, index) for index, value in enumerate(values)])
    assert list(uniques.repeats()) == []
    uniques.close()
