"""Where the values of one order stand, for many pointers: the items of its arrays are found once, not for each."""

from __future__ import annotations

import io
from array import array
from typing import Any

from sobatch.core.place.locate import span_of
from sobatch.core.read.scan import Broken, Scanner


class Places:
    """The places in one order, given as a JSON object that parses."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._items: dict[str, tuple[int, array[int]]] = {}

    def start(self, pointer: str, *, missing: bool = False) -> int:
        """Where the value at a pointer begins, as `span_of` says, which begins anew each time."""
        member, _, rest = pointer[1:].partition("/")
        index, slash, inside = rest.partition("/")
        if not index.isdecimal() or (missing and not slash):
            return span_of(self._raw, pointer, missing=missing)[0]
        begin, items = self._items_of(member)
        at = 2 * int(index)
        if at >= len(items):
            return span_of(self._raw, pointer, missing=missing)[0]
        start, end = items[at], items[at + 1]
        start, end = begin + start, begin + end
        return start + (span_of(self._raw[start:end], f"/{inside}", missing=missing)[0] if slash else 0)

    def _items_of(self, member: str) -> tuple[int, array[int]]:
        """Where an array begins, and the edges of its items from there; none for anything else."""
        if member not in self._items:
            start, end = span_of(self._raw, f"/{member}")
            is_array = self._raw[start : start + 1] == b"["
            self._items[member] = start, _edges(self._raw[start:end]) if is_array else array("Q")
        return self._items[member]


def _edges(whole: bytes) -> array[int]:
    """Where the items of an array stand: start, end, start, end; there may be a million of them."""
    edges: array[int] = array("Q")
    for piece in Scanner[Any](io.BytesIO(whole), None, max_order=len(whole)):
        if not isinstance(piece, Broken):
            for start, end in piece.cut():
                edges.append(piece.offset + start)
                edges.append(piece.offset + end)
    return edges
