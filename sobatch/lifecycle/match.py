"""Bring result entries home to the orders of a part: by index, by the caller's own keys, by content, never by guess.

Equal twins cannot be told apart by anybody; they are matched in order and marked as twins. What stays ambiguous
otherwise is returned as unmatched.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from sobatch.core.plain import plain
from sobatch.erp.ports import Kind, Outcome
from sobatch.lifecycle.records import OrderRow

Likeness = Callable[[Mapping[str, Any]], str]
_Summaries = dict[tuple[str, ...], dict[tuple[str, ...], list[OrderRow]]]


@dataclass(slots=True)
class Match:
    """Which order an outcome belongs to; `twins` when equal orders made the choice arbitrary."""

    order: OrderRow
    outcome: Outcome
    twins: bool = False


@dataclass(slots=True)
class Matched:
    """All that could be matched, and what could not."""

    matches: list[Match] = field(default_factory=list)
    unmatched: list[Outcome] = field(default_factory=list)


class Matcher:
    """The orders of one part, findable. `raw_of` gives an order's bytes, `members` the names of the key members."""

    def __init__(
        self,
        orders: Sequence[OrderRow],
        raw_of: Callable[[OrderRow], bytes],
        likeness: Likeness,
        members: Mapping[str, str],
    ) -> None:
        self._orders = orders
        self._raw_of = raw_of
        self._likeness = likeness
        self._members = members
        self._taken: set[int] = set()
        self._arbitrary: set[bytes] = set()
        self._by_key: dict[str, dict[str, list[OrderRow]]] = {}
        self._by_likeness: dict[str, list[OrderRow]] | None = None
        self._by_summary: dict[tuple[str, ...], _Summaries] = {}
        for key in members:
            table: dict[str, list[OrderRow]] = defaultdict(list)
            for order in orders:
                value = getattr(order, key)
                if value is not None:
                    table[value].append(order)
            self._by_key[key] = table

    @property
    def left(self) -> list[OrderRow]:
        """Orders that no outcome has claimed."""
        return [order for order in self._orders if order.idx not in self._taken]

    def match(self, outcomes: Iterable[Outcome]) -> Matched:
        """Claim an order for each outcome; the decisive ones first, so that they narrow the rest."""
        result = Matched()
        later = []
        for outcome in outcomes:
            order = self._decisive(outcome)
            if order is None:
                later.append(outcome)
            else:
                result.matches.append(self._claim(order, outcome))
        for outcome in later:
            match = self._by_content(outcome)
            if match is None:
                result.unmatched.append(outcome)
            else:
                result.matches.append(match)
        return result

    def _claim(self, order: OrderRow, outcome: Outcome, *, twins: bool = False) -> Match:
        self._taken.add(order.idx)
        if twins:
            self._arbitrary.add(order.content)
        # The last of several equal orders is left over, not recognised.
        return Match(order, outcome, twins or (outcome.index is None and order.content in self._arbitrary))

    def _decisive(self, outcome: Outcome) -> OrderRow | None:
        """The one order that an index or a unique key names."""
        if outcome.index is not None and 0 <= outcome.index < len(self._orders):
            order = self._orders[outcome.index]
            return order if order.idx not in self._taken and self._agrees(order, outcome) else None
        free = self._keyed(outcome)
        return free[0] if free is not None and len(free) == 1 else None

    def _keyed(self, outcome: Outcome) -> list[OrderRow] | None:
        """Free orders that share every key the outcome tells and the file knows; None when no key says anything."""
        found: list[OrderRow] | None = None
        for key in ("external", "reference", "number"):
            value = _told(outcome, key, self._members)
            if value is None or value not in self._by_key.get(key, {}):
                continue
            here = [order for order in self._by_key[key][value] if order.idx not in self._taken]
            ids = {order.idx for order in here}
            found = here if found is None else [order for order in found if order.idx in ids]
        return found

    def _agrees(self, order: OrderRow, outcome: Outcome) -> bool:
        for key in ("external", "reference"):
            told, own = _told(outcome, key, self._members), getattr(order, key)
            if told is not None and own is not None and told != own:
                return False
        return True

    def _by_content(self, outcome: Outcome) -> Match | None:
        candidates = self._keyed(outcome)
        if candidates is None:
            if not outcome.order:
                return None
            alike = self._alike(outcome.order) or self._summed_up(outcome)
            candidates = [o for o in alike if o.idx not in self._taken and self._agrees(o, outcome)]
        if len(candidates) > 1:
            whole = [order for order in candidates if _within(plain(self._raw_of(order)), outcome.order)]
            candidates = whole or candidates
        if not candidates:
            return None
        if len(candidates) > 1 and len({order.content for order in candidates}) > 1:
            return None
        return self._claim(candidates[0], outcome, twins=len(candidates) > 1)

    def _summed_up(self, outcome: Outcome) -> list[OrderRow]:
        """Orders that agree with every member of a summary that they have themselves; a new number says nothing."""
        told = _scalars(outcome.order)
        names = tuple(sorted(told.keys() - {self._members.get("number")}))
        if names not in self._by_summary:
            self._by_summary[names] = self._summaries(names)
        found: list[OrderRow] = []
        for shared, orders in self._by_summary[names].items():
            found.extend(orders.get(tuple(told[name] for name in shared), ()))
        return found

    def _summaries(self, names: tuple[str, ...]) -> _Summaries:
        """By the names among these that an order has, then by its values for them."""
        table: _Summaries = defaultdict(lambda: defaultdict(list))
        for order in self._orders:
            with contextlib.suppress(msgspec.DecodeError):
                own = _scalars(plain(self._raw_of(order)))
                shared = tuple(name for name in names if name in own)
                if shared:
                    table[shared][tuple(own[name] for name in shared)].append(order)
        return table

    def _alike(self, echoed: Mapping[str, Any]) -> list[OrderRow]:
        if self._by_likeness is None:
            self._by_likeness = defaultdict(list)
            for order in self._orders:
                with contextlib.suppress(msgspec.DecodeError):
                    self._by_likeness[self._likeness(plain(self._raw_of(order)))].append(order)
        return self._by_likeness.get(self._likeness(echoed), [])


