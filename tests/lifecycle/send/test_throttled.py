"""A send that is answered by 429 was not processed: it is tried again as asked, some times and not too late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from lifecycle_bench import Bench, order, prints

from sobatch.sandbox import Fault

RAW = [order(1)]


@dataclass(frozen=True)
class Row:
    """How often the ERP says 429 and what it asks for; how often it is tried, and what was waited (0.5 s by chance)."""

    times: int
    asked: str | None
    code: int
    posts: int
    waited: tuple[float, ...]
    profile: str = ""


ROWS = {
    "without a word": Row(2, None, 0, 3, (2.5, 4.5)),
    "as long as it asks": Row(1, "7", 0, 2, (7.5,)),
    "five times": Row(5, "1", 0, 6, (1.5,) * 5),
    "six times": Row(6, "1", 7, 6, (1.5,) * 5),
    "five minutes": Row(1, "300", 0, 2, (300.5,)),
    "more than five minutes": Row(1, "301", 7, 1, ()),
    "not wanted": Row(1, "7", 7, 1, (), "retry_429 = false"),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_throttled_send(bench: Callable[..., Bench], row: Row) -> None:
    made = bench()
    (made.folder / "sobatch.toml").write_text(f"[profiles.default]\n{row.profile}\n")
    made.erp.add_fault(Fault("submit", "throttle", retry_after=row.asked, times=row.times))
    name = made.file(RAW)
    told = made("submit", name, "--progress", "json")
    assert told.err.count("the ERP asked to slow down (429)") == len(row.waited)
    assert (told.code, made.posts()) == (row.code, row.posts), told.err
    assert tuple(made.clock.slept[: len(row.waited)]) == row.waited
    states = [state for (state,) in made.ask("SELECT state FROM attempt ORDER BY id")]
    assert states.count("throttled") == row.times and len(states) == row.posts
    if row.code:
        assert "429" in told.err and ("wait 301 s" in told.err) == (row.asked == "301")
        made.erp.set_faults([])
        assert made("submit", name).code == 0
    assert made.created() == prints(RAW)
