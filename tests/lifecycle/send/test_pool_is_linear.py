"""An order that goes out by itself costs the same among many, and asks nothing of the journal that grows."""

from __future__ import annotations

from pathlib import Path

import pytest
from pool_world import World
from watched import Watched, growing


@pytest.mark.parametrize("in_flight", [1, 4])
def test_an_order_costs_the_same_among_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_flight: int) -> None:
    costs = []
    for count in (20, 120):
        world = World(tmp_path / f"{count}", orders=count).plan()
        with monkeypatch.context() as patch:
            watched = Watched(patch)
            assert world.carry(in_flight=in_flight) == 0
        costs.append(watched.steps / count)
        assert growing(world.folder, watched.asked) == {}
    assert costs[1] < 1.1 * costs[0], costs
