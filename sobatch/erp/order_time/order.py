"""What an Order Time sales order is, offline: members, keys and rules, from the owner's Sales Order document.

Two things have no table there, only a sample: addresses and custom fields. What their members hold is never more than
a warning (SO-620). The document says of no member whether it may be null; there null is what leaving the member out
is, so it passes wherever the member may be left out, figures apart (SO-619).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import Code, Finding, OrderFacts, Severity
from sobatch.core.order.values import text_of
from sobatch.erp.order_time.codes import CODES
from sobatch.erp.order_time.rules import findings, misplaced
from sobatch.erp.order_time.settings import REQUESTS, SETTINGS

Text = str | UnsetType | None  # lengths: SO-607
Number = float | UnsetType | None
Flag = bool | UnsetType | None
# The samples have no zone, and the type's name is that of a system whose times have none.
Moment = Annotated[datetime.datetime, Meta(tz=False)] | UnsetType | None
Shown = Any  # only a sample shows what it holds (SO-620)
Own = Any  # Order Time's own, not for a new order (SO-609, SO-610)


class EntityRef(Struct, gc=False, forbid_unknown_fields=True):
    """A record that exists, by its Id or its Name (SO-605)."""

    Id: int | UnsetType | None = UNSET
    Name: Text = UNSET


Ref = EntityRef | UnsetType | None


class CustomFieldData(Struct, gc=False, forbid_unknown_fields=True):
    """A member that one installation added."""

    Name: Shown = UNSET
    Value: Any = UNSET
    Caption: Shown = UNSET


CustomFields = list[CustomFieldData] | UnsetType | None


class CustomerAddress(Struct, gc=False, forbid_unknown_fields=True):
    """Where the invoice or the goods go. `UpdateCustomerRecord` writes it into the customer's own record, too."""

    Addr1: Shown = UNSET
    Addr2: Shown = UNSET
    Addr3: Shown = UNSET
    Addr4: Shown = UNSET
    City: Shown = UNSET
    State: Shown = UNSET
    Zip: Shown = UNSET
    Country: Shown = UNSET
    Contact: Shown = UNSET
    AltContact: Shown = UNSET
    Phone: Shown = UNSET
    AltPhone: Shown = UNSET
    Fax: Shown = UNSET
    Email: Shown = UNSET
    Website: Shown = UNSET
    UpdateCustomerRecord: Shown = UNSET


Address = CustomerAddress | UnsetType | None


class SalesOrderLineItem(Struct, gc=False, forbid_unknown_fields=True, kw_only=True):
    """One line. Its `$type` is looked at by the rules, which know the text to add (SO-601 to SO-603)."""

    kind: Any = field(default=UNSET, name="$type")
    Id: Own = UNSET
    LineNo: Own = UNSET
    ItemRef: EntityRef
    Description: Text = UNSET
    LineInstructions: Text = UNSET
    SalesTaxCodeRef: Ref = UNSET
    UomRef: Ref = UNSET
    UomConversionRate: Number = UNSET
    Price: float
    Quantity: float
    StdCost: Own = UNSET
    StdPrice: Own = UNSET
    CustomerPartNo: Text = UNSET
    CustomFields: CustomFields = UNSET


class SalesOrder(Struct, gc=False, forbid_unknown_fields=True):
    """One sales order. Of what the table requires only the customer is required here (SO-604)."""

    CustomerRef: EntityRef
    ShipToRef: Ref = UNSET
    DocNo: int | UnsetType | None = UNSET
    CustomerPO: Text = UNSET
    Date: Moment = UNSET
    PromiseDate: Moment = UNSET
    StatusRef: Ref = UNSET
    ClassRef: Ref = UNSET
    ContactRef: Ref = UNSET
    CurrencyRef: Ref = UNSET
    FOB: Text = UNSET
    InternalNotes: Text = UNSET
    Memo: Text = UNSET
    ShippingInstructions: Text = UNSET
    LocationRef: Ref = UNSET
    ItemSalesTaxRef: Ref = UNSET
    DiscountRef: Ref = UNSET
    DiscountAmount: Number = UNSET
    DiscountSalesTaxCodeRef: Ref = UNSET
    AdditionalFeeItemRef: Ref = UNSET
    AdditionalFeeSalesTaxCodeRef: Ref = UNSET
    AdditionalFeeAmount: Number = UNSET
    ShipMethodRef: Ref = UNSET
    ShipAmount: Number = UNSET
    ShipSalesTaxCodeRef: Ref = UNSET
    SalesRepRef: Ref = UNSET
    TermRef: Ref = UNSET
    ExchangeRate: Number = UNSET
    BillAddress: Address = UNSET
    ShipAddress: Address = UNSET
    AllowShipPartial: Flag = UNSET
    LineItems: list[SalesOrderLineItem] | UnsetType | None = UNSET
    CustomFields: CustomFields = UNSET


@dataclass(frozen=True, slots=True)
class OrderTimeLimits(Limits):
    """The limits in force, and whether the table's word on what is required counts (`strict_required`)."""

    strict_required: bool = False


class OrderTimeSpec:
    """Order Time's side of `core.order.spec.Spec`."""

    name = "order-time"
    title = "Order Time"
    settings = SETTINGS
    codes: Sequence[Code] = CODES
    modes = ()
    measures = REQUESTS
    sandbox = "order-time"
    order_type: type[Struct] = SalesOrder
    group_member = None
    keys: Mapping[str, tuple[str, str]] = {"reference": ("CustomerPO", "SO-617")}
    overruled: Sequence[str] = ("DocNo", "StatusRef")
    heavy_keys: Sequence[str] = ("CustomerRef", "CustomerPO", "LineItems", "$type", "ItemRef", "Quantity", "Price")
    suspicious = None  # the rules themselves are quick beside the second that an order takes

    def limits(self, options: Mapping[str, Any]) -> Limits:
        """No limit of a call is published; `max_orders` cuts files into chunks of that many."""
        return OrderTimeLimits(
            max_orders=options.get("max_orders"), strict_required=bool(options.get("strict_required"))
        )

    def facts(self, order: Any) -> OrderFacts:
        """Size and keys, from a typed order or from the plain data of a faulty one. Rows are requests."""
        if isinstance(order, SalesOrder):
            lines, reference = order.LineItems, order.CustomerPO
        else:
            plain = order if isinstance(order, dict) else {}
            lines, reference = plain.get("LineItems"), plain.get("CustomerPO")
        count = len(lines) if isinstance(lines, list) else 0
        return OrderFacts("", count, 1, reference=text_of(reference))

    def rules(self, order: dict[str, Any], limits: Limits) -> Iterator[Finding]:
        """Every finding that concerns more than one member's own type."""
        return findings(order, strict_required=isinstance(limits, OrderTimeLimits) and limits.strict_required)

    def written(self, raw: bytes) -> Iterator[Finding]:
        """Every finding that concerns how the order is written: where `$type` stands."""
        return misplaced(raw)

    def input_notes(self, groups: Sequence[str], orders: int, keyless: int) -> Iterator[tuple[str, Severity, str, str]]:
        """Remarks on the input as a whole, as (code, severity, message, hint)."""
        if keyless:
            yield (
                "SO-618",
                Severity.NOTE,
                f"{keyless:,} of {orders:,} orders have no CustomerPO.",
                "Give each one of its own: by it an order is found when its answer is lost.",
            )


SPEC = OrderTimeSpec()
