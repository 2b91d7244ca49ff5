"""What a JTL-Wawi sales order is: members, keys and rules, offline.

The members of the order come from the Create Sales Order document, the lines from the vendor's page of the call that
takes them (`LineItems` is our name: the document's order has no lines). Lengths are published nowhere, so there are
none. The document says of no member whether it may be null; there null is what leaving the member out is, so it passes
wherever the member may be left out.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import Code, Finding, OrderFacts, Severity
from sobatch.core.order.values import text_of
from sobatch.erp.jtl.codes import CODES
from sobatch.erp.jtl.rules import findings
from sobatch.erp.jtl.settings import REQUESTS, SETTINGS

Text = str | UnsetType | None
Whole = int | UnsetType | None  # int32, as SO-402 says
Number = float | UnsetType | None
# "string<date-time>": RFC 3339, which has an offset
Moment = Annotated[datetime.datetime, Meta(tz=True)] | UnsetType | None
ReadOnly = Any  # a member of the answer; SO-405 says so, whatever it holds


class DepartureCountry(Struct, gc=False, forbid_unknown_fields=True):
    """Where the goods leave, and in which currency. Only a sample shows its members."""

    CountryISO: Text = UNSET
    State: Text = UNSET
    CurrencyIso: Text = UNSET
    CurrencyFactor: Number = UNSET


class Address(Struct, gc=False, forbid_unknown_fields=True):
    """Where the invoice or the goods go. The document shows the members in the answer only."""

    Company: Text = UNSET
    Company2: Text = UNSET
    FormOfAddress: Text = UNSET
    Title: Text = UNSET
    FirstName: Text = UNSET
    LastName: Text = UNSET
    Street: Text = UNSET
    Address2: Text = UNSET
    PostalCode: Text = UNSET
    City: Text = UNSET
    State: Text = UNSET
    CountryIso: Text = UNSET
    VatID: Text = UNSET
    PhoneNumber: Text = UNSET
    MobilePhoneNumber: Text = UNSET
    EmailAddress: Text = UNSET
    Fax: Text = UNSET
    Id: ReadOnly = UNSET


class PaymentDetails(Struct, gc=False, forbid_unknown_fields=True):
    """How it is paid. `PaymentTarget`, `CashDiscount` and `CashDiscountDays` have no stated type, only samples."""

    PaymentMethodId: Whole = UNSET
    CurrencyIso: Text = UNSET
    CurrencyFactor: Number = UNSET
    PaymentTarget: Number = UNSET
    CashDiscount: Number = UNSET
    CashDiscountDays: Number = UNSET
    PaymentStatus: ReadOnly = UNSET
    TotalGrossAmount: ReadOnly = UNSET
    DateOfPayment: ReadOnly = UNSET
    StillToPay: ReadOnly = UNSET


class ShippingDetail(Struct, gc=False, forbid_unknown_fields=True):
    """How and when it goes out."""

    ShippingMethodId: Whole = UNSET
    ShippingPriority: Whole = UNSET
    ShippingDate: Moment = UNSET
    EstimatedDeliveryDate: Moment = UNSET
    OnHoldReasonId: Whole = UNSET
    ExtraWeight: Number = UNSET
    DeliveryCompleteStatus: ReadOnly = UNSET
    DeliveredDate: ReadOnly = UNSET


class Line(Struct, gc=False, forbid_unknown_fields=True):
    """One line item, as the second call takes it."""

    Quantity: Number = UNSET
    ItemId: Whole = UNSET
    Name: Text = UNSET
    SKU: Text = UNSET
    SalesUnit: Text = UNSET
    SalesPriceNet: Number = UNSET
    SalesPriceGross: Number = UNSET
    Discount: Number = UNSET
    PurchasePriceNet: Number = UNSET
    TaxRate: Number = UNSET
    Notice: Text = UNSET
    Id: ReadOnly = UNSET
    SalesOrderId: ReadOnly = UNSET
    Type: ReadOnly = UNSET
    QuantityDelivered: ReadOnly = UNSET
    QuantityReturned: ReadOnly = UNSET


class Order(Struct, gc=False, forbid_unknown_fields=True):
    """One sales order. `ShipmentAddress` is no member: it is here to be told apart from a misspelling (SO-406)."""

    CompanyId: int
    CustomerId: int
    ShipmentAddress: Any = UNSET  # first, so that the right name is the one that is suggested
    Number: Text = UNSET
    ExternalNumber: Text = UNSET
    BillingNumber: Text = UNSET
    DepartureCountry: DepartureCountry | UnsetType | None = UNSET
    CustomerVatID: Text = UNSET
    BillingAddress: Address | UnsetType | None = UNSET
    Shipmentaddress: Address | UnsetType | None = UNSET
    SalesOrderDate: Moment = UNSET
    SalesOrderPaymentDetails: PaymentDetails | UnsetType | None = UNSET
    SalesOrderShippingDetail: ShippingDetail | UnsetType | None = UNSET
    ColorcodeId: Whole = UNSET
    Comment: Text = UNSET
    CustomerComment: Text = UNSET
    LanguageIso: Text = UNSET
    LineItems: list[Line] | UnsetType | None = UNSET
    Id: ReadOnly = UNSET
    MerchantVatID: ReadOnly = UNSET
    IsExternalInvoice: ReadOnly = UNSET
    IsCancelled: ReadOnly = UNSET
    CancellationDetails: ReadOnly = UNSET
    SalesChannelId: ReadOnly = UNSET
    UserCreatedId: ReadOnly = UNSET
    UserId: ReadOnly = UNSET
    TransactionStatusId: ReadOnly = UNSET


class JtlSpec:
    """JTL's side of `core.spec.Spec`."""

    name = "jtl"
    title = "JTL-Wawi Cloud"
    settings = SETTINGS
    codes: Sequence[Code] = CODES
    modes = ()
    measures = REQUESTS
    sandbox = "jtl"
    order_type: type[Struct] = Order
    group_member = None
    keys: Mapping[str, tuple[str, str]] = {
        "number": ("Number", "SO-401"),
        "external": ("ExternalNumber", "SO-403"),
    }
    overruled: Sequence[str] = ()
    heavy_keys: Sequence[str] = ("LineItems", "CompanyId", "CustomerId", "Number", "ExternalNumber")
    suspicious = None  # the rules themselves are quick beside the two calls that an order takes

    def limits(self, options: Mapping[str, Any]) -> Limits:
        """No limit of a call is published; `max_orders` cuts files into chunks of that many. Where JTL renames an order
        whose Number is taken, two may have the same."""
        renames = frozenset({"number"}) if options.get("rename_existing") else frozenset()
        return Limits(max_orders=options.get("max_orders"), repeatable=renames)

    def facts(self, order: Any) -> OrderFacts:
        """Size and keys, from a typed order or from the plain data of a faulty one. Rows are requests."""
        if isinstance(order, Order):
            lines, number, external = order.LineItems, order.Number, order.ExternalNumber
        else:
            plain = order if isinstance(order, dict) else {}
            lines, number, external = (plain.get(each) for each in ("LineItems", "Number", "ExternalNumber"))
        count = len(lines) if isinstance(lines, list) else 0
        return OrderFacts("", count, 2 if count else 1, text_of(number), text_of(external))

    def rules(self, order: dict[str, Any], limits: Limits) -> Iterator[Finding]:
        """Every finding that concerns more than one member's own type."""
        return findings(order)

    def input_notes(self, groups: Sequence[str], orders: int, keyless: int) -> Iterator[tuple[str, Severity, str, str]]:
        """Remarks on the input as a whole, as (code, severity, message, hint)."""
        if keyless:
            yield (
                "SO-416",
                Severity.NOTE,
                f"{keyless:,} of {orders:,} orders have neither an ExternalNumber nor a Number.",
                "Give each an ExternalNumber of its own: by it an order is found when its answer is lost.",
            )


SPEC = JtlSpec()
