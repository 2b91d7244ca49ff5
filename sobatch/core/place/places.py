"""Where the values of one order stand, for many pointers: the items of its arrays are found once, not for each."""

from __future__ import annotations

from sobatch.core.place.locate import span_of
from sobatch.core.read.stretch import array_spans


class Places:
    """The places in one order, given as a JSON object that parses."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._items: dict[str, tuple[int, list[tuple[int, int]]]] = {}

    def start(self, pointer: str, *, missing: bool = False) -> int:
        """Where the value at a pointer begins, as `span_of` says, which begins anew each time."""
        member, _, rest = pointer[1:].partition("/")
        index, slash, inside = rest.partition("/")
        if not index.isdecimal() or (missing and not slash):
            return span_of(self._raw, pointer, missing=missing)[0]
        begin, items = self._items_of(member)
        if int(index) >= len(items):
            return span_of(self._raw, pointer, missing=missing)[0]
        start, end = items[int(index)]
        start, end = begin + start, begin + end
        return start + (span_of(self._raw[start:end], f"/{inside}", missing=missing)[0] if slash else 0)

    def _items_of(self, member: str) -> tuple[int, list[tuple[int, int]]]:
        """Where the inside of an array begins, and the spans of its items from there; no items for anything else."""
        if member not in self._items:
            start, end = span_of(self._raw, f"/{member}")
            is_array = self._raw[start : start + 1] == b"["
            self._items[member] = start + 1, array_spans(self._raw[start + 1 : end - 1]) if is_array else []
        return self._items[member]
