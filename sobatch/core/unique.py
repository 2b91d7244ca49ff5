"""Find values used twice among millions of orders, in flat memory: SQLite sorts them on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Repeat:
    """A key's value that stands in two orders: at `index`, and first at `first_index`."""

    key: str
    value: str
    index: int
    first_index: int


class Uniques:
    """Collects (key, value, index of the order) and tells the repeats at the end. `close` frees the disk."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)  # a private file, gone when closed
        self._database.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE; PRAGMA cache_size=-4000;"
            "CREATE TABLE seen(key TEXT, value TEXT, idx INTEGER); BEGIN"
        )

    def add(self, rows: Iterable[tuple[str, str, int]], base: int = 0) -> None:
        """Remember some values: (key, value, index of the order counted from `base`)."""
        self._database.executemany(f"INSERT INTO seen VALUES (?, ?, ? + {base:d})", rows)

    def repeats(self) -> Iterator[Repeat]:
        """Every use after the first, by index."""
        query = (
            "SELECT s.key, s.value, s.idx, d.first FROM seen s JOIN ("
            " SELECT key, value, min(idx) AS first FROM seen GROUP BY key, value HAVING count(*) > 1"
            ") d ON d.key = s.key AND d.value = s.value WHERE s.idx > d.first ORDER BY s.idx, s.key"
        )
        for row in self._database.execute(query):
            yield Repeat(*row)

    def close(self) -> None:
        """Free the disk space."""
        self._database.close()
