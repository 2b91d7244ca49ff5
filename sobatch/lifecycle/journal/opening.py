"""Open the journal's file, or refuse one that is damaged or newer than this program and leave it untouched."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from sobatch.errors import StorageFailed
from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.journal.plans import Commits, RealCommits
from sobatch.lifecycle.journal.schema import MIN_READER, SCHEMA, VERSION

_BUSY_SECONDS = 5.0


def open_journal(folder: Path, now: Callable[[], float], commits: Commits | None = None) -> Journal:
    """Open or create the journal in a private folder. Raises `StorageFailed` for one that is damaged or newer."""
    path = folder / "journal.sqlite"
    unclean = Path(f"{path}-journal").exists()
    if path.exists() and path.stat().st_size:
        _refuse_newer(path)
    else:
        _mind_runs(path)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        _configure(connection)
        if unclean and connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("the integrity check failed")
        _create(connection, now)
    except sqlite3.Error as error:
        raise _unusable(path, str(error)) from error
    return Journal(connection, commits or RealCommits(), now)


def _mind_runs(path: Path) -> None:
    """A new journal beside runs of an old one would send all of their orders again."""
    runs = path.parent / "runs"
    if runs.is_dir() and any(runs.iterdir()):
        raise _unusable(path, f"it is gone or empty, but {runs} holds runs that it should know")


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("PRAGMA synchronous=EXTRA")
    connection.execute("PRAGMA fullfsync=ON")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA trusted_schema=OFF")


def _create(connection: sqlite3.Connection, now: Callable[[], float]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            for statement in _statements():
                connection.execute(statement)
            facts = {"schema_version": str(VERSION), "min_reader": str(MIN_READER), "created": str(now())}
            connection.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _statements() -> Iterator[str]:
    pending = ""
    for line in SCHEMA.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _refuse_newer(path: Path) -> None:
    try:
        reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            rows = dict(reader.execute("SELECT key, value FROM meta").fetchall())
        finally:
            reader.close()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return
        if "unable to open" in str(error) or "readonly" in str(error):
            return  # a hot journal needs a writer to roll it back; the writer will find out
        raise _unusable(path, str(error)) from error
    except sqlite3.DatabaseError as error:
        raise _unusable(path, str(error)) from error
    if int(rows.get("min_reader", VERSION)) > VERSION:
        raise StorageFailed(
            f"the journal {path} was written by a newer sobatch (schema {rows.get('schema_version')})",
            code="journal-newer",
            next_step="Use that version or a newer one. The journal was not touched.",
        )


def _unusable(path: Path, why: str) -> StorageFailed:
    return StorageFailed(
        f"the journal {path} cannot be used: {why}",
        code="journal",
        next_step="Nothing was changed or sent. Restore the file from a backup, or move the state folder away "
        "after checking with `sobatch status --remote` what the ERP has.",
    )
