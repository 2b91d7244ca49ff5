"""What can be asked of the journal: runs, parts, attempts, orders, and the ledger over them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import Any

from sobatch.lifecycle.journal.ledger import Ledger
from sobatch.lifecycle.journal.rows import (
    AttemptRow,
    Earlier,
    Forgotten,
    Identity,
    OrderRow,
    PartRow,
    PartState,
    RunRow,
    one_spelling,
)

_RUN = ", ".join(RunRow.__slots__)
PART = (
    "run, number, parent, grouping, orders, lines, rows, file, size, sha256, text_sha256, state, remote_id, phase, "
    "result, processed, failed, message, adds_up, accepted, start, ended, lists"
)
_ATTEMPT = ", ".join(AttemptRow.__slots__)
_ORDER = ", ".join(OrderRow.__slots__)
OF_A_PART = "orders INDEXED BY orders_by_part"
"""Where the orders of a part are: left to itself, SQLite reads all orders of the run for them."""
# The attempts of all runs at the address of one run, which is the first value.
_BESIDE = (
    "run mine CROSS JOIN run r ON mine.id = ?1 AND r.erp = mine.erp AND r.address = mine.address"
    " CROSS JOIN attempt a ON a.run = r.id"
)
_A_WHILE = 200_000  # steps of SQLite's machine: some 10 ms


KEPT_KEYS = ("number", "external")

# Each key is looked up once, however many orders share it: a join of the file with itself would be quadratic. The `+`
# keeps SQLite from looking a key up once for every earlier run, and LIMIT from reading all that share it.
_CREATED_BEFORE = """
    WITH mine AS MATERIALIZED (SELECT DISTINCT {by} AS key FROM orders WHERE run = ?1 AND {by} IS NOT NULL),
    there AS MATERIALIZED (SELECT id FROM run WHERE state <> 'staging' AND erp = ?2 AND address = ?3
        AND one_spelling(company) = ?4),
    hit AS MATERIALIZED (SELECT mine.key, p.run, p.idx, p.state, p.remote_number
        FROM mine CROSS JOIN orders p ON (p.run, p.idx) = (SELECT q.run, q.idx FROM orders q WHERE q.{by} = mine.key
            AND +q.run <> ?1 AND q.state IN ('created', 'unknown', 'incomplete', 'pending')
            AND +q.run IN (SELECT id FROM there) LIMIT 1))
    SELECT o.idx, o.line, hit.run, hit.idx, hit.state, hit.remote_number, count(*) OVER ()
    FROM orders o JOIN hit ON hit.key = o.{by} WHERE o.run = ?1 ORDER BY o.idx LIMIT 20
"""
_FORGOTTEN_BEFORE = """
    SELECT o.idx, o.line, f.run, NULL, 'created', NULL, count(*) OVER ()
    FROM orders o CROSS JOIN forgotten_key k ON k.digest = key_digest(?2, ?3, ?4, '{by}', o.{by})
    CROSS JOIN forgotten f ON f.id = k.forgotten
    WHERE o.run = ?1 AND o.{by} IS NOT NULL AND EXISTS (SELECT 1 FROM forgotten_key) ORDER BY o.idx LIMIT 20
