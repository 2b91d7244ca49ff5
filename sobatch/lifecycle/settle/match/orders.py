"""The orders of one part while its result lists are judged, in a private database on disk: as units, which are what
entries can tell apart, with the verdict of each once it is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sobatch.core.check.repeats import private_database
from sobatch.lifecycle.journal.rows import OrderRow, Verdict

KEYS = ("external", "reference", "number")
_COLUMNS = ("position", "idx", "part_offset", "length", "content", *KEYS)
_SCHEMA = (
    "CREATE TABLE one (position INTEGER PRIMARY KEY, idx INTEGER, part_offset INTEGER, length INTEGER, content BLOB,"
    " external TEXT, reference TEXT, number TEXT, unit INTEGER,"
    " state TEXT, remote_number TEXT, told INTEGER, twins INTEGER, messages TEXT,"
    " over_budget INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX one_by_content ON one (content);"
    + "".join(f"CREATE INDEX one_by_{key} ON one ({key}) WHERE {key} IS NOT NULL;" for key in KEYS)
    + "CREATE TABLE named (position INTEGER PRIMARY KEY);"
    "CREATE TABLE unit (id INTEGER PRIMARY KEY, content BLOB, size INTEGER, first INTEGER);"
    "CREATE INDEX unit_by_content ON unit (content)"
)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an order stands in its part's text."""

    idx: int
    part_offset: int
    length: int


