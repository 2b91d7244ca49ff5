"""What was given on the command line, understood: which parameters are settings, and the words for sizes and times."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from sobatch.config import kinds
from sobatch.errors import UsageError

_T = TypeVar("_T")

_NOT_SETTINGS = frozenset(
    {"files", "file", "run", "wait", "dry_run", "set_aside_invalid", "allow_duplicate", "yes", "strict", "ignore",
     "max_order_size", "output", "progress", "color", "quiet", "run_key", "declared"}
)  # fmt: skip


def given(parameters: Mapping[str, object]) -> dict[str, object]:
    """The settings among a command's parameters that the user gave: what `config.load` takes as flags. `declared` holds
    those that an ERP has a flag of its own for, where `false` is a value too."""
    own = parameters.get("declared")
    return {
        **{
            name: value
            for name, value in parameters.items()
            if name not in _NOT_SETTINGS and value is not None and value is not False
        },
        **(own if isinstance(own, Mapping) else {}),
    }


def byte_size(text: str | None) -> int | None:
    """`32MiB`, `30MB` or plain bytes. Raises `UsageError`."""
    return None if text is None else _understood(kinds.size, text)


def seconds(text: str) -> float:
    """`90s`, `15m`, `400d` or plain seconds. Raises `UsageError`."""
    return _understood(_long_duration, text)


def _long_duration(text: object) -> float:
    days = re.fullmatch(r"(\d+)\s*d", str(text).strip())
    return float(days[1]) * 86400 if days else kinds.duration(text)


def _understood(read: Callable[[object], _T], text: str) -> _T:
    try:
        return read(text)
    except kinds.BadValue as error:
        raise UsageError(f"{text!r} {error}", next_step="Correct the option.") from None