"""


def _key_digest(*words: object) -> bytes:
    """A key of an order, in little room: who it belongs to, its kind and its text."""
    return blake2b("\0".join(str(word) for word in words).encode(), digest_size=16).digest()


class Queries:
    """The half of the journal that only reads."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        connection.create_function("one_spelling", 1, one_spelling, deterministic=True)
        connection.create_function("key_digest", 5, _key_digest, deterministic=True)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def heed(self, asked: Callable[[], bool]) -> None:
        """Ask this every so often while a long query runs; a yes gives it up (`sqlite3.OperationalError`)."""
        self._db.set_progress_handler(lambda: int(asked()), _A_WHILE)

    def learnt_ratio(self, identity: Identity, mode: str) -> float:
        """Real rows per estimated row, 1.0 where nothing was learnt."""
        row = self._db.execute(
            "SELECT ratio FROM learnt WHERE erp = ? AND address = ? AND company = ? AND mode = ?",
            (identity.erp, identity.address, identity.company, mode),
        ).fetchone()
        return float(row[0]) if row else 1.0

    def run(self, run: str) -> RunRow:
        """One run by its full id. Raises `KeyError`."""
        rows = self._runs("id = ?", (run,))
        if not rows:
            raise KeyError(run)
        return rows[0]

    def has_run(self, run: str) -> bool:
        """Whether a run is known, whatever became of it; also when it was pruned."""
        query = "SELECT 1 FROM run WHERE id = ?1 UNION ALL SELECT 1 FROM forgotten WHERE run = ?1"
        return self._db.execute(query, (run,)).fetchone() is not None

    def is_real(self, run: str) -> bool:
        """Whether a run has been published."""
        query = "SELECT 1 FROM run WHERE id = ? AND state <> 'staging'"
        return self._db.execute(query, (run,)).fetchone() is not None

    def runs(self) -> list[RunRow]:
        """All runs that became real, newest first."""
        return self._runs("state <> 'staging'", ())

    def same_content(self, identity: Identity, content: str) -> list[RunRow]:
        """Earlier runs of the same identity, newest first."""
        where = "state <> 'staging' AND erp = ? AND address = ? AND company = ? AND run_key = ? AND content = ?"
        return self._runs(where, (identity.erp, identity.address, identity.company, identity.run_key, content))

    def mark(self) -> tuple[str, int]:
        """The journal's own id, and how many sends it has begun."""
        rows = dict(self._db.execute("SELECT key, value FROM meta WHERE key IN ('journal_id', 'mark')").fetchall())
        return str(rows.get("journal_id", "")), int(rows.get("mark", 0))

    def open_with_bytes(self, identity: Identity, stored: str) -> RunRow | None:
        """The open run of the same identity that was staged from these very bytes."""
        where = "state = 'open' AND erp = ? AND address = ? AND company = ? AND run_key = ? AND stored = ?"
        rows = self._runs(where, (identity.erp, identity.address, identity.company, identity.run_key, stored))
        return rows[0] if rows else None

    def content_at(self, identity: Identity, content: str) -> list[RunRow]:
        """Runs of this content at the same address, whatever their company and run key, newest first."""
        where = "state <> 'staging' AND erp = ? AND address = ? AND content = ?"
        return self._runs(where, (identity.erp, identity.address, content))

    def forgotten(self, identity: Identity, content: str) -> list[Forgotten]:
        """Pruned runs of this content at the same address of which something was created or may have been."""
        query = (
            "SELECT run, company, run_key FROM forgotten"
            " WHERE erp = ? AND address = ? AND content = ? AND NOT all_free ORDER BY closed DESC"
        )
        rows = self._db.execute(query, (identity.erp, identity.address, content))
        return [Forgotten(*row) for row in rows]

    def ever_accepted(self, run: str) -> bool:
        """Whether the ERP ever took, or may have taken, a part of this run."""
        query = "SELECT 1 FROM attempt WHERE run = ? AND state IN ('sending', 'accepted', 'unknown') LIMIT 1"
        return self._db.execute(query, (run,)).fetchone() is not None

    def _runs(self, where: str, values: tuple[object, ...]) -> list[RunRow]:
        rows = self._db.execute(f"SELECT {_RUN} FROM run WHERE {where} ORDER BY created DESC, id DESC", values)
        return [_run_row(row) for row in rows]

    def parts(self, run: str) -> list[PartRow]:
        """A run's parts by number."""
        rows = self._db.execute(f"SELECT {PART} FROM part WHERE run = ? ORDER BY number", (run,))
        return [part_row(row) for row in rows]

    def part(self, run: str, number: int) -> PartRow:
        """One part. Raises `KeyError`."""
        row = self._db.execute(f"SELECT {PART} FROM part WHERE run = ? AND number = ?", (run, number)).fetchone()
        if row is None:
            raise KeyError((run, number))
        return part_row(row)

    def attempts(self, run: str, part: int | None = None) -> list[AttemptRow]:
        """Attempts, oldest first."""
        where, values = ("run = ?", (run,)) if part is None else ("run = ? AND part = ?", (run, part))
        rows = self._db.execute(f"SELECT {_ATTEMPT} FROM attempt WHERE {where} ORDER BY id", values)
        return [AttemptRow(*row) for row in rows]

    def live_attempt(self, part: PartRow) -> AttemptRow | None:
        """The attempt that is sending, accepted or unknown."""
        where = "run = ? AND part = ? AND state IN ('sending', 'accepted', 'unknown')"
        query = f"SELECT {_ATTEMPT} FROM attempt WHERE {where}"
        row = self._db.execute(query, (part.run, part.number)).fetchone()
        return None if row is None else AttemptRow(*row)

    def orders(self, run: str, part: int | None = None, states: Iterable[str] = ()) -> Iterator[OrderRow]:
        """Orders of a run or a part, by index; `states` picks some."""
        table, turn, where = "orders", "idx", ["run = ?"]
        values: list[object] = [run]
        if part is not None:
            table, turn, where = OF_A_PART, "position", ["run = ?", "part = ?"]
            values.append(part)
        wanted = list(states)
        if wanted:
            where.append(f"state IN ({', '.join('?' * len(wanted))})")
            values.extend(wanted)
        query = f"SELECT {_ORDER} FROM {table} WHERE {' AND '.join(where)} ORDER BY {turn}"
        for row in self._db.execute(query, values):
            yield _order_row(row)

    def order(self, run: str, idx: int) -> OrderRow:
        """One order. Raises `KeyError`."""
        row = self._db.execute(f"SELECT {_ORDER} FROM orders WHERE run = ? AND idx = ?", (run, idx)).fetchone()
        if row is None:
            raise KeyError((run, idx))
        return _order_row(row)

    def remote_ids(self) -> frozenset[str]:
        """Every remote id this journal knows."""
        rows = self._db.execute("SELECT remote_id FROM attempt WHERE remote_id IS NOT NULL")
        return frozenset(row[0] for row in rows)

    def ids_at(self, run: str) -> frozenset[str]:
        """Every remote id this journal knows at the address of a run."""
        rows = self._db.execute(f"SELECT a.remote_id FROM {_BESIDE} WHERE a.remote_id IS NOT NULL", (run,))
        return frozenset(row[0] for row in rows)

    def holder(self, run: str, remote_id: str) -> tuple[str, int] | None:
        """The run and part that have a remote id already, at the address of a run. Ids are compared without case."""
        query = (
            "SELECT a.run, a.part FROM run mine CROSS JOIN attempt a ON a.remote_id = ?2 COLLATE NOCASE"
            " JOIN run r ON r.id = a.run AND r.erp = mine.erp AND r.address = mine.address"
            " WHERE mine.id = ?1 LIMIT 1"
        )
        row = self._db.execute(query, (run, remote_id)).fetchone()
        return None if row is None else (row[0], row[1])

    def sent_beside(self, attempt: AttemptRow) -> list[tuple[str, str, int, str, bool]]:
        """What an honest list shows beside a lost attempt: this run's other parts, and any sent since to the same
        company. Remote id, run, part, digest, and whether it was sent since."""
        query = (
            "SELECT a.remote_id, p.run, p.number, p.sha256, a.id > ?2 FROM attempt a"
            " CROSS JOIN part p ON p.run = a.run AND p.number = a.part AND p.remote_id = a.remote_id"
            " JOIN run r ON r.id = a.run JOIN run mine ON mine.id = ?1 AND r.erp = mine.erp"
            " AND r.address = mine.address AND r.company = mine.company WHERE a.id <> ?2 AND "
        )
        query = f"{query} a.run = ?1 UNION {query} a.id > ?2"
        return self._db.execute(query, (attempt.run, attempt.id)).fetchall()

    def ever_tried(self, run: str) -> bool:
        """Whether any part of a run was ever to be sent."""
        return self._db.execute("SELECT 1 FROM attempt WHERE run = ? LIMIT 1", (run,)).fetchone() is not None

    def ledger(self, run: str, part: int | None = None) -> Ledger:
        """The counts of a run or one part, checked."""
        if part is None:
            counts = dict(self._db.execute("SELECT state, n FROM count WHERE run = ?", (run,)).fetchall())
            read = self._db.execute("SELECT orders FROM run WHERE id = ?", (run,)).fetchone()
            return Ledger(read=read[0] if read else 0, **counts).checked(f"run {run}")
        query = f"SELECT state, count(*) FROM {OF_A_PART} WHERE run = ? AND part = ? GROUP BY state"
        counts = dict(self._db.execute(query, (run, part)).fetchall())
        return Ledger(read=sum(counts.values()), **counts).checked(f"part {part} of run {run}")

    def created_before(self, run: str, identity: Identity, by: str) -> tuple[int, list[Earlier]]:
        """How many orders of a staged run share a key with orders that earlier runs to the same company created, or may
        have created; and the first of them. `by` is number, external, reference or content."""
        values = (run, identity.erp, identity.address, one_spelling(identity.company))
        rows = self._db.execute(_CREATED_BEFORE.format(by=by), values).fetchall()
        if by in KEPT_KEYS and not rows:
            rows = self._db.execute(_FORGOTTEN_BEFORE.format(by=by), values).fetchall()
        return (rows[0][6] if rows else 0), [
            Earlier(row[0], row[1], row[2], row[3], by, row[4], row[5]) for row in rows
        ]

    def events(self, run: str | None = None) -> Iterator[dict[str, Any]]:
        """The event log as plain data."""
        where, values = ("1", ()) if run is None else ("run = ?", (run,))
        for seq, at, of, kind, data in self._db.execute(
            f"SELECT seq, at, run, kind, data FROM event WHERE {where} ORDER BY seq", values
        ):
            yield {"seq": seq, "at": at, "run": of, "kind": kind, "data": json.loads(data)}


def _run_row(row: tuple[Any, ...]) -> RunRow:
    values = dict(zip(RunRow.__slots__, row, strict=True))
    values["settings"] = json.loads(values["settings"])
    values["cancelled"] = bool(values["cancelled"])
    return RunRow(**values)


def part_row(row: tuple[Any, ...]) -> PartRow:
    values = dict(zip(PartRow.__slots__, row, strict=True))
    values["state"] = PartState(values["state"])
    values["adds_up"] = bool(values["adds_up"])
    return PartRow(**values)


def _order_row(row: tuple[Any, ...]) -> OrderRow:
    facts = dict(zip(OrderRow.__slots__, row, strict=True))
    facts["messages"] = json.loads(facts["messages"]) if facts["messages"] else []
    return OrderRow(**facts)
