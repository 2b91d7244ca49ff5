"""What the server made of an order when it completed it: in words, for the order sent is not the user's any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_TOLD = 5


def changes(ours: Mapping[str, Any], completed: Mapping[str, Any]) -> str | None:
    """One sentence on values that differ from the user's and on lines that came in; None when nothing did."""
    found = list(_differences(ours, completed))
    if not found:
        return None
    more = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return f"the server's validation changed {', '.join(found[:_TOLD])}{more}"


def _differences(ours: Mapping[str, Any], completed: Mapping[str, Any]) -> Iterator[str]:
    yield from _values(ours, completed, "")
    mine, theirs = ours.get("lines") or [], completed.get("lines") or []
    for index, line in enumerate(mine):
        if isinstance(line, dict) and index < len(theirs) and isinstance(theirs[index], dict):
            yield from _values(line, theirs[index], f"line {index + 1}: ")
    if len(theirs) > len(mine):
        yield f"{len(theirs) - len(mine)} lines added"
    elif len(theirs) < len(mine):
        yield f"{len(mine) - len(theirs)} lines taken out"


def _values(ours: Mapping[str, Any], completed: Mapping[str, Any], where: str) -> Iterator[str]:
    for name, value in ours.items():
        got = completed.get(name)
        if value is not None and not isinstance(value, dict | list) and got != value:
            yield f"{where}{name} from {value} to {got}"
