"""Explain an order that is not flawless: which members are missing, mistyped, empty, too long, out of range, unknown or
twice there. Works from the spec's structs alone, so that each rule is written once.

Each object is first cut into its members (`dict[str, Raw]`, at parser speed); a member that its own decoder accepts
costs nothing more, so the work follows the faults, not the size of the order.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any

import msgspec

from sobatch.core.check.words import (
    ABSENT_HINTS,
    TOO_LARGE,
    absent,
    null,
    plain_value,
    shown_name,
    unknown,
    wrong_scalar,
    wrong_type,
)
from sobatch.core.order.codes import finding
from sobatch.core.order.declared import Member, decoder_of, head_of, members_of
from sobatch.core.order.spec import Finding
from sobatch.core.place.locate import duplicate_keys
from sobatch.core.read.scan import Broken, Scanner
from sobatch.core.read.stretch import UNPARSED, Stretch

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_ANY = msgspec.json.Decoder()
_LONG = 1 << 16  # bytes of a list whose items are not kept


def explain(
    raw: bytes, struct: type[msgspec.Struct], heavy_keys: tuple[str, ...], tell: Callable[[Finding], object]
) -> dict[str, Any]:
    """Tell every finding about the members of one order, given as a JSON object that parses; the order as a dict.

    Findings are told one by one because one order may have a million of them.

    What decodes stands in the dict as its typed value, the rest as plain data; empty for what is no object.
    """
    order = _Order(tell)
    value = order.read_object(raw, struct, "")
    for found in _duplicates(raw, order.long_lists, heavy_keys):
        tell(found)
    return value if isinstance(value, dict) else {}


def has_duplicate_keys(raw: bytes, decoded: Any) -> bool:
    """Whether any key stands twice in one object of the text, `decoded` being what was read from it."""
    # Colons inside texts count on both sides; an escaped one would hide a lost key, so escapes are not trusted.
    if raw.count(b":") == msgspec.json.encode(decoded).count(b":") and b"\\u003" not in raw:
        return False
    return next(iter(duplicate_keys(raw)), None) is not None


def _duplicates(raw: bytes, long_lists: list[LongList], heavy_keys: tuple[str, ...]) -> Iterator[Finding]:
    rest = raw
    for items in long_lists:  # each by itself, a piece at a time
        rest = rest.replace(items.raw, b"[]", 1)
    texts = chain([rest], (b"[" + piece.text + b"]" for items in long_lists for piece in items.pieces(typed=False)))
    if not any(map(_twice, texts)):
        return
    for pointer, key, _ in duplicate_keys(raw):
        code = "SO-112" if key in heavy_keys else "SO-111"
        message = f'The key "{shown_name(key)}" stands twice in one object; the last one wins.'
        yield finding(code, pointer, message, "Keep one.")


def _twice(raw: bytes) -> bool:
    """Whether a key stands twice in one object of the text; perhaps, where a number is beyond range."""
    try:
        return has_duplicate_keys(raw, _ANY.decode(raw))
    except msgspec.DecodeError:
        return True


class _Order:
    """One order being explained."""

    def __init__(self, tell: Callable[[Finding], object]) -> None:
        self.tell = tell
        self.long_lists: list[LongList] = []

    def read_object(self, raw: Any, struct: type[msgspec.Struct], at: str) -> Any:
        """Explain an object that its own decoder refused."""
        values = self._read_head(raw, struct) if not at else None
        if values is not None:
            return values
        try:
            found = _MEMBERS.decode(raw)
        except msgspec.DecodeError:
            self.tell(wrong_type(at, dict, bytes(raw), {}, "an object"))
            return None
        values = {}
        known = members_of(struct)
        for name, member in known.items():
            value = found.pop(name, None)
            if value is not None:
                try:
                    values[name] = member.decoder.decode(value)
                except UNPARSED:
                    values[name] = self._read_value(bytes(value), member, f"{at}/{name}")
            elif member.required:
                self.tell(absent(member, at))
        for name in found:
            self.tell(unknown(name, known, at))
        return values

    def _read_head(self, raw: Any, struct: type[msgspec.Struct]) -> dict[str, Any] | None:
        """The quick way for an order whose faults all stand in its lists; None if they do not."""
        decoder, lists = head_of(struct)
        try:
            fields = msgspec.structs.asdict(decoder.decode(raw))
        except UNPARSED:
            return None
        values = {name: value for name, value in fields.items() if value is not msgspec.UNSET}
        texts = [(member, bytes(values[member.name])) for member in lists if member.name in values]
        if not all(text.startswith(b"[") for _, text in texts):
            return None
        for member, text in texts:
            values[member.name] = self._read_array(text, member, f"/{member.name}")
        return values

    def _read_value(self, raw: bytes, member: Member, at: str) -> Any:
        kind = raw[:1]
        if raw == b"null":
            self.tell(null(member, at))
            return None
        if member.base is Any:  # nobody reads it, so even a number beyond range is only sent as written
            return None
        if member.inner is not None and kind == b"{":
            return self.read_object(raw, member.inner, at)
        if member.base is list and kind == b"[":
            return self._read_array(raw, member, at)
        value = plain_value(raw)
        self.tell(wrong_scalar(raw, value, member, at))
        return None if value is TOO_LARGE else value

    def _read_array(self, raw: bytes, member: Member, at: str) -> Any:
        items = LongList(raw, member.item) if member.item and len(raw) > _LONG else _ITEMS.decode(raw)
        if not items and member.minimum:
            code = member.extra.get("absent", "SO-105")
            self.tell(finding(code, at, f"{member.name} is empty.", ABSENT_HINTS.get(code)))
        elif member.maximum is not None and len(items) > member.maximum:
            message = f"{member.name} has {len(items):,} items; the ERP takes {member.maximum:,}."
            self.tell(finding("SO-107", at, message, "Split the order."))
        if member.item is None:
            return plain_value(raw)
        if isinstance(items, LongList):
            self.long_lists.append(items)
            for index, item in enumerate(items.texts()):
                self.read_item(item, member.item, f"{at}/{index}")
            return items
        return [self.read_item(item, member.item, f"{at}/{index}") for index, item in enumerate(items)]

    def read_item(self, raw: Any, struct: type[msgspec.Struct], at: str) -> Any:
        """Explain one item of a list, unless it is flawless."""
        try:
            return decoder_of(struct).decode(raw)
        except UNPARSED:
            return self.read_object(bytes(raw), struct, at)


class LongList(list[Any]):
    """The items of a long list of objects, read anew each time: an order may have a million of them."""

    def __init__(self, raw: bytes, struct: type[msgspec.Struct]) -> None:
        super().__init__()
        self._struct = struct
        self.raw = raw
        self._length = sum(len(piece.cut()) for piece in self.pieces(typed=False))

    def pieces(self, *, typed: bool = True) -> Iterator[Stretch[Any]]:
        """The list in stretches of its items."""
        scanner = Scanner[Any](io.BytesIO(self.raw), self._struct if typed else None, max_order=len(self.raw))
        return (piece for piece in scanner if not isinstance(piece, Broken))  # an order that parses has no broken list

    def texts(self) -> Iterator[bytes]:
        """The items one by one."""
        return (piece.text[start:end] for piece in self.pieces(typed=False) for start, end in piece.cut())

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        reader = _Order(lambda found: None)
        for piece in self.pieces():
            if piece.orders is not None:
                yield from piece.orders
            else:
                yield from (reader.read_item(piece.text[start:end], self._struct, "/") for start, end in piece.cut())

    def __getitem__(self, index: Any) -> Any:
        return next(islice(iter(self), index, None)) if isinstance(index, int) and index >= 0 else list(self)[index]
