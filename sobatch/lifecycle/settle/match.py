"""Bring result entries home to the orders of a part: by index, by the caller's own keys, by content, never by guess.

Equal twins cannot be told apart by anybody; they are matched in order and marked as twins. What stays ambiguous
otherwise is returned as unmatched.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any

import msgspec

from sobatch.core.order.canonical import plain
from sobatch.erp.ports import Kind, Outcome
from sobatch.lifecycle.journal.rows import Verdict
from sobatch.lifecycle.settle.part_orders import KEYS, Candidate, PartOrders

Likeness = Callable[[Mapping[str, Any]], str]
_MOST_COMPARED = 200  # orders that one entry is compared with member by member; beyond that it is ambiguous
_MOST_QUOTED = 20


@dataclass(slots=True)
class Matched:
    """How many entries of a list found their order, how many did not, and what the first of those say."""

    matched: int = 0
    unmatched: int = 0
    contradictions: int = 0
    """Unmatched entries that do name an order: one that is not in the part, or that another entry has claimed."""
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def entries(self) -> int:
        """All entries of the list."""
        return self.matched + self.unmatched


class Matcher:
    """Matches lists with the orders of one part. `raw_of` gives an order's bytes, `members` the names of the keys."""

    def __init__(
        self,
        orders: PartOrders,
        raw_of: Callable[[Candidate], bytes],
        likeness: Likeness,
        members: Mapping[str, str],
        folder: Path,
    ) -> None:
        self._orders = orders
        self._raw_of = raw_of
        self._likeness = likeness
        self._members = members
        self._folder = folder

    def match(self, outcomes: Iterable[Outcome], state: str) -> Matched:
        """Claim an order in this state for each outcome; the decisive ones first, so that they narrow the rest."""
        result = Matched()
        later = 0
        with tempfile.TemporaryFile(dir=self._folder) as spool:
            for outcome in outcomes:
                order = self._decisive(outcome)
                if order is None:
                    pickle.dump(outcome, spool)
                    later += 1
                else:
                    self._claim(order, outcome, state)
                    result.matched += 1
            spool.seek(0)
            self._match_later(spool, later, state, result)
        return result

    def _match_later(self, spool: IO[bytes], count: int, state: str, result: Matched) -> None:
        for _ in range(count):
            outcome: Outcome = pickle.load(spool)
            if self._by_content(outcome, state):
                result.matched += 1
            else:
                result.unmatched += 1
                result.contradictions += state == "created" and self._names_another(outcome)
                if result.unmatched <= _MOST_QUOTED:
                    result.messages.extend(told(outcome))

    def _names_another(self, outcome: Outcome) -> bool:
        """Whether an entry without a free order says whose it is, or says nothing at all."""
        keys = (_told(outcome, key, self._members) for key in ("external", "reference"))
        nothing = outcome.index is None and outcome.number is None and not outcome.order
        return nothing or any(value is not None for value in keys) or bool(self._keys(outcome))

    def _claim(self, order: Candidate, outcome: Outcome, state: str, *, arbitrary: bool = False) -> None:
        # The last of several equal orders is left over, not recognised.
        twins = arbitrary or (outcome.index is None and self._orders.is_arbitrary(order))
        number = outcome.number if state == "created" else None
        verdict = Verdict(order.idx, state, number, 1 if twins else None, tuple(told(outcome)))
        self._orders.claim(order, verdict, arbitrary=arbitrary, over_budget=outcome.over_budget)

    def _decisive(self, outcome: Outcome) -> Candidate | None:
        """The one order that an index or a unique key names."""
        if outcome.index is not None and 0 <= outcome.index < self._orders.count:
            order = self._orders.at(outcome.index)
            return order if order is not None and self._agrees(order, outcome) else None
        keys = self._keys(outcome)
        free = self._orders.sharing(keys, 2) if keys else []
        return free[0] if len(free) == 1 else None

    def _keys(self, outcome: Outcome) -> dict[str, str]:
        """The keys that the outcome tells and the part knows."""
        values = ((key, _told(outcome, key, self._members)) for key in KEYS)
        keys = {key: value for key, value in values if value is not None and self._orders.knows(key, value)}
        if outcome.kind is Kind.CREATED and len(keys) > 1:
            keys.pop("number", None)  # it may be a new one that happens to be another order's own
        return keys

    def _agrees(self, order: Candidate, outcome: Outcome) -> bool:
        for key in ("external", "reference"):
            value, own = _told(outcome, key, self._members), getattr(order, key)
            if value is not None and own is not None and value != own:
                return False
        return True

    def _by_content(self, outcome: Outcome, state: str) -> bool:
        candidates = [order for order in self._candidates(outcome) if self._agrees(order, outcome)]
        equal = len({order.content for order in candidates}) == 1
        if len(candidates) >= _MOST_COMPARED:
            if not equal or not self._orders.all_equal(self._likeness(outcome.order), candidates[0].content):
                return False
        elif len(candidates) > 1:
            whole = [order for order in candidates if _within(plain(self._raw_of(order)), outcome.order)]
            candidates = whole or candidates
            equal = len({order.content for order in candidates}) == 1
        if not equal:
            return False
        self._claim(candidates[0], outcome, state, arbitrary=len(candidates) > 1)
        return True

    def _candidates(self, outcome: Outcome) -> list[Candidate]:
        """Free orders that the outcome may speak of: those that share its keys, else those that look like its echo."""
        keys, orders = self._keys(outcome), self._orders
        alike = orders.alike(self._likeness(outcome.order), keys, self._tell, _MOST_COMPARED) if outcome.order else []
        if alike or not (keys or outcome.order):
            return alike
        if keys:
            return orders.sharing(keys, _MOST_COMPARED)
        summary = {
            name: value for name, value in _scalars(outcome.order).items() if name != self._members.get("number")
        }
        return orders.summed_up(summary, lambda order: _scalars(self._value(order)), _MOST_COMPARED)

    def _tell(self, order: Candidate) -> str | None:
        value = self._value(order)
        return self._likeness(value) if isinstance(value, dict) else None

    def _value(self, order: Candidate) -> Any:
        try:
            return plain(self._raw_of(order))
        except msgspec.DecodeError:
            return None


def told(outcome: Outcome) -> list[dict[str, Any]]:
    """The server's words, each with its path."""
    return [{"path": path, "text": text} for path, text in outcome.messages]


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
