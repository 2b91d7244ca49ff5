"""Stretches of whole orders as they were cut out of a stream, and the few proofs that cutting rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, chain
from typing import Any, Generic, TypeVar

import msgspec

from sobatch.core.syntax.strict import Fault, first_fault

MAX_DEPTH = 128
BLANK = b" \t\r\n"
_VALUE_START = re.compile(rb"[^ \t\r\n,]")
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_BACKSLASH = b"\\"[0]
_BLOCK = 1 << 16
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")  # one level down, one level up
_NO_BRACKETS = bytes(set(range(256)) - set(b"[{]}"))
_SKIP = msgspec.json.Decoder(list[msgspec.Raw])

T = TypeVar("T")
UNPARSED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the parsers raise for text that is not JSON, not UTF-8, nested too deeply, or not of the type asked for."""


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
    whole: bytes
    """The text; for decoded orders of an array with the brackets around it that it was decoded with."""
    form: Form
    orders: list[T] | None = None
    spans: list[tuple[int, int]] | None = None
    cursor: Cursor | None = None
    """Line and column of `text[0]`, when the scanner was asked to track them."""
    bracketed: bool = False
    members: int | None = None
    """How many different members the decoded orders have, where that is known."""

    @property
    def text(self) -> bytes:
        """The stretch as it stands in the input; `offset` is that of its first byte."""
        if self.bracketed:
            self.whole, self.bracketed = self.whole[1:-1], False
        return self.whole

    def cut(self) -> list[tuple[int, int]]:
        """Start and end of each order inside `text`, worked out on demand for a stretch that was decoded whole."""
        if self.spans is None:
            self.spans = array_spans(self.text) if self.form is Form.ARRAY else line_spans(self.text)
        return self.spans


@dataclass(frozen=True, slots=True)
class Summed:
    """Flawless orders that a helper checked and summed up; `offset` is that of their first byte."""

    offset: int
    sums: Any


@dataclass(frozen=True, slots=True)
class Broken:
    """Text that is not JSON, from the first fault on. After a `recovered` one (an NDJSON record) scanning goes on."""

    fault: Fault
    recovered: bool = False
    order_offset: int | None = None


def is_utf8(text: bytes) -> bool:
    """Whether bytes are well-formed UTF-8."""
    if text.isascii():
        return True
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def record_fault(line: bytes) -> Fault | None:
    """None when the line is one whole JSON value; the quick way first."""
    try:
        if is_utf8(line) and len(_SKIP.decode(b"[" + line + b"]")) == 1 and is_shallow(line, 0, len(line)):
            return None
    except UNPARSED:
        pass
    return first_fault(line, max_depth=MAX_DEPTH)


def array_spans(text: bytes) -> list[tuple[int, int]]:
    """Where the values of an array's inside stand. Raises one of `UNPARSED` for broken text."""
    spans = []
    position = 0
    for raw in _SKIP.decode(b"[" + text + b"]"):
        found = _VALUE_START.search(text, position)
        start = found.start() if found else position
        position = start + len(memoryview(raw))
        spans.append((start, position))
    return spans


def line_spans(text: bytes) -> list[tuple[int, int]]:
    """Where the records of NDJSON stand."""
    spans = []
    start = 0
    for line in text.split(b"\n"):
        stripped = line.strip(BLANK)
        if stripped:
            at = start + line.index(stripped)
            spans.append((at, at + len(stripped)))
        start += len(line) + 1
    return spans


def is_shallow(text: bytes, start: int, end: int) -> bool:
    """Whether a value that parses is nested no deeper than `MAX_DEPTH`; the parsers' own limits differ and depend on
    the caller's stack."""
    if text.count(b"[", start, end) + text.count(b"{", start, end) <= MAX_DEPTH:
        return True
    return max(accumulate(chain.from_iterable(_steps(text, start, end)))) <= MAX_DEPTH


def _steps(text: bytes, start: int, end: int) -> Iterator[memoryview]:
    """One for each bracket that opens, minus one for each that closes; those in texts are none."""
    inside = 0
    while start < end:
        stop = min(start + _BLOCK, end)
        while text[stop - 1] == _BACKSLASH:
            stop += 1  # an escape stays whole
        piece = text[start:stop]
        if b"\\" in piece:
            piece = _ESCAPED.sub(b"", piece)
        outside_and_in = piece.split(b'"')
        outside = b"".join(outside_and_in[inside::2])
        yield memoryview(outside.translate(_STEPS, _NO_BRACKETS)).cast("b")
        inside = (inside + len(outside_and_in) - 1) % 2
        start = stop


def too_large(cap: int, offset: int) -> Fault:
    """The fault of an order that is over the cap."""
    size = f"{cap >> 20} MiB" if cap >> 20 else f"{cap:,} bytes"
    message = f"An order does not end within {size}, the most that one order may take."
    return Fault("SO-020", offset, message, "Raise --max-order-size if the order is genuine.")
