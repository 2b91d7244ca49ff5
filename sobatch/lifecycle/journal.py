"""The journal: the single truth about every run, durable before the wire. One SQLite file beside the staged parts.

`journal_mode=DELETE`, `synchronous=EXTRA`: a commit that returned survives a power cut. All writes of one step are one
transaction. A journal that is damaged or newer than this program is refused and left untouched. Holds no secrets.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from sobatch.core.parts import PartFacts
from sobatch.errors import StorageFailed
from sobatch.lifecycle.ledger import Ledger
from sobatch.lifecycle.records import (
    AttemptRow,
    Cut,
    Earlier,
    Identity,
    NewOrder,
    OrderRow,
    PartRow,
    PartState,
    RunRow,
    Verdict,
)
from sobatch.lifecycle.schema import MIN_READER, SCHEMA, VERSION

_BUSY_SECONDS = 5.0
_RUN = ", ".join(RunRow.__slots__)
_PART = (
    "run, number, parent, grouping, orders, lines, rows, file, size, sha256, text_sha256, state, remote_id, phase, "
    "result, processed, failed, message, adds_up, accepted"
)
_ATTEMPT = ", ".join(AttemptRow.__slots__)
_ORDER = ", ".join(OrderRow.__slots__)
_NEW = ", ".join(NewOrder.__slots__)


class Commits(Protocol):
    """The commit of a transaction, as a port: a test records it or makes it fail."""

    def commit(self, connection: sqlite3.Connection) -> None:
        """Make everything since BEGIN durable."""


class RealCommits:
    """SQLite's own."""

    def commit(self, connection: sqlite3.Connection) -> None:
        """Commit."""
        connection.execute("COMMIT")


