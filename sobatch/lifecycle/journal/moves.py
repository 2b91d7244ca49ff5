"""The journal: the single truth about every run, durable before the wire. One SQLite file beside the staged parts.

`journal_mode=DELETE`, `synchronous=EXTRA`: a commit that returned survives a power cut. All writes of one step are one
transaction. A journal that is damaged or newer than this program is refused and left untouched. Holds no secrets.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sobatch.lifecycle.journal.endings import Endings, verdict_row
from sobatch.lifecycle.journal.queries import OF_A_PART
from sobatch.lifecycle.journal.rows import Cut, PartRow, PartState, Verdict
from sobatch.lifecycle.journal.steps import HALF_MADE, MADE_AS


class Journal(Endings):
    """Open with `journal_open.open_journal`. Methods that write are one transaction each."""

    def begin_attempt(self, part: PartRow, clock_offset: float | None) -> int:
        """The row that must be durable before the first byte: from here until an answer the part is `sending`."""
        with self._transaction() as db:
            cursor = db.execute(
                "INSERT INTO attempt (run, part, state, started, clock_offset) VALUES (?, ?, 'sending', ?, ?)",
                (part.run, part.number, self._now(), clock_offset),
            )
            attempt = int(cursor.lastrowid or 0)
            db.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'mark'")
            db.execute(f"UPDATE {OF_A_PART} SET live = ? WHERE run = ? AND part = ?", (attempt, part.run, part.number))
            self._set_part(db, part, "sending")
        return attempt

    def doubt_unsent(self, run: str, message: str, *, restored: bool = False) -> None:
        """Parts that this journal calls planned may have been sent: each is given an attempt whose end is unknown."""
        planned = list(self.each_part(run, PartState.PLANNED))
        with self._transaction() as db:
            if restored:
                db.execute("UPDATE run SET restored = ? WHERE id = ?", (self._now(), run))
            for part in planned:
                attempt = db.execute(
                    "INSERT INTO attempt (run, part, state, started) VALUES (?, ?, 'sending', ?)",
                    (run, part.number, self._now()),
                ).lastrowid
                db.execute(
                    f"UPDATE {OF_A_PART} SET live = ?, state = 'unknown' WHERE run = ? AND part = ?",
                    (attempt, run, part.number),
                )
                self._end_attempt(db, int(attempt or 0), "unknown", {"message": message})
                self._set_part(db, part, "unknown", message)
            self._event(db, run, "restored" if restored else "doubted", {"parts": [part.number for part in planned]})

    def accept_mark(self, mark: int) -> None:
        """The mark that is kept outside is this journal's own again; it never goes down."""
        with self._transaction() as db:
            db.execute("UPDATE meta SET value = max(CAST(value AS INTEGER), ?) WHERE key = 'mark'", (mark,))
            self._event(db, None, "mark accepted", {"mark": mark})

    def accept(
        self,
        attempt: int,
        part: PartRow,
        receipt: Mapping[str, Any],
        decided_by: str | None = None,
        *,
        verdicts: Sequence[Verdict] = (),
    ) -> None:
        """The receipt, durable: the attempt and the part are `accepted`; with the `verdicts` of a final receipt the
        part is settled in the same commit."""
        with self._transaction(after_send=True) as db:
            db.execute(
                "UPDATE attempt SET state = 'accepted', ended = ?, http_status = ?, location = ?, remote_id = ?,"
                " server_time = ?, message = ?, decided_by = ? WHERE id = ?",
                (self._now(), receipt.get("http_status"), receipt.get("location"), receipt.get("remote_id"),
                 receipt.get("server_time"), receipt.get("note"), decided_by, attempt),
            )  # fmt: skip
            db.execute(
                "UPDATE part SET state = 'accepted', remote_id = ?, accepted = ?, message = ?"
                " WHERE run = ? AND number = ?",
                (receipt.get("remote_id"), self._now(), receipt.get("note"), part.run, part.number),
            )
            db.execute(
                f"UPDATE {OF_A_PART} SET state = 'pending' WHERE run = ? AND part = ? AND state = 'unknown'",
                (part.run, part.number),
            )
            self._event(db, part.run, "accepted", {"part": part.number, "remote_id": receipt.get("remote_id")})
            if verdicts:
                self._give(db, part, verdicts)
                self._set_part(db, part, "settled", receipt.get("note"))

    def release(self, attempt: int, part: PartRow, state: str, **facts: Any) -> None:
        """The attempt brought a definite no (or nothing was sent): its part may be sent again."""
        with self._transaction(after_send=True) as db:
            self._end_attempt(db, attempt, state, facts)
            db.execute(
                f"UPDATE {OF_A_PART} SET live = NULL, state = CASE state WHEN 'unknown' THEN 'pending' ELSE state END"
                " WHERE run = ? AND part = ?",
                (part.run, part.number),
            )
            self._set_part(db, part, "planned")
            db.execute(
                "UPDATE part SET remote_id = NULL, phase = NULL, result = NULL, processed = NULL, failed = NULL,"
                " accepted = NULL WHERE run = ? AND number = ? AND remote_id IS NOT NULL",
                (part.run, part.number),
            )

    def refuse(self, attempt: int, part: PartRow, **facts: Any) -> None:
        """A definite no that another try would only repeat: the part's orders are not created."""
        with self._transaction(after_send=True) as db:
            self._end_attempt(db, attempt, "refused", facts)
            db.execute(
                f"UPDATE {OF_A_PART} SET live = NULL,"
                f" state = CASE WHEN {HALF_MADE} THEN 'incomplete' ELSE 'not_created' END WHERE run = ? AND part = ?",
                (part.run, part.number),
            )
            self._set_part(db, part, "refused", facts.get("message"))

    def doubt(self, attempt: int, part: PartRow, **facts: Any) -> None:
        """Nobody knows whether the part was received. It is never sent again by itself."""
        with self._transaction(after_send=True) as db:
            self._end_attempt(db, attempt, "unknown", facts)
            db.execute(
                f"UPDATE {OF_A_PART} SET state = 'unknown' WHERE run = ? AND part = ? AND state = 'pending'",
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
        self._end_steps(db, attempt, state, facts.get("message") or facts.get("decided_by"))

    @staticmethod
    def _set_part(db: sqlite3.Connection, part: PartRow, state: str, message: str | None = None) -> None:
        db.execute(
            "UPDATE part SET state = ?, message = ? WHERE run = ? AND number = ?",
            (state, message, part.run, part.number),
        )

    # ---- following and settling -----------------------------------------------------------------------------------

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
        with self._transaction() as db:
            self._give(db, part, verdicts)
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

    @staticmethod
    def _give(db: sqlite3.Connection, part: PartRow, verdicts: Iterable[Verdict]) -> None:
        db.executemany(
            "UPDATE orders SET state = ?, remote_number = ?, twins = ?, messages = ?,"
            " live = CASE WHEN ? IS NULL THEN NULL ELSE live END WHERE run = ? AND idx = ?",
            (verdict_row(part.run, verdict) for verdict in verdicts),
        )

    def mark_cancelled(self, run: str) -> None:
        """The operator asked for the run to stop; parts that were never sent will not be."""
        with self._transaction() as db:
            db.execute("UPDATE run SET cancelled = 1 WHERE id = ?", (run,))
            self._leave_unsent(db, run)
            db.execute("UPDATE part SET state = 'cancelled' WHERE run = ? AND state = 'planned'", (run,))
            self._event(db, run, "cancel", {})

    @staticmethod
    def _leave_unsent(db: sqlite3.Connection, run: str) -> None:
        """The orders of planned parts are not created, but for those of which a step is done."""
        db.execute(
            f"UPDATE orders SET state = CASE WHEN {HALF_MADE} THEN 'incomplete' ELSE 'not_created' END,"
            f" remote_number = {MADE_AS}"
            " WHERE run = ?1 AND part IN (SELECT number FROM part WHERE run = ?1 AND state = 'planned')",
            (run,),
        )

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
            self._leave_unsent(db, run)
            db.execute("UPDATE part SET state = 'refused', message = ? WHERE run = ? AND state = 'planned'", (why, run))
