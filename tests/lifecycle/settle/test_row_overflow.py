"""An ERP that makes more rows than the formula says: everything is created once, and the next file fits at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lifecycle_bench import Bench, order, prints

MOST_ROWS = 100
ORDERS = 60  # of one line each: 4 rows by the formula


def overflowing(bench: Callable[..., Bench], factor: float, overflow: str) -> Bench:
    """A bench whose ERP makes so many times the rows."""
    made = bench(max_rows=MOST_ROWS, row_factor=factor, overflow=overflow)
    made.settings(MAX_ROWS=str(MOST_ROWS))
    return made


def rounds(made: Bench, run: str) -> int:
    """How often the orders of one part were cut, at most."""
    parents = dict(made.ask("SELECT number, parent FROM part WHERE run = ?", run))
    depths = []
    for number in parents:
        depth, above = 0, parents[number]
        while above is not None:
            depth, above = depth + 1, parents[above]
        depths.append(depth)
    return max(depths)


@pytest.mark.parametrize("overflow", ["all", "tail"])
@pytest.mark.parametrize("factor", [1.0, 1.05, 1.1, 1.3, 1.9, 2.0, 2.7, 3.9])
def test_every_order_is_created_once_and_the_lesson_is_learnt(
    bench: Callable[..., Bench], overflow: str, factor: float
) -> None:
    made = overflowing(bench, factor, overflow)
    raw = [order(number) for number in range(ORDERS)]
    told = made("submit", made.file(raw))
    assert told.code == 0, told.out
    assert made.created() == prints(raw)
    assert told.run["ledger"]["created"] == ORDERS and told.run["ledger"]["adds_up"]
    assert rounds(made, told.run["run"]) <= 2
    numbers = [number for (number,) in made.ask("SELECT number FROM part ORDER BY number")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert (rounds(made, told.run["run"]) > 0) == (factor > 1.05), "the headroom of 5 % is for that"
    more = [order(number) for number in range(ORDERS, 2 * ORDERS)]
    following = made("submit", made.file(more, "more.json"))
    assert following.code == 0 and rounds(made, following.run["run"]) == 0
    assert made.created() == prints(raw + more)


@pytest.mark.parametrize("overflow", ["all", "tail"])
def test_after_two_rounds_what_still_does_not_fit_is_rejected(bench: Callable[..., Bench], overflow: str) -> None:
    made = overflowing(bench, 30.0, overflow)
    raw = [order(number) for number in range(ORDERS)]
    told = made("submit", made.file(raw))
    assert told.code == 5 and rounds(made, told.run["run"]) == 2
    assert made.created() == prints([]) and told.run["ledger"]["rejected"] == ORDERS


@pytest.mark.parametrize("overflow", ["all", "tail"])
def test_other_refusals_are_never_sent_again(bench: Callable[..., Bench], overflow: str) -> None:
    made = overflowing(bench, 1.5, overflow)
    raw = [order(number, customerId="BAD" if number % 5 == 0 else "1000") for number in range(ORDERS)]
    good = [each for number, each in enumerate(raw) if number % 5]
    told = made("submit", made.file(raw))
    assert told.code == 4
    assert made.created() == prints(good)
    assert told.run["ledger"]["rejected"] == ORDERS - len(good)


def test_one_order_that_is_too_large_alone_is_not_cut(bench: Callable[..., Bench]) -> None:
    made = overflowing(bench, 30.0, "all")
    told = made("submit", made.file([order(1)]))
    assert (told.code, made.posts()) == (5, 1)


def test_a_cut_survives_a_restart(bench: Callable[..., Bench]) -> None:
    made = overflowing(bench, 1.5, "all")
    made.erp.options = made.erp.options.with_values({"pace": 1.0})
    raw = [order(number) for number in range(ORDERS)]
    name = made.file(raw)
    for _ in range(40):
        told = made("submit", name, "--timeout", "7s")
        if told.code != 8:
            break
    assert told.code == 0, told.err
    assert made.created() == prints(raw)
