"""Makes an `Outcome` of an entry of a result list, whichever of the likely shapes it has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Any

from sobatch.core.order.values import pointer_step
from sobatch.core.place.safetext import clean
from sobatch.erp.ports import Kind, Outcome
from sobatch.erp.unit4.answers import count_of
from sobatch.erp.unit4.order import Order
from sobatch.erp.wire.client import Redact

DEEPEST = 64
_MOST_MESSAGES = 200

_MESSAGE_KEYS = frozenset(
    {"notificationmessages", "errors", "errormessage", "errormessages", "error", "message", "validationerrors"}
)
_TEXT_KEYS = ("message", "errormessage", "description", "text", "detail", "title", "error")
_PLACE_KEYS = ("field", "path", "property", "propertyname", "member", "fieldname")
_INDEX_KEYS = ("index", "itemindex")
_ITEM_KEYS = ("item", "order", "salesorder", "entity")
# Where one of these stands, an order is echoed, and a member named `index` beside it may well be the order's own.
_ECHOED = frozenset(name.lower() for name in Order.__struct_fields__) - {"ordernumber", "orderstatus"}


class _TooDeep(Exception):
    """An entry is nested deeper than any order."""


# POST_004: "The number of items to be saved will exceed the maximum allowed limit of 37000."
_OVER_BUDGET = re.compile(r"number\s+of\s+items\s+to\s+be\s+saved\s+will\s+exceed", re.IGNORECASE)


def outcome_of(kind: Kind, raw: bytes, value: Any, redact: Redact = str, *, first: int | None = None) -> Outcome:
    """One entry as an outcome, its words redacted, all else as it came. Shapes: an echoed order with messages inside, a
    wrapper around it, or a flat record. `first` is the index of a call's first order, where the profile states it.

    Never raises: an entry that makes no sense still counts, with its bytes.
    """
    try:
        found = _outcome(kind, raw, value, redact)
    except _TooDeep:
        return Outcome(kind, raw, messages=(("", f"this entry is nested deeper than {DEEPEST} levels"),))
    if first is None or found.index is None:
        return found
    return replace(found, index=None, position=found.index - first)


def _outcome(kind: Kind, raw: bytes, value: Any, redact: Redact) -> Outcome:
    if not isinstance(value, dict):
        return Outcome(kind, raw, messages=_shown(_texts(value, "", 0), redact))
    messages: dict[tuple[str, str], None] = {}
    outside = {} if _echoes(value) else value
    item_key = _item_key(outside)
    order = rest = _stripped({key: each for key, each in value.items() if key != item_key}, "", messages, 0)
    if outside:
        order = rest = {key: each for key, each in rest.items() if key.lower() not in _INDEX_KEYS}
    if item_key is not None:
        order = _stripped(value[item_key], "", messages, 0)
    number = _number(order) or _number(rest)
    over_budget = any(_OVER_BUDGET.search(text) for _, text in messages)
    return Outcome(kind, raw, _index(outside), number, order, _shown(messages, redact), over_budget)


def _echoes(value: dict[str, Any]) -> bool:
    """Whether members of an order stand at this level of an entry."""
    return any(key.lower() in _ECHOED for key in value)


def _item_key(outside: dict[str, Any]) -> str | None:
    """The member that holds the echoed order."""
    return next((key for key in outside if key.lower() in _ITEM_KEYS and isinstance(outside[key], dict)), None)


def _index(outside: dict[str, Any]) -> int | None:
    """The index that an entry gives outside the order it echoes."""
    folded = {key.lower(): each for key, each in outside.items()}
    return next((found for key in _INDEX_KEYS if (found := count_of(folded.get(key))) is not None), None)


def _shown(messages: Iterable[tuple[str, str]], redact: Redact) -> tuple[tuple[str, str], ...]:
    return tuple((at, clean(redact(text), 2000)) for at, text in islice(messages, _MOST_MESSAGES))


def _number(order: dict[str, Any]) -> str | None:
    value = next((each for key, each in order.items() if key.lower() == "ordernumber"), None)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    text = str(value).strip()
    return text if text.strip("0") else None


def _stripped(value: Any, at: str, messages: dict[tuple[str, str], None], depth: int) -> Any:
    """The value without its message members, whose texts are gathered with the place they stand at."""
    if depth > DEEPEST:
        raise _TooDeep
    if isinstance(value, list):
        return [_stripped(each, f"{at}/{place}", messages, depth + 1) for place, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, each in value.items():
        if _speaks(key):
            messages.update(dict.fromkeys(_texts(each, at, depth)))
        elif isinstance(each, (dict, list)):
            kept[key] = _stripped(each, at + pointer(key), messages, depth + 1)
        else:
            kept[key] = each
    return kept


@lru_cache(1024)
def _speaks(key: str) -> bool:
    """Whether a member holds the server's words."""
    return key.lower() in _MESSAGE_KEYS


def _texts(value: Any, at: str, depth: int) -> Iterator[tuple[str, str]]:
    """Every text in a message member, with its place: a text, a list of them, records, or records by field."""
    if depth > DEEPEST:
        raise _TooDeep
    if isinstance(value, str):
        if value.strip():
            yield at, value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, at, depth + 1)
    elif isinstance(value, dict):
        folded = {key.lower(): each for key, each in value.items()}
        spoken = next((folded[key] for key in _TEXT_KEYS if isinstance(folded.get(key), str)), None)
        if spoken is not None:
            place = next((folded[key] for key in _PLACE_KEYS if isinstance(folded.get(key), str)), "")
            yield from _texts(spoken, at + field_pointer(place), depth + 1)
            return
        for key, each in value.items():
            step = "" if key.lower() in _MESSAGE_KEYS else field_pointer(key)
            yield from _texts(each, at + step, depth + 1)


def pointer(key: str) -> str:
    """One step of an RFC 6901 pointer."""
    return "/" + pointer_step(key)


@lru_cache(1024)
def field_pointer(path: str) -> str:
    """A field path as the ERP writes it (`orderLines[2].quantity`, `$.customerId`) as a pointer inside the order."""
    if path.startswith("/"):
        return path[:500]
    steps = re.findall(r"[^.\[\]]+", path[:500].removeprefix("$"))
    return "".join(pointer(step.strip("'\"")) for step in steps)
