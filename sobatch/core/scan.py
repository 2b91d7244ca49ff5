"""Cut a byte stream into stretches of whole orders, with exact offsets, in flat memory.

A stretch ends where a *guess* says an order ends, and the guess counts only when parsing `[` + stretch + `]` proves
it: JSON is read left to right from a known state, so text that parses as an array, and is followed by `,` or `]`, ends
at a true element boundary. The caller may bring its own proof (a typed decode); what it cannot prove is proved by a
skip-parse, and what that cannot prove goes to `syntax`, which finds the boundary slowly or names the fault.
Only the end of the window decides "read more", never a parser's words.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any, Generic

import msgspec

from sobatch.core.ahead import CHUNK, Ahead, Chunk
from sobatch.core.source import Stream
from sobatch.core.stretch import (
    BLANK,
    MAX_DEPTH,
    Broken,
    Cursor,
    Form,
    Stretch,
    Summed,
    T,
    array_spans,
    is_shallow,
    is_utf8,
    record_fault,
)
from sobatch.core.syntax import Fault, Scanned, opening_fault, scan_elements, trailing_fault

__all__ = ["MAX_ORDER", "WINDOW", "Broken", "Cursor", "Form", "Scanner", "Stretch", "Summed"]

WINDOW = 1 << 17  # small enough for a decoded stretch to stay in the processor's cache
MAX_ORDER = 16 << 20
_HEAD = 1 << 12
_MAX_STEPS = 1 << 13
_NOT_BLANK = re.compile(rb"[^ \t\r\n]")
_SEPARATOR = re.compile(rb"}[ \t\r\n]*,[ \t\r\n]*\{[ \t\r\n]*\"[^\"\\]*\"")
_NOT_JSON = Fault("SO-030", 0, "The array does not go on as JSON does.", None)


class Scanner(Generic[T]):
    """The stretches of one stream, in order, then perhaps one `Broken`. Use it once.

    With an `order_type` a stretch of flawless orders comes decoded, each byte parsed once.
    """

    def __init__(
        self,
        stream: Stream,
        order_type: type[T] | None = None,
        *,
        window: int = WINDOW,
        max_order: int = MAX_ORDER,
        track: bool = False,
        ahead: Ahead | None = None,
    ) -> None:
        self._cursor = Cursor() if track else None
        self._ahead = ahead
        self._stream = stream
        self._typed: msgspec.json.Decoder[Any] | None = None
        self._typed_lines: msgspec.json.Decoder[Any] | None = None
        if order_type is not None:
            self._typed = msgspec.json.Decoder(list[order_type])  # type: ignore[valid-type]
            self._typed_lines = msgspec.json.Decoder(list[tuple[order_type]])  # type: ignore[valid-type]
        self._window_size = window
        self._max_order = max_order
        self._window = b""
        self._base = 0
        self._at_end = False
        self._separator: bytes | None = None
        self._comma: int | None = None
        self.form: Form | None = None

    def __iter__(self) -> Iterator[Stretch[T] | Broken | Summed]:
        fault = self._opening()
        if fault is not None:
            yield Broken(fault)
            return
        start = self._blank_end(0)
        if self._window[start : start + 1] == b"[":
            self.form = Form.ARRAY
            yield from self._array(start + 1)
        elif self._looks_like_records(start):
            self.form = Form.NDJSON
            yield from self._records(start)
        else:
            hint = "Put the orders into one array: [ {...}, {...} ], or write one order per line (NDJSON)."
            message = "The input is one JSON object, not an array of orders."
            yield Broken(self._placed(Fault("SO-011", start, message, hint)))

    def _opening(self) -> Fault | None:
        self._fill(max(_HEAD, self._window_size))
        fault = opening_fault(self._window[:_HEAD])
        if fault is None or self._blank_end(0) < _HEAD:
            return fault
        self._skip_blanks()  # thousands of blanks: the text may still begin
        self._drop(self._blank_end(0))
        self._fill(_HEAD)
        if not self._window:
            return fault
        fault = opening_fault(self._window[:_HEAD])
        return self._placed(fault) if fault is not None else None

    # ---- one JSON array -------------------------------------------------------------------------------------

    def _array(self, start: int) -> Iterator[Stretch[T] | Broken | Summed]:
        first = True
        while True:
            self._drop(start)
            if self._ahead is not None and self._separator is not None:
                yield from self._run_ahead(self._ahead)
            self._fill(self._window_size)
            self._skip_blanks()
            stretch, end = self._guessed()
            if stretch is None:
                found = yield from self._slowly(first)
                if found is None:
                    return
                end = found
            elif not (yield from self._within_cap(stretch)):
                return
            first = False
            start = self._blank_end(end)
            if self._window[start : start + 1] == b"]":
                yield from self._after(start + 1)
                return
            self._comma = self._base + start
            start += 1

    def _run_ahead(self, ahead: Ahead) -> Iterator[Summed]:
        """Let helpers prove chunk after chunk, for as long as they find them flawless; stops at the first that is not."""
        while True:
            chunk = None if ahead.full else self._next_chunk()
            if chunk is not None:
                ahead.give(chunk)
                continue
            if not ahead.busy:
                return
            done, summed = ahead.take()
            if summed is None:
                self._put_back([done, *ahead.give_back()])
                return
            yield Summed(done.base, summed)

    def _next_chunk(self) -> Chunk | None:
        """Text up to the last separator in the window, dropped from it; None when there is no good guess."""
        self._fill(CHUNK)
        separator = self._separator or b""
        at = self._window.rfind(separator, 0, CHUNK)
        if at < 0:
            return None
        chunk = Chunk(self._base, self._window[: self._blank_end(at + 1) + 1], at + 1)
        self._drop(len(chunk.text))
        return chunk

    def _put_back(self, chunks: list[Chunk]) -> None:
        """Undo the last drops; the stretch that follows is found without help, and help is asked again after it."""
        self._window = b"".join([*(chunk.text for chunk in chunks), self._window])
        self._base = chunks[0].base

    def _guessed(self) -> tuple[Stretch[T] | None, int]:
        for end in self._guesses():
            stretch = self._proved(end)
            if stretch is not None:
                self._learn(stretch)
                return stretch, end
        return None, 0

    def _proved(self, end: int) -> Stretch[T] | None:
        array = b"".join((b"[", memoryview(self._window)[:end], b"]"))
        if not is_utf8(array):
            return None
        if self._typed is not None:
            try:
                orders = self._typed.decode(array)
                return Stretch(self._base, array, Form.ARRAY, orders, None, self._here(), True)
            except (msgspec.DecodeError, RecursionError):
                pass
        text = array[1:-1]
        try:
            spans = array_spans(text)
        except (msgspec.DecodeError, RecursionError):
            return None
        if not all(is_shallow(text, *span) for span in spans):
            return None
        return self._stretch(text, Form.ARRAY, spans=spans)

    def _within_cap(self, stretch: Stretch[T]) -> Generator[Stretch[T] | Broken, None, bool]:
        """Hand on a stretch up to the first order over the cap, whatever the window; whether there was none."""
        large = None
        if len(stretch.whole) > self._max_order:
            large = next((at for at, span in enumerate(stretch.cut()) if span[1] - span[0] > self._max_order), None)
        if large is None:
            yield stretch
            return True
        spans = stretch.cut()
        if large:
            yield self._stretch(stretch.text, stretch.form, spans=spans[:large])
        yield Broken(self._too_large(spans[large][0]), order_offset=self._base + spans[large][0])
        return False

    def _learn(self, stretch: Stretch[T]) -> None:
        if self._separator is None and len(spans := stretch.cut()) > 1:
            found = _SEPARATOR.match(stretch.text, spans[0][1] - 1)
            self._separator = found.group() if found else None

    def _guesses(self) -> Iterator[int]:
        """At most two candidates for "an order ends here": the learnt separator, else balanced braces."""
        if self._separator is not None and (at := self._window.rfind(self._separator)) >= 0:
            yield at + 1
        guess = self._balanced()
        if guess is not None:
            yield guess

    def _balanced(self) -> int | None:
        """The last `}` that balances the braces before it and is followed by `,` or `]`. Braces in
        strings mislead it."""
        window = self._window
        end = at = window.rfind(b"}")
        depth = window.count(b"{", 0, at) - window.count(b"}", 0, at) if at >= 0 else 0
        for _ in range(_MAX_STEPS):
            if at < 0:
                return None
            follower = self._blank_end(at + 1)
            if depth == 1 and window[follower : follower + 1] in (b",", b"]"):
                return at + 1
            end, at = at, window.rfind(b"}", 0, at)
            depth += 1 - window.count(b"{", at + 1, end)
        return None

    def _slowly(self, first: bool) -> Generator[Stretch[T] | Broken, None, int | None]:
        """The bounded linear scan. Returns the end of the last order it found, or None when the text ends here."""
        while True:
            scanned = scan_elements(self._window, 0, at_end=self._at_end, first=first, max_depth=MAX_DEPTH)
            if scanned.elements or scanned.fault is not None or scanned.closed is not None:
                break
            if len(self._window) > self._max_order:
                blank = self._blank_end(0)
                yield Broken(self._too_large(blank), order_offset=self._base + blank)
                return None
            self._fill(min(2 * len(self._window), self._max_order + _HEAD))
        if scanned.elements:
            end = scanned.elements[-1][1]
            stretch = self._stretch(self._window[:end], Form.ARRAY, spans=list(scanned.elements))
            if not (yield from self._within_cap(stretch)):
                return None
            if self._follower_is_plain(end):
                return end
        if scanned.closed is not None:
            yield from self._after(scanned.closed)
        else:
            yield self._broken_off(scanned, first)
        return None

    def _broken_off(self, scanned: Scanned, first: bool) -> Broken:
        """The fault of a scan. One that stands between two orders belongs to neither of them."""
        fault, at = self._placed(scanned.fault or _NOT_JSON), scanned.resume
        follows_an_order = bool(scanned.elements) and scanned.elements[-1][0] == at
        if not follows_an_order and self._window[at : at + 1] not in (b",", b"]", b"}", b""):
            return Broken(fault, order_offset=self._base + at)
        if fault.code == "SO-031" and self._comma is not None:
            fault = replace(fault, offset=self._comma)
        if fault.code == "SO-047" and first:
            fault = replace(fault, message="A comma stands before the first of the orders.", hint="Remove it.")
        return Broken(fault)

    def _follower_is_plain(self, end: int) -> bool:
        """Read until the byte after an element is known; whether it is `,` or `]`."""
        while (follower := self._blank_end(end)) >= len(self._window) and not self._at_end:
            self._fill(2 * len(self._window))
        return self._window[follower : follower + 1] in (b",", b"]")

    def _after(self, start: int) -> Iterator[Broken]:
        """What follows the closing bracket must be blank."""
        while True:
            self._drop(start)
            at = self._blank_end(0)
            if at < len(self._window):
                self._fill(_HEAD)
                fault = trailing_fault(self._window)
                if fault is not None:
                    yield Broken(self._placed(fault))
                return
            if self._at_end:
                return
            start = len(self._window)
            self._fill(len(self._window) + self._window_size)

    # ---- one record a line ------------------------------------------------------------------------------------

    def _records(self, start: int) -> Iterator[Stretch[T] | Broken]:
        while True:
            self._drop(start)
            self._fill(self._window_size)
            end = self._window.rfind(b"\n") + 1
            while not end and not self._at_end and len(self._window) <= self._max_order:
                self._fill(min(2 * len(self._window), self._max_order + _HEAD))
                end = self._window.rfind(b"\n") + 1
            end = end or len(self._window)
            large = self._long_line(end)
            if self._window[: end if large is None else large].strip(BLANK):
                yield from self._lines(self._window[: end if large is None else large])
            if large is not None:
                yield Broken(self._too_large(large), order_offset=self._base + large)
                return
            if self._at_end and end == len(self._window):
                return
            start = end

    def _long_line(self, end: int) -> int | None:
        """Where the first line over the cap begins."""
        if end <= self._max_order:
            return None
        start = 0
        for line in self._window[:end].split(b"\n"):
            if len(line.strip(BLANK)) > self._max_order:
                return start
            start += len(line) + 1
        return None

    def _lines(self, text: bytes) -> Iterator[Stretch[T] | Broken]:
        body = text.rstrip(BLANK)
        if self._typed_lines is not None and is_utf8(body):
            # One tuple a line, and the line break stays: no line can mend its neighbour, nor a text swallow the break.
            lines = b"[[" + body.replace(b"\n", b"\n],[") + b"]]"
            try:
                orders = [order for (order,) in self._typed_lines.decode(lines)]
            except (msgspec.DecodeError, RecursionError):
                orders = []
            if len(orders) == body.count(b"\n") + 1:
                yield self._stretch(body, Form.NDJSON, orders=orders)
                return
        yield from self._each_line(body)

    def _each_line(self, body: bytes) -> Iterator[Stretch[T] | Broken]:
        """Line by line: a bad record is named and the next one is read."""
        spans: list[tuple[int, int]] = []
        start = 0
        for line in body.split(b"\n"):
            stripped = line.strip(BLANK)
            if stripped:
                at = start + line.index(stripped)
                fault = record_fault(stripped)
                if fault is None:
                    spans.append((at, at + len(stripped)))
                else:
                    yield self._stretch(body, Form.NDJSON, spans=spans)
                    spans = []
                    placed = replace(fault, offset=fault.offset + self._base + at)
                    yield Broken(placed, recovered=True, order_offset=self._base + at)
            start += len(line) + 1
        yield self._stretch(body, Form.NDJSON, spans=spans)

    def _looks_like_records(self, start: int) -> bool:
        """An object whose line is complete by itself begins NDJSON; an object over several lines does not."""
        if self._window[start : start + 1] != b"{":
            return False
        while (end := self._window.find(b"\n", start)) < 0 and not self._at_end:
            if len(self._window) > self._max_order:
                return True
            self._fill(2 * len(self._window))
        line = self._window[start : end if end >= 0 else len(self._window)].strip(BLANK)
        if record_fault(line) is None:
            return True
        self._fill(end + 1 + _HEAD)
        rest = self._window[end + 1 : end + 1 + _HEAD].lstrip(BLANK) if end >= 0 else b""
        return line.endswith(b"}") and rest.startswith(b"{")

    # ---- the window ---------------------------------------------------------------------------------------------

    def _fill(self, size: int) -> None:
        pieces = [self._window]
        length = len(self._window)
        while length < size and not self._at_end:
            data = self._stream.read(size - length)
            self._at_end = not data
            pieces.append(data)
            length += len(data)
        self._window = b"".join(pieces) if len(pieces) > 1 else self._window

    def _stretch(
        self, text: bytes, form: Form, *, orders: list[T] | None = None, spans: list[tuple[int, int]] | None = None
    ) -> Stretch[T]:
        return Stretch(self._base, text, form, orders, spans, self._here())

    def _here(self) -> Cursor | None:
        return replace(self._cursor) if self._cursor else None

    def _drop(self, start: int) -> None:
        if self._cursor is not None:
            self._cursor.advance(self._window[:start])
        self._window = self._window[start:]
        self._base += start

    def _skip_blanks(self) -> None:
        """Let go of windows that hold nothing but white space, however many there are."""
        while self._blank_end(0) == len(self._window) and not self._at_end:
            self._drop(len(self._window))
            self._fill(self._window_size)

    def _blank_end(self, start: int) -> int:
        found = _NOT_BLANK.search(self._window, start)
        return found.start() if found else len(self._window)

    def _placed(self, fault: Fault) -> Fault:
        return replace(fault, offset=fault.offset + self._base)

    def _too_large(self, start: int) -> Fault:
        size = f"{self._max_order >> 20} MiB" if self._max_order >> 20 else f"{self._max_order:,} bytes"
        message = f"An order does not end within {size}, the most that one order may take."
        return Fault("SO-020", self._base + start, message, "Raise --max-order-size if the order is genuine.")
