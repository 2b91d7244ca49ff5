"""The journal's writes around a run's beginning and end: staged, published, forgotten. One transaction each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from sobatch.core.cut.staging import PartFacts
from sobatch.errors import SobatchError, StorageFailed, Temporary
from sobatch.lifecycle.journal.asked import PartQueries
from sobatch.lifecycle.journal.queries import KEPT_KEYS
from sobatch.lifecycle.journal.rows import Identity, NewOrder

_TRIES = 6
_NEW = ", ".join(NewOrder.__slots__)


_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process holds the journal just now."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in _BUSY


def busy() -> Temporary:
    """Another process writes the journal for longer than anybody waits: nothing was done, and it passes."""
    return Temporary(
        "the journal is in use by another process",
        code="journal-busy",
        next_step="Wait until the other sobatch has finished, then run the same command again.",
    )


def failed(error: sqlite3.Error, what: str, *, after_send: bool = False) -> SobatchError:
    """`Temporary` for a journal that is busy before anything went out, `StorageFailed` for all else.

    `what` is as in "could not be read".
    """
    if is_busy(error) and not after_send:
        return busy()
    return StorageFailed(
        f"the journal {what}: {error}",
        code="journal",
        next_step="Free space or mend the disk. Then look before anything is sent: sobatch status",
    )


class Commits(Protocol):
    """The commit of a transaction, as a port: a test records it or makes it fail."""

    def commit(self, connection: sqlite3.Connection) -> None:
        """Make everything since BEGIN durable."""


class RealCommits:
    """SQLite's own."""

    def commit(self, connection: sqlite3.Connection) -> None:
        """Commit."""
        connection.execute("COMMIT")


