"""Prove a split: every file's digest, every order of the source exactly once and in its place, and the same bytes.

Reads each part once, side by side in the source's sequence, in flat memory: of every group at most one part is open.
Names what is wrong and goes on, so that one look tells all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Any

from sobatch.core.cut.manifest import MANIFEST, Manifest, PartEntry, read_manifest
from sobatch.core.cut.splitter import PART_FILE
from sobatch.core.order.spec import Spec
from sobatch.core.read.orders import Found, orders, unbroken
from sobatch.core.read.scan import MAX_ORDER, Broken
from sobatch.core.read.source import Source, Stream, open_sources, typed
from sobatch.errors import InputError, UsageError

_MOST = 100
SpecOf = Callable[[str], Spec]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is not as the manifest says: in which file, about which order of the source, and what."""

    file: str
    what: str
    index: int | None = None

    def facts(self) -> dict[str, Any]:
        """As plain data."""
        return {"file": self.file, "index": self.index, "message": self.what}


@dataclass(slots=True)
class Verdict:
    """What a verification found; no flaws means proved."""

    manifest: Manifest
    flaws: list[Flaw] = field(default_factory=list)

    def add(self, flaw: Flaw) -> None:
        """Note a flaw, up to a bound."""
        if len(self.flaws) < _MOST and flaw not in self.flaws:
            self.flaws.append(flaw)


def verify(folder: Path, spec_of: SpecOf, source: Source | None = None, *, max_order: int = MAX_ORDER) -> Verdict:
    """Verify the split in a folder, against its source too if that is given. Raises `InputError` without a manifest."""
    verdict = Verdict(read_manifest(folder))
    spec = spec_of(verdict.manifest.erp)
    _look_around(folder, verdict)
    _sums(verdict)
    _Merge(folder, verdict, spec, source, max_order).run()
    return verdict


def _look_around(folder: Path, verdict: Verdict) -> None:
    known = {entry.file for entry in verdict.manifest.entries()}
    for path in sorted(folder.iterdir()):
        if PART_FILE.fullmatch(path.name) and path.name not in known:
            verdict.add(Flaw(path.name, "is no part of this split, though it looks like one"))


def _sums(verdict: Verdict) -> None:
    manifest = verdict.manifest
    for name in ("orders", "lines", "rows"):
        total = sum(getattr(entry, name) for entry in manifest.entries())
        if total != getattr(manifest, name):
            verdict.add(Flaw(MANIFEST, f"the parts have {total:,} {name}, the source {getattr(manifest, name):,}"))


class _Merge:
    """Reads all parts in the source's sequence."""

    def __init__(self, folder: Path, verdict: Verdict, spec: Spec, source: Source | None, max_order: int) -> None:
        self._verdict = verdict
        self._parts = [_Part(folder, entry, spec, verdict, max_order) for entry in verdict.manifest.entries()]
        self._source = _Original(source, verdict, max_order) if source is not None else None
        self._digest = hashlib.sha256()
        self._expected = 0

    def run(self) -> None:
        """Every run of every part, by first index."""
        heap = [(*run, at) for at, part in enumerate(self._parts) if (run := part.next_run()) is not None]
        heapify(heap)
        try:
            while heap:
                first, last, at = heappop(heap)
                self._follow(first, last, self._parts[at])
                run = self._parts[at].next_run()
                if run is not None:
                    heappush(heap, (*run, at))
            self._end()
        finally:
            self._close()

    def _follow(self, first: int, last: int, part: _Part) -> None:
        if first > self._expected:
            self._verdict.add(Flaw(MANIFEST, f"{_orders(self._expected, first - 1)} in no part", self._expected))
        elif first < self._expected:
            self._verdict.add(
                Flaw(part.name, f"{_orders(first, min(last, self._expected - 1))} in another part too", first)
            )
        for index in range(first, last + 1):
            raw = part.next_order()
            if raw is None:
                break
            self._digest.update(raw)
            self._digest.update(b"\n")
            if self._source is not None:
                self._source.compare(index, raw, part)
        self._expected = max(self._expected, last + 1)

    def _close(self) -> None:
        for part in self._parts:
            part.close()
        if self._source is not None:
            self._source.close()

    def _end(self) -> None:
        verdict = self._verdict
        orders = verdict.manifest.orders
        if self._expected < orders:
            verdict.add(Flaw(MANIFEST, f"{_orders(self._expected, orders - 1)} in no part", self._expected))
        elif self._expected > orders:
            verdict.add(Flaw(MANIFEST, f"tells of {self._expected:,} orders, though the source had {orders:,}", orders))
        if self._source is not None:
            self._source.end(verdict.manifest.orders)
        if not verdict.flaws and self._digest.hexdigest() != verdict.manifest.orders_sha256:
            verdict.add(Flaw(MANIFEST, "the orders of all parts together are not those of the source"))


def _orders(first: int, last: int) -> str:
    return f"order {first} is" if first == last else f"orders {first} to {last} are"


