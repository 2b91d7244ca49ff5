"""Orders in Order Time's words for tests, and what checking says of one."""

from __future__ import annotations

import copy
import json
from typing import Any

from sobatch.core.check.explain import explain
from sobatch.erp.order_time.order import SPEC

TYPE = "AOLib7.SalesOrderLineItem, AOLib7"
LINE: dict[str, Any] = {"$type": TYPE, "ItemRef": {"Id": 37}, "Price": 42.5, "Quantity": 6}
ORDER: dict[str, Any] = {
    "CustomerRef": {"Id": 21},
    "ShipToRef": {"Id": 2},
    "CustomerPO": "6T56-97",
    "Date": "2026-10-21T00:00:00",
    "PromiseDate": "2026-10-21T00:00:00",
    "AllowShipPartial": True,
    "LineItems": [LINE],
}


def with_member(pointer: str, value: Any, order: dict[str, Any] = ORDER) -> dict[str, Any]:
    """The flawless order with another value at a pointer; what the pointer passes is made where it is not there."""
    changed = copy.deepcopy(order)
    place: Any = changed
    *path, last = pointer.strip("/").split("/")
    for name in path:
        if isinstance(place, list):
            place = place[int(name)]
        else:
            place = place.setdefault(name, [{}] if name == "CustomFields" else {})
    place[last] = value
    return changed


def without(pointer: str) -> dict[str, Any]:
    """The flawless order less one member."""
    changed = copy.deepcopy(ORDER)
    place: Any = changed
    *path, last = pointer.strip("/").split("/")
    for name in path:
        place = place[int(name) if isinstance(place, list) else name]
    del place[last]
    return changed


def found(order: dict[str, Any] | str, **options: Any) -> list[tuple[str, str, str]]:
    """Code, pointer and severity of everything that is said of an order."""
    raw = (order if isinstance(order, str) else json.dumps(order)).encode()
    told: list[Any] = []
    value = explain(raw, SPEC.order_type, tuple(SPEC.heavy_keys), told.append)
    told += [*SPEC.rules(value, SPEC.limits(options)), *SPEC.written(raw)]
    return sorted((each.code, each.pointer, each.severity.value) for each in told)


def codes(order: dict[str, Any] | str, **options: Any) -> set[str]:
    """The codes of everything that is said of an order."""
    return {code for code, _, _ in found(order, **options)}
