"""Parts of one order each, thousands of them in one page file: each stored as it would be in a file of its own.

So a million parts are a thousand files, and what goes out of a part is the same bytes either way.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sobatch.core.cut.packing import BLOCK, Packing
from sobatch.core.cut.staging import PartFacts, Place
from sobatch.core.cut.storage import Storage
from sobatch.core.order.spec import OrderFacts

MOST_PARTS = 1_000
MOST_BYTES = 4 << 20
"""Of stored bytes: a page that has as many takes no further part."""


class Pages:
    """Writes page after page into one folder. `done` hears of each part; it is durable once its page is closed."""

    def __init__(self, folder: Path, storage: Storage, done: Callable[[PartFacts], None]) -> None:
        self._folder = folder
        self._storage = storage
        self._done = done
        self._parts = 0
        self._page: Path | None = None
        self._inside = self._size = 0
        self._waiting = bytearray()

    def add(self, raw: bytes, facts: OrderFacts) -> Place:
        """Make one order a part."""
        self._parts += 1
        path = self._page or self._begin()
        packing, start = Packing(compress=True), self._size
        self._waiting += packing.head()
        offset = packing.add(raw)
        if packing.held >= BLOCK:
            self._waiting += packing.block()
        self._waiting += packing.end()
        self._inside += 1
        self._size += packing.size
        loads = (self._parts, facts.group, 1, facts.lines, facts.rows)
        digests = (packing.sha256, packing.text_size, packing.text_sha256)
        self._done(PartFacts(*loads, path, packing.size, *digests, start))
        if self._inside >= MOST_PARTS or self._size >= MOST_BYTES:
            self._close()
        elif len(self._waiting) >= BLOCK:
            self._spill()
        return Place(self._parts, 0, offset)

    def finish(self) -> None:
        """Close the last page."""
        self._close()

    def _begin(self) -> Path:
        self._page = self._folder / f"{self._parts:04d}-page.json.gz"
        self._inside = self._size = 0
        self._storage.remove(self._draft)  # a crash may have left one
        self._storage.create(self._draft).close()
        return self._page

    @property
    def _draft(self) -> Path:
        return self._folder / "page.part"

    def _spill(self) -> None:
        with self._storage.append(self._draft) as file:
            file.write(self._waiting)
        self._waiting.clear()

    def _close(self) -> None:
        if self._page is None:
            return
        with self._storage.append(self._draft) as file:
            file.write(self._waiting)
            self._storage.sync(file)
        self._waiting.clear()
        self._storage.rename(self._draft, self._page)
        self._page = None
