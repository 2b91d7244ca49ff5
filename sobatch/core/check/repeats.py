"""Find values used twice among millions of orders, in flat memory.

While orders are checked only the hashes of their keys are kept, a few bytes each and on disk beyond a bound; most
inputs have no repeat, and then that is all. Where a hash occurs twice the input is read once more to see which values
really do, and where they stand.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from sobatch.core.order.spec import Spec
from sobatch.core.place.locate import span_of
from sobatch.core.read.orders import facts_of
from sobatch.core.read.scan import Broken, Scanner
from sobatch.core.read.source import Stream

_IN_MEMORY = 1 << 17  # hashes of one key
_MOST_SUSPECTS = 1 << 16

Suspects = Mapping[str, Set[int] | None]
"""Hashes that occur twice, by key; None when there are so many that every value is to be looked at."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A value that stands in two orders: at `index` and byte `offset`, and first at `first_index`."""

    key: str
    value: str
    index: int
    first_index: int
    offset: int


class Hashes:
    """The hashes of all keys of an input. `close` frees the disk."""

    def __init__(self) -> None:
        self._recent: dict[str, array[int]] = {}
        self._disk: sqlite3.Connection | None = None

    def add(self, more: Mapping[str, array[int]]) -> None:
        """Remember the hashes of some orders' keys."""
        for key, hashes in more.items():
            kept = self._recent.setdefault(key, array("q"))
            kept.extend(hashes)
            if len(kept) > _IN_MEMORY:
                self._spill(key, kept)
                self._recent[key] = array("q")

    def shared(self, key: str) -> tuple[int, int]:
        """How many orders have a value of this key that another one has too, and how many such values there are."""
        if self._disk is None:
            uses = [number for number in Counter(self._recent.get(key, ())).values() if number > 1]
            return sum(uses), len(uses)
        self._spill(key, self._recent.pop(key, array("q")))
        query = "SELECT total(uses), count(*) FROM (SELECT count(*) AS uses FROM seen WHERE key = ? GROUP BY hash"
        orders, values = self._disk.execute(f"{query} HAVING uses > 1)", (key,)).fetchone()
        return int(orders), int(values)

    def suspects(self) -> Suspects:
        """Hashes that occur more than once."""
        found: dict[str, Set[int] | None] = {}
        for key, hashes in self._recent.items():
            if self._disk is not None:
                self._spill(key, hashes)
                self._recent[key] = array("q")
            elif len(set(hashes)) < len(hashes):
                found[key] = _repeated(hashes)
        return found if self._disk is None else self._suspects_on_disk(self._disk)

    def _spill(self, key: str, hashes: array[int]) -> None:
        if self._disk is None:
            self._disk = private_database("CREATE TABLE seen(key TEXT, hash INTEGER)")
        self._disk.executemany("INSERT INTO seen VALUES (?, ?)", ((key, each) for each in hashes))

    @staticmethod
    def _suspects_on_disk(disk: sqlite3.Connection) -> Suspects:
        found: dict[str, Set[int] | None] = {}
        for (key,) in disk.execute("SELECT DISTINCT key FROM seen").fetchall():
            query = "SELECT hash FROM seen WHERE key = ? GROUP BY hash HAVING count(*) > 1 LIMIT ?"
            hashes = {row[0] for row in disk.execute(query, (key, _MOST_SUSPECTS + 1))}
            if hashes:
                found[key] = hashes if len(hashes) <= _MOST_SUSPECTS else None
        return found

    def close(self) -> None:
        """Free the disk space."""
        if self._disk is not None:
            self._disk.close()


def private_database(schema: str) -> sqlite3.Connection:
    """A database in a file that nobody else sees and that is gone when closed."""
    database = sqlite3.connect("", isolation_level=None)
    database.executescript(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE; PRAGMA cache_size=-4000;"
        f"{schema}; BEGIN"
    )
    return database


def _repeated(hashes: array[int]) -> Set[int]:
    seen: set[int] = set()
    repeated: set[int] = set()
    for each in hashes:
        (repeated if each in seen else seen).add(each)
    return repeated


class Repeats:
    """Reads an input again and tells every use of a value after the first, in the order of the text."""

    def __init__(self, spec: Spec, suspects: Suspects, scanner: Callable[[Stream], Scanner[Any]]) -> None:
        self._spec = spec
        self._suspects = suspects
        self._scanner = scanner
        self._keys = sorted(suspects)

    def found(self, stream: Stream) -> Iterator[Repeat]:
        """All repeats of a stream that was scanned before."""
        if not self._suspects:
            return
        first_uses = private_database(
            "CREATE TABLE first(key TEXT, value TEXT, idx INTEGER, PRIMARY KEY (key, value)) WITHOUT ROWID"
        )
        index = 0
        try:
            for piece in self._scanner(stream):
                if isinstance(piece, Broken):
                    index += piece.recovered
                    continue
                for position, facts in enumerate(facts_of(piece, self._spec)):
                    for key in self._keys:
                        value = getattr(facts, key)
                        first = self._first_use(first_uses, key, value, index) if value is not None else None
                        if first is not None:
                            start, end = piece.cut()[position]
                            member = self._spec.keys[key][0]
                            at = piece.offset + start + span_of(piece.text[start:end], f"/{member}")[0]
                            yield Repeat(key, value, index, first, at)
                    index += 1
        finally:
            first_uses.close()

    def _first_use(self, first_uses: sqlite3.Connection, key: str, value: str, index: int) -> int | None:
        """The index of an earlier order with this value; None, and remembered, when there is none."""
        suspects = self._suspects[key]
        if suspects is not None and hash(value) not in suspects:
            return None
        row = first_uses.execute("SELECT idx FROM first WHERE key = ? AND value = ?", (key, value)).fetchone()
        if row is not None:
            return int(row[0])
        first_uses.execute("INSERT INTO first VALUES (?, ?, ?)", (key, value, index))
        return None
