"""What each rule says by itself about how many orders of a unit a list can tell: bounds that only get narrower."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

_MOST_ROUNDS = 60

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shared:
    """So many entries that each fit any of these units; `name` is for the caller."""

    units: Sequence[int]
    entries: int
    name: int = 0


@dataclass(frozen=True, slots=True)
class Telling:
    """One list: entries that fit one unit alone (by unit), the shared ones, and how many orders it tells, if known."""

    alone: Sequence[int]
    shared: Sequence[Shared]
    orders: int | None


class Side:
    """One list, and for each unit how many of its orders the list tells: at least `lo`, at most `hi`."""

    def __init__(self, sizes: Sequence[int], telling: Telling) -> None:
        self.alone, self.shared, self.orders = telling.alone, telling.shared, telling.orders
        self.spare = sum(each.entries for each in self.shared)
        self.crowd, self.crowds = _crowds(len(sizes), self.shared)
        self.masks = [sum(1 << one for one in crowd) for crowd in self.crowds]
        reach = [sum(self.shared[one].entries for one in crowd) for crowd in self.crowds]
        self.lo = array("q", (1 if own else 0 for own in self.alone))
        entries = (own + reach[crowd] for own, crowd in zip(self.alone, self.crowd, strict=True))
        self.hi = array("q", map(min, sizes, entries))

    def narrow(self) -> bool:
        """Apply this list's own rules; False when they cannot be kept."""
        return self._by_shared() and self._by_number() and self._by_entries()

    def needed(self) -> int:
        """How many shared entries at least are the only word about their order."""
        return sum(low - own for low, own in zip(self.lo, self.alone, strict=True) if low > own)

    def together(self, group: Sequence[int]) -> Span:
        """The bounds of several units' sum."""
        low, high = sum(self.lo[unit] for unit in group), sum(self.hi[unit] for unit in group)
        if self.orders is None:
            return low, high
        others = sum(self.lo) - low, sum(self.hi) - high
        return max(low, self.orders - others[1]), min(high, self.orders - others[0])

    def homes(self) -> list[int | None]:
        """For each kind of shared entries the one unit they belong to in all worlds, or None."""
        # When each of them is needed for an order of its own, none is left to say again what another entry says.
        tight = self.spare == self.needed()
        room = array("q", (high - own for high, own in zip(self.hi, self.alone, strict=True))) if tight else self.hi
        found = [_only(each.units, room) for each in self.shared]
        return [None if unit is None or unit < 0 else unit for unit in found]

    def _by_shared(self) -> bool:
        lo, hi, alone = self.lo, self.hi, self.alone
        spare = self.spare - self.needed()
        if spare < 0:
            return False
        for unit, own in enumerate(alone):
            most = max(lo[unit], own) + spare
            if most < hi[unit]:
                hi[unit] = most
        for each in self.shared:
            able = _only(each.units, hi)
            if able is None:
                return False
            if able >= 0:
                lo[able] = max(lo[able], 1)
        return True

    def most(self) -> int:
        """How many orders the list can tell at most: no more than it has entries."""
        return sum(map(min, self.alone, self.hi)) + self.spare

    def _by_entries(self) -> bool:
        """If nearly every entry is needed for an order of its own, few of them can tell an order again."""
        if self.orders is None:
            return True
        again = self.most() - self.orders
        if again < 0:
            return False
        for unit, own in enumerate(self.alone):
            least = min(own, self.hi[unit]) - again
            if least > self.lo[unit]:
                self.lo[unit] = least
        return True

    def _by_number(self) -> bool:
        if self.orders is None:
            return True
        lo, hi = self.lo, self.hi
        missing, surplus = self.orders - sum(lo), sum(hi) - self.orders
        if missing < 0 or surplus < 0:
            return False
        for unit, (low, high) in enumerate(zip(lo, hi, strict=True)):
            if low < high:
                lo[unit], hi[unit] = max(low, high - surplus), min(high, low + missing)
        return True


def narrow(sizes: Sequence[int], sides: tuple[Side, Side], told: int | None) -> bool:
    """Narrow both lists' bounds until nothing changes; False when there is no world."""
    everyone, before = told == sum(sizes), -1
    for _ in range(_MOST_ROUNDS):
        if not (_exclusive(sizes, sides, everyone) and sides[0].narrow() and sides[1].narrow()):
            return False
        low, high = sum(map(sum, (side.lo for side in sides))), sum(map(sum, (side.hi for side in sides)))
        if told is not None and not low <= told <= min(high, sides[0].most() + sides[1].most()):
            return False
        if before == high - low:
            return True
        before = high - low
    return True


def _exclusive(sizes: Sequence[int], sides: tuple[Side, Side], everyone: bool) -> bool:
    """No order is in both lists; and each is in one of them, if everyone is told."""
    for one, other in (sides, sides[::-1]):
        for unit, size in enumerate(sizes):
            if one.hi[unit] > size - other.lo[unit]:
                one.hi[unit] = size - other.lo[unit]
            if everyone and one.lo[unit] < size - other.hi[unit]:
                one.lo[unit] = size - other.hi[unit]
            if one.lo[unit] > one.hi[unit]:
                return False
    return True


def _crowds(count: int, shared: Sequence[Shared]) -> tuple[Sequence[int], list[tuple[int, ...]]]:
    """Units by the shared entries they take part in: the crowd of each unit, and what each crowd takes part in."""
    crowd = array("q", bytes(8 * count))
    crowds: list[tuple[int, ...]] = [()]
    for one, each in enumerate(shared):
        moved: dict[int, int] = {}
        for unit in each.units:
            was = crowd[unit]
            if was not in moved:
                moved[was] = len(crowds)
                crowds.append((*crowds[was], one))
            crowd[unit] = moved[was]
    return crowd, crowds


def _only(units: Sequence[int], room: Sequence[int]) -> int | None:
    """The only one of these units that has room; None when none has, -1 when several have."""
    able = (unit for unit in units if room[unit] > 0)
    first = next(able, None)
    return first if first is None or next(able, None) is None else -1
