"""Decode many orders at once into a spec's struct, and tell how many members they have."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from sobatch.core.meter import Meter

T = TypeVar("T")


class Typed(Generic[T]):
    """The decoders of one order type. All methods also return the count of members, None if unknown.

    Raises one of `stretch.UNPARSED` for text that is not flawless.
    """

    def __init__(self, order_type: Any) -> None:
        self._array: msgspec.json.Decoder[Any] = msgspec.json.Decoder(list[order_type])
        self._lines: msgspec.json.Decoder[Any] = msgspec.json.Decoder(list[tuple[order_type]])
        self._one: msgspec.json.Decoder[Any] = msgspec.json.Decoder(order_type)
        self._meter = Meter(order_type)
        # Every text of such an order is decoded, and hence checked; what nobody declared would be skipped unseen.
        self._utf8_is_checked = all(each.__struct_config__.forbid_unknown_fields for each in self._meter.classes)

    def one(self, text: bytes) -> tuple[T, int | None]:
        """One order."""
        before = self._meter.reading()
        order = self._one.decode(text)
        return order, self._members(before)

    def array(self, text: bytes) -> tuple[list[T], int | None]:
        """The orders of a JSON array."""
        self._check_utf8(text)
        before = self._meter.reading()
        orders = self._array.decode(text)
        return orders, self._members(before)

    def lines(self, text: bytes) -> tuple[list[T], int | None]:
        """The orders of an array of arrays with one order each."""
        self._check_utf8(text)
        before = self._meter.reading()
        rows = self._lines.decode(text)
        members = self._members(before)
        return [order for (order,) in rows], members

    def _check_utf8(self, text: bytes) -> None:
        if not self._utf8_is_checked and not text.isascii():
            text.decode("utf-8")

    def _members(self, before: int) -> int | None:
        return self._meter.reading() - before if self._meter.usable else None


_made: dict[Any, Typed[Any]] = {}


def typed(order_type: Any) -> Typed[Any]:
    """The decoders of an order type, made once: it takes a millisecond."""
    if order_type not in _made:
        _made[order_type] = Typed(order_type)
    return _made[order_type]
