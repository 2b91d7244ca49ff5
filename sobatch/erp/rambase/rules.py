"""RamBase's rules beyond a member's own type, from the owner's document and the vendor's page of the header."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import UNSET, to_builtins

from sobatch.core.order.spec import Finding
from sobatch.erp.rambase.codes import finding

_CURRENCY = re.compile(r"[A-Z]{3}")
_AGREEMENT = re.compile(r"\d+(\.\d+)?/\d+(\.\d+)?")
_HEADER = (
    "customer", "type", "customersReference", "customersReferenceNumber", "volumePriceAgreement",
    "exchangeRateFluctuationAgreement", "currency", "note", "customFields",
)  # fmt: skip


def findings(order: Mapping[str, Any]) -> Iterator[Finding]:
    """All of them for one order as a dict, whose members may have any type or be absent; header first."""
    order = _plain(order)
    items = order.get("items")
    plain: Sequence[Any] = items if isinstance(items, list) else ()
    yield from _header(order, len(plain))
    yield from _repeated(plain)
    for index, item in enumerate(plain):
        if isinstance(item, dict):
            at = f"/items/{index}"
            yield from _ignored(item, at)
            yield from _recurring(item.get("recurringInvoicing"), f"{at}/recurringInvoicing")
            yield from _derived(item.get("derivedFrom"), f"{at}/derivedFrom")
            yield from _item(item, at)


def _header(order: Mapping[str, Any], items: int) -> Iterator[Finding]:
    if _there(order.get("salesOrderId")):
        for member in _HEADER:
            if _there(order.get(member)):
                words = f"{member} belongs to a header, and salesOrderId stands in place of one."
                yield finding("SO-507", f"/{member}", words, "Take one of the two out.")
        if not items:
            missing = "items" not in order
            yield finding("SO-508", "/items", "There are no items to add to the order.", missing=missing)
    else:
        if not _there(order.get("customer")):
            words = "The order has no customer, and no salesOrderId of an order to add to."
            yield finding("SO-502", "/customer", words, missing="customer" not in order)
        if not items:
            yield finding("SO-510", "/items", "The order has no items.", missing="items" not in order)
    currency, agreement = order.get("currency"), order.get("exchangeRateFluctuationAgreement")
    if isinstance(currency, str) and not _CURRENCY.fullmatch(currency):
        yield finding("SO-503", "/currency", f'"{currency[:20]}" is not three capital letters.')
    if isinstance(agreement, str) and not _AGREEMENT.fullmatch(agreement):
        words = f'"{agreement[:20]}" is not of the form AAA/BBB, such as 100/3.0.'
        yield finding("SO-504", "/exchangeRateFluctuationAgreement", words)


def _repeated(items: Sequence[Any]) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for index, item in enumerate(items):
        own = item.get("customersReferenceNumber") if isinstance(item, dict) else None
        if isinstance(own, str) and own:
            first = seen.setdefault(own, index)
            if first != index:
                words = f'Item {first + 1} has the customersReferenceNumber "{own[:40]}", too.'
                yield finding("SO-513", f"/items/{index}/customersReferenceNumber", words)


def _ignored(item: Mapping[str, Any], at: str) -> Iterator[Finding]:
    """Discount gives way to discountPercent, and all three to grossMargin."""
    given = item.get("price")
    price: Mapping[str, Any] = given if isinstance(given, dict) else {}
    if _there(item.get("grossMargin")):
        ignored = [f"/price/{name}" for name in ("discount", "grossPrice") if _there(price.get(name))]
        ignored += ["/discountPercent"] if _there(item.get("discountPercent")) else []
        because = "grossMargin"
    else:
        ignored = ["/price/discount"] if _there(price.get("discount")) else []
        because = "discountPercent"
        if not _there(item.get("discountPercent")):
            return
    for pointer in ignored:
        name = pointer.rpartition("/")[2]
        yield finding("SO-511", at + pointer, f"{name} will be ignored, because {because} is there.")


def _recurring(given: Any, at: str) -> Iterator[Finding]:
    if not isinstance(given, dict):
        return
    first, last = _day(given.get("startDate")), _day(given.get("estimatedEndDate"))
    if first and last and last < first:
        yield finding("SO-505", f"{at}/estimatedEndDate", f"The end {last} comes before the start {first}.")
    price = given.get("recurringPrice")
    if not isinstance(price, dict) or not _there(price.get("recurringPriceId")):
        yield finding("SO-514", at, "There is no recurringPrice for it.")


def _derived(given: Any, at: str) -> Iterator[Finding]:
    if not isinstance(given, dict) or not _there(given.get("purchaseQuoteItemId")):
        return
    quote = given.get("purchaseQuote")
    if not isinstance(quote, dict) or not _there(quote.get("purchaseQuoteId")):
        words = "purchaseQuoteItemId is given without purchaseQuote.purchaseQuoteId."
        yield finding("SO-506", f"{at}/purchaseQuoteItemId", words)


def _item(item: Mapping[str, Any], at: str) -> Iterator[Finding]:
    quantity, cost = item.get("quantity"), item.get("landedCost")
    if isinstance(quantity, int | float) and not isinstance(quantity, bool) and quantity == 0:
        yield finding("SO-512", f"{at}/quantity", "The quantity is 0.")
    currency = cost.get("purchaseCurrency") if isinstance(cost, dict) else None
    if isinstance(currency, str) and not _CURRENCY.fullmatch(currency):
        pointer = f"{at}/landedCost/purchaseCurrency"
        yield finding("SO-503", pointer, f'"{currency[:20]}" is not three capital letters.')


def _there(value: Any) -> bool:
    return value is not None and value is not UNSET


def _plain(value: Any) -> Any:
    return to_builtins(value)  # whatever decoded stands there typed, also inside of what did not


def _day(value: Any) -> datetime.date | None:
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
