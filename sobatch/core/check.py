"""Check a source against a spec: every problem of every order in one pass, with a tally of what was seen.

The fast path verifies: a stretch that decodes into flawless orders is only counted. An order that does not goes down the
slow path that explains. Positions are worked out for the first problems of each code; beyond that they are counted,
so that a file in which everything is wrong costs little more than a good one.
"""

from __future__ import annotations

import gc
import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sobatch.core.ahead import Ahead, usable
from sobatch.core.codes import code_of
from sobatch.core.digest import Sums, digest_for
from sobatch.core.limits import Limits
from sobatch.core.locate import span_of
from sobatch.core.members import explain, has_duplicate_keys
from sobatch.core.scan import MAX_ORDER, WINDOW, Broken, Scanner, Stretch, Summed
from sobatch.core.source import Source, Stream
from sobatch.core.spec import Finding, OrderFacts, Problem, Severity, Spec
from sobatch.core.unique import Repeat, Uniques

_ANY = msgspec.json.Decoder()
_WORTH_HELP = 8 << 20
_INDEX = re.compile(r"/\d+(?=/|$)")
_FEW = 3  # problems of each kind that are reported whatever `per_code` says
_MOST_KINDS = 2_000


@dataclass(frozen=True, slots=True)
class Policy:
    """How severe the user wants each code to be. `severities` maps a code to a severity, or to None to ignore it."""

    strict: bool = False
    severities: Mapping[str, Severity | None] = field(default_factory=dict)

    def severity(self, code: str, given: Severity) -> Severity | None:
        """The severity in force for a problem, or None when it is not to be reported."""
        chosen = self.severities.get(code, given)
        return Severity.ERROR if self.strict and chosen is Severity.WARNING else chosen


@dataclass(slots=True)
class Group:
    """The sums of one group (for Unit4, a transaction type)."""

    orders: int = 0
    lines: int = 0
    rows: int = 0


@dataclass(slots=True)
class Tally:
    """What was seen. `faulty` counts orders with at least one error; `counts` problems by (code, severity).

    `kinds` counts by (code, severity, shape): the pointer inside the order with `*` for every index, or "" when there
    are too many different ones to tell apart.
    """

    orders: int = 0
    lines: int = 0
    rows: int = 0
    faulty: int = 0
    unreadable: int = 0
    largest_lines: int = 0
    largest_index: int | None = None
    largest_offset: int = 0
    groups: dict[str, Group] = field(default_factory=dict)
    lines_per_order: Counter[int] = field(default_factory=Counter)
    counts: Counter[tuple[str, Severity]] = field(default_factory=Counter)
    kinds: Counter[tuple[str, Severity, str]] = field(default_factory=Counter)

    @property
    def errors(self) -> int:
        """Problems that are errors."""
        return sum(count for (_, severity), count in self.counts.items() if severity is Severity.ERROR)

    def add(self, index: int, facts: OrderFacts) -> None:
        """Count one order."""
        self.orders += 1
        self.lines += facts.lines
        self.rows += facts.rows
        group = self.group(facts.group)
        group.orders += 1
        group.lines += facts.lines
        group.rows += facts.rows
        self.lines_per_order[facts.lines] += 1
        if facts.lines > self.largest_lines or self.largest_index is None:
            self.largest_lines, self.largest_index = facts.lines, index

    def group(self, name: str) -> Group:
        """The sums of a group, begun if need be."""
        group = self.groups.get(name)
        if group is None:
            group = self.groups[name] = Group()
        return group


@dataclass(slots=True)
class CheckedOrder:
    """One order after checking: where it stands in its stretch, what it is, and what is wrong with it."""

    position: int
    facts: OrderFacts
    findings: list[Finding]


def shape(pointer: str) -> str:
    """A pointer inside an order with `*` for every index, so that the same fault in many places is one kind."""
    return _INDEX.sub("/*", pointer)