class _Part:
    """One file, opened when its first order is due and finished after its last."""

    def __init__(self, folder: Path, entry: PartEntry, spec: Spec, verdict: Verdict, max_order: int) -> None:
        self.name = entry.file
        self.flawed = False
        self._path = folder / entry.file
        self._entry = entry
        self._spec = spec
        self._verdict = verdict
        self._max_order = max_order
        self._runs = entry.runs()
        self._orders: Iterator[Found] | None = None
        self._stored, self._text = hashlib.sha256(), hashlib.sha256()
        self._size = self._text_size = 0
        self._sums = [0, 0, 0]
        self._stream: Stream | None = None

    def next_run(self) -> tuple[int, int] | None:
        """The next run of indexes; after the last one the file is held against its entry."""
        run = next(self._runs, None)
        if run is None:
            self._finish()
        return run

    def next_order(self) -> bytes | None:
        """The next order's bytes; None when there are no more."""
        if self._orders is None:
            self._orders = self._read()
        try:
            found = next(self._orders, None)
        except InputError as error:
            self.flaw(error.message.removeprefix(f"{self._path} "))
            found = None
        if found is None:
            return None
        facts = found.facts
        self._sums = [self._sums[0] + 1, self._sums[1] + facts.lines, self._sums[2] + facts.rows]
        if self._entry.group is not None and facts.group != self._entry.group:
            self.flaw(f"holds an order of {facts.group or '(none)'} among those of {self._entry.group or '(none)'}")
        return found.raw

    def flaw(self, what: str, index: int | None = None) -> None:
        """Note what is wrong with this file."""
        self.flawed = True
        self._verdict.add(Flaw(self.name, what, index))

    def close(self) -> None:
        """Let go of the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _read(self) -> Iterator[Found]:
        try:
            source = open_sources([str(self._path)], _no_stdin)[0]
        except UsageError:
            self.flaw("is missing, or cannot be read")
            return
        self._stream = source.open(self._taste)
        tasted = _Tasted(self._stream, self._taste_text)
        for found in orders(tasted, self._spec, max_order=self._max_order):
            if isinstance(found, Broken):
                self.flaw(f"is broken at byte {found.fault.offset:,} of its text: {found.fault.message}")
            else:
                yield found

    def _taste(self, data: bytes) -> None:
        self._stored.update(data)
        self._size += len(data)

    def _taste_text(self, data: bytes) -> None:
        self._text.update(data)
        self._text_size += len(data)

    def _finish(self) -> None:
        before = self._sums[0]
        while self.next_order() is not None:
            pass
        self.close()
        entry = self._entry
        if self._size == 0:
            return  # it is missing, which has been said
        if self._sums[0] != entry.orders:
            self.flaw(f"holds {self._sums[0]:,} orders, {before:,} of them in place; it should hold {entry.orders:,}")
        if (self._size, self._stored.hexdigest()) != (entry.bytes, entry.sha256):
            self.flaw("is not byte for byte what the split wrote: its sha256 differs")
        if not self.flawed and (self._text_size, self._text.hexdigest()) != (entry.text_bytes, entry.text_sha256):
            self.flaw("has another text than the split wrote: its text_sha256 differs")
        if not self.flawed and self._sums[1:] != [entry.lines, entry.rows]:
            self.flaw(f"has {self._sums[1]:,} lines and {self._sums[2]:,} rows, not {entry.lines:,} and {entry.rows:,}")


class _Original:
    """The source, read along."""

    def __init__(self, source: Source, verdict: Verdict, max_order: int) -> None:
        self._source = source
        self._verdict = verdict
        self._stream = source.open()
        self._orders = unbroken(orders(self._stream, None, max_order=max_order), self._fault)
        self._next = 0

    def compare(self, index: int, raw: bytes, part: _Part) -> None:
        """Hold an order of a part against the source's; only the first that differs in a part is named."""
        original = None
        while self._next <= index:
            original = next(self._orders, None)
            self._next += 1
            if original is None:
                break
        if (original is None or original.raw != raw) and not part.flawed:
            part.flaw(f"order {index} of {self._source.name} is not what stands in its place", index)

    def end(self, orders: int) -> None:
        """The source must end where the manifest says."""
        more = sum(1 for _ in self._orders)
        if more or self._next != orders:
            found = self._next + more
            self._verdict.add(Flaw(self._source.name, f"has {found:,} orders; {orders:,} were split"))

    def close(self) -> None:
        """Let go of the source."""
        self._stream.close()

    def _fault(self, broken: Broken) -> InputError:
        return InputError(
            f"{self._source.name} cannot be read: {broken.fault.message}",
            code=broken.fault.code,
            next_step=typed("sobatch validate", [self._source.name]),
        )


class _Tasted:
    """A stream whose bytes somebody else sees, too."""

    def __init__(self, stream: Stream, taste: Callable[[bytes], None]) -> None:
        self._stream = stream
        self._taste = taste

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._taste(data)
        return data

    def close(self) -> None:
        self._stream.close()


def _no_stdin() -> Any:
    raise AssertionError("a part is a file")
