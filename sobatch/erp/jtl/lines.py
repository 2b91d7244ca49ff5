"""The lines of an order and those that JTL shows: which of ours are there, and how that is kept as text."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sobatch.erp.jtl.answers import shown, text_of

STEP = "lines"
_KEPT = re.compile(r"lines ([0-9,-]*)(?: \+([0-9]+))?")


def step_name(done: Mapping[str, str]) -> str:
    """The name of the next call that sends lines: `lines`, then `lines 2`, and so on."""
    times = sum(is_step(name) for name in done)
    return STEP if not times else f"{STEP} {times + 1}"


def is_step(name: str) -> bool:
    """Whether a step is one that sends lines."""
    return name == STEP or name.startswith(f"{STEP} ")


def kept(there: Collection[int], more: int = 0) -> str:
    """Which lines are there, as text: `lines 0-2,4`; `+2` behind it says that JTL shows two more than the order has."""
    runs: list[list[int]] = []
    for index in sorted(there):
        if runs and runs[-1][1] == index - 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    text = ",".join(f"{first}-{last}" if last > first else str(first) for first, last in runs)
    return f"{STEP} {text}" + (f" +{more}" if more else "")


def covered(done: Mapping[str, str], count: int) -> set[int]:
    """The lines that the steps which are done have brought. A value that is not ours is an operator's: all of them."""
    there: set[int] = set()
    for name, value in done.items():
        if is_step(name):
            there.update(_read(value, count))
    return there


def more_than_ours(done: Mapping[str, str]) -> int:
    """How many lines JTL was seen to have beyond those of the order."""
    found = [_KEPT.fullmatch(value) for name, value in done.items() if is_step(name)]
    return sum(int(each[2]) for each in found if each and each[2])


def _read(value: str, count: int) -> Iterator[int]:
    found = _KEPT.fullmatch(value)
    if found is None:
        yield from range(count)
        return
    for run in filter(None, found[1].split(",")):
        first, _, last = run.partition("-")
        yield from range(int(first), min(int(last or first), count - 1) + 1)


@dataclass(frozen=True, slots=True)
class Compared:
    """Our lines against those of an order at JTL: indexes of ours that are there, how many others JTL shows, and
    whether it can be told which are ours (two lines that differ may both be meant by one)."""

    there: frozenset[int]
    others: int
    clear: bool


def compare(ours: Sequence[Any], theirs: Sequence[Any]) -> Compared:
    """Match each line that JTL shows with the one of ours that it agrees with most. Equal lines count by number."""
    free = dict(enumerate(ours))
    others, clear = 0, True
    for line in theirs:
        scores = {index: score for index, each in free.items() if (score := _agreement(each, line)) is not None}
        if not scores:
            others += 1
            continue
        best = max(scores.values())
        equals = [index for index, score in scores.items() if score == best]
        clear = clear and all(free[index] == free[equals[0]] for index in equals)
        del free[equals[0]]
    there = frozenset(range(len(ours))) - free.keys()
    return Compared(there, others, clear or not free)


def _agreement(ours: Any, theirs: Any) -> int | None:
    """How many members of our line the other one shows alike; None when it contradicts what makes it this line."""
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return None
    said = {name: value for name, value in ours.items() if value not in (None, "")}
    alike = {name: _same(value, shown(theirs, name)) for name, value in said.items()}
    named = [name for name in ("ItemId", "SKU") if name in said] or ["Name"]
    if any(alike.get(name) is False for name in (*named, "Quantity")):
        return None
    if "Name" not in said and named == ["Name"]:  # it says of itself not what it is
        return 0 if alike.get("Quantity") else None
    known = any(alike.get(name) for name in (*named, "Name"))
    return sum(same is True for same in alike.values()) if known else None


def _same(ours: Any, theirs: Any) -> bool | None:
    """Whether two values are alike; None when the other one is not shown."""
    if theirs is None:
        return None
    if _is_number(ours) and _is_number(theirs):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    text = text_of(ours)
    return text is not None and text == text_of(theirs)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
