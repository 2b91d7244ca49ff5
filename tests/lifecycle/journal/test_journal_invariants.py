"""What the journal itself makes impossible, whatever the code above it does."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from lifecycle_bench import Bench, order

from sobatch.sandbox import Fault

ATTEMPT = "INSERT INTO attempt (run, part, state, started) SELECT run, number, 'sending', 0 FROM part"
STEP = "INSERT INTO step (run, part, attempt, name, state, at) SELECT run, part, id, 'y', '{state}', 0 FROM attempt"
COLUMNS = "created, source, erp, address, company, run_key, content, stored, settings, version"
FORBIDDEN = {
    "a second attempt at a part that was accepted": ATTEMPT + " WHERE number = 1",
    "a second attempt at a part that is unknown": ATTEMPT + " WHERE number = 2",
    "an attempt that is sent again": "UPDATE attempt SET state = 'sending'",
    "an order that is sent by two attempts": "UPDATE orders SET live = live + 100 WHERE live IS NOT NULL",
    "two open runs of the same content": f"INSERT INTO run (id, state, {COLUMNS}) "
    f"SELECT 'x', 'open', {COLUMNS} FROM run",
    "two parts with the same receipt": "UPDATE part SET remote_id = (SELECT remote_id FROM part WHERE number = 1)"
    " WHERE number = 2",
    "an event that is changed": "UPDATE event SET kind = 'nothing'",
    "a state that nobody knows": "UPDATE part SET state = 'fine'",
    "an order in a place that nobody knows": "UPDATE orders SET state = 'lost'",
    "a part of no run": "INSERT INTO part (run, number, grouping, orders, lines, rows, file, size, sha256, text_sha256,"
    " state) SELECT 'x', number, grouping, orders, lines, rows, file, size, sha256, text_sha256, state FROM part",
    "a step that is done before it was begun": STEP.format(state="done") + " WHERE state = 'sending'",
    "a step of an attempt that has ended": STEP.format(state="sending") + " WHERE state <> 'sending'",
    "a step that is begun again": "UPDATE step SET state = 'sending' WHERE state = 'unknown'",
    "a step that is done and refused": "UPDATE step SET state = 'refused' WHERE state = 'done'",
    "a step that is refused and done": "UPDATE step SET state = 'done' WHERE state = 'refused'",
    "a step that is done twice": STEP.format(state="sending").replace("'y'", "'done'") + " WHERE state = 'sending'",
    "a step made again beside its own doubt": STEP.format(state="sending").replace("'y'", "'unknown'")
    + " WHERE state = 'sending'",
}


@pytest.fixture
def journal(bench: Callable[..., Bench]) -> Iterator[sqlite3.Connection]:
    """A run whose first part was created, whose second is unknown, and whose third is being sent, step by step."""
    made = bench(list_enabled=False)
    made.erp.add_fault(Fault("submit", "close", nth=2))
    assert made("submit", made.file([order(number) for number in range(3)]), "--max-orders", "1").code == 10
    with closing(sqlite3.connect(made.state / "journal.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(ATTEMPT + " WHERE number = 3")
        for state in ("done", "refused", "unknown"):
            begun = STEP.format(state="sending").replace("'y'", f"'{state}'") + " WHERE state = 'sending'"
            connection.execute(begun)
            connection.execute("UPDATE step SET state = ?1 WHERE name = ?1", (state,))
        yield connection


@pytest.mark.parametrize("what", FORBIDDEN)
def test_it_cannot_be_recorded(journal: sqlite3.Connection, what: str) -> None:
    before = list(journal.iterdump())
    with pytest.raises(sqlite3.IntegrityError):
        journal.execute(FORBIDDEN[what])
    assert list(journal.iterdump()) == before


def test_a_refused_step_is_begun_again(journal: sqlite3.Connection) -> None:
    journal.execute(STEP.format(state="sending").replace("'y'", "'refused'") + " WHERE state = 'sending'")
    assert journal.execute("SELECT count(*) FROM step WHERE name = 'refused'").fetchone() == (2,)
