"""Which units an entry may speak of: those with the orders' own keys that it tells, and whose orders it contradicts in
nothing. What cannot be looked up is compared order by order, up to a bound; beyond it more units fit, never fewer.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from sobatch.core.order.canonical import plain
from sobatch.lifecycle.settle.match.echo import Leaves, agree, digest, features, leaves
from sobatch.lifecycle.settle.match.orders import KEYS, PartOrders, Placed

_MOST_COMPARED = 200  # contents that one entry is compared with
_MOST_COMPARISONS = 3_000_000
_MOST_SHAPES = 32
_LONG_LEAF = 100  # characters; a leaf of so many more counts as another one
_MOST_KEPT = 400_000  # leaves of orders that are kept at hand
_MOST_UNITS_NAMED = 4_000_000
_SCHEMA = "CREATE TABLE view (shape INTEGER, digest BLOB, content BLOB)", "CREATE INDEX by_view ON view (shape, digest)"

Keys = Mapping[str, str]


class Finder:
    """Looks units up. `raw_of` gives an order's bytes."""

    def __init__(self, orders: PartOrders, raw_of: Callable[[Placed], bytes], units: int) -> None:
        self.everything: Sequence[int] = range(units)
        self._orders, self._raw_of = orders, raw_of
        self._kept: dict[bytes, Leaves] = {}
        self._kept_leaves = self._compared = self._named = 0
        self._shapes: dict[frozenset[str], int] = {}
        self._common: frozenset[str] | None = None
        self._many: dict[tuple[object, ...], Sequence[int]] = {}
        for statement in _SCHEMA:
            orders.db.execute(statement)

    def units(self, keys: Keys, said: Leaves) -> Sequence[int]:
        """The units that an entry fits which tells these keys and says this."""
        bound = self.bound(keys)
        contents = self._orders.sharing(bound, _MOST_COMPARED + 1) if bound else None
        if contents is None or len(contents) > _MOST_COMPARED:
            shape, looked_up = self._looked_up(said)
            asked = shape, looked_up, *bound.items()
            if asked in self._many:
                return self._many[asked]
            contents = self._like(shape, looked_up, bound)
            if len(contents) > _MOST_COMPARED or self._compared > _MOST_COMPARISONS:
                if len(self._many) >= _MOST_SHAPES:
                    self._many.clear()
                self._many[asked] = self._all_like(shape, looked_up, bound)
                return self._many[asked]
        self._compared += len(contents)
        found = [unit for each in contents if agree(self._said_by(each), said) for unit in self._orders.units(each)]
        return self._bounded(array("q", sorted(found)))

    def fits(self, keys: Keys, said: Leaves, position: int) -> int | None:
        """The unit of the order at a position, if the entry fits that order."""
        found = self._orders.at(position)
        if found is None:
            return None
        content, own, unit = found
        bound = self.bound(keys)
        fitting = all(own[key] == value for key, value in bound.items()) and agree(self._said_by(content), said)
        return unit if fitting else None

    def bound(self, keys: Keys) -> dict[str, str]:
        """The keys that an entry tells and an order of the part has; the number only if there is no other."""
        known = {key: keys[key] for key in KEYS if key in keys and self._orders.knows(key, keys[key])}
        if len(known) > 1:
            known.pop("number", None)  # it may be a new one that happens to be another order's own
        return known

    def _said_by(self, content: bytes) -> Leaves:
        found = self._kept.get(content)
        if found is None:
            found = self._read(content)
            if self._kept_leaves > _MOST_KEPT:
                self._kept.clear()
                self._kept_leaves = 0
            self._kept[content] = found
            self._kept_leaves += 1 + len(found) + sum(map(len, found.values())) // _LONG_LEAF
        return found

    def _read(self, content: bytes) -> Leaves:
        value: Any
        try:
            value = plain(self._raw_of(self._orders.placed(content)))
        except msgspec.DecodeError:
            value = None
        return leaves(value)

    def _looked_up(self, said: Leaves) -> tuple[int, bytes]:
        """The shape under which an entry is looked up, and the digest of what it says in that shape."""
        if self._common is None:
            self._learn_common()
        named = features(said)
        names = frozenset(named).intersection(self._common or ())
        if names not in self._shapes and len(self._shapes) >= _MOST_SHAPES:
            names = max((shape for shape in self._shapes if shape <= names), key=len, default=frozenset())
        if names not in self._shapes:
            self._shapes[names] = len(self._shapes)
            self._learn_shape(names)
        return self._shapes[names], digest(named[name] for name in sorted(names))

    def _learn_common(self) -> None:
        """What every order has: only that can be looked up without missing any."""
        for content in self._orders.contents():
            names = frozenset(features(self._said_by(content)))
            self._common = names if self._common is None else self._common & names

    def _learn_shape(self, names: frozenset[str]) -> None:
        ordered = sorted(names)

        def rows() -> Iterator[tuple[int, bytes, bytes]]:
            for content in self._orders.contents():
                named = features(self._said_by(content))
                yield self._shapes[names], digest(named[name] for name in ordered), content

        if names:
            self._orders.db.executemany("INSERT INTO view VALUES (?, ?, ?)", rows())

    def _like(self, shape: int, looked_up: bytes, bound: Keys) -> list[bytes]:
        where, values = self._where(shape, looked_up, bound)
        query = f"SELECT DISTINCT content FROM one WHERE {where} LIMIT ?"
        return [content for (content,) in self._orders.db.execute(query, (*values, _MOST_COMPARED + 1))]

    def _all_like(self, shape: int, looked_up: bytes, bound: Keys) -> Sequence[int]:
        where, values = self._where(shape, looked_up, bound)
        query = f"SELECT DISTINCT unit FROM one WHERE {where} ORDER BY unit"
        return self._bounded(array("q", (unit for (unit,) in self._orders.db.execute(query, values))))

    def _where(self, shape: int, looked_up: bytes, bound: Keys) -> tuple[str, list[object]]:
        """The condition for orders of these keys that look like this; with nothing to look at, all of them."""
        where, values = ["1"], list[object]()
        if frozenset() not in self._shapes or shape != self._shapes[frozenset()]:
            where.append("content IN (SELECT content FROM view WHERE shape = ? AND digest = ?)")
            values += [shape, looked_up]
        for key, value in bound.items():
            where.append(f"{key} = ?")
            values.append(value)
        return " AND ".join(where), values

    def _bounded(self, units: Sequence[int]) -> Sequence[int]:
        """The units as they are kept: all of them cost nothing, and too many are as good as all."""
        if len(units) == len(self.everything):
            return self.everything
        if len(units) > 1:
            self._named += len(units)
            if self._named > _MOST_UNITS_NAMED:
                return self.everything
        return units
