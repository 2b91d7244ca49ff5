"""Lists of any size are judged in time that grows with them, and in memory that hardly does."""

from __future__ import annotations

import json
import resource
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import pytest
from hostile import MEMBERS, row

from sobatch.erp.ports import Kind
from sobatch.erp.unit4.entries import outcome_of
from sobatch.lifecycle.settle.match.matcher import Matcher, Stated
from sobatch.lifecycle.settle.match.orders import PartOrders

LINE = {"productCode": "1000", "price": 50.5, "quantity": 1}
WHOLE = {"customerId": "1000", "transactionType": "SO", "orderLines": [LINE]}
Parts = tuple[Iterable[dict[str, Any]], Iterable[dict[str, Any]], Iterable[dict[str, Any]], int]


def foreign(count: int) -> Parts:
    """Entries of orders that nobody sent, beside the honest ones."""
    orders = (WHOLE | {"externalOrderId": f"E{n}"} for n in range(100))
    created = ({"externalOrderId": f"{'E' if n < 100 else 'X'}{n}", "customerId": "1000"} for n in range(count))
    return orders, [], created, 0


def names(count: int) -> Parts:
    """Entries that each have a member of a name of their own."""
    orders = (WHOLE | {"notes": f"{n}"} for n in range(count))
    failed = ({"notes": f"{n}", f"m{n}": 1, "message": "no"} for n in range(0, count, 2))
    created = ({"customerId": "1000", f"m{n}": 1, "orderNumber": n + 1} for n in range(1, count, 2))
    return orders, failed, created, -(-count // 2)


def twins(count: int) -> Parts:
    """Nothing but equal orders, some refused under an index that counts the list."""
    failed = ({"index": n, "item": WHOLE, "errors": ["no"]} for n in range(count // 4))
    created = ({"customerId": "1000", "orderNumber": n + 1} for n in range(count - count // 4))
    return (WHOLE for _ in range(count)), failed, created, count // 4


def wordless(count: int) -> Parts:
    """Orders with keys, and refusals that say nothing but words."""
    created = ({"externalOrderId": f"E{n}", "orderNumber": n + 1} for n in range(count) if n % 10)
    orders = (WHOLE | {"externalOrderId": f"E{n}"} for n in range(count))
    return orders, ({"message": "no"} for _ in range(-(-count // 10))), created, -(-count // 10)


def judged(parts: Parts) -> tuple[Counter[str], float]:
    """The verdicts, and the seconds of processor time that they took."""
    orders, failed, created, refused = parts
    raw = [json.dumps(order).encode() for order in orders]
    began = time.process_time()
    with closing(PartOrders(row(place, each) for place, each in enumerate(raw))) as kept:
        matcher = Matcher(kept, lambda placed: raw[placed.idx], MEMBERS)
        for kind, entries in ((Kind.FAILED, failed), (Kind.CREATED, created)):
            matcher.read(kind, outcomes(kind, entries))
        matcher.judge(Stated(True, len(raw), refused))
        states = Counter(verdict.state for verdict in kept.verdicts(over_budget=True))
    return states, time.process_time() - began


def outcomes(kind: Kind, entries: Iterable[dict[str, Any]]) -> Iterator[Any]:
    return (outcome_of(kind, b"", entry) for entry in entries)


@pytest.mark.parametrize("made", [foreign, names, twins, wordless])
def test_time_grows_with_the_lists(made: Any) -> None:
    judged(made(200))
    few, many = judged(made(500))[1], judged(made(4_000))[1]
    assert many < 30 * few, "eight times as many took far more than eight times as long"


@pytest.mark.full
@pytest.mark.parametrize(
    ("made", "count", "states"),
    [
        (foreign, 1_000_000, {"created": 100}),
        (names, 3_000, {"rejected": 1_500, "created": 1_500}),
        (twins, 300_000, {"rejected": 75_000, "created": 225_000}),
        (wordless, 300_000, {"rejected": 30_000, "created": 270_000}),
    ],
)
def test_the_largest_lists(made: Any, count: int, states: dict[str, int]) -> None:
    judged(made(1_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found, seconds = judged(made(count))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024  # MB; half of it is the test's own
    assert found == states and seconds < count / 4_000 + 10
    assert grown < 20 + count / 2_000