def checked_orders(stretch: Stretch[Any], spec: Spec, limits: Limits) -> Iterator[CheckedOrder]:
    """Every order of a stretch, flawless or explained."""
    if stretch.orders is None or not _all_keys_kept(stretch):
        yield from _one_by_one(stretch, spec, limits)
        return
    for position, order in enumerate(stretch.orders):
        if spec.suspicious(order, limits):
            yield _explained(_raw(stretch, position), position, spec, limits)
        else:
            yield CheckedOrder(position, spec.facts(order), [])


def _all_keys_kept(stretch: Stretch[Any]) -> bool:
    """A typed decode keeps the last of two equal keys without a word: fewer colons come out than went in.

    Colons inside texts count on both sides; an escaped one (`\\u003a`) would hide a lost key, so escapes are not trusted.
    """
    text = stretch.whole
    kept = msgspec.json.encode(stretch.orders).count(b":")
    return text.count(b":") == kept and b"\\u003" not in text


def _raw(stretch: Stretch[Any], position: int) -> bytes:
    start, end = stretch.cut()[position]
    return stretch.text[start:end]


def _one_by_one(stretch: Stretch[Any], spec: Spec, limits: Limits) -> Iterator[CheckedOrder]:
    decoder = _decoder(spec)
    for position, (start, end) in enumerate(stretch.cut()):
        raw = stretch.text[start:end]
        try:
            order = decoder.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            yield _explained(raw, position, spec, limits)
            continue
        if spec.suspicious(order, limits) or has_duplicate_keys(raw, order):
            yield _explained(raw, position, spec, limits)
        else:
            yield CheckedOrder(position, spec.facts(order), [])


_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def _decoder(spec: Spec) -> msgspec.json.Decoder[Any]:
    return _decoders.setdefault(spec.order_type, msgspec.json.Decoder(spec.order_type))


def _explained(raw: bytes, position: int, spec: Spec, limits: Limits) -> CheckedOrder:
    try:
        value = _ANY.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        value = {}
    plain = value if isinstance(value, dict) else {}
    findings = list(explain(raw, spec.order_type, tuple(spec.heavy_keys)))
    findings.extend(spec.rules(plain, limits))
    return CheckedOrder(position, spec.facts(plain), findings)


