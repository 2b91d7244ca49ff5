"""Write a checked source as part files and a manifest into a fresh folder, and move them from there into place.

The source is read again after the check, and refused when its bytes are no longer those that were checked.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from sobatch.core.check.sources import writable
from sobatch.core.check.tally import Ascending
from sobatch.core.cut.manifest import (
    MANIFEST,
    SCHEMA_VERSION,
    SET_ASIDE,
    Manifest,
    PartEntry,
    Runs,
    SourceEntry,
    limit_facts,
    part_entry,
    write_manifest,
)
from sobatch.core.cut.separate import Outlet
from sobatch.core.cut.staging import PartFacts, Staging
from sobatch.core.cut.storage import Storage
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import Spec
from sobatch.core.read.orders import Found, orders, unbroken
from sobatch.core.read.scan import MAX_ORDER
from sobatch.core.read.source import Source
from sobatch.errors import InputError

PART_FILE = re.compile(r"\d{4,}-[A-Za-z0-9_-]{0,16}-[0-9a-f]{8}\.json(\.gz)?")


class Splitter:
    """One split into one empty folder, whose maker removes it when the split fails. Use it once."""

    def __init__(
        self,
        spec: Spec,
        limits: Limits,
        storage: Storage,
        folder: Path,
        *,
        compress: bool = True,
        max_order: int = MAX_ORDER,
    ) -> None:
        self._spec = spec
        self._limits = limits
        self._storage = storage
        self._folder = folder
        self._max_order = max_order
        self._runs: dict[int, Runs] = {}
        self._parts: list[tuple[int, PartEntry]] = []
        self._aside: tuple[Outlet, Runs] | None = None
        self._aside_sums = [0, 0]
        self._staging = Staging(folder, limits, storage, self._done, compress=compress)

    def split(
        self, source: Source, stored: SourceEntry, faulty: array[int], tap: Callable[[bytes], object] | None = None
    ) -> Manifest:
        """Write all parts and the manifest. `stored` is what the check read; `faulty` orders are set aside."""
        digest, content = hashlib.sha256(), hashlib.sha256()

        def taste(data: bytes) -> None:
            digest.update(data)
            if tap is not None:
                tap(data)

        bad = Ascending(faulty)
        count = lines = rows = 0
        read = orders(source.open(taste), self._spec, max_order=self._max_order)
        for found in unbroken(read, lambda _: changed(source.name)):
            content.update(found.raw)
            content.update(b"\n")
            if bad.has(count):
                self._set_aside(count, found)
            else:
                place = self._staging.add(found.raw, found.facts)
                self._runs.setdefault(place.part, Runs()).add(count)
            count, lines, rows = count + 1, lines + found.facts.lines, rows + found.facts.rows
        if digest.hexdigest() != stored.sha256:
            raise changed(source.name)
        self._staging.finish()
        manifest = Manifest(
            SCHEMA_VERSION,
            stored,
            self._spec.name,
            limit_facts(self._limits),
            count,
            lines,
            rows,
            content.hexdigest(),
            [entry for _, entry in sorted(self._parts, key=lambda part: part[0])],
            self._finished_aside(),
        )
        self._write(manifest)
        return manifest

    def _done(self, facts: PartFacts) -> None:
        runs = self._runs.pop(facts.number)
        limit = self._limits.max_bytes
        if limit is not None and facts.size > limit:
            raise InputError(
                f"order {runs.first} alone weighs {facts.size:,} bytes as a part; a part may have {limit:,}",
                code="too_heavy",
                next_step="Raise --max-bytes if the ERP takes more, or set the order aside.",
                facts={"index": runs.first},
            )
        self._parts.append((facts.number, part_entry(facts, runs)))

    def _set_aside(self, index: int, found: Found) -> None:
        if self._aside is None:
            self._aside = Outlet(self._folder / SET_ASIDE, self._storage), Runs()
        outlet, runs = self._aside
        outlet.add(found.raw)
        runs.add(index)
        self._aside_sums[0] += found.facts.lines
        self._aside_sums[1] += found.facts.rows

    def _finished_aside(self) -> PartEntry | None:
        if self._aside is None:
            return None
        outlet, runs = self._aside
        outlet.finish()
        packing, (lines, rows) = outlet.writer.packing, self._aside_sums
        return PartEntry(
            SET_ASIDE,
            outlet.orders,
            packing.size,
            packing.sha256,
            packing.text_size,
            packing.text_sha256,
            msgspec.Raw(runs.text()),
            None,
            lines,
            rows,
        )

    def _write(self, manifest: Manifest) -> None:
        with self._storage.create(self._folder / MANIFEST) as file:
            write_manifest(file, manifest)
            self._storage.sync(file)


def stored_entry(source: Source, size: int, sha256: str) -> SourceEntry:
    """What a manifest says of a source: the file's name without its folder, which is the same wherever it is split."""
    return SourceEntry(writable(source.path.name if source.path is not None else source.name), size, sha256)


def publish(storage: Storage, made: Path, folder: Path) -> None:
    """Move the files of a finished split into place, the manifest last. Removes what a former split left there.

    Until the manifest is there, nothing claims that the folder is whole.
    """
    storage.remove(folder / MANIFEST)
    names = sorted(path.name for path in made.iterdir())
    for path in former_files(folder):
        if path.name not in names:
            storage.remove(path)
    for name in (*(name for name in names if name != MANIFEST), MANIFEST):
        storage.rename(made / name, folder / name)


def former_files(folder: Path) -> Iterable[Path]:
    """What looks like the work of a split."""
    return [path for path in sorted(folder.iterdir()) if PART_FILE.fullmatch(path.name) or path.name == SET_ASIDE]


def changed(name: str) -> InputError:
    """The error for a source whose bytes are not those that were checked."""
    return InputError(
        f"{name} changed while it was being split; nothing was written",
        code="SO-021",
        next_step="Wait until whatever writes the file has finished, then run the same command again.",
    )
