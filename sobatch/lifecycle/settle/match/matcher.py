"""Bring both result lists home to the orders of a part. What is proved, and what is not, says the room itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sobatch.erp.ports import Kind, Outcome
from sobatch.lifecycle.settle.match.bounds import Span
from sobatch.lifecycle.settle.match.finder import Finder
from sobatch.lifecycle.settle.match.lists import Lists, Meaning
from sobatch.lifecycle.settle.match.orders import PartOrders, Placed
from sobatch.lifecycle.settle.match.reasons import give_numbers, give_reasons, only_believed
from sobatch.lifecycle.settle.match.worlds import Bounds, solve


@dataclass(frozen=True, slots=True)
class Stated:
    """What is known beside the lists: whether every order must be told, and the counts of the status, if any."""

    everyone: bool
    processed: int | None = None
    failed: int | None = None

    def expected(self, orders: int) -> tuple[int | None, int | None, int | None]:
        """How many orders the failed list tells, the created list, and both together, where known."""
        told = orders if self.everyone else self.processed
        whole = self.processed if self.processed is not None else told
        created = whole - self.failed if whole is not None and self.failed is not None else None
        return self.failed, created, told

    def contradicts(self, orders: int) -> bool:
        """Whether no lists at all could agree with it."""
        return self.everyone and self.processed is not None and self.processed != orders


class Matcher:
    """Judges one part. `raw_of` gives an order's bytes, `members` the names of the keys; `overruled` say nothing."""

    def __init__(
        self,
        orders: PartOrders,
        raw_of: Callable[[Placed], bytes],
        members: Mapping[str, str],
        overruled: Sequence[str] = (),
    ) -> None:
        self._orders, self._raw_of = orders, raw_of
        self._lists = Lists(orders, members, overruled)

    def read(self, kind: Kind, outcomes: Iterable[Outcome]) -> None:
        """Take one list in."""
        self._lists.read(kind, outcomes)

    def entries(self, kind: Kind) -> int:
        """How many entries a list has."""
        return self._lists.indexes[kind].entries

    def foreign(self, kind: Kind) -> int:
        """How many entries of a list fit no order."""
        return self._lists.foreign(kind)

    def judge(self, stated: Stated) -> bool:
        """Give every order its verdict. False when the lists do not add up."""
        sizes = self._orders.divide(self._lists.named())
        self._lists.place(Finder(self._orders, self._raw_of, len(sizes)))
        total = Total(sizes, self._orders.kin())
        usual, otherwise = self._meanings(stated)
        for meaning in usual:
            self._take(meaning, total, stated)
        if not total.worlds:
            for meaning in otherwise:
                self._take(meaning, total, stated)
        if not total.worlds:
            only_believed(self._orders, self._lists, stated.expected(self._orders.count)[1])
        else:
            total.give(self._orders)
            give_numbers(self._orders)
        give_reasons(self._orders)
        return bool(total.worlds)

    def _take(self, meaning: Mapping[Kind, Meaning], total: Total, stated: Stated) -> None:
        failed, created, told = stated.expected(self._orders.count)
        units = len(total.sizes)
        bad = self._lists.telling(Kind.FAILED, meaning[Kind.FAILED], units, failed)
        good = self._lists.telling(Kind.CREATED, meaning[Kind.CREATED], units, created)
        if bad is None or good is None or stated.contradicts(self._orders.count):
            return
        bounds = solve(total.sizes, bad, good, told, total.kin)
        if bounds is None:
            return
        total.take(bounds)
        first = total.worlds == 1
        self._lists.settle_homes(Kind.FAILED, meaning[Kind.FAILED], bad, bounds.failed_homes, first=first)
        self._lists.settle_homes(Kind.CREATED, meaning[Kind.CREATED], good, bounds.created_homes, first=first)

    def _meanings(self, stated: Stated) -> tuple[list[dict[Kind, Meaning]], list[dict[Kind, Meaning]]]:
        """What the indexes of both lists may mean together, and what they may mean only if that is impossible."""
        count = self._orders.count
        usual: list[dict[Kind, Meaning]] = []
        otherwise: list[dict[Kind, Meaning]] = []
        for bad, good in product(*(self._lists.indexes[kind].meanings(count) for kind in Kind)):
            if None not in (bad, good) and bad != good:
                continue
            counted = any(
                meaning is None and self._tells_all(kind, stated)
                for kind, meaning in zip(Kind, (bad, good), strict=True)
            )
            (otherwise if counted else usual).append({Kind.FAILED: bad, Kind.CREATED: good})
        return usual, otherwise

    def _tells_all(self, kind: Kind, stated: Stated) -> bool:
        """Whether a list has an index for every order of the part, and must tell all of them."""
        count = self._orders.count
        seen = self._lists.indexes[kind]
        failed, created, told = stated.expected(count)
        known = failed if kind is Kind.FAILED else created
        other = self._lists.indexes[Kind.CREATED if kind is Kind.FAILED else Kind.FAILED]
        must = known == count or (told == count and not other.entries)
        return must and seen.indexed == seen.entries == count


class Total:
    """The bounds over all meanings of the indexes that have a world, and the verdicts that follow."""

    def __init__(self, sizes: Sequence[int], kin: Sequence[Sequence[int]]) -> None:
        self.sizes, self.kin = sizes, kin
        self.worlds = 0
        self._units: list[list[Span]] = []
        self._kin: list[list[Span]] = []

    def take(self, bounds: Bounds) -> None:
        """Widen by the bounds of one more meaning."""
        units = [list(bounds.failed), list(bounds.created)]
        kin = [list(bounds.kin_failed), list(bounds.kin_created)]
        self._units = [_union(*pair) for pair in zip(self._units, units, strict=True)] if self.worlds else units
        self._kin = [_union(*pair) for pair in zip(self._kin, kin, strict=True)] if self.worlds else kin
        self.worlds += 1

    def give(self, orders: PartOrders) -> None:
        """Give every order its verdict."""
        open_units: set[int] = set()
        for unit, (size, bad, good) in enumerate(zip(self.sizes, *self._units, strict=True)):
            state = _agreed(size, bad, good)
            if state is not None:
                orders.give(unit, state, twins=size > 1)
            elif size > 1 and _fixed(bad, good):
                _share(orders, orders.members([unit]), bad[0], good[0])
            else:
                open_units.add(unit)
        for group, bad, good in zip(self.kin, *self._kin, strict=True):
            rest = [unit for unit in group if unit in open_units]
            if rest and _fixed(bad, good):
                done = [unit for unit in group if unit not in open_units]
                fewer = [sum(spans[unit][0] for unit in done) for spans in self._units]
                _share(orders, orders.members(rest), bad[0] - fewer[0], good[0] - fewer[1])
                open_units.difference_update(rest)
        for unit in open_units:
            orders.give(unit, "unknown")


def _agreed(size: int, bad: Span, good: Span) -> str | None:
    """The verdict of a unit as a whole, if it has one."""
    if bad[0] == size:
        return "rejected"
    if good[0] == size:
        return "created"
    return "not_created" if bad[1] == good[1] == 0 else None


def _fixed(bad: Span, good: Span) -> bool:
    return bad[0] == bad[1] and good[0] == good[1]


def _share(orders: PartOrders, positions: Sequence[int], bad: int, good: int) -> None:
    """As many verdicts of each kind as equal orders have together."""
    for place, position in enumerate(positions):
        state = "rejected" if place < bad else "created" if place < bad + good else "not_created"
        orders.give_one(position, state)


def _union(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    return [(min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(one, other, strict=True)]
