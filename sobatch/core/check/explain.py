"""Explain an order that is not flawless: which members are missing, mistyped, empty, too long, out of range, unknown or
twice there. Works from the spec's structs alone, so that each rule is written once.

Each object is first cut into its members (`dict[str, Raw]`, at parser speed); a member that its own decoder accepts
costs nothing more, so the work follows the faults, not the size of the order.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from sobatch.core.check.dates import a_day, a_moment
from sobatch.core.order.codes import finding
from sobatch.core.order.declared import Member, decoder_of, head_of, members_of, meter_of
from sobatch.core.order.spec import Finding, Severity
from sobatch.core.place.locate import duplicate_keys
from sobatch.core.read.stretch import UNPARSED

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
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


def explain(
    raw: bytes, struct: type[msgspec.Struct], heavy_keys: tuple[str, ...], tell: Callable[[Finding], object]
) -> dict[str, Any]:
    """Tell every finding about the members of one order, given as a JSON object that parses; the order as a dict.

    Findings are told one by one because one order may have a million of them.

    What decodes stands in the dict as its typed value, the rest as plain data; empty for what is no object.
    """
    meter = meter_of(struct)
    before = meter.reading()
    order = _Order(tell)
    value = order.read_object(raw, struct, "")
    members = order.members + meter.reading() - before
    if not meter.usable or members != raw.count(b":"):
        for found in _duplicates(raw, heavy_keys):
            tell(found)
    return value if isinstance(value, dict) else {}


def has_duplicate_keys(raw: bytes, decoded: Any) -> bool:
    """Whether any key stands twice in one object of the text, `decoded` being what was read from it."""
    # Colons inside texts count on both sides; an escaped one would hide a lost key, so escapes are not trusted.
    if raw.count(b":") == msgspec.json.encode(decoded).count(b":") and b"\\u003" not in raw:
        return False
    return next(iter(duplicate_keys(raw)), None) is not None


def _duplicates(raw: bytes, heavy_keys: tuple[str, ...]) -> Iterator[Finding]:
    try:
        decoded = _ANY.decode(raw)
    except msgspec.DecodeError:
        decoded = None  # a number beyond range: look closely
    if decoded is not None and not has_duplicate_keys(raw, decoded):
        return
    for pointer, key, _ in duplicate_keys(raw):
        code = "SO-112" if key in heavy_keys else "SO-111"
        yield finding(code, pointer, f'The key "{key}" stands twice in one object; the last one wins.', "Keep one.")


class _Order:
    """One order being explained. `members` counts those of the objects that were opened member by member."""

    def __init__(self, tell: Callable[[Finding], object]) -> None:
        self.tell = tell
        self.members = 0

    def read_object(self, raw: Any, struct: type[msgspec.Struct], at: str) -> Any:
        """Explain an object that its own decoder refused."""
        values = self._read_head(raw, struct) if not at else None
        if values is not None:
            return values
        try:
            found = _MEMBERS.decode(raw)
        except msgspec.DecodeError:
            self.tell(_wrong_type(at, dict, bytes(raw), {}, "an object"))
            return None
        self.members += len(found)
        values = {}
        known = members_of(struct)
        for name, member in known.items():
            value = found.pop(name, None)
            if value is not None:
                try:
                    values[name] = member.decoder.decode(value)
                except UNPARSED:
                    values[name] = self._read_value(bytes(value), member, f"{at}/{name}")
            elif member.required:
                self.tell(_absent(member, at))
        for name in found:
            self.tell(_unknown(name, known, at))
        return values

    def _read_head(self, raw: Any, struct: type[msgspec.Struct]) -> dict[str, Any] | None:
        """The quick way for an order whose faults all stand in its lists; None if they do not."""
        decoder, lists = head_of(struct)
        try:
            fields = msgspec.structs.asdict(decoder.decode(raw))
        except UNPARSED:
            return None
        values = {name: value for name, value in fields.items() if value is not msgspec.UNSET}
        texts = [(member, bytes(values[member.name])) for member in lists if member.name in values]
        if not all(text.startswith(b"[") for _, text in texts):
            return None
        self.members += len(values)
        for member, text in texts:
            values[member.name] = self._read_array(text, member, f"/{member.name}")
        return values

    def _read_value(self, raw: bytes, member: Member, at: str) -> Any:
        kind = raw[:1]
        if raw == b"null":
            self.tell(_null(member, at))
            return None
        if member.base is Any:  # nobody reads it, so even a number beyond range is only sent as written
            return None
        if member.inner is not None and kind == b"{":
            return self.read_object(raw, member.inner, at)
        if member.base is list and kind == b"[":
            return self._read_array(raw, member, at)
        value = _plain(raw)
        self.tell(_scalar(raw, value, member, at))
        return None if value is _TOO_LARGE else value

    def _read_array(self, raw: bytes, member: Member, at: str) -> Any:
        items = _ITEMS.decode(raw)
        if not items and member.minimum:
            code = member.extra.get("absent", "SO-105")
            self.tell(finding(code, at, f"{member.name} is empty.", _ABSENT_HINTS.get(code)))
        elif member.maximum is not None and len(items) > member.maximum:
            message = f"{member.name} has {len(items):,} items; the ERP takes {member.maximum:,}."
            self.tell(finding("SO-107", at, message, "Split the order."))
        if member.item is None:
            return _plain(raw)
        decoder = decoder_of(member.item)
        values: list[Any] = []
        for index, item in enumerate(items):
            try:
                values.append(decoder.decode(item))
            except UNPARSED:
                values.append(self.read_object(bytes(item), member.item, f"{at}/{index}"))
        return values


_TOO_LARGE = object()


def _plain(raw: bytes) -> Any:
    """A value as plain data; `_TOO_LARGE` for a number that no float holds."""
    try:
        return _ANY.decode(raw)
    except msgspec.ValidationError:
        return _TOO_LARGE
    except UNPARSED:
        return None


def _scalar(raw: bytes, value: Any, member: Member, at: str) -> Finding:
    if value is _TOO_LARGE:
        return finding("SO-048", at, f"{member.name} is a number too large for any system to read.", "Correct it.")
    if member.base in (datetime.date, datetime.datetime) and isinstance(value, str):
        return a_day(value, member, at) if member.base is datetime.date else a_moment(value, member, at)
    if isinstance(value, str) and member.base is str:
        return _text(value, member, at)
    if isinstance(value, int | float) and not isinstance(value, bool) and member.base in (int, float):
        return _amount(value, raw, member, at)
    return _wrong_type(at, member.base, raw, member.extra, _WORDS.get(member.base, "an object"), member.name)


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
        return _wrong_type(at, int, raw, member.extra, "a whole number", member.name)
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


_ABSENT_HINTS = {
    "SO-103": "The document's minimal example has it; leave it out only if your ERP fills it in.",
}


def _absent(member: Member, at: str) -> Finding:
    code = member.extra.get("absent", "SO-102")
    what = "is missing" if code == "SO-102" else "is not there, though the minimal order has it"
    return finding(code, f"{at}/{member.name}", f"{member.name} {what}.", _ABSENT_HINTS.get(code), missing=True)


def _null(member: Member, at: str) -> Finding:
    code = member.extra.get("absent", "SO-105")
    return finding(code, at, f"{member.name} is null.", _ABSENT_HINTS.get(code, "Give it a value."))


def _wrong_type(
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


def _unknown(name: str, known: Mapping[str, Member], at: str) -> Finding:
    lowered = {member.lower(): member for member in known}
    exact = lowered.get(name.lower())
    close = [exact] if exact else difflib.get_close_matches(name, list(known), n=1, cutoff=0.75)
    hint = f'Did you mean "{close[0]}"?' if close else "Take it out if nobody needs it."
    escaped = name.replace("~", "~0").replace("/", "~1")
    shown = name if len(name) <= 60 else name[:57] + "..."
    message = f'"{shown}" is no member that the ERP knows; it would be dropped without a word.'
    return finding("SO-110", f"{at}/{escaped}", message, hint)
