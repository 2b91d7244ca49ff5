"""What commands ask of their journals: the plan of each question, and the steps of SQLite's machine for all of them."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import sobatch.lifecycle.journal.opening
from sobatch.lifecycle.journal.queries import Queries

# Each reads all orders, parts or events of the whole journal, and only when somebody asks for just that.
GROWING = re.compile(r"SCAN (a|p|o|part|attempt|orders|event|step)\b(?! USING COVERING INDEX orders_in_doubt)")
_READS_THE_RUN = re.compile(r"USING (PRIMARY KEY|INDEX (?!\w+_in_doubt )\w+) \(run=\?\)")
_STEPS = 100


class Watched:
    """What the commands of a test ask of their journals, and how many steps of SQLite's machine it took."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.steps = 0
        self.asked: set[str] = set()
        real = sqlite3.connect

        def connect(path: Any, *rest: Any, **more: Any) -> sqlite3.Connection:
            connection = real(path, *rest, **more)
            if str(path).endswith("journal.sqlite"):
                connection.set_trace_callback(self.asked.add)
                connection.set_progress_handler(self._count, _STEPS)
            return connection

        patch.setattr(sobatch.lifecycle.journal.opening.sqlite3, "connect", connect)
        patch.setattr(Queries, "heed", lambda journal, asked: None)

    def _count(self) -> int:
        self.steps += _STEPS
        return 0


def growing(state: Path, statements: set[str]) -> dict[str, list[str]]:
    """The statements that read all of a table that grows, each with SQLite's plan."""
    found = {}
    with closing(sqlite3.connect(state / "journal.sqlite")) as journal:
        Queries(journal)
        for text in statements:
            if text.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")):
                found[text] = [row[3] for row in journal.execute(f"EXPLAIN QUERY PLAN {text}")]
    return {text: plan for text, plan in found.items() if GROWING.search("\n".join(plan)) or _whole_run(text, plan)}


def _whole_run(text: str, plan: list[str]) -> bool:
    """Whether a question about one part, or parts in one state, reads all of the run."""
    where = text.split(" WHERE ")[-1]
    narrow = re.search(r"\b(part|number) = ", where) or ("FROM part" in text and "state = " in where)
    return bool(narrow) and any(_READS_THE_RUN.search(step) for step in plan)
