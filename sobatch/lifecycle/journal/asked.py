"""What a run asks of its parts while it goes on: each question by an index, so that none grows with the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sobatch.errors import StorageFailed
from sobatch.lifecycle.journal.ledger import Ledger
from sobatch.lifecycle.journal.queries import PART, Queries, part_row
from sobatch.lifecycle.journal.rows import PartRow, PartState

_BATCH = 200
# Left to itself, SQLite may read all parts of the run for these.
_IN_A_STATE = "part INDEXED BY part_by_state"
_DIFFERING = "part INDEXED BY part_in_doubt"


@dataclass(frozen=True, slots=True)
class Ends:
    """How the parts of a run ended, as far as its exit code depends on it."""

    adds_up: bool
    cancelled: bool
    failed: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """The parts of a run in one state: how many, and what they hold."""

    state: str
    parts: int
    orders: int
    lines: int
    rows: int


class PartQueries(Queries):
    """The questions of the carry loop, and those about many parts at once."""

    def parts_after(self, run: str, state: PartState, after: int, most: int) -> list[PartRow]:
        """The first parts in a state whose number is higher than another, at most so many."""
        where = "run = ? AND state = ? AND number > ? ORDER BY number LIMIT ?"
        rows = self._db.execute(f"SELECT {PART} FROM {_IN_A_STATE} WHERE {where}", (run, state, after, most))
        return [part_row(row) for row in rows]

    def next_part(self, run: str, *states: PartState) -> PartRow | None:
        """The part with the lowest number in any of these states."""
        found = self.first_parts(run, states, 1)
        return found[0] if found else None

    def first_parts(self, run: str, states: tuple[PartState, ...], most: int, after: int = 0) -> list[PartRow]:
        """The first parts in any of these states by number, at most so many."""
        found = [part for state in states for part in self.parts_after(run, state, after, most)]
        return sorted(found, key=lambda part: part.number)[:most]

    def each_part(self, run: str, *states: PartState) -> Iterator[PartRow]:
        """A run's parts by number; those in any of these states, if some are named. Read batch by batch, so that they
        may be changed meanwhile, and never all held."""
        after = 0
        while batch := self.first_parts(run, states, _BATCH, after) if states else self._batch(run, after):
            yield from batch
            after = batch[-1].number

    def _batch(self, run: str, after: int) -> list[PartRow]:
        where = "run = ? AND number > ? ORDER BY number LIMIT ?"
        rows = self._db.execute(f"SELECT {PART} FROM part WHERE {where}", (run, after, _BATCH))
        return [part_row(row) for row in rows]

    def last_part(self, run: str) -> int:
        """The highest number of a part."""
        return int(self._db.execute("SELECT coalesce(max(number), 0) FROM part WHERE run = ?", (run,)).fetchone()[0])

    def parts_holding(self, run: str, states: tuple[str, ...]) -> Iterator[PartRow]:
        """The parts that hold an order in one of these states, by number."""
        marks = ", ".join("?" * len(states))
        query = f"SELECT DISTINCT part FROM orders WHERE run = ? AND part IS NOT NULL AND state IN ({marks}) ORDER BY 1"
        for (number,) in self._db.execute(query, (run, *states)):
            yield self.part(run, number)

    def part_files(self, run: str) -> Iterator[str]:
        """The names of the files that the parts are in."""
        for (name,) in self._db.execute("SELECT DISTINCT file FROM part WHERE run = ?", (run,)):
            yield name

    def sums(self, run: str) -> list[Sum]:
        """The parts of a run by state."""
        query = (
            "SELECT state, count(*), sum(orders), sum(lines), sum(rows) FROM part WHERE run = ?"
            " GROUP BY state ORDER BY min(number)"
        )
        return [Sum(*row) for row in self._db.execute(query, (run,))]

    def part_ends(self, run: str) -> Ends:
        """How the parts of a run ended."""
        query = (
            f"SELECT EXISTS (SELECT 1 FROM {_DIFFERING} WHERE run = ?1 AND adds_up = 0),"
            f" EXISTS (SELECT 1 FROM {_IN_A_STATE} WHERE run = ?1 AND state = 'cancelled'),"
            " EXISTS (SELECT 1 FROM part WHERE run = ?1 AND phase = 'failed')"
        )
        differs, cancelled, failed = self._db.execute(query, (run,)).fetchone()
        return Ends(not differs, bool(cancelled), bool(failed))

    def in_doubt(self, run: str) -> list[PartRow]:
        """Settled parts of which an order is unknown, or whose counts disagree."""
        rows = self._db.execute(
            f"SELECT {PART} FROM part WHERE run = ?1 AND number IN"
            f" (SELECT number FROM {_DIFFERING} WHERE run = ?1 AND adds_up = 0"
            " UNION SELECT part FROM orders INDEXED BY orders_in_doubt WHERE run = ?1 AND state = 'unknown')"
            " AND state IN ('settled', 'cancelled') ORDER BY number",
            (run,),
        )
        return [part_row(row) for row in rows]

    def parts_of_digests(self, run: str, beginnings: frozenset[str]) -> dict[str, tuple[int, int]]:
        """Number and orders of the parts whose digest has one of these beginnings of eight characters."""
        query = "SELECT substr(sha256, 1, 8) AS sha8, number, orders FROM part WHERE run = ?"
        return {row[0]: (row[1], row[2]) for row in self._db.execute(query, (run,)) if row[0] in beginnings}

    def first_nameless(self, run: str) -> PartRow | None:
        """The first part that was accepted without a usable name."""
        where = "run = ? AND state = 'accepted' AND remote_id IS NULL ORDER BY number LIMIT 1"
        row = self._db.execute(f"SELECT {PART} FROM {_IN_A_STATE} WHERE {where}", (run,)).fetchone()
        return None if row is None else part_row(row)

    def first_numbers(self, run: str, most: int) -> list[str]:
        """The first numbers that the ERP gave to orders of a run, at most so many."""
        where = "run = ? AND state = 'created' AND remote_number <> '' ORDER BY idx LIMIT ?"
        return [row[0] for row in self._db.execute(f"SELECT remote_number FROM orders WHERE {where}", (run, most))]

    def runs_with(self, remote_id: str) -> list[str]:
        """The runs that have a part of this remote id, letter by letter."""
        query = (
            "SELECT DISTINCT a.run FROM attempt a JOIN part p ON p.run = a.run AND p.number = a.part"
            " WHERE a.remote_id = ?1 COLLATE NOCASE AND p.remote_id = ?1"
        )
        return [row[0] for row in self._db.execute(query, (remote_id,))]

    def proved_ledger(self, run: str) -> Ledger:
        """The counts of a run, proved against its orders one by one. Raises `StorageFailed` where they differ."""
        ledger = self.ledger(run)
        rows = self._db.execute("SELECT state, count(*) FROM orders WHERE run = ? GROUP BY state", (run,))
        counted = Ledger(read=ledger.read, **dict(rows.fetchall())).checked(f"run {run}")
        if counted != ledger:
            raise StorageFailed(
                f"the counts kept of run {run} are not those of its orders: {ledger} against {counted}",
                code="ledger",
                next_step="Do not send again. Keep the state folder and report this.",
            )
        return ledger
