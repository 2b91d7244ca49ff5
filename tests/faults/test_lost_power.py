"""The power goes before the first, the second, the third ... durable operation of a submit, and what was not synced is
lost. Nothing is doubled, nothing is lost, and the same command goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fault_process import KILLED
from fault_world import World, raw_orders
from lost_power import losing_power, power_is_back


def lose_power_at_each(make: Callable[..., World], parts: int, *, syncs: bool = True, **erp: Any) -> int:
    """The loop. Returns how many operations there were."""
    nth = 0
    while True:
        nth += 1
        world = make(raw_orders(parts), list_shows_file_name=True, **erp)
        try:
            ran = world.submit(arm=losing_power(world.folder, nth, syncs=syncs))
            if not power_is_back(world.folder):
                assert ran.code == 0, ran.err
                return nth - 1
            assert ran.code == KILLED, ran.err
            world.verify()
            codes = world.finish()
            assert codes[-1] == 0, f"operation {nth}: {codes}"
        finally:
            world.close()


def test_the_power_may_go_at_any_moment(world: Callable[..., World]) -> None:
    assert lose_power_at_each(world, 1) >= 15


@pytest.mark.full
@pytest.mark.parametrize("has_list", [True, False])
@pytest.mark.parametrize("parts", [2, 5])
def test_the_power_may_go_at_any_moment_of_a_longer_run(
    world: Callable[..., World], parts: int, has_list: bool
) -> None:
    assert lose_power_at_each(world, parts, list_enabled=has_list) >= 20


def test_a_disk_that_lies_is_noticed(world: Callable[..., World]) -> None:
    """The trial itself: where nothing is ever synced, staged parts are gone and the run cannot come to its end."""
    with pytest.raises(AssertionError):
        lose_power_at_each(world, 1, syncs=False)
