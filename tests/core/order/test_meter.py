"""The members of decoded orders are counted exactly; a key that stands twice is found with or without that count."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_orders import source_of

from sobatch.core.check.one_source import Check
from sobatch.core.order.declared import typed
from sobatch.core.order.meter import Meter
from sobatch.erp.unit4.order import SPEC, Order

LINE = {"productCode": "P1", "quantity": 2, "price": 1, "glAnalysis": [{}]}
HEAD = {"customerId": "1", "transactionType": "SO", "responsible": "R", "salesPerson": "S"}
SOME = {
    "notes": "at 12:30, see a:b",
    "orderNumber": 7,
    "currencyCode": None,
    "deliveryInformation": {"deliveryDate": "2026-04-30", "deliveryMethod": "CAR"},
    "defaultGLAnalysis": {"dim1": {"dimValue": "1"}, "dim2": {}},
    "invoicing": {},
}
orders = st.lists(
    st.builds(
        lambda names, lines: {**HEAD, **{name: SOME[name] for name in names}, "orderLines": [LINE] * lines},
        st.sets(st.sampled_from(sorted(SOME))),
        st.integers(1, 3),
    ),
    max_size=4,
)


def members_of(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(members_of, value.values()))
    return sum(map(members_of, value)) if isinstance(value, list) else 0


@settings(max_examples=100, deadline=None)
@given(orders)
def test_the_count_is_that_of_the_text(made: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as here:
        here.setattr(threading, "active_count", lambda: 1)  # threads that earlier tests left behind make no structs
        decoded, members = typed(Order).array(json.dumps(made).encode())
    assert len(decoded) == len(made)
    assert members == members_of(made)


@pytest.fixture(params=["alone", "beside a thread", "where references are not counted"])
def counting(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each way to know whether a key was lost."""
    done = threading.Event()
    beside = threading.Thread(target=done.wait)
    if request.param == "beside a thread":
        beside.start()
    elif request.param != "alone":
        monkeypatch.setattr(Meter, "_total", lambda self: 1 / 0)
        monkeypatch.setattr(typed(Order)._meter, "usable", False)
    yield
    done.set()
    if beside.ident is not None:
        beside.join()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ('"notes": "a"', None),
        ('"notes": "a:b\\u003a"', None),
        ('"notes": "a", "notes": "b"', "SO-111"),
        ('"notes": "\\u003a", "notes": "\\u003a"', "SO-111"),
        ('"notes": "a:\\u003a", "notes": "b"', "SO-111"),
        ('"orderNumber": 7, "order\\u004eumber": 8', "SO-112"),
        ('"deliveryInformation": {"deliveryMethod": "a", "deliveryMethod": "\\u003a"}', "SO-111"),
    ],
)
def test_a_key_twice_is_found_whether_or_not_members_are_counted(more: str, code: str | None, counting: None) -> None:
    good = json.dumps({**HEAD, "orderLines": [LINE]})
    text = f"[{good}, {good[:-1]}, {more}}}, {good}]".encode()
    problems = list(Check(SPEC, SPEC.limits({})).problems(source_of(text)))
    found = [(problem.index, problem.code) for problem in problems if problem.code in ("SO-111", "SO-112")]
    assert found == ([(1, code)] if code else [])
