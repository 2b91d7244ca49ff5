"""Prove that text is a row of whole orders, by parsing all of it: into the spec's structs, or else by skipping."""

from __future__ import annotations

from typing import Any

from sobatch.core.stretch import UNPARSED, Cursor, Form, Stretch, array_spans, is_shallow, is_utf8
from sobatch.core.typed import Typed


def proved(array: bytes, base: int, typed: Typed[Any] | None, here: Cursor | None = None) -> Stretch[Any] | None:
    """The stretch that a JSON array holds, `base` being the place of its first element's text; None for anything else.

    Orders that are all flawless come decoded.
    """
    if typed is not None:
        try:
            orders, members = typed.array(array)
            return Stretch(base, array, Form.ARRAY, orders, None, here, True, members)
        except UNPARSED:
            pass
    if not is_utf8(array):
        return None
    text = array[1:-1]
    try:
        spans = array_spans(text)
    except UNPARSED:
        return None
    if not all(is_shallow(text, *span) for span in spans):
        return None
    return Stretch(base, text, Form.ARRAY, None, spans, here)