class Check:
    """One pass over one source. Iterate `problems`; `tally` is complete when it ends.

    `per_code` bounds the problems reported for each code (None: all); the tally counts all of them.
    """

    def __init__(
        self,
        spec: Spec,
        limits: Limits,
        policy: Policy | None = None,
        *,
        per_code: int | None = 1000,
        window: int = WINDOW,
        max_order: int = MAX_ORDER,
        helpers: int = 0,
    ) -> None:
        self.tally = Tally()
        self.faulty: array[int] = array("Q")
        """Indexes of the orders with an error, ascending except for repeats, which are found last."""
        self.broken = False
        self._spec = spec
        self._limits = limits
        self._policy = policy or Policy()
        self._per_code = per_code
        self._window = window
        self._max_order = max_order
        self._helpers = helpers

    def problems(self, source: Source, tap: Callable[[bytes], object] | None = None) -> Iterator[Problem]:
        """Every problem, in the order of the text; what concerns several orders or the whole comes last."""
        uniques = Uniques()
        stream = source.open(tap)
        try:
            with no_collector(), self._ahead(source) as ahead:
                scanner: Scanner[Any] = Scanner(
                    stream, self._spec.order_type, window=self._window, max_order=self._max_order, ahead=ahead
                )
                yield from self._stretches(scanner, uniques)
            yield from self._repeats(uniques, source)
            if not self.broken:
                yield from self._notes()
        finally:
            uniques.close()
            stream.close()

    @contextmanager
    def _ahead(self, source: Source) -> Iterator[Ahead | None]:
        """Helpers for an input that is worth them; None where there are none to be had."""
        if self._helpers < 1 or not usable() or (source.size is not None and source.size < _WORTH_HELP):
            yield None
            return
        digest = digest_for(self._spec, self._limits, _all_keys_kept, self._max_order)
        ahead = Ahead(digest, self._helpers)
        try:
            yield ahead
        finally:
            ahead.close()

    def _stretches(self, scanner: Scanner[Any], uniques: Uniques) -> Iterator[Problem]:
        for piece in scanner:
            if isinstance(piece, Broken):
                self.broken = True
                yield from self._broken(piece)
            elif isinstance(piece, Summed):
                self._add_sums(piece, uniques)
            else:
                yield from self._stretch(piece, uniques)

    def _add_sums(self, summed: Summed, uniques: Uniques) -> None:
        sums, base = Sums.of(summed.sums), self.tally.orders + self.tally.unreadable
        self.tally.add_sums(sums, base, summed.offset)
        for key, values in (("number", sums.numbers), ("external", sums.externals), ("reference", sums.references)):
            uniques.add([(key, value, base + place) for place, value in enumerate(values) if value is not None])

    def _stretch(self, stretch: Stretch[Any], uniques: Uniques) -> Iterator[Problem]:
        keys: list[tuple[str, str, int]] = []
        tally, base = self.tally, self.tally.orders + self.tally.unreadable
        for order in checked_orders(stretch, self._spec, self._limits):
            index = base + order.position
            tally.add(index, order.facts)
            if tally.largest_index == index:
                tally.largest_offset = stretch.offset + stretch.cut()[order.position][0]
            facts = order.facts
            if facts.number is not None:
                keys.append(("number", facts.number, index))
            if facts.external is not None:
                keys.append(("external", facts.external, index))
            if facts.reference is not None:
                keys.append(("reference", facts.reference, index))
            if order.findings:
                yield from self._order_problems(stretch, order, index)
        uniques.add(keys)

    def _order_problems(self, stretch: Stretch[Any], order: CheckedOrder, index: int) -> Iterator[Problem]:
        faulty = False
        placed = []
        for found in order.findings:
            severity = self._counted(found.code, found.severity, found.pointer)
            if severity is None:
                continue
            faulty = faulty or severity is Severity.ERROR
            if self._wanted(found.code, severity, found.pointer):
                start, end = stretch.cut()[order.position]
                offset = start + span_of(stretch.text[start:end], found.pointer, missing=found.missing)[0]
                placed.append(
                    Problem(
                        found.code,
                        severity,
                        found.message,
                        stretch.offset + offset,
                        index,
                        f"/{index}{found.pointer}",
                        found.hint,
                    )
                )
        if faulty:
            self.tally.faulty += 1
            self.faulty.append(index)
        yield from sorted(placed, key=lambda problem: problem.offset)

    def _counted(self, code: str, given: Severity, pointer: str = "") -> Severity | None:
        severity = self._policy.severity(code, given)
        if severity is not None:
            self.tally.counts[code, severity] += 1
            self.tally.kinds[self._kind(code, severity, pointer)] += 1
        return severity

    def _kind(self, code: str, severity: Severity, pointer: str) -> tuple[str, Severity, str]:
        kinds, kind = self.tally.kinds, (code, severity, shape(pointer))
        return kind if kind in kinds or len(kinds) < _MOST_KINDS else (code, severity, "")

    def _wanted(self, code: str, severity: Severity, pointer: str = "") -> bool:
        if self._per_code is None or self.tally.counts[code, severity] <= self._per_code:
            return True
        return self.tally.kinds[self._kind(code, severity, pointer)] <= _FEW

    def _broken(self, broken: Broken) -> Iterator[Problem]:
        index = self.tally.orders + self.tally.unreadable
        if broken.recovered:
            self.tally.unreadable += 1
        fault, severity = broken.fault, Severity.ERROR  # no policy makes unreadable text readable
        self.tally.counts[fault.code, severity] += 1
        self.tally.kinds[fault.code, severity, ""] += 1
        if self._wanted(fault.code, severity):
            yield broken_problem(broken, index)

    def _repeats(self, uniques: Uniques, source: Source) -> Iterator[Problem]:
        finder = _ValueFinder(source, self._window, self._max_order)
        known = len(self.faulty)  # ascending as far as here
        try:
            for repeat in uniques.repeats():
                member, code = self._spec.keys[repeat.key]
                severity = self._counted(code, code_of(code).severity, f"/{member}")
                if severity is None:
                    continue
                if severity is Severity.ERROR and not self._is_faulty(repeat.index, known):
                    self.tally.faulty += 1
                    self.faulty.append(repeat.index)
                if self._wanted(code, severity, f"/{member}"):
                    yield _repeat(code, severity, member, repeat, finder.offset(repeat.index, member))
        finally:
            finder.close()

    def _is_faulty(self, index: int, known: int) -> bool:
        at = bisect_left(self.faulty, index, 0, known)
        return (at < known and self.faulty[at] == index) or (len(self.faulty) > known and self.faulty[-1] == index)

    def _notes(self) -> Iterator[Problem]:
        if self.tally.orders + self.tally.unreadable == 0:
            severity = self._counted("SO-012", Severity.ERROR)
            if severity is not None:
                yield Problem("SO-012", severity, "The array is empty: there are no orders.", 0, hint="Check the export.")
        groups = [group for group in self.tally.groups if group]
        for code, given, message, hint in self._spec.input_notes(groups, self.tally.orders):
            severity = self._counted(code, given)
            if severity is not None:
                yield Problem(code, severity, message, 0, None, "", hint)


