"""The product's verdicts are those of the rule by brute force: no more, and no less."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hostile import Maker, judged, written
from oracle import Case, shares, verdicts

GATE, FULL = 1_500, 200_000


def difference(case: Case) -> str | None:
    """How the product and the rule differ on a case."""
    adds_up, wanted = verdicts(case)
    said, states, again = judged(case)
    if any(states[order] != "rejected" for order in again):
        return f"{again} may be sent again, but they are {states}"
    if said != adds_up:
        return f"adds up: {said}, should be {adds_up}; {states} for {wanted}"
    if any(want not in ("shared", state) for want, state in zip(wanted, states, strict=True)):
        return f"{states}, should be {wanted}"
    for group, bad, good in shares(case) if "shared" in wanted else []:
        counts = Counter(states[order] for order in group)
        if (counts["rejected"], counts["created"], counts["unknown"]) != (bad, good, 0):
            return f"{states}, should share {bad} rejected and {good} created among {group}"
    return None


def agree(seed: int, cases: int) -> Counter[str]:
    maker, seen = Maker(random.Random(seed)), Counter[str]()
    for number in range(cases):
        case = maker.case()
        wrong = difference(case)
        if wrong is not None:
            lists = [[(entry.position, written(entry)) for entry in one] for one in (case.failed, case.created)]
            pytest.fail(f"case {number} of seed {seed}: {wrong}\n{case}\n{lists}")
        adds_up, wanted = verdicts(case)
        seen.update(wanted)
        seen["adds up" if adds_up else "does not add up"] += 1
    return seen


def test_verdicts_are_those_of_the_rule() -> None:
    seen = agree(20261124, GATE)
    assert all(seen[state] > GATE / 20 for state in ("created", "rejected", "unknown", "adds up", "does not add up"))
    assert seen["shared"] and seen["not_created"], "the cases are too tame"


@pytest.mark.full
@pytest.mark.parametrize("part", range(10))
def test_verdicts_are_those_of_the_rule_at_length(part: int) -> None:
    assert agree(part, FULL // 10)["adds up"] > FULL // 40
