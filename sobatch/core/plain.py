"""JSON text as plain data, whatever its numbers: what no float or whole number of sensible length holds is infinite."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec

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
