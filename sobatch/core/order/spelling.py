"""Names in any letter case, for ERPs that take them so: an order is understood with the document's own spelling.

Only for looking at it. Case alone never changes a name's length, so every offset in the respelt text is the same in the
user's, and what goes out is always the user's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from sobatch.core.order.declared import members_of

_TEXT = re.compile(rb'"((?:[^"\\]|\\.)*)"(?=(\s*:)?)', re.DOTALL)


def documented(raw: bytes, struct: type[msgspec.Struct]) -> bytes:
    """A JSON text that parses, with each declared name as the document spells it. Structs say `__any_case__ = True`
    when their ERP takes any; for all others the text comes back as it is."""
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
