"""Fifty processes submit the same file at once: one sends, the others leave at once."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_world import World, raw_orders

import sobatch.cli.main
import sobatch.lifecycle.submit

CROWD = 50


def watched(log: Path) -> Callable[[], None]:
    """What arms a child: it writes down how often it waited after it had asked for the lock."""

    def arm() -> None:
        lock, main = sobatch.lifecycle.submit.sender_lock, sobatch.cli.main.main
        wait, waits = time.sleep, 0

        def waiting(seconds: float) -> None:
            nonlocal waits
            waits += 1
            wait(seconds)

        @contextlib.contextmanager
        def asking(*arguments: Any) -> Iterator[None]:
            time.sleep = waiting
            with lock(*arguments):
                yield

        def ending() -> int:
            code = main()
            log.write_text(str(waits))
            return code

        sobatch.lifecycle.submit.sender_lock = asking
        sobatch.cli.main.main = ending

    return arm


def crowd(make: Callable[..., World], parts: int) -> None:
    """One round."""
    world = make(raw_orders(parts))
    try:
        world.erp.fault("submit", "late", seconds=1.0)
        logs = [world.folder / f"log-{number}" for number in range(CROWD)]
        children = [world.begin(*world.submit_line, arm=watched(log), real_time=True) for log in logs]
        ends = [child.ended() for child in children]
        waits = [int(log.read_text()) for log in logs]
        codes = Counter(ran.code for ran in ends)
        assert world.erp.posts() == parts and codes[7] == CROWD - codes[0]
        # Who came after the one sender had ended found a closed run, and ends with its code.
        sent = [ran for ran in ends if '"submitted_before":false' in ran.out]
        assert len(sent) == 1 and codes[0] >= 1
        assert not any(count for ran, count in zip(ends, waits, strict=True) if ran is not sent[0]), "somebody waited"
        world.verify(0)
        assert len(world.ask("SELECT id FROM run")) == 1
    finally:
        world.close()


def test_of_fifty_processes_one_sends(world: Callable[..., World]) -> None:
    crowd(world, 3)


@pytest.mark.full
def test_of_fifty_processes_one_sends_again_and_again(world: Callable[..., World]) -> None:
    for _ in range(10):
        crowd(world, 5)
