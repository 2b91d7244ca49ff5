"""How a server may spell what it was told: every encoding that a log, a page or a document puts text through."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

BEFORE, BEHIND = b"u:", b"; and more"


def _octets(text: str, form: str) -> str:
    return "".join(form.format(octet) for octet in text.encode())


def _every_other(text: str, spell: Callable[[str], str], *always: str) -> str:
    return "".join(spell(each) if place % 2 or each in always else each for place, each in enumerate(text))


def _units(letter: str, form: str) -> str:
    """A character as JSON escapes it, with a pair for what is beyond the first plane."""
    code = ord(letter)
    pair = (code,) if code <= 0xFFFF else (0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code & 0x3FF))
    return "".join("\\u" + format(unit, form) for unit in pair)


def _base64(text: str, before: bytes = b"", behind: bytes = b"") -> str:
    return base64.b64encode(before + text.encode() + behind).decode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent": lambda text: quote(text, safe=""),
    "percent, lower case": lambda text: _octets(text, "%{:02x}"),
    "percent, upper case": lambda text: _octets(text, "%{:02X}"),
    "percent, in part": lambda text: _every_other(text, lambda each: _octets(each, "%{:02x}"), "%"),
    "percent, a form": quote_plus,
    "percent, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "html": html.escape,
    "html, in numbers": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "html, in hex": lambda text: _every_other(text, lambda each: f"&#x{ord(each):x};", "&"),
    "json": lambda text: json.dumps(text)[1:-1],
    "json, lower case": lambda text: "".join(_units(each, "04x") for each in text),
    "json, upper case": lambda text: "".join(_units(each, "04X") for each in text),
    "json, in part": lambda text: _every_other(text, lambda each: _units(each, "04x"), "\\", '"'),
    "json of html of percent": lambda text: json.dumps(html.escape(quote(text, safe="")))[1:-1],
    "hex": lambda text: text.encode().hex(),
    "hex, upper case": lambda text: text.encode().hex().upper(),
    "base64": _base64,
    "base64, a byte before": lambda text: _base64(text, BEFORE[1:]),
    "base64, two bytes before": lambda text: _base64(text, BEFORE),
    "base64, in the middle": lambda text: _base64(text, BEFORE[1:], BEHIND),
    "base64, for addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64, in an address": lambda text: quote(_base64(text, BEFORE), safe=""),
}
