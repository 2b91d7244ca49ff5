"""RFC 8259 as byte patterns, and a strict walk over one JSON value that never recurses.

The walk only says where a value ends or where it stops making sense; `syntax_explain` puts that into words. Whether
the bytes are UTF-8 is not looked at here: `syntax` checks that once for a whole window.

Single-character repeats are possessive, groups are repeated a bounded number of times: early 3.11 releases match
possessive groups wrongly, and an unbounded group would let one hostile string eat the memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache

SPACE = rb"[ \t\n\r]*+"
ESCAPE = (
    rb'\\(?:["\\/bfnrt]|u(?:[0-9A-CE-Fa-ce-f][0-9A-Fa-f]{3}|[Dd][0-7][0-9A-Fa-f]{2}'
    rb"|[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}))"
)
PLAIN = rb'[^"\\\x00-\x1f]*+'
STRING = rb'"' + PLAIN + rb'(?:"|(?:' + ESCAPE + PLAIN + rb'){1,200}")'
NUMBER = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+\-]?[0-9]++)?"
SCALAR = rb"(?:" + STRING + rb"|" + NUMBER + rb"|true|false|null)"

_string_piece = re.compile(PLAIN + rb"(?:" + ESCAPE + PLAIN + rb"){0,200}").match
_value = re.compile(rb"(" + SCALAR + rb")" + SPACE + rb"|([\[{])" + SPACE).match
_key = re.compile(STRING + SPACE + rb"(:)?" + SPACE).match
_after = re.compile(rb"(?:(,)|[}\]])" + SPACE).match


def _members_of(value: bytes, least: int) -> bytes:
    """A run of members with such values; a comma only belongs to it if a name follows."""
    member = STRING + SPACE + rb":" + SPACE + value + SPACE + rb"(?:," + SPACE + rb'(?=")|(?=\}))'
    return rb"(?:" + member + rb"){%d,64}" % least


def _items_of(value: bytes, least: int) -> bytes:
    """A run of such elements; a comma only belongs to it if the array does not close after it."""
    return rb"(?:" + value + SPACE + rb"(?:," + SPACE + rb"(?!\])|(?=\]))){%d,64}" % least


def _nested(value: bytes) -> bytes:
    """Such a value, or an object or array of them."""
    members = rb"\{" + SPACE + rb"(?:" + _members_of(value, 1) + rb")?\}"
    items = rb"\[" + SPACE + rb"(?:" + _items_of(value, 1) + rb")?\]"
    return rb"(?:" + value + rb"|" + members + rb"|" + items + rb")"


# The speed: most of an order is members with small values, and these are passed over within the pattern matcher.
_SMALL_DEPTH = 1
_SMALL = _nested(SCALAR)
skip_space = re.compile(SPACE).match

_BRACE, _BRACKET = b"{["
_CLOSERS = {_BRACE: b"}"[0], _BRACKET: b"]"[0]}


@cache
def _small(bracket: int) -> re.Pattern[bytes]:
    """A run of small members or items; compiled when first needed, which most inputs never do."""
    return re.compile((_members_of if bracket == _BRACE else _items_of)(_SMALL, 0))


class Expect(Enum):
    """What would have had to come at the place where the walk stopped."""

    VALUE = "a value"
    KEY = "a name in double quotes"
    COLON = "a colon"
    AFTER = "a comma or the closing bracket"
    NOTHING_DEEPER = "no further nesting"


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a value cannot be followed any further. `opened` are the offsets of the brackets still open."""

    at: int
    expect: Expect
    opened: tuple[int, ...]


def space_end(text: bytes, at: int) -> int:
    """The offset of the first byte from `at` on that is not JSON white space."""
    found = skip_space(text, at)
    return found.end() if found else at


def string_stop(text: bytes, at: int) -> int:
    """From the opening quote at `at`: the offset of the closing quote, or of what a string cannot hold, or the end."""
    at += 1
    while True:
        piece = _string_piece(text, at)
        end = piece.end() if piece else at
        if end == at:
            return at
        at = end


def _long_string_end(text: bytes, at: int) -> int | None:
    """The offset after a string that has more escapes than one pattern takes; None if there is no such string."""
    if text[at : at + 1] != b'"':
        return None
    stop = string_stop(text, at)
    return stop + 1 if text[stop : stop + 1] == b'"' else None


def _past_key(text: bytes, at: int) -> tuple[int, Expect | None]:
    """Pass over a name and its colon: where the value is due, or what was missing there."""
    found = _key(text, at)
    if found is not None:
        return found.end(), (None if found.lastindex else Expect.COLON)
    end = _long_string_end(text, at)
    if end is None:
        return at, Expect.KEY
    at = space_end(text, end)
    if text[at : at + 1] != b":":
        return at, Expect.COLON
    return space_end(text, at + 1), None


def _past_closers(text: bytes, at: int, opened: list[int]) -> tuple[int, Expect | None]:
    """Pass over closing brackets up to and including a comma; with nothing left open: the end of the whole value."""
    while True:
        found = _after(text, at)
        if found is None:
            return at, Expect.AFTER
        if found.lastindex == 1:
            return found.end(), None
        if text[at] != _CLOSERS[text[opened[-1]]]:
            return at, Expect.AFTER
        opened.pop()
        if not opened:
            return found.start() + 1, None
        at = found.end()


def _past_small(text: bytes, at: int, bracket: int) -> tuple[int, bool]:
    """Pass over members or elements with small values; whether the last of them stands before the closing bracket."""
    run = _small(bracket).match(text, at)
    end = run.end() if run else at
    return end, end > at and end < len(text) and text[end] == _CLOSERS[bracket]


def value_end(text: bytes, at: int, max_depth: int) -> int | Stop:
    """The offset just after the JSON value that begins at `at`, or where it stops being JSON."""
    opened: list[int] = []
    while True:
        is_complete = False
        if opened:
            bracket = text[opened[-1]]
            if len(opened) + _SMALL_DEPTH <= max_depth:
                at, is_complete = _past_small(text, at, bracket)
            if bracket == _BRACE and not is_complete:
                at, missing = _past_key(text, at)
                if missing:
                    return Stop(at, missing, tuple(opened))
        if not is_complete:
            found = _value(text, at)
            if found is None:
                end = _long_string_end(text, at)
                if end is None:
                    return Stop(at, Expect.VALUE, tuple(opened))
                at = space_end(text, end) if opened else end
            elif found.lastindex == 1:
                at = found.end() if opened else found.end(1)
            elif len(opened) >= max_depth:
                return Stop(at, Expect.NOTHING_DEEPER, tuple(opened))
            else:
                opened.append(at)
                bracket, at = text[at], found.end()
                if at >= len(text) or text[at] != _CLOSERS[bracket]:
                    continue
        if opened:
            at, missing = _past_closers(text, at, opened)
            if missing:
                return Stop(at, missing, tuple(opened))
        if not opened:
            return at
