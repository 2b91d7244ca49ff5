"""The orders of one part while its result lists are matched: findable by position, key, likeness and summary, with the
verdict of each once it is claimed. In a private database on disk, so that a part of any size costs the same memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sobatch.core.check.repeats import private_database
from sobatch.lifecycle.journal.rows import OrderRow, Verdict

KEYS = ("external", "reference", "number")
_COLUMNS = "position, idx, part_offset, length, content, external, reference, number"
_SCHEMA = (
    "CREATE TABLE one (position INTEGER PRIMARY KEY, idx INTEGER, part_offset INTEGER, length INTEGER, content BLOB,"
    " external TEXT, reference TEXT, number TEXT, alike BLOB,"
    " claimed TEXT, remote_number TEXT, twins INTEGER, messages TEXT, over_budget INTEGER);"
    + "".join(f"CREATE INDEX by_{key} ON one ({key}, claimed) WHERE {key} IS NOT NULL;" for key in KEYS)
    + "CREATE TABLE summary (names TEXT, shared TEXT, told BLOB, position INTEGER);"
    "CREATE INDEX by_summary ON summary (names, shared, told);"
    "CREATE TABLE arbitrary (content BLOB PRIMARY KEY) WITHOUT ROWID"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An order that an outcome may belong to."""

    position: int
    idx: int
    part_offset: int
    length: int
    content: bytes
    external: str | None
    reference: str | None
    number: str | None


