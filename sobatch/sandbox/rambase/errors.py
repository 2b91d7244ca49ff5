"""What the pretend RamBase refuses, and how it says so."""

from __future__ import annotations

from typing import Any

from ..pretend.answers import Answer, data


def error(status: int, message: str, number: int = 0, *parameters: str) -> Answer:
    """An error in the vendor's shape, its parameters beside the text they belong into."""
    value = {
        "httpStatusCode": status,
        "httpStatusDescription": "Error",
        "message": message,
        "translatedMessage": message,
        "errorMessage": {"errorMessageId": number, "errorMessageLink": ""},
        "parameters": [{"index": index, "value": each} for index, each in enumerate(parameters)],
        "innerErrors": [],
    }
    return data(status, value)


def refused_header(header: Any, unknown_customers: tuple[int, ...]) -> Answer | None:
    """The no to a header, or nothing."""
    if not isinstance(header, dict):
        return error(400, "Required input parameter missing ({0})", 100_009, "SalesOrder")
    customer = header.get("customer")
    number = customer.get("customerid") if isinstance(customer, dict) else None
    if not isinstance(number, int):
        return error(400, "Required input parameter missing ({0})", 100_009, "CustomerId")
    if number in unknown_customers:
        return error(400, "End customer {0} not found", 107_812, str(number))
    return None


def refused_item(item: Any, wrong_products: tuple[int, ...]) -> Answer | None:
    """The no to an item, or nothing. One product is taken for a subscription that lacks its recurring price."""
    if not isinstance(item, dict):
        return error(400, "Required input parameter missing ({0})", 100_009, "SalesOrderItem")
    product, quantity = item.get("product"), item.get("quantity")
    number = product.get("productid") if isinstance(product, dict) else None
    if not isinstance(number, int):
        return error(400, "Required input parameter missing ({0})", 100_009, "ProductId")
    if not isinstance(quantity, int | float) or quantity < 0:
        return error(400, "Required input parameter missing ({0})", 100_009, "Quantity")
    if number in wrong_products:
        return error(400, "Recurring price type needed for subscription and rental items", 105_749)
    return None
