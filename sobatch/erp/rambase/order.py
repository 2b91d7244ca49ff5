"""What a RamBase sales order is, offline: a header and its items, or items for an order that exists already.

The items and all their members come from the owner's document (POST sales/orders/{salesOrderId}/items); of the header
only what the vendor's page showed is known, so other members of it are no more than a warning. `items` is our name for
where an order's items stand, and `salesOrderId` for the order that they are added to. Names come in any letter case.
Optional members may be null: the document does not say, and null is what leaving them out is.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType

from sobatch.core.order.limits import Limits
from sobatch.core.order.setting import Mode, Setting
from sobatch.core.order.spec import Code, Finding, OrderFacts, Severity
from sobatch.core.order.values import text_of
from sobatch.erp.rambase.codes import CODES
from sobatch.erp.rambase.rules import findings
from sobatch.erp.rambase.settings import REQUESTS, SETTINGS

_RANGE = {"range": "SO-501"}
Text = str | UnsetType | None
Whole = int | UnsetType | None
Number = float | UnsetType | None
Day = datetime.date | UnsetType | None
FromZero = Annotated[float, Meta(ge=0, extra=_RANGE)]
From1 = Annotated[int, Meta(ge=1, extra=_RANGE)]
From100 = Annotated[int, Meta(ge=100, extra=_RANGE)]
From10000 = Annotated[int, Meta(ge=10_000, extra=_RANGE)]
From100000 = Annotated[int, Meta(ge=100_000, extra=_RANGE)]


class Warranty(Struct, gc=False, forbid_unknown_fields=True):
    """How long the item is under warranty."""

    warrantyExpirationDate: Day = UNSET


class Price(Struct, gc=False, forbid_unknown_fields=True):
    """The price per unit before discounts, and the discount."""

    grossPrice: Number = UNSET
    discount: FromZero | UnsetType | None = UNSET


class Location(Struct, gc=False, forbid_unknown_fields=True):
    """Where the goods are."""

    locationId: From10000 | UnsetType | None = UNSET


class Seller(Struct, gc=False, forbid_unknown_fields=True):
    """Who sells it."""

    employeeId: From100 | UnsetType | None = UNSET


class Product(Struct, gc=False, forbid_unknown_fields=True):
    """What is sold. The document's text leaves the group's heading out, since mandatory groups have no note."""

    productId: From10000


class LandedCost(Struct, gc=False, forbid_unknown_fields=True):
    """The currency in which it is bought, and its rate."""

    purchaseCurrency: Text = UNSET
    purchaseExchangeRate: Number = UNSET


class PurchaseQuote(Struct, gc=False, forbid_unknown_fields=True):
    """The quote that the item derives from."""

    purchaseQuoteId: From100000 | UnsetType | None = UNSET


class DerivedFrom(Struct, gc=False, forbid_unknown_fields=True):
    """The quote's item that the item derives from."""

    purchaseQuoteItemId: From1 | UnsetType | None = UNSET
    purchaseQuote: PurchaseQuote | UnsetType | None = UNSET


class RecurringPrice(Struct, gc=False, forbid_unknown_fields=True):
    """The price of a subscription or rental."""

    recurringPriceId: From100000 | UnsetType | None = UNSET


class RecurringInvoicing(Struct, gc=False, forbid_unknown_fields=True):
    """A subscription or rental. The request says `estimatedEndDate` where the answer says `expectedEndDate`."""

    startDate: Day = UNSET
    estimatedEndDate: Day = UNSET
    priceChangeAgreement: Whole = UNSET
    recurringPrice: RecurringPrice | UnsetType | None = UNSET


