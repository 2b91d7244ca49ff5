"""What exists at a pretend ERP that takes one order at a time: orders and their lines, as they were received."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS things (
    kind TEXT NOT NULL, id INTEGER NOT NULL, parent INTEGER, key TEXT, other TEXT, at REAL NOT NULL,
    shown REAL NOT NULL, body TEXT NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS things_by_key ON things (kind, key);
CREATE INDEX IF NOT EXISTS things_by_other ON things (kind, other);
CREATE INDEX IF NOT EXISTS things_by_parent ON things (kind, parent);
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, user TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL,
    headers TEXT NOT NULL, place TEXT, counted INTEGER NOT NULL DEFAULT 0, body_bytes INTEGER, status INTEGER,
    fault TEXT
);
CREATE INDEX IF NOT EXISTS requests_by_time ON requests (at) WHERE counted = 1;
"""


@dataclass(frozen=True, slots=True)
class Thing:
    """One order or line. `raw` is the request's body as it came, `body` what the ERP made of it.

    `key` and `other` are what it is looked up by; `shown` is from when on look-ups show it.
    """

    kind: str
    id: int
    parent: int | None
    key: str | None
    other: str | None
    at: float
    shown: float
    body: dict[str, Any]
    raw: bytes


class Things:
    """Things in the store. Ids of a kind rise from where the first one is told to begin."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        kind: str,
        body: Mapping[str, Any],
        raw: bytes,
        *,
        first: int,
        now: float,
        parent: int | None = None,
        key: str | None = None,
        other: str | None = None,
        lag: float = 0.0,
        named: str = "",
        alone: bool = False,
    ) -> Thing | None:
        """Store a thing; its id stands in the body under `named` as well.

        With `alone` a second thing of this kind and key is not stored: None. Looking and storing are one transaction.
        """
        with self._store.write() as database:
            if alone and key is not None and self._known(database, kind, key):
                return None
            number = database.execute("SELECT max(id) FROM things WHERE kind = ?", (kind,)).fetchone()[0]
            number = first if number is None else number + 1
            full = dict(body) | ({named: number} if named else {})
            values = (kind, number, parent, key, other, now, now + lag, json.dumps(full), raw)
            database.execute("INSERT INTO things VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        return Thing(kind, number, parent, key, other, now, now + lag, full, raw)

    @staticmethod
    def _known(database: sqlite3.Connection, kind: str, key: str) -> bool:
        return database.execute("SELECT 1 FROM things WHERE kind = ? AND key = ?", (kind, key)).fetchone() is not None

    def change(self, kind: str, number: int, body: Mapping[str, Any]) -> None:
        """Give a thing another body."""
        with self._store.write() as database:
            database.execute("UPDATE things SET body = ? WHERE kind = ? AND id = ?", (json.dumps(body), kind, number))

    def remove(self, kind: str, number: int) -> None:
        """Take a thing away."""
        with self._store.write() as database:
            database.execute("DELETE FROM things WHERE kind = ? AND id = ?", (kind, number))

    def get(self, kind: str, number: int) -> Thing | None:
        """The thing with this id."""
        return next(iter(self._read("kind = ? AND id = ?", (kind, number))), None)

    def of(self, kind: str, parent: int) -> list[Thing]:
        """The things of one parent, oldest first."""
        return self._read("kind = ? AND parent = ?", (kind, parent))

    def with_key(self, kind: str, key: str, now: float) -> list[Thing]:
        """The things that are found by this key by now, oldest first."""
        return self._read("kind = ? AND key = ? AND shown <= ?", (kind, key, now))

    def with_other(self, kind: str, other: str, now: float) -> list[Thing]:
        """The things that are found by their other key by now, oldest first."""
        return self._read("kind = ? AND other = ? AND shown <= ?", (kind, other, now))

    def all(self, kind: str) -> list[Thing]:
        """Everything of a kind, oldest first."""
        return self._read("kind = ?", (kind,))

    def _read(self, condition: str, values: tuple[Any, ...]) -> list[Thing]:
        rows = self._store.rows(f"SELECT * FROM things WHERE {condition} ORDER BY id", values)
        return [Thing(**{**dict(row), "body": json.loads(row["body"]), "raw": bytes(row["raw"])}) for row in rows]
