"""The content of an order, whatever its bytes: the same for other white space, key order, escapes or ways to write a
number (`50.0`, `50`, `5e1`). Used to recognise content, never to send it."""

from __future__ import annotations

import hashlib
from decimal import Context, Decimal
from functools import lru_cache

import msgspec

_EXACT = Context(prec=400)
_LONGEST_INTEGER = 60  # digits; beyond it a number stays in exponent form, so that 1e999999 costs nothing


@lru_cache(maxsize=65536)
def _number(text: str) -> int | Decimal:
    value = Decimal(text).normalize(_EXACT)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= 0 and value.adjusted() < _LONGEST_INTEGER:
        return int(value)
    return value


_DECODER = msgspec.json.Decoder(float_hook=_number)
_ENCODER = msgspec.json.Encoder(order="sorted", decimal_format="number")


def canonical(raw: bytes) -> bytes:
    """The canonical text of a JSON value that parses."""
    return _ENCODER.encode(_DECODER.decode(raw))


def content_hash(raw: bytes) -> bytes:
    """16 bytes that stand for the content."""
    return hashlib.blake2b(canonical(raw), digest_size=16).digest()
