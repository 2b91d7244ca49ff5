"""What the pretend EXO makes of an order: defaults, prices, tax, totals, and the parts of its one bill of materials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..pretend.world import small

LENGTHS = {"customerordernumber": 20, "reference": 20, "instructions": 255}
LINE_LENGTHS = {"stockcode": 23, "description": 100, "batchcode": 20}
ADDRESS_LENGTH = 30
KIT = "DEMOKIT"
KIT_PARTS = ("DIFF01", "GASKET01")
PRICES = {"DIFF01": 2386.62, "GASKET01": 14.5}
USUAL_PRICE, TAX = 10.0, 12.5


def too_long(given: Any) -> bool:
    """Whether any text is longer than the database takes."""
    order = small(given)
    address = order.get("deliveryaddress") or {}
    entries = address if isinstance(address, list) else [address]
    return (
        _over(order, LENGTHS)
        or any(_over(line, LINE_LENGTHS) for line in order.get("lines") or [])
        or any(len(str(text or "")) > ADDRESS_LENGTH for entry in entries for text in entry.values())
    )


def _over(values: Mapping[str, Any], lengths: Mapping[str, int]) -> bool:
    return any(len(str(values.get(name) or "")) > most for name, most in lengths.items())


def completed(given: Any) -> dict[str, Any]:
    """The whole order, as validating it answers and as creating it stores."""
    order: dict[str, Any] = small(given)
    lines = [part for line in order.get("lines") or [] for part in _expanded(line)]
    total = round(sum(line["linetotal"] for line in lines), 2)
    tax = round(total * TAX / 100, 2)
    usual = {"accountname": f"DEBTOR {order['debtorid']}", "currencyid": 0, "exchangerate": 1, "defaultlocationid": -1}
    return usual | order | {
        "lines": lines, "subtotal": total, "taxtotal": tax, "ordertotal": round(total + tax, 2), "finalised": 0,
        "statusdescription": "Not Processed",
    }  # fmt: skip


def _expanded(line: Mapping[str, Any]) -> list[dict[str, Any]]:
    if line.get("bomcode") != KIT:
        return [_priced(line)]
    parts = [{"stockcode": code, "orderquantity": line.get("orderquantity", 1), "linetype": 2} for code in KIT_PARTS]
    return [_priced({**line, "stockcode": KIT, "linetype": 1, "unitprice": 0.0}), *map(_priced, parts)]


def _priced(line: Mapping[str, Any]) -> dict[str, Any]:
    price = line.get("unitprice")
    price = PRICES.get(str(line.get("stockcode")), USUAL_PRICE) if price is None else price
    quantity = line.get("orderquantity") or 0
    total = round(price * quantity * (1 - (line.get("discount") or 0) / 100), 2)
    return {"linetype": 0, "locationid": 1, "taxrateid": 0, **line, "unitprice": price, "linetotal": total}
