"""A user's state folder as version efb2771 left it (schema 1), with the files that its runs were made from.

`schema_1/` was written by that program: a closed run; one with a part whose answer was lost; one begun with
`--skip-workflow` of which the first part was accepted; and one whose process died while it was sending.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from lifecycle_bench import Bench, order

WRITTEN = Path(__file__).parent / "schema_1"
CLOSED, DOUBTFUL = "20261121-090000-vqfz", "20261121-090000-wddf"
RUNNING, DIED = "20261121-090005-jwgf", "20261121-090010-rkvw"
NUMBERS = {"closed": range(1, 3), "doubtful": range(10, 14), "running": range(20, 23), "died": range(30, 31)}
_ACCEPTED = "f774f71f-e37b-4d54-8d5b-7b42a028d20f"


def earlier_state(made: Bench) -> dict[str, str]:
    """Lay the earlier state folder down, its accepted part known to this ERP. Returns the input files by name."""
    files = {
        name: made.file([order(number) for number in numbers], f"{name}.json") for name, numbers in NUMBERS.items()
    }
    state, elsewhere = made.state, made.folder / "elsewhere"
    made.settings(STATE_DIR=str(elsewhere))
    first = made("submit", made.file([order(20)], "first.json"), "--no-wait")
    made.settings(STATE_DIR=str(state))
    shutil.copytree(WRITTEN / "runs", state / "runs")
    text = (WRITTEN / "journal.sql").read_text()
    text = text.replace("{address}", made.address).replace("{folder}", str(made.folder.resolve()))
    text = text.replace(_ACCEPTED, first.run["parts"][0]["remote_id"])
    with closing(sqlite3.connect(state / "journal.sqlite")) as journal:
        journal.executescript(text)
    return files


def shape(path: Path) -> list[tuple[str, ...]]:
    """Every table, index and trigger of a journal, blanks aside."""
    with closing(sqlite3.connect(path)) as journal:
        rows = journal.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    return [(kind, name, " ".join((sql or "").split())) for kind, name, sql in rows]
