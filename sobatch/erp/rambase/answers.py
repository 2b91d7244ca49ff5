"""What RamBase's answers say: ids, items, notifications, and its errors with their parameters filled in.

Names are read in any letter case and under the root that the document's pages show, or without one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sobatch.erp.exchange import Answer, small

Message = tuple[str, str]
_MOST, _DEPTH = 30, 5
_HOLE = re.compile(r"\{(\d+)\}")
_PERSON = "It can pass later: ask whoever keeps the books, then send the order again."
# The document's list of errors when an item is created, with what to do.
ADVICE: Mapping[str, str] = {
    "100009": "Fill in the member it names.",
    "101205": "Correct the item of the recurring sales quote.",
    "101254": "Choose a product of the same supplier, or another supplier.",
    "107812": "Correct the end customer.",
    "103343": _PERSON,
    "103342": _PERSON,
    "106493": "Choose a recurring price in the order's currency.",
    "105749": "Give the item a recurring price: subscription and rental items need one.",
    "105784": "Choose a subscription product, or another item type.",
    "107055": "Choose a later rental date.",
    "102484": "Give the item its asset.",
    "101501": "Take the asset out.",
    "101326": "Correct the asset.",
    "102485": "Give the accounting dimension that it names.",
    "102486": "Correct the accounting dimension that it names.",
    "101313": "Correct the department number.",
    "101320": "Correct the project number.",
    "101500": "Choose a project that is open at that date.",
}


def inside(value: Any, root: str) -> Mapping[str, Any]:
    """The object under a root such as `salesorder`, or the object itself where there is no root; names are small."""
    found = small(value)
    if not isinstance(found, dict):
        return {}
    under = found.get(root)
    return under if isinstance(under, dict) else found


def rows(value: Any, root: str) -> list[Mapping[str, Any]] | None:
    """The rows of a list, bare or under its root or the root's plural; None when it is no list."""
    found = small(value)
    if isinstance(found, dict):
        found = next((found[name] for name in (f"{root}s", root, "items") if isinstance(found.get(name), list)), None)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        return None
    return [row[root] if isinstance(row.get(root), dict) else row for row in found]


def id_in(values: Mapping[str, Any], name: str, least: int) -> str | None:
    """An id as text; None for what is none. The API writes some numbers as texts."""
    value = values.get(name.lower())
    if isinstance(value, str) and value.isdecimal() and len(value) < 19:
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value >= least else None


def notes(value: Any) -> list[str]:
    """Warnings among the notifications of an answer."""
    found = small(value)
    given = found.get("notifications") if isinstance(found, dict) else None
    told = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    words = (str(each.get("translatedmessage") or each.get("message") or "") for each in told if _warns(each))
    return [text for text in words if text][:_MOST]


def _warns(notification: Mapping[str, Any]) -> bool:
    return "warn" in str(notification.get("category") or "").lower()


def messages(answer: Answer, at: str) -> tuple[Message, ...]:
    """The server's words with what to do, each at the place of what was sent; at least one."""
    found = list(_errors(small(answer.json()), _DEPTH))[:_MOST]
    if not found:
        text = answer.body[:500].decode("utf-8", "replace").strip()
        found = [text or f"status {answer.status} without a word"]
    return tuple((at, words) for words in found)


def _errors(value: Any, depth: int) -> Iterator[str]:
    if not isinstance(value, dict) or not depth:
        return
    words = value.get("translatedmessage") or value.get("message")
    about = value.get("errormessage")
    code = str(about.get("errormessageid") or "") if isinstance(about, dict) else ""
    if isinstance(words, str) and words:
        filled = _filled(words, value.get("parameters"))
        yield " ".join(filter(None, (f"{code}:" if code else "", filled, ADVICE.get(code, ""))))
    for inner in value.get("innererrors") or ():
        yield from _errors(inner, depth - 1)


def _filled(words: str, parameters: Any) -> str:
    """`{0}` and its like are filled from the parameters that come with the text."""
    given = [each for each in parameters if isinstance(each, dict)] if isinstance(parameters, list) else []
    values = {str(each.get("index")): str(each.get("value")) for each in given}
    return _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), words)
