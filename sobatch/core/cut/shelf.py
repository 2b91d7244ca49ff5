"""The open part of every group while parts are counted: of very many groups most lie on the disk."""

from __future__ import annotations

import sqlite3

from sobatch.core.check.repeats import private_database
from sobatch.core.cut.packer import Load

_MOST = 10_000  # groups in memory


class Shelf(dict[str, Load]):
    """A dict of loads by group. A load may be changed until the next one is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._disk: sqlite3.Connection | None = None

    def get(self, group: str, default: Load | None = None) -> Load | None:  # type: ignore[override]
        """The group's load, fetched from the disk if it lies there."""
        self._make_room()
        load = super().get(group)
        if load is None and self._disk is not None:
            row = self._disk.execute("SELECT number, orders, lines, rows FROM load WHERE name = ?", (group,)).fetchone()
            if row is not None:
                number, *sums = row
                load = Load(number, group, *sums)
                super().__setitem__(group, load)
        return load or default

    def __getitem__(self, group: str) -> Load:
        load = self.get(group)
        if load is None:
            raise KeyError(group)
        return load

    def __setitem__(self, group: str, load: Load) -> None:
        self._make_room()
        super().__setitem__(group, load)

    def close(self) -> None:
        """Free the disk."""
        if self._disk is not None:
            self._disk.close()

    def _make_room(self) -> None:
        if len(self) < _MOST:
            return
        if self._disk is None:
            columns = "name TEXT PRIMARY KEY, number INTEGER, orders INTEGER, lines INTEGER, rows INTEGER"
            self._disk = private_database(f"CREATE TABLE load({columns}) WITHOUT ROWID")
        rows = ((each.group, each.number, each.orders, each.lines, each.rows) for each in self.values())
        self._disk.executemany("INSERT OR REPLACE INTO load VALUES (?, ?, ?, ?, ?)", rows)
        self.clear()
