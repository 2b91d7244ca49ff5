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
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec

from sobatch.core.source import Stream
from sobatch.core.syntax import Fault, first_fault, opening_fault, scan_elements, trailing_fault

WINDOW = 1 << 18
MAX_ORDER = 16 << 20
MAX_DEPTH = 128
_HEAD = 1 << 12
_MAX_STEPS = 1 << 13
_BLANK = b" \t\r\n"
_NOT_BLANK = re.compile(rb"[^ \t\r\n]")
_SEPARATOR = re.compile(rb"}[ \t\r\n]*,[ \t\r\n]*\{[ \t\r\n]*\"[^\"\\]*\"")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_SKIP = msgspec.json.Decoder(list[msgspec.Raw])
_VALUE_START = re.compile(rb"[^ \t\r\n,]")
_NOT_JSON = Fault("SO-030", 0, "The array does not go on as JSON does.", None)

T = TypeVar("T")


class Form(StrEnum):
    """How the orders stand in the text."""

    ARRAY = "array"
    NDJSON = "ndjson"


@dataclass(slots=True)
class Cursor:
    """A place that moves forward: line and column from 1, the column in characters."""

    line: int = 1
    column: int = 1

    def advance(self, text: bytes) -> None:
        """Move past some text; it must not end inside a character."""
        newlines = text.count(b"\n")
        if newlines:
            self.line += newlines
            self.column = 1
            text = text[text.rfind(b"\n") + 1 :]
        self.column += len(text) if text.isascii() else len(text.decode("utf-8", "replace"))


@dataclass(slots=True)
class Stretch(Generic[T]):
    """Whole orders in a row, decoded (`orders`) or only cut (`spans`); one of the two is never None."""

    offset: int
    text: bytes
    form: Form
    orders: list[T] | None = None
    spans: list[tuple[int, int]] | None = None
    cursor: Cursor | None = None
    """Line and column of `text[0]`, when the scanner was asked to track them."""

    def cut(self) -> list[tuple[int, int]]:
        """Start and end of each order inside `text`, worked out on demand for a stretch that was decoded whole."""
        if self.spans is None:
            self.spans = _array_spans(self.text) if self.form is Form.ARRAY else _line_spans(self.text)
        return self.spans


