"""What JTL's answers say, read with tolerance: members in any letter case, lists bare or in a page, errors in any form.

Nothing here takes an answer for more than it shows: what is not there is None, and None proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from sobatch.core.order.values import pointer_step
from sobatch.erp.exchange import Answer
from sobatch.erp.jtl.order import Order

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_MESSAGES = 50
_DEEPEST = 8
_STEP = re.compile(r"[^.\[\]/]+")
_WORDS = ("errormessage", "message", "detail", "title", "error_description", "error")
_WHERE = ("propertyname", "field", "path")
_FAULTS = ("validationerrors", "errors")


def shown(data: Any, name: str) -> Any:
    """A member by its name in any letter case; None when it is not there."""
    if not isinstance(data, dict):
        return None
    return data[name] if name in data else next((data[each] for each in data if each.lower() == name.lower()), None)


def text_of(value: Any) -> str | None:
    """A text or a number as text without blanks around it; None for anything else, and for nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def id_of(data: Any) -> str | None:
    """The id of an order or a line; None when there is none that can be used."""
    found = text_of(shown(data, "Id"))
    return found if found and _ID.fullmatch(found) and found != "0" else None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `total` is what the list says it has in all; `more` whether another page follows."""

    rows: tuple[Any, ...]
    total: int | None
    more: bool


def page_of(answer: Answer, size: int) -> Page | None:
    """The rows of a list; None when the answer is none. A bare array is the whole list."""
    data = answer.json() if answer.is_yes else None
    if isinstance(data, list):
        return Page(tuple(data), None, more=False)
    rows = shown(data, "Items")
    if not isinstance(rows, list):
        return None
    total, more, number, pages = (
        shown(data, each) for each in ("TotalItems", "HasNextPage", "PageNumber", "TotalPages")
    )
    if not isinstance(more, bool):
        more = number < pages if _whole(number) and _whole(pages) else len(rows) >= size
    return Page(tuple(rows), total if _whole(total) else None, more=more)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def messages(answer: Answer, order: Any, lines: Sequence[int] | None = None) -> tuple[tuple[str, str], ...]:
    """The server's words, each with a pointer into the user's order ("" for the whole).

    With `lines` the answer is about a call that had these lines of the order, and its indexes count among them.
    """
    data = answer.json()
    code, words = text_of(shown(data, "ErrorCode")), _said(data)
    if words is None and isinstance(data, str):
        words = data
    found = [("", f"{words} ({code})" if words and code else words or code or f"JTL answered {answer.status}")]
    for name in _FAULTS:
        for path, said in _faults(shown(data, name), "", 0):
            pointer = pointer_of(path, order, lines)
            entry = (pointer, said if pointer or not path else f"{path}: {said}")
            if entry not in found and len(found) < _MOST_MESSAGES:
                found.append(entry)
    return tuple(found)


def _said(data: Any) -> str | None:
    return next((text for name in _WORDS if (text := text_of(shown(data, name)))), None)


def _faults(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Path and words of each fault: a map of paths to words, lists of them, or objects that hold words."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        said = _said(value)
        if said is not None:
            where = next(
                (text for name in ("propertyname", "field", "path") if (text := text_of(shown(value, name)))), ""
            )
            yield _joined(path, where), said
            return
        for name, inner in value.items():
            yield from _faults(inner, _joined(path, name), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _faults(inner, path, depth + 1)
    elif (text := text_of(value)) is not None:
        yield path, text


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def pointer_of(path: str, order: Any, lines: Sequence[int] | None = None) -> str:
    """The JSON pointer of a path such as `$.LineItems[0].Quantity` in the user's spelling; "" where it leads nowhere.

    Words before the way begins (`$`, the name of the server's own object) are passed over.
    """
    steps = _STEP.findall(path)
    while steps:
        pointer = _followed(steps, order, lines)
        if pointer or steps[0].isdigit() or steps[0].lower() in _NAMES:
            return pointer
        steps = steps[1:]
    return ""


def _followed(steps: Sequence[str], order: Any, lines: Sequence[int] | None) -> str:
    value, pointer = order, ""
    if lines is not None and steps[0].isdigit():
        at = int(steps[0])
        if at >= len(lines):
            return ""
        value, pointer, steps = shown(order, "LineItems")[lines[at]], f"/LineItems/{lines[at]}", steps[1:]
    for left, step in enumerate(steps, -len(steps) + 1):
        if isinstance(value, list):
            if not step.isdigit() or int(step) >= len(value):
                return ""
            value, pointer = value[int(step)], f"{pointer}/{int(step)}"
            continue
        name = next((each for each in value if each.lower() == step.lower()), None) if isinstance(value, dict) else None
        if name is None:  # a member that is not there may be the very fault
            missing = _NAMES.get(step.lower())
            fits = missing in Order.__struct_fields__ if value is order else missing is not None
            return f"{pointer}/{missing}" if fits and left == 0 and isinstance(value, dict) else ""
        value, pointer = value[name], f"{pointer}/{pointer_step(name)}"
    return pointer


def _names() -> Mapping[str, str]:
    """Every member that an order may have, by its name in small letters."""
    found: dict[str, str] = {}
    kinds: list[Any] = [msgspec.inspect.type_info(Order)]
    while kinds:
        kind = kinds.pop()
        if isinstance(kind, msgspec.inspect.StructType):
            found.update({field.name.lower(): field.name for field in kind.fields})
            kinds.extend(field.type for field in kind.fields)
        elif isinstance(kind, msgspec.inspect.UnionType):
            kinds.extend(kind.types)
        elif isinstance(kind, msgspec.inspect.ListType):
            kinds.append(kind.item_type)
    return found


_NAMES = _names()