class PartOrders:
    """Filled from the journal; `close` frees the disk. Positions and units count from 0."""

    def __init__(self, orders: Iterable[OrderRow]) -> None:
        self.db = private_database(_SCHEMA)
        rows = (tuple(getattr(order, name) for name in _COLUMNS) for order in orders)
        marks = ", ".join("?" * len(_COLUMNS))
        columns = ", ".join(_COLUMNS)
        self.count = self.db.executemany(f"INSERT INTO one ({columns}) VALUES ({marks})", rows).rowcount

    def close(self) -> None:
        """Free the disk space."""
        self.db.close()

    def divide(self, named: Iterable[int]) -> list[int]:
        """Make units: each of the named positions is one, and so are all other orders of equal content. Returns how
        many orders each unit has."""
        self.db.executemany("INSERT OR IGNORE INTO named VALUES (?)", ((position,) for position in named))
        self.db.execute(
            "INSERT INTO unit SELECT row_number() OVER (ORDER BY first) - 1, content, size, first FROM"
            " (SELECT content, count(*) AS size, min(position) AS first FROM one LEFT JOIN named USING (position)"
            " GROUP BY content, named.position)"
        )
        self.db.execute("CREATE TEMP TABLE loose AS SELECT id, content FROM unit WHERE first NOT IN named")
        self.db.execute("CREATE INDEX loose_by_content ON loose (content)")
        self.db.execute("UPDATE one SET unit = (SELECT id FROM loose WHERE loose.content = one.content)")
        self.db.execute(
            "UPDATE one SET unit = unit.id FROM unit WHERE unit.first = one.position AND unit.first IN named"
        )
        self.db.execute("CREATE INDEX one_by_unit ON one (unit)")
        return [size for (size,) in self.db.execute("SELECT size FROM unit ORDER BY id")]

    def kin(self) -> list[list[int]]:
        """Groups of units whose orders are equal, though entries may tell them apart."""
        query = "SELECT group_concat(id) FROM unit GROUP BY content HAVING count(*) > 1 ORDER BY min(id)"
        return [[int(each) for each in ids.split(",")] for (ids,) in self.db.execute(query)]

    def knows(self, key: str, value: str) -> bool:
        """Whether any order of the part has this value of a key."""
        return self.db.execute(f"SELECT 1 FROM one WHERE {key} = ? LIMIT 1", (value,)).fetchone() is not None

    def sharing(self, keys: Mapping[str, str], most: int) -> list[bytes]:
        """The contents of orders that have all these keys, at most so many."""
        where = " AND ".join(f"{key} = ?" for key in keys)
        query = f"SELECT DISTINCT content FROM one WHERE {where} LIMIT ?"
        return [content for (content,) in self.db.execute(query, (*keys.values(), most))]

    def contents(self) -> Iterator[bytes]:
        """Every content, once; the database may be changed meanwhile."""
        last = b""
        while rows := self.db.execute(
            "SELECT DISTINCT content FROM one WHERE content > ? ORDER BY content LIMIT 500", (last,)
        ).fetchall():
            yield from (content for (content,) in rows)
            last = rows[-1][0]

    def placed(self, content: bytes) -> Placed:
        """One of the orders of this content."""
        query = "SELECT idx, part_offset, length FROM one WHERE content = ? LIMIT 1"
        return Placed(*self.db.execute(query, (content,)).fetchone())

    def at(self, position: int) -> tuple[bytes, dict[str, str | None], int] | None:
        """The content, the keys and the unit of the order at a position of the part."""
        row = self.db.execute(
            "SELECT content, unit, external, reference, number FROM one WHERE position = ?", (position,)
        ).fetchone()
        return None if row is None else (row[0], dict(zip(KEYS, row[2:], strict=True)), row[1])

    def units(self, content: bytes) -> list[int]:
        """The units of a content."""
        return [unit for (unit,) in self.db.execute("SELECT id FROM unit WHERE content = ?", (content,))]

    def members(self, units: Iterable[int]) -> list[int]:
        """The positions of all orders of these units, ascending."""
        found: list[int] = []
        for unit in units:
            found.extend(at for (at,) in self.db.execute("SELECT position FROM one WHERE unit = ?", (unit,)))
        return sorted(found)

    def give(self, unit: int, state: str, *, twins: bool = False) -> None:
        """One verdict for all orders of a unit."""
        self.db.execute("UPDATE one SET state = ?, twins = ? WHERE unit = ?", (state, 1 if twins else None, unit))

    def give_one(self, position: int, state: str) -> None:
        """A verdict for one of several equal orders, whichever it is."""
        self.db.execute("UPDATE one SET state = ?, twins = 1 WHERE position = ?", (state, position))

    def give_number(self, position: int, number: str | None) -> None:
        """The number that the ERP gave an order, in an entry that is about this order."""
        self.db.execute("UPDATE one SET remote_number = ?, told = 1 WHERE position = ?", (number, position))

    def mark_nameless(self) -> None:
        """Created orders whose entry nothing tells from others are marked like twins."""
        self.db.execute("UPDATE one SET twins = 1 WHERE state = 'created' AND told IS NULL")

    def give_reasons(self, position: int, messages: str, *, over_budget: bool) -> None:
        """Why an order was rejected, as a JSON list."""
        query = "UPDATE one SET messages = ?, over_budget = ? WHERE position = ?"
        self.db.execute(query, (messages, int(over_budget), position))

    def give_left_reasons(self, messages: str, *, over_budget: bool) -> None:
        """The same reasons for all rejected orders that have none of their own."""
        query = "UPDATE one SET messages = ?, over_budget = ?, twins = 1 WHERE state = 'rejected' AND messages IS NULL"
        self.db.execute(query, (messages, int(over_budget)))

    def keep_from_cutting(self, positions: Iterable[int]) -> None:
        """These were refused for something else, too."""
        query = "UPDATE one SET over_budget = 0 WHERE position = ?"
        self.db.executemany(query, ((position,) for position in positions))

    def in_state(self, unit: int, state: str) -> list[int]:
        """The positions of a unit's orders that have this verdict, ascending."""
        query = "SELECT position FROM one WHERE unit = ? AND state = ? ORDER BY position"
        return [position for (position,) in self.db.execute(query, (unit, state))]

    def many(self, state: str) -> int:
        """How many orders have this verdict."""
        return int(self.db.execute("SELECT count(*) FROM one WHERE state = ?", (state,)).fetchone()[0])

    def repeated_numbers(self) -> int:
        """How many created orders share their new number with another one."""
        query = "SELECT count(remote_number) - count(DISTINCT remote_number) FROM one WHERE state = 'created'"
        return int(self.db.execute(query).fetchone()[0])

    def over_budget(self) -> Iterator[int]:
        """Indexes of the orders proved to be refused, and only because the call made too many rows; ascending."""
        query = "SELECT idx FROM one WHERE over_budget = 1 AND state = 'rejected' ORDER BY idx"
        for (idx,) in self.db.execute(query):
            yield idx

    def verdicts(self, *, over_budget: bool) -> Iterator[Verdict]:
        """All verdicts by index; those over the budget only on request."""
        where = "" if over_budget else " WHERE over_budget = 0"
        query = f"SELECT idx, state, remote_number, twins, messages FROM one{where} ORDER BY idx"
        for idx, state, number, twins, messages in self.db.execute(query):
            yield Verdict(idx, state, number, twins, tuple(json.loads(messages)) if messages else ())