@dataclass(frozen=True, slots=True)
class Broken:
    """Text that is not JSON, from the first fault on. After a `recovered` one (an NDJSON record) scanning goes on."""

    fault: Fault
    recovered: bool = False
    order_offset: int | None = None


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
    ) -> None:
        self._cursor = Cursor() if track else None
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
        self.form: Form | None = None

    def __iter__(self) -> Iterator[Stretch[T] | Broken]:
        self._fill(max(_HEAD, self._window_size))
        fault = opening_fault(self._window[:_HEAD])
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
            yield Broken(self._not_an_array(start))

    # ---- one JSON array -------------------------------------------------------------------------------------

    def _array(self, start: int) -> Iterator[Stretch[T] | Broken]:
        first = True
        while True:
            self._drop(start)
            self._fill(self._window_size)
            stretch, end = self._guessed()
            if stretch is not None:
                yield stretch
            else:
                found = yield from self._slowly(first)
                if found is None:
                    return
                end = found
            first = False
            start = self._blank_end(end)
            if self._window[start : start + 1] == b"]":
                yield from self._after(start + 1)
                return
            start += 1

    def _guessed(self) -> tuple[Stretch[T] | None, int]:
        for end in self._guesses():
            stretch = self._proved(self._window[:end])
            if stretch is not None:
                self._learn(stretch)
                return stretch, end
        return None, 0

    def _proved(self, text: bytes) -> Stretch[T] | None:
        if not _is_utf8(text):
            return None
        if self._typed is not None:
            try:
                return self._stretch(text, Form.ARRAY, orders=self._typed.decode(b"[" + text + b"]"))
            except (msgspec.DecodeError, RecursionError):
                pass
        try:
            spans = _array_spans(text)
        except (msgspec.DecodeError, RecursionError):
            return None
        if not all(_shallow(text, *span) for span in spans):
            return None
        return self._stretch(text, Form.ARRAY, spans=spans)

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
        """The last `}` that balances the braces before it and is followed by `,` or `]`. Braces in strings mislead it."""
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
            self._fill(2 * len(self._window))
        if scanned.elements:
            end = scanned.elements[-1][1]
            yield self._stretch(self._window[:end], Form.ARRAY, spans=list(scanned.elements))
            if self._follower_is_plain(end):
                return end
        if scanned.fault is not None:
            yield Broken(self._placed(scanned.fault), order_offset=self._base + scanned.resume)
        elif scanned.closed is not None:
            yield from self._after(scanned.closed)
        else:
            rescanned = scan_elements(self._window, 0, at_end=self._at_end, first=first, max_depth=MAX_DEPTH)
            yield Broken(self._placed(rescanned.fault or _NOT_JSON), order_offset=self._base + rescanned.resume)
        return None

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
                self._fill(2 * len(self._window))
                end = self._window.rfind(b"\n") + 1
            if not end and not self._at_end:
                yield Broken(self._too_large(0), order_offset=self._base)
                return
            end = end or len(self._window)
            if self._window[:end].strip(_BLANK):
                yield from self._lines(self._window[:end])
            if self._at_end and end == len(self._window):
                return
            start = end

    def _lines(self, text: bytes) -> Iterator[Stretch[T] | Broken]:
        body = text.rstrip(_BLANK)
        if self._typed_lines is not None and _is_utf8(body):
            lines = b"[[" + body.replace(b"\n", b"],[") + b"]]"  # one tuple a line: no line can mend its neighbour
            try:
                orders = [order for (order,) in self._typed_lines.decode(lines)]
                yield self._stretch(body, Form.NDJSON, orders=orders)
                return
            except (msgspec.DecodeError, RecursionError):
                pass
        yield from self._each_line(body)

    def _each_line(self, body: bytes) -> Iterator[Stretch[T] | Broken]:
        """Line by line: a bad record is named and the next one is read."""
        spans: list[tuple[int, int]] = []
        start = 0
        for line in body.split(b"\n"):
            stripped = line.strip(_BLANK)
            if stripped:
                at = start + line.index(stripped)
                fault = _record_fault(stripped)
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
        line = self._window[start : end if end >= 0 else len(self._window)].strip(_BLANK)
        if _record_fault(line) is None:
            return True
        rest = self._window[end + 1 : end + 1 + _HEAD].lstrip(_BLANK) if end >= 0 else b""
        return line.endswith(b"}") and rest.startswith(b"{")

    def _not_an_array(self, start: int) -> Fault:
        first = self._window[start : start + 1]
        what = "one JSON object" if first == b"{" else "a JSON value that is no array"
        hint = "Put the orders into one array: [ {...}, {...} ], or write one order per line (NDJSON)."
        fault = first_fault(self._window) if self._at_end else None
        if fault is not None and first != b"{":
            return fault
        return Fault("SO-011", start, f"The input is {what}, not an array of orders.", hint)

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
        return Stretch(self._base, text, form, orders, spans, replace(self._cursor) if self._cursor else None)

    def _drop(self, start: int) -> None:
        if self._cursor is not None:
            self._cursor.advance(self._window[:start])
        self._window = self._window[start:]
        self._base += start

    def _blank_end(self, start: int) -> int:
        found = _NOT_BLANK.search(self._window, start)
        return found.start() if found else len(self._window)

    def _placed(self, fault: Fault) -> Fault:
        return replace(fault, offset=fault.offset + self._base)

    def _too_large(self, start: int) -> Fault:
        size = f"{self._max_order >> 20} MiB" if self._max_order >> 20 else f"{self._max_order:,} bytes"
        message = f"An order does not end within {size}, the most that one order may take."
        return Fault("SO-020", self._base + start, message, "Raise --max-order-size if the order is genuine.")


def _is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _record_fault(line: bytes) -> Fault | None:
    """None when the line is one whole JSON value; the quick way first."""
    try:
        if _is_utf8(line) and len(_SKIP.decode(b"[" + line + b"]")) == 1 and _shallow(line, 0, len(line)):
            return None
    except (msgspec.DecodeError, RecursionError):
        pass
    return first_fault(line, max_depth=MAX_DEPTH)


def _array_spans(text: bytes) -> list[tuple[int, int]]:
    """Where the values of an array's inside stand. Raises `msgspec.DecodeError` or `RecursionError` for broken text."""
    spans = []
    position = 0
    for raw in _SKIP.decode(b"[" + text + b"]"):
        found = _VALUE_START.search(text, position)
        start = found.start() if found else position
        position = start + len(memoryview(raw))
        spans.append((start, position))
    return spans


def _line_spans(text: bytes) -> list[tuple[int, int]]:
    spans = []
    start = 0
    for line in text.split(b"\n"):
        stripped = line.strip(_BLANK)
        if stripped:
            at = start + line.index(stripped)
            spans.append((at, at + len(stripped)))
        start += len(line) + 1
    return spans


def _shallow(text: bytes, start: int, end: int) -> bool:
    """Whether nesting stays within `MAX_DEPTH`; the parsers' own limits differ and depend on the caller's stack."""
    if text.count(b"[", start, end) + text.count(b"{", start, end) <= MAX_DEPTH:
        return True
    depth = deepest = 0
    for byte in _STRING.sub(b"", text[start:end]):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest <= MAX_DEPTH
