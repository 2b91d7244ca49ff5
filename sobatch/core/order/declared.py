"""What a spec's struct declares of each member: its decoder, whether it must be there, its bounds, its spelling."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from sobatch.core.order.meter import Meter


@dataclass(frozen=True, slots=True)
class Member:
    """One declared member: its decoder, what it holds, and what its absence or range is called."""

    name: str
    base: type
    decoder: msgspec.json.Decoder[Any]
    required: bool
    inner: type[msgspec.Struct] | None
    item: type[msgspec.Struct] | None
    minimum: int | None
    maximum: int | None
    bounds: tuple[float | None, float | None, float | None]
    extra: Mapping[str, str] = field(default_factory=dict)


@cache
def members_of(struct: type[msgspec.Struct]) -> Mapping[str, Member]:
    """The declared members of a struct, by their name in JSON."""
    hints = get_type_hints(struct, include_extras=True)
    return {
        entry.encode_name: _member(entry.encode_name, hints[entry.name], entry.required)
        for entry in msgspec.structs.fields(struct)
    }


@cache
def head_of(struct: type[msgspec.Struct]) -> tuple[msgspec.json.Decoder[Any], list[Member]]:
    """A decoder of the same members whose lists of objects are left as raw text, and which lists these are."""
    lists = {name: member for name, member in members_of(struct).items() if member.item is not None}
    fields: list[Any] = [
        (entry.name, msgspec.Raw if entry.encode_name in lists else entry.type, msgspec.field(name=entry.encode_name))
        if entry.required
        else (
            entry.name,
            Union[msgspec.Raw, msgspec.UnsetType] if entry.encode_name in lists else entry.type,  # noqa: UP007
            msgspec.field(default=msgspec.UNSET, name=entry.encode_name),
        )
        for entry in msgspec.structs.fields(struct)
    ]
    forbidding = struct.__struct_config__.forbid_unknown_fields
    head = msgspec.defstruct(f"{struct.__name__}Head", fields, gc=False, forbid_unknown_fields=forbidding)
    return msgspec.json.Decoder(head), list(lists.values())


def _member(name: str, hint: Any, required: bool) -> Member:
    accepted = tuple(part for part in _alternatives(hint) if part is not msgspec.UnsetType)
    main = next(part for part in accepted if part is not type(None))
    metas = [meta for meta in get_args(main)[1:] if isinstance(meta, msgspec.Meta)] if _annotated(main) else []
    bare = get_args(main)[0] if _annotated(main) else main
    extra: dict[str, str] = {}
    for meta in metas:
        extra.update(meta.extra or {})
    base = get_origin(bare) or bare
    items = [part for part in get_args(bare) if _is_struct(part)] if base is list else []
    return Member(
        name,
        base,
        msgspec.json.Decoder(Union[accepted]),  # noqa: UP007  (built at run time)
        required,
        bare if _is_struct(bare) else None,
        items[0] if items else None,
        next((meta.min_length for meta in metas if meta.min_length is not None), None),
        next((meta.max_length for meta in metas if meta.max_length is not None), None),
        (_bound(metas, "gt"), _bound(metas, "ge"), _bound(metas, "le")),
        extra,
    )


def _bound(metas: list[msgspec.Meta], name: str) -> float | None:
    return next((value for meta in metas if (value := getattr(meta, name)) is not None), None)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _annotated(hint: Any) -> bool:
    return get_origin(hint) is Annotated


def _is_struct(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, msgspec.Struct)


@cache
def decoder_of(struct: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    """The typed decoder of a struct."""
    return msgspec.json.Decoder(struct)


T = TypeVar("T")


class Typed(Generic[T]):
    """The decoders of one order type. All methods also return the count of members, None if unknown.

    Raises one of `stretch.UNPARSED` for text that is not flawless.
    """

    def __init__(self, order_type: Any) -> None:
        self._array: msgspec.json.Decoder[Any] = msgspec.json.Decoder(list[order_type])
        self._lines: msgspec.json.Decoder[Any] = msgspec.json.Decoder(list[tuple[order_type]])
        self._one: msgspec.json.Decoder[Any] = msgspec.json.Decoder(order_type)
        self._meter = Meter(order_type)
        # Every text of such an order is decoded, and hence checked; what nobody declared would be skipped unseen.
        self._utf8_is_checked = all(each.__struct_config__.forbid_unknown_fields for each in self._meter.classes)

    def one(self, text: bytes) -> tuple[T, int | None]:
        """One order."""
        before = self._meter.reading()
        order = self._one.decode(text)
        return order, self._meter.since(before)

    def array(self, text: bytes) -> tuple[list[T], int | None]:
        """The orders of a JSON array."""
        self._check_utf8(text)
        before = self._meter.reading()
        orders = self._array.decode(text)
        return orders, self._meter.since(before)

    def lines(self, text: bytes) -> tuple[list[T], int | None]:
        """The orders of an array of arrays with one order each."""
        self._check_utf8(text)
        before = self._meter.reading()
        rows = self._lines.decode(text)
        members = self._meter.since(before)
        return [order for (order,) in rows], members

    def _check_utf8(self, text: bytes) -> None:
        if not self._utf8_is_checked and not text.isascii():
            text.decode("utf-8")


_made: dict[Any, Typed[Any]] = {}


def typed(order_type: Any) -> Typed[Any]:
    """The decoders of an order type, made once: it takes a millisecond."""
    if order_type not in _made:
        _made[order_type] = Typed(order_type)
    return _made[order_type]


_TEXT = re.compile(rb'"((?:[^"\\]|\\.)*)"(?=(\s*:)?)', re.DOTALL)


def documented(raw: bytes, struct: type[msgspec.Struct]) -> bytes:
    """A JSON text that parses, with each declared name as the document spells it, to look at and never to send. Structs
    say `__any_case__ = True` when their ERP takes any case; for all others the text comes back as it is.

    Case alone never changes a name's length, so every offset in the respelt text is the same in the user's.
    """
    spelling = _spelling(struct)
    if spelling is None:
        return raw

    def respelt(found: re.Match[bytes]) -> bytes:
        name = found[1]
        return b'"' + spelling.get(name.lower(), name) + b'"' if found[2] is not None else found[0]

    return _TEXT.sub(respelt, raw)


@cache
def _spelling(struct: type[msgspec.Struct]) -> Mapping[bytes, bytes] | None:
    if not getattr(struct, "__any_case__", False):
        return None
    return {name.lower().encode(): name.encode() for name in _names(struct)}


def _names(struct: type[msgspec.Struct]) -> Iterator[str]:
    for name, member in members_of(struct).items():
        yield name
        for inner in (member.inner, member.item):
            if inner is not None:
                yield from _names(inner)
