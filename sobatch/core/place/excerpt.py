"""A place in a text as people see it: line, column, and an excerpt with the place marked, in cells of a terminal.

Text from a file is made visible, never obeyed: control characters, escapes and marks that turn the reading direction
appear as signs. Pure arithmetic on strings; reading the file is the work of `locate`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_TAB = 4
_JOINERS = "\u200c\u200d"
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Place:
    """A byte offset with its line and column, both from 1. A column counts characters; only a line feed ends a line."""

    offset: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One line of the text, safe to print. `caret`: cells before the place; `span`: cells to underline, at least 1."""

    text: str
    caret: int
    span: int


@dataclass(frozen=True, slots=True)
class Glyph:
    """What is printed for one character of the text: the sign, its cells, and how many bytes it stands for."""

    sign: str
    cells: int
    size: int


def cell_width(char: str) -> int:
    """How many cells a terminal gives one character: 0 for combining ones, 2 for wide ones, else 1."""
    if " " <= char < "\x7f":
        return 1
    if unicodedata.category(char) in ("Mn", "Me") or char in _JOINERS or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def text_width(text: str) -> int:
    """How many cells a terminal gives a text that holds no control characters."""
    return sum(map(cell_width, text))


def visible(char: str, column: int) -> str:
    """What to print for a character that would be displayed at the cell `column`, counted from 0."""
    if " " <= char < "\x7f":
        return char
    code = ord(char)
    if char == "\t":
        return " " * (_TAB - column % _TAB)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xDC80 <= code <= 0xDCFF:
        return f"<{code - 0xDC00:02X}>"
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in _JOINERS:
        return f"<U+{code:04X}>"
    return char


def glyphs(line: bytes) -> list[Glyph]:
    """The signs to print for the bytes of one line; a byte that is not UTF-8 becomes a sign of its own."""
    shown: list[Glyph] = []
    column = 0
    for char in line.decode("utf-8", "surrogateescape"):
        sign = visible(char, column)
        cells = text_width(sign)
        shown.append(Glyph(sign, cells, len(char.encode("utf-8", "surrogateescape"))))
        column += cells
    return shown


def framed(line: bytes, at: int, length: int, *, width: int, cut: tuple[bool, bool] = (False, False)) -> Excerpt:
    """An excerpt of at most `width` cells around the byte `at` of a line; `cut`: the line goes on left or right."""
    signs = glyphs(line)
    first, last = _marked(signs, at, length)
    left, right = _frame(signs, first, last, width)
    before = _CUT if left > 0 or cut[0] else ""
    behind = _CUT if right < len(signs) or cut[1] else ""
    text = before + "".join(sign.sign for sign in signs[left:right]) + behind
    caret = len(before) + sum(sign.cells for sign in signs[left:first])
    span = sum(sign.cells for sign in signs[first : min(last, right)])
    return Excerpt(text, caret, max(1, span))


def _marked(signs: list[Glyph], at: int, length: int) -> tuple[int, int]:
    """The signs, first and after the last, that stand for the bytes from `at` on."""
    first, seen = 0, 0
    while first < len(signs) and seen + signs[first].size <= at:
        seen += signs[first].size
        first += 1
    last = first
    while last < len(signs) and seen < at + length:
        seen += signs[last].size
        last += 1
    return first, last


def _frame(signs: list[Glyph], first: int, last: int, width: int) -> tuple[int, int]:
    """Which signs fit, keeping two cells for the marks of a cut: a third before the place, more if little follows."""
    room = max(8, width - 2)
    wanted = sum(sign.cells for sign in signs[first:])
    before = max(room // 3, room - wanted)
    left, used = first, 0
    while left > 0 and used + signs[left - 1].cells <= before:
        left -= 1
        used += signs[left].cells
    right = first
    while right < len(signs) and used + signs[right].cells <= room:
        used += signs[right].cells
        right += 1
    return left, right
