"""Bring a journal to this program's schema, in place: a copy first, then one durable transaction per step."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sobatch.lifecycle.journal.schema import STEPS, VERSION


def version_of(connection: sqlite3.Connection) -> int:
    """The schema of an open journal, 0 for a file without tables. Raises `sqlite3.Error` for one that does not say."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        return 0
    row = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    if row is None or not str(row[0]).isdecimal():
        raise sqlite3.DatabaseError("it does not say which schema it has")
    return int(row[0])


def bring_up(connection: sqlite3.Connection, path: Path, now: Callable[[], float]) -> None:
    """Make the tables, or the steps that an earlier program did not know. Raises `sqlite3.Error` and `OSError`.

    Each step is one transaction that looks at the version again, so two processes may try at once, and a crash leaves
    a journal of one version or the next.
    """
    version = version_of(connection)
    if version == 0:
        _make(connection, now)
    elif version < VERSION:
        _keep_copy(connection, path.with_name(f"{path.name}.schema-{version}"))
        for target in range(version + 1, VERSION + 1):
            with _transaction(connection):
                if version_of(connection) == target - 1:
                    _take(connection, target)


def _make(connection: sqlite3.Connection, now: Callable[[], float]) -> None:
    with _transaction(connection):
        if version_of(connection):
            return  # another process was quicker
        for target in range(1, VERSION + 1):
            _take(connection, target)
        facts = {"created": str(now()), "journal_id": secrets.token_hex(16)}
        connection.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())


def _take(connection: sqlite3.Connection, target: int) -> None:
    step = STEPS[target - 1]
    for statement in _statements(step.sql):
        connection.execute(statement)
    facts = {"schema_version": str(target), "min_reader": str(step.min_reader)}
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _keep_copy(connection: sqlite3.Connection, copy: Path) -> None:
    """The journal as it was, private and durable. One that a crash left half written is written anew."""
    copy.unlink(missing_ok=True)
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(copy, isolation_level=None)) as target:
        target.execute("PRAGMA synchronous=EXTRA")
        connection.backup(target)


def _statements(sql: str) -> Iterator[str]:
    pending = ""
    for line in sql.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
