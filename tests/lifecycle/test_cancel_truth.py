"""Cancel at every border of the pages an ERP saves: what was created and what remains are the input, each once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lifecycle_bench import Bench, order, orders_in, prints

from sobatch.sandbox import Fault

PAGE, ORDERS = 10, 45


def remaining_of(made: Bench, run: str) -> list[bytes]:
    """The orders of the file that is ready to be submitted."""
    ((path,),) = made.ask("SELECT remaining FROM run WHERE id = ?", run)
    return orders_in(path) if path else []


@pytest.mark.parametrize("moment", [0, 5, 9, 10, 11, 19, 20, 25, 30, 35, 39, 40, 44, 45])
def test_cancel_at_any_order(bench: Callable[..., Bench], moment: int) -> None:
    made = bench(pace=1.0, page_size=PAGE)
    raw = [order(number) for number in range(ORDERS)]
    assert made("submit", made.file(raw), "--no-wait").code == 0
    made.clock.time += moment
    told = made("cancel")
    assert told.code == 9, told.err
    created, remaining = made.created(), remaining_of(made, told.run["run"])
    assert created == prints(raw[: min(ORDERS, (moment // PAGE + 1) * PAGE)])
    assert created + prints(remaining) == prints(raw)
    assert told.run["ledger"]["adds_up"] and told.run["ledger"]["created"] == created.total()
    if remaining:
        made.clock.time += 1
        again = made("submit", told.run["remaining_file"])
        assert again.code == 0, again.err
    assert made.created() == prints(raw)


def test_cancel_a_run_of_several_parts_with_rejects(bench: Callable[..., Bench]) -> None:
    made = bench(pace=1.0, page_size=PAGE)
    raw = [order(number, customerId="BAD" if number % 7 == 0 else "1000") for number in range(60)]
    assert made("submit", made.file(raw), "--max-orders", "20", "--timeout", "25s").code == 8
    told = made("cancel")
    assert told.code == 9, told.err
    bad = [each for number, each in enumerate(raw) if number % 7 == 0]
    rejected = orders_in(told.run["rejects_file"])
    created, remaining = made.created(), remaining_of(made, told.run["run"])
    assert prints(rejected) <= prints(bad) and len(rejected) == told.run["ledger"]["rejected"]
    assert created + prints(remaining) + prints(rejected) == prints(raw)
    assert [part["state"] for part in told.run["parts"]] == ["settled", "cancelled", "cancelled"]
    assert made("submit", told.run["remaining_file"]).code == 4
    assert made.created() == prints([each for each in raw if each not in bad])


def test_a_cancel_that_is_not_answered_may_be_repeated(bench: Callable[..., Bench]) -> None:
    made = bench(pace=1.0, page_size=PAGE)
    raw = [order(number) for number in range(ORDERS)]
    assert made("submit", made.file(raw), "--no-wait").code == 0
    made.erp.add_fault(Fault("cancel", "close", times=8))
    assert made("cancel").code == 7
    assert made("cancel").code == 9
    assert made("cancel").code == 9
    assert made.posts() == 1


def test_a_cancelled_run_is_never_sent_by_the_next_submit(bench: Callable[..., Bench]) -> None:
    made = bench(pace=1.0, page_size=PAGE)
    name = made.file([order(number) for number in range(ORDERS)])
    made("submit", name, "--max-orders", "10", "--timeout", "5s")
    assert made("cancel", "--timeout", "0s").code == 8
    posts = made.posts()
    assert made("submit", name).code == 9
    assert made.posts() == posts


@pytest.mark.parametrize("pages", range(6))
def test_an_erp_that_crashes_after_some_pages_is_told_as_it_is(bench: Callable[..., Bench], pages: int) -> None:
    made = bench(page_size=PAGE, crash_after_pages=pages)
    raw = [order(number) for number in range(ORDERS)]
    told = made("submit", made.file(raw))
    created, remaining = made.created(), remaining_of(made, told.run["run"])
    assert created == prints(raw[: pages * PAGE])
    assert created + prints(remaining) == prints(raw)
    assert told.code == 5 and "the ERP says that its job failed" in told.err
