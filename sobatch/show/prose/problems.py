"""Problems for people, as compilers show them: `file:line:column: severity[code] message`, the line, and a mark.

Problems of one kind (same code, same member) are one group with its first places and its count, so that 100,000
problems of four kinds are four things to read. What matters most stands last.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TextIO

from sobatch.core.check.sources import Placed, Placer, Report
from sobatch.core.check.tally import Kind, shape
from sobatch.core.order.spec import Code, Problem, Severity
from sobatch.core.place.excerpt import cell_width, text_width
from sobatch.core.place.safetext import clean
from sobatch.core.read.source import Source
from sobatch.show.human import Style, count

FIRST = 3  # places shown of each kind of problem
_MOST_SHAPES = 10  # kinds shown of each code
_RANK = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}
_SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"?|-?\d[\d.eE+-]*|true|false|null')


class Groups:
    """Keeps the first few problems of every kind."""

    def __init__(self, first: int) -> None:
        self.kept: dict[Kind, list[Placed]] = {}
        self._first = first

    def add(self, placed: Placed) -> None:
        """Keep a problem if its kind has few yet."""
        kept = self.kept.setdefault(kind_of(placed), [])
        if len(kept) < self._first:
            kept.append(placed)

    def in_order(self) -> list[list[Kind]]:
        """The kinds of each code, notes first and broken text last: what is read last is what to mend first."""
        by_code: dict[tuple[str, Severity], list[Kind]] = {}
        for kind in self.kept:
            by_code.setdefault((kind.code, kind.severity), []).append(kind)
        return sorted(by_code.values(), key=lambda kinds: (_RANK[kinds[0].severity], kinds[0].code.startswith("SO-0")))


def kind_of(placed: Placed) -> Kind:
    """Code, severity and the pointer inside the order with `*` for indexes; unreadable text is one kind per code."""
    problem = placed.problem
    if problem.code.startswith("SO-0") or problem.index is None:
        return Kind(problem.code, problem.severity, "")
    return Kind(problem.code, problem.severity, shape(problem.pointer.removeprefix(f"/{problem.index}")))


def counts_of(reports: Sequence[Report]) -> Counter[Kind]:
    """How many problems of each kind all sources have together."""
    total: Counter[Kind] = Counter()
    for report in reports:
        total.update(report.tally.kinds)
    return total


def write_problems(out: TextIO, problems: Iterable[Placed], reports: Sequence[Report], style: Style) -> None:
    """The first few problems of each kind, in groups."""
    groups = Groups(FIRST)
    for placed in problems:
        groups.add(placed)
    write_groups(out, groups, counts_of(reports), style)


def write_groups(out: TextIO, groups: Groups, counts: Counter[Kind], style: Style) -> None:
    """All groups, and of a code with very many kinds the first ones."""
    for kinds in groups.in_order():
        told = 0
        for kind in kinds[:_MOST_SHAPES]:
            kept = groups.kept[kind]
            hint = None
            for placed in kept:
                hint = write_one(out, placed, style, said=hint)
            total = max(counts[kind], len(kept))
            if total > len(kept):
                about = f"{_label(kind, style)}{f' at {clean(kind.shape, 80)}' if kind.shape else ''}"
                out.write(f"  ... and {total - len(kept):,} more, {total:,} in all: {about}\n")
            out.write("\n")
            told += total
        more = sum(number for kind, number in counts.items() if kind[:2] == kinds[0][:2]) - told
        if more > 0:
            out.write(f"  ... and {more:,} more at other members: {_label(kinds[0], style)}\n\n")


def _label(kind: Kind, style: Style) -> str:
    return f"{_painted(style, kind.severity)}[{kind.code}]"


def write_one(out: TextIO, placed: Placed, style: Style, *, said: str | None = None) -> str | None:
    """One problem with its line and a mark under the value. Returns its hint, which is not repeated if just `said`."""
    problem = placed.problem
    known = placed.line is not None and problem.severity is not Severity.NOTE
    where = style.bold(clean(placed.file, 1000) + (f":{placed.line}:{placed.column}" if known else ""))
    label = f"{_painted(style, problem.severity)}[{problem.code}]"
    out.write(f"{where}: {label} {clean(problem.message)}{_within(placed)}\n")
    if placed.excerpt is not None and placed.line is not None:
        number, text = f"{placed.line:>6}", placed.excerpt.text
        out.write(f"{style.dim(number + ' |')} {text}\n")
        mark = " " * placed.excerpt.caret + "^" * _marked(placed)
        out.write(f"{style.dim('       |')} {_colour(style, problem.severity, mark)}\n")
    if problem.hint and problem.hint != said:
        out.write(f"  {style.bold('hint')}: {clean(problem.hint)}\n")
    return problem.hint


def _within(placed: Placed) -> str:
    """Which order it is, and for text that breaks where that order began."""
    index = placed.problem.index
    if index is None:
        return ""
    if placed.line_of_order is None:
        return f" (order {index})"
    return f" (inside the {ordinal(index + 1)} order, which began at line {placed.line_of_order:,})"


def ordinal(number: int) -> str:
    """`1st`, `12th`, `4,812th`."""
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{suffix}"


def _marked(placed: Placed) -> int:
    """Cells to underline: all of a text, number or word; the bracket of an object or array; one for broken text."""
    excerpt = placed.excerpt
    if excerpt is None or placed.problem.code.startswith("SO-0"):
        return excerpt.span if excerpt else 1
    cells = at = 0
    while at < len(excerpt.text) and cells < excerpt.caret:
        cells += cell_width(excerpt.text[at])
        at += 1
    found = _SCALAR.match(excerpt.text, at)
    return text_width(found[0]) if found else excerpt.span


def _painted(style: Style, severity: Severity) -> str:
    return _colour(style, severity, severity.value)


def _colour(style: Style, severity: Severity, text: str) -> str:
    if severity is Severity.ERROR:
        return style.red(text)
    return style.yellow(text) if severity is Severity.WARNING else style.bold(text)


def unshown(reports: Sequence[Report], written: Mapping[tuple[int, str], int]) -> Iterator[str]:
    """What was counted and not shown: `written` has the problems shown, by place of the report and code."""
    for at, report in enumerate(reports):
        counted: Counter[str] = Counter()
        for (code, _), number in report.tally.counts.items():
            counted[code] += number
        for code, number in sorted(counted.items()):
            shown = written.get((at, code), 0)
            if shown < number:
                title = report.codes[code].title if code in report.codes else code
                yield (f"{report.file}: {code} {title}: {number:,} in all, {shown:,} shown here; --all shows every one")


def problem_facts(source: Source, problems: Iterable[Problem], own: Sequence[Code]) -> list[dict[str, object]]:
    """Problems of one source, placed, as plain data; `own` are the ERP's own codes."""
    placer = Placer(source, own)
    try:
        return [placer.placed(problem).facts() for problem in problems]
    finally:
        placer.close()


def told(errors: int, warnings: int) -> str:
    """`2 errors, 1 warning`."""
    return f"{count(errors, 'error')}, {count(warnings, 'warning')}"
