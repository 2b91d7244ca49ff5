"""`sobatch validate`: check every order of some files, offline, and show each problem at its place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional, TextIO

import typer

from sobatch.cli import options
from sobatch.cli.reading import known_codes, max_order_of, services_of, shown_reading
from sobatch.cli.services import Services
from sobatch.core.ahead import processors
from sobatch.core.check import Check
from sobatch.core.source import Source
from sobatch.core.storage import Disk
from sobatch.core.survey import Placed, Report, Survey
from sobatch.errors import StorageFailed, UsageError
from sobatch.show.result import Result

if TYPE_CHECKING:
    from sobatch.core.separate import Outlet, Separation

_FIRST = 3  # places shown of each kind of problem
_MOST = 1_000  # problems of each code in the formats for programs


class ReportFormat(StrEnum):
    """How the answer is written; the last three are for code scanning, workflow logs and test reports."""

    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"
    SARIF = "sarif"
    GITHUB = "github"
    JUNIT = "junit"


Output = Annotated[ReportFormat, typer.Option("--output", "-o", help="How the answer is written.")]
Every = Annotated[bool, typer.Option("--all", help="Show every problem, not the first few of each kind.")]
MaxProblems = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(
        "--max-problems",
        min=1,
        help="Problems to show of each code; all are counted. [default: 3 of each kind as text, else 1,000]",
    ),
]
WriteValid = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--write-valid", metavar="FILE", help="Write the good orders there, byte for byte."),
]
WriteInvalid = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--write-invalid", metavar="FILE", help="Write the orders that have errors there, byte for byte."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]


def command(
    files: options.Files,
    output: Output = ReportFormat.TEXT,
    strict: options.Strict = False,
    ignore: options.Ignore = None,
    every: Every = False,
    max_problems: MaxProblems = None,
    write_valid: WriteValid = None,
    write_invalid: WriteInvalid = None,
    force: Force = False,
    skip_workflow: options.SkipWorkflow = None,
    company_id: options.CompanyId = None,
    max_lines: options.MaxLines = None,
    max_rows: options.MaxRows = None,
    max_order_size: options.MaxOrderSize = None,
    profile: options.ProfileName = None,
    config: options.ConfigFile = None,
    erp: options.Erp = None,
    progress: options.Progress = options.ProgressMode.AUTO,
    color: options.Color = options.Colour.AUTO,
    quiet: options.Quiet = False,
) -> Result:
    """\b
    Check every order, offline.

    \b
    Examples:
      sobatch validate orders.json
      sobatch validate 'exports/*.json.gz' --skip-workflow
      zcat orders.json.gz | sobatch validate - --output ndjson | jq -r .code
      sobatch validate orders.json --write-valid good.json --write-invalid bad.json
      sobatch validate orders.json --output sarif > sobatch.sarif

    Every problem is shown with its line and column and a code that `sobatch explain` describes. Problems of one kind
    are shown together, with their count. Ends with 3 if anything is an error, else with 0. Nothing is sent.
    """
    services = services_of(locals())
    if max_problems is None and not every:
        max_problems = _FIRST if output in (ReportFormat.TEXT, ReportFormat.GITHUB) else _MOST
    run = _Validation(services, services.sources(files), write_valid, write_invalid)
    run.prepare(known_codes(ignore), strict=strict, per_code=max_problems, max_order=max_order_of(max_order_size))
    run.check_outlets(force=force)
    return run.result(output, None if every else max_problems)


class _Validation:
    """One validate command."""

    def __init__(self, services: Services, sources: Sequence[Source], valid: Path | None, invalid: Path | None) -> None:
        self._services = services
        self._sources = sources
        self._outlets = (valid, invalid)
        self._separation: Separation | None = None

    def prepare(self, ignore: Sequence[str], *, strict: bool, per_code: int | None, max_order: int) -> None:
        """Build what does the work."""
        services = self._services
        self._max_order = max_order
        self._survey = Survey(
            services.spec,
            services.limits,
            services.policy(strict=strict, ignore=ignore),
            per_code=per_code,
            max_order=max_order,
            helpers=processors(),
            after=self._separate,
        )

    def check_outlets(self, *, force: bool) -> None:
        """Refuse to write over anything. Raises `UsageError`."""
        named = [path for path in self._outlets if path is not None]
        if len(named) == 2 and named[0].absolute() == named[1].absolute():
            raise UsageError("--write-valid and --write-invalid name the same file", next_step="Name two files.")
        for path in named:
            if any(source.path is not None and _same(source.path, path) for source in self._sources):
                raise UsageError(f"{path} is one of the inputs", next_step="Name another file.")
            if path.is_dir():
                raise UsageError(f"{path} is a directory", next_step="Name a file in it.")
            if not path.parent.is_dir():
                raise UsageError(f"there is no directory {path.parent}", next_step=f"mkdir -p {path.parent}")
            if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
                raise UsageError(f"{path} is no plain file", next_step="Name the file itself, or a new one.")
            if os.path.lexists(path) and not force:
                raise UsageError(f"{path} exists already", next_step="Add --force to replace it, or name another file.")

    def problems(self) -> Iterator[Placed]:
        """Everything that is wrong, as it is found; the files are separated on the way."""
        with shown_reading(self._services) as tap, self._separating():
            yield from self._survey.problems(self._sources, tap)

    @contextmanager
    def _separating(self) -> Iterator[None]:
        if self._outlets == (None, None):
            yield
            return
        from sobatch.core.separate import Separation

        valid, invalid = self._opened()
        self._separation = Separation(valid, invalid, max_order=self._max_order)
        try:
            yield
            self._separation.finish()
        except OSError as error:
            self._separation.abandon()
            raise _not_written(error) from error
        except BaseException:
            self._separation.abandon()
            raise

    def _opened(self) -> list[Outlet | None]:
        from sobatch.core.separate import Outlet

        opened: list[Outlet | None] = []
        try:
            for path in self._outlets:
                opened.append(Outlet(path, Disk()) if path is not None else None)
        except OSError as error:
            for outlet in filter(None, opened):
                outlet.abandon()
            raise _not_written(error) from error
        return opened

    def _separate(self, source: Source, check: Check) -> None:
        if self._separation is not None:
            self._separation.add(source, check.faulty)

    def _exit_code(self) -> int:
        return 3 if self._survey.failed else 0

    def facts(self) -> dict[str, Any]:
        """The sums, per input and in total."""
        from sobatch.show.summary import limit_facts, report_facts, tally_facts, total_of

        reports = self._survey.reports
        total = tally_facts(total_of(report.tally for report in reports))
        total.pop("largest")
        return {
            "valid": not self._survey.failed,
            "files": [report_facts(report) for report in reports],
            "total": total,
            "limits": limit_facts(self._services.limits),
            "written": self._written_facts(),
        }

    def _written_facts(self) -> dict[str, Any]:
        if self._separation is None:
            return {}
        pairs = (("valid", self._separation.valid), ("invalid", self._separation.invalid))
        return {name: {"file": str(each.path), "orders": each.orders} for name, each in pairs if each is not None}

    def result(self, output: ReportFormat, shown: int | None) -> Result:
        """The answer; the formats that are neither prose nor our JSON write themselves."""
        write = _writer(output)

        def text(out: TextIO) -> None:
            if write is None:
                self._write_text(out, shown)
            else:
                write(out, self.problems(), self._survey.reports)

        return Result(
            "validate",
            facts=self.facts,
            text=text,
            exit_code=self._exit_code,
            items_name="problems",
            items=lambda: (placed.facts() for placed in self.problems()),
        )

    def _write_text(self, out: TextIO, shown: int | None) -> None:
        from sobatch.show.validation import write_validation

        services = self._services
        self._survey.excerpts = True
        write_validation(
            out,
            self.problems(),
            self._survey.reports,
            style=services.out_style,
            shown=shown,
            member=services.spec.group_member,
            company=services.company,
            written=self._written_facts,
        )


def _writer(output: ReportFormat) -> Callable[[TextIO, Iterable[Placed], Sequence[Report]], None] | None:
    if output is ReportFormat.SARIF:
        from sobatch.show.report_sarif import write_sarif

        return write_sarif
    if output is ReportFormat.GITHUB:
        from sobatch.show.report_github import write_github

        return write_github
    if output is ReportFormat.JUNIT:
        from sobatch.show.report_junit import write_junit

        return write_junit
    return None


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _not_written(error: OSError) -> StorageFailed:
    return StorageFailed(
        f"{error.filename or 'the output'} cannot be written: {error.strerror or error}",
        next_step="Check the folder, its rights and the free space.",
    )
