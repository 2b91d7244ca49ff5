"""What MYOB EXO's answers say: the words of its errors, each with its place in the order.

The shape of its error lists is not documented, so whatever holds words is read: the bare "An error has occurred.", a
map of paths to messages, a list of either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from sobatch.erp.exchange import Answer, small
from sobatch.erp.slices import spelt

_WORDS = ("message", "messagedetail", "exceptionmessage", "errormessage", "error", "description", "detail")
_PLACES = ("field", "path", "member", "property", "key")
_MOST = 50
_STEP = re.compile(r"[A-Za-z_]\w*|\[\d+\]")

Message = tuple[str, str]


def messages(answer: Answer, order: Any) -> tuple[Message, ...]:
    """The server's words, each with its pointer inside the order (plain data) as the user spelt it; at least one."""
    found = [(spelt(at, order), words) for at, words in islice(_said(small(answer.json()), ""), _MOST)]
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
