"""The work of `sobatch validate`: check all inputs, separate good orders from bad ones if asked to, and sum up."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from sobatch.core.check.one_source import Check
from sobatch.core.check.sources import Placed, Survey
from sobatch.core.cut.storage import Disk
from sobatch.core.read.ahead import processors
from sobatch.core.read.source import Source
from sobatch.errors import StorageFailed, UsageError
from sobatch.show.human import say_warning
from sobatch.show.reports.table import ReportFormat, writer_of
from sobatch.show.result import Result
from sobatch.work.bench import Services
from sobatch.work.reading import shown_reading

if TYPE_CHECKING:
    from sobatch.core.cut.separate import Outlet, Separation
    from sobatch.work.online import Online


class Validation:
    """One validate command."""

    def __init__(self, services: Services, sources: Sequence[Source], valid: Path | None, invalid: Path | None) -> None:
        self._services = services
        self._sources = sources
        self._outlets = (valid, invalid)
        self._separation: Separation | None = None
        self._online: Online | None = None

    def prepare(
        self, ignore: Sequence[str], *, strict: bool, per_code: int | None, max_order: int, online: bool
    ) -> None:
        """Build what does the work. Raises `UsageError` where the ERP is to be asked `online` and cannot be."""
        services = self._services
        if online:
            from sobatch.work.online import Online

            self._online = Online(services)
        self._max_order = max_order
        self._survey = Survey(
            services.spec,
            services.limits,
            services.policy(strict=strict, ignore=ignore),
            per_code=per_code,
            max_order=max_order,
            helpers=processors(),
            after=self._separate,
            examine=None if self._online is None else self._online.examine,
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
        asking = nullcontext() if self._online is None else self._online.asking()
        with shown_reading(self._services) as tap, self._separating(), asking:
            yield from self._survey.problems(self._sources, tap)

    @contextmanager
    def _separating(self) -> Iterator[None]:
        if self._outlets == (None, None):
            yield
            return
        from sobatch.core.cut.separate import Separation

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
        from sobatch.core.cut.separate import Outlet

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
        from sobatch.show.prose.summary import limit_facts, report_facts, tally_facts, total_of

        reports = self._survey.reports
        total = tally_facts(total_of(report.tally for report in reports))
        total.pop("largest")
        other = self._other_erp()
        return {
            **({} if other is None else {"looks_like": other}),
            "valid": not self._survey.failed,
            "files": [report_facts(report) for report in reports],
            "total": total,
            **({} if self._online is None else {"online": True}),
            "limits": limit_facts(self._services.limits),
            "written": self._written_facts(),
        }

    def _other_erp(self) -> str | None:
        """The ERP that the first faulty input is of, if that is plainly another one."""
        if not self._survey.failed:
            return None
        from sobatch.work.recognising import looks_like

        pairs = zip(self._sources, self._survey.reports, strict=False)
        faulty = next((source for source, report in pairs if report.failed and source.path is not None), None)
        return None if faulty is None else looks_like(faulty, self._services.profile.erp)

    def _written_facts(self) -> dict[str, Any]:
        if self._separation is None:
            return {}
        pairs = (("valid", self._separation.valid), ("invalid", self._separation.invalid))
        return {name: {"file": str(each.path), "orders": each.orders} for name, each in pairs if each is not None}

    def result(self, output: ReportFormat, shown: int | None) -> Result:
        """The answer; the formats that are neither prose nor our JSON write themselves."""
        write = writer_of(output, self._survey.codes)

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
        from sobatch.show.prose.validation import write_validation

        services = self._services
        self._survey.excerpts = True
        write_validation(
            out,
            self.problems(),
            self._survey.reports,
            style=services.out_style,
            shown=shown,
            spec=services.spec,
            company=services.company,
            ignored=services.profile.identity.ignored if services.profile.identity is not None else "",
            flags=services.erp_flags,
            again=" --online" if self._online is not None else "",
            written=self._written_facts,
        )
        if (other := self._other_erp()) is not None:
            from sobatch.work.recognising import sentence

            say_warning(services.err, sentence(other), services.err_style)


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
