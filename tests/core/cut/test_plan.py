"""Parts are packed under the budgets, one group each, in order, and the same way every time."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sobatch.core.cut.packer import Packer
from sobatch.core.order.limits import Limits
from sobatch.erp.unit4.order import SPEC
from sobatch.erp.unit4.settings import rows_of

inputs = st.lists(st.tuples(st.sampled_from(["SO", "SR", "SM"]), st.integers(0, 12)), max_size=80)
budgets = st.builds(
    Limits,
    max_rows=st.none() | st.integers(4, 200),
    max_orders=st.none() | st.integers(1, 9),
    headroom=st.sampled_from([0.0, 0.05, 0.3]),
)


def packed(orders: list[tuple[str, int]], limits: Limits) -> list[tuple[int, str, int]]:
    """Of each order: its part, group and rows."""
    packer = Packer(limits)
    return [(packer.add(group, lines, rows_of(lines)).number, group, rows_of(lines)) for group, lines in orders]


@settings(max_examples=300, deadline=None)
@given(inputs, budgets)
def test_parts_keep_group_order_and_budgets(orders: list[tuple[str, int]], limits: Limits) -> None:
    places = packed(orders, limits)
    assert packed(orders, limits) == places
    parts: dict[int, list[tuple[str, int]]] = defaultdict(list)
    latest: dict[str, int] = {}
    for number, group, rows in places:
        parts[number].append((group, rows))
        assert number >= latest.get(group, 0)  # an order never goes into a part that was closed
        latest[group] = number
    assert sorted(parts) == list(range(1, len(parts) + 1))
    assert [number for number in dict.fromkeys(number for number, _, _ in places)] == sorted(parts)
    for held in parts.values():
        assert len({group for group, _ in held}) == 1
        assert limits.max_orders is None or len(held) <= limits.max_orders
        rows = sum(rows for _, rows in held)
        assert limits.packed_rows is None or rows <= limits.packed_rows or len(held) == 1


@settings(max_examples=200, deadline=None)
@given(inputs, budgets)
def test_a_part_is_closed_only_when_the_next_order_does_not_fit(orders: list[tuple[str, int]], limits: Limits) -> None:
    held: dict[str, tuple[int, int, int]] = {}  # of each group: part, orders, rows
    for number, group, rows in packed(orders, limits):
        part, count, sum_of_rows = held.get(group, (0, 0, 0))
        if part and number != part:
            full = limits.max_orders is not None and count >= limits.max_orders
            assert full or (limits.packed_rows is not None and sum_of_rows + rows > limits.packed_rows)
            count = sum_of_rows = 0
        held[group] = (number, count + 1, sum_of_rows + rows)


@pytest.mark.parametrize(
    ("orders", "lines", "options", "parts"),
    [
        (1_000, 12, {"headroom": 0}, 1),  # "if all orders have 12 details, you can create up to 1,000 sales orders"
        (1_001, 12, {"headroom": 0}, 2),
        (1_000, 12, {}, 2),
        (516, 1_000, {"skip_workflow": True, "headroom": 0}, 1),  # "up to 516 sales orders per call"
        (517, 1_000, {"skip_workflow": True, "headroom": 0}, 2),
        (516, 1_000, {"skip_workflow": True}, 2),
        (50_000, 10, {"skip_workflow": True, "headroom": 0}, 1),  # "up to 50,000 total orders"
        (50_001, 10, {"skip_workflow": True, "headroom": 0}, 2),
        (50_000, 10, {"skip_workflow": True}, 2),
        (50_000, 10, {"headroom": 0}, 42),  # 1,193 orders of 31 rows fit into 37,000
        (100, 1, {"max_orders": 30}, 4),
        (0, 1, {}, 0),
    ],
)
def test_the_document_s_own_figures(orders: int, lines: int, options: dict[str, float], parts: int) -> None:
    packer = Packer(SPEC.limits(options))
    for _ in range(orders):
        packer.add("SO", lines, rows_of(lines))
    assert packer.parts == parts


@pytest.mark.parametrize(
    ("limit", "headroom", "kept"),
    [
        (37_000, 0, 37_000), (37_000, 0.05, 35_150), (1_550_000, 0.05, 1_472_500), (100, 0.1, 90), (10, 0.05, 9),
        (4, 0.9, 1), (1, 0.9, 1), (None, 0.5, None), (37_000, 0.07, 34_410),
    ],
)  # fmt: skip
def test_the_headroom_is_kept_free_and_rounded_down(limit: int | None, headroom: float, kept: int | None) -> None:
    assert Limits(max_rows=limit, headroom=headroom).packed_rows == kept


@pytest.mark.parametrize(
    ("lines", "rows"), [((4, 5), 29), ((0,), 1), ((1,), 4), ((12,) * 1_000, 37_000), ((1_000,), 3_001), ((10,), 31)]
)
def test_rows_are_one_an_order_and_three_a_line(lines: tuple[int, ...], rows: int) -> None:
    assert sum(map(rows_of, lines)) == rows


@pytest.mark.parametrize(
    ("budget", "lines", "fits"),
    [
        # 36,999, 37,000 and 37,001 rows; 1,549,999, 1,550,000 and 1,550,001
        (37_000, [12] * 999 + [11, 0, 0], [True] * 1_002), (37_000, [12] * 1_000, [True] * 1_000),
        (37_000, [12] * 1_000 + [0], [True] * 1_000 + [False]),
        (1_550_000, [10] * 49_999 + [9, 0, 0], [True] * 50_002), (1_550_000, [10] * 50_000, [True] * 50_000),
        (1_550_000, [10] * 50_000 + [0], [True] * 50_000 + [False]),
    ],
    ids=["36,999", "37,000", "37,001", "1,549,999", "1,550,000", "1,550,001"],
)  # fmt: skip
def test_exactly_at_the_limit_is_allowed(
    budget: int, lines: list[int], fits: list[bool], request: pytest.FixtureRequest
) -> None:
    places = packed([("SO", count) for count in lines], Limits(max_rows=budget))
    assert [number == 1 for number, _, _ in places] == fits
    assert f"{sum(rows for _, _, rows in places):,}" == request.node.callspec.id
