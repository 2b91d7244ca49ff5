"""SIGKILL at any moment of a submit in twenty parts, again and again: nothing doubled, nothing lost, nothing made up."""

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
SOME_FAULTS = (
    ("submit", "close", {"saved": True}), ("submit", "close", {}), ("submit", "reset_after", {"saved": True}),
    ("submit", "error", {"status": 502, "saved": True}), ("submit", "error", {"status": 503}),
    ("submit", "cut_body", {}), ("submit", "throttle", {"retry_after": "1"}), ("submit", "no_location", {}),
    ("status", "error", {"status": 500}), ("status", "close", {}), ("results", "truncated", {}),
    ("success", "cut_body", {}), ("results", "close", {}), ("list", "error", {"status": 503}),
)


def killed_somewhere(world: World, dice: random.Random, longest: float) -> tuple[int, float]:
    """Start the command and kill it after a random time. Its code, and the time."""
    moment = dice.uniform(0.0, longest)
    child = world.begin(*world.submit_line)
    time.sleep(moment)
    child.signal(signal.SIGKILL)
    return child.ended().code, moment


def one_life(make: Callable[..., World], dice: random.Random, tally: Counter[str], longest: float, faults: int) -> float:
    """One file from its first submit to its end, with a death or more in between. Returns how long it took alive."""
    world = make(raw_orders(PARTS), **dice.choice(LISTS))
    try:
        for _ in range(faults):
            where, action, how = dice.choice(SOME_FAULTS)
            world.erp.fault(where, action, nth=dice.randint(1, PARTS), **how)
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            code, _ = killed_somewhere(world, dice, longest)
            tally["killed" if code == KILLED else "too late"] += 1
            world.verify(code)
        started = time.monotonic()
        codes = world.finish()
        tally["commands"] += len(codes) + 1
        tally["ended unknown first"] += codes[0] == 10
        assert codes[-1] == 0, codes
        tally["orders"] += sum(world.erp.created().values())
        return time.monotonic() - started
    finally:
        world.close()


def kill_loop(make: Callable[..., World], wanted: int, faults: int) -> Counter[str]:
    seeds = [int(word) for word in os.environ.get("SOBATCH_FAULT_SEEDS", "").split(",") if word] or [
        int.from_bytes(os.urandom(4), "big"), int.from_bytes(os.urandom(4), "big")]
    tally: Counter[str] = Counter()
    try:
        for seed in seeds:
            dice = random.Random(seed)
            alone = make(raw_orders(PARTS))
            longest = alone.submit().seconds
            alone.close()
            while tally["killed"] < wanted * (seeds.index(seed) + 1) // len(seeds):
                one_life(make, dice, tally, longest, faults)
                tally["lives"] += 1
    except BaseException:
        print(f"\nrepeat with SOBATCH_FAULT_SEEDS={','.join(map(str, seeds))}; so far {dict(tally)}")
        raise
    assert tally["orders"] == tally["lives"] * PARTS
    print(f"\nrandom kills, seeds {seeds}: {dict(tally)}, created twice 0, lost 0")
    return tally


def test_some_random_kills(world: Callable[..., World]) -> None:
    kill_loop(world, 24, faults=0)


def test_some_random_kills_beside_an_unreliable_erp(world: Callable[..., World]) -> None:
    kill_loop(world, 12, faults=3)


@pytest.mark.full
def test_four_hundred_random_kills(world: Callable[..., World]) -> None:
    assert kill_loop(world, 400, faults=0)["killed"] >= 400


@pytest.mark.full
def test_two_hundred_random_kills_beside_an_unreliable_erp(world: Callable[..., World]) -> None:
    assert kill_loop(world, 200, faults=3)["killed"] >= 200
