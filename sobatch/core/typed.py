"""Decode many orders at once into a spec's struct, and tell how many members they have."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from sobatch.core.meter import Meter

T = TypeVar("T")


class Typed(Generic[T]):
    """The decoders of one order type. Both methods return the orders with their count of members, None if unknown.

    Raises one of `stretch.UNPARSED` for text that is not flawless.
    """

    def __init__(self, order_type: type[T]) -> None:
        self._array: msgspec.json.Decoder[Any] = msgspec.json.Decoder(list[order_type])  # type: ignore[valid-type]
        self._lines: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
            list[tuple[order_type]]  # type: ignore[valid-type]
        )
        self._meter = Meter(order_type)  # type: ignore[arg-type]
        # Every text of such an order is decoded, and hence checked; what nobody declared would be skipped unseen.
        self.checks_utf8 = all(each.__struct_config__.forbid_unknown_fields for each in self._meter.classes)

    def array(self, text: bytes) -> tuple[list[T], int | None]:
        """The orders of a JSON array."""
        before = self._meter.reading()
        orders = self._array.decode(text)
        return orders, self._members(before)

    def lines(self, text: bytes) -> tuple[list[T], int | None]:
        """The orders of an array of arrays with one order each."""
        before = self._meter.reading()
        rows = self._lines.decode(text)
        members = self._members(before)
        return [order for (order,) in rows], members

    def _members(self, before: int) -> int | None:
        return self._meter.reading() - before if self._meter.usable else None
