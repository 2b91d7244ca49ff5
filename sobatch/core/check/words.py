"""Findings about one member in words: what it is, what is due, and what to do about it."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from sobatch.core.check.dates import a_day, a_moment
from sobatch.core.order.codes import finding
from sobatch.core.order.declared import Member
from sobatch.core.order.spec import Finding, Severity
from sobatch.core.order.values import pointer_step
from sobatch.core.read.stretch import UNPARSED

_LONGEST_NAME = 60
_ANY = msgspec.json.Decoder()
_WORDS: Mapping[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    datetime.date: "a date",
    datetime.datetime: "a date with a time of day",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


TOO_LARGE = object()


def plain_value(raw: bytes) -> Any:
    """A value as plain data; `TOO_LARGE` for a number that no float holds."""
    try:
        return _ANY.decode(raw)
    except msgspec.ValidationError:
        return TOO_LARGE
    except UNPARSED:
        return None


def wrong_scalar(raw: bytes, value: Any, member: Member, at: str) -> Finding:
    if value is TOO_LARGE:
        return finding("SO-048", at, f"{member.name} is a number too large for any system to read.", "Correct it.")
    if member.base in (datetime.date, datetime.datetime) and isinstance(value, str):
        return a_day(value, member, at) if member.base is datetime.date else a_moment(value, member, at)
    if isinstance(value, str) and member.base is str:
        return _text(value, member, at)
    if isinstance(value, int | float) and not isinstance(value, bool) and member.base in (int, float):
        return _amount(value, raw, member, at)
    return wrong_type(at, member.base, raw, member.extra, _WORDS.get(member.base, "an object"), member.name)


def _text(value: str, member: Member, at: str) -> Finding:
    if member.minimum and len(value) < member.minimum:
        code = member.extra.get("absent", "SO-105")
        return finding(code, at, f"{member.name} is empty.", "Fill it in.")
    documented = member.extra.get("length")
    end = "." if documented else " unless it says otherwise."
    message = f"{member.name} has {len(value):,} characters; the ERP takes {member.maximum:,}{end}"
    return finding(documented or "SO-106", at, message, "Shorten it.")


def _amount(value: float, raw: bytes, member: Member, at: str) -> Finding:
    if member.base is int and isinstance(value, float):
        if value.is_integer():
            message = f"{member.name} is a whole number written with a decimal point."
            return finding("SO-104", at, message, f"Write {int(value)}.", severity=Severity.WARNING)
        return wrong_type(at, int, raw, member.extra, "a whole number", member.name)
    code = member.extra.get("range", "SO-107")
    above, least, most = member.bounds
    if above is not None and not value > above:
        what = f"must be above {above:g}"
    elif least is not None and not value >= least:
        what = f"must be {least:g} or more"
    else:
        what = f"must be {most:g} or less" if most is not None else "is out of range"
    shown = raw.decode() if len(raw) <= 20 else f"{value:g}"
    return finding(code, at, f"{member.name} is {shown}; it {what}.", "Correct the figure.")


ABSENT_HINTS = {
    "SO-103": "The document's minimal example has it; leave it out only if your ERP fills it in.",
}


def absent(member: Member, at: str) -> Finding:
    code = member.extra.get("absent", "SO-102")
    what = "is missing" if code == "SO-102" else "is not there, though the minimal order has it"
    return finding(code, f"{at}/{member.name}", f"{member.name} {what}.", ABSENT_HINTS.get(code), missing=True)


def null(member: Member, at: str) -> Finding:
    code = member.extra.get("absent", "SO-105")
    return finding(code, at, f"{member.name} is null.", ABSENT_HINTS.get(code, "Give it a value."))


def wrong_type(
    at: str, base: type, raw: bytes, extra: Mapping[str, str], wanted: str, name: str | None = None
) -> Finding:
    got = _kind(raw)
    subject = name or (at.rsplit("/", 1)[-1] if at else "The order")
    hint = None
    if base is str and raw[:1] in b"-0123456789":
        hint = f'Put it in quotes: "{raw.decode()[:40]}".'
    elif base in (int, float, bool) and raw[:1] == b'"':
        bare = raw.decode("utf-8", "replace").strip('"')
        hint = f"Take the quotes away: {bare[:40]}." if _fits(bare, base) else f"Give {wanted}."
    code = "SO-101" if not at else "SO-104"
    return finding(code, at, f"{subject} is {got}, where {wanted} is due.", hint)


def _fits(text: str, base: type) -> bool:
    if base is bool:
        return text in ("true", "false")
    return re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", text) is not None


def _kind(raw: bytes) -> str:
    first = raw[:1]
    if first == b'"':
        return "text"
    if first == b"{":
        return "an object"
    if first == b"[":
        return "an array"
    return {b"true": "true", b"false": "false", b"null": "null"}.get(raw, "a number")


def unknown(name: str, known: Mapping[str, Member], at: str) -> Finding:
    message = f'"{shown_name(name)}" is no member that the ERP knows; it would be dropped without a word.'
    return finding("SO-110", f"{at}/{pointer_step(name)}", message, lambda: _meant(name, known))


def _meant(name: str, known: Mapping[str, Member]) -> str:
    lowered = {member.lower(): member for member in known}
    exact = lowered.get(name.lower())
    near = name if len(name) <= _LONGEST_NAME else ""
    close = [exact] if exact else difflib.get_close_matches(near, list(known), n=1, cutoff=0.75)
    return f'Did you mean "{close[0]}"?' if close else "Take it out if nobody needs it."


def shown_name(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 3] + "..."
