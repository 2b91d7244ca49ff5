"""The end is proved: what an ERP may say of an end, what its lists then hold, and what may be called so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from lifecycle_bench import Bench, order, orders_in, prints

from sobatch.sandbox import Fault

RAW = [order(number) for number in range(3)]
SETTLE = 600.0


def said(letter: object, processed: int | None = 3, failed: int | None = 0, **more: Any) -> dict[str, Any]:
    """A status document."""
    return {"status": letter, "processedItems": processed, "validationErrorCount": failed, **more}


def told(where: str, body: object, *, nth: int = 1, times: int | None = None) -> Fault:
    """An answer in place of the true one."""
    return Fault(where, "custom", status=200, body=json.dumps(body), nth=nth, times=times)


def entries(*numbers: int) -> list[dict[str, Any]]:
    """Entries of the success list."""
    return [{"externalOrderId": f"E{number:05d}", "customerId": "1000", "transactionType": "SO"} for number in numbers]


@dataclass(frozen=True)
class Row:
    """What the ERP answers beside the truth that all three orders were created; what has to come of it, and when."""

    faults: tuple[Fault, ...]
    code: int
    counts: dict[str, int]
    waits: tuple[float, float] = (0.0, 0.0)
    options: dict[str, Any] = field(default_factory=dict)


LATE = (SETTLE, SETTLE + 61)
SOON = (1.0, 60.0)
ROWS = {
    "a plain end": Row((), 0, {"created": 3}),
    "an odd word once": Row((told("status", said("Archived"), times=1),), 0, {"created": 3}, SOON),
    "an odd word, and the lists empty": Row(
        (told("status", said("Done", 0), times=1), told("success", [], times=1)), 0, {"created": 3}, SOON
    ),
    "no word but a result": Row((told("status", {"processorResult": "Success"}),), 0, {"created": 3}),
    "a word of no page": Row((told("status", said("Finished")),), 0, {"created": 3}),
    "lists that come four seconds late": Row((), 0, {"created": 3}, (4.0, 60.0), {"results_delay": 4.0}),
    "lists that come after an hour": Row((), 12, {"unknown": 3}, LATE, {"results_delay": 3600.0}),
    "an end of another batch": Row(
        (told("status", said("T", id="00000000-0000-0000-0000-000000000000"), times=1),), 0, {"created": 3}, SOON
    ),
    "an end, and running again": Row(
        (
            told("status", said("T", 0), times=1),
            told("status", said("W", 1), nth=2, times=2),
            told("success", [], times=1),
        ),
        0,
        {"created": 3},
        SOON,
    ),
    "no list for some seconds": Row((Fault("success", "error", status=404, times=2),), 0, {"created": 3}, SOON),
    "failed once, then at work": Row(
        (told("status", said("E", 0), times=1), told("success", [], times=1)), 0, {"created": 3}, SOON
    ),
    "failed, and everything saved": Row((told("status", said("E")),), 5, {"created": 3}),
    "failed, and nothing saved": Row((told("status", said("E", 0)), told("success", [])), 5, {"not_created": 3}, LATE),
    "failed, with one saved": Row(
        (told("status", said("E", 1)), told("success", entries(1))), 5, {"created": 1, "not_created": 2}, LATE
    ),
    "failed without a count": Row(
        (told("status", said("E", None, None)), told("success", [])), 12, {"unknown": 3}, LATE
    ),
    "failed with a count that disagrees": Row(
        (told("status", said("E", 2)), told("success", entries(1))), 12, {"created": 1, "unknown": 2}, LATE
    ),
    "cancelled by somebody": Row(
        (told("status", said("C", 1)), told("success", entries(0))), 9, {"created": 1, "not_created": 2}, LATE
    ),
    "cancelled, and all accounted for": Row((told("status", said("C")),), 9, {"created": 3}),
}


@pytest.mark.parametrize("name", ROWS)
def test_an_end_is_believed_as_far_as_it_is_proved(bench: Callable[..., Bench], name: str) -> None:
    row = ROWS[name]
    made = bench(**row.options)
    for fault in row.faults:
        made.erp.add_fault(fault)
    begun = made.clock.time
    ended = made("submit", made.file(RAW))
    assert ended.code == row.code, ended.err
    assert {key: ended.run["ledger"][key] for key in row.counts} == row.counts
    assert ended.run["ledger"]["read"] == sum(row.counts.values())
    assert row.waits[0] <= made.clock.time - begun <= row.waits[1] + 2.5, made.clock.slept
    remaining = ended.run["remaining_file"]
    assert len(orders_in(remaining) if remaining else []) == row.counts.get("not_created", 0)
    assert made.posts() == 1 and len(made.erp.requests()) < 150


def test_a_batch_that_says_cancelled_while_it_saves_is_asked_until_the_truth_is_in(bench: Callable[..., Bench]) -> None:
    made = bench(pace=1.0, page_size=10, told_as={"K": "C"}, results_before_finish="partial")
    raw = [order(number) for number in range(45)]
    assert made("submit", made.file(raw), "--no-wait").code == 0
    made.clock.time += 12
    ended = made("cancel")
    assert ended.code == 9, ended.err
    created = made.created()
    assert created.total() == 20 == ended.run["ledger"]["created"]
    assert created + prints(orders_in(ended.run["remaining_file"])) == prints(raw)


def test_results_that_are_never_there_leave_a_way_out(bench: Callable[..., Bench]) -> None:
    made = bench()
    made.erp.add_fault(Fault("results", "error", status=404, times=None))
    name = made.file(RAW)
    ended = made("submit", name)
    assert ended.code == 10 and "sobatch resolve" in ended.err, ended.err
    run, digest = ended.run["run"], ended.run["parts"][0]["sha256"][:8]
    assert ended.run["state"] == "open" and ended.run["parts"][0]["state"] == "finished"
    refused = made("resolve", run, "1", "--not-received", "--confirm", digest)
    assert refused.code == 2 and "it was received" in refused.err
    assert made("resolve", run, "1", "--abandon", "--confirm", digest).code == 0
    asked = len(made.erp.requests())
    again = made("submit", name)
    assert again.code == 10 and again.run["ledger"]["unknown"] == 3 and again.run["remaining_file"] is None
    assert len(made.erp.requests()) == asked, "what was abandoned is asked about no more"
    assert made.posts() == 1


def test_results_that_are_there_at_last_settle_the_run_by_itself(bench: Callable[..., Bench]) -> None:
    made = bench()
    made.erp.add_fault(Fault("results", "error", status=404, times=None))
    assert made("submit", made.file(RAW)).code == 10
    made.erp.set_faults([])
    assert made("status").run["ledger"]["created"] == 3
    assert made("submit", made.file(RAW)).code == 0 and made.posts() == 1


@pytest.mark.parametrize("command", ["status", "results", "submit"])
def test_a_closed_run_with_unknown_orders_is_mended_when_the_truth_comes(
    bench: Callable[..., Bench], command: str
) -> None:
    raw = [order(0, customerId="BAD"), *RAW[1:], order(9, orderLines=[])][:3]
    made = bench()
    made.erp.add_fault(told("success", entries(1)))
    made.erp.add_fault(told("results", []))
    name = made.file(raw)
    ended = made("submit", name)
    assert ended.code == 12 and ended.run["ledger"]["unknown"] == 2, ended.err
    assert ended.run["rejects_file"] is None and ended.run["remaining_file"] is None
    run = ended.run["run"]
    still = made("status", run, "--exit-code")
    assert still.code == 12 and still.run["ledger"]["unknown"] == 2
    made.erp.set_faults([])
    made(command, *([name] if command == "submit" else [run]))
    mended = made("status", run, "--offline", "--exit-code")
    assert mended.code == 4, mended.err
    assert mended.run["ledger"] | {"created": 2, "rejected": 1, "unknown": 0} == mended.run["ledger"]
    assert prints(orders_in(mended.run["rejects_file"])) == prints(raw[:1])
    assert mended.run["parts"][0]["adds_up"] and made.posts() == 1
    assert not list((made.state / "runs" / run).glob("0001-*")), "orders are kept that nothing can mend any more"


def test_mending_never_changes_what_was_proved(bench: Callable[..., Bench]) -> None:
    made = bench()
    made.erp.add_fault(told("success", entries(1)))
    ended = made("submit", made.file(RAW))
    assert ended.code == 12 and ended.run["ledger"]["created"] == 1
    made.erp.set_faults([])
    refusal = [each | {"notificationMessages": [{"message": "no"}]} for each in entries(1)]
    for fault in (told("status", said("T", 3, 1)), told("results", refusal), told("success", entries(0, 2))):
        made.erp.add_fault(fault)
    later = made("status", ended.run["run"])
    assert later.run["ledger"] == ended.run["ledger"] and "contradict" in later.err


def test_an_operator_may_call_the_rest_of_a_settled_part_not_created(bench: Callable[..., Bench]) -> None:
    made = bench()
    made.erp.add_fault(told("success", entries(1)))
    ended = made("submit", made.file(RAW))
    run, digest = ended.run["run"], ended.run["parts"][0]["sha256"][:8]
    decided = made("resolve", run, "1", "--not-received", "--confirm", digest)
    assert decided.code == 0, decided.err
    assert decided.run["ledger"] | {"created": 1, "not_created": 2, "unknown": 0} == decided.run["ledger"]
    assert prints(orders_in(decided.run["remaining_file"])) == prints([RAW[0], RAW[2]])
    assert made("status", run, "--exit-code").code == 4 and made.posts() == 1
