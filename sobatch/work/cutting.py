"""The work of `sobatch split`: check all inputs, write the parts of all, and only then give the files their places."""

from __future__ import annotations

import hashlib
import os
import shutil
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sobatch.core.check.one_source import Check
from sobatch.core.check.sources import Placed, Survey, Tap
from sobatch.core.cut.manifest import Manifest
from sobatch.core.cut.splitter import Splitter, publish, stored_entry
from sobatch.core.cut.storage import Disk
from sobatch.core.order.spec import Policy
from sobatch.core.read.ahead import processors
from sobatch.core.read.source import Source, typed
from sobatch.errors import InputError, StorageFailed, UsageError
from sobatch.show.prose.problems import write_problems
from sobatch.show.prose.splits import Split, part_facts, split_facts, write_splits
from sobatch.show.result import Result
from sobatch.work.bench import Services
from sobatch.work.reading import shown_reading

_PER_CODE = 100
_SUFFIXES = (".gz", ".zst", ".json", ".ndjson", ".jsonl")
_TEMPORARY = ".sobatch-split-"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done with the inputs.

    `set_aside`: bad orders are kept apart, not a reason to stop. `told`: a person reads the answer.
    """

    out_dir: Path
    policy: Policy
    max_order: int
    compress: bool
    force: bool
    set_aside: bool
    told: bool


class _Checked:
    """What the check read of one source: its stored bytes, and which of its orders are bad."""

    def __init__(self) -> None:
        self.size = 0
        self.faulty = array("Q")
        self._sha256 = hashlib.sha256()

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self._sha256.update(data)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()


class Cutting:
    """One split command over one or several inputs."""

    def __init__(self, services: Services, sources: Sequence[Source], wish: Wish) -> None:
        self._services = services
        self._sources = sources
        self._wish = wish
        self._storage = Disk()
        self._folders = _folders(wish.out_dir, sources)
        self._checked: list[_Checked] = []
        self._splits: list[Split] = []
        self._survey = Survey(
            services.spec,
            services.limits,
            wish.policy,
            per_code=_PER_CODE,
            max_order=wish.max_order,
            excerpts=wish.told,
            helpers=processors(),
            after=self._keep_faulty,
        )

    def run(self) -> None:
        """Check, then write. Raises `InputError` (3) or `StorageFailed` (12), and then nothing is left behind."""
        for folder in self._folders:
            self._mind(folder)
        with shown_reading(self._services) as tap:
            problems = list(self._survey.problems(self._sources, self._digesting(tap)))
            self._refuse(problems)
            self._write(tap)

    def result(self) -> Result:
        """The answer; 4 where orders were set aside."""
        splits = self._splits
        return Result(
            "split",
            facts=lambda: split_facts(splits),
            text=lambda out: write_splits(out, splits, self._services.out_style),
            exit_code=lambda: 4 if any(split.manifest.set_aside for split in splits) else 0,
            items_name="parts",
            items=lambda: part_facts(splits),
        )

    def _mind(self, folder: Path) -> None:
        """Refuse a directory that is not free. Raises `UsageError`."""
        nearest = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
        if not nearest.is_dir():
            raise UsageError(f"{nearest} is no directory", next_step="Name another with --out-dir.")
        if nearest != folder:
            return
        for source in self._sources:
            if source.path is not None and source.path.resolve().parent == folder.resolve():
                raise UsageError(f"{source.name} lies in {folder} itself", next_step="Name another --out-dir.")
        if not self._wish.force and any(folder.iterdir()):
            raise UsageError(
                f"{folder} is not empty",
                next_step="Name another directory, or add --force to replace the parts in it.",
            )

    def _digesting(self, tap: Tap) -> Tap:
        def of(source: Source) -> Callable[[bytes], object]:
            shown, checked = tap(source), _Checked()
            self._checked.append(checked)

            def hear(data: bytes) -> None:
                checked.add(data)
                if shown is not None:
                    shown(data)

            return hear

        return of

    def _keep_faulty(self, source: Source, check: Check) -> None:
        self._checked[-1].faulty = check.faulty

    def _refuse(self, problems: list[Placed]) -> None:
        """Raise `InputError` unless every input has something to split, and nothing wrong that may not be."""
        reports = self._survey.reports
        tallies = [each.tally for each in reports]
        hopeless = any(each.general or each.faulty == each.orders for each in tallies) or any(
            each.broken for each in reports
        )
        if not hopeless and (self._wish.set_aside or not self._survey.failed):
            return
        if self._wish.told:
            write_problems(self._services.err, problems, reports, self._services.err_style)
        errors = sum(report.tally.errors for report in reports)
        what = f"{errors:,} error{'s' if errors != 1 else ''}" if errors else "there are no orders"
        other = "" if hopeless else ", or split the good orders with --set-aside-invalid"
        raise InputError(
            f"{', '.join(report.file for report in reports)}: {what}; nothing was written",
            code="invalid",
            next_step=f"Mend the file ({typed('sobatch validate', [report.file for report in reports])} shows every "
            f"place){other}.",
            facts={"problems": [placed.facts() for placed in problems]},
        )

    def _write(self, tap: Tap) -> None:
        """All parts under temporary names first, so that a full disk or a changed source leaves nothing behind."""
        try:
            with _rooms(self._storage, self._folders) as rooms:
                made = [
                    self._split(source, room, checked, tap)
                    for source, room, checked in zip(self._sources, rooms, self._checked, strict=True)
                ]
                for room, folder in zip(rooms, self._folders, strict=True):
                    publish(self._storage, room, folder)
        except OSError as error:
            raise StorageFailed(
                f"{error.filename or self._wish.out_dir} cannot be written: {error.strerror or error}",
                next_step="Check the folder, its rights and the free space, then cut the file anew.",
            ) from error
        triples = zip(self._sources, self._folders, made, strict=True)
        self._splits = [Split(source.name, folder, manifest) for source, folder, manifest in triples]

    def _split(self, source: Source, room: Path, checked: _Checked, tap: Tap) -> Manifest:
        services, wish = self._services, self._wish
        splitter = Splitter(
            services.spec, services.limits, self._storage, room, compress=wish.compress, max_order=wish.max_order
        )
        stored = stored_entry(source, checked.size, checked.sha256)
        return splitter.split(source, stored, checked.faulty, tap(source))


@contextmanager
def _rooms(storage: Disk, folders: Sequence[Path]) -> Iterator[list[Path]]:
    """A temporary folder inside each folder, so that a rename suffices; takes away on failure whatever it made."""
    rooms: list[Path] = []
    fresh: list[Path] = []
    try:
        for folder in folders:
            fresh += [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
            for stale in folder.glob(f"{_TEMPORARY}*"):  # a crash may have left one
                shutil.rmtree(stale, ignore_errors=True)
            rooms.append(folder / f"{_TEMPORARY}{os.getpid()}")
            storage.folder(rooms[-1])
        yield rooms
        fresh = []
    finally:
        for room in rooms:
            shutil.rmtree(room, ignore_errors=True)
        for path in sorted(fresh, key=lambda each: -len(each.parts)):
            with suppress(OSError):
                path.rmdir()


def _folders(out_dir: Path, sources: Sequence[Source]) -> list[Path]:
    """Where each source's parts go. Raises `UsageError` for two of one name."""
    if len(sources) == 1:
        return [out_dir]
    names = [_stem(source) for source in sources]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(
            f"two of the files are called {twice}, and each gets a directory of that name in {out_dir}",
            next_step="Split them one by one, each into a directory of its own.",
        )
    return [out_dir / name for name in names]


def _stem(source: Source) -> str:
    name = source.path.name if source.path is not None else "stdin"
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix) or name
    return name
