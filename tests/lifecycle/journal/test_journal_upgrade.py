"""A journal of an earlier version is upgraded in place and goes on; nobody's word is lost, nothing is sent twice."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from journal_setup import CLOSED, DOUBTFUL, RUNNING, earlier_state, shape
from lifecycle_bench import Bench

import sobatch.lifecycle.journal.upgrade
from sobatch.lifecycle.journal.opening import open_journal
from sobatch.lifecycle.journal.schema import STEPS, VERSION

_ROWS = ("run", "part", "attempt", "orders", "event", "learnt")


def rows(made: Bench) -> dict[str, list[tuple[object, ...]]]:
    """All that was written, by table."""
    return {table: sorted(made.ask(f"SELECT * FROM {table}"), key=repr) for table in _ROWS}


def test_an_earlier_journal_keeps_every_row_and_becomes_like_a_new_one(bench: Callable[..., Bench]) -> None:
    made = bench(list_enabled=False, pace=0)
    earlier_state(made)
    before = rows(made)
    assert made("status", "--list").code == 0
    after = rows(made)
    for table in _ROWS:
        columns = len(before[table][0]) if before[table] else 0
        assert [row[:columns] for row in after[table]] == before[table]
    fresh = made.folder / "fresh"
    fresh.mkdir()
    open_journal(fresh, made.clock.now).close()
    assert shape(made.state / "journal.sqlite") == shape(fresh / "journal.sqlite")
    assert ("schema_version", str(VERSION)) in made.ask("SELECT * FROM meta")
    assert {key for (key,) in made.ask("SELECT key FROM meta")} == {
        "schema_version", "min_reader", "created", "journal_id", "mark",
    }  # fmt: skip


def test_runs_of_an_earlier_journal_go_on(bench: Callable[..., Bench]) -> None:
    made = bench(list_enabled=False, pace=0)
    files = earlier_state(made)
    made.erp.options = made.erp.options.with_values({"pace": None})
    posts = made.posts()
    told = {name: made("submit", path) for name, path in files.items()}
    assert {name: each.code for name, each in told.items()} == {"closed": 0, "doubtful": 10, "running": 0, "died": 10}
    assert told["closed"].run["run"] == CLOSED and told["closed"].run["submitted_before"]
    assert told["running"].run["run"] == RUNNING and made.posts() == posts + 2
    assert set(made.created().values()) == {1}
    digest = next(part["sha256"] for part in told["doubtful"].run["parts"] if part["state"] == "unknown")
    assert made("resolve", DOUBTFUL, "2", "--not-received", "--confirm", digest[:8]).code == 0
    assert made("submit", files["doubtful"]).code == 0 and made.posts() == posts + 5


def test_the_copy_made_before_is_private_and_whole(bench: Callable[..., Bench]) -> None:
    made = bench(list_enabled=False, pace=0)
    earlier_state(made)
    before = rows(made)
    (made.state / "journal.sqlite.schema-1").write_bytes(b"half a copy that a crash left")
    assert made("status", "--list").code == 0
    (copy,) = made.state.glob("journal.sqlite.*")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as journal:
        assert {table: sorted(journal.execute(f"SELECT * FROM {table}"), key=repr) for table in _ROWS} == before


def statements(step: int) -> int:
    return sum(1 for _ in sobatch.lifecycle.journal.upgrade._statements(STEPS[step].sql))


@pytest.mark.parametrize(
    ("step", "nth"), [(step, nth) for step in range(1, VERSION) for nth in (1, 3, statements(step))]
)
def test_an_upgrade_that_dies_begins_again(bench: Callable[..., Bench], step: int, nth: int) -> None:
    """The nth statement of a step fails: nothing of the step stays, and the next command takes it whole."""
    made = bench(list_enabled=False, pace=0)
    earlier_state(made)
    real, left = sobatch.lifecycle.journal.upgrade._statements, sum(map(statements, range(1, step))) + nth

    def failing(sql: str) -> Iterator[str]:
        nonlocal left
        for statement in real(sql):
            left -= 1
            if not left:
                raise sqlite3.OperationalError("disk I/O error")
            yield statement

    with made.patch.context() as patch:
        patch.setattr(sobatch.lifecycle.journal.upgrade, "_statements", failing)
        assert made("status", "--list").code == 12
    with closing(sqlite3.connect(made.folder / "before")) as before:
        before.executescript("".join(each.sql for each in STEPS[:step]))
    assert shape(made.state / "journal.sqlite") == shape(made.folder / "before")
    assert ("schema_version", str(step)) in made.ask("SELECT * FROM meta")
    assert made("status", "--list").code == 0
    assert ("schema_version", str(VERSION)) in made.ask("SELECT * FROM meta")


@pytest.mark.parametrize("key", ["min_reader", "schema_version"])
@pytest.mark.parametrize("value", ["two", "", "-1", "1.5", "٢", "9" * 400, None])
def test_a_version_that_is_no_number_is_refused_and_left_alone(
    bench: Callable[..., Bench], key: str, value: str | None
) -> None:
    made = bench()
    made.state.mkdir()
    open_journal(made.state, made.clock.now).close()
    path = made.state / "journal.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as journal:
        if value is None:
            journal.execute("DELETE FROM meta WHERE key = ?", (key,))
        else:
            journal.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))
    before = path.read_bytes()
    told = made("status")
    assert told.code == 12 and f"its {key} is" in told.err and "move" not in told.err
    assert path.read_bytes() == before
