"""Explain an order that is not flawless: which members are missing, mistyped, empty, too long, out of range, unknown or
twice there. Works from the spec's structs alone, so that each rule is written once.

Each object is first cut into its members (`dict[str, Raw]`, at parser speed); a member that its own decoder accepts
costs nothing more, so the work follows the faults, not the size of the order.
"""

from __future__ import annotations

import datetime
import difflib
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from sobatch.core.findings import finding
from sobatch.core.locate import duplicate_keys
from sobatch.core.spec import Finding, Severity

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_ANY = msgspec.json.Decoder()
_KEY = re.compile(rb'"[ \t\r\n]*:')
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_DAY_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|z|[+-]\d{2}:?\d{2})?$")
_WORDS: Mapping[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    datetime.date: "a date",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One declared member: its decoder, what it holds, and what its absence or range is called."""

    name: str
    base: type
    decoder: msgspec.json.Decoder[Any]
    required: bool
    inner: type[msgspec.Struct] | None
    item: type[msgspec.Struct] | None
    minimum: int | None
    maximum: int | None
    bounds: tuple[float | None, float | None, float | None]
    extra: Mapping[str, str] = field(default_factory=dict)


@cache
def members_of(struct: type[msgspec.Struct]) -> Mapping[str, Member]:
    """The declared members of a struct, by their name in JSON."""
    hints = get_type_hints(struct, include_extras=True)
    return {
        entry.encode_name: _member(entry.encode_name, hints[entry.name], entry.required)
        for entry in msgspec.structs.fields(struct)
    }


def _member(name: str, hint: Any, required: bool) -> Member:
    accepted = tuple(part for part in _alternatives(hint) if part is not msgspec.UnsetType)
    main = next(part for part in accepted if part is not type(None))
    metas = [meta for meta in get_args(main)[1:] if isinstance(meta, msgspec.Meta)] if _annotated(main) else []
    bare = get_args(main)[0] if _annotated(main) else main
    extra: dict[str, str] = {}
    for meta in metas:
        extra.update(meta.extra or {})
    base = get_origin(bare) or bare
    items = [part for part in get_args(bare) if _is_struct(part)] if base is list else []
    return Member(
        name,
        base,
        msgspec.json.Decoder(Union[accepted]),  # noqa: UP007  (built at run time)
        required,
        bare if _is_struct(bare) else None,
        items[0] if items else None,
        next((meta.min_length for meta in metas if meta.min_length is not None), None),
        next((meta.max_length for meta in metas if meta.max_length is not None), None),
        (_bound(metas, "gt"), _bound(metas, "ge"), _bound(metas, "le")),
        extra,
    )


def _bound(metas: list[msgspec.Meta], name: str) -> float | None:
    return next((value for meta in metas if (value := getattr(meta, name)) is not None), None)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _annotated(hint: Any) -> bool:
    return get_origin(hint) is Annotated


def _is_struct(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, msgspec.Struct)


def explain(raw: bytes, struct: type[msgspec.Struct], heavy_keys: tuple[str, ...]) -> Iterator[Finding]:
    """Every finding about the members of one order, given as a JSON object that parses."""
    yield from _object(raw, struct, "")
    yield from _duplicates(raw, heavy_keys)


def has_duplicate_keys(raw: bytes, decoded: Any) -> bool:
    """Whether the text has more keys than its value: exact up to a false alarm, which costs only time."""
    return len(_KEY.findall(raw)) != msgspec.json.encode(decoded).count(b'":')


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


def _object(raw: bytes, struct: type[msgspec.Struct], at: str) -> Iterator[Finding]:
    try:
        found = _MEMBERS.decode(raw)
    except msgspec.DecodeError:
        yield _wrong_type(at, dict, raw, {}, "an object")
        return
    known = members_of(struct)
    for member in known.values():
        value = found.pop(member.name, None)
        if value is None:
            if member.required:
                yield _absent(member, at)
            continue
        yield from _value(bytes(value), member, f"{at}/{member.name}")
    for name in found:
        yield _unknown(name, known, at)


def _value(raw: bytes, member: Member, at: str) -> Iterator[Finding]:
    try:
        member.decoder.decode(raw)
        return
    except (msgspec.DecodeError, RecursionError):
        pass
    kind = raw[:1]
    if raw == b"null":
        yield _null(member, at)
    elif member.inner is not None and kind == b"{":
        yield from _object(raw, member.inner, at)
    elif member.base is list and kind == b"[":
        yield from _array(raw, member, at)
    else:
        yield _scalar(raw, member, at)


def _array(raw: bytes, member: Member, at: str) -> Iterator[Finding]:
    items = _ITEMS.decode(raw)
    if not items:
        code = member.extra.get("absent", "SO-105")
        yield finding(code, at, f"{member.name} is empty.", _ABSENT_HINTS.get(code))
    if member.item is None:
        return
    decoder = _decoder(member.item)
    for index, item in enumerate(items):
        try:
            decoder.decode(item)
        except (msgspec.DecodeError, RecursionError):
            yield from _object(bytes(item), member.item, f"{at}/{index}")


@cache
def _decoder(struct: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(struct)


def _scalar(raw: bytes, member: Member, at: str) -> Finding:
    try:
        value = _ANY.decode(raw)
    except msgspec.ValidationError:
        return finding("SO-048", at, f"{member.name} is a number too large for any system to read.", "Correct it.")
    except (msgspec.DecodeError, RecursionError):
        value = None
    if member.base is datetime.date and isinstance(value, str):
        return _date(value, member, at)
    if isinstance(value, str) and member.base is str:
        return _text(value, member, at)
    if isinstance(value, int | float) and not isinstance(value, bool) and member.base in (int, float):
        return _amount(value, raw, member, at)
    return _wrong_type(at, member.base, raw, member.extra, _WORDS.get(member.base, "an object"), member.name)


def _text(value: str, member: Member, at: str) -> Finding:
    if member.minimum and len(value) < member.minimum:
        code = member.extra.get("absent", "SO-105")
        return finding(code, at, f"{member.name} is empty.", "Fill it in.")
    message = f"{member.name} has {len(value):,} characters; the ERP takes {member.maximum} unless it says otherwise."
    return finding("SO-106", at, message, "Shorten it.")


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


def _date(value: str, member: Member, at: str) -> Finding:
    if _DAY.match(value) or _DAY_TIME.match(value):
        try:
            datetime.datetime.fromisoformat(value.replace("z", "Z").replace("t", "T"))
        except ValueError:
            return finding("SO-108", at, f'{member.name} is "{value[:30]}", a date that does not exist.', "Correct it.")
        message = f"{member.name} is a date with a time of day; the document shows plain dates."
        return finding("SO-109", at, message, f'Write "{value[:10]}".', severity=Severity.WARNING)
    hint = "Write it as YYYY-MM-DD" + (", for example 2026-04-29." if value else ", or leave the member out.")
    shown = f'"{value[:30]}"' if value else "empty text"
    return finding("SO-109", at, f"{member.name} is {shown}, which is not a date.", hint)


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
