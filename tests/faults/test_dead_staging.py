"""A staging that dies: no order of a customer's stays on the disk for longer than the next command takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from crashes import killed_at
from fault_process import KILLED
from fault_world import World, raw_orders


@pytest.mark.parametrize("moment", ["create after", "sync before", "rename after"])
def test_a_staging_that_dies_leaves_no_orders_behind(world: Callable[..., World], moment: str) -> None:
    made = world(raw_orders(3))
    died = made.submit(arm=killed_at(moment))
    runs = made.state / "runs"
    assert died.code == KILLED and list(runs.iterdir()), "it died before it had written anything"
    assert made.ask("SELECT count(*) FROM run WHERE state <> 'staging'") == [(0,)]
    assert made.finish() == [0]
    assert {folder.name for folder in runs.iterdir()} <= {run for (run,) in made.ask("SELECT id FROM run")}
    assert not [path for path in runs.rglob("*") if path.is_file()]
