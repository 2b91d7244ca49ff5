"""An order larger than the window is cut as fast as any other: the window grows until the order ends in it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sobatch.core.read import scan, stretch
from sobatch.core.read.scan import Broken, Scanner
from sobatch.core.syntax.grammar import Stop, value_end
from sobatch.core.syntax.strict import scan_elements
from sobatch.erp.unit4.order import Order

LINE = {"productCode": "P", "quantity": 1, "price": 2, "glAnalysis": [{"account": "3000"}]}
ORDER = {"customerId": "C", "transactionType": "42", "responsible": "R", "salesPerson": "S"}


def text_of(indent: int | None, note: str, lines: int = 150) -> bytes:
    orders = [{**ORDER, "notes": note, "orderNumber": number, "orderLines": [LINE] * lines} for number in range(6)]
    return json.dumps(orders, indent=indent).encode()


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("note", ["", "}}}", "{{{", '"}, {"'])
@pytest.mark.parametrize("order_type", [Order, None])
def test_large_orders_do_not_need_the_slow_scan(
    indent: int | None, note: str, order_type: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow: list[int] = []

    def counting(text: bytes, *given: Any, **more: Any) -> Any:
        slow.append(len(text))
        return scan_elements(text, *given, **more)

    monkeypatch.setattr(scan, "scan_elements", counting)
    text = text_of(indent, note)
    pieces = list(Scanner[Any](io.BytesIO(text), order_type, window=1 << 14))
    assert len(slow) <= (3 if "{" in note or "}" in note else 0)  # at the end no other order shows the way
    orders = [piece.text[start:end] for piece in pieces if not isinstance(piece, Broken) for start, end in piece.cut()]
    assert [json.loads(order) for order in orders] == json.loads(text)


def test_lines_beyond_the_patience_of_counting_braces_are_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "scan_elements", None)
    pieces = list(Scanner[Any](io.BytesIO(text_of(None, "", 12_000)), Order))
    assert sum(len(piece.cut()) for piece in pieces if not isinstance(piece, Broken)) == 6


def test_the_window_grows_for_no_text_that_cannot_be_an_order() -> None:
    """Numbers have no end that a guess could find: reading them whole would cost the memory of the largest order."""
    stream = io.BytesIO(b"[" + b"1," * (4 << 20) + b"2]")
    scanner = Scanner[Any](stream, Order)
    next(iter(scanner))
    assert stream.tell() < 1 << 20


NESTED = st.recursive(
    st.sampled_from(["a", 1, None, "]}[{", '\\"[[', "\\", "é{"]),
    lambda inner: st.lists(inner, min_size=1, max_size=2) | st.dictionaries(st.sampled_from(['k"[', "b\\"]), inner),
    max_leaves=200,
)


@settings(max_examples=200, deadline=None)
@given(NESTED, st.integers(1, 9), st.booleans())
def test_depth_is_told_as_a_walk_tells_it(value: Any, block: int, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretch, "_BLOCK", block)
        patch.setattr(stretch, "MAX_DEPTH", 3)
        told = stretch.is_shallow(b"[[" + text + b"]]", 2, 2 + len(text))
    assert told is not isinstance(value_end(text, 0, 3), Stop)
