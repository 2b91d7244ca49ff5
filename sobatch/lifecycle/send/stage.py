"""Turn a checked source into a durable plan: parts on disk, orders in the journal, a digest of the content.

Reads the source a second time, after the check, and refuses when its bytes are no longer the ones that were checked.
Nothing of a staged run counts until `Journal.publish`; what a crash leaves behind is swept away by the next submit.
"""

from __future__ import annotations

import hashlib
import shutil
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sobatch.core.check.tally import Ascending
from sobatch.core.cut.pages import Pages
from sobatch.core.cut.separate import Outlet
from sobatch.core.cut.staging import PartFacts, Staging
from sobatch.core.cut.storage import Storage
from sobatch.core.order.canonical import content_hash
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import OrderFacts, Spec
from sobatch.core.read.orders import Found, orders, unbroken
from sobatch.core.read.scan import MAX_ORDER
from sobatch.core.read.source import Source
from sobatch.errors import InputError
from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.journal.rows import NewOrder

_BATCH = 5_000
_BATCH_KEYS = 1 << 20  # characters: an order that is set aside may have a reference of any length
SET_ASIDE = "0000-set-aside.json.gz"


@dataclass(frozen=True, slots=True)
class Staged:
    """A plan on disk, not yet real. `content` identifies the orders, `stored` the bytes as they came."""

    run: str
    orders: int
    set_aside: int
    content: str
    stored: str


class Stager:
    """Stages one source for one run."""

    def __init__(
        self,
        spec: Spec,
        limits: Limits,
        journal: Journal,
        storage: Storage,
        folder: Path,
        *,
        max_order: int = MAX_ORDER,
    ) -> None:
        self._spec = spec
        self._limits = limits
        self._journal = journal
        self._storage = storage
        self._folder = folder
        self._max_order = max_order

    def stage(
        self,
        run: str,
        source: Source,
        faulty: array[int],
        stored: str,
        tap: Callable[[bytes], object] | None = None,
    ) -> Staged:
        """Write parts and orders. `faulty` are the indexes to set aside, `stored` the digest the check saw."""
        self._storage.folder(self._folder)
        rows = _Rows(run, self._journal)
        staging = self._staging(rows.parts.append)
        aside: Outlet | None = None
        digest, content = hashlib.sha256(), hashlib.sha256()

        def taste(data: bytes) -> None:
            digest.update(data)
            if tap is not None:
                tap(data)

        bad = Ascending(faulty)
        read = orders(source.open(taste), self._spec, max_order=self._max_order, track=True)
        for found in unbroken(read, lambda _: changed(source.name)):
            hashed = content_hash(found.raw)
            content.update(hashed)
            where: tuple[int | None, int, int]
            if bad.has(rows.count):
                aside = aside or Outlet(self._folder / SET_ASIDE, self._storage)
                where = None, *aside.add(found.raw)
            else:
                where = staging.add(found.raw, found.facts)
            rows.add(found, where, hashed)
        if digest.hexdigest() != stored:
            raise changed(source.name)
        staging.finish()
        rows.keep()
        if aside is not None:
            aside.finish()
        return Staged(run, rows.count, aside.orders if aside else 0, content.hexdigest(), stored)

    def _staging(self, done: Callable[[PartFacts], None]) -> Staging | Pages:
        if self._limits.max_orders == 1:
            return Pages(self._folder, self._storage, done)
        return Staging(self._folder, self._limits, self._storage, done)


class _Rows:
    """The orders and parts of a run on their way into the journal, some thousands in one go."""

    def __init__(self, run: str, journal: Journal) -> None:
        self.count = 0
        self.parts: list[PartFacts] = []
        self._run = run
        self._journal = journal
        self._rows: list[NewOrder] = []
        self._keys = 0

    def add(self, found: Found, where: tuple[int | None, int, int], hashed: bytes) -> None:
        """The next order, and where it went: part, position, offset."""
        self._rows.append(_row(self.count, where, found, hashed))
        self.count += 1
        self._keys += _characters(found.facts)
        if len(self._rows) >= _BATCH or self._keys >= _BATCH_KEYS:
            self.keep()

    def keep(self) -> None:
        """Write to the journal what has come together."""
        self._journal.add_staged(self._run, self._rows, self.parts)
        self._rows, self._keys = [], 0
        self.parts.clear()


def _row(index: int, where: tuple[int | None, int, int], found: Found, hashed: bytes) -> NewOrder:
    facts = found.facts
    return NewOrder(
        index,
        *where,
        found.offset,
        len(found.raw),
        found.line,
        found.column,
        facts.rows,
        facts.lines,
        hashed,
        facts.number,
        facts.external,
        facts.reference,
    )


def _characters(facts: OrderFacts) -> int:
    return sum(len(key) for key in (facts.number, facts.external, facts.reference) if key)


def changed(name: str) -> InputError:
    """The error for a source whose bytes are not those that were checked."""
    return InputError(
        f"{name} changed between the check and the send; nothing was sent",
        code="SO-021",
        next_step="Wait until whatever writes the file has finished, then run the same command again.",
    )


def sweep(journal: Journal, runs: Sequence[str], folder_of: Callable[[str], Path]) -> None:
    """Remove what a crash left of runs that never became real."""
    for run in runs:
        shutil.rmtree(folder_of(run), ignore_errors=True)
        journal.discard_staging(run)
