"""Write the good orders of some sources to one file and the bad ones to another, byte for byte, as JSON arrays.

Which orders are bad, the check has said. A file appears under its name only when it is complete. Text that is no order
at all (a broken record, what follows a break) goes to neither file; the report tells of it.
"""

from __future__ import annotations

import os
from array import array
from pathlib import Path

from sobatch.core.check.tally import Ascending
from sobatch.core.cut.staging import PartWriter
from sobatch.core.cut.storage import Storage
from sobatch.core.read.orders import orders
from sobatch.core.read.scan import MAX_ORDER, Broken
from sobatch.core.read.source import Source
from sobatch.errors import InputError


class Outlet:
    """One output file, written under a temporary name beside it. A name ending in `.gz` makes it compressed."""

    def __init__(self, path: Path, storage: Storage) -> None:
        self.path = path
        self.orders = 0
        self._storage = storage
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        self.writer = PartWriter(storage, partial, compress=path.suffix == ".gz")

    def add(self, raw: bytes) -> tuple[int, int]:
        """Write one order; its position in the file, and its byte offset in the text."""
        self.orders += 1
        return self.orders - 1, self.writer.add(raw)

    def finish(self) -> None:
        """Give the file its name."""
        self.writer.finish(self._storage)
        self._storage.rename(self.writer.path, self.path)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._storage.remove(self.writer.path)


class Separation:
    """Separates sources into the two outlets, of which either may be absent."""

    def __init__(self, valid: Outlet | None, invalid: Outlet | None, *, max_order: int = MAX_ORDER) -> None:
        self.valid = valid
        self.invalid = invalid
        self._max_order = max_order

    def add(self, source: Source, faulty: array[int]) -> None:
        """Separate the orders of one source; what cannot be read of it goes nowhere."""
        bad = Ascending(faulty)
        index = 0
        try:
            for found in orders(source.open(), None, max_order=self._max_order):
                if isinstance(found, Broken):
                    index += found.recovered
                    continue
                outlet = self.invalid if bad.has(index) else self.valid
                if outlet is not None:
                    outlet.add(found.raw)
                index += 1
        except InputError as error:
            if error.code == "SO-021":
                raise

    def finish(self) -> None:
        """Complete the files."""
        for outlet in (self.valid, self.invalid):
            if outlet is not None:
                outlet.finish()

    def abandon(self) -> None:
        """Leave nothing behind."""
        for outlet in (self.valid, self.invalid):
            if outlet is not None:
                outlet.abandon()
