"""How a batch gets on. There is no worker: whoever looks moves it to where it would be by now.

N pending, W working, K cancelling, C cancelled, T finished, E failed. Orders are judged and saved in pages; a batch
that is cancelled or that crashes keeps the pages it has saved.
"""

from __future__ import annotations

import json
import math
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from ..pretend.store import Store
from .intake import find_batch
from .options import Options
from .orders import NUMBER_IN_USE, TOO_MANY_ROWS, Problem

TERMINAL = frozenset("CTE")
FIRST_NUMBER, SERIES_WIDTH = 21_000_001, 1_000_000
UPDATE_ORDER = """UPDATE orders SET verdict = ?, message = ?, problems = ?, order_number = ?
    WHERE batch = ? AND position = ?"""


def look(store: Store, options: Options, batch: str, now: float) -> sqlite3.Row | None:
    """A batch as it stands now, or nothing if there is none."""
    found = find_batch(store, batch)
    if found is None or found["status"] in TERMINAL or now < found["begins"]:
        return found
    with store.write() as database:
        _advance(database, options, _fresh(database, batch), now)
        found = _fresh(database, batch)
    _tidy(store, found)
    return found


def cancel(store: Store, options: Options, batch: str, now: float) -> sqlite3.Row | None:
    """Ask a batch to stop. The caller sees from the row before whether it was too late."""
    found = find_batch(store, batch)
    if found is None or found["status"] in TERMINAL:
        return found
    if options.pace is not None:
        found = look(store, options, batch, now)
    with store.write() as database:
        found = _fresh(database, batch)
        if found["status"] == "N":
            database.execute("UPDATE batches SET status = 'C', ended = ? WHERE id = ?", (now, batch))
        elif found["status"] == "W":
            border = (math.floor(_progress(found, options, now) / options.page_size) + 1) * options.page_size
            database.execute("UPDATE batches SET status = 'K', cancel_border = ? WHERE id = ?", (border, batch))
    return found


def _fresh(database: sqlite3.Connection, batch: str) -> sqlite3.Row:
    row: sqlite3.Row = database.execute("SELECT * FROM batches WHERE id = ?", (batch,)).fetchone()
    return row


def _progress(batch: sqlite3.Row, options: Options, now: float) -> float:
    """How many orders the ERP would have worked through by now. The tiny part absorbs float noise at a border."""
    if options.pace is None:
        return float(batch["orders"])
    return max(0.0, (now - float(batch["begins"])) * options.pace + 1e-6)


