"""Problems as commands of a GitHub workflow's log, which shows them beside the lines of the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from sobatch.core.check.sources import Placed, Report, writable
from sobatch.core.order.spec import Severity
from sobatch.core.place.safetext import clean
from sobatch.show.human import count
from sobatch.show.prose.problems import told, unshown
from sobatch.show.prose.summary import severities, total_of

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def write_github(out: TextIO, problems: Iterable[Placed], reports: Sequence[Report]) -> None:
    """A command per problem, a notice of what is not shown, last the sums as a plain line; consumes the problems."""
    written: dict[tuple[int, str], int] = {}
    for placed in problems:
        out.write(_command(placed) + "\n")
        source = len(reports) - 1, placed.problem.code
        written[source] = written.get(source, 0) + 1
    for text in unshown(reports, written):
        out.write(f"::notice title=sobatch::{_data(text)}\n")
    total = total_of(report.tally for report in reports)
    sums = severities(total)
    out.write(f"sobatch: {told(sums['errors'], sums['warnings'])} in {count(total.orders, 'order')}\n")


def _command(placed: Placed) -> str:
    problem = placed.problem
    parts = [f"file={_property(placed.file)}"]
    if placed.line is not None and problem.severity is not Severity.NOTE:
        parts += [f"line={placed.line}", f"col={placed.column}"]
    parts.append(f"title={_property(f'{problem.code} {placed.title}')}")
    at = f" ({clean(problem.pointer)})" if problem.pointer else ""
    hint = f"\n{clean(problem.hint, 2000)}" if problem.hint else ""
    text = clean(problem.message, 2000) + at + hint
    return f"::{_COMMANDS[problem.severity]} {','.join(parts)}::{_data(text)}"


def _data(text: str) -> str:
    """Text as GitHub's own toolkit escapes it behind the `::`."""
    return writable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Text as GitHub's own toolkit escapes it before the `::`."""
    return _data(clean(text, 1000)).replace(":", "%3A").replace(",", "%2C")
