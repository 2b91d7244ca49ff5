"""What checking counts: sums of one stretch of orders (`Sums`), and of a whole input (`Tally`)."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import merge
from typing import NamedTuple

from sobatch.core.order.spec import MOST_GROUPS, OrderFacts, Problem, Severity

_INDEX = re.compile(r"/\d+(?=/|$)")
MOST_KINDS = 2_000
_LONGEST = 200  # characters of what things are counted by
_LONGEST_TOLD = 1_000


class Kind(NamedTuple):
    """The same fault in many places: `shape` is the pointer inside the order with `*` for every index."""

    code: str
    severity: Severity
    shape: str


class Ranked(NamedTuple):
    """A problem, and the how-manieth of its code and of its kind it is, counted from the beginning of its `Sums`."""

    problem: Problem
    kind: Kind
    of_code: int
    of_kind: int


def shape(pointer: str) -> str:
    """A pointer inside an order with `*` for every index; of a very long one only the beginning."""
    return _shape(pointer if len(pointer) <= _LONGEST else pointer[:_LONGEST] + "…")


def shortened(pointer: str) -> str:
    """A pointer as problems tell it: of one that is longer than anybody reads only the beginning."""
    return pointer if len(pointer) <= _LONGEST_TOLD else pointer[:_LONGEST_TOLD] + "…"


@lru_cache(1 << 12)
def _shape(pointer: str) -> str:
    return _INDEX.sub("/*", pointer)


@dataclass(slots=True)
class Group:
    """The sums of one group (whatever the ERP groups orders by)."""

    orders: int = 0
    lines: int = 0
    rows: int = 0


@dataclass(slots=True)
class Sums:
    """Some orders in a row, in figures. Indexes and byte offsets count from the beginning of the row."""

    orders: int = 0
    keyless: int = 0
    """Orders that hold anything, but neither number nor external id nor reference."""
    groups: dict[str, Group] = field(default_factory=dict)
    lines_per_order: Counter[int] = field(default_factory=Counter)
    largest: tuple[int, int, int] | None = None
    """Lines, index and byte offset of the (first) order with most lines."""
    keys: dict[str, array[int]] = field(default_factory=dict)
    """Hashes of the orders' own keys: of their `number`, `external` and `reference`."""
    counts: Counter[tuple[str, Severity]] = field(default_factory=Counter)
    kinds: Counter[Kind] = field(default_factory=Counter)
    faulty: list[int] = field(default_factory=list)
    problems: list[Ranked] = field(default_factory=list)

    def add(self, facts: OrderFacts, *, empty: bool = False) -> None:
        """Count one order, and keep the hashes of its keys."""
        self.orders += 1
        self.keyless += not empty and facts.number is facts.external is facts.reference is None
        group = self.groups.get(facts.group)
        if group is None:
            group = self.groups[facts.group] = Group()
        group.orders += 1
        group.lines += facts.lines
        group.rows += facts.rows
        self.lines_per_order[facts.lines] += 1
        if facts.number is not None:
            self._add_key("number", facts.number)
        if facts.external is not None:
            self._add_key("external", facts.external)
        if facts.reference is not None:
            self._add_key("reference", facts.reference)

    def _add_key(self, key: str, value: str) -> None:
        hashes = self.keys.get(key)
        if hashes is None:
            hashes = self.keys[key] = array("q")
        hashes.append(hash(value))


@dataclass(slots=True)
class Tally:
    """What was seen of an input. `faulty` counts orders with an error, `unreadable` records that are no JSON."""

    orders: int = 0
    lines: int = 0
    rows: int = 0
    faulty: int = 0
    unreadable: int = 0
    keyless: int = 0
    general: int = 0
    """Errors of the input as a whole, which setting orders aside cannot mend."""
    largest_lines: int = 0
    largest_index: int | None = None
    largest_offset: int = 0
    groups: dict[str, Group] = field(default_factory=dict)
    other_groups: Group = field(default_factory=Group)
    """All groups beyond the first `MOST_GROUPS`, together."""
    lines_per_order: Counter[int] = field(default_factory=Counter)
    counts: Counter[tuple[str, Severity]] = field(default_factory=Counter)
    """Problems by code and severity."""
    kinds: Counter[Kind] = field(default_factory=Counter)
    """Problems by kind; those of too many different kinds are counted with the shape ""."""

    @property
    def errors(self) -> int:
        """Problems that are errors."""
        return sum(count for (_, severity), count in self.counts.items() if severity is Severity.ERROR)

    @property
    def elements(self) -> int:
        """Orders and unreadable records: the index that the next one has."""
        return self.orders + self.unreadable

    def add(self, index: int, facts: OrderFacts) -> None:
        """Count one order."""
        self.orders += 1
        self.add_group(facts.group, Group(1, facts.lines, facts.rows))
        self.lines_per_order[facts.lines] += 1
        if facts.lines > self.largest_lines or self.largest_index is None:
            self.largest_lines, self.largest_index = facts.lines, index

    def merge(self, sums: Sums, base: int, offset: int) -> None:
        """Add the sums of the orders from index `base`, byte `offset` on."""
        self.orders += sums.orders
        self.keyless += sums.keyless
        for name, group in sums.groups.items():
            self.add_group(name, group)
        self.lines_per_order.update(sums.lines_per_order)
        if sums.largest is not None and (self.largest_index is None or sums.largest[0] > self.largest_lines):
            lines, index, at = sums.largest
            self.largest_lines, self.largest_index, self.largest_offset = lines, base + index, offset + at
        self.faulty += len(sums.faulty)
        self.counts.update(sums.counts)
        for kind, count in sums.kinds.items():
            self.kinds[self.kind(kind)] += count

    def count(self, kind: Kind) -> None:
        """Count one problem."""
        self.counts[kind.code, kind.severity] += 1
        self.kinds[self.kind(kind)] += 1

    def kind(self, kind: Kind) -> Kind:
        """The kind that a problem is counted under."""
        return kind if kind in self.kinds or len(self.kinds) < MOST_KINDS else kind._replace(shape="")

    def add_group(self, name: str | None, more: Group) -> None:
        """Add the lines and rows of some orders that are counted already; without a name those of several groups."""
        self.lines += more.lines
        self.rows += more.rows
        group = self.groups.get(name) if name is not None else None
        if group is None:
            group = self.other_groups
            if name is not None and len(self.groups) < MOST_GROUPS:
                group = self.groups[name] = Group()
        group.orders += more.orders
        group.lines += more.lines
        group.rows += more.rows


def in_order(numbers: array[int]) -> array[int]:
    """Two ascending rows, one behind the other, as one: the check appends what is found last behind the others."""
    turn = next((at for at in range(1, len(numbers)) if numbers[at] < numbers[at - 1]), len(numbers))
    return numbers if turn == len(numbers) else array("Q", merge(numbers[:turn], numbers[turn:]))


class Ascending:
    """Whether orders are among the faulty ones of a check, asked for in ascending order."""

    def __init__(self, faulty: array[int]) -> None:
        self._numbers = in_order(faulty)
        self._at = 0

    def has(self, number: int) -> bool:
        """Whether this number is one of them."""
        while self._at < len(self._numbers) and self._numbers[self._at] < number:
            self._at += 1
        return self._at < len(self._numbers) and self._numbers[self._at] == number
