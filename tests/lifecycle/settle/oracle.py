"""The rule by brute force: every assignment of every entry to every order, over all meanings of the indexes.

Written without a look at how the product decides; it shares with it only the words of the rule. Entries are plain
values here: what an entry tells of keys and members, and its index or position. Use it for five orders or fewer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any


@dataclass(frozen=True)
class Sent:
    """An order: its own keys, and all members (the keys among them)."""

    members: dict[str, Any]

    def key(self, name: str) -> Any:
        return self.members.get(name) or None


@dataclass(frozen=True)
class Entry:
    """An entry of a list, whose members are those it echoes."""

    members: dict[str, Any] = field(default_factory=dict)
    index: int | None = None
    position: int | None = None
    number: int | None = None
    words: str = "no"


@dataclass(frozen=True)
class Case:
    """A part, both lists, and what is known beside them."""

    orders: Sequence[Sent]
    failed: Sequence[Entry]
    created: Sequence[Entry]
    everyone: bool
    processed: int | None
    stated_failed: int | None


KEYS = ("externalOrderId", "externalReference", "orderNumber")
World = tuple[frozenset[int], frozenset[int]]


def verdicts(case: Case) -> tuple[bool, list[str]]:
    """Whether the lists add up, and a verdict for each order; "shared" stands for twins that share by count."""
    worlds = _worlds(case)
    if not worlds:
        return False, _believed(case)
    found = []
    for order in range(len(case.orders)):
        seen = {_state(world, order) for world in worlds}
        found.append(seen.pop() if len(seen) == 1 else "unknown")
    for group in _equals(case.orders):
        rest = [order for order in group if found[order] == "unknown"]
        counts = {tuple(sum(_state(world, o) == s for o in group) for s in ("rejected", "created")) for world in worlds}
        if len(counts) == 1:
            for order in rest:
                found[order] = "shared"
    return True, found


def shares(case: Case) -> list[tuple[list[int], int, int]]:
    """Each group of equal orders with the numbers of rejected and created that all worlds agree on."""
    worlds = _worlds(case)
    found = []
    for group in _equals(case.orders):
        counts = {tuple(sum(_state(world, o) == s for o in group) for s in ("rejected", "created")) for world in worlds}
        if len(counts) == 1:
            bad, good = counts.pop()
            found.append((group, bad, good))
    return found


def _state(world: World, order: int) -> str:
    return "rejected" if order in world[0] else "created" if order in world[1] else "not_created"


def _equals(orders: Sequence[Sent]) -> list[list[int]]:
    groups: dict[str, list[int]] = {}
    for place, order in enumerate(orders):
        groups.setdefault(repr(sorted(order.members.items())), []).append(place)
    return [group for group in groups.values() if len(group) > 1]


def _worlds(case: Case) -> set[World]:
    usual, otherwise = _meanings(case)
    worlds = set().union(*(set(_consistent(case, *pair)) for pair in usual))
    return worlds or set().union(*(set(_consistent(case, *pair)) for pair in otherwise))


def _consistent(case: Case, bad: int | None, good: int | None) -> Iterator[World]:
    for failed in _images(case, case.failed, "failed", bad):
        for created in _images(case, case.created, "created", good):
            if not failed & created and _counts_hold(case, len(failed), len(created)):
                yield failed, created


def _counts_hold(case: Case, failed: int, created: int) -> bool:
    told = failed + created
    return (
        case.stated_failed in (None, failed)
        and case.processed in (None, told)
        and (not case.everyone or told == len(case.orders))
    )


def _images(case: Case, entries: Sequence[Entry], kind: str, meaning: int | None) -> set[frozenset[int]]:
    choices = [fitting(case, entry, kind, meaning) for entry in entries]
    return {frozenset(chosen) for chosen in product(*choices)} if all(choices) else set() if entries else {frozenset()}


def fitting(case: Case, entry: Entry, kind: str, meaning: int | None) -> list[int]:
    """The orders that an entry may be about when indexes mean this."""
    found = [place for place, order in enumerate(case.orders) if _fits(case, entry, order, kind)]
    if entry.position is not None:
        return [place for place in found if place == entry.position]
    if meaning is not None and entry.index is not None:
        return [place for place in found if place == entry.index - meaning]
    return found


def _fits(case: Case, entry: Entry, order: Sent, kind: str) -> bool:
    members = dict(entry.members) if entry.number is None else entry.members | {"orderNumber": entry.number}
    if kind == "created":  # a number that the ERP gives is no key
        members.pop("orderNumber", None)
    if kind == "created" and not entry.members and entry.index is entry.position is entry.number is None:
        return False
    named = {key for key in KEYS if members.get(key) and any(o.key(key) == members[key] for o in case.orders)}
    if len(named) > 1:
        named.discard("orderNumber")
    if any(order.key(key) != members[key] for key in named):
        return False
    return not any(_contradicts(order.members[name], each) for name, each in members.items() if name in order.members)


def _contradicts(own: Any, told: Any) -> bool:
    """Whether two values of one member exclude each other, in the forms that the generator makes."""
    if own in (None, "", 0, []) or told in (None, "", 0, []):
        return False
    if isinstance(own, list) and isinstance(told, list):
        pairs = [(mine, theirs) for mine, theirs in zip(own, told, strict=False)]
        return len(own) != len(told) or any(
            _contradicts(mine[name], theirs[name]) for mine, theirs in pairs for name in mine if name in theirs
        )
    if isinstance(told, str) and told.endswith("T00:00:00"):
        told = told.removesuffix("T00:00:00")
    return str(own) != str(told) and not (isinstance(own, float | int) and float(own) == float(told))


def _meanings(case: Case) -> tuple[list[tuple[int | None, int | None]], list[tuple[int | None, int | None]]]:
    usual, otherwise = [], []
    for bad in _of_list(case, case.failed):
        for good in _of_list(case, case.created):
            if bad is not None and good is not None and bad != good:
                continue
            rare = (bad is None and _tells_all(case, case.failed, case.created, case.stated_failed)) or (
                good is None and _tells_all(case, case.created, case.failed, _stated_created(case))
            )
            (otherwise if rare else usual).append((bad, good))
    return usual, otherwise


def _stated_created(case: Case) -> int | None:
    whole = case.processed if case.processed is not None else len(case.orders) if case.everyone else None
    return None if whole is None or case.stated_failed is None else whole - case.stated_failed


def _tells_all(case: Case, entries: Sequence[Entry], others: Sequence[Entry], stated: int | None) -> bool:
    count = len(case.orders)
    told = count if case.everyone else case.processed
    indexed = [entry for entry in entries if entry.index is not None]
    return len(indexed) == len(entries) == count and (stated == count or (told == count and not others))


def _of_list(case: Case, entries: Sequence[Entry]) -> list[int | None]:
    indexes = [entry.index for entry in entries]
    given = [index for index in indexes if index is not None]
    if not given:
        return [None]
    count = len(case.orders)
    found: list[int | None] = [base for base in (0, 1) if all(0 <= index - base < count for index in given)]
    own = any(all(index in (None, at + base) for at, index in enumerate(indexes)) for base in (0, 1))
    return [*found, None] if own or not found else found


def _believed(case: Case) -> list[str]:
    """Verdicts where no assignment is consistent."""
    claims, doubts = {}, {}
    for kind, entries in (("failed", case.failed), ("created", case.created)):
        pairs = [_alone(case, entries, entry, kind) for entry in entries]
        claims[kind] = [claim for claim, _ in pairs]
        doubts[kind] = set().union(*(doubt for _, doubt in pairs))
    proved = {claim for claim in claims["created"] if claim is not None}
    stated = _stated_created(case)
    whole = None not in claims["created"] and (stated is None or stated <= len(proved))
    found = []
    for order in range(len(case.orders)):
        if order in proved and order not in doubts["failed"]:
            found.append("created")
        elif whole and order in claims["failed"] and order not in doubts["created"]:
            found.append("rejected")
        else:
            found.append("unknown")
    return found


def _alone(case: Case, entries: Sequence[Entry], entry: Entry, kind: str) -> tuple[int | None, set[int]]:
    """The one order that an entry is about by itself, if any; and all that it may be about."""
    said = fitting(case, entry, kind, None)
    meanings = _of_list(case, entries)
    only = said[0] if len(said) == 1 else None
    if entry.index is None or None in meanings:
        return only, set(said)
    near = {entry.index, entry.index - 1} & set(range(len(case.orders)))
    return (only if only in near else None), (near & set(said)) or near | set(said)
