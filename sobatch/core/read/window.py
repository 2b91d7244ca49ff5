"""The part of a stream that is in memory: filled at its end, dropped from its beginning, its place always known."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from sobatch.core.read.source import Stream
from sobatch.core.read.stretch import Cursor, Form, Stretch
from sobatch.core.syntax.strict import Fault

HEAD = 1 << 12
_NOT_BLANK = re.compile(rb"[^ \t\r\n]")

T = TypeVar("T")


class Window:
    """Bytes of a stream from `base` on. With `track` the line and column of `base` are kept as well."""

    def __init__(self, stream: Stream, size: int, *, track: bool) -> None:
        self.text = b""
        self.base = 0
        self.at_end = False
        self.size = size
        self._stream = stream
        self._cursor = Cursor() if track else None

    def fill(self, size: int) -> None:
        """Read on until the text has `size` bytes or the stream ends."""
        pieces = [self.text]
        length = len(self.text)
        while length < size and not self.at_end:
            data = self._stream.read(size - length)
            self.at_end = not data
            pieces.append(data)
            length += len(data)
        self.text = b"".join(pieces) if len(pieces) > 1 else self.text

    def drop(self, size: int) -> None:
        """Let go of the first `size` bytes."""
        if self._cursor is not None:
            self._cursor.advance(self.text[:size])
        self.text = self.text[size:]
        self.base += size

    def put_back(self, base: int, text: bytes) -> None:
        """Undo the last drops. Not for a window that tracks lines."""
        self.text = text + self.text
        self.base = base

    def skip_blanks(self) -> None:
        """Let go of windows that hold nothing but white space, however many there are."""
        while self.blank_end(0) == len(self.text) and not self.at_end:
            self.drop(len(self.text))
            self.fill(self.size)

    def blank_end(self, start: int) -> int:
        """Where the white space that begins at `start` ends."""
        found = _NOT_BLANK.search(self.text, start)
        return found.start() if found else len(self.text)

    def byte(self, at: int) -> bytes:
        """The byte at a place, or nothing past the end."""
        return self.text[at : at + 1]

    def placed(self, fault: Fault) -> Fault:
        """A fault found in this text, with its offset in the stream."""
        return replace(fault, offset=fault.offset + self.base)

    def stretch(
        self, text: bytes, form: Form, *, orders: list[T] | None = None, spans: list[tuple[int, int]] | None = None
    ) -> Stretch[T]:
        """A stretch that begins where this window does."""
        return Stretch(self.base, text, form, orders, spans, self.here())

    def here(self) -> Cursor | None:
        """A copy of the tracked place."""
        return replace(self._cursor) if self._cursor else None
