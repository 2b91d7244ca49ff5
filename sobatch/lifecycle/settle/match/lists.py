"""The two result lists of one part, entry by entry, in the private database beside the orders: what each entry says,
the units it fits, and what the indexes of a list may mean.
"""

from __future__ import annotations

import json
import pickle
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sobatch.erp.ports import Kind, Outcome
from sobatch.lifecycle.settle.match.bounds import Shared, Telling
from sobatch.lifecycle.settle.match.echo import digest, leaves
from sobatch.lifecycle.settle.match.finder import Finder
from sobatch.lifecycle.settle.match.orders import KEYS, PartOrders

_SCHEMA = (
    "CREATE TABLE entry (seq INTEGER PRIMARY KEY, kind TEXT, idx INTEGER, place INTEGER, number TEXT, over INTEGER,"
    " messages TEXT, says BLOB, mute INTEGER, unit INTEGER, shared INTEGER, first INTEGER, second INTEGER,"
    " home INTEGER)",
    "CREATE TABLE home_of (shared INTEGER PRIMARY KEY, unit INTEGER)",
)
_MOST_REMEMBERED = 20_000
_LONGEST_REMEMBERED = 1_000  # bytes; longer ones are looked up again
_NOWHERE = -1

Meaning = int | None
"""What the indexes of a list are: positions counted from 0 or from 1, or nothing but the list's own count (None)."""


@dataclass(slots=True)
class Indexes:
    """What is seen of one list's indexes while it is read."""

    entries: int = 0
    indexed: int = 0
    least: int = 0
    most: int = 0
    from_0: bool = True
    from_1: bool = True

    def add(self, index: int | None) -> None:
        """Take the next entry's index in."""
        if index is not None:
            self.least = min(self.least, index) if self.indexed else index
            self.most = max(self.most, index)
            self.indexed += 1
        self.from_0 = self.from_0 and index in (None, self.entries)
        self.from_1 = self.from_1 and index in (None, self.entries + 1)
        self.entries += 1

    @property
    def own_count(self) -> bool:
        """Whether they may count the entries of the list."""
        return bool(self.indexed) and (self.from_0 or self.from_1)

    def meanings(self, orders: int) -> list[Meaning]:
        """What they may mean in a part of so many orders. What can be no position says nothing."""
        if not self.indexed:
            return [None]
        positions: list[Meaning] = []
        if self.most < orders:
            positions.append(0)
        if self.least >= 1 and self.most <= orders:
            positions.append(1)
        return [*positions, None] if self.own_count or not positions else positions


