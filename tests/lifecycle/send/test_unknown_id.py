"""An ERP that took a part and answers 404 about it: a batch may be slow to appear, and a `Location` may be wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lifecycle_bench import Bench, order

from sobatch.sandbox import Fault

RAW = [order(number) for number in range(3)]
LONGEST_POLL = 36.0


def following(bench: Callable[..., Bench], settle: str) -> Bench:
    made = bench(list_shows_file_name=True)
    (made.folder / "sobatch.toml").write_text(f'[profiles.default]\nsettle = "{settle}"\n')
    return made


@pytest.mark.parametrize(("settle", "seconds"), [("1s", 120.0), ("10m", 600.0), ("1h", 3600.0)])
def test_an_id_is_given_up_after_the_settle_time_and_the_batch_is_looked_for(
    bench: Callable[..., Bench], settle: str, seconds: float
) -> None:
    made = following(bench, settle)
    made.erp.add_fault(Fault("submit", "foreign_location"))
    name, begun = made.file(RAW), made.clock.time
    told = made("submit", name)
    assert told.code == 10, told.err
    assert seconds < made.clock.time - begun < seconds + LONGEST_POLL
    assert "knows no batch" in told.err
    assert made.ask("SELECT state, remote_id FROM part") == [("accepted", None)]
    assert made.ask("SELECT state, http_status FROM attempt") == [("accepted", 201)]
    assert made("submit", name).code == 0
    assert made.posts() == 1


def test_a_batch_that_appears_within_the_settle_time_is_waited_for(bench: Callable[..., Bench]) -> None:
    made = following(bench, "10m")
    made.erp.add_fault(Fault("status", "error", status=404, times=15))
    begun = made.clock.time
    assert made("submit", made.file(RAW)).code == 0
    assert 300 < made.clock.time - begun < 600


def test_a_batch_that_was_known_and_is_no_more_is_silence(bench: Callable[..., Bench]) -> None:
    made = bench(pace=0.01)
    made.erp.add_fault(Fault("status", "error", status=404, nth=3, times=None))
    name, begun = made.file(RAW), made.clock.time
    assert made("submit", name).code == 7
    assert 900 <= made.clock.time - begun <= 1000
    assert made.ask("SELECT remote_id IS NULL FROM part") == [(0,)]
    made.erp.set_faults([])
    assert made("submit", name).code == 0 and made.posts() == 1