def _told(outcome: Outcome, key: str, members: Mapping[str, str]) -> str | None:
    """A key's value as the outcome tells it, as text; empty and zero say nothing. A new number is no key."""
    if key == "number" and outcome.kind is Kind.CREATED and outcome.number is not None:
        return outcome.number
    value = outcome.order.get(members.get(key, key))
    if isinstance(value, bool) or value is None or value in ("", 0):
        return None
    return str(value)


def _within(own: Any, echoed: Any) -> bool:
    """Whether everything the order says is in its echo, which may add members and re-write numbers and dates."""
    if isinstance(own, dict):
        if not isinstance(echoed, dict):
            return False
        return all(_blank(value) or (name in echoed and _within(value, echoed[name])) for name, value in own.items())
    if isinstance(own, list):
        return (
            isinstance(echoed, list)
            and len(own) == len(echoed)
            and all(_within(mine, theirs) for mine, theirs in zip(own, echoed, strict=True))
        )
    if _is_number(own) and _is_number(echoed):
        return _exact(own) == _exact(echoed)
    if isinstance(own, str) and isinstance(echoed, str):
        return own == echoed or (len(own) == 10 and echoed.startswith(f"{own}T00:00"))
    return bool(own == echoed)


def _scalars(value: Any) -> dict[str, str]:
    """The members of an object that are text or whole numbers and say something."""
    if not isinstance(value, dict):
        return {}
    return {
        name: str(each)
        for name, each in value.items()
        if isinstance(each, str | int) and not isinstance(each, bool) and each != ""
    }


def _blank(value: Any) -> bool:
    return value is None or value in ("", {}, [])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _exact(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal("NaN")
