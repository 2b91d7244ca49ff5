"""Check several sources one after the other, and give every problem its line and column.

A source that breaks (cut gzip, text that is no JSON) is a problem of its own and never keeps the others from being
checked. Problems come as they are found; the sums in `reports` are complete when the last one has come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from sobatch.core.check.one_source import Check, broken_problem
from sobatch.core.check.tally import Kind, Tally
from sobatch.core.order.codes import CODES, Codebook
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import Code, Finding, Policy, Problem, Severity, Spec
from sobatch.core.place.locate import Excerpt, Locator
from sobatch.core.read.scan import MAX_ORDER
from sobatch.core.read.source import Source, Stream
from sobatch.errors import InputError

__all__ = ["Placed", "Placer", "Report", "Survey", "broken_problem", "unreadable_problem", "writable"]

_EXCERPT_WIDTH = 100
Tap = Callable[[Source], Callable[[bytes], object] | None]


@dataclass(frozen=True, slots=True)
class Placed:
    """A problem and its place as people count: line and column from 1, None where the text cannot be read again."""

    file: str
    problem: Problem
    line: int | None
    column: int | None
    line_of_order: int | None = None
    excerpt: Excerpt | None = None
    entry: Code | None = None
    """What its code means, where the table in use has it."""

    @property
    def title(self) -> str:
        """The title of its code, or the code itself."""
        return self.problem.code if self.entry is None else self.entry.title

    def facts(self) -> dict[str, Any]:
        """The problem for programs; the names of the members are a promise."""
        problem = self.problem
        facts: dict[str, Any] = {
            "file": writable(self.file),
            "index": problem.index,
            "offset": problem.offset,
            "line": self.line,
            "column": self.column,
            "pointer": writable(problem.pointer),
            "code": problem.code,
            "severity": problem.severity.value,
            "message": writable(problem.message),
        }
        if problem.hint:
            facts["hint"] = writable(problem.hint)
        if self.entry is not None:
            facts["rule"] = self.entry.rule
        if self.line_of_order is not None:
            facts["line_of_order"] = self.line_of_order
        return facts


@dataclass(slots=True)
class Report:
    """The sums of one source. `broken`: its text could not be read to the end, or not in every record."""

    file: str
    tally: Tally
    broken: bool = False
    line_of_largest: int | None = None
    codes: Mapping[str, Code] = field(default_factory=lambda: CODES)
    """The meanings of the codes that may be counted."""

    @property
    def failed(self) -> bool:
        """Whether anything in it is an error."""
        return self.broken or self.tally.errors > 0


class Placer:
    """Gives the problems of one source their places. Reads the text again, as far as the last problem. `own` are the
    codes that an ERP has beside those of any text and order."""

    def __init__(self, source: Source, own: Sequence[Code] = (), *, excerpts: bool = False) -> None:
        self._source = source
        self._codes = Codebook(own).codes
        self._excerpts = excerpts
        self._locator = Locator(lambda: cast(BinaryIO, _Forgiving(source.open())))

    def placed(self, problem: Problem) -> Placed:
        """A problem with its line and column."""
        try:
            return self._placed(problem)
        except InputError:  # the file changed or is gone
            return Placed(self._source.name, problem, None, None, entry=self._codes.get(problem.code))

    def _placed(self, problem: Problem) -> Placed:
        began = self._locator.place(problem.began).line if problem.began is not None else None
        if problem.index is None and problem.offset == 0:
            line = column = 1
        else:
            place = self._locator.place(problem.offset)
            line, column = place.line, place.column
        excerpt = None
        if self._excerpts and problem.severity is not Severity.NOTE:
            excerpt = self._locator.excerpt(problem.offset, width=_EXCERPT_WIDTH)
        return Placed(self._source.name, problem, line, column, began, excerpt, self._codes.get(problem.code))

    def line(self, offset: int) -> int | None:
        """The line of a byte offset."""
        try:
            return self._locator.place(offset).line
        except InputError:
            return None

    def close(self) -> None:
        """Let go of the text."""
        self._locator.close()


class Survey:
    """Checks sources under one policy. `after` hears of each source once it is checked, before the next one begins.
    `examine` finds more in each order that has no error by then."""

    def __init__(
        self,
        spec: Spec,
        limits: Limits,
        policy: Policy,
        *,
        per_code: int | None = 1000,
        max_order: int = MAX_ORDER,
        helpers: int = 0,
        excerpts: bool = False,
        after: Callable[[Source, Check], None] = lambda source, check: None,
        examine: Callable[[bytes], Iterable[Finding]] | None = None,
    ) -> None:
        self.reports: list[Report] = []
        self.codes = Codebook(spec.codes).codes
        self._spec = spec
        self._limits = limits
        self._policy = policy
        self._per_code = per_code
        self._max_order = max_order
        self._helpers = helpers
        self.excerpts = excerpts
        self._after = after
        self._examine = examine

    @property
    def failed(self) -> bool:
        """Whether any source has an error."""
        return any(report.failed for report in self.reports)

    def problems(self, sources: Iterable[Source], tap: Tap = lambda source: None) -> Iterator[Placed]:
        """The problems of all sources. `tap` gives for a source what is to hear its stored bytes as they are read."""
        for source in sources:
            yield from self._of(source, tap(source))

    def _of(self, source: Source, tap: Callable[[bytes], object] | None) -> Iterator[Placed]:
        check = Check(
            self._spec,
            self._limits,
            self._policy,
            per_code=self._per_code,
            max_order=self._max_order,
            helpers=self._helpers,
        )
        report = Report(source.name, check.tally, codes=self.codes)
        self.reports.append(report)
        placer = Placer(source, self._spec.codes, excerpts=self.excerpts)
        try:
            try:
                for problem in check.problems(source, tap):
                    yield placer.placed(problem)
                for problem in check.asked(source, self._examine) if self._examine is not None else ():
                    yield placer.placed(problem)
            except InputError as error:
                report.broken = True
                yield placer.placed(unreadable_problem(source, error, check.tally))
            report.broken = report.broken or check.broken
            if check.tally.largest_index is not None:
                report.line_of_largest = placer.line(check.tally.largest_offset)
        finally:
            placer.close()
        self._after(source, check)


def unreadable_problem(source: Source, error: InputError, tally: Tally) -> Problem:
    """The problem that stands for a source which cannot be read on; counted in the tally."""
    code = error.code or "SO-019"
    tally.count(Kind(code, Severity.ERROR, ""))
    offset = error.facts.get("offset")
    message = error.message.removeprefix(f"{source.name} ")
    return Problem(
        code,
        Severity.ERROR,
        f"The input {message}.",
        offset if isinstance(offset, int) else 0,
        hint=error.next_step,
    )


def writable(text: str) -> str:
    """Text that UTF-8 can hold: file names may carry bytes that are no characters."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


class _Forgiving:
    """Text that simply ends where it cannot be read on, so that all before it can still be placed."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except InputError:
            return b""

    def close(self) -> None:
        self._stream.close()
