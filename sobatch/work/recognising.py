"""Whose orders a file holds, where they are plainly not those of the ERP in force."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing

from sobatch.core.order.declared import members_of
from sobatch.core.read.source import Source
from sobatch.erp import names, spec_of
from sobatch.errors import InputError

_HEAD = 1 << 16
_FOREIGN, _OWN = 0.5, 0.8  # shares of the first order's members that the one ERP knows at most, the other at least


def looks_like(source: Source, erp: str) -> str | None:
    """The name of the other ERP whose order the first one is, by its members' names; None where nothing is plain."""
    members = _first_members(source)
    if not members or _share(members, erp) > _FOREIGN:
        return None
    found = [other for other in names() if other != erp and _share(members, other) >= _OWN]
    return found[0] if len(found) == 1 else None


def sentence(erp: str) -> str:
    """The advice."""
    return f"these look like {spec_of(erp).title} orders; add --erp {erp}"


def _share(members: Iterable[str], erp: str) -> float:
    known = {name.lower() for name in members_of(spec_of(erp).order_type)}
    told = [name.lower() in known for name in members]
    return sum(told) / len(told)


def _first_members(source: Source) -> list[str]:
    """The names in the first object of the text, none where it is too large or cannot be read."""
    try:
        with closing(source.open()) as stream:
            head = b""
            while len(head) < _HEAD and (piece := stream.read(_HEAD)):
                head += piece
        text = head.decode("utf-8", "replace")
    except InputError:
        return []
    try:
        first, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
    except (ValueError, RecursionError):
        return []
    return list(first)
