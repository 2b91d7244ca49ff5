"""Cut an uploaded JSON array into its orders, with the exact bytes of each, in bounded memory.

This is the judge's own way of reading, independent of the client's: the text is decoded in windows, the standard
library's decoder says where each value ends, and the slice is encoded again. UTF-8 decodes and encodes without loss,
so the slice is the bytes that came in.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, NoReturn

WINDOW = 1 << 20
LARGEST_ORDER = 64 << 20
_AFTER_A_VALUE = frozenset(" \t\n\r,]")
_BLANK = re.compile(r"[ \t\n\r]*")


class BrokenUpload(Exception):
    """The file is not what the endpoint expects. The batch was accepted nevertheless, and ends in error."""


def _no_constant(word: str) -> NoReturn:
    raise BrokenUpload(f"{word} is not JSON")


_raw_decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode


class _Window:
    """The part of the text now in view. `offset` is the byte position of `text[at]` in the whole file."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._ended = False
        self.text = ""
        self.at = 0
        self.offset = 0

    def more(self) -> bool:
        """Bring more text into view; doubling, so that a huge order costs no more than its size."""
        if self._ended:
            return False
        kept = self.text[self.at :]
        if len(kept) > LARGEST_ORDER:
            raise BrokenUpload("an order is too large, or its end is missing")
        block = self._read(max(WINDOW, len(kept)))
        self._ended = not block
        try:
            self.text = kept + self._decode(block, self._ended)
        except UnicodeDecodeError as problem:
            raise BrokenUpload(f"not UTF-8: {problem.reason}") from problem
        self.at = 0
        return True

    def next_character(self) -> str:
        """The next character that is not blank, still unread; nothing at the end of the file."""
        while True:
            found = _BLANK.match(self.text, self.at)
            end = found.end() if found else self.at
            self.offset += end - self.at
            self.at = end
            if end < len(self.text):
                return self.text[end]
            if not self.more():
                return ""

    def take(self, wanted: str) -> str:
        """Read one character that must be among the wanted ones."""
        character = self.next_character()
        if not character or character not in wanted:
            raise BrokenUpload(f"expected one of {wanted} at byte {self.offset}")
        self.at += 1
        self.offset += 1
        return character

    def value(self) -> tuple[int, bytes, Any]:
        """Read one JSON value: where it starts, its bytes, what it says."""
        while True:
            try:
                value, end = _raw_decode(self.text, self.at)
            except RecursionError as problem:
                raise BrokenUpload(f"nested too deeply at byte {self.offset}") from problem
            except ValueError as problem:
                if not self.more():
                    raise BrokenUpload(f"broken JSON after byte {self.offset}") from problem
                continue
            if self.text[end : end + 1] not in _AFTER_A_VALUE and self.more():
                continue  # A number may be torn by the window's end: `12`, and even `12.`, read as 12.
            start, raw = self.offset, self.text[self.at : end].encode()
            self.at = end
            self.offset += len(raw)
            return start, raw, value


def orders_in(read: Callable[[int], bytes]) -> Iterator[tuple[int, bytes, Any]]:
    """Each order with its byte offset, its exact bytes and its value."""
    window = _Window(read)
    window.take("[")
    if window.next_character() == "]":
        raise BrokenUpload("the array is empty")
    separator = ","
    while separator == ",":
        window.next_character()
        yield window.value()
        separator = window.take(",]")
    if window.next_character():
        raise BrokenUpload(f"something follows the array at byte {window.offset}")


def unpacked(upload: IO[bytes]) -> Callable[[int], bytes]:
    """A reader of the JSON inside the upload. Gzip is told by its first two bytes, never by name or type."""
    upload.seek(0)
    packed = upload.read(2) == b"\x1f\x8b"
    upload.seek(0)
    if not packed:
        return upload.read
    inflated = gzip.GzipFile(fileobj=upload, mode="rb")

    def read(size: int) -> bytes:
        try:
            return inflated.read(size)
        except (OSError, EOFError, zlib.error) as problem:
            raise BrokenUpload(f"broken gzip: {problem}") from problem

    return read
