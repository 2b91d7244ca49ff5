"""Write a file of many orders with full lines: the members of the document's complete example, in invented data."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def _dimensions(*values: str) -> dict[str, Any]:
    return {f"dim{place}": {"dimValue": value} for place, value in enumerate(values, 1)}


def _line(number: int) -> dict[str, Any]:
    quantity = number % 40 + 1
    return {
        "distributionKey": 0,
        "productCode": f"P{number % 9000:05}",
        "productDescription": "Drip grinder",
        "isBackToBackOrderUsedOnLine": False,
        "backToBackOrderNumber": 0,
        "currencyAmount": 0,
        "lineDiscountPercent": 0,
        "lineDeliveryDate": "2026-04-29",
        "status": "N",
        "backToBackOrderPriority": "2",
        "price": 0.9,
        "productText": "",
        "quantity": quantity,
        "unit": "UN",
        "glAnalysis": [
            {
                "accounting": _dimensions("120", "1000"),
                "account": "3013",
                "amount": 45,
                "percentageSplit": 100,
                "taxCode": "3N",
                "taxSystem": "EU",
            }
        ],
    }


def order(number: int, lines: int = 10) -> dict[str, Any]:
    """One complete order; its number, reference and amounts follow from `number`."""
    return {
        "accountable": "Frida Grønli",
        "customerId": str(1000 + number % 700),
        "currencyCode": "GBP",
        "externalReference": f"REF-{number}",
        "externalOrderId": f"SHOP-{number}",
        "followUp": "2026-04-29",
        "notes": "",
        "orderDate": "2026-04-29",
        "orderNumber": 21_000_000 + number,
        "orderType": "VS",
        "period": 202604,
        "responsible": "ANNA",
        "salesPerson": "BJORN",
        "orderStatus": "N",
        "transactionType": "SO",
        "defaultGLAnalysis": _dimensions("", ""),
        "deliveryInformation": {
            "thirdPartyDeliveryId": "1015",
            "thirdPartyDeliveryAddressId": 449,
            "thirdPartyDeliveryAddress": "Strandgata 7\r\n1370 ASKER",
            "deliveryDate": "2026-04-30",
            "deliveryMethod": "CAR",
        },
        "invoicing": {"customerAddressId": 449, "invoiceRecipientId": "1015", "paymentTerms": "30", "text1": ""},
        "orderLines": [_line(number + place) for place in range(lines)],
    }


def write_orders(path: Path, orders: int, lines: int = 10, *, spoil: bool = False) -> int:
    """Write the array, one order after the other; `spoil` makes one value of every order wrong. Returns bytes."""
    with path.open("w", encoding="utf-8") as out:
        for number in range(orders):
            made = order(number, lines)
            if spoil:
                made["orderLines"][lines // 2]["quantity"] = "many"
            out.write("[" if number == 0 else ",\n")
            json.dump(made, out, ensure_ascii=False, separators=(",", ":"))
        out.write("]\n" if orders else "[]\n")
    return path.stat().st_size


if __name__ == "__main__":
    target, count, *more = sys.argv[1:]
    size = write_orders(Path(target), int(count), int(more[0]) if more else 10, spoil="spoil" in more)
    print(f"{size:,} bytes")
