"""SIGKILL at any moment of a submit in twenty parts, again and again: nothing doubled, lost or made up."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from fault_process import KILLED
from fault_world import World, raw_orders

PARTS = 20
LISTS: tuple[dict[str, Any], ...] = (
    {"list_enabled": False},
    {"list_shows_file_name": True},
    {"list_shows_total_items": True},
    {},
)
WAYS = ((), (), ("--in-flight", "3"), ("--no-wait",))
SOME_FAULTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("submit", "close", {"saved": True}),
    ("submit", "close", {}),
    ("submit", "reset_after", {"saved": True}),
    ("submit", "error", {"status": 502, "saved": True}),
    ("submit", "error", {"status": 503}),
    ("submit", "cut_body", {}),
    ("submit", "throttle", {"retry_after": "1"}),
    ("submit", "no_location", {}),
    ("status", "error", {"status": 500}),
    ("status", "close", {}),
    ("results", "truncated", {}),
    ("success", "cut_body", {}),
    ("results", "close", {}),
    ("list", "error", {"status": 503}),
)


def killed_somewhere(world: World, dice: random.Random, longest: float) -> int:
    """Start the command, in one of the ways to wait, and kill it after a random time. Its code."""
    child = world.begin(*world.submit_line, *dice.choice(WAYS))
    time.sleep(dice.uniform(0.0, longest))
    child.signal(signal.SIGKILL)
    return child.ended().code


def one_life(make: Callable[..., World], dice: random.Random, tally: Counter[str], longest: float, faults: int) -> None:
    """One file from its first submit to its end, with a death or more in between."""
    world = make(raw_orders(PARTS), **dice.choice(LISTS))
    try:
        for _ in range(faults):
            where, action, how = dice.choice(SOME_FAULTS)
            world.erp.fault(where, action, nth=dice.randint(1, PARTS), **how)
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            code = killed_somewhere(world, dice, longest)
            tally["killed" if code == KILLED else "too late"] += 1
            world.verify(code if code != 0 else None)  # with --no-wait, 0 means that all were sent
        codes = world.finish()
        tally["ended in doubt first"] += codes[0] == 10
        assert codes[-1] == 0, codes
        assert sum(world.erp.created().values()) == PARTS
        tally["lives"] += 1
    finally:
        world.close()


def kill_loop(make: Callable[..., World], wanted: int, faults: int) -> Counter[str]:
    """Lives with so many deaths in them."""
    seed = int(os.environ.get("SOBATCH_FAULT_SEED") or int.from_bytes(os.urandom(4), "big"))
    dice, tally = random.Random(seed), Counter[str]()
    try:
        alone = make(raw_orders(PARTS))
        longest = alone.submit().seconds
        alone.close()
        while tally["killed"] < wanted:
            one_life(make, dice, tally, longest, faults)
    except BaseException as error:
        error.add_note(f"repeat with SOBATCH_FAULT_SEED={seed}; so far {dict(tally)}")
        raise
    return tally


def test_some_random_kills(world: Callable[..., World], record_property: Callable[[str, object], None]) -> None:
    record_property("tally", str(dict(kill_loop(world, 24, faults=0))))


def test_some_random_kills_beside_an_unreliable_erp(
    world: Callable[..., World], record_property: Callable[[str, object], None]
) -> None:
    record_property("tally", str(dict(kill_loop(world, 12, faults=3))))


@pytest.mark.full
@pytest.mark.parametrize("faults", [0, 0, 3, 3])
def test_four_hundred_random_kills(
    world: Callable[..., World], faults: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("tally", str(dict(kill_loop(world, 100, faults=faults))))
