"""The memory of the pretend ERP: one SQLite file, which other processes may read while the server runs.

One connection under one lock serves all threads; `BEGIN IMMEDIATE` keeps two processes apart. Nothing is fsynced: the
sandbox has to survive the death of a process, not of a machine.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS tokens (token TEXT PRIMARY KEY, user TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS batches (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, user TEXT NOT NULL, company TEXT NOT NULL,
    skip_workflow INTEGER NOT NULL, file_name TEXT NOT NULL, upload_sha256 TEXT NOT NULL, upload_bytes INTEGER NOT NULL,
    received REAL NOT NULL, begins REAL NOT NULL, ended REAL, orders INTEGER NOT NULL, rows INTEGER NOT NULL,
    types TEXT NOT NULL, broken TEXT, status TEXT NOT NULL, processed INTEGER NOT NULL DEFAULT 0,
    errors INTEGER NOT NULL DEFAULT 0, cancel_border INTEGER
);
CREATE TABLE IF NOT EXISTS orders (
    batch TEXT NOT NULL, position INTEGER NOT NULL, company TEXT NOT NULL, sha256 TEXT NOT NULL,
    start INTEGER NOT NULL, length INTEGER NOT NULL, customer TEXT, type TEXT, number INTEGER, external_order_id TEXT,
    external_reference TEXT, period INTEGER, lines INTEGER NOT NULL, rows_so_far INTEGER NOT NULL, problems TEXT,
    verdict TEXT NOT NULL DEFAULT 'pending', message TEXT, order_number INTEGER,
    PRIMARY KEY (batch, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS numbers_used ON orders (company, order_number) WHERE verdict = 'created';
CREATE TABLE IF NOT EXISTS series (
    company TEXT NOT NULL, type TEXT NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (company, type)
);
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL,
    headers TEXT NOT NULL, place TEXT, counted INTEGER NOT NULL DEFAULT 0, body_bytes INTEGER, upload_sha256 TEXT,
    file_name TEXT, batch TEXT, status INTEGER, fault TEXT
);
CREATE INDEX IF NOT EXISTS requests_by_time ON requests (at) WHERE counted = 1;
"""


class Store:
    """An open database and the folder beside it that holds the uploaded files."""

    def __init__(self, database: Path, schema: str = SCHEMA) -> None:
        self.database = database
        self.uploads = database.with_name(database.name + ".uploads")
        self.uploads.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(database, timeout=60, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = OFF"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(schema)

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction that excludes every other writer, here and in other processes."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Read a bounded number of rows; the lock is not held while the caller works on them."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def row(self, query: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """Read one row."""
        found = self.rows(query, values)
        return found[0] if found else None

    def payload(self, batch: str) -> Path:
        """Where the uploaded JSON of a batch lies, unpacked."""
        return self.uploads / f"{batch}.json"
