"""A run of more parts than anybody reads: told by state, and one by one only what needs a look."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from lifecycle_bench import Bench, order

import sobatch.lifecycle.submit
import sobatch.lifecycle.told.report
from sobatch.sandbox import Fault
from sobatch.show.human import Style
from sobatch.show.prose.runs import write_run
from sobatch.show.prose.submission import write_outcome

COUNT, MOST = 8, 5


@pytest.fixture
def made(bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A bench on which more than five parts are many."""
    for module in (sobatch.lifecycle.told.report, sobatch.lifecycle.submit):
        monkeypatch.setattr(module, "MOST_TOLD", MOST)
    return bench(list_enabled=False)


def words(write: Callable[..., None], facts: dict[str, Any]) -> str:
    out = io.StringIO()
    write(out, facts, Style(False))
    return out.getvalue()


@pytest.mark.parametrize("count", [MOST, COUNT])
def test_parts_are_told_one_by_one_up_to_a_number(made: Bench, count: int) -> None:
    name = made.file([order(number) for number in range(count)])
    plan = made("submit", name, "--max-orders", "1", "--dry-run").run
    assert (len(plan["parts"]), plan["part_count"], plan["set_aside"]) == (MOST, count, 0)
    assert f"{count} orders would go out in {count} parts" in words(write_outcome, plan)
    told = made("submit", name, "--max-orders", "1").run
    (settled,) = told["parts_by_state"]
    assert settled == {"state": "settled", "parts": count, "orders": count, "lines": count, "rows": 4 * count}
    assert told["part_count"] == count and [part["part"] for part in told["parts"]] == list(
        range(1, count + 1) if count == MOST else ()
    )
    by_state = [line.split() for line in words(write_run, told).splitlines() if "settled" in line]
    assert by_state[0][:2] == ([str(COUNT), "settled"] if count > MOST else ["1", "SO"])


def test_what_needs_a_look_is_still_told(made: Bench) -> None:
    made.erp.add_fault(Fault("submit", "close", nth=3))
    name = made.file([order(number) for number in range(COUNT)])
    told = made("submit", name, "--max-orders", "1", "--no-wait")
    sums = {each["state"]: each["parts"] for each in told.run["parts_by_state"]}
    assert told.code == 10 and sums == {"accepted": 2, "unknown": 1, "planned": 5}
    (part,) = told.run["parts"]
    assert (part["part"], part["state"], part["ledger"]["unknown"]) == (3, "unknown", 1)
    assert "Those that need a look" in words(write_run, told.run)
    results = json.loads(made("results", "--offline").out)["result"]
    assert [each["part"] for each in results["open_parts"]] == [3]
    assert {each["state"]: each["parts"] for each in results["open_by_state"]} == sums
    assert made("status", "--exit-code").code == 10