class PartOrders:
    """Filled from the journal; `close` frees the disk."""

    def __init__(self, orders: Iterable[OrderRow]) -> None:
        self._db = private_database(_SCHEMA)
        self._alike_known = False
        self.count = 0
        names = _COLUMNS.split(", ")
        rows = (tuple(getattr(order, name) for name in names) for order in orders)
        marks = ", ".join("?" * len(names))
        self.count = self._db.executemany(f"INSERT INTO one ({_COLUMNS}) VALUES ({marks})", rows).rowcount

    def close(self) -> None:
        """Free the disk space."""
        self._db.close()

    def at(self, position: int) -> Candidate | None:
        """The free order at a position of the part."""
        return next(self._free("position = ?", (position,), 1), None)

    def knows(self, key: str, value: str) -> bool:
        """Whether any order of the part, free or claimed, has this value of a key."""
        return self._db.execute(f"SELECT 1 FROM one WHERE {key} = ? LIMIT 1", (value,)).fetchone() is not None

    def sharing(self, keys: Mapping[str, str], most: int) -> list[Candidate]:
        """Free orders that have all these keys, at most so many."""
        where = " AND ".join(f"{key} = ?" for key in keys)
        return list(self._free(where, tuple(keys.values()), most))

    def alike(
        self, likeness: str, keys: Mapping[str, str], tell: Callable[[Candidate], str | None], most: int
    ) -> list[Candidate]:
        """Free orders of this likeness that have all these keys. `tell` works out the likeness of an order."""
        if not self._alike_known:
            self._learn_likeness(tell)
        where = "".join(f" AND {key} = ?" for key in keys)
        return list(self._free(f"alike = ?{where}", (_digest(likeness), *keys.values()), most))

    def all_equal(self, likeness: str, content: bytes) -> bool:
        """Whether all free orders of this likeness have this very content."""
        query = "SELECT 1 FROM one WHERE alike = ? AND claimed IS NULL AND content {} ? LIMIT 1"
        values = (_digest(likeness), content)
        return all(self._db.execute(query.format(side), values).fetchone() is None for side in ("<", ">"))

    def _learn_likeness(self, tell: Callable[[Candidate], str | None]) -> None:
        told = ((_digest(text), each.position) for each in self._all() if (text := tell(each)) is not None)
        self._db.executemany("UPDATE one SET alike = ? WHERE position = ?", told)
        self._db.execute("CREATE INDEX by_alike ON one (alike, claimed, content) WHERE alike IS NOT NULL")
        self._alike_known = True

    def summed_up(
        self, told: Mapping[str, str], tell: Callable[[Candidate], Mapping[str, str]], most: int
    ) -> list[Candidate]:
        """Free orders that agree with a summary in every member they have themselves. `tell` gives those members."""
        names = json.dumps(sorted(told))
        if self._db.execute("SELECT 1 FROM summary WHERE names = ? LIMIT 1", (names,)).fetchone() is None:
            self._learn_summaries(names, sorted(told), tell)
        found: list[Candidate] = []
        shapes = self._db.execute("SELECT DISTINCT shared FROM summary WHERE names = ?", (names,)).fetchall()
        for (shared,) in shapes:
            digest = _digest(json.dumps([told[name] for name in json.loads(shared)]))
            where = "position IN (SELECT position FROM summary WHERE names = ? AND shared = ? AND told = ?)"
            found.extend(self._free(where, (names, shared, digest), most))
        return found

    def _learn_summaries(self, names: str, wanted: list[str], tell: Callable[[Candidate], Mapping[str, str]]) -> None:
        def rows() -> Iterator[tuple[str, str, bytes, int]]:
            yield names, "[]", b"", -1  # learnt, even if no order has anything to say
            for each in self._all():
                own = tell(each)
                shared = [name for name in wanted if name in own]
                if shared:
                    digest = _digest(json.dumps([own[name] for name in shared]))
                    yield names, json.dumps(shared), digest, each.position

        self._db.executemany("INSERT INTO summary VALUES (?, ?, ?, ?)", rows())

    def claim(self, order: Candidate, verdict: Verdict, *, arbitrary: bool, over_budget: bool) -> None:
        """Give an order its verdict. After an `arbitrary` choice among equal ones all of these count as twins."""
        if arbitrary:
            self._db.execute("INSERT OR IGNORE INTO arbitrary VALUES (?)", (order.content,))
        messages = json.dumps(list(verdict.messages), ensure_ascii=False) if verdict.messages else None
        self._db.execute(
            "UPDATE one SET claimed = ?, remote_number = ?, twins = ?, messages = ?, over_budget = ?"
            " WHERE position = ?",
            (verdict.state, verdict.remote_number, verdict.twins, messages, int(over_budget), order.position),
        )

    def is_arbitrary(self, order: Candidate) -> bool:
        """Whether a choice among orders equal to this one was arbitrary."""
        query = "SELECT 1 FROM arbitrary WHERE content = ?"
        return self._db.execute(query, (order.content,)).fetchone() is not None

    def left(self) -> int:
        """How many orders nothing has claimed."""
        return int(self._db.execute("SELECT count(*) FROM one WHERE claimed IS NULL").fetchone()[0])

    def give_left(self, state: str, *, twins: bool = False, messages: Iterable[Mapping[str, Any]] = ()) -> None:
        """One verdict for all that is left."""
        told = list(messages)
        self._db.execute(
            "UPDATE one SET claimed = ?, twins = ?, messages = ? WHERE claimed IS NULL",
            (state, 1 if twins else None, json.dumps(told, ensure_ascii=False) if told else None),
        )

    def doubt_rejections(self) -> None:
        """Beside created orders that are nobody's, a refusal proves nothing: the refused order may be one of them."""
        self._db.execute("UPDATE one SET claimed = 'unknown' WHERE claimed = 'rejected'")

    def repeated_numbers(self) -> int:
        """How many created orders share their new number with another one."""
        query = "SELECT count(remote_number) - count(DISTINCT remote_number) FROM one WHERE claimed = 'created'"
        return int(self._db.execute(query).fetchone()[0])

    def over_budget(self) -> Iterator[int]:
        """Indexes of the orders refused only because the call made too many rows, ascending."""
        for (idx,) in self._db.execute("SELECT idx FROM one WHERE over_budget = 1 ORDER BY idx"):
            yield idx

    def verdicts(self, *, over_budget: bool) -> Iterator[Verdict]:
        """All verdicts by index; those over the budget only on request."""
        where = "claimed IS NOT NULL" if over_budget else "claimed IS NOT NULL AND coalesce(over_budget, 0) = 0"
        query = f"SELECT idx, claimed, remote_number, twins, messages FROM one WHERE {where} ORDER BY idx"
        for idx, state, number, twins, messages in self._db.execute(query):
            yield Verdict(idx, state, number, twins, tuple(json.loads(messages)) if messages else ())

    def _free(self, where: str, values: tuple[object, ...], most: int) -> Iterator[Candidate]:
        query = f"SELECT {_COLUMNS} FROM one WHERE claimed IS NULL AND {where} LIMIT ?"
        for row in self._db.execute(query, (*values, most)).fetchall():
            yield Candidate(*row)

    def _all(self) -> Iterator[Candidate]:
        """Every order, read a page at a time, so that rows may be changed meanwhile."""
        query = f"SELECT {_COLUMNS} FROM one WHERE position > ? ORDER BY position LIMIT 500"
        last = -1
        while rows := self._db.execute(query, (last,)).fetchall():
            last = rows[-1][0]
            yield from (Candidate(*row) for row in rows)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
