"""What is wrong with broken JSON, and the scene it is judged by: what came before, what is open, where we are.

Text quoted in a message is cut short and made harmless, since it comes from a file nobody has vouched for.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property

from sobatch.core.syntax.grammar import Expect, string_stop

_mark = re.compile(rb'["{}\[\],]').search
_stray = re.compile(rb"[\w$.+\-\x80-\xff]*+").match


@dataclass(frozen=True, slots=True)
class Fault:
    """A syntax error: a stable code, the offset and length of the offending bytes, and what a person would say.

    `offset` counts within the text that was handed in, and is never after the first byte that no valid JSON could
    have. `pointer` leads from the element (or record) to the fault, as far as it could be followed.
    """

    code: str
    offset: int
    message: str
    hint: str | None
    pointer: str = ""
    length: int = 1


@dataclass(frozen=True)
class Scene:
    """Where a strict reader came to a halt: `text[at]` does not fit `expect`, in the value that began at `start`.

    `top` says what the outermost elements are called (`orders`), or is empty when the value stands alone.
    """

    text: bytes
    start: int
    at: int
    expect: Expect
    opened: tuple[int, ...]
    top: str = ""

    @property
    def byte(self) -> bytes:
        """The byte that does not fit; empty at the end of the text."""
        return self.text[self.at : self.at + 1]

    @cached_property
    def before(self) -> int:
        """The offset just after the last byte before `at` that is not white space."""
        at = self.at
        while at > 0 and self.text[at - 1] in b" \t\n\r":
            at -= 1
        return at

    @property
    def previous(self) -> bytes:
        """The last byte before `at` that is not white space; empty at the very beginning."""
        return self.text[self.before - 1 : self.before] if self.before else b""

    @property
    def in_object(self) -> bool:
        """Whether the innermost open bracket is a `{`."""
        return bool(self.opened) and self.text[self.opened[-1]] == b"{"[0]

    @property
    def siblings(self) -> str:
        """What the things here are called that commas stand between."""
        if self.opened:
            return "members" if self.in_object else "elements"
        return self.top or "values"

    @property
    def word(self) -> bytes:
        """The run of letters, digits, signs and points at `at`."""
        found = _stray(self.text, self.at)
        return found.group() if found else b""

    @cached_property
    def last_string(self) -> tuple[int, int] | None:
        """The span, with its quotes, of the last string that ended before `at`."""
        return _follow(self.text, self.start, self.at)[1]


def _follow(text: bytes, start: int, stop: int) -> tuple[str, tuple[int, int] | None]:
    """Read the marks of a value that is sound up to `stop`: the pointer to that place, and the last string before."""
    path: list[bytes | int | None] = []
    last: tuple[int, int] | None = None
    at = start
    while (found := _mark(text, at, stop)) is not None:
        at, mark = found.end(), found.group()
        if mark == b'"':
            end = string_stop(text, at - 1)
            if end >= stop:
                break
            last, at = (at - 1, end + 1), end + 1
            if path and path[-1] is None:
                path[-1] = text[last[0] : last[1]]
        elif mark in b"{[":
            path.append(None if mark == b"{" else 0)
        elif not path:
            break
        elif mark == b",":
            path[-1] = path[-1] + 1 if isinstance(path[-1], int) else None
        else:
            path.pop()
    return "".join("/" + _step(part) for part in path if part is not None), last


def _step(part: bytes | int) -> str:
    """One step of a JSON pointer, from an index or a quoted name."""
    if isinstance(part, int):
        return str(part)
    return key_text(part).replace("~", "~0").replace("/", "~1")


def key_text(quoted: bytes) -> str:
    """A name as text, from its bytes with quotes; escapes are resolved where they can be."""
    if b"\\" not in quoted:
        return quoted[1:-1].decode("utf-8", "replace")
    try:
        return str(json.loads(quoted))
    except ValueError:
        return quoted[1:-1].decode("utf-8", "replace")


def pointer_at(text: bytes, start: int, at: int) -> str:
    """The JSON pointer, from the value that begins at `start`, of what stands at `at`."""
    return _follow(text, start, at)[0]


def quote(raw: bytes, most: int = 32) -> str:
    """Bytes of the file for use in a message: short, on one line, nothing in it that a terminal would obey."""
    shown = "".join(map(_harmless, raw[: most * 4].decode("utf-8", "surrogateescape")))
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _harmless(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    return f"<{code - 0xDC00:02X}>" if 0xDC80 <= code <= 0xDCFF else f"<U+{code:04X}>"


def character_at(text: bytes, at: int) -> str:
    """The character that begins at `at`; a byte that begins none comes as U+FFFD."""
    lead = text[at]
    size = 1 if lead < 0xC0 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    return text[at : at + size].decode("utf-8", "replace")[:1]
