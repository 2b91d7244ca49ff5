"""Reads a result list (and a staged part): a JSON array cut entry by entry, in bounded memory, with the exact bytes of
each entry; and makes an `Outcome` of an entry, whichever of the likely shapes it has.

The array is decoded in windows; the standard library's decoder says where each entry ends. UTF-8 decodes and encodes
without loss, so a slice of text is the bytes that came. Depth, entry size and total size are bounded.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import IO, Any, NoReturn

from sobatch.core.place.safetext import clean
from sobatch.erp.ports import Kind, Outcome
from sobatch.erp.unit4.answers import count_of
from sobatch.erp.unit4.order import Order
from sobatch.erp.wire.client import RESULTS_CAP, Redact
from sobatch.erp.wire.reading import Unreadable

WINDOW = 1 << 20
LARGEST_ENTRY = 20 << 20
"""Bytes that one entry may have: the largest order that is sent unless asked for, and what is said of it."""
DEEPEST = 64
_MOST_MESSAGES = 200
_BLANK = re.compile(r"[ \t\r\n]*")

_MESSAGE_KEYS = frozenset(
    {"notificationmessages", "errors", "errormessage", "errormessages", "error", "message", "validationerrors"}
)
_TEXT_KEYS = ("message", "errormessage", "description", "text", "detail", "title", "error")
_PLACE_KEYS = ("field", "path", "property", "propertyname", "member", "fieldname")
_INDEX_KEYS = ("index", "itemindex")
_ITEM_KEYS = ("item", "order", "salesorder", "entity")
# Where one of these stands, an order is echoed, and a member named `index` beside it may well be the order's own.
_ECHOED = frozenset(name.lower() for name in Order.__struct_fields__) - {"ordernumber", "orderstatus"}


def entries(
    path: Path, cap: int = RESULTS_CAP, *, window: int = WINDOW, largest: int = LARGEST_ENTRY
) -> Iterator[tuple[bytes, Any]]:
    """Each element of the array in a file (plain or gzip) as its exact bytes and its value. Raises `Unreadable`."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not packed:
            yield from _elements(_Window(file, cap, window, largest))
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            try:
                yield from _elements(_Window(unpacked, cap, window, largest))
            except (EOFError, gzip.BadGzipFile, zlib.error):
                raise Unreadable("the gzip data is broken or cut short") from None


def verify(path: Path, cap: int = RESULTS_CAP) -> None:
    """Read the whole list once; raises `Unreadable` when it is not one complete JSON array."""
    for _ in entries(path, cap):
        pass


class _Window:
    """The part of the text now in view; `at` is where reading goes on."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile, cap: int, size: int, largest: int) -> None:
        self._file = file
        self._largest = largest
        self._size = size
        self._left = cap
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.text = ""
        self.at = 0
        self.ended = False

    def widen(self) -> bool:
        """Bring more text into view, and let go of what was read; False at the end of the file."""
        if self.ended:
            return False
        held = len(self.text) - self.at
        if held >= self._largest:
            raise Unreadable(f"an entry is larger than {self._largest:,} bytes")
        block = self._file.read(min(max(self._size, held), max(self._size, self._largest - held)))
        self._left -= len(block)
        if self._left < 0:
            raise Unreadable("the list is larger than allowed (max_results)")
        self.ended = not block
        try:
            more = self._decoder.decode(block, final=self.ended)
        except UnicodeDecodeError:
            raise Unreadable("the list is not UTF-8") from None
        self.text = self.text[self.at :] + more
        self.at = 0
        return True

    def peek(self) -> str:
        """The next character that is not blank, or nothing at the end."""
        while True:
            match = _BLANK.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.widen():
                return ""


def _elements(window: _Window) -> Iterator[tuple[bytes, Any]]:
    if window.peek() == "\ufeff":
        window.at += 1
    if window.peek() != "[":
        raise Unreadable("the list is not a JSON array")
    window.at += 1
    if window.peek() != "]":
        yield _element(window)
        while window.peek() == ",":
            window.at += 1
            window.peek()
            yield _element(window)
    if window.peek() != "]":
        raise Unreadable("the list is cut short or broken")
    window.at += 1
    if window.peek():
        raise Unreadable("something follows the end of the list")


def _element(window: _Window) -> tuple[bytes, Any]:
    while True:
        try:
            value, end = _decode(window.text, window.at)
        except json.JSONDecodeError:
            end = -1
        except RecursionError:
            raise Unreadable("an entry is nested too deeply to be read") from None
        except ValueError as error:
            raise Unreadable(f"an entry is not JSON: {clean(str(error), 80)}") from None
        # A number at the end of the view may go on in the next block: only a following byte proves its end.
        if 0 <= end < len(window.text) or (end >= 0 and window.ended):
            raw = window.text[window.at : end].encode()
            window.at = end
            return raw, value
        if not window.widen():
            raise Unreadable("the list is cut short or broken")


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


_decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode


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
    return "/" + key.replace("~", "~0").replace("/", "~1")


@lru_cache(1024)
def field_pointer(path: str) -> str:
    """A field path as the ERP writes it (`orderLines[2].quantity`, `$.customerId`) as a pointer inside the order."""
    if path.startswith("/"):
        return path[:500]
    steps = re.findall(r"[^.\[\]]+", path[:500].removeprefix("$"))
    return "".join(pointer(step.strip("'\"")) for step in steps)
