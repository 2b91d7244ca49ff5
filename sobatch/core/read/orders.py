"""Read a text order by order: the bytes as the user wrote them, where they stand, and what planning needs to know.

Everybody who reads a text that was checked before reads it through here: who splits, stages, separates, verifies or
estimates it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import msgspec

from sobatch.core.order.canonical import plain
from sobatch.core.order.declared import decoder_of, documented
from sobatch.core.order.spec import OrderFacts, Spec
from sobatch.core.read.scan import MAX_ORDER, WINDOW, Broken, Scanner
from sobatch.core.read.source import Stream
from sobatch.core.read.stretch import UNPARSED, Stretch

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_NO_FACTS = OrderFacts("", 0, 0)


class Found(msgspec.Struct, gc=False):
    """One order: its bytes, and the byte offset of the first of them. `line` and `column` are 0 if not asked for."""

    raw: bytes
    facts: OrderFacts
    offset: int
    line: int = 0
    column: int = 0


def orders(
    stream: Stream,
    spec: Spec | None,
    *,
    window: int = WINDOW,
    max_order: int = MAX_ORDER,
    track: bool = False,
) -> Iterator[Found | Broken]:
    """Every order of a text from its beginning, then perhaps what breaks it; a bad NDJSON record stands in its place.

    Without a `spec` the facts are empty; with `track` each order comes with its line and column. Closes the stream.
    """
    order_type = spec.order_type if spec is not None else None
    for piece in _pieces(stream, Scanner(stream, order_type, window=window, max_order=max_order, track=track)):
        if isinstance(piece, Broken):
            yield piece
        else:
            yield from _cut(piece, spec)
        del piece  # it may be large, and is not to be kept while the next one is read


def facts(stream: Stream, spec: Spec, *, max_order: int = MAX_ORDER) -> Iterator[OrderFacts | Broken]:
    """The same without the bytes, which costs less. Closes the stream."""
    for piece in _pieces(stream, Scanner(stream, spec.order_type, max_order=max_order)):
        if isinstance(piece, Broken):
            yield piece
        else:
            yield from facts_of(piece, spec)
        del piece


def _pieces(stream: Stream, scanner: Scanner[Any]) -> Iterator[Stretch[Any] | Broken]:
    with closing(stream), no_collector():
        yield from scanner


def unbroken(found: Iterator[Found | Broken], fault: Callable[[Broken], Exception]) -> Iterator[Found]:
    """The orders of a text that must not break; raises the `fault` of what breaks it."""
    for each in found:
        if isinstance(each, Broken):
            raise fault(each)
        yield each


def facts_of(stretch: Stretch[Any], spec: Spec) -> Iterator[OrderFacts]:
    """What planning needs to know of every order of a stretch, flawless or not."""
    if stretch.orders is not None:
        yield from map(spec.facts, stretch.orders)
        return
    decoder = decoder_of(spec.order_type)
    for start, end in stretch.cut():
        raw = stretch.text[start:end]
        try:
            order = decoder.decode(raw)
        except UNPARSED:
            order = _loosely(documented(raw, spec.order_type))
        yield spec.facts(order)


def _cut(stretch: Stretch[Any], spec: Spec | None) -> Iterator[Found]:
    spans, text = stretch.cut(), stretch.text
    known = facts_of(stretch, spec) if spec is not None else iter([_NO_FACTS] * len(spans))
    cursor = replace(stretch.cursor) if stretch.cursor is not None else None
    last = 0
    for (start, end), each in zip(spans, known, strict=True):
        found = Found(text[start:end], each, stretch.offset + start)
        if cursor is not None:
            cursor.advance(text[last:start])
            found.line, found.column, last = cursor.line, cursor.column, start
        yield found


def _loosely(raw: bytes) -> Any:
    """An order with faults as plain data, its lists only as long as they are; None for what cannot be read of it."""
    try:
        return {name: _value(bytes(value)) for name, value in _MEMBERS.decode(raw).items()}
    except UNPARSED:
        return None


def _value(text: bytes) -> Any:
    try:
        return _ITEMS.decode(text) if text.startswith(b"[") else plain(text)
    except UNPARSED:
        return None


@contextmanager
def no_collector() -> Iterator[None]:
    """Decoded orders hold no cycles; the collector would only walk them. Measured: half again as fast without."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
