"""Guess where an order ends: by the separator learnt from the first two orders, else by counting braces.

A guess costs little and may be wrong; whoever uses it proves it by parsing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sobatch.core.order.declared import Typed
from sobatch.core.read.stretch import BLANK, UNPARSED, Cursor, Form, Stretch, array_spans, is_shallow, is_utf8
from sobatch.core.read.window import Window

_MAX_STEPS = 1 << 13
_HEAD = re.compile(rb"\{[ \t\r\n]*\"[^\"\\]*\"")
_SEPARATOR = re.compile(rb"}[ \t\r\n]*,[ \t\r\n]*\{[ \t\r\n]*\"[^\"\\]*\"")


class Guesser:
    """Candidates for "an order ends here", at most two a window."""

    def __init__(self, window: Window) -> None:
        self.separator: bytes | None = None
        self._window = window

    def learn(self, stretch: Stretch[Any]) -> None:
        """Take the separator from between the first two orders."""
        if self.separator is None and len(spans := stretch.cut()) > 1:
            found = _SEPARATOR.match(stretch.text, spans[0][1] - 1)
            self.separator = found.group() if found else None

    def ends(self) -> Iterator[int]:
        """The last place of each kind in the window, the likelier one first."""
        if self.separator is not None and (at := self._window.text.rfind(self.separator)) >= 0:
            yield at + 1
        elif self.separator is None and (end := self._before_same_head()) is not None:
            yield end
        balanced = self._balanced()
        if balanced is not None:
            yield balanced

    def _before_same_head(self) -> int | None:
        """The end of what stands before the last object that begins as the first one does."""
        text, start = self._window.text, self._window.blank_end(0)
        head = _HEAD.match(text, start)
        at = text.rfind(head.group(), start + 1) if head is not None else -1
        before = text[start : max(at, start)].rstrip(BLANK)
        end = start + len(before[:-1].rstrip(BLANK))
        return end if before.endswith(b",") and text[end - 1 : end] == b"}" else None

    def _balanced(self) -> int | None:
        """The last `}` that balances the braces before it and is followed by `,` or `]`. Braces in texts mislead it."""
        window = self._window
        text = window.text
        end = at = text.rfind(b"}")
        depth = text.count(b"{", 0, at) - text.count(b"}", 0, at) if at >= 0 else 0
        for _ in range(_MAX_STEPS):
            if at < 0:
                return None
            if depth == 1 and window.byte(window.blank_end(at + 1)) in (b",", b"]"):
                return at + 1
            end, at = at, text.rfind(b"}", 0, at)
            depth += 1 - text.count(b"{", at + 1, end)
        return None


def proved(array: bytes, base: int, typed: Typed[Any] | None, here: Cursor | None = None) -> Stretch[Any] | None:
    """The stretch that a JSON array holds, `base` being the place of its first element's text; None for anything else.

    Orders that are all flawless come decoded.
    """
    if typed is not None:
        try:
            orders, members = typed.array(array)
            return Stretch(base, array, Form.ARRAY, orders, None, here, True, members)
        except UNPARSED:
            pass
    if not is_utf8(array):
        return None
    text = array[1:-1]
    try:
        spans = array_spans(text)
    except UNPARSED:
        return None
    if not all(is_shallow(text, *span) for span in spans):
        return None
    return Stretch(base, text, Form.ARRAY, None, spans, here)
