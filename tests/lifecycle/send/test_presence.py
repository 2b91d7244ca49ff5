"""What becomes of a part whose answer was lost, list by list: nothing is doubled and nobody else's batch is adopted."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from lifecycle_bench import Bench, order, prints
from presence_cases import CASES, NAMES, Case, colleague, earlier_run

from sobatch.sandbox import Fault


def orders_of(case: Case) -> list[bytes]:
    """The orders of a case; the ERP rejects that of the lost part where the case wants it."""
    made = [order(number) for number in range(case.orders)]
    if case.rejected:
        made[case.lost - 1] = order(case.lost - 1, customerId="9999")
    return made


def with_one_answer_lost(made: Bench, case: Case, raw: list[bytes]) -> tuple[list[str], str]:
    """Submit, and lose an answer. The command and the run."""
    made.erp.clock = lambda: made.clock.now() + case.erp_ahead
    case.before(made)
    (made.folder / "sobatch.toml").write_text(f"resend_not_listed = {str(case.resend).lower()}\n")
    made.erp.add_fault(Fault("submit", "close", nth=case.lost, saved=case.arrived))
    command = ["submit", made.file(raw), "--max-orders", "1", *case.flags]
    told = made(*command)
    assert told.code == 10, told.err
    case.since(made)
    made.clock.time += case.waited
    if case.list_fault is not None:
        made.erp.set_faults([case.list_fault])
    return command, told.run["run"]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_lists_and_truths(bench: Callable[..., Bench], case: Case) -> None:
    made = bench(**case.erp)
    raw = orders_of(case)
    command, run = with_one_answer_lost(made, case, raw)
    told = made(*command)
    attempts = made.ask("SELECT state FROM attempt WHERE part = ? AND run = ? ORDER BY id", case.lost, run)
    verdict = "resent" if len(attempts) > 1 else "found" if attempts == [("accepted",)] else "unknown"
    assert (verdict, made.posts(), told.code) == (case.verdict, case.posts, case.code), told.err
    # Whoever else sent orders did so on purpose; ours are there once beside them.
    theirs = prints([order(77), order(99)]) + (prints(raw) if case.before is earlier_run else prints([]))
    assert not made.created() - prints(raw) - theirs, "created twice"
    files = {batch.id: batch.file_name for batch in made.erp.batches()}
    for number, digest, remote_id in made.ask("SELECT number, sha256, remote_id FROM part WHERE run = ?", run):
        assert remote_id is None or f"{run}-{number:04d}-{digest[:8]}" in files[remote_id], "adopted another's batch"
    assert case.code != 10 or re.search(rf"sobatch resolve [^\n]*{run} {case.lost}\b", told.err)


def test_a_list_that_lacks_the_part_says_what_it_was_and_how_to_decide(bench: Callable[..., Bench]) -> None:
    made = bench(**CASES["not listed"].erp)
    command, run = with_one_answer_lost(made, CASES["not listed"], orders_of(CASES["not listed"]))
    told = made(*command)
    (said,) = [line for line in told.err.splitlines() if "--not-received" in line and "rows" in line]
    assert "(2 rows)" in said and "2 of the 2 parts" in said
    assert f"sobatch resolve {run} 3 --not-received" in said


def stopped_after_the_first(made: Bench) -> tuple[list[str], list[bytes]]:
    """An earlier run, somebody else's, and one of three parts whose second was not allowed. Its command and orders."""
    (made.folder / "sobatch.toml").write_text("resend_not_listed = true\n")
    assert made("submit", made.file([order(50)], "earlier.json")).code == 0
    colleague(made)
    raw = [order(number) for number in range(3)]
    command = ["submit", made.file(raw), "--max-orders", "1"]
    made.erp.add_fault(Fault("submit", "custom", nth=2, status=403))
    assert made(*command).code == 6
    made.erp.set_faults([])
    return command, raw


@pytest.mark.parametrize("arrived", [True, False], ids=["arrived", "lost"])
@pytest.mark.parametrize("erp", [{}, NAMES], ids=["no names", "names"])
@pytest.mark.parametrize("known", ["an earlier run's", "an earlier part's"])
def test_a_receipt_that_names_a_known_batch_leaves_the_part_nameless(
    bench: Callable[..., Bench], arrived: bool, erp: dict[str, bool], known: str
) -> None:
    made = bench(**erp)
    command, raw = stopped_after_the_first(made)
    batch = made.erp.batches()[{"an earlier run's": 0, "an earlier part's": 2}[known]].id
    made.erp.add_fault(misleading(arrived, batch))
    told = made(*command)
    assert told.code == 10 and "looked for under another name" in told.err
    part = told.run["parts"][1]
    assert (part["state"], part["remote_id"], part["ledger"]["pending"]) == ("accepted", None, 1)
    made.clock.time += 700
    told = made(*command)
    assert told.code == (0 if arrived and erp else 10), told.err
    assert made.posts() == 6, "a nameless part was sent again"
    assert not made.created() - prints([*raw, order(50), order(77)])


def test_a_receipt_that_names_what_the_erp_had_before_is_none(bench: Callable[..., Bench]) -> None:
    made = bench(**NAMES)
    colleague(made)
    made.erp.add_fault(misleading(True, made.erp.batches()[0].id))
    command = ["submit", made.file([order(1)])]
    told = made(*command)
    assert told.code == 10 and "something the ERP had before" in told.err
    assert made(*command).code == 0 and made.posts() == 2


def misleading(arrived: bool, batch: str) -> Fault:
    """The next send is answered with the name of this batch, whether it arrives or not."""
    location = f"/v1/batch-operations/{batch}/status"
    if arrived:
        return Fault("submit", "location", location=location)
    return Fault("submit", "custom", status=201, location=location, body="")
