"""The work of a run grows with its parts and no faster, and an earlier run costs a new one nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lifecycle_bench import Bench, order
from watched import Watched, growing

from sobatch.sandbox import Fault


def test_every_question_of_a_run_has_an_index(bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent, doubted, looked for, resolved, followed, cancelled, told: every question on the way has an index."""
    made = bench(list_enabled=False)
    assert made("status", "--list").code == 0  # makes the tables
    watched = Watched(monkeypatch)
    made.erp.add_fault(Fault("submit", "close", nth=3))
    name = made.file([order(number, externalReference="PO-1") for number in range(5)])
    told = made("submit", name, "--max-orders", "1")
    run = told.run["run"]
    digest = next(part["sha256"] for part in told.run["parts"] if part["state"] == "unknown")
    assert told.code == 10 and made("status").code == 0 and made("results").code == 0
    assert made("resolve", run, "3", "--not-received", "--confirm", digest[:8]).code == 0
    assert made("submit", name).code == 0
    more = made.file([order(number) for number in range(10, 13)], "more.json")
    assert made("submit", more, "--no-wait").code == 0
    assert made("cancel", "--yes").code in (0, 9)
    made("status", told.run["parts"][0]["remote_id"])
    assert growing(made.state, watched.asked) == {}
    assert len(watched.asked) > 100


@pytest.mark.parametrize("wait", [(), ("--no-wait",)])
def test_a_part_costs_the_same_among_many(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch, wait: tuple[str, ...]
) -> None:
    """Steps of SQLite's machine for each part, in a run of ten and in one of sixty."""
    made = bench()
    watched, costs = Watched(monkeypatch), []
    for count in (10, 60):
        name = made.file([order(count * 1000 + number) for number in range(count)], f"{count}.json")
        watched.steps = 0
        assert made("submit", name, "--max-orders", "1", *wait).code == 0
        assert made("submit", name).code == 0
        costs.append(watched.steps / count)
    assert costs[1] < 1.1 * costs[0], costs
