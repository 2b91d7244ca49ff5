"""A list that is too long to be kept is explained as a short one is, and lives as long as nobody keeps its items."""

from __future__ import annotations

import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sobatch.core.check import explain as explaining
from sobatch.core.check.explain import LongList, explain
from sobatch.core.order.spec import Finding
from sobatch.erp.unit4.order import SPEC, Line, Order

LINES = [
    '{"productCode":"P-1","quantity":1,"price":2,"glAnalysis":[{"account":"3000"}]}',
    '{"productCode":"P","quantity":1,"price":2,"glAnalysis":[{"percentageSplit":4}],"lineDeliveryDate":"1900-01-01"}',
    '{"quantity":"1"}',
    '{"productCode":" ","quantity":1,"price":2,"currencyAmount":9,"glAnalysis":[{}],"unknown":[1,[2]]}',
    '{"productCode":"a:b","productCode":"]}","quantity":-1,"glAnalysis":[{"percentageSplit":1,"percentageSplit":2}]}',
    "17",
    "null",
    '{"quantity":1e999}',
]
MORE = ["", '"notes":1,', '"notes":"","notes":"",']
HEAD = '{"customerId":"C","transactionType":"42","responsible":"R","salesPerson":"S",'


def findings(raw: bytes) -> list[tuple[Any, ...]]:
    told: list[Finding] = []
    value = explain(raw, Order, tuple(SPEC.heavy_keys), told.append)
    told += SPEC.rules(value, SPEC.limits({}))
    facts = SPEC.facts(value)
    return [facts, *sorted((each.code, each.pointer, each.message, each.severity) for each in told)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(LINES), min_size=1, max_size=20),
    st.sampled_from(["", '"notes":1,', '"notes":"","notes":"",']),
)
def test_a_long_list_is_explained_as_a_short_one(lines: list[str], more: str) -> None:
    raw = f'{HEAD}{more}"orderLines":[{" , ".join(lines)}]}}'.encode()
    short = findings(raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explaining, "_LONG", 0)
        assert findings(raw) == short


def test_its_items_are_there_as_in_any_list() -> None:
    items = LongList(f"[{','.join(LINES)}]".encode(), Line)
    assert (len(items), bool(items), isinstance(items, list)) == (len(LINES), True, True)
    assert list(items)[3:] == [items[index] for index in range(3, len(LINES))]
    assert (items[0], items[5]) == (msgspec.json.decode(LINES[0], type=Line), None)


def test_a_large_order_costs_few_times_its_size() -> None:
    raw = f'{HEAD}"orderLines":[{",".join(LINES[:3] * 2_000)}]}}'.encode()
    tracemalloc.start()
    try:
        value = explain(raw, Order, (), lambda found: None)
        found = sum(1 for _ in SPEC.rules(value, SPEC.limits({})))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found >= 2_000
    assert peak < 6 * len(raw)
