"""A journal that another process writes is waited for; for one that stays busy the command ends with 7, never 12."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from lifecycle_bench import Bench, order

import sobatch.lifecycle.journal.opening
import sobatch.lifecycle.journal.plans

RAW = [order(number) for number in range(2)]
HOLD = """
import sqlite3, sys
journal = sqlite3.connect(sys.argv[1], isolation_level=None)
journal.execute("BEGIN " + sys.argv[2])
journal.execute("UPDATE meta SET value = value WHERE key = 'mark'")
print("held", flush=True)
sys.stdin.readline()
journal.execute("ROLLBACK")
"""


@contextmanager
def held(path: Path, how: str) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a write, until it is told to let go."""
    command = [sys.executable, "-c", HOLD, str(path), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stdout.readline() == "held\n"
        yield child
        if child.poll() is None:
            child.communicate("let go\n")


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_busy_journal_is_temporary(bench: Callable[..., Bench], how: str) -> None:
    made = bench()
    assert made("submit", made.file(RAW)).code == 0
    made.patch.setattr(sobatch.lifecycle.journal.opening, "_BUSY_SECONDS", 0.05)
    name = made.file([order(9)], "other.json")
    with held(made.state / "journal.sqlite", how):
        told = made("submit", name)
        assert told.code == 7 and "in use by another process" in told.err, told.err
    assert made.posts() == 1 and made("submit", name).code == 0


def test_a_busy_journal_is_waited_for(bench: Callable[..., Bench]) -> None:
    """The other process lets go at the third try."""
    made = bench()
    assert made("submit", made.file(RAW)).code == 0
    made.patch.setattr(sobatch.lifecycle.journal.opening, "_BUSY_SECONDS", 0.05)
    tries = 0
    real = sobatch.lifecycle.journal.plans.is_busy
    with held(made.state / "journal.sqlite", "IMMEDIATE") as child:

        def counted(error: object) -> bool:
            nonlocal tries
            tries += 1
            if tries == 3:
                child.communicate("let go\n")
            return real(error)  # type: ignore[arg-type]

        made.patch.setattr(sobatch.lifecycle.journal.plans, "is_busy", counted)
        assert made("submit", made.file([order(9)], "other.json")).code == 0
    assert tries == 3 and made.posts() == 2
