"""Pruning previews and asks, keeps what is not over, and what it forgets is recognised all the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lifecycle_bench import Bench, order

RAW = [order(number) for number in range(3)]


def later(made: Bench) -> None:
    """A thousand days on."""
    made.clock.time += 1000 * 86400
    made.patch.setattr("sobatch.cli.commands.status.time.time", made.clock.now)


@pytest.fixture
def pruned(bench: Callable[..., Bench]) -> Bench:
    """A run that is over and forgotten."""
    made = bench(companies=frozenset({"EN", "en", "NO"}))
    run = made("submit", made.file(RAW)).run["run"]
    later(made)
    preview = made("status", "--prune", "900d")
    assert preview.code == 2 and run in preview.err and "--yes" in preview.err
    assert made.ask("SELECT count(*) FROM run") == [(1,)]
    told = made("status", "--prune", "900d", "--yes")
    assert json.loads(told.out)["result"]["forgotten"] == [run]
    assert made.ask("SELECT count(*) FROM run") == [(0,)] and made.ask("SELECT count(*) FROM orders") == [(0,)]
    return made


OTHER_KEYS = [order(number + 10) for number in range(3)]
SAME_KEY = [*OTHER_KEYS[:2], order(1, customerId="1001")]


@pytest.mark.parametrize(
    ("raw", "flags", "code"),
    [
        (RAW, (), 11),
        (RAW, ("--company-id", "default"), 11),
        (RAW, ("--company-id", "en"), 11),
        (RAW, ("--company-id", "NO"), 0),
        (RAW, ("--run-key", "w48"), 0),
        (RAW, ("--allow-duplicate",), 0),
        (SAME_KEY, (), 11),
        (SAME_KEY, ("--company-id", "en"), 11),
        (SAME_KEY, ("--allow-duplicate",), 0),
        (OTHER_KEYS, (), 0),
    ],
)
def test_what_was_forgotten_is_recognised(pruned: Bench, raw: list[bytes], flags: tuple[str, ...], code: int) -> None:
    told = pruned("submit", pruned.file(raw, "again.json"), *flags)
    assert told.code == code, told.err
    assert pruned.posts() == (2 if code == 0 else 1)


def test_rejects_that_were_not_sent_keep_their_run(bench: Callable[..., Bench]) -> None:
    made = bench()
    run = made("submit", made.file([order(1), order(2, customerId="BAD")])).run
    later(made)
    told = json.loads(made("status", "--prune", "900d", "--yes").out)["result"]
    assert told["forgotten"] == [] and told["kept"][0]["run"] == run["run"]
    assert run["rejects_file"] in told["kept"][0]["why"]
    Path(run["rejects_file"]).unlink()
    assert json.loads(made("status", "--prune", "900d", "--yes").out)["result"]["forgotten"] == [run["run"]]
