"""SIGKILL and every kind of spoilt answer between and inside the calls of orders, four of them in progress at a time:
no order twice, no line twice, none lost, and what was half made is completed."""

from __future__ import annotations

import random
import signal
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from fault_one_by_one import OneByOneWorld, lines_of, some_orders

from sobatch.erp import names, spec_of
from sobatch.sandbox.worlds import WORLDS

ERPS = [
    name
    for name in names()
    if name != "unit4" and spec_of(name).sandbox in WORLDS and find_spec(f"sobatch.erp.{name.replace('-', '_')}.api")
]
PLACES = {"jtl": ("order", "lines"), "rambase": ("order", "item")}
SPOILT = (
    ("close", {"saved": True}),
    ("close", {}),
    ("reset_after", {"saved": True}),
    ("error", {"status": 500, "saved": True}),
    ("error", {"status": 503}),
    ("cut_body", {}),
    ("throttle", {"retry_after": "1"}),
    ("refuse", {}),
    ("html", {"saved": True}),
    ("truncated", {}),
    ("unauthorized", {}),
)
ORDERS = 10


def one_life(erp: str, folder: Path, dice: random.Random, deaths: int) -> None:
    folder.mkdir()
    faults = []
    for _ in range(2):
        action, how = dice.choice(SPOILT)
        where = dice.choice(PLACES.get(erp, ("order",)))
        faults.append({"where": where, "action": action, "nth": dice.randint(1, ORDERS), **how})
    world = OneByOneWorld(erp, folder, some_orders(erp, ORDERS), faults)
    world.open()
    try:
        for _ in range(deaths):
            child = world.begin("submit", "orders.json", "--in-flight", "4")
            time.sleep(dice.uniform(0.05, 0.6))
            child.signal(signal.SIGKILL)
            child.ended()
        ran = world.to_the_end()
        assert ran.code == 0, (faults, ran.err[-2000:])
        there, apart = world.truth()
        assert len(there) == ORDERS and set(there.values()) == {1}, (faults, there)
        if erp in PLACES:
            assert sorted(apart.elements()) == sorted(lines_of(order) for order in world.orders), (faults, apart)
        ledger = world.run("status", "--offline").facts["result"]["ledger"]
        assert ledger["created"] == ORDERS and ledger["adds_up"]
    finally:
        world.close()


@pytest.mark.parametrize("erp", ERPS)
def test_a_process_that_dies_among_faults(room: Path, erp: str) -> None:
    dice = random.Random(f"once {erp}")
    for number in range(2):
        one_life(erp, room / str(number), dice, deaths=1)


@pytest.mark.full
@pytest.mark.parametrize("erp", ERPS)
@pytest.mark.parametrize("seed", range(40))
def test_many_lives(room: Path, erp: str, seed: int) -> None:
    dice = random.Random(f"{seed} {erp}")
    one_life(erp, room / "one", dice, deaths=dice.choice((0, 1, 1, 2, 3)))


@pytest.mark.parametrize("erp", ERPS)
def test_a_signal_lets_the_orders_in_progress_come_to_their_end(room: Path, erp: str) -> None:
    """No order begins after it, nothing is left in doubt, and the same command goes on."""
    world = OneByOneWorld(erp, room, some_orders(erp, 40), latency=0.05)
    world.open()
    try:
        child = world.begin("submit", "orders.json", "--in-flight", "4")
        while not world.some_are_there():
            time.sleep(0.02)
        ran = child.interrupted(signal.SIGINT)
        assert ran.code == 130 and ran.seconds < 20.0, ran.err[-2000:]
        ledger = world.run("status", "--offline").facts["result"]["ledger"]
        there, _ = world.truth()
        assert ledger["unknown"] == 0 and 0 < ledger["created"] == len(there) < 40
        assert world.to_the_end().code == 0
        assert set(world.truth()[0].values()) == {1} and len(world.truth()[0]) == 40
    finally:
        world.close()
