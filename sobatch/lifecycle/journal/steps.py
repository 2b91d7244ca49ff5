"""The steps of a part that takes several calls: begun before its call, ended after it, and never made twice.

The table itself refuses a step that is done, under way or unknown already. A step whose attempt ends in doubt is
unknown with it; one whose attempt was certainly not processed is refused, and may be begun again.
"""

from __future__ import annotations

import sqlite3

from sobatch.lifecycle.journal.plans import Plans
from sobatch.lifecycle.journal.rows import PartRow, StepRow

_STEP = ", ".join(StepRow.__slots__)
HALF_MADE = "EXISTS (SELECT 1 FROM step s WHERE s.run = orders.run AND s.part = orders.part AND s.state = 'done')"
"""Of an order: a step of its part is done, so that something of it is there."""

MADE_AS = (
    "(SELECT s.value FROM step s WHERE s.run = orders.run AND s.part = orders.part AND s.state = 'done'"
    " AND s.name = 'order')"
)
"""Of an order: what was kept of the step that made it, which names it."""


class StepMoves(Plans):
    """The part of the journal that keeps steps."""

    def begin_step(self, attempt: int, part: PartRow, name: str) -> int:
        """The row that must be durable before the step's call; returns its id. Raises `StorageFailed` for a step that
        is done, under way or unknown, and for an attempt that is not sending."""
        with self._transaction(after_send=True) as db:
            row = (part.run, part.number, attempt, name, self._now())
            query = "INSERT INTO step (run, part, attempt, name, state, at) VALUES (?, ?, ?, ?, 'sending', ?)"
            return int(db.execute(query, row).lastrowid or 0)

    def end_step(self, step: int, state: str, value: str) -> None:
        """What became of a step: `done` with what is kept of it, or `refused` or `unknown` with the reason."""
        with self._transaction(after_send=True) as db:
            db.execute("UPDATE step SET state = ?, value = ?, at = ? WHERE id = ?", (state, value, self._now(), step))

    def steps(self, run: str, part: int) -> list[StepRow]:
        """The steps of a part, oldest first; one that was refused and made again stands there twice."""
        rows = self._db.execute(f"SELECT {_STEP} FROM step WHERE run = ? AND part = ? ORDER BY id", (run, part))
        return [StepRow(*row) for row in rows]

    def end_pending_step(self, part: PartRow, value: str) -> None:
        """The step of a part that is under way or unknown did happen, as a look or an operator says."""
        with self._transaction() as db:
            db.execute(
                "UPDATE step SET state = 'done', value = ?, at = ? WHERE run = ? AND part = ?"
                " AND state IN ('sending', 'unknown')",
                (value, self._now(), part.run, part.number),
            )

    def doubted_steps(self, run: str, part: int) -> frozenset[str]:
        """The steps of a part that were in doubt, and may be made again although neither a proof nor an operator says
        that they were not received."""
        query = (
            "SELECT s.name FROM step s JOIN attempt a ON a.id = s.attempt"
            " WHERE s.run = ? AND s.part = ? AND s.state = 'refused' AND a.state = 'absent'"
            " AND a.decided_by NOT LIKE 'operator %'"
        )
        return frozenset(row[0] for row in self._db.execute(query, (run, part)))

    def named_before(self, part: PartRow, name: str, value: str) -> tuple[str, int] | None:
        """The run and part, at the same address, for which a step of this name was done with this very value before."""
        query = (
            "SELECT s.run, s.part FROM step s CROSS JOIN run r ON r.id = s.run CROSS JOIN run mine ON mine.id = ?1"
            " AND mine.erp = r.erp AND mine.address = r.address"
            " WHERE s.value = ?4 AND s.state = 'done' AND s.name = ?3 AND (s.run <> ?1 OR s.part <> ?2) LIMIT 1"
        )
        row = self._db.execute(query, (part.run, part.number, name, value)).fetchone()
        return None if row is None else (row[0], row[1])

    def _end_steps(self, db: sqlite3.Connection, attempt: int, state: str, why: str | None) -> None:
        """The steps of an attempt's part end with it, as far as they have not ended yet."""
        left = ("sending",) if state == "unknown" else ("sending", "unknown")
        db.execute(
            "UPDATE step SET state = ?, value = ?, at = ? WHERE (run, part) = (SELECT run, part FROM attempt"
            f" WHERE id = ?) AND state IN ({', '.join('?' * len(left))})",
            ("unknown" if state == "unknown" else "refused", why, self._now(), attempt, *left),
        )
