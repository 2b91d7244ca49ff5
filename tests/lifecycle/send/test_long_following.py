"""Half a day of following an ERP that fails every fifth poll, on a clock that nobody waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from lifecycle_bench import Bench, order, prints

from sobatch.erp.unit4.api import Unit4
from sobatch.erp.unit4.sending import Sender
from sobatch.errors import TimeUp
from sobatch.sandbox import Fault

HOUR = 3600.0
ORDERS = 600


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_twelve_hours_with_failing_polls(bench: Callable[..., Bench], chance: float) -> None:
    made = bench(pace=ORDERS / (12 * HOUR))
    made.clock.chance = chance
    made.erp.add_fault(Fault("status", "error", status=503, probability=0.2, times=None, seed=7))
    raw = [order(number) for number in range(ORDERS)]
    begun = made.clock.time
    told = made("submit", made.file(raw))
    assert told.code == 0, told.err
    assert 12 * HOUR <= made.clock.time - begun <= 12 * HOUR + 60
    requests = Counter(each.place for each in made.erp.requests())
    failed = sum(each.fault is not None for each in made.erp.requests())
    assert failed > requests["status"] * 0.15
    # The jitter is 20 %: whoever always draws the shortest wait polls more often.
    assert sum(requests.values()) <= (1500 if chance >= 0.5 else 1850)
    assert requests["submit"] == 1 and made.created() == prints(raw)


def test_an_erp_that_falls_silent_ends_the_wait_and_not_the_work(bench: Callable[..., Bench]) -> None:
    made = bench(pace=0.01)
    made.erp.add_fault(Fault("status", "close", nth=3, times=None))
    name = made.file([order(number) for number in range(30)])
    begun = made.clock.time
    assert made("submit", name).code == 7
    assert 900 <= made.clock.time - begun <= 1000
    made.erp.set_faults([])
    assert made("submit", name).code == 0
    assert made.posts() == 1


@pytest.mark.parametrize(("limit", "hours"), [("2h", 2.0), ("90s", 0.025)])
def test_the_wait_ends_when_the_operator_said(bench: Callable[..., Bench], limit: str, hours: float) -> None:
    made = bench(pace=30 / (12 * HOUR))
    name = made.file([order(number) for number in range(30)])
    begun = made.clock.time
    assert made("submit", name, "--timeout", limit).code == 8
    assert made.clock.time - begun == pytest.approx(hours * HOUR, abs=1)
    assert made("submit", name).code == 0
    assert made.posts() == 1


@pytest.mark.parametrize("asked", ["47", "100000"])
def test_a_poll_waits_as_long_as_it_is_asked_to_but_not_for_ever(bench: Callable[..., Bench], asked: str) -> None:
    made = bench(pace=1.0)
    made.erp.add_fault(Fault("status", "error", status=503, retry_after=asked))
    assert made("submit", made.file([order(1)])).code == 0
    assert min(float(asked), 300.0) in made.clock.slept


@pytest.mark.parametrize(
    ("where", "method", "code"), [(Unit4, "status", 8), (Unit4, "prepare", 7), (Sender, "send", 7)]
)
def test_the_end_of_the_time_means_what_the_run_has_come_to(
    bench: Callable[..., Bench], where: type, method: str, code: int
) -> None:
    """Before a byte went out it is only late; once a part is at the ERP the work goes on there."""
    made = bench()

    def late(*arguments: object, **options: object) -> None:
        raise TimeUp("the time given with --timeout is over")

    name = made.file([order(number) for number in range(3)])
    with made.patch.context() as patch:
        patch.setattr(where, method, late)
        told = made("submit", name)
    assert told.code == code, told.err
    assert made.posts() == (code == 8)
    assert made("submit", name).code == 0 and made.posts() == 1
