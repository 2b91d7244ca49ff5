"""A recogniser of JSON, byte by byte, written from RFC 8259 alone: the judge of where a text ceases to be one.

After every byte it knows whether any continuation could still be valid, and one that is. Slow and plain on purpose; the
tests hold it against orjson, so that nobody needs to trust it.
"""

from __future__ import annotations

from collections.abc import Iterator

_BLANK = b" \t\n\r"
_DIGITS = b"0123456789"
_HEX = b"0123456789abcdefABCDEF"
# In a number: what may follow each of its states, and what would finish it.
_NUMBER: dict[str, tuple[dict[int, str], bytes]] = {
    "minus": ({**dict.fromkeys(b"123456789", "whole"), b"0"[0]: "zero"}, b"0"),
    "zero": ({b"."[0]: "point", **dict.fromkeys(b"eE", "e")}, b""),
    "whole": ({**dict.fromkeys(_DIGITS, "whole"), b"."[0]: "point", **dict.fromkeys(b"eE", "e")}, b""),
    "point": (dict.fromkeys(_DIGITS, "fraction"), b"0"),
    "fraction": ({**dict.fromkeys(_DIGITS, "fraction"), **dict.fromkeys(b"eE", "e")}, b""),
    "e": ({**dict.fromkeys(_DIGITS, "exponent"), **dict.fromkeys(b"+-", "sign")}, b"0"),
    "sign": (dict.fromkeys(_DIGITS, "exponent"), b"0"),
    "exponent": (dict.fromkeys(_DIGITS, "exponent"), b""),
}
# In UTF-8: the bytes that may follow a leading one.
_TAIL = range(0x80, 0xC0)
_LEADS: list[tuple[range, list[range]]] = [
    (range(0xC2, 0xE0), [_TAIL]),
    (range(0xE0, 0xE1), [range(0xA0, 0xC0), _TAIL]),
    (range(0xE1, 0xED), [_TAIL, _TAIL]),
    (range(0xED, 0xEE), [range(0x80, 0xA0), _TAIL]),
    (range(0xEE, 0xF0), [_TAIL, _TAIL]),
    (range(0xF0, 0xF1), [range(0x90, 0xC0), _TAIL, _TAIL]),
    (range(0xF1, 0xF4), [_TAIL, _TAIL, _TAIL]),
    (range(0xF4, 0xF5), [range(0x80, 0x90), _TAIL, _TAIL]),
]
# After \\uD8..\\uDB: the rest of this half of a pair, and the other half.
_PAIR = [_HEX, _HEX, b"\\", b"u", b"dD", b"cdefCDEF", _HEX, _HEX]


class Machine:
    """Feed it bytes until it says no. `state` is what is due; `due` are sets of bytes that must come one by one."""

    def __init__(self) -> None:
        self.state = "value"
        self._open: list[int] = []
        self._due: list[bytes | range] = []
        self._is_name = False

    def feed(self, byte: int) -> bool:
        """Whether the text can still become valid with this byte."""
        if self._due:
            return self._take_due(byte)
        if self.state == "surrogate":
            return self._surrogate(byte)
        if self.state in ("string", "escape", "hex"):
            return self._in_string(byte)
        if self.state in _NUMBER:
            follows, rest = _NUMBER[self.state]
            if byte in follows:
                self.state = follows[byte]
                return True
            if rest:
                return False
            self.state = "after"
        return byte in _BLANK or self._outside(byte)

    def _take_due(self, byte: int) -> bool:
        if byte not in self._due[0]:
            return False
        self._due.pop(0)
        return True

    def _in_string(self, byte: int) -> bool:
        if self.state == "escape":
            self.state = "hex" if byte == b"u"[0] else "string"
            return byte in b'"\\/bfnrtu'
        if self.state == "hex":
            return self._begin_hex(byte)
        if byte == b'"'[0]:
            self.state = "colon" if self._is_name else "after"
            return True
        if byte == b"\\"[0]:
            self.state = "escape"
            return True
        if byte >= 0x80:
            self._due = next((list(tail) for lead, tail in _LEADS if byte in lead), [])
            return bool(self._due)
        return byte >= 0x20

    def _begin_hex(self, byte: int) -> bool:
        if byte in b"dD":
            self.state = "surrogate"
            return True
        self.state, self._due = "string", [_HEX] * 3
        return byte in _HEX

    def _surrogate(self, byte: int) -> bool:
        self.state = "string"
        if byte in b"01234567":
            self._due = [_HEX, _HEX]
        else:
            self._due = list(_PAIR)
        return byte in b"0123456789abAB"

    def _outside(self, byte: int) -> bool:
        mark = bytes([byte])
        if self.state in ("value", "first") and mark != b"]":
            return self._begin_value(mark)
        if self.state in ("name", "first name") and mark == b'"':
            self.state, self._is_name = "string", True
            return True
        if self.state == "colon" and mark == b":":
            self.state = "value"
            return True
        if self.state == "after" and mark == b"," and self._open:
            self.state = "name" if self._open[-1] == b"{"[0] else "value"
            return True
        return self._close(mark)

    def _begin_value(self, mark: bytes) -> bool:
        if mark in (b"{", b"["):
            self._open.append(mark[0])
            self.state = "first name" if mark == b"{" else "first"
        elif mark == b'"':
            self.state, self._is_name = "string", False
        elif mark in (b"t", b"f", b"n"):
            word = {b"t": b"rue", b"f": b"alse", b"n": b"ull"}[mark]
            self.state, self._due = "after", [bytes([each]) for each in word]
        elif mark in (b"-", b"0"):
            self.state = "minus" if mark == b"-" else "zero"
        else:
            self.state = "whole"
            return mark in (b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8", b"9")
        return True

    def _close(self, mark: bytes) -> bool:
        wanted = {b"]": ("first", "after", b"["), b"}": ("first name", "after", b"{")}.get(mark)
        if wanted is None or self.state not in wanted[:2] or self._open[-1:] != [wanted[2][0]]:
            return False
        self._open.pop()
        self.state = "after"
        return True

    @property
    def complete(self) -> bool:
        """Whether the text so far is a whole value."""
        finished = self.state == "after" or (self.state in _NUMBER and not _NUMBER[self.state][1])
        return finished and not self._open and not self._due

    def rest(self) -> bytes:
        """Bytes that would make the text so far valid."""
        return b"".join(self._rest())

    def _rest(self) -> Iterator[bytes]:
        yield bytes(each[0] for each in self._due)
        state = self.state
        if state in ("string", "escape", "hex", "surrogate"):
            yield {"escape": b"n", "hex": b"0041", "surrogate": b"000"}.get(state, b"") + b'"'
            state = "colon" if self._is_name else "after"
        if state in ("name", "colon"):
            yield b'"":0' if state == "name" else b":0"
        if state == "value":
            yield b"0"
        if state in _NUMBER:
            yield _NUMBER[state][1]
        yield bytes({b"{"[0]: b"}"[0], b"["[0]: b"]"[0]}[each] for each in reversed(self._open))


def impossible_at(text: bytes) -> int | None:
    """The offset of the first byte after which nothing can make the text valid; its length when it only ends too early;
    None when it is valid."""
    machine = Machine()
    for at, byte in enumerate(text):
        if not machine.feed(byte):
            return at
    return None if machine.complete else len(text)


def completed(prefix: bytes) -> bytes:
    """A valid text that begins so. The prefix must be one that can become valid."""
    machine = Machine()
    assert all(machine.feed(byte) for byte in prefix)
    return prefix + machine.rest()
