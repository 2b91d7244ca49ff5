"""Retention: forget old runs that are closed and without anything open. Digests stay, so that they are recognised."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.journal.rows import RunRow
from sobatch.lifecycle.session import run_folder


@dataclass(frozen=True, slots=True)
class Prunable:
    """Old runs: those to forget, and those that are kept, each with the reason."""

    forget: tuple[RunRow, ...]
    keep: tuple[tuple[RunRow, str], ...]


def prunable(journal: Journal, before: float) -> Prunable:
    """What closed before a moment (seconds since the epoch). Changes nothing."""
    runs = journal.runs()
    forget: list[RunRow] = []
    keep: list[tuple[RunRow, str]] = []
    for run in runs:
        if run.state != "closed" or run.closed is None or run.closed >= before:
            continue
        if journal.ledger(run.id).unknown:
            keep.append((run, "some of its orders are unknown"))
        elif run.rejects and Path(run.rejects).exists() and not _sent_again(run.rejects, runs):
            keep.append((run, f"its reject file was not sent yet: {run.rejects}"))
        else:
            forget.append(run)
    return Prunable(tuple(forget), tuple(keep))


def prune(journal: Journal, state: Path, runs: Iterable[RunRow]) -> list[str]:
    """Forget these runs; returns their ids."""
    forgotten = []
    for run in runs:
        journal.forget(run.id)
        shutil.rmtree(run_folder(state, run.id), ignore_errors=True)
        forgotten.append(run.id)
    return forgotten


def _sent_again(rejects: str, runs: Iterable[RunRow]) -> bool:
    """Whether the reject file is the input of a run itself."""
    path = Path(rejects)
    return any(Path(run.source).name == path.name and run.folder == str(path.parent) for run in runs)
