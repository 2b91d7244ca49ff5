"""The counts that are kept with every verdict are those of the orders, and are proved before a run is closed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from journal_setup import earlier_state
from lifecycle_bench import Bench, order

from sobatch.sandbox import Fault


def kept(made: Bench) -> list[tuple[Any, ...]]:
    return made.ask("SELECT run, state, n FROM count WHERE n <> 0 ORDER BY 1, 2")


def counted(made: Bench) -> list[tuple[Any, ...]]:
    return made.ask("SELECT run, state, count(*) FROM orders GROUP BY 1, 2 ORDER BY 1, 2")


def test_they_follow_every_verdict(bench: Callable[..., Bench]) -> None:
    """Set aside, rejected, in doubt, called not received, created, cancelled, forgotten."""
    made = bench(list_enabled=False)
    made.erp.add_fault(Fault("submit", "close", nth=3))
    raw = [order(number) for number in range(4)] + [order(5, customerId="9999"), order(6, customerId=None)]
    name = made.file(raw)
    told = made("submit", name, "--max-orders", "1", "--set-aside-invalid")
    assert told.code == 10 and kept(made) == counted(made)
    digest = next(part["sha256"] for part in told.run["parts"] if part["state"] == "unknown")
    assert made("resolve", told.run["run"], "3", "--not-received", "--confirm", digest[:8]).code == 0
    assert kept(made) == counted(made)
    assert made("submit", name, "--set-aside-invalid").code == 4 and kept(made) == counted(made)
    made("submit", made.file([order(number) for number in range(10, 14)], "more.json"), "--no-wait")
    assert kept(made) == counted(made)
    made("cancel", "--yes")
    assert kept(made) == counted(made)
    assert len({run for run, *_ in kept(made)}) == 2
    made.clock.time += 1e6
    made("status", "--prune", "1d", "--yes")
    assert kept(made) == counted(made)


def test_a_count_that_is_not_that_of_the_orders_ends_with_12(bench: Callable[..., Bench]) -> None:
    made = bench()
    name = made.file([order(number) for number in range(3)])
    assert made("submit", name, "--no-wait").code == 0
    with closing(sqlite3.connect(made.state / "journal.sqlite", isolation_level=None)) as journal:
        journal.execute("UPDATE count SET n = 2 WHERE state = 'pending'")
        journal.execute("INSERT INTO count SELECT run, 'rejected', 1 FROM count")
    told = made("submit", name)
    assert (told.code, told.error["code"]) == (12, "ledger")
    assert made.ask("SELECT state FROM run") == [("open",)]


def test_an_earlier_journal_brings_its_counts_and_what_stood_among_its_events(bench: Callable[..., Bench]) -> None:
    made = bench(list_enabled=False, pace=0)
    earlier_state(made)
    run, part = made.ask("SELECT run, number FROM part WHERE state = 'accepted'")[0]
    facts = [("ended", 5.0, "{}"), ("lists", 6.0, '"old"'), ("ended", 7.0, "{}"), ("lists", 8.0, '"new"')]
    with closing(sqlite3.connect(made.state / "journal.sqlite", isolation_level=None)) as journal:
        for kind, at, lists in facts:
            data = f'{{"part": {part}, "lists": {lists}}}'
            journal.execute("INSERT INTO event (at, run, kind, data) VALUES (?, ?, ?, ?)", (at, run, kind, data))
    assert made("status", "--list").code == 0
    assert kept(made) == counted(made) != []
    assert made.ask("SELECT ended, lists FROM part WHERE run = ? AND number = ?", run, part) == [(7.0, "new")]
    assert made.ask("SELECT count(*) FROM part WHERE run <> ? AND lists IS NOT NULL", run) == [(0,)]
