"""Whose order an entry is about, through the door: what was believed once must be proved now, and honest servers of
any shape stay easy."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from lifecycle_bench import Bench, Told, order, orders_in, prints
from test_ledger_truth import RAW, REFUSAL, echoed, status

from sobatch.sandbox import Fault

NO = {"message": "no such customer"}


def answer(made: Bench, **bodies: Any) -> None:
    """What the ERP answers in place of the truth, for ever."""
    for where, body in bodies.items():
        made.erp.add_fault(Fault(where, "custom", status=200, body=json.dumps(body), times=None))


def states(told: Told, made: Bench) -> list[str]:
    """The verdicts by index."""
    return [state for (state,) in made.ask("SELECT state FROM orders WHERE run = ? ORDER BY idx", told.run["run"])]


def item(number: int, **members: Any) -> dict[str, Any]:
    """A whole order as it is echoed."""
    return dict(json.loads(order(number, **members)))


ALIKE = [order(0, externalOrderId=None, notes=text) for text in "abc"]
NUMBERED = [order(0, externalOrderId=None, transactionType="SM", orderNumber=501 + n, notes=f"{n}") for n in range(3)]
C, R, U = "created", "rejected", "unknown"
# Orders, what the ERP answers, the exit code, and the verdict on each order.
STORIES: dict[str, tuple[list[bytes], dict[str, Any], int, list[str]]] = {
    "an index that counts the list, beside another order": (
        RAW,
        {"status": status(3, 1), "success": echoed(0, 1), "results": [{"index": 0, "errors": [NO], "item": item(2)}]},
        4,
        [C, C, R],
    ),
    "one order refused twice over, and another refused without a word": (
        RAW,
        {"status": status(3, 2), "success": echoed(2), "results": echoed(0, 0, **REFUSAL)},
        12,
        [R, U, C],
    ),
    "one order refused twice over, and that adds up": (
        RAW,
        {"status": status(3, 1), "success": echoed(1, 2), "results": echoed(0, 0, **REFUSAL)},
        4,
        [R, C, C],
    ),
    "one order created twice over, and that adds up": (
        RAW,
        {"status": status(3, 1), "success": echoed(1, 2, 1), "results": echoed(0, **REFUSAL)},
        4,
        [R, C, C],
    ),
    "an order in both lists": (
        RAW,
        {"status": status(3, 1), "success": echoed(0, 1, 2), "results": echoed(1, **REFUSAL)},
        12,
        [C, U, C],
    ),
    "an echo that contradicts the order it names": (
        RAW,
        {"status": status(3, 0), "success": [*echoed(0, 1), *echoed(2, customerId="77")]},
        12,
        [C, C, U],
    ),
    "a refusal that contradicts the order it names": (
        RAW,
        {"status": status(3, 1), "success": echoed(0, 1), "results": echoed(2, customerId="77", **REFUSAL)},
        12,
        [C, C, U],
    ),
    "an index that contradicts the key": (
        RAW,
        {"status": status(3, 1), "success": echoed(0, 1), "results": [{"index": 3, "errors": [NO], "item": item(0)}]},
        12,
        [U, C, U],
    ),
    "numbers given anew and crosswise": (
        NUMBERED,
        {"status": status(), "success": [{"orderNumber": n, "customerId": "1000"} for n in (502, 503, 501)]},
        0,
        [C, C, C],
    ),
    "numbers given crosswise beside a refusal": (
        NUMBERED,
        {
            "status": status(3, 1),
            "success": [{"orderNumber": n, "customerId": "1000"} for n in (503, 501)],
            "results": [json.loads(NUMBERED[0]) | REFUSAL],
        },
        4,
        [R, C, C],
    ),
    "a refusal that may be anybody's": (
        ALIKE,
        {"status": status(3, 1), "success": [{"customerId": "1000"}] * 2, "results": [NO]},
        10,
        [U, U, U],
    ),
    "an index that may count from 0 or from 1": (
        ALIKE,
        {"status": status(3, 1), "success": [{"customerId": "1000"}] * 2, "results": [{"index": 2, **NO}]},
        10,
        [C, U, U],
    ),
    "an index that counts from 0, as another one shows": (
        ALIKE,
        {"status": status(3, 2), "success": [{"customerId": "1000"}], "results": [{"index": n, **NO} for n in (2, 0)]},
        4,
        [R, C, R],
    ),
    "a refusal that says nothing of its order": (
        RAW,
        {"status": status(3, 1), "success": echoed(0, 1), "results": [NO]},
        4,
        [C, C, R],
    ),
    "zeros for what the ERP was given otherwise": (
        [order(n, ledgerNumber=7, closed=True) for n in range(3)],
        {"status": status(), "success": echoed(0, 1, 2, ledgerNumber=0, closed=False)},
        0,
        [C, C, C],
    ),
    "another number than the ERP was given": (
        [order(n, ledgerNumber=7) for n in range(3)],
        {"status": status(), "success": echoed(0, 1) + echoed(2, ledgerNumber=8)},
        12,
        [C, C, U],
    ),
    "successes that say nothing at all": (
        RAW,
        {"status": status(3, 0), "success": [{}] * 3},
        12,
        [U, U, U],
    ),
    "a failed count without a processed one": (
        RAW,
        {"status": status(None, 1), "success": echoed(0, 1), "results": echoed(2, **REFUSAL)},
        4,
        [C, C, R],
    ),
    "a failed count alone, of a job that broke": (
        RAW,
        {"status": status(None, 1, "E"), "success": echoed(0), "results": echoed(2, **REFUSAL)},
        12,
        [C, U, R],
    ),
    "a company and a status of the ERP's own": (
        [order(n, companyId="XX", orderStatus="N") for n in range(3)],
        {"status": status(), "success": echoed(0, 1, 2, companyId="EN", orderStatus="F")},
        0,
        [C, C, C],
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_verdict_is_what_everything_agrees_on(bench: Callable[..., Bench], story: str) -> None:
    raw, answers, code, verdicts = STORIES[story]
    made = bench()
    answer(made, **answers)
    told = made("submit", made.file(raw))
    assert (told.code, states(told, made)) == (code, verdicts), told.err
    rejected = [raw[place] for place, state in enumerate(verdicts) if state == R]
    assert (orders_in(told.run["rejects_file"]) if rejected else []) == rejected
    for line in reasons(told) if rejected else []:
        assert [message["text"] for message in line["messages"]] == ["no such customer"]
    assert made.posts() == 1


def reasons(told: Told) -> list[dict[str, Any]]:
    """What stands beside the reject file."""
    lines = Path(told.run["rejects_file"]).with_suffix(".ndjson").read_text().splitlines()
    assert lines
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize(("first", "verdicts"), [("0", [C, C, R]), ("1", [C, R, C])])
def test_a_profile_may_say_what_an_index_counts_from(bench: Callable[..., Bench], first: str, verdicts: Any) -> None:
    made = bench()
    (made.folder / "sobatch.toml").write_text(f"result_index = {first}\n")
    (made.folder / "sobatch.toml").chmod(0o600)
    answer(made, **STORIES["an index that may count from 0 or from 1"][1])
    told = made("submit", made.file(ALIKE))
    assert (told.code, states(told, made)) == (4, verdicts), told.err


@pytest.mark.parametrize("member", ["index", "itemIndex"])
@pytest.mark.parametrize("named", [True, False])
def test_an_order_s_own_index_never_decides_what_is_sent_again(
    bench: Callable[..., Bench], member: str, named: bool
) -> None:
    made = bench(max_rows=100, row_factor=1.5, overflow="tail")
    made.settings(MAX_ROWS="100")
    keys = {} if named else {"externalOrderId": None}
    raw = [order(n, notes=f"{n}", **keys, **{member: (7 * n) % 24}) for n in range(24)]
    told = made("submit", made.file(raw))
    assert told.code == 0, told.err
    assert made.created() == prints(raw)


def test_of_many_alike_none_is_picked(bench: Callable[..., Bench]) -> None:
    made = bench()
    raw = [order(0, externalOrderId=None, notes=f"{number}") for number in range(230)]
    answer(made, status=status(230, 1), success=[{"customerId": "1000"}] * 229, results=[{"customerId": "1000", **NO}])
    told = made("submit", made.file(raw))
    assert told.code == 10 and set(states(told, made)) == {U}
    assert "nothing tells which of 230 orders" in told.err


@pytest.mark.parametrize(
    ("shape", "keyed", "index", "shuffle"), list(product(("echo", "wrapper"), (True, False), (True, False), (None, 7)))
)
def test_honest_servers_of_any_shape_leave_nothing_unknown(
    bench: Callable[..., Bench], shape: str, keyed: bool, index: bool, shuffle: int | None
) -> None:
    made = bench(result_shape=shape, result_index=index, shuffle_seed=shuffle, normalise_echo=not index)
    chance = random.Random(5)
    keys = {} if keyed else {"externalOrderId": None}
    raw = [order(n, notes=f"{n}", customerId=chance.choice(("1000", "1000", "BAD")), **keys) for n in range(12)]
    raw += [raw[3], raw[4]] if not keyed else []
    told = made("submit", made.file(raw))
    good = [each for each in raw if b"BAD" not in each]
    assert told.code == 4 and told.run["ledger"]["unknown"] == 0
    assert made.created() == prints(good)
    assert prints(orders_in(told.run["rejects_file"])) == prints([each for each in raw if b"BAD" in each])
    assert all("Illegal value entered" in line["messages"][0]["text"] for line in reasons(told))


@pytest.mark.parametrize("keyed", [True, False])
def test_entries_that_say_only_an_index_and_a_reason_are_enough(bench: Callable[..., Bench], keyed: bool) -> None:
    made = bench(result_shape="flat")
    keys = {} if keyed else {"externalOrderId": None}
    raw = [order(n, customerId="BAD" if n in (2, 5) else "1000", notes=f"{n}", **keys) for n in range(7)]
    told = made("submit", made.file(raw))
    assert told.code == 4 and orders_in(told.run["rejects_file"]) == [raw[2], raw[5]]
    assert [line["messages"][0]["text"] for line in reasons(told)] == ["Illegal value entered"] * 2
