"""Lists that are odd, but not false: what the product proves of an order is what became of it."""

from __future__ import annotations

import random
import sys
from collections import Counter

import pytest
from hostile import Maker, judged, written
from oracle import Case

GATE, FULL = 5_000, 1_000_000


def wrong(case: Case, truth: list[str], states: list[str], again: list[int]) -> bool:
    """Whether the product says something of a part that is not so. Equal orders may stand for each other."""
    became, said, resent = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for place, order in enumerate(case.orders):
        content = repr(sorted(order.members.items()))
        became[content, truth[place].replace("neither", "not_created")] += 1
        if states[place] != "unknown":
            said[content, states[place]] += 1
        if place in again:
            resent[content, "rejected"] += 1
    return not (said <= became and resent <= became)


def proved(seed: int, most: int, orders: int) -> Counter[str]:
    """Judge so many orders in parts of up to `most`; counts the verdicts."""
    maker, seen = Maker(random.Random(seed), most, lies=False), Counter[str]()
    while seen.total() < orders:
        case, truth = maker.truthful()
        _, states, again = judged(case)
        if wrong(case, truth, states, again):
            lists = [[(entry.position, written(entry)) for entry in one] for one in (case.failed, case.created)]
            said = f"{states}, sent again {again}, but it became {truth}"
            pytest.fail(f"seed {seed} after {seen.total()} orders: {said}\n{case}\n{lists}")
        seen.update(states)
    return seen


def test_what_is_proved_is_so() -> None:
    seen = proved(20261124, 8, GATE)
    assert seen["unknown"] < GATE / 2 and seen["created"] > GATE / 10 and seen["rejected"] > GATE / 20


@pytest.mark.full
@pytest.mark.parametrize("part", range(20))
def test_what_is_proved_is_so_at_length(part: int, capsys: pytest.CaptureFixture[str]) -> None:
    most = (6, 12, 40, 200)[part % 4]
    seen = proved(part, most, FULL // 20)
    with capsys.disabled():
        sys.stdout.write(f" parts of up to {most}: {seen['unknown'] / seen.total():.1%} unknown of {seen.total():,} ")
