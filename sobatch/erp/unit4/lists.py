"""Reads a result list (and a staged part) entry by entry, in flat memory: the exact bytes of each entry, and its value.

The text is decoded in windows; the standard library's decoder says where each entry ends. UTF-8 decodes and encodes
without loss, so a slice of text is the bytes that came. What surrounds the list is read by `frame`. The size of an
entry, its depth and the total size are bounded.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NoReturn

from sobatch.core.place.safetext import clean
from sobatch.erp.unit4.frame import BROKEN, HEAD, NO_LIST, TAIL, Frame
from sobatch.erp.wire.client import RESULTS_CAP
from sobatch.erp.wire.reading import Unreadable

WINDOW = 1 << 20
LARGEST_ENTRY = 20 << 20
"""Bytes that one entry may have: the largest order that is sent unless asked for, and what is said of it."""
_BLANK = re.compile(r"[ \t\r\n]*")


def entries(
    path: Path, cap: int = RESULTS_CAP, *, window: int = WINDOW, largest: int = LARGEST_ENTRY
) -> Iterator[tuple[bytes, Any]]:
    """Each entry of the list in a file (plain or gzip) as its exact bytes and its value. Raises `Unreadable`."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not packed:
            yield from _listed(_Window(file, cap, window, largest))
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            try:
                yield from _listed(_Window(unpacked, cap, window, largest))
            except (EOFError, gzip.BadGzipFile, zlib.error):
                raise Unreadable("the gzip data is broken or cut short") from None


def verify(path: Path, cap: int = RESULTS_CAP) -> None:
    """Read the whole list once; raises `Unreadable` when it is not one complete list."""
    for _ in entries(path, cap):
        pass


class _Window:
    """The part of the text now in view; `at` is where reading goes on."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile, cap: int, size: int, largest: int) -> None:
        self._file = file
        self._largest = largest
        self._size = size
        self._left = cap
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.text = ""
        self.at = 0
        self.ended = False

    def widen(self) -> bool:
        """Bring more text into view, and let go of what was read; False at the end of the file."""
        if self.ended:
            return False
        held = len(self.text) - self.at
        if held >= self._largest:
            raise Unreadable(f"an entry is larger than {self._largest:,} bytes")
        block = self._file.read(min(max(self._size, held), max(self._size, self._largest - held)))
        self._left -= len(block)
        if self._left < 0:
            raise Unreadable("the list is larger than allowed (max_results)")
        self.ended = not block
        try:
            more = self._decoder.decode(block, final=self.ended)
        except UnicodeDecodeError:
            raise Unreadable("the list is not UTF-8") from None
        self.text = self.text[self.at :] + more
        self.at = 0
        return True

    def peek(self) -> str:
        """The next character that is not blank, or nothing at the end."""
        while True:
            match = _BLANK.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.widen():
                return ""

    def take(self) -> str:
        """The next character, whatever it is, or nothing at the end."""
        while self.at >= len(self.text):
            if not self.widen():
                return ""
        self.at += 1
        return self.text[self.at - 1]

    def rest(self, most: int) -> str:
        """What is left of the text. Raises `Unreadable` when that is more than so many characters."""
        while len(self.text) - self.at <= most and self.widen():
            pass
        if len(self.text) - self.at > most:
            raise Unreadable(BROKEN)
        return self.text[self.at :]


def _listed(window: _Window) -> Iterator[tuple[bytes, Any]]:
    frame = Frame()
    if window.peek() == "\ufeff":
        window.at += 1
        window.peek()
    if not any(frame.begins(window.take().encode()) for _ in range(HEAD)):
        raise Unreadable(NO_LIST)
    told = window.peek() not in ("]", "")
    if told:
        yield _element(window)
        while window.peek() == ",":
            window.at += 1
            window.peek()
            yield _element(window)
    frame.end(window.rest(TAIL).encode(), entries=told)


def _element(window: _Window) -> tuple[bytes, Any]:
    while True:
        try:
            value, end = _decode(window.text, window.at)
        except json.JSONDecodeError:
            end = -1
        except RecursionError:
            raise Unreadable("an entry is nested too deeply to be read") from None
        except ValueError as error:
            raise Unreadable(f"an entry is not JSON: {clean(str(error), 80)}") from None
        # A number at the end of the view may go on in the next block: only a byte that cannot belong to it is its end.
        if end >= 0 and (window.ended or window.text[end : end + 1] not in ".eE"):
            raw = window.text[window.at : end].encode()
            window.at = end
            return raw, value
        if not window.widen():
            raise Unreadable(BROKEN)


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


_decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode
