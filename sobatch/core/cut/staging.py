"""Write parts: `[` + slices of the user's own bytes + `]`, gzip with no time stamp, with digests.

The same input gives the same bytes, whatever the size of the reads. File names from data are
`NNNN-<up to 16 plain characters of the group>-<first 8 of the digest>`, created exclusively.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sobatch.core.cut.packer import Load, Packer
from sobatch.core.cut.packing import BLOCK, GZIP_FRAME, Packing
from sobatch.core.cut.storage import Storage
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import OrderFacts

_MOST_HELD = 8 << 20  # of all open parts together: a file may have thousands of groups
_NAME = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class PartFacts:
    """A finished part. `sha256` is of the bytes as stored, `text_sha256` of the JSON text inside; sizes in bytes.

    `start` is where its bytes stand in a page that other parts share; None: the part is the whole file.
    """

    number: int
    group: str
    orders: int
    lines: int
    rows: int
    path: Path
    size: int
    sha256: str
    text_size: int
    text_sha256: str
    start: int | None = None


class Place(NamedTuple):
    """Where an order went: part number, position in the part (from 0), byte offset in the part's JSON text."""

    part: int
    position: int
    offset: int


class PartWriter:
    """One part being written under a temporary name. Between two blocks it holds no open file."""

    def __init__(self, storage: Storage, path: Path, *, compress: bool) -> None:
        self.path = path
        self._storage = storage
        self.packing = Packing(compress=compress)
        with storage.create(path) as file:
            file.write(self.packing.head())

    @property
    def held(self) -> int:
        """Bytes of text that are still in memory."""
        return self.packing.held

    def add(self, raw: bytes) -> int:
        """Append one order; returns its offset in the text."""
        offset = self.packing.add(raw)
        if self.packing.held >= BLOCK:
            self.spill()
        return offset

    def has_room(self, size: int, limit: int) -> bool:
        """Whether an order of `size` bytes surely fits under `limit` stored bytes, even if it does not compress."""
        needed = size + 3 + GZIP_FRAME
        if self.packing.size + self.packing.held + needed <= limit:
            return True
        self.spill()
        return self.packing.size + needed <= limit

    def spill(self) -> None:
        """Bring to the file what is in memory."""
        if self.packing.held:
            with self._storage.append(self.path) as file:
                file.write(self.packing.block())

    def finish(self, storage: Storage) -> None:
        """Write the end and make it durable (under the temporary name)."""
        with storage.append(self.path) as file:
            file.write(self.packing.end())
            storage.sync(file)


class Staging:
    """Packs orders into part files in one folder. `done` hears of each finished part, in the order they are closed."""

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        storage: Storage,
        done: Callable[[PartFacts], None],
        *,
        compress: bool = True,
        first_number: int = 1,
    ) -> None:
        self._folder = folder
        self._limits = limits
        self._storage = storage
        self._done = done
        self._compress = compress
        self._packer = Packer(limits, first_number)
        self._writers: dict[int, tuple[Load, PartWriter]] = {}
        self._held = 0

    def add(self, raw: bytes, facts: OrderFacts) -> Place:
        """Put one order into its part."""
        load = self._packer.load(facts.group)
        if load is not None and not (self._packer.fits(facts.group, facts.rows) and self._has_room(load, len(raw))):
            self._close(load.number)
            self._open(facts.group)
        elif load is None:
            self._open(facts.group)
        load = self._packer.add(facts.group, facts.lines, facts.rows)
        writer = self._writers[load.number][1]
        self._held -= writer.held
        offset = writer.add(raw)
        self._held += writer.held
        if self._held > _MOST_HELD:
            self._spill()
        return Place(load.number, load.orders - 1, offset)

    def finish(self) -> None:
        """Close all open parts, by number."""
        for number in sorted(self._writers):
            self._close(number)

    def _spill(self) -> None:
        for _, writer in self._writers.values():
            writer.spill()
        self._held = 0

    def _has_room(self, load: Load, size: int) -> bool:
        limit = self._limits.max_bytes
        return limit is None or self._writers[load.number][1].has_room(size, limit)

    def _open(self, group: str) -> None:
        load = self._packer.open(group)
        path = self._folder / f"{load.number:04d}.part"
        self._storage.remove(path)  # a crash may have left one
        writer = PartWriter(self._storage, path, compress=self._compress)
        self._writers[load.number] = (load, writer)

    def _close(self, number: int) -> None:
        load, writer = self._writers.pop(number)
        self._held -= writer.held
        writer.finish(self._storage)
        name = part_name(number, load.group, writer.packing.sha256, compress=self._compress)
        path = self._folder / name
        self._storage.rename(writer.path, path)
        self._done(
            PartFacts(
                number,
                load.group,
                load.orders,
                load.lines,
                load.rows,
                path,
                writer.packing.size,
                writer.packing.sha256,
                writer.packing.text_size,
                writer.packing.text_sha256,
            )
        )


def part_name(number: int, group: str, sha256: str, *, compress: bool) -> str:
    """A safe file name for a part, whatever characters its group has."""
    return f"{number:04d}-{_NAME.sub('', group)[:16]}-{sha256[:8]}.json{'.gz' if compress else ''}"
