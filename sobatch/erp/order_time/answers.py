"""What Order Time's answers say, read with tolerance: errors in any likely form, lists bare or in a wrapper.

Nothing here takes an answer for more than it shows: what is not there is None, and None proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sobatch.erp.exchange import Answer

_MOST_OF_32_BITS = 2**31 - 1
_MOST_MESSAGES = 50
_LONGEST = 500
_STEP = re.compile(r"[^.\[\]/]+")
# A captioned name that is not the member's own, less its blanks: from the document's column Caption.
_CAPTIONS = {
    "no": "docno",
    "items": "lineitems",
    "salestax": "itemsalestaxref",
    "terms": "termref",
    "discounttaxcode": "discountsalestaxcoderef",
    "additionalfeetaxcode": "additionalfeesalestaxcoderef",
    "shippingmethod": "shipmethodref",
    "shippingamount": "shipamount",
    "shippingtaxcode": "shipsalestaxcoderef",
    "taxcode": "salestaxcoderef",
}


def docno_of(data: Any) -> str | None:
    """The number of the order that an answer or an entry shows; None when there is none that can be used."""
    number = data.get("DocNo") if isinstance(data, dict) else None
    usable = isinstance(number, int) and not isinstance(number, bool) and 0 < number <= _MOST_OF_32_BITS
    return str(number) if usable else None


def rows_of(answer: Answer) -> list[Any] | None:
    """The entries of a list, bare or as the only list in an object; None when the answer is no list."""
    data = answer.json() if answer.is_yes else None
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
        return lists[0] if len(lists) == 1 else None
    return data if isinstance(data, list) else None


def messages(answer: Answer, order: Any) -> tuple[tuple[str, str], ...]:
    """The server's words, each with a pointer into the user's order ("" for the whole)."""
    found: list[tuple[str, str]] = []
    for name, words in _said(answer.json()):
        pointer = pointer_of(name, order)
        entry = (pointer, words if pointer or not name or name.lower() in words.lower() else f"{name}: {words}")
        if entry not in found and len(found) < _MOST_MESSAGES:
            found.append(entry)
    return tuple(found) or (("", _plain(answer) or f"Order Time answered {answer.status} without a word."),)


def pointer_of(name: str, order: Any) -> str:
    """The place in the order that a name such as `LineItems[0].Quantity` or `Customer PO` means; "" for none.

    Goes as far as there is something in the order: what is named and not there belongs to what should have held it.
    """
    pointer, place, entered = "", order, False
    for step in _STEP.findall(name):
        found = _inside(place, step)
        if found is None:
            if entered:
                break
            continue  # such as the name of the parameter in front
        entered = True
        pointer, place = f"{pointer}/{found}", place[int(found)] if isinstance(place, list) else place[found]
    return pointer


def _inside(place: Any, step: str) -> str | None:
    if isinstance(place, list):
        return step if step.isdecimal() and step.isascii() and int(step) < len(place) else None
    if not isinstance(place, dict):
        return None
    wanted = _bare(step)
    wanted = _CAPTIONS.get(wanted, wanted)
    return next((each for each in place if _bare(each) in (wanted, f"{wanted}ref")), None)


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _said(data: Any) -> Iterator[tuple[str, str]]:
    """Name and words of each fault: of validation results, of a map of names to words, or of a bare message."""
    if isinstance(data, str) and data.strip():
        yield "", data.strip()[:_LONGEST]
    elif isinstance(data, list):
        for entry in data:
            yield from _said(entry)
    elif isinstance(data, Mapping):
        by_name = {_bare(name): value for name, value in data.items()}
        words = next((text for name in ("errormessage", "message") if (text := _text(by_name.get(name)))), None)
        names = by_name.get("membernames")
        if words is not None:
            for name in [each for each in names if isinstance(each, str)] if isinstance(names, list) else [""]:
                yield name, words
        for name, value in data.items():
            if _bare(name) == "modelstate" and isinstance(value, dict):
                yield from ((inner, text) for inner, texts in value.items() for text in _texts(texts))
            elif words is None and isinstance(value, list):
                yield from _said([each for each in value if isinstance(each, dict)])


def _texts(value: Any) -> list[str]:
    return [text for each in (value if isinstance(value, list) else [value]) if (text := _text(each))]


def _text(value: Any) -> str | None:
    return value.strip()[:_LONGEST] or None if isinstance(value, str) else None


def _plain(answer: Answer) -> str | None:
    """The body as words, where it is neither JSON nor a page."""
    text = answer.body[: 4 * _LONGEST].decode("utf-8", "replace").strip()
    return None if text[:1] in ("<", "{", "[", "") else text[:_LONGEST]
