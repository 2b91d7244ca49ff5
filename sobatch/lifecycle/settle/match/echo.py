"""What an order and an entry's echo of it say, in a form in which the two can be compared.

A value becomes *leaves*: path and text of every member that says something. An echo contradicts an order when a path
that both have has another text in one than in the other. So it may add members, leave members out, write `0.90` as
`0.9`, `50` as `"50"`, a date with midnight behind it, or a name in other capitals; and blank members say nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

Leaves = Mapping[str, str]

_DEEPEST = 64
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?")
_MIDNIGHT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T00:00(:00(\.0+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII)
_CLASH, _OBJECT, _LIST = "\0", "\1", "\2"  # no text begins like this: they stand for what is no text


def leaves(value: Any) -> dict[str, str]:
    """The leaves of an order or an echo; that a value is an object, or a list of so many, is a leaf as well. At the top
    zero and false say nothing, since that is what an ERP fills in for members that it was not given."""
    found: dict[str, str] = {}
    if isinstance(value, dict):
        for key, each in value.items():
            if each is not False and each != 0:
                _gather(f"/{str(key).lower()}", each, found, 0)
    return {path: text for path, text in found.items() if text != _CLASH}


def agree(one: Leaves, other: Leaves) -> bool:
    """Whether nothing that both say contradicts."""
    if len(one) > len(other):
        one, other = other, one
    return all(other.get(path, text) == text for path, text in one.items())


def features(found: Leaves) -> dict[str, str]:
    """What can be looked up: the members at the top, the lengths of lists, and the members that every element of a
    list has, one below the other. Orders and echoes that agree agree in every feature that both have."""
    named = {path: text for path, text in found.items() if path.count("/") == 1}
    columns: dict[str, dict[str, str]] = {}
    for path, text in found.items():
        steps = path.split("/")
        if len(steps) == 4 and found.get(f"/{steps[1]}", "").startswith(_LIST):
            columns.setdefault(f"/{steps[1]}/*/{steps[3]}", {})[steps[2]] = text
    for name, column in columns.items():
        if found[name[: name.index("/", 1)]] == f"{_LIST}{len(column)}":
            named[name] = "\n".join(column.values())
    return named


def digest(parts: Iterable[str]) -> bytes:
    """16 bytes that stand for texts in this order."""
    text = "\0".join(parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _gather(path: str, value: Any, found: dict[str, str], depth: int) -> None:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        if value:
            _put(path, _OBJECT, found)
        for key, each in value.items():
            _gather(f"{path}/{str(key).lower()}", each, found, depth + 1)
    elif isinstance(value, list):
        if value:
            _put(path, f"{_LIST}{len(value)}", found)
        for place, each in enumerate(value):
            _gather(f"{path}/{place}", each, found, depth + 1)
    elif value is not None and value != "":
        _put(path, _text(value), found)


def _put(path: str, text: str, found: dict[str, str]) -> None:
    """Two members whose names differ in capitals only say nothing, unless they say the same."""
    found[path] = text if found.get(path, text) == text else _CLASH


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _written(value) if len(value) <= 40 else value.strip().casefold()
    return _exact(str(value))


@lru_cache(4096)
def _written(text: str) -> str:
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return _exact(text)
    date = _MIDNIGHT.fullmatch(text)
    return date[1] if date else text.casefold()


@lru_cache(4096)
def _exact(number: str) -> str:
    try:
        value = Decimal(number)
        return (
            str(int(value))
            if value == value.to_integral_value() and value.adjusted() < 60
            else f"{value:f}".rstrip("0")
        )
    except (InvalidOperation, ValueError, OverflowError):
        return number
