"""Whether the results of a batch tell of the very orders of a part: as many, and each the same in all that they say.

Two customers may order twice; only lines tell one file of orders from another. So results that say no lines prove
nothing, and what an ERP adds by itself (a number, a status) is not compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Any

Shape = dict[str, Any]
"""The names said anywhere at one level, folded, each with the names below it."""

_NEEDED = (("customerid",), ("orderlines", "productcode"), ("orderlines", "quantity"))
# A customer's own keys: an order that has one and an order that has none are two orders, whatever else they share.
_KEYS = ("externalorderid", "externalreference")
# A number may be given anew by the ERP.
_NOT_COMPARED = "ordernumber"
_MIDNIGHT = ("T00:00:00Z", "T00:00:00", "T00:00:00.000", "T00:00:00.000Z")


def disagreement(
    ours: Callable[[], Iterable[Mapping[str, Any]]], echoed: Callable[[], Iterable[Mapping[str, Any]]]
) -> str | None:
    """Why the echoed orders are not ours; None when every one agrees. Each side is read twice."""
    known: Shape = {}
    for order in ours():
        _learn(known, order)
    said: Shape = {}
    count = 0
    for order in echoed():
        count += 1
        _learn(said, order, known)
    if not all(_has(said, path) for path in _NEEDED):
        return "its results show no lines to compare"
    said |= {name: {} for name in _KEYS}
    said.pop(_NOT_COMPARED, None)
    left = Counter(_prints(ours(), said))
    left.subtract(_prints(echoed(), said))
    return "its results hold other orders" if any(left.values()) else None


def _has(shape: Shape, path: tuple[str, ...]) -> bool:
    for name in path:
        if name not in shape:
            return False
        shape = shape[name]
    return True


def _learn(shape: Shape, value: Any, among: Shape | None = None) -> None:
    """Add the names that a value says, of those `among` has (all when None)."""
    if isinstance(value, list):
        for each in value:
            _learn(shape, each, among)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            name = key.lower()
            if among is None or name in among:
                _learn(shape.setdefault(name, {}), each, None if among is None else among[name])


def _prints(orders: Iterable[Mapping[str, Any]], shape: Shape) -> Iterator[bytes]:
    for order in orders:
        yield blake2b(repr(_plain(order, shape)).encode("utf-8", "replace"), digest_size=16).digest()


def _plain(value: Any, shape: Shape) -> Any:
    """The value as far as it is compared: folded names in order, numbers by worth, nothing that is empty."""
    if isinstance(value, list):
        return [_plain(each, shape) for each in value]
    if isinstance(value, Mapping):
        folded = {key.lower(): each for key, each in value.items()}
        told = {name: _plain(folded[name], shape[name]) for name in sorted(folded) if name in shape}
        return {name: each for name, each in told.items() if each not in ("", [], {})}
    return _scalar(value)


def _scalar(value: object) -> str:
    if not value:  # an ERP gives back what was left out as null, "", 0 or false
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(Decimal(repr(value)).normalize())
    text = str(value).strip()
    return next((text.removesuffix(end) for end in _MIDNIGHT if text.endswith(end)), text)
