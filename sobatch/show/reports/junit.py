"""Problems as a JUnit report, which build servers read: a suite for every input, a failed case for every error."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from sobatch.core.check.sources import Placed, Report
from sobatch.core.order.spec import Severity
from sobatch.core.place.safetext import clean
from sobatch.errors import SobatchError
from sobatch.show.prose.problems import unshown

_IN_MEMORY = 1 << 20
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(out: TextIO, problems: Iterable[Placed], reports: Sequence[Report]) -> None:
    """The whole report; consumes the problems. The document is whole even if reading them fails."""
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="sobatch">\n')
    failure: SobatchError | None = None
    done = 0
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="\n") as cases:
        suite = _Suite(cases)
        try:
            for placed in problems:
                while done < len(reports) - 1:
                    suite.close(out, reports, done)
                    done += 1
                suite.add(placed)
        except SobatchError as error:
            failure = error
        while done < len(reports):
            suite.close(out, reports, done)
            done += 1
    if failure is not None:
        out.write(
            '<testsuite name="sobatch" tests="1" failures="0" errors="1" skipped="0">\n'
            f'<testcase classname="sobatch" name="goes on"><error message={_attribute(failure.message)}/></testcase>\n'
            "</testsuite>\n"
        )
    out.write("</testsuites>\n")
    if failure is not None:
        raise failure


class _Suite:
    """The cases of one input; how many there are stands before them, so they wait in a file."""

    def __init__(self, cases: tempfile.SpooledTemporaryFile[str]) -> None:
        self._cases = cases
        self._tests = self._failures = 0
        self._written: dict[str, int] = {}

    def add(self, placed: Placed) -> None:
        """A case for a problem: failed for an error, passed with a remark for anything less."""
        problem = placed.problem
        where = f":{placed.line}:{placed.column}" if placed.line is not None else ""
        name = f"{problem.code} {placed.title} at {placed.file}{where}"
        hint = f"\n{clean(problem.hint, 2000)}" if problem.hint else ""
        at = f" {clean(problem.pointer)}" if problem.pointer else ""
        body = f"{clean(placed.file, 1000)}{where}{at}\n{clean(problem.message, 2000)}{hint}"
        if problem.severity is Severity.ERROR:
            self._failures += 1
            about = f"type={_attribute(problem.code)} message={_attribute(problem.message)}"
            inner = f"<failure {about}>{_text(body)}</failure>"
        else:
            inner = f"<system-out>{_text(f'{problem.severity.value}: {body}')}</system-out>"
        self._case(placed.file, name, inner)
        self._written[problem.code] = self._written.get(problem.code, 0) + 1

    def _case(self, file: str, name: str, inner: str = "") -> None:
        self._tests += 1
        self._cases.write(f"<testcase classname={_attribute(file)} name={_attribute(name)}>{inner}</testcase>\n")

    def close(self, out: TextIO, reports: Sequence[Report], at: int) -> None:
        """Write the suite of an input and begin the next."""
        report = reports[at]
        if not report.broken:
            self._case(report.file, f"{report.tally.orders} orders read to the end")
        out.write(
            f'<testsuite name={_attribute(report.file)} tests="{self._tests}" failures="{self._failures}" '
            'errors="0" skipped="0">\n'
        )
        out.writelines(self._taken())
        for text in unshown([report], {(0, code): number for code, number in self._written.items()}):
            out.write(f"<system-out>{_text(text)}</system-out>\n")
        out.write("</testsuite>\n")
        self._tests = self._failures = 0
        self._written.clear()

    def _taken(self) -> Iterator[str]:
        self._cases.seek(0)
        yield from self._cases
        self._cases.seek(0)
        self._cases.truncate()


def _attribute(text: str) -> str:
    return quoteattr(_allowed(clean(text, 2000)))


def _text(text: str) -> str:
    return escape(_allowed(text))


def _allowed(text: str) -> str:
    """Without the characters that XML cannot hold, not even escaped."""
    return _NOT_XML.sub("", text)
