"""Counting: how many orders of each unit are in either list, over all assignments that are consistent.

A unit is one order, or several that no entry tells apart. An entry fits one unit alone, or several (then it is one of
the *shared* entries). In a world every entry belongs to an order that it fits, no order is in both lists, and the
numbers of orders told are those that are known. Several entries of one list may tell the same order.

First the bounds are narrowed by what each rule says by itself; each step is sound, so what it fixes is fixed in every
world. What is still open is tried out in full, if that takes no more than `MOST_WAYS` ways: then the result is exact.
Beyond that the bounds stay as wide as they are, which calls more orders unknown, never fewer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sobatch.lifecycle.settle.match.bounds import Side, Span, Telling, narrow

MOST_WAYS = 1 << 14
_MOST_OPEN = 40
_LARGEST_FLOW = 200_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """Orders of each unit in either list, at least and at most; the same for each group of kin; and for each kind of
    shared entries the one unit that they belong to in all worlds."""

    failed: Sequence[Span]
    created: Sequence[Span]
    kin_failed: Sequence[Span]
    kin_created: Sequence[Span]
    failed_homes: Sequence[int | None]
    created_homes: Sequence[int | None]


def solve(
    sizes: Sequence[int], failed: Telling, created: Telling, told: int | None, kin: Sequence[Sequence[int]] = ()
) -> Bounds | None:
    """The bounds over all worlds, None when there is no world. `told` is how many orders both lists tell together,
    where known; `kin` are groups of units of equal orders."""
    sides = Side(sizes, failed), Side(sizes, created)
    if not narrow(sizes, sides, told):
        return None
    trial = _Trial(sizes, sides, told, kin)
    if trial.short and not trial.run():
        return None
    spans = [list(zip(side.lo, side.hi, strict=True)) for side in sides]
    return Bounds(spans[0], spans[1], trial.kin[0], trial.kin[1], sides[0].homes(), sides[1].homes())


class _Trial:
    """Tries out everything that the bounds leave open."""

    def __init__(
        self, sizes: Sequence[int], sides: tuple[Side, Side], told: int | None, kin: Sequence[Sequence[int]]
    ) -> None:
        self._sides, self._told, self._groups = sides, told, [frozenset(group) for group in kin]
        spans = [list(zip(side.lo, side.hi, strict=True)) for side in sides]
        self._open = [unit for unit in range(len(sizes)) if any(span[unit][0] < span[unit][1] for span in spans)]
        self._options: list[list[tuple[int, int]]] = []
        ways = 1 if len(self._open) <= _MOST_OPEN else MOST_WAYS + 1
        for unit in self._open:
            if ways > MOST_WAYS:
                break
            self._options.append(_options(sizes[unit], spans[0][unit], spans[1][unit], told == sum(sizes)))
            ways *= len(self._options[-1])
        self.short = ways <= MOST_WAYS
        self.kin = [[side.together(group) for group in kin] for side in sides]

    def run(self) -> bool:
        """Tighten the bounds to what the worlds really have; False when there is none."""
        checks = [_Check(side, self._open) for side in self._sides]
        fixed = sum(check.fixed for check in checks)
        fixed_kin = [[self._fixed(side, group) for group in self._groups] for side in self._sides]
        seen: list[list[Span]] = [[], []]
        kin_seen: list[list[Span]] = [[], []]
        any_world = False
        for values in product(*self._options):
            pair = [[value[which] for value in values] for which in (0, 1)]
            if self._told is not None and sum(map(sum, pair)) + fixed != self._told:
                continue
            if not (checks[0](pair[0]) and checks[1](pair[1])):
                continue
            any_world = True
            for which in (0, 1):
                seen[which] = _widened(seen[which], pair[which])
                sums = [own + self._chosen(group, pair[which]) for own, group in self._with(fixed_kin[which])]
                kin_seen[which] = _widened(kin_seen[which], sums)
        if any_world:
            self.kin = kin_seen
            for which, side in enumerate(self._sides):
                for unit, span in zip(self._open, seen[which], strict=True):
                    side.lo[unit], side.hi[unit] = span
        return any_world

    def _with(self, fixed: Sequence[int]) -> Sequence[tuple[int, frozenset[int]]]:
        return list(zip(fixed, self._groups, strict=True))

    def _fixed(self, side: Side, group: frozenset[int]) -> int:
        return sum(side.lo[unit] for unit in group.difference(self._open))

    def _chosen(self, group: frozenset[int], chosen: Sequence[int]) -> int:
        return sum(value for unit, value in zip(self._open, chosen, strict=True) if unit in group)


class _Check:
    """Whether a list can be told by a choice for the open units, the others being fixed."""

    def __init__(self, side: Side, opened: Sequence[int]) -> None:
        self._side, self._open = side, opened
        among = set(opened)
        self._needs: dict[int, int] = {}
        self._covered = self.fixed = 0
        for unit, value in enumerate(side.lo):
            if value and unit not in among:
                self.fixed += value
                self._covered |= self._count(unit, value, self._needs)

    def __call__(self, chosen: Sequence[int]) -> bool:
        side = self._side
        if side.orders is not None and self.fixed + sum(chosen) != side.orders:
            return False
        covered, needs = self._covered, dict(self._needs)
        for unit, value in zip(self._open, chosen, strict=True):
            if value:
                covered |= self._count(unit, value, needs)
        return covered == (1 << len(side.shared)) - 1 and _served(side, needs)

    def _count(self, unit: int, value: int, needs: dict[int, int]) -> int:
        """Note the shared entries that a unit needs; returns which ones it can take in."""
        crowd, more = self._side.crowd[unit], value - self._side.alone[unit]
        if more > 0:
            needs[crowd] = needs.get(crowd, 0) + more
        return self._side.masks[crowd]


def _served(side: Side, needs: Mapping[int, int]) -> bool:
    """Whether the shared entries can give every order that needs one an entry of its own (a flow)."""
    if sum(needs.values()) > side.spare:
        return False
    if len(side.shared) <= 1 or len(needs) * len(side.shared) > _LARGEST_FLOW:
        return True
    left = [each.entries for each in side.shared]
    given: dict[tuple[int, int], int] = {}  # (crowd, shared): entries
    for crowd, need in needs.items():
        while need:
            path = _path(side.crowds, crowd, left, given)
            if path is None:
                return False
            amount = min([need, left[path[-1][1]], *(given[back] for back in path[1::2])])
            for step, edge in enumerate(path):
                given[edge] = given.get(edge, 0) + (amount if step % 2 == 0 else -amount)
            left[path[-1][1]] -= amount
            need -= amount
    return True


def _path(
    crowds: Sequence[Sequence[int]], crowd: int, left: Sequence[int], given: Mapping[tuple[int, int], int]
) -> list[tuple[int, int]] | None:
    """A way from a crowd to an entry that is left; every second step takes an entry away from another crowd."""
    known: set[int] = set()
    waiting: deque[tuple[int, list[tuple[int, int]]]] = deque([(crowd, [])])
    while waiting:
        at, way = waiting.popleft()
        for one in crowds[at]:
            if one in known:
                continue
            known.add(one)
            longer = [*way, (at, one)]
            if left[one]:
                return longer
            takers = [other for (other, its), amount in given.items() if its == one and amount]
            waiting.extend((other, [*longer, (other, one)]) for other in takers)
    return None


def _options(size: int, failed: Span, created: Span, everyone: bool) -> list[tuple[int, int]]:
    """The pairs (failed, created) that a unit may have; no more than it takes to see that they are too many."""
    found: list[tuple[int, int]] = []
    for bad in range(failed[0], failed[1] + 1):
        most = min(created[1], size - bad)
        least = max(created[0], size - bad) if everyone else created[0]
        found.extend((bad, good) for good in range(least, min(most, least + MOST_WAYS) + 1))
        if len(found) > MOST_WAYS:
            break
    return found


def _widened(spans: Sequence[Span], values: Sequence[int]) -> list[Span]:
    if not spans:
        return [(value, value) for value in values]
    return [(min(low, value), max(high, value)) for (low, high), value in zip(spans, values, strict=True)]
