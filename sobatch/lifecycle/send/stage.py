"""Turn a checked source into a durable plan: parts on disk, orders in the journal, a digest of the content.

Reads the source a second time, after the check, and refuses when its bytes are no longer the ones that were checked.
Nothing of a staged run counts until `Journal.publish`; what a crash leaves behind is swept away by the next submit.
"""

from __future__ import annotations

import hashlib
import shutil
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sobatch.core.check.examine import facts_of
from sobatch.core.cut.staging import PartFacts, PartWriter, Staging
from sobatch.core.cut.storage import Storage
from sobatch.core.order.canonical import content_hash
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import OrderFacts, Spec
from sobatch.core.read.scan import MAX_ORDER, Broken, Cursor, Scanner, Stretch
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
    parts: tuple[PartFacts, ...]


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
        faulty: Sequence[int],
        stored: str,
        tap: Callable[[bytes], object] | None = None,
    ) -> Staged:
        """Write parts and orders. `faulty` are the indexes to set aside, `stored` the digest the check saw."""
        self._storage.folder(self._folder)
        parts: list[PartFacts] = []
        staging = Staging(self._folder, self._limits, self._storage, parts.append)
        aside = _Aside(self._folder, self._storage)
        digest, content = hashlib.sha256(), hashlib.sha256()

        def taste(data: bytes) -> None:
            digest.update(data)
            if tap is not None:
                tap(data)

        rows: list[NewOrder] = []
        count = keys = 0
        for raw, place, facts in self._orders(source, taste):
            hashed = content_hash(raw)
            content.update(hashed)
            set_aside = _contains(faulty, count)
            where = aside.add(raw) if set_aside else staging.add(raw, facts)
            rows.append(_row(count, where, place, facts, len(raw), hashed, set_aside=set_aside))
            count += 1
            keys += _characters(facts)
            if len(rows) >= _BATCH or keys >= _BATCH_KEYS:
                rows, keys = self._kept(run, rows), 0
        if digest.hexdigest() != stored:
            raise changed(source.name)
        self._kept(run, rows)
        staging.finish()
        set_aside_count = aside.finish()
        return Staged(
            run, count, set_aside_count, content.hexdigest(), stored, tuple(sorted(parts, key=lambda p: p.number))
        )

    def _kept(self, run: str, rows: list[NewOrder]) -> list[NewOrder]:
        """Write rows to the journal; the list for the next ones."""
        self._journal.add_orders(run, rows)
        return []

    def _orders(
        self, source: Source, tap: Callable[[bytes], object]
    ) -> Iterator[tuple[bytes, tuple[int, Cursor], OrderFacts]]:
        stream = source.open(tap)
        try:
            scanner: Scanner[Any] = Scanner(stream, self._spec.order_type, max_order=self._max_order, track=True)
            for piece in scanner:
                if isinstance(piece, Broken):
                    raise changed(source.name)
                yield from self._cut(piece)
                del piece  # it may be large, and is not to be kept while the next one is read
        finally:
            stream.close()

    def _cut(self, stretch: Stretch[Any]) -> Iterator[tuple[bytes, tuple[int, Cursor], OrderFacts]]:
        cursor = stretch.cursor or Cursor()
        spans = stretch.cut()
        last = 0
        for (start, end), facts in zip(spans, facts_of(stretch, self._spec), strict=True):
            cursor.advance(stretch.text[last:start])
            last = start
            yield stretch.text[start:end], (stretch.offset + start, replace(cursor)), facts


class _Aside:
    """The orders that will not be sent, kept for the reject file."""

    def __init__(self, folder: Path, storage: Storage) -> None:
        self._folder = folder
        self._storage = storage
        self._writer: PartWriter | None = None
        self._count = 0

    def add(self, raw: bytes) -> tuple[int | None, int, int]:
        if self._writer is None:
            path = self._folder / "set-aside.part"
            self._writer = PartWriter(self._storage, path, compress=True)
        self._count += 1
        return None, self._count - 1, self._writer.add(raw)

    def finish(self) -> int:
        if self._writer is not None:
            self._writer.finish(self._storage)
            self._storage.rename(self._writer.path, self._folder / SET_ASIDE)
        return self._count


def _row(
    index: int,
    where: Any,
    place: tuple[int, Cursor],
    facts: OrderFacts,
    length: int,
    hashed: bytes,
    *,
    set_aside: bool,
) -> NewOrder:
    part, position, at = where if set_aside else (where.part, where.position, where.offset)
    offset, cursor = place
    return NewOrder(
        index,
        part,
        position,
        at,
        offset,
        length,
        cursor.line,
        cursor.column,
        facts.rows,
        facts.lines,
        hashed,
        facts.number,
        facts.external,
        facts.reference,
    )


def _characters(facts: OrderFacts) -> int:
    return sum(len(key) for key in (facts.number, facts.external, facts.reference) if key)


def _contains(ascending: Sequence[int], value: int) -> bool:
    at = bisect_left(ascending, value)
    return at < len(ascending) and ascending[at] == value


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
