"""The content of an order, whatever its bytes: the same for other white space, key order, escapes or ways to write a
number (`50.0`, `50`, `5e1`), as long as it has no more than 60 digits. Used to recognise content, never to send it."""

from __future__ import annotations

import json
import math
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
_LONGEST_INTEGER = 60  # digits; beyond it a number stays in exponent form, so that 1e999999 costs nothing
_LONGEST_KEPT = 32  # characters of a number worth remembering; thousands of longer ones would fill the memory


def _number(text: str) -> int | Decimal | str:
    return _value(text) if len(text) > _LONGEST_KEPT else _kept(text)


def _value(text: str) -> int | Decimal | str:
    try:
        value = Decimal(text).normalize(_EXACT)
    except InvalidOperation:  # an exponent of twenty digits; as it is written then
        return f"number {text}"
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= 0 and value.adjusted() < _LONGEST_INTEGER:
        return int(value)
    return value


_kept = lru_cache(maxsize=65536)(_value)
_DECODER = msgspec.json.Decoder(float_hook=_number)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_LARGE = 1 << 16  # bytes of a value that is taken apart
_ENCODER = msgspec.json.Encoder(order="sorted", decimal_format="number")


def canonical(raw: bytes) -> bytes:
    """The canonical text of a JSON value that parses."""
    if len(raw) > _LARGE:
        return _piecewise(raw)
    return _whole_at_once(raw)


def _piecewise(raw: bytes) -> bytes:
    """The same, a member or some items at a time: a large value as Python's objects takes ten times its size."""
    kind = raw.lstrip()[:1]
    if kind == b"{":
        members = sorted(_MEMBERS.decode(raw).items())
        texts = (_ENCODER.encode(name) + b":" + canonical(bytes(value)) for name, value in members)
        return b"{" + b",".join(texts) + b"}"
    if kind == b"[" and len(items := _ITEMS.decode(raw)) > 1:
        size = max(1, len(items) * _LARGE // (2 * len(raw)))
        rows = (b",".join(items[at : at + size]) for at in range(0, len(items), size))
        return b"[" + b",".join(canonical(b"[" + row + b"]")[1:-1] for row in rows) + b"]"
    return _whole_at_once(raw)


def _whole_at_once(raw: bytes) -> bytes:
    try:
        value = _DECODER.decode(raw)
    except msgspec.ValidationError:  # a whole number of thousands of digits
        value = json.loads(raw, parse_int=_number, parse_float=_number)
    return _ENCODER.encode(value)


def content_hash(raw: bytes) -> bytes:
    """16 bytes that stand for the content."""
    import hashlib  # takes longer than checking a small file, which needs none

    return hashlib.blake2b(canonical(raw), digest_size=16).digest()


_ANY = msgspec.json.Decoder(float_hook=float)  # a number beyond double range is JSON too
_MOST_DIGITS = 4_300  # what Python converts without being told to


def plain(raw: bytes) -> Any:
    """The value of JSON text that is known to be sound."""
    try:
        return _ANY.decode(raw)
    except msgspec.ValidationError:  # a whole number of thousands of digits
        return json.loads(raw, parse_int=_whole)


def _whole(digits: str) -> float:
    return int(digits) if len(digits) <= _MOST_DIGITS else math.copysign(math.inf, -1 if digits[0] == "-" else 1)