class Plans(PartQueries):
    """Runs as they come and go, and the transaction that all writes are made in."""

    def __init__(self, connection: sqlite3.Connection, commits: Commits, now: Callable[[], float]) -> None:
        super().__init__(connection)
        self._commits = commits
        self._now = now
        self._gathering = False

    @contextmanager
    def _transaction(self, *, after_send: bool = False) -> Iterator[sqlite3.Connection]:
        """One durable transaction. A journal that stays busy is `Temporary`, or `StorageFailed` where bytes have gone
        out: then something is in doubt."""
        if self._gathering:
            with self._savepoint():
                yield self._db
            return
        try:
            self._begin()
            yield self._db
            self._commits.commit(self._db)
        except sqlite3.Error as error:
            self._roll_back()
            trouble = failed(error, "could not be written")
            raise (
                StorageFailed(trouble.message, code="journal") if after_send and is_busy(error) else trouble
            ) from error
        except BaseException:
            self._roll_back()
            raise

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written inside becomes durable by one commit. A write that fails takes nothing else along."""
        with self._transaction(after_send=True):
            self._gathering = True
            try:
                yield
            finally:
                self._gathering = False

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        try:
            if not self._db.in_transaction:  # a full disk may have rolled all of it back
                raise sqlite3.OperationalError("the transaction is over")
            self._db.execute("SAVEPOINT one")
            yield
            self._db.execute("RELEASE one")
        except BaseException as error:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK TO one")
                self._db.execute("RELEASE one")
            if isinstance(error, sqlite3.Error):
                raise failed(error, "could not be written", after_send=True) from error
            raise

    def _begin(self) -> None:
        """Begin to write, with patience: SQLite waits each time as long as the connection says."""
        for patience in reversed(range(_TRIES)):
            try:
                self._db.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not patience or not is_busy(error):
                    raise

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def begin_staging(
        self, run: str, identity: Identity, source: str, folder: str | None, settings: Mapping[str, Any], version: str
    ) -> None:
        """Record a run whose parts are being written. Nothing of it counts until `publish`."""
        values = (
            run, self._now(), source, folder, identity.erp, identity.address, identity.company, identity.run_key,
            "", "", json.dumps(dict(settings), sort_keys=True), version,
        )  # fmt: skip
        with self._transaction() as db:
            db.execute(
                "INSERT INTO run (id, created, source, folder, erp, address, company, run_key, content, stored,"
                " settings, version, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'staging')",
                values,
            )

    def add_staged(self, run: str, orders: Iterable[NewOrder], parts: Iterable[PartFacts]) -> None:
        """Record staged orders, and parts that are finished; orders without a part are set aside."""
        marks = ", ".join("?" * len(NewOrder.__slots__))
        query = f"INSERT INTO orders (run, state, {_NEW}) VALUES (?, ?, {marks})"
        rows = (
            (
                run,
                "set_aside" if order.part is None else "pending",
                *(getattr(order, name) for name in NewOrder.__slots__),
            )
            for order in orders
        )
        with self._transaction() as db:
            db.executemany(query, rows)
            for part in parts:
                self._insert_part(db, run, part, None)

    def explain(self, run: str, reasons: Mapping[int, list[dict[str, Any]]]) -> None:
        """Why orders were set aside, by their index."""
        rows = ((json.dumps(messages, ensure_ascii=False), run, index) for index, messages in reasons.items())
        with self._transaction() as db:
            db.executemany("UPDATE orders SET messages = ? WHERE run = ? AND idx = ? AND part IS NULL", rows)

    def publish(self, run: str, content: str, stored: str) -> None:
        """The plan becomes real, in one commit. From here the source is never read again."""
        with self._transaction() as db:
            db.execute(
                "UPDATE run SET state = 'open', content = ?, stored = ?,"
                " orders = (SELECT count(*) FROM orders o WHERE o.run = run.id),"
                " lines = (SELECT coalesce(sum(o.lines), 0) FROM orders o WHERE o.run = run.id),"
                " rows = (SELECT coalesce(sum(o.rows), 0) FROM orders o WHERE o.run = run.id) WHERE id = ?",
                (content, stored, run),
            )
            db.execute(
                "INSERT OR REPLACE INTO count SELECT run, state, count(*) FROM orders WHERE run = ? GROUP BY state",
                (run,),
            )
            self._event(db, run, "published", {})

    def discard_staging(self, run: str) -> None:
        """Forget a run that never became real."""
        with self._transaction() as db:
            db.execute(
                "DELETE FROM orders WHERE run = ? AND run IN (SELECT id FROM run WHERE state = 'staging')", (run,)
            )
            db.execute("DELETE FROM run WHERE id = ? AND state = 'staging'", (run,))

    def staging_runs(self, identity: Identity) -> list[str]:
        """Runs left half staged by a process that died; the caller holds this target's lock."""
        query = "SELECT id FROM run WHERE state = 'staging' AND erp = ? AND address = ? AND company = ?"
        return [row[0] for row in self._db.execute(query, (identity.erp, identity.address, identity.company))]

    @staticmethod
    def _insert_part(db: sqlite3.Connection, run: str, part: PartFacts, parent: int | None) -> None:
        db.execute(
            "INSERT INTO part"
            " (run, number, parent, grouping, orders, lines, rows, file, size, sha256, text_sha256, start, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned')",
            (run, part.number, parent, part.group, part.orders, part.lines, part.rows, part.path.name, part.size,
             part.sha256, part.text_sha256, part.start),
        )  # fmt: skip

    def forget(self, run: str) -> None:
        """Delete a closed run (retention). Digests stay: of its content, and of the keys of orders it created."""
        with self._transaction() as db:
            row = db.execute(
                "SELECT erp, address, company FROM run WHERE id = ? AND state = 'closed'", (run,)
            ).fetchone()
            if row is None:
                return
            kept = db.execute(
                "INSERT INTO forgotten (run, erp, address, company, run_key, content, stored, closed, all_free)"
                " SELECT id, erp, address, company, run_key, content, stored, closed, NOT EXISTS (SELECT 1 FROM orders"
                " WHERE run = ?1 AND state NOT IN ('not_created', 'set_aside')) FROM run WHERE id = ?1",
                (run,),
            ).lastrowid
            for by in KEPT_KEYS:
                db.execute(
                    f"INSERT OR IGNORE INTO forgotten_key SELECT key_digest(?, ?, one_spelling(?), '{by}', {by}), ?"
                    f" FROM orders WHERE run = ? AND {by} IS NOT NULL AND state IN ('created', 'incomplete')",
                    (*row, kept, run),
                )
            for table in ("orders", "step", "attempt"):
                db.execute(f"DELETE FROM {table} WHERE run = ?", (run,))
            db.execute("DELETE FROM run WHERE id = ?", (run,))
            self._event(db, run, "forgotten", {})

    def learn(self, identity: Identity, mode: str, ratio: float) -> None:
        """Remember how many rows this tenant really makes for one estimated row; only ever upwards."""
        with self._transaction() as db:
            db.execute(
                "INSERT INTO learnt VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " ratio = max(ratio, excluded.ratio), at = excluded.at",
                (identity.erp, identity.address, identity.company, mode, ratio, self._now()),
            )

    def note(self, run: str | None, kind: str, data: Mapping[str, Any]) -> None:
        """Add an event."""
        with self._transaction() as db:
            self._event(db, run, kind, data)

    def _event(self, db: sqlite3.Connection, run: str | None, kind: str, data: Mapping[str, Any]) -> None:
        db.execute(
            "INSERT INTO event (at, run, kind, data) VALUES (?, ?, ?, ?)",
            (self._now(), run, kind, json.dumps(dict(data), sort_keys=True)),
        )
