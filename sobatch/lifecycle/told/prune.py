"""Retention: forget old runs that are closed and without a doubt. Never one with something open or unknown."""

from __future__ import annotations

import shutil
from pathlib import Path

from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.session import run_folder


def prune(journal: Journal, state: Path, before: float) -> list[str]:
    """Forget what closed before a moment (seconds since the epoch); returns the ids."""
    forgotten = []
    for run in journal.runs():
        if run.state != "closed" or run.closed is None or run.closed >= before:
            continue
        if journal.ledger(run.id).unknown:
            continue
        journal.forget(run.id)
        shutil.rmtree(run_folder(state, run.id), ignore_errors=True)
        forgotten.append(run.id)
    return forgotten
