"""The ledger adds up, or says where it does not and ends with 12: results are believed, status words are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from filelock import FileLock
from lifecycle_bench import Bench, order, prints

from sobatch.sandbox import Fault

RAW = [order(number) for number in range(3)]
PLACES = ("set_aside", "not_created", "created", "incomplete", "rejected", "unknown", "pending")


def echoed(*numbers: int, **members: Any) -> list[dict[str, Any]]:
    """Result entries about some orders."""
    return [
        {"externalOrderId": f"E{number:05d}", "customerId": "1000", "transactionType": "SO", **members}
        for number in numbers
    ]


def status(processed: int | None = 3, failed: int | None = 0, letter: str = "T") -> dict[str, Any]:
    """A status document."""
    return {"status": letter, "processorResult": "Success", "processedItems": processed, "validationErrorCount": failed}


WRONG = [n + 100 for n in range(4)]
REFUSAL = {"notificationMessages": [{"message": "no such customer"}]}
# What the ERP answers where it should tell that all three were created, and what has to come of it.
STORIES: dict[str, tuple[dict[str, Any], int, dict[str, int]]] = {
    "more processed than sent": ({"status": status(5)}, 12, {"created": 3}),
    "fewer processed than sent": ({"status": status(2)}, 12, {"created": 3}),
    "failures that are in no list": ({"status": status(3, 1)}, 12, {"created": 3}),
    "an order in no list": ({"success": echoed(0, 1)}, 12, {"created": 2, "unknown": 1}),
    "no lists at all": ({"success": []}, 12, {"unknown": 3}),
    "an order in both lists": ({"results": echoed(1, **REFUSAL)}, 12, {"created": 2, "unknown": 1}),
    "a stranger among the created": ({"success": echoed(0, 1, 77)}, 12, {"created": 2, "unknown": 1}),
    "an order told twice": ({"success": echoed(0, 1, 1)}, 12, {"created": 2, "unknown": 1}),
    "entries that say nothing": ({"success": [1, None, "x"]}, 12, {"unknown": 3}),
    "one number for all": ({"success": echoed(0, 1, 2, orderNumber=7)}, 12, {"created": 3}),
    "an index that contradicts a name": (
        {"status": status(3, 1), "success": echoed(1, 2), "results": [{"index": 2, "message": "no such customer"}]},
        12,
        {"unknown": 3},
    ),
    "an index that may be the list's own count": (
        {"status": status(3, 1), "success": echoed(1, 2), "results": [{"index": 1, "message": "no such customer"}]},
        4,
        {"created": 2, "rejected": 1},
    ),
    "numbers that are other orders' own": (
        {"success": [each for n in range(3) for each in echoed(n, orderNumber=n + 2)]},
        0,
        {"created": 3},
    ),
    "more created than sent": ({"success": echoed(0, 1, 2, *WRONG)}, 12, {"created": 3}),
    "a failed job that saved everything": ({"status": status(letter="E")}, 5, {"created": 3}),
    "a failed job that saved one": (
        {"status": status(1, letter="E"), "success": echoed(1)},
        5,
        {"created": 1, "not_created": 2},
    ),
    "a failed job that saved none": ({"status": status(0, letter="E"), "success": []}, 5, {"not_created": 3}),
    "counts that are not told": ({"status": status(None, None)}, 0, {"created": 3}),
    "counts that are nonsense": ({"status": status(-4, -7)}, 0, {"created": 3}),
    "one refused": (
        {"status": status(3, 1), "success": echoed(0, 2), "results": echoed(1, **REFUSAL)},
        4,
        {"created": 2, "rejected": 1},
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_what_an_erp_tells_is_counted(bench: Callable[..., Bench], story: str) -> None:
    answers, code, counts = STORIES[story]
    made = bench()
    for where, body in answers.items():
        made.erp.add_fault(Fault(where, "custom", status=200, body=json.dumps(body), times=None))
    told = made("submit", made.file(RAW))
    assert told.code == code, told.err
    ledger = told.run["ledger"]
    assert ledger["read"] == sum(ledger[place] for place in PLACES) == 3
    assert {name: ledger[name] for name in counts} == counts
    assert (code == 12) == (not told.run["parts"][0]["adds_up"])
    assert code != 12 or "does not add up" in told.err
    again = made("submit", made.file(RAW))
    assert again.code == code and made.posts() == 1, "a closed run was sent again"


def test_a_folder_without_locks_is_refused(bench: Callable[..., Bench]) -> None:
    made = bench()

    def none(lock: FileLock, *arguments: object, **more: object) -> None:
        raise NotImplementedError("flock is not supported here")

    made.patch.setattr(FileLock, "acquire", none)
    told = made("submit", made.file(RAW))
    assert told.code == 12 and "no working locks" in told.err
    assert made.posts() == 0


def test_the_lock_names_who_holds_it_and_each_company_has_its_own(bench: Callable[..., Bench]) -> None:
    made = bench()
    name = made.file(RAW)
    assert made("submit", name, "--company-id", "NO").code == 0
    (path,) = (made.state / "locks").glob("*.lock")
    with FileLock(path):
        told = made("submit", made.file([order(9)], "more.json"), "--company-id", "NO")
        assert told.code == 7 and "orders.json" in told.err and "process " in told.err
        assert made("submit", name, "--company-id", "EN").code == 0
    assert made("submit", str(made.folder / "more.json"), "--company-id", "NO").code == 0
    assert made.created() == prints(RAW) + prints(RAW) + prints([order(9)])