class Journal:
    """Open with `open_journal`. Methods that write are one transaction each, unless they say otherwise."""

    def __init__(self, connection: sqlite3.Connection, commits: Commits, now: Callable[[], float]) -> None:
        self._db = connection
        self._commits = commits
        self._now = now

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._commits.commit(self._db)
        except sqlite3.Error as error:
            self._roll_back()
            raise StorageFailed(
                f"the journal could not be written: {error}",
                code="journal",
                next_step="Free space or mend the disk, then run the same command again.",
            ) from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def pragmas(self) -> dict[str, Any]:
        """The settings that durability rests on, as SQLite reads them back."""
        names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "busy_timeout")
        return {name: self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    # ---- a run comes to be --------------------------------------------------------------------------------------

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
                "INSERT INTO run (id, created, source, folder, erp, address, company, run_key, content, stored, settings,"
                " version, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'staging')",
                values,
            )

    def add_orders(self, run: str, orders: Iterable[NewOrder]) -> None:
        """Record staged orders; those without a part are set aside."""
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

    def publish(self, run: str, content: str, stored: str, parts: Iterable[PartFacts]) -> None:
        """The plan becomes real: parts and digests, in one commit. From here the source is never read again."""
        with self._transaction() as db:
            for part in parts:
                self._insert_part(db, run, part, None)
            db.execute(
                "UPDATE run SET state = 'open', content = ?, stored = ?,"
                " orders = (SELECT count(*) FROM orders o WHERE o.run = run.id),"
                " lines = (SELECT coalesce(sum(o.lines), 0) FROM orders o WHERE o.run = run.id),"
                " rows = (SELECT coalesce(sum(o.rows), 0) FROM orders o WHERE o.run = run.id) WHERE id = ?",
                (content, stored, run),
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
            "INSERT INTO part (run, number, parent, grouping, orders, lines, rows, file, size, sha256, text_sha256, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned')",
            (run, part.number, parent, part.group, part.orders, part.lines, part.rows, part.path.name, part.size,
             part.sha256, part.text_sha256),
        )  # fmt: skip

    # ---- sending ------------------------------------------------------------------------------------------------

    def begin_attempt(self, part: PartRow, clock_offset: float | None) -> int:
        """The row that must be durable before the first byte: from here until an answer the part is `sending`."""
        with self._transaction() as db:
            cursor = db.execute(
                "INSERT INTO attempt (run, part, state, started, clock_offset) VALUES (?, ?, 'sending', ?, ?)",
                (part.run, part.number, self._now(), clock_offset),
            )
            attempt = int(cursor.lastrowid or 0)
            db.execute("UPDATE orders SET live = ? WHERE run = ? AND part = ?", (attempt, part.run, part.number))
            self._set_part(db, part, "sending")
        return attempt

    def accept(self, attempt: int, part: PartRow, receipt: Mapping[str, Any], decided_by: str | None = None) -> None:
        """The receipt, durable: the attempt and the part are `accepted`."""
        with self._transaction() as db:
            db.execute(
                "UPDATE attempt SET state = 'accepted', ended = ?, http_status = ?, location = ?, remote_id = ?,"
                " server_time = ?, message = ?, decided_by = ? WHERE id = ?",
                (self._now(), receipt.get("http_status"), receipt.get("location"), receipt.get("remote_id"),
                 receipt.get("server_time"), receipt.get("note"), decided_by, attempt),
            )  # fmt: skip
            db.execute(
                "UPDATE part SET state = 'accepted', remote_id = ?, accepted = ?, message = ? WHERE run = ? AND number = ?",
                (receipt.get("remote_id"), self._now(), receipt.get("note"), part.run, part.number),
            )
            db.execute(
                "UPDATE orders SET state = 'pending' WHERE run = ? AND part = ? AND state = 'unknown'",
                (part.run, part.number),
            )
            self._event(db, part.run, "accepted", {"part": part.number, "remote_id": receipt.get("remote_id")})

    def release(self, attempt: int, part: PartRow, state: str, **facts: Any) -> None:
        """The attempt brought a definite no (or nothing was sent): its part may be sent again."""
        with self._transaction() as db:
            self._end_attempt(db, attempt, state, facts)
            db.execute(
                "UPDATE orders SET live = NULL, state = CASE state WHEN 'unknown' THEN 'pending' ELSE state END"
                " WHERE run = ? AND part = ?",
                (part.run, part.number),
            )
            self._set_part(db, part, "planned")

    def refuse(self, attempt: int, part: PartRow, **facts: Any) -> None:
        """A definite no that another try would only repeat: the part's orders are not created."""
        with self._transaction() as db:
            self._end_attempt(db, attempt, "refused", facts)
            db.execute(
                "UPDATE orders SET live = NULL, state = 'not_created' WHERE run = ? AND part = ?",
                (part.run, part.number),
            )
            self._set_part(db, part, "refused", facts.get("message"))

    def doubt(self, attempt: int, part: PartRow, **facts: Any) -> None:
        """Nobody knows whether the part was received. It is never sent again by itself."""
        with self._transaction() as db:
            self._end_attempt(db, attempt, "unknown", facts)
            db.execute(
                "UPDATE orders SET state = 'unknown' WHERE run = ? AND part = ? AND state = 'pending'",
                (part.run, part.number),
            )
            self._set_part(db, part, "unknown", facts.get("message"))

    def _end_attempt(self, db: sqlite3.Connection, attempt: int, state: str, facts: Mapping[str, Any]) -> None:
        db.execute(
            "UPDATE attempt SET state = ?, ended = coalesce(ended, ?), http_status = coalesce(?, http_status),"
            " bytes_sent = coalesce(?, bytes_sent), message = coalesce(?, message), decided_by = ? WHERE id = ?",
            (state, self._now(), facts.get("http_status"), facts.get("bytes_sent"), facts.get("message"),
             facts.get("decided_by"), attempt),
        )  # fmt: skip

    @staticmethod
    def _set_part(db: sqlite3.Connection, part: PartRow, state: str, message: str | None = None) -> None:
        db.execute(
            "UPDATE part SET state = ?, message = ? WHERE run = ? AND number = ?",
            (state, message, part.run, part.number),
        )

    # ---- following and settling -----------------------------------------------------------------------------------

    def note_status(
        self, part: PartRow, phase: str, result: str | None, processed: int | None, failed: int | None
    ) -> None:
        """The remote work came to an end: `finished`, with what the server says of it."""
        with self._transaction() as db:
            db.execute(
                "UPDATE part SET state = 'finished', phase = ?, result = ?, processed = ?, failed = ?"
                " WHERE run = ? AND number = ?",
                (phase, result, processed, failed, part.run, part.number),
            )

    def settle(
        self,
        part: PartRow,
        verdicts: Iterable[Verdict],
        state: PartState,
        message: str | None = None,
        *,
        adds_up: bool = True,
        cut: Cut | None = None,
    ) -> None:
        """The part's outcomes, all at once. Orders that are not created are free to be sent by a later run; those that
        a row overflow kept out move to new parts in the same commit."""
        rows = (
            (
                v.state,
                v.remote_number,
                v.twins,
                json.dumps(list(v.messages), ensure_ascii=False) if v.messages else None,
                None if v.state in ("rejected", "not_created") else 1,
                part.run,
                v.idx,
            )
            for v in verdicts
        )
        with self._transaction() as db:
            db.executemany(
                "UPDATE orders SET state = ?, remote_number = ?, twins = ?, messages = ?,"
                " live = CASE WHEN ? IS NULL THEN NULL ELSE live END WHERE run = ? AND idx = ?",
                rows,
            )
            self._set_part(db, part, state, message)
            for new in cut.parts if cut else ():
                self._insert_part(db, part.run, new, part.number)
            db.executemany(
                "UPDATE orders SET part = ?2, position = ?3, part_offset = ?4, state = 'pending', live = NULL"
                " WHERE run = ?5 AND idx = ?1",
                ((*move, part.run) for move in (cut.moves if cut else ())),
            )
            db.execute(
                "UPDATE part SET adds_up = ? WHERE run = ? AND number = ?", (int(adds_up), part.run, part.number)
            )
            self._event(db, part.run, "settled", {"part": part.number, "adds_up": adds_up})

    def mark_cancelled(self, run: str) -> None:
        """The operator asked for the run to stop; parts that were never sent will not be."""
        with self._transaction() as db:
            db.execute("UPDATE run SET cancelled = 1 WHERE id = ?", (run,))
            db.execute(
                "UPDATE orders SET state = 'not_created' WHERE run = ?1 AND part IN"
                " (SELECT number FROM part WHERE run = ?1 AND state = 'planned')",
                (run,),
            )
            db.execute("UPDATE part SET state = 'cancelled' WHERE run = ? AND state = 'planned'", (run,))
            self._event(db, run, "cancel", {})

    def close_run(self, run: str, exit_code: int, rejects: str | None, remaining: str | None) -> None:
        """Every order has a verdict."""
        with self._transaction() as db:
            db.execute(
                "UPDATE run SET state = 'closed', exit_code = ?, closed = ?, rejects = ?, remaining = ? WHERE id = ?",
                (exit_code, self._now(), rejects, remaining, run),
            )
            self._event(db, run, "closed", {"exit_code": exit_code})

    def drop_unsent(self, run: str, why: str) -> None:
        """Parts that were never sent will not be, because the ERP refused one like them."""
        with self._transaction() as db:
            db.execute(
                "UPDATE orders SET state = 'not_created' WHERE run = ?1 AND part IN"
                " (SELECT number FROM part WHERE run = ?1 AND state = 'planned')",
                (run,),
            )
            db.execute("UPDATE part SET state = 'refused', message = ? WHERE run = ? AND state = 'planned'", (why, run))

    def note(self, run: str | None, kind: str, data: Mapping[str, Any]) -> None:
        """Add an event."""
        with self._transaction() as db:
            self._event(db, run, kind, data)

    def _event(self, db: sqlite3.Connection, run: str | None, kind: str, data: Mapping[str, Any]) -> None:
        db.execute(
            "INSERT INTO event (at, run, kind, data) VALUES (?, ?, ?, ?)",
            (self._now(), run, kind, json.dumps(dict(data), sort_keys=True)),
        )

    def learn(self, identity: Identity, workflow: str, ratio: float) -> None:
        """Remember how many rows this tenant really makes for one estimated row; only ever upwards."""
        with self._transaction() as db:
            db.execute(
                "INSERT INTO learnt VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " ratio = max(ratio, excluded.ratio), at = excluded.at",
                (identity.erp, identity.address, identity.company, workflow, ratio, self._now()),
            )

    # ---- asking ---------------------------------------------------------------------------------------------------

    def learnt_ratio(self, identity: Identity, workflow: str) -> float:
        """Real rows per estimated row, 1.0 where nothing was learnt."""
        row = self._db.execute(
            "SELECT ratio FROM learnt WHERE erp = ? AND address = ? AND company = ? AND workflow = ?",
            (identity.erp, identity.address, identity.company, workflow),
        ).fetchone()
        return float(row[0]) if row else 1.0

    def run(self, run: str) -> RunRow:
        """One run by its full id. Raises `KeyError`."""
        rows = self._runs("id = ?", (run,))
        if not rows:
            raise KeyError(run)
        return rows[0]

    def runs(self) -> list[RunRow]:
        """All runs that became real, newest first."""
        return self._runs("state <> 'staging'", ())

    def same_content(self, identity: Identity, content: str) -> list[RunRow]:
        """Earlier runs of the same identity, newest first."""
        where = "state <> 'staging' AND erp = ? AND address = ? AND company = ? AND run_key = ? AND content = ?"
        return self._runs(where, (identity.erp, identity.address, identity.company, identity.run_key, content))

    def ever_accepted(self, run: str) -> bool:
        """Whether the ERP ever took, or may have taken, a part of this run."""
        query = "SELECT 1 FROM attempt WHERE run = ? AND state IN ('sending', 'accepted', 'unknown') LIMIT 1"
        return self._db.execute(query, (run,)).fetchone() is not None

    def _runs(self, where: str, values: tuple[object, ...]) -> list[RunRow]:
        rows = self._db.execute(f"SELECT {_RUN} FROM run WHERE {where} ORDER BY created DESC, id DESC", values)
        return [_run_row(row) for row in rows]

    def parts(self, run: str) -> list[PartRow]:
        """A run's parts by number."""
        rows = self._db.execute(f"SELECT {_PART} FROM part WHERE run = ? ORDER BY number", (run,))
        return [_part_row(row) for row in rows]

    def part(self, run: str, number: int) -> PartRow:
        """One part. Raises `KeyError`."""
        row = self._db.execute(f"SELECT {_PART} FROM part WHERE run = ? AND number = ?", (run, number)).fetchone()
        if row is None:
            raise KeyError((run, number))
        return _part_row(row)

    def attempts(self, run: str, part: int | None = None) -> list[AttemptRow]:
        """Attempts, oldest first."""
        where, values = ("run = ?", (run,)) if part is None else ("run = ? AND part = ?", (run, part))
        rows = self._db.execute(f"SELECT {_ATTEMPT} FROM attempt WHERE {where} ORDER BY id", values)
        return [AttemptRow(*row) for row in rows]

    def live_attempt(self, part: PartRow) -> AttemptRow | None:
        """The attempt that is sending, accepted or unknown."""
        live = [a for a in self.attempts(part.run, part.number) if a.state in ("sending", "accepted", "unknown")]
        return live[0] if live else None

    def orders(self, run: str, part: int | None = None, states: Iterable[str] = ()) -> Iterator[OrderRow]:
        """Orders of a run or a part, by index; `states` picks some."""
        where: list[str] = ["run = ?"]
        values: list[object] = [run]
        if part is not None:
            where.append("part = ?")
            values.append(part)
        wanted = list(states)
        if wanted:
            where.append(f"state IN ({', '.join('?' * len(wanted))})")
            values.extend(wanted)
        for row in self._db.execute(f"SELECT {_ORDER} FROM orders WHERE {' AND '.join(where)} ORDER BY idx", values):
            facts = dict(zip(OrderRow.__slots__, row, strict=True))
            facts["messages"] = json.loads(facts["messages"]) if facts["messages"] else []
            yield OrderRow(**facts)

    def remote_ids(self) -> frozenset[str]:
        """Every remote id this journal knows."""
        rows = self._db.execute("SELECT remote_id FROM attempt WHERE remote_id IS NOT NULL")
        return frozenset(row[0] for row in rows)

    def ledger(self, run: str, part: int | None = None) -> Ledger:
        """The counts of a run or one part, checked."""
        where, values = ("run = ?", (run,)) if part is None else ("run = ? AND part = ?", (run, part))
        rows = self._db.execute(f"SELECT state, count(*) FROM orders WHERE {where} GROUP BY state", values)
        counts = dict(rows.fetchall())
        if part is None:
            read = self._db.execute("SELECT orders FROM run WHERE id = ?", (run,)).fetchone()
        else:
            read = (sum(counts.values()),)
        name = f"run {run}" if part is None else f"part {part} of run {run}"
        return Ledger(read=read[0] if read else 0, **counts).checked(name)

    def created_before(self, run: str, identity: Identity) -> Iterator[Earlier]:
        """Orders of a staged run that earlier runs to the same company created, or may have created."""
        for by in ("number", "external", "reference", "content"):
            yield from self._created_before(run, identity, by)

    def _created_before(self, run: str, identity: Identity, by: str) -> Iterator[Earlier]:
        query = (
            "SELECT o.idx, o.line, p.run, p.idx, p.state, p.remote_number FROM orders o"
            f" JOIN orders p ON p.{by} = o.{by} AND p.run <> o.run AND p.state IN"
            " ('created', 'unknown', 'incomplete', 'pending')"
            " JOIN run r ON r.id = p.run AND r.state <> 'staging' AND r.erp = ? AND r.address = ? AND r.company = ?"
            " WHERE o.run = ? GROUP BY o.idx ORDER BY o.idx"
        )
        for row in self._db.execute(query, (identity.erp, identity.address, identity.company, run)):
            yield Earlier(row[0], row[1], row[2], row[3], by, row[4], row[5])

    def events(self, run: str | None = None) -> Iterator[dict[str, Any]]:
        """The event log as plain data."""
        where, values = ("1", ()) if run is None else ("run = ?", (run,))
        for seq, at, of, kind, data in self._db.execute(
            f"SELECT seq, at, run, kind, data FROM event WHERE {where} ORDER BY seq", values
        ):
            yield {"seq": seq, "at": at, "run": of, "kind": kind, "data": json.loads(data)}

    def forget(self, run: str) -> None:
        """Delete a closed run without doubts (retention)."""
        with self._transaction() as db:
            db.execute("DELETE FROM orders WHERE run IN (SELECT id FROM run WHERE id = ? AND state = 'closed')", (run,))
            db.execute(
                "DELETE FROM attempt WHERE run IN (SELECT id FROM run WHERE id = ? AND state = 'closed')", (run,)
            )
            db.execute("DELETE FROM run WHERE id = ? AND state = 'closed'", (run,))
            self._event(db, run, "forgotten", {})


def _run_row(row: tuple[Any, ...]) -> RunRow:
    values = dict(zip(RunRow.__slots__, row, strict=True))
    values["settings"] = json.loads(values["settings"])
    values["cancelled"] = bool(values["cancelled"])
    return RunRow(**values)


def _part_row(row: tuple[Any, ...]) -> PartRow:
    run, number, parent, group, orders, lines, rows, *rest = row
    file, size, sha256, text_sha256, state, *remote = rest
    return PartRow(
        run, number, parent, group, orders, lines, rows, file, size, sha256, text_sha256, PartState(state), *remote
    )


def open_journal(folder: Path, now: Callable[[], float], commits: Commits | None = None) -> Journal:
    """Open or create the journal in a private folder. Raises `StorageFailed` for one that is damaged or newer."""
    path = folder / "journal.sqlite"
    unclean = Path(f"{path}-journal").exists()
    if path.exists() and path.stat().st_size:
        _refuse_newer(path)
    else:
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
