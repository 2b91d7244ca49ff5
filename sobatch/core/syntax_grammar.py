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
# The speed: most of an order is plain members and is passed over within the pattern matcher.
_plain_members = re.compile(
    rb"(?:" + STRING + SPACE + rb":" + SPACE + SCALAR + SPACE + rb"," + SPACE + rb"){0,64}",
).match
_plain_items = re.compile(rb"(?:" + SCALAR + SPACE + rb"," + SPACE + rb"){0,64}").match
skip_space = re.compile(SPACE).match

_BRACE, _BRACKET = b"{["
_CLOSERS = {_BRACE: b"}"[0], _BRACKET: b"]"[0]}


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
    """Pass over plain members and the next name with its colon: where its value is due, or what was missing there."""
    run = _plain_members(text, at)
    at = run.end() if run else at
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


def value_end(text: bytes, at: int, max_depth: int) -> int | Stop:
    """The offset just after the JSON value that begins at `at`, or where it stops being JSON."""
    opened: list[int] = []
    missing: Expect | None = None
    while True:
        if opened and text[opened[-1]] == _BRACKET:
            run = _plain_items(text, at)
            at = run.end() if run else at
        found = _value(text, at)
        if found is None:
            end = _long_string_end(text, at)
            if end is None:
                return Stop(at, Expect.VALUE, tuple(opened))
            if not opened:
                return end
            at = space_end(text, end)
        elif found.lastindex == 1:
            if not opened:
                return found.end(1)
            at = found.end()
        else:
            if len(opened) >= max_depth:
                return Stop(at, Expect.NOTHING_DEEPER, tuple(opened))
            opened.append(at)
            bracket, at = text[at], found.end()
            if at >= len(text) or text[at] != _CLOSERS[bracket]:
                if bracket == _BRACE:
                    at, missing = _past_key(text, at)
                    if missing:
                        return Stop(at, missing, tuple(opened))
                continue
        at, missing = _past_closers(text, at, opened)
        if not opened and missing is None:
            return at
        if missing is None and text[opened[-1]] == _BRACE:
            at, missing = _past_key(text, at)
        if missing:
            return Stop(at, missing, tuple(opened))
