"""What MYOB EXO's answers say: the words of its errors, and the members of its orders in whatever letter case.

The shape of its error lists is not documented, so whatever holds words is read: the bare "An error has occurred.", a
map of paths to messages, a list of either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sobatch.erp.exchange import Answer

_WORDS = ("message", "messagedetail", "exceptionmessage", "errormessage", "error", "description", "detail")
_PLACES = ("field", "path", "member", "property", "key")
_MOST = 50
_STEP = re.compile(r"[A-Za-z_]\w*|\[\d+\]")

Message = tuple[str, str]


def small(value: Any) -> Any:
    """The same data with all names in small letters."""
    if isinstance(value, dict):
        return {str(name).lower(): small(each) for name, each in value.items()}
    return [small(each) for each in value] if isinstance(value, list) else value


def messages(answer: Answer) -> tuple[Message, ...]:
    """The server's words, each with its pointer inside the order; at least one."""
    found = list(_said(small(answer.json()), ""))[:_MOST]
    if not found:
        text = answer.body[:500].decode("utf-8", "replace").strip()
        found = [("", text or f"status {answer.status} without a word")]
    return tuple(found)


def _said(value: Any, at: str) -> Iterator[Message]:
    if isinstance(value, str) and value.strip():
        yield at, value.strip()
    elif isinstance(value, list):
        for each in value:
            yield from _said(each, at)
    elif isinstance(value, dict):
        place = next((_pointer(value[name]) for name in _PLACES if isinstance(value.get(name), str)), at)
        for name in _WORDS:
            yield from _said(value.get(name), place)
        for name in ("modelstate", "errors", "validationerrors"):
            yield from _by_path(value.get(name), place)


def _by_path(value: Any, at: str) -> Iterator[Message]:
    if isinstance(value, Mapping):
        for path, words in value.items():
            yield from _said(words, _pointer(path) or at)
    else:
        yield from _said(value, at)


def _pointer(path: str) -> str:
    """`salesorder.lines[0].stockcode` as `/lines/0/stockcode`."""
    steps = [step.strip("[]") for step in _STEP.findall(path)]
    if steps and steps[0].lower() in ("salesorder", "order", "model", "value"):
        steps = steps[1:]
    return "".join(f"/{step}" for step in steps)