class Lists:
    """Reads both lists, then places their entries."""

    def __init__(self, orders: PartOrders, members: Mapping[str, str], overruled: Sequence[str] = ()) -> None:
        self._orders, self.db = orders, orders.db
        self._names = {key: members.get(key, key).lower() for key in KEYS}
        self._overruled = [f"/{name.lower()}" for name in overruled]
        self.indexes = {kind: Indexes() for kind in Kind}
        self.shared: list[Sequence[int]] = []
        for statement in _SCHEMA:
            self.db.execute(statement)

    def read(self, kind: Kind, outcomes: Iterable[Outcome]) -> None:
        """Keep the entries of one list on disk."""
        columns = "kind, idx, place, number, over, messages, says, mute"
        rows = (self._row(kind, outcome) for outcome in outcomes)
        self.db.executemany(f"INSERT INTO entry ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def named(self) -> Iterator[int]:
        """Every position that an index may mean."""
        count = self._orders.count
        for at, place in self.db.execute("SELECT idx, place FROM entry WHERE idx IS NOT NULL OR place IS NOT NULL"):
            wanted = (place,) if at is None else (at, at - 1)
            yield from (position for position in wanted if position is not None and 0 <= position < count)

    def place(self, finder: Finder) -> None:
        """Find for every entry the units it fits, by what it says and by what its index may mean."""
        remembered: dict[bytes, tuple[int | None, int | None]] = {}
        known: dict[bytes, int] = {}
        last = 0
        query = "SELECT seq, idx, place, says, mute FROM entry WHERE seq > ? ORDER BY seq LIMIT 40"
        while rows := self.db.execute(query, (last,)).fetchall():
            last = rows[-1][0]
            placed = []
            for seq, index, place, says, mute in rows:
                keys, said = pickle.loads(says)
                if mute:
                    fitting: tuple[int | None, int | None] = None, None
                elif place is not None:
                    fitting = finder.fits(keys, said, place), None
                elif (fitting := remembered.get(says, (_NOWHERE, None)))[0] == _NOWHERE:
                    fitting = self._known(finder, finder.units(keys, said), known)
                    if len(remembered) >= _MOST_REMEMBERED:
                        remembered.clear()
                    if len(says) <= _LONGEST_REMEMBERED:
                        remembered[says] = fitting
                by_index: tuple[int | None, int | None] = None, None
                if index is not None:
                    by_index = (
                        _or_nowhere(finder.fits(keys, said, index)),
                        _or_nowhere(finder.fits(keys, said, index - 1)),
                    )
                placed.append((*fitting, *by_index, seq))
            self.db.executemany("UPDATE entry SET unit = ?, shared = ?, first = ?, second = ? WHERE seq = ?", placed)

    def telling(self, kind: Kind, meaning: Meaning, units: int, orders: int | None) -> Telling | None:
        """The list as counts by unit, if its indexes mean this; None when an entry fits nothing then."""
        alone, entries = array("q", bytes(8 * units)), array("q", bytes(8 * len(self.shared)))
        by_index = "NULL" if meaning is None else ("first", "second")[meaning]
        query = (
            f"SELECT coalesce({by_index}, unit) AS at, CASE WHEN {by_index} IS NULL THEN shared END AS many, count(*)"
            " FROM entry WHERE kind = ? GROUP BY at, many"
        )
        for unit, shared, count in self.db.execute(query, (kind,)):
            if (unit is None and shared is None) or unit == _NOWHERE:
                return None
            if unit is not None:
                alone[unit] += count
            else:
                entries[shared] += count
        several = [Shared(self.shared[name], count, name) for name, count in enumerate(entries) if count]
        return Telling(alone, several, orders)

    def settle_homes(
        self, kind: Kind, meaning: Meaning, telling: Telling, homes: Sequence[int | None], *, first: bool
    ) -> None:
        """Note whose order each entry is about, where that is the same whatever the indexes mean."""
        self.db.execute("DELETE FROM home_of")
        pairs = zip(telling.shared, homes, strict=True)
        self.db.executemany("INSERT INTO home_of VALUES (?, ?)", ((each.name, home) for each, home in pairs))
        by_index = "NULL" if meaning is None else ("first", "second")[meaning]
        home = f"coalesce({by_index}, unit, (SELECT home_of.unit FROM home_of WHERE home_of.shared = entry.shared))"
        value = home if first else f"CASE WHEN home = {home} THEN home END"
        self.db.execute(f"UPDATE entry SET home = {value} WHERE kind = ?", (kind,))

    def note_claims(self) -> None:
        """For lists that do not add up: the one order that an entry fits in itself (`home`), and the units that it may
        be about all the same (table `doubt`)."""
        self.db.execute("CREATE TEMP TABLE doubt (kind TEXT, unit INTEGER)")
        for kind in Kind:
            silent = None in self.indexes[kind].meanings(self._orders.count)
            by_index = "idx IS NULL OR " + ("1" if silent else "unit IN (first, second)")
            single = "(SELECT size FROM unit WHERE id = entry.unit) = 1"
            home = f"CASE WHEN ({by_index}) AND {single} THEN unit END"
            self.db.execute(f"UPDATE entry SET home = {home} WHERE kind = ?", (kind,))
            placed = "0" if silent else "idx IS NOT NULL AND (first >= 0 OR second >= 0)"
            doubts = (
                f"SELECT unit FROM entry WHERE kind = ? AND unit IS NOT NULL AND NOT ({placed})",
                f"SELECT first FROM entry WHERE kind = ? AND first >= 0 AND {placed}",
                f"SELECT second FROM entry WHERE kind = ? AND second >= 0 AND {placed}",
            )
            for query in doubts:
                self.db.execute(f"INSERT INTO doubt SELECT ?, * FROM ({query})", (kind, kind))
            if not silent:  # neither its words nor its index can be believed
                near = "JOIN one ON position IN (entry.idx, entry.idx - 1)"
                query = f"SELECT ?, one.unit FROM entry {near} WHERE kind = ? AND first < 0 AND second < 0"
                self.db.execute(f"INSERT INTO doubt {query}", (kind, kind))
            query = f"SELECT DISTINCT shared FROM entry WHERE kind = ? AND shared IS NOT NULL AND NOT ({placed})"
            for (name,) in self.db.execute(query, (kind,)).fetchall():
                rows = ((kind, unit) for unit in self.shared[name])
                self.db.executemany("INSERT INTO doubt VALUES (?, ?)", rows)
        self.db.execute("CREATE INDEX by_doubt ON doubt (kind, unit)")

    def foreign(self, kind: Kind) -> int:
        """How many entries fit no order by what they say."""
        query = "SELECT count(*) FROM entry WHERE kind = ? AND unit IS NULL AND shared IS NULL"
        return int(self.db.execute(query, (kind,)).fetchone()[0])

    def _known(self, finder: Finder, units: Sequence[int], known: dict[bytes, int]) -> tuple[int | None, int | None]:
        if len(units) <= 1:
            return (units[0], None) if units else (None, None)
        if self.shared and self.shared[-1] is units:
            return None, len(self.shared) - 1
        name = b"*" if units is finder.everything else digest(map(str, units))
        if name not in known:
            known[name] = len(self.shared)
            self.shared.append(units)
        return None, known[name]

    def _row(self, kind: Kind, outcome: Outcome) -> tuple[Any, ...]:
        folded = {str(name).lower(): each for name, each in outcome.order.items()}
        keys = {key: text for key in KEYS if (text := _key(folded.get(self._names[key]))) is not None}
        said = leaves(outcome.order)
        for path in self._overruled:
            said.pop(path, None)
        if kind is Kind.CREATED:  # the ERP's own number, even if another order happens to have it
            keys.pop("number", None)
            said.pop(f"/{self._names['number']}", None)
        self.indexes[kind].add(outcome.index)
        silent = outcome.index is None and outcome.position is None and outcome.number is None and not outcome.order
        mute = silent and kind is Kind.CREATED  # it does not even say that it is an order
        messages = json.dumps([{"path": path, "text": text} for path, text in outcome.messages], ensure_ascii=False)
        says = pickle.dumps((keys, said))
        number = outcome.number if kind is Kind.CREATED else None
        return kind, outcome.index, outcome.position, number, int(outcome.over_budget), messages, says, int(mute)


def _or_nowhere(unit: int | None) -> int:
    return _NOWHERE if unit is None else unit


def _key(value: Any) -> str | None:
    """A key as text; empty and zero say nothing."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value in ("", 0):
        return None
    return str(value)
