"""The journal is private, never repaired by guessing, and forgets nothing that still matters."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from lifecycle_bench import Bench, order

from sobatch.sandbox import Fault

RAW = [order(number) for number in range(3)]
COMMANDS = (
    ["submit", "{file}"],
    ["status"],
    ["results"],
    ["cancel"],
    ["status", "--list"],
    ["status", "--export"],
    ["status", "--prune", "0s"],
    ["resolve", "2026", "1", "--abandon"],
)


def every_command(made: Bench, *, words: str) -> None:
    """Each command refuses, and leaves every byte of the journal as it is."""
    path = made.state / "journal.sqlite"
    before, posts = path.read_bytes(), made.posts()
    for command in COMMANDS:
        told = made(*[part.replace("{file}", made.file(RAW)) for part in command])
        assert told.code == 12 and words in told.err, (command, told.err)
        assert path.read_bytes() == before and made.posts() == posts, command


@pytest.mark.parametrize("damage", ["text", "header", "pages", "half", "empty tables"])
def test_a_damaged_journal_is_refused_and_left_alone(bench: Callable[..., Bench], damage: str) -> None:
    made = bench()
    assert made("submit", made.file(RAW)).code == 0
    path = made.state / "journal.sqlite"
    data = path.read_bytes()
    spoilt = {
        "text": b"this was a journal once\n" * 400,
        "header": b"\0" * 100 + data[100:],
        "pages": data[:4096] + b"\xa5" * (len(data) - 4096),
        "half": data[: len(data) // 2],
        "empty tables": data.replace(b"CREATE TABLE meta", b"CREATE TABLE mete"),
    }
    path.write_bytes(spoilt[damage])
    every_command(made, words="journal")


@pytest.mark.parametrize("loss", ["gone", "emptied"])
def test_a_journal_that_is_gone_beside_its_runs_is_no_fresh_start(bench: Callable[..., Bench], loss: str) -> None:
    made = bench()
    assert made("submit", made.file(RAW)).code == 0
    path = made.state / "journal.sqlite"
    path.write_bytes(b"") if loss == "emptied" else path.unlink()
    told = made("submit", made.file(RAW))
    assert told.code == 12 and "holds runs that it should know" in told.err
    assert made.posts() == 1


def test_after_an_unclean_end_the_whole_journal_is_looked_at(bench: Callable[..., Bench]) -> None:
    made = bench()
    assert made("submit", made.file(RAW)).code == 0
    path = made.state / "journal.sqlite"
    ((root, size),) = made.ask(
        "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'orders_by_content'"
    )
    cells = (root - 1) * size + 3
    with path.open("r+b") as file:
        file.seek(cells)
        file.write(b"\0\0")  # the index has no entries any more; nothing that opens the file would notice
    assert made("status").code == 0
    path.with_name("journal.sqlite-journal").touch()
    every_command(made, words="integrity check")


def test_a_journal_of_a_newer_version_is_refused_and_left_alone(bench: Callable[..., Bench]) -> None:
    made = bench()
    assert made("submit", made.file(RAW)).code == 0
    with closing(sqlite3.connect(made.state / "journal.sqlite", isolation_level=None)) as journal:
        journal.execute("UPDATE meta SET value = '9' WHERE key IN ('schema_version', 'min_reader')")
    every_command(made, words="newer sobatch")


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277])
def test_nobody_else_can_read_the_state(bench: Callable[..., Bench], mask: int) -> None:
    made = bench(list_enabled=False)
    made.erp.add_fault(Fault("submit", "close", nth=2))
    before = os.umask(mask)
    try:
        code = made("submit", made.file(RAW), "--max-orders", "1").code
    finally:
        os.umask(before)
    assert code == 10, "an open run keeps its parts"
    everything = [made.state, *made.state.rglob("*")]
    assert len(everything) > 8
    for path in everything:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) & ~wanted == 0, path


def test_files_to_send_next_are_private_too(bench: Callable[..., Bench]) -> None:
    made = bench()
    told = made("submit", made.file([order(1), order(2, customerId="BAD")]))
    reject = Path(told.run["rejects_file"])
    assert told.code == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in (reject, reject.with_suffix(".ndjson"))} == {0o600}


def test_prune_forgets_only_what_is_over(bench: Callable[..., Bench]) -> None:
    made = bench(list_enabled=False)
    over = made("submit", made.file(RAW, "over.json")).run["run"]
    made.erp.add_fault(Fault("submit", "close"))
    doubtful = made("submit", made.file([order(10)], "doubtful.json")).run["run"]
    given_up = made("submit", made.file([order(20)], "given-up.json")).run
    assert given_up["run"] != doubtful
    made.erp.add_fault(Fault("submit", "close"))
    lost = made("submit", made.file([order(30)], "lost.json")).run
    digest = lost["parts"][0]["sha256"][:8]
    assert made("resolve", lost["run"], "1", "--abandon", "--confirm", digest).code == 0
    made.erp.options = made.erp.options.with_values({"pace": 0})
    running = made("submit", made.file([order(40)], "running.json"), "--no-wait").run["run"]
    made.clock.time += 1000 * 86400
    made.patch.setattr("sobatch.cli.commands.status.time.time", made.clock.now)
    told = json.loads(made("status", "--prune", "900d", "--yes").out)["result"]["forgotten"]
    assert sorted(told) == sorted([over, given_up["run"]])
    left = {run for (run,) in made.ask("SELECT id FROM run")}
    assert left == {doubtful, lost["run"], running}
    for table, column in (("part", "run"), ("attempt", "run"), ("orders", "run")):
        assert {run for (run,) in made.ask(f"SELECT DISTINCT {column} FROM {table}")} == left
    assert {path.name for path in (made.state / "runs").iterdir()} == left


def test_a_run_younger_than_that_stays(bench: Callable[..., Bench]) -> None:
    made = bench()
    assert made("submit", made.file(RAW)).code == 0
    made.clock.time += 30 * 86400
    made.patch.setattr("sobatch.cli.commands.status.time.time", made.clock.now)
    assert json.loads(made("status", "--prune", "400d", "--yes").out)["result"]["forgotten"] == []
    assert made("submit", made.file(RAW)).run["submitted_before"]


def test_export_tells_everything_in_lines(bench: Callable[..., Bench]) -> None:
    made = bench()
    made("submit", made.file(RAW), "--max-orders", "1")
    rows = json.loads(made("status", "--export").out)["result"]["rows"]
    assert [row["type"] for row in rows if row["type"] != "event"] == [
        "run",
        *["part"] * 3,
        *["attempt"] * 3,
        *["order"] * 3,
    ]
    assert {row["kind"] for row in rows if row["type"] == "event"} >= {"published", "accepted", "settled", "closed"}
    assert [row["remote_id"] for row in rows if row["type"] == "part"] == [each.id for each in made.erp.batches()]
    assert "sandbox" not in [value for row in rows for value in row.values()], "the secret is in the journal"
