"""What is said of an end that is not proved, and what looking again without anything new costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lifecycle_bench import Bench, Told, order, orders_in, prints

from sobatch.sandbox import Fault

RAW = [order(number) for number in range(3)]


def entries(*numbers: int, **members: Any) -> list[dict[str, Any]]:
    """Entries of the success list."""
    usual = {"customerId": "1000", "transactionType": "SO"} | members
    return [{"externalOrderId": f"E{number:05d}", **usual} for number in numbers]


def told(made: Bench, where: str, body: object) -> None:
    """From now on, an answer in place of the true one."""
    made.erp.add_fault(Fault(where, "custom", status=200, body=json.dumps(body), times=None))


def reasons(ended: Told) -> list[dict[str, Any]]:
    """What stands beside the reject file."""
    lines = Path(ended.run["rejects_file"]).with_suffix(".ndjson").read_text().splitlines()
    return [json.loads(line) for line in lines]


SAID = {
    "an entry of nobody's": (3, 0, entries(0, 1) + entries(7), "1 created entries are those of no order that was sent"),
    "more than was sent": (5, 0, entries(0, 1, 2), "the status says 5 processed and 0 failed"),
    "fewer than was sent": (None, None, entries(0, 1), "0 failed and 2 created, which cannot be all of the 3 sent"),
}


@pytest.mark.parametrize("name", SAID)
def test_lists_that_contradict_are_named(bench: Callable[..., Bench], name: str) -> None:
    processed, failed, created, words = SAID[name]
    made = bench()
    told(made, "status", {"status": "T", "processedItems": processed, "validationErrorCount": failed})
    told(made, "success", created)
    told(made, "results", [])
    ended = made("submit", made.file(RAW))
    assert ended.code == 12, ended.err
    (message,) = made.ask("SELECT message FROM part")[0]
    assert words in message


def test_a_look_that_finds_nothing_new_writes_nothing(bench: Callable[..., Bench]) -> None:
    made = bench()
    told(made, "success", entries(1))
    ended = made("submit", made.file(RAW))
    assert ended.code == 12
    told_of = "SELECT count(*) FROM event"
    assert made("status", ended.run["run"]).run["ledger"]["unknown"] == 2
    before = made.ask(told_of)
    assert made("status", ended.run["run"]).run["ledger"]["unknown"] == 2
    assert made.ask(told_of) == before


@pytest.mark.parametrize("steady", [True, False])
def test_an_absence_is_proved_later_only_by_lists_that_stay_as_they_are(
    bench: Callable[..., Bench], steady: bool
) -> None:
    """A batch that was cancelled, whose success list was longer than its count for a while."""
    made = bench()
    told(made, "status", {"status": "C", "processedItems": 1, "validationErrorCount": 0})
    told(made, "success", [])
    ended = made("submit", made.file(RAW))
    assert ended.run["ledger"]["unknown"] == 3, ended.err
    run = ended.run["run"]
    made.erp.set_faults([])
    told(made, "status", {"status": "C", "processedItems": 1, "validationErrorCount": 0})
    told(made, "success", entries(0))
    first = made("status", run)
    assert first.run["ledger"]["created"] == 1 and first.run["ledger"]["unknown"] == 2
    made.clock.time += 700
    if not steady:
        made.erp.set_faults([])
        told(made, "status", {"status": "C", "processedItems": 2, "validationErrorCount": 0})
        told(made, "success", entries(0, 1))
    later = made("status", run, "--exit-code")
    assert later.run["ledger"]["not_created"] == (2 if steady else 0), later.err
    if steady:
        assert prints(orders_in(later.run["remaining_file"])) == prints(RAW[1:])


def test_the_words_of_a_refusal_that_is_told_twice_are_all_kept(bench: Callable[..., Bench]) -> None:
    made = bench()
    told(made, "status", {"status": "T", "processedItems": 3, "validationErrorCount": 1})
    told(made, "success", entries(0, 1))
    words = ("no such customer", "no such product")
    told(made, "results", [entries(2)[0] | {"notificationMessages": [{"message": each}]} for each in words])
    (reason,) = reasons(made("submit", made.file(RAW)))
    assert [each["text"] for each in reason["messages"]] == list(words) and reason["twins"] is False


def test_a_refusal_of_one_of_two_equal_orders_is_said_to_be_either_s(bench: Callable[..., Bench]) -> None:
    made = bench()
    told(made, "status", {"status": "T", "processedItems": 2, "validationErrorCount": 1})
    told(made, "success", [{"customerId": "1000"}])
    told(made, "results", [{"message": "no"}])
    ended = made("submit", made.file([order(0, externalOrderId=None)] * 2))
    assert ended.code == 4 and [reason["twins"] for reason in reasons(ended)] == [True]
