"""The work of whole runs is linear, and an earlier run costs a new one nothing: CPU of this process, in ratios."""

from __future__ import annotations

import pytest
from whole_runs import Cost, cost

ONE = ("--max-orders", "1")

pytestmark = pytest.mark.full


def each(done: Cost) -> float:
    return done.cpu / done.orders


def test_a_part_costs_the_same_however_many_there_are() -> None:
    cost(2, *ONE)
    few, more, many = (each(cost(count, *ONE)) for count in (100, 1_000, 10_000))
    assert 0.8 <= more / few <= 1.2 and 0.8 <= many / few <= 1.2


def test_an_order_in_a_large_part_costs_the_same_however_many_there_are() -> None:
    """What every run costs, an empty one too, is no cost of an order."""
    cost(2)
    base = cost(2).cpu
    few, many = ((cost(count).cpu - base) / count for count in (10_000, 100_000))
    assert 0.8 <= many / few <= 1.2


def test_a_long_history_costs_a_new_run_nothing() -> None:
    cost(2)
    short, long = (cost(100_000, history=history).cpu for history in (100_000, 10_000_000))
    assert long <= 2 * short
