"""The journal's writes about ends: what the ERP says of its work, what a later look proves, what an operator gives up.

One transaction each. A verdict that was proved is never changed here: only an order that is unknown gets another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sobatch.lifecycle.journal.queries import OF_A_PART
from sobatch.lifecycle.journal.rows import PartRow, Verdict
from sobatch.lifecycle.journal.steps import StepMoves

_ABANDONED = "abandoned by "


class Endings(StepMoves):
    """The part of the journal that follows remote work to its end."""

    def note_status(
        self, part: PartRow, phase: str, result: str | None, processed: int | None, failed: int | None
    ) -> None:
        """The remote work came to an end, by the server's word: `finished`, with what the server says of it."""
        begins = part.state != "finished"
        with self._transaction() as db:
            db.execute(
                "UPDATE part SET state = 'finished', phase = ?, result = ?, processed = ?, failed = ?,"
                " ended = coalesce(?, ended) WHERE run = ? AND number = ?",
                (phase, result, processed, failed, self._now() if begins else None, part.run, part.number),
            )
            if begins:
                self._event(db, part.run, "ended", {"part": part.number, "phase": phase})

    def note_progress(
        self, part: PartRow, phase: str, result: str | None, processed: int | None, failed: int | None
    ) -> None:
        """How far the remote work is, for people to see. What was called finished and runs again is `accepted`."""
        with self._transaction() as db:
            db.execute(
                "UPDATE part SET state = 'accepted', phase = ?, result = ?, processed = ?, failed = ?"
                " WHERE run = ? AND number = ? AND state IN ('accepted', 'finished')",
                (phase, result, processed, failed, part.run, part.number),
            )

    def note_lists(self, part: PartRow, lists: str) -> None:
        """A digest of both result lists as they read at this look."""
        with self._transaction() as db:
            db.execute("UPDATE part SET lists = ? WHERE run = ? AND number = ?", (lists, part.run, part.number))

    def note_ended(self, part: PartRow) -> float:
        """Since when the ERP calls the work of a part ended, in seconds since the epoch; from now, if nobody noted
        it."""
        with self._transaction() as db:
            where = "WHERE run = ? AND number = ?"
            db.execute(f"UPDATE part SET ended = coalesce(ended, ?) {where}", (self._now(), part.run, part.number))
        return self.part(part.run, part.number).ended or self._now()

    def count_events(self, run: str, kind: str) -> int:
        """How many events of a kind a run has."""
        return int(self._db.execute("SELECT count(*) FROM event WHERE run = ? AND kind = ?", (run, kind)).fetchone()[0])

    def mend(
        self,
        part: PartRow,
        verdicts: Iterable[Verdict],
        message: str | None,
        *,
        adds_up: bool,
        rejects: str | None = None,
        remaining: str | None = None,
    ) -> None:
        """What a later look at a settled part proves. Files are named only where new ones were written."""
        rows = (verdict_row(part.run, verdict) for verdict in verdicts)
        with self._transaction() as db:
            db.executemany(
                "UPDATE orders SET state = ?, remote_number = ?, twins = ?, messages = ?,"
                " live = CASE WHEN ? IS NULL THEN NULL ELSE live END WHERE run = ? AND idx = ? AND state = 'unknown'",
                rows,
            )
            db.execute(
                "UPDATE part SET message = ?, adds_up = ?, phase = ?, result = ?, processed = ?, failed = ?"
                " WHERE run = ? AND number = ?",
                (message, int(adds_up), part.phase, part.result, part.processed, part.failed, part.run, part.number),
            )
            db.execute(
                "UPDATE run SET rejects = coalesce(?, rejects), remaining = coalesce(?, remaining) WHERE id = ?",
                (rejects, remaining, part.run),
            )
            self._event(db, part.run, "mended", {"part": part.number, "adds_up": adds_up})

    def renew(self, run: str, exit_code: int) -> None:
        """The exit code of a closed run, as its orders are known now."""
        with self._transaction() as db:
            db.execute("UPDATE run SET exit_code = ? WHERE id = ? AND state = 'closed'", (exit_code, run))
            self._event(db, run, "renewed", {"exit_code": exit_code})

    def abandon(self, part: PartRow, by: str) -> None:
        """Nobody will ever know: orders without a verdict stay unknown, and nobody asks about them again."""
        with self._transaction() as db:
            db.execute(
                f"UPDATE {OF_A_PART} SET state = 'unknown' WHERE run = ? AND part = ? AND state = 'pending'",
                (part.run, part.number),
            )
            db.execute(
                "UPDATE attempt SET decided_by = ? WHERE run = ? AND part = ?"
                " AND state IN ('sending', 'accepted', 'unknown')",
                (_ABANDONED + by, part.run, part.number),
            )
            state = "cancelled" if part.state == "cancelled" else "settled"
            db.execute(
                "UPDATE part SET state = ?, message = ?, adds_up = 1 WHERE run = ? AND number = ?",
                (state, _ABANDONED + by, part.run, part.number),
            )
            self._event(db, part.run, "abandoned", {"part": part.number, "by": by})

    def is_abandoned(self, part: PartRow) -> bool:
        """Whether an operator gave a part up."""
        attempt = self.live_attempt(part)
        return attempt is not None and (attempt.decided_by or "").startswith(_ABANDONED)

    def unsettled_ends(self, run: str) -> list[PartRow]:
        """Settled parts that stay open to the truth: an order of theirs is unknown, or their counts disagree."""
        return [part for part in self.in_doubt(run) if part.remote_id is not None and not self.is_abandoned(part)]


def verdict_row(run: str, verdict: Verdict) -> tuple[Any, ...]:
    """A verdict as values for an UPDATE; an order that is not created is free to be sent by a later run."""
    messages = json.dumps(list(verdict.messages), ensure_ascii=False) if verdict.messages else None
    free = verdict.state in ("rejected", "not_created")
    return verdict.state, verdict.remote_number, verdict.twins, messages, None if free else 1, run, verdict.idx
