"""The JSON around a list of entries: none, or a wrapper as ERPs like them (`{"data": {"items": [...], "total": 3}}`).

ijson reads it strictly, up to where the list begins, and again from where its last entry ends; `lists` cuts what stands
in between. A list counts only when it is the one list there, and the whole of it.
"""

from __future__ import annotations

from typing import Any

import ijson  # type: ignore[import-untyped]

from sobatch.erp.wire.reading import Unreadable

NO_LIST = "the list is not a JSON array, nor an object with one in it"
BROKEN = "the list is cut short or broken"
HEAD = 64 << 10
TAIL = 1 << 20
_DEEPEST = 3
_LISTS = frozenset(
    ("items", "value", "data", "results", "result", "content", "entries", "orders", "salesorders", "records", "rows")
)
# Where one of these says anything but no, the list goes on elsewhere.
_MORE = frozenset(
    ("next", "nextlink", "@odata.nextlink", "nextpage", "nextpagelink", "hasmore", "hasnext", "hasnextpage", "more")
)
_OPENING, _CLOSING = ("start_map", "start_array"), ("end_map", "end_array")

Event = tuple[str, Any]


class Frame:
    """What surrounds one list: first `begins`, character by character, then `end`. Both raise `Unreadable`."""

    def __init__(self) -> None:
        self._events = ijson.sendable_list()
        self._parser = ijson.basic_parse_coro(self._events)
        self._open: list[str] = []
        self._arrays = 0
        self._key = ""
        self._lists = 0
        self._more = False

    def begins(self, character: bytes) -> bool:
        """Whether the list of entries begins with this character; nothing means the end of the text."""
        if not character:
            raise Unreadable(NO_LIST)
        try:
            return any([self._follow(event) for event in self._parsed(character)])
        except Unreadable:
            raise Unreadable(NO_LIST) from None

    def end(self, rest: bytes, *, entries: bool) -> None:
        """The text behind the last entry, or behind the opening bracket of a list without entries."""
        # Something has to stand where the entries were: an empty text, which no byte behind it can become a part of.
        events = self._parsed(b'""' + rest if entries else rest, last=True)
        if entries:
            del events[:1]
        if not events or events[0][0] != "end_array":
            raise Unreadable(BROKEN)
        for event in events:
            self._follow(event)
        if self._lists > 1:
            raise Unreadable("the answer holds several lists, and nothing tells which one is meant")
        if self._more:
            raise Unreadable("the answer holds only a page of the list")

    def _parsed(self, text: bytes, *, last: bool = False) -> list[Event]:
        try:
            if text:
                self._parser.send(text)
            if last:
                self._parser.close()
        except ijson.JSONError:
            raise Unreadable(BROKEN) from None
        found = [*self._events]
        del self._events[:]
        return found

    def _follow(self, event: Event) -> bool:
        """Follow the parser; whether a list of entries begins here."""
        kind, value = event
        if kind == "map_key":
            self._key = value.lower()
            return False
        if kind in _CLOSING:
            self._arrays -= self._open.pop() == "start_array"
            return False
        begins = False
        if not self._arrays:
            named = self._key if self._open else ""
            self._more |= named in _MORE and bool(value or kind in _OPENING)
            begins = kind == "start_array" and (not self._open or named in _LISTS) and len(self._open) <= _DEEPEST
            self._lists += begins
        if kind in _OPENING:
            self._open.append(kind)
            self._arrays += kind == "start_array"
        return begins
