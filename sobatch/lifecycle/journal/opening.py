"""Open the journal's file, or refuse one that is damaged or newer than this program and leave it untouched."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from sobatch.errors import SobatchError, StorageFailed
from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.journal.plans import Commits, RealCommits, busy, is_busy
from sobatch.lifecycle.journal.schema import VERSION
from sobatch.lifecycle.journal.upgrade import bring_up

_BUSY_SECONDS = 5.0


def open_journal(folder: Path, now: Callable[[], float], commits: Commits | None = None) -> Journal:
    """Open or create the journal in a private folder; one of an earlier version is upgraded in place.

    Raises `StorageFailed` for one that is damaged or newer, `Temporary` for one that stays busy.
    """
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
        bring_up(connection, path, now)
    except (sqlite3.Error, OSError) as error:
        raise _trouble(path, error) from error
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


def _refuse_newer(path: Path) -> None:
    try:
        reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=_BUSY_SECONDS)
        try:
            rows = dict(reader.execute("SELECT key, value FROM meta").fetchall())
        finally:
            reader.close()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return
        if "unable to open" in str(error) or "readonly" in str(error):
            return  # a hot journal needs a writer to roll it back; the writer will find out
        raise _trouble(path, error) from error
    except sqlite3.DatabaseError as error:
        raise _trouble(path, error) from error
    for key in ("schema_version", "min_reader"):
        if not _is_number(rows.get(key)):
            raise _unusable(path, f"its {key} is {str(rows.get(key))[:40]!r}, not a number")
    if int(rows["min_reader"]) > VERSION:
        raise StorageFailed(
            f"the journal {path} was written by a newer sobatch (schema {rows['schema_version']})",
            code="journal-newer",
            next_step="Use that version or a newer one. The journal was not touched.",
        )


def _is_number(value: object) -> bool:
    text = str(value)
    return text.isascii() and text.isdecimal() and len(text) <= 9


def _trouble(path: Path, error: Exception) -> SobatchError:
    if isinstance(error, sqlite3.Error) and is_busy(error):
        return busy()
    return _unusable(path, str(error))


def _unusable(path: Path, why: str) -> StorageFailed:
    return StorageFailed(
        f"the journal {path} cannot be used: {why}",
        code="journal",
        next_step="Nothing was changed or sent. Keep the state folder as it is and restore this file from a backup; "
        "then: sobatch status",
    )
