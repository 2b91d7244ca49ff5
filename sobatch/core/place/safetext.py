"""Text from a server or a file, made safe to show: no control character, escape or direction mark gets through.

Nothing is silently lost: what cannot be shown as it is appears as `^[` or `\\u202e`. Line breaks and tabs become one
space. Says nothing about markup: whoever prints must print plainly.
"""

from __future__ import annotations

import re

_BREAKS = re.compile(r"[\t\n\v\f\r]+")
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def clean(text: str, limit: int = 500) -> str:
    """The text on one line, free of anything that steers a terminal, at most `limit` characters long."""
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text.strip()
    head = text[: limit * 2 + 64]
    flat = _UNSAFE.sub(_visible, _BREAKS.sub(" ", head)).strip()
    whole = len(head) == len(text)
    return flat if whole and len(flat) <= limit else flat[: max(limit - 1, 0)] + "…"


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20 or code == 0x7F:
        return "^" + chr(code ^ 0x40)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