class Item(Struct, gc=False, forbid_unknown_fields=True):
    """One item, with every member that the document has."""

    quantity: FromZero
    product: Product
    type: Whole = UNSET
    requestedDeliveryDate: Day = UNSET
    customersReferenceNumber: Text = UNSET
    customersProductName: Text = UNSET
    equivalentProductName: Text = UNSET
    requestedProductStructureRevision: Text = UNSET
    productDescription: Text = UNSET
    note: Text = UNSET
    grossMargin: Annotated[float, Meta(ge=-100, le=100, extra=_RANGE)] | UnsetType | None = UNSET
    discountPercent: Annotated[float, Meta(ge=0, le=100, extra=_RANGE)] | UnsetType | None = UNSET
    warranty: Warranty | UnsetType | None = UNSET
    price: Price | UnsetType | None = UNSET
    location: Location | UnsetType | None = UNSET
    seller: Seller | UnsetType | None = UNSET
    landedCost: LandedCost | UnsetType | None = UNSET
    derivedFrom: DerivedFrom | UnsetType | None = UNSET
    recurringInvoicing: RecurringInvoicing | UnsetType | None = UNSET
    customFields: Any = UNSET


class Customer(Struct, gc=False, forbid_unknown_fields=True):
    """Who buys."""

    customerId: From10000


class Order(Struct, gc=False, forbid_unknown_fields=True):
    """A header with its items; or `salesOrderId` in place of the header."""

    __any_case__: ClassVar[bool] = True

    customer: Customer | UnsetType | None = UNSET
    items: list[Item] | UnsetType | None = UNSET
    salesOrderId: From100000 | UnsetType | None = UNSET
    type: Whole = UNSET
    customersReference: Text = UNSET
    customersReferenceNumber: Text = UNSET
    volumePriceAgreement: Any = UNSET
    exchangeRateFluctuationAgreement: Text = UNSET
    currency: Text = UNSET
    note: Text = UNSET
    customFields: Any = UNSET


class RamBaseSpec:
    """RamBase's side of `core.order.spec.Spec`."""

    name = "rambase"
    title = "RamBase"
    settings: Sequence[Setting] = SETTINGS
    codes: Sequence[Code] = CODES
    modes: Sequence[Mode] = ()
    measures = REQUESTS
    sandbox = "rambase"
    order_type: type[Struct] = Order
    group_member: str | None = None
    keys: Mapping[str, tuple[str, str]] = {
        "external": ("customersReferenceNumber", "SO-520"),
        "reference": ("customersReference", "SO-521"),
    }
    overruled: Sequence[str] = ()
    heavy_keys: Sequence[str] = ("items", "customer", "salesOrderId", "customersReferenceNumber", "quantity", "product")
    suspicious = None  # the rules themselves are quick beside the calls that an order takes

    def limits(self, options: Mapping[str, Any]) -> Limits:
        """No limit of a call is published; `max_orders` cuts files into chunks of that many."""
        return Limits(max_orders=options.get("max_orders"))

    def facts(self, order: Any) -> OrderFacts:
        """Size and keys, from a typed order or from the plain data of a faulty one. Rows are requests."""
        names = ("items", "salesOrderId", "customersReferenceNumber", "customersReference")
        if isinstance(order, Order):
            items, existing, external, reference = (getattr(order, name) for name in names)
        else:
            plain = order if isinstance(order, dict) else {}
            items, existing, external, reference = (plain.get(name) for name in names)
        count = len(items) if isinstance(items, list) else 0
        if existing:
            external = reference = None  # they would be the header's, and there is none
        return OrderFacts("", count, count + 1, None, text_of(external), text_of(reference))

    def rules(self, order: dict[str, Any], limits: Limits) -> Iterator[Finding]:
        """Every finding that concerns more than one member's own type."""
        return findings(order)

    def input_notes(self, groups: Sequence[str], orders: int, keyless: int) -> Iterator[tuple[str, Severity, str, str]]:
        """Remarks on the input as a whole, as (code, severity, message, hint)."""
        if keyless:
            yield (
                "SO-522",
                Severity.NOTE,
                f"{keyless:,} of {orders:,} orders have no customersReferenceNumber.",
                "Give each one of its own: by it an order can be found when the answer to it is lost.",
            )


SPEC = RamBaseSpec()
