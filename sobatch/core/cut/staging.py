"""Write parts: `[` + slices of the user's own bytes + `]`, gzip with no time stamp, with digests.

The same input gives the same bytes, whatever the size of the reads. File names from data are
`NNNN-<up to 16 plain characters of the group>-<first 8 of the digest>`, created exclusively.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from isal import isal_zlib

from sobatch.core.cut.packer import Load, Packer
from sobatch.core.cut.storage import Storage
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import OrderFacts

GZIP_LEVEL = 2
_GZIP_FRAME = 64  # header, trailer and the closing of the last block, generously
_NAME = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class PartFacts:
    """A finished part. `sha256` is of the file as stored, `text_sha256` of the JSON text inside; sizes in bytes."""

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


@dataclass(frozen=True, slots=True)
class Place:
    """Where an order went: part number, position in the part (from 0), byte offset in the part's JSON text."""

    part: int
    position: int
    offset: int


class PartWriter:
    """One part being written under a temporary name."""

    def __init__(self, file: BinaryIO, path: Path, *, compress: bool) -> None:
        self.path = path
        self._file = file
        self._gzip = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, 31) if compress else None
        self._digest = hashlib.sha256()
        self._text_digest = hashlib.sha256()
        self._unflushed = 0
        self.written = 0
        self.text_size = 0

    def add(self, raw: bytes) -> int:
        """Append one order; returns its offset in the text."""
        self._write(b"[" if self.text_size == 0 else b",\n")
        offset = self.text_size
        self._write(raw)
        return offset

    def has_room(self, size: int, limit: int) -> bool:
        """Whether an order of `size` bytes surely fits under `limit` stored bytes, even if it does not compress."""
        needed = size + 3 + _GZIP_FRAME
        if self.written + self._unflushed + needed <= limit:
            return True
        self._flush()
        return self.written + needed <= limit

    def finish(self, storage: Storage) -> None:
        """Write the end and make it durable (under the temporary name)."""
        with self._file:
            self._write(b"]\n" if self.text_size else b"[]\n")
            if self._gzip is not None:
                self._store(self._gzip.flush())
            storage.sync(self._file)

    def abandon(self) -> None:
        """Close without finishing; what is still to be written need not arrive."""
        with suppress(OSError):
            self._file.close()

    @property
    def sha256(self) -> str:
        """Digest of the stored bytes."""
        return self._digest.hexdigest()

    @property
    def text_sha256(self) -> str:
        """Digest of the JSON text."""
        return self._text_digest.hexdigest()

    def _write(self, data: bytes) -> None:
        self.text_size += len(data)
        self._text_digest.update(data)
        if self._gzip is None:
            self._store(data)
            return
        self._unflushed += len(data)
        out = self._gzip.compress(data)
        if out:
            self._store(out)

    def _flush(self) -> None:
        if self._gzip is not None and self._unflushed:
            self._store(self._gzip.flush(isal_zlib.Z_SYNC_FLUSH))
            self._unflushed = 0

    def _store(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self.written += len(data)


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

    def add(self, raw: bytes, facts: OrderFacts) -> Place:
        """Put one order into its part."""
        load = self._packer.load(facts.group)
        if load is not None and not (self._packer.fits(facts.group, facts.rows) and self._has_room(load, len(raw))):
            self._close(load.number)
            self._open(facts.group)
        elif load is None:
            self._open(facts.group)
        load = self._packer.add(facts.group, facts.lines, facts.rows)
        offset = self._writers[load.number][1].add(raw)
        return Place(load.number, load.orders - 1, offset)

    def finish(self) -> None:
        """Close all open parts, by number."""
        for number in sorted(self._writers):
            self._close(number)

    def abandon(self) -> None:
        """Remove what is unfinished."""
        for _, writer in self._writers.values():
            writer.abandon()
            self._storage.remove(writer.path)
        self._writers.clear()

    def _has_room(self, load: Load, size: int) -> bool:
        limit = self._limits.max_bytes
        return limit is None or self._writers[load.number][1].has_room(size, limit)

    def _open(self, group: str) -> None:
        load = self._packer.open(group)
        path = self._folder / f"{load.number:04d}.part"
        self._storage.remove(path)  # a crash may have left one
        writer = PartWriter(self._storage.create(path), path, compress=self._compress)
        self._writers[load.number] = (load, writer)

    def _close(self, number: int) -> None:
        load, writer = self._writers.pop(number)
        writer.finish(self._storage)
        name = part_name(number, load.group, writer.sha256, compress=self._compress)
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
                writer.written,
                writer.sha256,
                writer.text_size,
                writer.text_sha256,
            )
        )


def part_name(number: int, group: str, sha256: str, *, compress: bool) -> str:
    """A safe file name for a part, whatever characters its group has."""
    return f"{number:04d}-{_NAME.sub('', group)[:16]}-{sha256[:8]}.json{'.gz' if compress else ''}"
