"""Every status from 100 to 599 as the answer to a send, over a socket: the documented exit code, and no second send
that the table does not allow. The table itself, for all kinds of calls, is tested beside the HTTP layer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fault_world import World, raw_orders

REFUSED = (400, 404, 405, 413, 415, 422)


def documented(status: int) -> tuple[int, int]:
    """The exit code, and how many sends there may be."""
    if status in (401, 429):
        return 0, 2
    return {403: 6, **dict.fromkeys(REFUSED, 5)}.get(status, 10), 1


def answered_with(make: Callable[..., World], status: int) -> None:
    """One submit whose send is answered so, the orders not being saved and no batch being named."""
    world = make(raw_orders(1), list_enabled=False)
    try:
        world.erp.fault("submit", "custom", status=status, body='{"message": "so it is"}')
        ran = world.submit()
        # An acknowledged part without a name cannot be found by the truth of an ERP that never took it.
        if status != 201:
            world.verify(ran.code)
        assert (ran.code, world.erp.posts()) == documented(status), f"{status}: {ran.code}, {ran.err}"
    finally:
        world.close()


@pytest.mark.parametrize(
    "status", [*range(100, 104), *range(200, 209), *range(300, 309), *range(400, 432), 451, *range(500, 512), 599]
)
def test_a_status_that_has_a_name(world: Callable[..., World], status: int) -> None:
    answered_with(world, status)


@pytest.mark.full
@pytest.mark.parametrize("hundred", [1, 2, 3, 4, 5])
def test_every_status(world: Callable[..., World], hundred: int) -> None:
    for status in range(hundred * 100, hundred * 100 + 100):
        answered_with(world, status)
