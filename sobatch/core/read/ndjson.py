"""The stretches of an NDJSON stream, one order a line. A bad record is named, and the next line is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Generic, TypeVar

from sobatch.core.order.declared import Typed
from sobatch.core.read.stretch import BLANK, UNPARSED, Broken, Form, Stretch, record_fault, too_large
from sobatch.core.read.window import HEAD, Window

T = TypeVar("T")


class Records(Generic[T]):
    """Scans a window whose next text is a record."""

    def __init__(self, window: Window, typed: Typed[T] | None, max_order: int) -> None:
        self._window = window
        self._typed = typed
        self._max_order = max_order

    def scan(self, start: int) -> Iterator[Stretch[T] | Broken]:
        """Everything from `start` of the window to the end of the stream."""
        window = self._window
        while True:
            window.drop(start)
            end = self._filled()
            large = self._long_line(end)
            text = window.text[: end if large is None else large]
            if text.strip(BLANK):
                yield from self._lines(text)
            if large is not None:
                yield Broken(too_large(self._max_order, window.base + large), order_offset=window.base + large)
                return
            if window.at_end and end == len(window.text):
                return
            start = end

    def _filled(self) -> int:
        """Read on until a line ends, the stream ends or a line is over the cap; where the last whole line ends."""
        window = self._window
        window.fill(window.size)
        end = window.text.rfind(b"\n") + 1
        while not end and not window.at_end and len(window.text) <= self._max_order:
            window.fill(min(2 * len(window.text), self._max_order + HEAD))
            end = window.text.rfind(b"\n") + 1
        return end or len(window.text)

    def _long_line(self, end: int) -> int | None:
        """Where the first line over the cap begins."""
        if end <= self._max_order:
            return None
        start = 0
        for line in self._window.text[:end].split(b"\n"):
            if len(line.strip(BLANK)) > self._max_order:
                return start
            start += len(line) + 1
        return None

    def _lines(self, text: bytes) -> Iterator[Stretch[T] | Broken]:
        body = text.rstrip(BLANK)
        if self._typed is not None:
            # One tuple a line, and the line break stays: no line can mend its neighbour, nor a text swallow the break.
            lines = b"[[" + body.replace(b"\n", b"\n],[") + b"]]"
            try:
                orders, members = self._typed.lines(lines)
            except UNPARSED:
                orders, members = [], None
            if len(orders) == body.count(b"\n") + 1:
                stretch = self._window.stretch(body, Form.NDJSON, orders=orders)
                stretch.members = members
                yield stretch
                return
        yield from self._each_line(body)

    def _each_line(self, body: bytes) -> Iterator[Stretch[T] | Broken]:
        spans: list[tuple[int, int]] = []
        window, start = self._window, 0
        for line in body.split(b"\n"):
            stripped = line.strip(BLANK)
            if stripped:
                at = start + line.index(stripped)
                fault = record_fault(stripped)
                if fault is None:
                    spans.append((at, at + len(stripped)))
                else:
                    yield window.stretch(body, Form.NDJSON, spans=spans)
                    spans = []
                    placed = replace(fault, offset=fault.offset + window.base + at)
                    yield Broken(placed, recovered=True, order_offset=window.base + at)
            start += len(line) + 1
        yield window.stretch(body, Form.NDJSON, spans=spans)


def looks_like_records(window: Window, start: int, max_order: int) -> bool:
    """An object whose line is complete by itself begins NDJSON, even a broken one; one over several lines does not."""
    if window.byte(start) != b"{":
        return False
    while (end := window.text.find(b"\n", start)) < 0 and not window.at_end:
        if len(window.text) > max_order:
            return True
        window.fill(2 * len(window.text))
    line = window.text[start : end if end >= 0 else len(window.text)].strip(BLANK)
    if record_fault(line) is None:
        return True
    window.fill(end + 1 + HEAD)
    rest = window.text[end + 1 : end + 1 + HEAD].lstrip(BLANK) if end >= 0 else b""
    return line.endswith(b"}") and rest[:1] in (b"{", b"")
