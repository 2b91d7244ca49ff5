"""Check a source against a spec: every problem of every order in one pass, with a tally of what was seen.

Stretches are examined one after the other, or by helpers ahead of time; either way their sums are merged in the order
of the text. Positions are worked out for the first problems of each code; beyond that they are counted, so that a file
in which everything is wrong costs little more than a good one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from typing import Any

from sobatch.core.check.examine import Examiner, digest_for, wanted
from sobatch.core.check.repeats import Hashes, Repeat, Repeats
from sobatch.core.check.tally import Ascending, Kind, Sums, Tally, in_order, shape, shortened
from sobatch.core.order.codes import Codebook
from sobatch.core.order.declared import documented
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import Finding, Policy, Problem, Severity, Spec
from sobatch.core.place.places import Places
from sobatch.core.read.ahead import Ahead, usable
from sobatch.core.read.orders import Found, no_collector, orders
from sobatch.core.read.scan import MAX_ORDER, WINDOW, Broken, Scanner
from sobatch.core.read.source import Source, Stream
from sobatch.core.read.stretch import Summed

_WORTH_HELP = 8 << 20  # bytes as stored; below, starting helpers costs more than they save


class Check:
    """One pass over one source. Iterate `problems`; `tally` is complete when it ends.

    `per_code` bounds the problems reported for each code (None: all); the tally counts all of them. With `helpers` that
    many processes are forked to examine orders ahead; what is found never depends on them.
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
        self._codes = Codebook(spec.codes).codes
        self._limits = limits
        self._policy = policy or Policy()
        self._per_code = per_code
        self._window = window
        self._max_order = max_order
        self._helpers = helpers

    def problems(self, source: Source, tap: Callable[[bytes], object] | None = None) -> Iterator[Problem]:
        """Every problem, in the order of the text; what concerns several orders or the whole comes last."""
        with closing(Hashes()) as hashes:
            with closing(source.open(tap)) as stream, no_collector(), self._ahead(source) as ahead:
                yield from self._pieces(self._scanner(stream), ahead, hashes)
            yield from self._repeats(hashes, source)
            if not self.broken:
                yield from self._shared(hashes)
                yield from self._notes()

    def asked(self, source: Source, examine: Callable[[bytes], Iterable[Finding]]) -> Iterator[Problem]:
        """What somebody else finds in each order that has no error, after `problems`; counted like those."""
        self.faulty = in_order(self.faulty)
        known, index = Ascending(self.faulty), 0
        more: array[int] = array("Q")
        for found in orders(source.open(), None, max_order=self._max_order):
            if isinstance(found, Broken):
                index += found.recovered
                continue
            if not known.has(index):
                yield from self._told(found, index, examine(found.raw), more)
            index += 1
        self.faulty = in_order(self.faulty + more)

    def _told(self, order: Found, index: int, findings: Iterable[Finding], more: array[int]) -> Iterator[Problem]:
        places, faulty = Places(documented(order.raw, self._spec.order_type)), False
        for found in findings:
            given = found.severity or self._codes[found.code].severity
            severity, reported = self._counted(found.code, given, shape(found.pointer))
            faulty = faulty or severity is Severity.ERROR
            if severity is not None and reported:
                at = order.offset + places.start(found.pointer, missing=found.missing)
                hint = found.hint() if callable(found.hint) else found.hint
                pointer = shortened(f"/{index}{found.pointer}")
                yield Problem(found.code, severity, found.message, at, index, pointer, hint)
        if faulty:
            self.tally.faulty += 1
            more.append(index)

    def _scanner(self, stream: Stream) -> Scanner[Any]:
        return Scanner(stream, self._spec.order_type, window=self._window, max_order=self._max_order)

    def _examiner(self) -> Examiner:
        return Examiner(self._spec, self._limits, self._policy, self._per_code)

    def _ahead(self, source: Source) -> AbstractContextManager[Ahead | None]:
        """Helpers for an input that is worth them; None where there are none to be had."""
        if self._helpers < 1 or not usable() or (source.size is not None and source.size < _WORTH_HELP):
            return nullcontext()
        return closing(Ahead(digest_for(self._examiner(), self._spec, self._max_order), self._helpers))

    def _pieces(self, scanner: Scanner[Any], ahead: Ahead | None, hashes: Hashes) -> Iterator[Problem]:
        examiner = self._examiner()
        for piece in scanner.pieces(ahead):
            if isinstance(piece, Broken):
                self.broken = True
                yield from self._broken(piece)
            elif isinstance(piece, Summed):
                yield from self._merge(piece.sums, piece.offset, hashes)
            else:
                sums = Sums()
                examiner.add(piece, sums)
                yield from self._merge(sums, piece.offset, hashes)
            del piece  # it may be large, and is not to be kept while the next one is read

    def _merge(self, sums: Sums, offset: int, hashes: Hashes) -> Iterator[Problem]:
        tally, base = self.tally, self.tally.elements
        hashes.add(sums.keys)
        self.faulty.extend(base + index for index in sums.faulty)
        for problem, kind, of_code, of_kind in sums.problems:
            of_code += tally.counts[kind.code, kind.severity]
            of_kind += tally.kinds[tally.kind(kind)]
            if wanted(self._per_code, of_code, of_kind):
                index = base + (problem.index or 0)
                pointer = f"/{index}{problem.pointer}"
                yield replace(problem, offset=offset + problem.offset, index=index, pointer=pointer)
        tally.merge(sums, base, offset)

    def _counted(self, code: str, given: Severity, pointer: str = "") -> tuple[Severity | None, bool]:
        """The severity of a problem that no single order has, and whether it is to be reported."""
        severity = self._policy.severity(code, given)
        if severity is None:
            return None, False
        kind = Kind(code, severity, pointer)
        self.tally.count(kind)
        counts, kinds = self.tally.counts[code, severity], self.tally.kinds[self.tally.kind(kind)]
        return severity, wanted(self._per_code, counts, kinds)

    def _general(self, code: str, given: Severity) -> Severity | None:
        """The severity of what concerns the input as a whole."""
        severity, _ = self._counted(code, given)
        self.tally.general += severity is Severity.ERROR
        return severity

    def _broken(self, broken: Broken) -> Iterator[Problem]:
        index = self.tally.elements
        if broken.recovered:
            self.tally.unreadable += 1
        code, severity = broken.fault.code, Severity.ERROR  # no policy makes unreadable text readable
        kind = Kind(code, severity, "")
        self.tally.count(kind)
        if wanted(self._per_code, self.tally.counts[code, severity], self.tally.kinds[kind]):
            yield broken_problem(broken, index)

    def _repeats(self, hashes: Hashes, source: Source) -> Iterator[Problem]:
        suspects = {key: each for key, each in hashes.suspects().items() if key not in self._repeatable()}
        if not suspects:
            return
        known = len(self.faulty)  # ascending as far as here
        with closing(source.open()) as stream:
            for repeat in Repeats(self._spec, suspects, self._scanner).found(stream):
                member, code = self._spec.keys[repeat.key]
                severity, reported = self._counted(code, self._codes[code].severity, f"/{member}")
                if severity is None:
                    continue
                if severity is Severity.ERROR and not self._is_faulty(repeat.index, known):
                    self.tally.faulty += 1
                    self.faulty.append(repeat.index)
                if reported:
                    yield _repeat(code, severity, member, repeat)

    def _is_faulty(self, index: int, known: int) -> bool:
        at = bisect_left(self.faulty, index, 0, known)
        return (at < known and self.faulty[at] == index) or (len(self.faulty) > known and self.faulty[-1] == index)

    def _repeatable(self) -> set[str]:
        """The keys that many orders may have: told once, or of no importance under these settings."""
        return {*self._shareable(), *self._limits.repeatable}

    def _shareable(self) -> list[str]:
        """The keys of which a value may stand in many orders: that is told once, not at every order."""
        return [key for key, (_, code) in self._spec.keys.items() if self._codes[code].severity is Severity.NOTE]

    def _shared(self, hashes: Hashes) -> Iterator[Problem]:
        for key in self._shareable():
            orders, values = hashes.shared(key)
            member, code = self._spec.keys[key]
            severity = self._general(code, self._codes[code].severity) if orders else None
            if severity is not None:
                yield _shared(code, severity, member, orders, values)

    def _notes(self) -> Iterator[Problem]:
        if self.tally.elements == 0:
            severity = self._general("SO-012", Severity.ERROR)
            if severity is not None:
                yield Problem(
                    "SO-012", severity, "The array is empty: there are no orders.", 0, hint="Check the export."
                )
        groups = [group for group in self.tally.groups if group]
        for code, given, message, hint in self._spec.input_notes(groups, self.tally.orders, self.tally.keyless):
            severity = self._general(code, given)
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


def _repeat(code: str, severity: Severity, member: str, repeat: Repeat) -> Problem:
    message = (
        f"{member} {repeat.value[:60]} is used twice in this file: "
        f"first by order {repeat.first_index}, again by order {repeat.index}."
    )
    pointer = f"/{repeat.index}/{member}"
    return Problem(code, severity, message, repeat.offset, repeat.index, pointer, "Give each order its own.")


def _shared(code: str, severity: Severity, member: str, orders: int, values: int) -> Problem:
    what = f"one {member}" if values == 1 else f"{values:,} values of {member}"
    hint = "Nothing to do if that is meant; but such orders cannot be told apart by it."
    return Problem(code, severity, f"{orders:,} orders share {what}.", 0, None, "", hint)
