"""Check stretches of orders against a spec: what is flawless is only counted, what is not is explained.

Everything found counts from the beginning of the sums it is added to, so that a stretch can be examined by whoever has
time for it, before it is known how many orders come before.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import msgspec

from sobatch.core.check.explain import explain, has_duplicate_keys
from sobatch.core.check.tally import MOST_KINDS, Kind, Ranked, Sums, shape, shortened
from sobatch.core.order.codes import Codebook
from sobatch.core.order.declared import documented, typed
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import Finding, OrderFacts, Policy, Problem, Severity, Spec
from sobatch.core.place.places import Places
from sobatch.core.read.boundary import proved
from sobatch.core.read.orders import facts_of
from sobatch.core.read.stretch import UNPARSED, Stretch

FEW = 3  # problems of each kind that are reported whatever `per_code` says


def all_keys_kept(stretch: Stretch[Any]) -> bool:
    """Whether the decoded orders of a stretch lost no key: a typed decode keeps the last of two equal ones silently."""
    colons = stretch.whole.count(b":")
    if colons == stretch.members:
        return True  # every member needs a colon of its own
    # Else as for a single order in `has_duplicate_keys`, without the closer look.
    return colons == msgspec.json.encode(stretch.orders).count(b":") and b"\\u003" not in stretch.whole


def wanted(per_code: int | None, of_code: int, of_kind: int) -> bool:
    """Whether a problem is reported: the first ones of its code, and the first few of its kind."""
    return per_code is None or of_code <= per_code or of_kind <= FEW


def quick_look(spec: Spec, limits: Limits) -> Callable[[Any], bool]:
    """Whether the rules would find anything in a typed order: the spec's own quick look, else the rules themselves."""
    suspicious = spec.suspicious
    if suspicious is not None:
        return lambda order: suspicious(order, limits)
    return lambda order: next(spec.rules(msgspec.to_builtins(order), limits), None) is not None


def _nothing(raw: bytes) -> Iterator[Finding]:
    return iter(())


class Examiner:
    """Examines stretch after stretch. Reports the problems that can be `wanted` whoever else examines the others."""

    def __init__(self, spec: Spec, limits: Limits, policy: Policy, per_code: int | None) -> None:
        self._spec = spec
        self._limits = limits
        self._suspicious = quick_look(spec, limits)
        # How an order is written matters to few ERPs; the others' specs have nothing of this name.
        self._written: Callable[[bytes], Iterator[Finding]] = getattr(spec, "written", _nothing)
        self._policy = policy
        self._per_code = per_code
        self._codes = Codebook(spec.codes).codes
        self._heavy_keys = tuple(spec.heavy_keys)
        self._typed = typed(spec.order_type)
        self._most_lines = -1
        self._counts: Counter[tuple[str, Severity]] = Counter()
        self._kinds: Counter[Kind] = Counter()

    def add(self, stretch: Stretch[Any], sums: Sums) -> None:
        """Examine a stretch and add what it holds to new sums."""
        if stretch.orders is not None and self._written is _nothing and all_keys_kept(stretch):
            self._decoded(stretch, stretch.orders, sums)
        else:
            self._one_by_one(stretch, sums)
        most = max(sums.lines_per_order, default=0)
        if sums.orders and most > self._most_lines:
            self._most_lines = most
            sums.largest = self._largest(stretch, most)

    def _decoded(self, stretch: Stretch[Any], orders: list[Any], sums: Sums) -> None:
        facts, suspicious = self._spec.facts, self._suspicious
        for position, order in enumerate(orders):
            if suspicious(order):
                start, end = stretch.cut()[position]
                self._explain(stretch.text[start:end], start, sums)
            else:
                sums.add(facts(order))

    def _one_by_one(self, stretch: Stretch[Any], sums: Sums) -> None:
        faulty = False
        for start, end in stretch.cut():
            raw = stretch.text[start:end]
            # Faults come in rows: after one, trying whether the next order is flawless is mostly time lost.
            facts = None if faulty else self._flawless(raw)
            if facts is not None:
                sums.add(facts)
            else:
                faulty = self._explain(raw, start, sums)

    def _flawless(self, raw: bytes) -> OrderFacts | None:
        """The facts of an order with nothing to explain."""
        try:
            order, members = self._typed.one(raw)
        except UNPARSED:
            return None
        if raw.count(b":") != members and has_duplicate_keys(raw, order):
            return None
        if self._suspicious(order) or next(iter(self._written(raw)), None) is not None:
            return None
        return self._spec.facts(order)

    def _largest(self, stretch: Stretch[Any], most: int) -> tuple[int, int, int]:
        for position, facts in enumerate(facts_of(stretch, self._spec)):
            if facts.lines == most:
                return most, position, stretch.cut()[position][0]
        raise AssertionError("the order with most lines is in this stretch")

    def _explain(self, raw: bytes, offset: int, sums: Sums) -> bool:
        """Add one order with all that is wrong with it; whether anything is."""
        raw = documented(raw, self._spec.order_type)
        index = sums.orders
        placed: list[Ranked] = []
        places = Places(raw)
        told = faulty = False

        def tell(found: Finding) -> None:
            nonlocal told, faulty
            told = True
            severity = self._policy.severity(found.code, found.severity or self._codes[found.code].severity)
            if severity is None:
                return
            faulty = faulty or severity is Severity.ERROR
            kind = Kind(found.code, severity, shape(found.pointer))
            if self._counted(kind, sums):
                problem = self._problem(found, severity, places, offset, index)
                placed.append(Ranked(problem, kind, sums.counts[kind.code, severity], sums.kinds[kind]))

        value = explain(raw, self._spec.order_type, self._heavy_keys, tell)
        for found in chain(self._spec.rules(value, self._limits), self._written(raw)):
            tell(found)
        sums.add(self._spec.facts(value), empty=not value)
        if faulty:
            sums.faulty.append(index)
        sums.problems.extend(sorted(placed, key=lambda ranked: ranked.problem.offset))
        return told

    def _counted(self, kind: Kind, sums: Sums) -> bool:
        """Count a problem here and in the sums; whether it is worth its place."""
        code = kind[:2]
        sums.counts[code] += 1
        sums.kinds[kind] += 1
        self._counts[code] += 1
        of_kind = FEW + 1
        if kind in self._kinds or len(self._kinds) < MOST_KINDS:
            of_kind = self._kinds[kind] = self._kinds[kind] + 1
        return wanted(self._per_code, self._counts[code], of_kind)

    def _problem(self, found: Finding, severity: Severity, places: Places, offset: int, index: int) -> Problem:
        at = offset + places.start(found.pointer, missing=found.missing)
        hint = found.hint() if callable(found.hint) else found.hint
        return Problem(found.code, severity, found.message, at, index, shortened(found.pointer), hint)


def digest_for(examiner: Examiner, spec: Spec, max_order: int) -> Callable[[bytes], bytes | None]:
    """The function that helpers run: the packed `Sums` of a chunk, or None when its text is no row of whole orders."""
    decoder = typed(spec.order_type)

    def digest(array: bytes) -> bytes | None:
        stretch = proved(array, 0, decoder) if len(array) <= max_order else None
        if stretch is None:
            return None
        sums = Sums()
        examiner.add(stretch, sums)
        return pickle.dumps(sums, pickle.HIGHEST_PROTOCOL)

    return digest
