"""From byte offsets back to what a person can find: line, column, an excerpt, and the members of an order.

Runs only when something is wrong. Reads the text again rather than remembering it: memory stays flat even if the
whole input is one line, and ascending offsets cost one pass in total.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from sobatch.core.place.excerpt import Excerpt, Place, framed
from sobatch.core.syntax.members import duplicate_keys, span_of

__all__ = ["Excerpt", "Locator", "Place", "duplicate_keys", "span_of"]

_BLOCK = 1 << 16
# Offsets that go back a little, as those of one order's problems do, are answered from these last blocks.
_KEPT = 64
_CONTINUATION = bytes(range(0x80, 0xC0))


@dataclass(frozen=True, slots=True)
class _Block:
    """A stretch of the text with the place of its first byte."""

    offset: int
    line: int
    column: int
    data: bytes


class Locator:
    """Places of a text that can be read again from its start. Owns the handle that `reopen` gave; not for two threads.

    A byte that is not UTF-8 counts as one character, unless it continues the one before. Offsets past the end mean
    the end.
    """

    def __init__(self, reopen: Callable[[], BinaryIO]) -> None:
        self._reopen = reopen
        self._handle: BinaryIO | None = None
        self._blocks: deque[_Block] = deque(maxlen=_KEPT)

    def place(self, offset: int) -> Place:
        """Line and column of a byte offset."""
        block = self._block_at(max(0, offset))
        part = block.data[: max(0, offset) - block.offset]
        line, column = _advanced(block.line, block.column, part)
        return Place(block.offset + len(part), line, column)

    def excerpt(self, offset: int, length: int = 1, *, width: int = 100) -> Excerpt:
        """The line around an offset, cut to `width` cells, with the `length` bytes from there marked."""
        around = 4 * width + 64
        offset = self.place(offset).offset
        data, base = self._stretch(offset - around, offset + min(length, around) + around)
        at = offset - base
        begin = data.rfind(b"\n", 0, at) + 1
        end = data.find(b"\n", at)
        cut_left = begin == 0 and base > 0 and not self._begins_line(base)
        cut_right = end < 0 and not self._ends(base + len(data))
        end = len(data) if end < 0 else end
        while cut_left and begin < at and data[begin] in _CONTINUATION:
            begin += 1
        line = data[begin:end]
        if cut_right:
            line = _whole_characters(line)
        elif line.endswith(b"\r") and at - begin < len(line) - 1:
            line = line[:-1]
        return framed(line, at - begin, length, width=width, cut=(cut_left, cut_right))

    def close(self) -> None:
        """Close the handle and forget what was read."""
        if self._handle is not None:
            self._handle.close()
        self._handle = None
        self._blocks.clear()

    def _block_at(self, offset: int) -> _Block:
        """The block that holds `offset`, or the last one of the text; reads on, or again from the start."""
        if self._blocks and offset < self._blocks[0].offset:
            self.close()
        while not self._blocks or offset >= self._blocks[-1].offset + _BLOCK:
            if not self._read_on():
                break
        if not self._blocks:
            return _Block(0, 1, 1, b"")
        ahead = min(len(self._blocks) - 1, (offset - self._blocks[0].offset) // _BLOCK)
        return self._blocks[ahead]

    def _read_on(self) -> bool:
        """Add the next block; False at the end of the text."""
        if self._handle is None:
            self._handle = self._reopen()
        data = _read_full(self._handle, _BLOCK)
        if not data:
            return False
        line = column = 1
        offset = 0
        if self._blocks:
            last = self._blocks[-1]
            offset = last.offset + len(last.data)
            line, column = _advanced(last.line, last.column, last.data)
        self._blocks.append(_Block(offset, line, column, data))
        return True

    def _stretch(self, begin: int, end: int) -> tuple[bytes, int]:
        """The bytes between two offsets, as far as they exist and are still at hand, and the offset of the first."""
        self._block_at(end)
        self._block_at(max(0, begin))
        if not self._blocks:
            return b"", 0
        begin = max(begin, self._blocks[0].offset)
        parts = [block for block in self._blocks if block.offset < end and block.offset + len(block.data) > begin]
        if not parts:
            return b"", begin
        data = b"".join(block.data for block in parts)
        base = parts[0].offset
        return data[max(0, begin - base) : end - base], max(begin, base)

    def _begins_line(self, offset: int) -> bool:
        return self.place(offset).column == 1

    def _ends(self, offset: int) -> bool:
        return self.place(offset + 1).offset == offset


def _advanced(line: int, column: int, part: bytes) -> tuple[int, int]:
    """Line and column after `part`, which begins at the line and column given."""
    newlines = part.count(b"\n")
    if newlines:
        line, column = line + newlines, 1
        part = part[part.rfind(b"\n") + 1 :]
    if part.isascii():
        return line, column + len(part)
    return line, column + len(part.translate(None, _CONTINUATION))


def _read_full(handle: BinaryIO, size: int) -> bytes:
    """Read exactly `size` bytes unless the stream ends before: pipes and decompressors give less when they like."""
    parts = [handle.read(size)]
    missing = size - len(parts[0])
    while missing and parts[-1]:
        parts.append(handle.read(missing))
        missing -= len(parts[-1])
    return b"".join(parts)


def _whole_characters(line: bytes) -> bytes:
    """Without the last character if the cut went through it."""
    for back in range(1, min(4, len(line)) + 1):
        byte = line[-back]
        if byte >= 0xC0:
            size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return line if size <= back else line[:-back]
        if byte < 0x80:
            break
    return line
