"""JTL's rules about more than one member's own type, over an order as plain data, whatever its types.

What only a sample shows (countries, currencies, languages) is a warning, never an error.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import to_builtins

from sobatch.core.order.spec import Finding
from sobatch.core.order.values import number_of
from sobatch.erp.jtl.codes import BOOK

finding = BOOK.finding

_INT32 = range(-(2**31), 2**31)
_MOST = 2**31 - 1  # of a Quantity
_ADDRESSES = ("BillingAddress", "Shipmentaddress")
_DEPARTURE, _PAYMENT, _SHIPPING = "DepartureCountry", "SalesOrderPaymentDetails", "SalesOrderShippingDetail"

# "integer<int32>" in the document; a whole number in its samples.
_WHOLES: Mapping[str, tuple[str, ...]] = {
    "": ("CompanyId", "CustomerId", "ColorcodeId"),
    _PAYMENT: ("PaymentMethodId",),
    _SHIPPING: ("ShippingMethodId", "ShippingPriority", "OnHoldReasonId"),
}
# What the answer has beyond the request: the difference of the document's two samples.
_READ_ONLY: Mapping[str, tuple[str, ...]] = {
    "": (
        "Id",
        "MerchantVatID",
        "IsExternalInvoice",
        "IsCancelled",
        "CancellationDetails",
        "SalesChannelId",
        "UserCreatedId",
        "UserId",
        "TransactionStatusId",
    ),
    "BillingAddress": ("Id",),
    "Shipmentaddress": ("Id",),
    _PAYMENT: ("PaymentStatus", "TotalGrossAmount", "DateOfPayment", "StillToPay"),
    _SHIPPING: ("DeliveryCompleteStatus", "DeliveredDate"),
}
_READ_ONLY_OF_A_LINE = ("Id", "SalesOrderId", "Type", "QuantityDelivered", "QuantityReturned")
_COUNTRIES: Mapping[str, str] = {_DEPARTURE: "CountryISO", **dict.fromkeys(_ADDRESSES, "CountryIso")}
_CURRENCY, _FACTOR = "CurrencyIso", "CurrencyFactor"


def findings(order: Mapping[str, Any]) -> Iterator[Finding]:
    """All of them, header first. Structs among the members are understood, too. What has no member is no order."""
    if not order:
        return
    order = to_builtins(order)
    parts = {"": order, **{name: value for name in _PARTS if isinstance(value := order.get(name), dict)}}
    for name, part in parts.items():
        at = f"/{name}" if name else ""
        yield from _beyond_32_bits(part, _WHOLES.get(name, ()), at)
        yield from _read_only(part, _READ_ONLY.get(name, ()), at)
    yield from _header(order)
    for name in _ADDRESSES:
        if name in parts:
            yield from _address(parts[name], f"/{name}")
    for name, member in _COUNTRIES.items():
        yield from _letters(parts.get(name, {}), member, f"/{name}", "SO-410", "[A-Z]{2}", "two capitals, such as DE")
    for name in (_DEPARTURE, _PAYMENT):
        yield from _money(parts.get(name, {}), f"/{name}")
    yield from _shipping(parts.get(_SHIPPING, {}))
    yield from _lines(order.get("LineItems"), missing="LineItems" not in order)


_PARTS = (_DEPARTURE, *_ADDRESSES, _PAYMENT, _SHIPPING)


def _beyond_32_bits(part: Mapping[str, Any], members: tuple[str, ...], at: str) -> Iterator[Finding]:
    for member in members:
        value = part.get(member)
        if isinstance(value, int) and not isinstance(value, bool) and value not in _INT32:
            message = f"{member} is a number of more than 32 bits, which no member of JTL holds."
            yield finding("SO-402", f"{at}/{member}", message, "Correct the figure.")


def _read_only(part: Mapping[str, Any], members: tuple[str, ...], at: str) -> Iterator[Finding]:
    for member in members:
        if member in part:
            message = f"{member} is filled in by JTL; in a new order it is not read."
            yield finding("SO-405", f"{at}/{member}", message, "Take it out.")


def _header(order: Mapping[str, Any]) -> Iterator[Finding]:
    for member in ("CompanyId", "CustomerId"):
        value = order.get(member)
        if isinstance(value, int) and not isinstance(value, bool) and value < 1 and value in _INT32:
            yield finding("SO-417", f"/{member}", f"{member} is {value}; ids count from 1.", "Correct the figure.")
    if "ShipmentAddress" in order:
        yield finding(
            "SO-406",
            "/ShipmentAddress",
            "The delivery address is called Shipmentaddress, with a small a; this one may be dropped without a word.",
            'Rename it to "Shipmentaddress".',
        )
    yield from _letters(order, "LanguageIso", "", "SO-412", "[A-Za-z][A-Za-z-]{1,4}", "two to five letters, such as DE")


def _address(address: Mapping[str, Any], at: str) -> Iterator[Finding]:
    for member in ("City", "CountryIso"):
        if address.get(member) in (None, ""):
            message, missing = f"The address has no {member}.", member not in address
            yield finding("SO-418", f"{at}/{member}", message, "Fill it in.", missing=missing)


def _letters(part: Mapping[str, Any], member: str, at: str, code: str, pattern: str, wanted: str) -> Iterator[Finding]:
    value = part.get(member)
    if isinstance(value, str) and value and re.fullmatch(pattern, value) is None:
        yield finding(code, f"{at}/{member}", f'{member} is "{value[:20]}"; the samples have {wanted}.')


def _money(part: Mapping[str, Any], at: str) -> Iterator[Finding]:
    yield from _letters(part, _CURRENCY, at, "SO-411", "[A-Z]{3}", "three capitals, such as EUR")
    factor = number_of(part.get(_FACTOR))
    if factor is not None and factor <= 0:
        yield finding("SO-413", f"{at}/{_FACTOR}", f"{_FACTOR} is {factor:g}; it is above 0.", "Correct the figure.")


def _shipping(part: Mapping[str, Any]) -> Iterator[Finding]:
    shipped, delivered = _moment(part.get("ShippingDate")), _moment(part.get("EstimatedDeliveryDate"))
    if shipped and delivered and delivered < shipped:
        message = "The estimated delivery comes before the shipping date."
        yield finding("SO-414", f"/{_SHIPPING}/EstimatedDeliveryDate", message, "Correct one of the two.")


def _lines(lines: Any, *, missing: bool) -> Iterator[Finding]:
    if not lines and (lines is None or isinstance(lines, list)):
        yield finding("SO-407", "/LineItems", "The order has no lines.", "Add its LineItems.", missing=missing)
    for index, line in enumerate(lines if isinstance(lines, list) else ()):
        if isinstance(line, dict):
            yield from _line(line, f"/LineItems/{index}")


def _line(line: Mapping[str, Any], at: str) -> Iterator[Finding]:
    yield from _beyond_32_bits(line, ("ItemId",), at)
    yield from _read_only(line, _READ_ONLY_OF_A_LINE, at)
    quantity = number_of(line.get("Quantity"))
    if quantity is not None and not 0 <= quantity <= _MOST:
        message = f"Quantity is {quantity:g}; it is a number from 0 to {_MOST}."
        yield finding("SO-404", f"{at}/Quantity", message, "Correct the figure.")
    if line.get("Quantity") is None:
        missing = "Quantity" not in line
        yield finding("SO-415", f"{at}/Quantity", "The line has no Quantity.", "Fill it in.", missing=missing)
    if all(line.get(member) in (None, "") for member in ("ItemId", "SKU", "Name")):
        yield finding("SO-408", at, "The line has neither ItemId nor SKU nor Name.", "Say what is sold.")
    if line.get("SalesPriceNet") is not None and line.get("SalesPriceGross") is not None:
        message = "The line has a net and a gross price; which of them counts is not documented."
        yield finding("SO-409", f"{at}/SalesPriceGross", message, "Keep one of them.")


def _moment(value: Any) -> datetime.datetime | None:
    """The moment that a text names; None for what is none, or lacks an offset."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.datetime.fromisoformat(value.replace("z", "Z").replace("t", "T"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
