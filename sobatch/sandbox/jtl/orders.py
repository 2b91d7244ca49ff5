"""What the pretend JTL makes of an order and of its lines: the faults it finds, and what it keeps.

Written from the vendor's document alone. Members nobody knows are dropped without a word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from .options import Options

Faults = dict[str, list[str]]

_INT32 = range(-(2**31), 2**31)
_TEXTS = (
    "Number", "ExternalNumber", "BillingNumber", "CustomerVatID", "Comment", "CustomerComment", "LanguageIso",
)  # fmt: skip
_PARTS = (
    "DepartureCountry", "BillingAddress", "Shipmentaddress", "SalesOrderPaymentDetails", "SalesOrderShippingDetail",
)  # fmt: skip
_LINE = (
    "ItemId", "Name", "SKU", "Quantity", "SalesUnit", "SalesPriceNet", "SalesPriceGross", "Discount",
    "PurchasePriceNet", "TaxRate", "Notice",
)  # fmt: skip
_DATES = ("ShippingDate", "EstimatedDeliveryDate")


def faults_of(order: Any, options: Options) -> Faults:
    """What is malformed, by member. What has no fault is only then looked at with the eyes of a merchant."""
    if not isinstance(order, dict):
        return {"$": ["The JSON value could not be converted to CreateSalesOrder."]}
    found: Faults = {}
    for name in ("CompanyId", "CustomerId"):
        if not _is_int32(order.get(name)):
            found[name] = [f"The {name} field is required." if order.get(name) is None else "It is no Int32."]
    for name in _TEXTS:
        if not isinstance(order.get(name), str | None):
            found[name] = ["It is no String."]
    for name in _PARTS:
        if not isinstance(order.get(name), dict | None):
            found[name] = ["It is no object."]
    if not _is_moment(order.get("SalesOrderDate")):
        found["SalesOrderDate"] = ["It is no DateTimeOffset."]
    shipping = order.get("SalesOrderShippingDetail")
    for name in _DATES:
        if isinstance(shipping, dict) and not _is_moment(shipping.get(name)):
            found[f"SalesOrderShippingDetail.{name}"] = ["It is no DateTimeOffset."]
    return found


def against_the_rules(order: Mapping[str, Any], options: Options) -> Faults:
    """What a well-formed order asks for that is not there."""
    customer = order["CustomerId"]
    return {"CustomerId": [f"Customer {customer} was not found."]} if customer in options.unknown_customers else {}


def completed(order: Mapping[str, Any], number: str) -> dict[str, Any]:
    """The order as it is stored and shown: what is known of it, and what JTL fills in. `Id` comes later."""
    known = {name: order.get(name) for name in ("CompanyId", "CustomerId", "ColorcodeId", *_TEXTS, *_PARTS)}
    payment = {"PaymentStatus": 0, "TotalGrossAmount": 0, "DateOfPayment": None, "StillToPay": 0}
    shipping = {"DeliveryCompleteStatus": 0, "DeliveredDate": None}
    return {
        **known,
        "Number": number,
        "SalesOrderDate": order.get("SalesOrderDate"),
        "SalesOrderPaymentDetails": (order.get("SalesOrderPaymentDetails") or {}) | payment,
        "SalesOrderShippingDetail": (order.get("SalesOrderShippingDetail") or {}) | shipping,
        "MerchantVatID": "DE000000000",
        "IsExternalInvoice": False,
        "IsCancelled": False,
        "CancellationDetails": None,
        "SalesChannelId": "1-1-1",
        "UserCreatedId": 1,
        "UserId": 1,
        "TransactionStatusId": 0,
    }


def faults_of_line(line: Any, at: int, options: Options) -> Faults:
    """What is wrong with one line of a call."""
    if not isinstance(line, dict):
        return {f"[{at}]": ["The JSON value could not be converted to CreateSalesOrderLineItem."]}
    found: Faults = {}
    quantity: Any = line.get("Quantity")
    if not _is_number(quantity) or not 0 <= quantity <= 2**31 - 1:
        found[f"[{at}].Quantity"] = ["The field Quantity must be between 0 and 2147483647."]
    if line.get("SKU") in options.unknown_items:
        found[f"[{at}].SKU"] = [f"The item {line['SKU']} was not found."]
    return found


def completed_line(line: Mapping[str, Any], order: int) -> dict[str, Any]:
    """A line as it is stored and shown."""
    known = {name: line.get(name) for name in _LINE}
    return {**known, "SalesOrderId": order, "Type": 1, "QuantityDelivered": 0, "QuantityReturned": 0}


def raw_lines(raw: bytes) -> Iterator[bytes]:
    """The bytes of each element of an array that is sound JSON."""
    text, decoder = raw.decode(), json.JSONDecoder()
    at = _after_blanks(text, text.index("[") + 1)
    while text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        yield text[at:end].encode()
        at = _after_blanks(text, end)
        at = _after_blanks(text, at + 1) if text[at] == "," else at


def _after_blanks(text: str, at: int) -> int:
    while text[at] in " \t\r\n":
        at += 1
    return at


def _is_int32(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in _INT32


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_moment(value: Any) -> bool:
    if value is None:
        return True
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False
