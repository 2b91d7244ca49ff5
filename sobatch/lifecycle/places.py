"""Bring what an ERP says of an order home: to the member it speaks of, at its place in the user's own file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sobatch.core.place.locate import span_of
from sobatch.core.read.scan import Cursor
from sobatch.lifecycle.journal.rows import OrderRow


def placed(text: str, path: str, order: OrderRow, raw: bytes, redacted: Callable[[str], str]) -> dict[str, Any]:
    """A message with the place of the member at a JSON pointer; of the whole order when the order has no such member.

    The place is looked for as the message came; only what is kept of the pointer is redacted.
    """
    try:
        at = span_of(raw, path)[0]
    except (KeyError, ValueError, IndexError):
        path, at = "", 0
    cursor = Cursor(order.line, order.col)
    cursor.advance(raw[:at])
    return {
        "text": text,
        "pointer": f"/{order.idx}{redacted(path)}",
        "offset": order.offset + at,
        "line": cursor.line,
        "column": cursor.column,
    }