def _advance(database: sqlite3.Connection, options: Options, batch: sqlite3.Row, now: float) -> None:
    if batch["status"] in TERMINAL:
        return
    if batch["broken"] is not None:
        _settle(database, batch, "E", batch["processed"], now)
        return
    total, page = batch["orders"], options.page_size
    crash = _crash_border(options, total)
    stop = math.inf if batch["cancel_border"] is None else batch["cancel_border"]
    reached = min(_progress(batch, options, now), crash, stop)
    goal = total if reached >= total else int(reached // page) * page
    goal = max(goal, batch["processed"])
    _save_pages(database, options, batch, goal)
    _settle(database, batch, _letter(goal, total, crash, stop), goal, now)


def _crash_border(options: Options, total: int) -> float:
    """After how many orders the batch crashes. The last page counts too: all is saved, and yet the batch failed."""
    pages, page = options.crash_after_pages, options.page_size
    if pages is None or (pages - 1) * page >= total:
        return math.inf
    return min(pages * page, total)


def _letter(goal: int, total: int, crash: float, stop: float) -> str:
    """Where a batch stands that has saved so much."""
    if goal >= crash:
        return "E"
    if goal >= min(stop, total):
        return "T" if stop == math.inf else "C"
    return "W" if stop == math.inf else "K"


def _settle(database: sqlite3.Connection, batch: sqlite3.Row, letter: str, processed: int, now: float) -> None:
    errors = "(SELECT count(*) FROM orders WHERE batch = batches.id AND verdict = 'failed')"
    database.execute(
        f"UPDATE batches SET status = ?, processed = ?, errors = {errors}, ended = ? WHERE id = ?",
        (letter, processed, now if letter in TERMINAL else None, batch["id"]),
    )


def _tidy(store: Store, batch: sqlite3.Row) -> None:
    """Only a failed order is ever read again."""
    if batch["status"] in TERMINAL and not batch["errors"]:
        store.payload(batch["id"]).unlink(missing_ok=True)


def _save_pages(database: sqlite3.Connection, options: Options, batch: sqlite3.Row, goal: int) -> None:
    judge = _Judge(database, options, batch)
    for start in range(batch["processed"], goal, options.page_size):
        page = database.execute(
            "SELECT * FROM orders WHERE batch = ? AND position >= ? AND position < ? ORDER BY position",
            (batch["id"], start, min(start + options.page_size, goal)),
        ).fetchall()
        database.executemany(UPDATE_ORDER, [judge.verdict(order) for order in page])
    judge.keep_series()


@dataclass(slots=True)
class _Judge:
    """Gives each order its verdict, and each good one its number."""

    database: sqlite3.Connection
    options: Options
    batch: sqlite3.Row
    taken: set[int] = field(default_factory=set)
    series: dict[str, int] = field(default_factory=dict)

    def verdict(self, order: sqlite3.Row) -> tuple[Any, ...]:
        problems = self._problems(order)
        place = (order["batch"], order["position"])
        if problems:
            return ("failed", problems[0][2], json.dumps(problems), None, *place)
        number = order["number"] if order["type"] in self.options.manual_types else self._next_number(order["type"])
        self.taken.add(number)
        return ("created", None, None, number, *place)

    def _problems(self, order: sqlite3.Row) -> list[Problem]:
        limit = self.options.row_limit(bool(self.batch["skip_workflow"]))
        counted = self.batch["rows"] if self.options.overflow == "all" else order["rows_so_far"]
        if counted * self.options.row_factor > limit:
            return [
                (
                    "",
                    TOO_MANY_ROWS,
                    f"The number of items to be saved will exceed the maximum allowed limit of {limit}.",
                )
            ]
        if order["problems"]:
            return list(json.loads(order["problems"]))
        if order["type"] in self.options.manual_types and self._in_use(order["number"]):
            return [("", NUMBER_IN_USE, "Order number in use !")]
        return []

    def _in_use(self, number: int) -> bool:
        if number in self.taken or number in self.options.numbers_in_use:
            return True
        query = "SELECT 1 FROM orders WHERE company = ? AND order_number = ? AND verdict = 'created'"
        return self.database.execute(query, (self.batch["company"], number)).fetchone() is not None

    def _next_number(self, kind: str) -> int:
        """The next free number. With the glitch on, later types are numbered from the first type's series."""
        first = json.loads(self.batch["types"])[0]
        kind = first if self.options.mixed_type_glitch else kind
        number = self.series.get(kind) or self._series_start(kind)
        while self._in_use(number):
            number += 1
        self.series[kind] = number + 1
        return number

    def _series_start(self, kind: str) -> int:
        """Each type has a range of its own, so that a number from the wrong series can be seen."""
        found = self.database.execute(
            "SELECT next FROM series WHERE company = ? AND type = ?", (self.batch["company"], kind)
        ).fetchone()
        if found is not None:
            return int(found["next"])
        query = "SELECT count(*) FROM series WHERE company = ?"
        known = self.database.execute(query, (self.batch["company"],)).fetchone()[0]
        start = FIRST_NUMBER + int(known) * SERIES_WIDTH
        self.database.execute("INSERT INTO series VALUES (?, ?, ?)", (self.batch["company"], kind, start))
        return start

    def keep_series(self) -> None:
        """Remember where each series stands. Kept with the pages, in the same transaction."""
        self.database.executemany(
            "UPDATE series SET next = ? WHERE company = ? AND type = ?",
            [(following, self.batch["company"], kind) for kind, following in self.series.items()],
        )
