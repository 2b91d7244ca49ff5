"""What the pretend Order Time refuses, and what it fills in. Shares nothing with the client's own rules."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from typing import Any

LINE_TYPE = "AOLib7.SalesOrderLineItem, AOLib7"
_SIZES = {"CustomerPO": 25, "FOB": 50, "InternalNotes": 4000, "Memo": 4000, "ShippingInstructions": 4000}
_LINE_SIZES = {"Description": 4000, "LineInstructions": 4000, "CustomerPartNo": 50}
_PAIRS = {"ExchangeRate": "CurrencyRef", "DiscountAmount": "DiscountRef", "ShipAmount": "ShipMethodRef"}


def unreadable(order: Any) -> str | None:
    """Why the body is no sales order at all, or nothing. A type that does not come first is none to this reader."""
    if not isinstance(order, dict):
        return "The request is invalid: no sales order could be read."
    lines = order.get("LineItems", [])
    if not isinstance(lines, list | None):
        return "The request is invalid: LineItems is no array."
    for number, line in enumerate(lines or []):
        if not isinstance(line, dict) or next(iter(line), None) != "$type" or line["$type"] != LINE_TYPE:
            return f"Could not create an instance of type AOLib7.TranLineItem. Path 'LineItems[{number}]'."
    return None


def wrong(order: Mapping[str, Any], customers: Collection[int], items: Collection[int]) -> list[dict[str, Any]]:
    """The validation results: for each fault its words and the names of the members."""
    return [{"ErrorMessage": words, "MemberNames": [name]} for name, words in _faults(order, customers, items)]


def _faults(order: Mapping[str, Any], customers: Collection[int], items: Collection[int]) -> Iterator[tuple[str, str]]:
    if not _names_something(order.get("CustomerRef")):
        yield "CustomerRef", "Customer is required."
    elif order["CustomerRef"].get("Id") in customers:
        yield "CustomerRef", "Customer does not exist."
    yield from _too_long(order, _SIZES, "")
    for member, needed in _PAIRS.items():
        if order.get(member) and not order.get(needed):
            yield member, f"{member} needs a {needed}."
    for number, line in enumerate(order.get("LineItems") or []):
        at = f"LineItems[{number}]."
        if not _names_something(line.get("ItemRef")):
            yield f"{at}ItemRef", "Item is required."
        elif line["ItemRef"].get("Id") in items:
            yield f"{at}ItemRef", "Item does not exist."
        for member in ("Price", "Quantity"):
            if not isinstance(line.get(member), int | float) or isinstance(line.get(member), bool):
                yield f"{at}{member}", f"{member} is required."
        if line.get("UomConversionRate") and not line.get("UomRef"):
            yield f"{at}UomConversionRate", "UOM is required."
        yield from _too_long(line, _LINE_SIZES, at)


def _too_long(part: Mapping[str, Any], sizes: Mapping[str, int], at: str) -> Iterator[tuple[str, str]]:
    for member, most in sizes.items():
        if len(part.get(member) or "") > most:
            yield f"{at}{member}", f"The field {member} must be a string with a maximum length of {most}."


def _names_something(ref: Any) -> bool:
    return isinstance(ref, dict) and bool(ref.get("Id") or ref.get("Name"))


def completed(order: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The order as it is stored: what it leaves out is filled in from the customer and the items."""
    today = time.strftime("%Y-%m-%dT00:00:00", time.gmtime(now))
    full = {
        "ShipToRef": {"Id": 1, "Name": "Main"},
        "Date": today,
        "PromiseDate": order.get("Date") or today,
        "StatusRef": {"Id": 1, "Name": "New"},
        "AllowShipPartial": True,
        "ExchangeRate": 1.0,
        **{name: value for name, value in order.items() if value is not None and name != "DocNo"},
    }
    lines = enumerate(order.get("LineItems") or [], 1)
    return {**full, "LineItems": [_line(number, line) for number, line in lines]}


def _line(number: int, line: Mapping[str, Any]) -> dict[str, Any]:
    own = {"Id": 70_000 + number, "LineNo": number, "StdCost": 0.0, "StdPrice": line.get("Price")}
    return {"Description": "", **{name: value for name, value in line.items() if value is not None}, **own}