def broken_problem(broken: Broken, index: int) -> Problem:
    """The problem that stands for broken text; `index` is that of the order it breaks, if it breaks inside one."""
    fault, inside = broken.fault, broken.order_offset is not None
    return Problem(
        fault.code,
        Severity.ERROR,
        fault.message,
        fault.offset,
        index if inside else None,
        f"/{index}{fault.pointer}" if inside else "",
        fault.hint,
        broken.order_offset,
    )


def _repeat(code: str, severity: Severity, member: str, repeat: Repeat, offset: int) -> Problem:
    message = (
        f"{member} {repeat.value[:60]} is used twice in this file: "
        f"first by order {repeat.first_index}, again by order {repeat.index}."
    )
    pointer = f"/{repeat.index}/{member}"
    return Problem(code, severity, message, offset, repeat.index, pointer, "Give each order its own.")


class _ValueFinder:
    """Byte offsets of repeated values, found by reading the source once more, as far as the last of them."""

    def __init__(self, source: Source, window: int, max_order: int) -> None:
        self._source = source
        self._sizes = (window, max_order)
        self._stream: Stream | None = None
        self._pieces: Iterator[Stretch[Any] | Broken] = iter(())
        self._stretch: Stretch[Any] | None = None
        self._first = 0
        self._next = 0

    def offset(self, index: int, member: str) -> int:
        """Where a member of an order stands in the text; asked for in ascending order of index."""
        if self._stream is None:
            self._stream = self._source.open()
            window, max_order = self._sizes
            self._pieces = iter(Scanner[Any](self._stream, None, window=window, max_order=max_order))
        while self._stretch is None or index >= self._next:
            piece = next(self._pieces)
            if isinstance(piece, Broken):
                self._next += piece.recovered
                continue
            self._stretch, self._first = piece, self._next
            self._next += len(piece.cut())
        start, end = self._stretch.cut()[index - self._first]
        text = self._stretch.text[start:end]
        return self._stretch.offset + start + span_of(text, f"/{member}")[0]

    def close(self) -> None:
        """Let go of the stream."""
        if self._stream is not None:
            self._stream.close()


@contextmanager
def no_collector() -> Iterator[None]:
    """Decoded orders hold no cycles; the collector would only walk them. Measured: half again as fast without."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
