"""A talk with the JTL dialect by canned answers: the calls it makes, and what it ends with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sobatch.erp.one_by_one import Call

HEADER = '"CompanyId": 1, "CustomerId": 1042, "ExternalNumber": "W-1"'
LINES = '[{"SKU": "A", "Quantity": 1, "SalesPriceNet": 0.90}, {"SKU": "B", "Quantity": 2.50}]'
ORDER = f'{{{HEADER}, "LineItems": {LINES}}}'.encode()
MADE = {"Id": 17, "Number": "A100", "CompanyId": 1, "CustomerId": 1042, "ExternalNumber": "W-1"}
LINE_A = {"Id": 1, "SalesOrderId": 17, "SKU": "A", "Quantity": 1.0, "SalesPriceNet": 0.9}
LINE_B = {"Id": 2, "SalesOrderId": 17, "SKU": "B", "Quantity": 2.5, "SalesPriceNet": 7}
BOTH = [LINE_A, LINE_B]


def requests(calls: Sequence[Call]) -> list[tuple[str, str, str | None]]:
    return [(call.request.method, call.request.path, call.step) for call in calls]


def page(*rows: Any, **more: Any) -> dict[str, Any]:
    return {"Items": list(rows), "TotalItems": len(rows), "PageNumber": 1, "HasNextPage": False, **more}
