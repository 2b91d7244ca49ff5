"""What rules and facts read out of an order given as plain data, whose members may have any type or be absent."""

from __future__ import annotations

import math
from typing import Any


def number_of(value: Any) -> float | None:
    """The number as a typed order has it; None for what is none, or beyond what a double can hold (SO-048)."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def text_of(value: Any) -> str | None:
    """A text that says something; None for an empty one and for what is no text."""
    return value if isinstance(value, str) and value else None


def pointer_step(name: str) -> str:
    """A member's name as a step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
