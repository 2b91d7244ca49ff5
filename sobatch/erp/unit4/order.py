"""What a Unit4 ERPx sales order is: members, limits and rules, offline.

The structs describe a *flawless* order: what decodes into them needs no words, everything else is explained member by
member. Members and types come from the Sales Orders document's complete example; what the references mark as guessed
(lengths, ranges, which members may be left out) is never more than a warning.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from sobatch.core.limits import Limits, rows_of
from sobatch.core.spec import Finding, OrderFacts, Severity
from sobatch.erp.unit4.rules import Rules, is_suspicious

# "12 detail lines / 37,000 DB rows (skipWorkflow=false) or 1,000 detail lines / 1,550,000 DB rows (skipWorkflow=true)"
WORKFLOW_LIMITS = (12, 37_000)
SKIP_WORKFLOW_LIMITS = (1_000, 1_550_000)
MAX_UPLOAD_BYTES = 30_000_000  # guessed (the usual default of the vendor's web stack); a setting

Code = Annotated[str, Meta(max_length=255)]
Must = Annotated[str, Meta(min_length=1, max_length=255)]
Expected = Annotated[str, Meta(min_length=1, max_length=255, extra={"absent": "SO-103"})]


class Dimension(Struct, gc=False, forbid_unknown_fields=True):
    """One analysis dimension; all members may be left out (`{}` in the document)."""

    attributeId: Code | None | UnsetType = UNSET
    attributeIdDescription: str | None | UnsetType = UNSET
    dimValue: Code | None | UnsetType = UNSET
    dimValueDescription: str | None | UnsetType = UNSET


class Dimensions(Struct, gc=False, forbid_unknown_fields=True):
    """`dim1` to `dim7`."""

    dim1: Dimension | None | UnsetType = UNSET
    dim2: Dimension | None | UnsetType = UNSET
    dim3: Dimension | None | UnsetType = UNSET
    dim4: Dimension | None | UnsetType = UNSET
    dim5: Dimension | None | UnsetType = UNSET
    dim6: Dimension | None | UnsetType = UNSET
    dim7: Dimension | None | UnsetType = UNSET


class GlAnalysis(Struct, gc=False, forbid_unknown_fields=True):
    """One posting share of a line."""

    accounting: Dimensions | None | UnsetType = UNSET
    account: Code | None | UnsetType = UNSET
    amount: float | None | UnsetType = UNSET
    percentageSplit: float | None | UnsetType = UNSET
    taxCode: Code | None | UnsetType = UNSET
    taxSystem: Code | None | UnsetType = UNSET


class Line(Struct, gc=False, forbid_unknown_fields=True):
    """One detail line. Members stand in the document's order, which is also the fastest to decode."""

    productCode: Must
    quantity: Annotated[float, Meta(gt=0, extra={"range": "SO-214"})]
    price: Annotated[float, Meta(ge=0, extra={"range": "SO-214", "absent": "SO-103"})]
    glAnalysis: Annotated[list[GlAnalysis], Meta(min_length=1, extra={"absent": "SO-103"})]
    distributionKey: int | None | UnsetType = UNSET
    productDescription: str | None | UnsetType = UNSET
    isBackToBackOrderUsedOnLine: bool | None | UnsetType = UNSET
    backToBackOrderNumber: int | None | UnsetType = UNSET
    isCustomerAddressUsedOnBackToBackOrder: bool | None | UnsetType = UNSET
    currencyAmount: float | None | UnsetType = UNSET
    lineDiscountPercent: Annotated[float, Meta(ge=0, le=100)] | None | UnsetType = UNSET
    lineDeliveryDate: datetime.date | None | UnsetType = UNSET
    status: Code | None | UnsetType = UNSET
    backToBackOrderPriority: Code | None | UnsetType = UNSET
    productText: str | None | UnsetType = UNSET
    accountingTemplate: Code | None | UnsetType = UNSET
    unit: Code | None | UnsetType = UNSET


class DeliveryInformation(Struct, gc=False, forbid_unknown_fields=True):
    """Where and how the goods go."""

    thirdPartyDeliveryId: Code | None | UnsetType = UNSET
    thirdPartyDeliveryAddressId: int | None | UnsetType = UNSET
    thirdPartyTypeDeliveryAddress: Code | None | UnsetType = UNSET
    thirdPartyDeliveryAddress: str | None | UnsetType = UNSET
    deliveryMethodDescription: Code | None | UnsetType = UNSET
    deliveryTermsDescription: Code | None | UnsetType = UNSET
    deliveryComment: str | None | UnsetType = UNSET
    deliveryDate: datetime.date | None | UnsetType = UNSET
    deliveryMethod: Code | None | UnsetType = UNSET
    deliveryTerms: Code | None | UnsetType = UNSET


class Invoicing(Struct, gc=False, forbid_unknown_fields=True):
    """Who pays and how. `paymentTerms` is text in the document ("30")."""

    customerAddressId: int | None | UnsetType = UNSET
    invoiceRecipientId: Code | None | UnsetType = UNSET
    headerText: str | None | UnsetType = UNSET
    footerText: str | None | UnsetType = UNSET
    paymentMethod: Code | None | UnsetType = UNSET
    paymentTerms: Code | None | UnsetType = UNSET
    text1: str | None | UnsetType = UNSET
    text2: str | None | UnsetType = UNSET
    text3: str | None | UnsetType = UNSET
    text4: str | None | UnsetType = UNSET


class Order(Struct, gc=False, forbid_unknown_fields=True):
    """One sales order. `companyId` is known and ignored by the batch API (SO-208)."""

    customerId: Must
    transactionType: Must
    responsible: Expected
    salesPerson: Expected
    orderLines: Annotated[list[Line], Meta(min_length=1)]
    accountable: Code | None | UnsetType = UNSET
    isBackToBackOrderUsed: bool | None | UnsetType = UNSET
    isBilledAtProject: bool | None | UnsetType = UNSET
    currencyCode: str | None | UnsetType = UNSET
    isPartOfConsolidatedInvoice: bool | None | UnsetType = UNSET
    externalReference: Code | None | UnsetType = UNSET
    externalOrderId: Code | None | UnsetType = UNSET
    followUp: datetime.date | None | UnsetType = UNSET
    notes: str | None | UnsetType = UNSET
    orderDate: datetime.date | None | UnsetType = UNSET
    orderNumber: Annotated[int, Meta(ge=0)] | None | UnsetType = UNSET
    orderType: Code | None | UnsetType = UNSET
    period: int | None | UnsetType = UNSET
    orderStatus: Code | None | UnsetType = UNSET
    defaultGLAnalysis: Dimensions | None | UnsetType = UNSET
    deliveryInformation: DeliveryInformation | None | UnsetType = UNSET
    invoicing: Invoicing | None | UnsetType = UNSET
    companyId: str | int | None | UnsetType = UNSET


class Unit4Spec:
    """Unit4's side of `core.spec.Spec`."""

    name = "unit4"
    order_type: type[Struct] = Order
    group_member = "transactionType"
    keys: Mapping[str, tuple[str, str]] = {
        "number": ("orderNumber", "SO-203"),
        "external": ("externalOrderId", "SO-204"),
        "reference": ("externalReference", "SO-204"),
    }
    heavy_keys: Sequence[str] = ("orderLines", "orderNumber", "transactionType")

    def limits(self, options: Mapping[str, Any]) -> Limits:
        """The documented limits for `skip_workflow`, each replaced by a setting of the same name where given."""
        lines, rows = SKIP_WORKFLOW_LIMITS if options.get("skip_workflow") else WORKFLOW_LIMITS
        return Limits(
            max_lines=options.get("max_lines") or lines,
            max_rows=options.get("max_rows") or rows,
            max_bytes=options.get("max_bytes") or MAX_UPLOAD_BYTES,
            max_orders=options.get("max_orders"),
            headroom=options.get("headroom", 0.05),
        )

    def facts(self, order: Any) -> OrderFacts:
        """Group, size and keys, from a typed order or from the plain data of a faulty one."""
        if isinstance(order, Order):
            lines = len(order.orderLines)
            return OrderFacts(
                order.transactionType,
                lines,
                rows_of(lines),
                str(order.orderNumber) if order.orderNumber else None,
                order.externalOrderId or None,
                order.externalReference or None,
            )
        return _facts_of(order if isinstance(order, dict) else {})

    def suspicious(self, order: Any, limits: Limits) -> bool:
        """Whether `rules` would find anything in this typed order."""
        return is_suspicious(order, limits)

    def rules(self, order: dict[str, Any], limits: Limits) -> Iterator[Finding]:
        """Every finding that concerns more than one member's own type."""
        return Rules(order, limits).findings()

    def input_notes(self, groups: Sequence[str], orders: int) -> Iterator[tuple[str, Severity, str, str]]:
        """Remarks on the input as a whole, as (code, severity, message, hint)."""
        if len(groups) > 1:
            named = ", ".join(sorted(groups)[:5]) + (", ..." if len(groups) > 5 else "")
            yield (
                "SO-211",
                Severity.NOTE,
                f"{len(groups)} transaction types in one input ({named}); each gets parts of its own.",
                "Nothing to do: mixing them in one call can spoil order numbers, so they are sent apart.",
            )
        if orders == 1:
            yield (
                "SO-212",
                Severity.NOTE,
                "There is only one order; Unit4 advises its single-order endpoint for that.",
                "Nothing to do: the batch endpoint takes a single order too.",
            )


def _facts_of(order: Mapping[str, Any]) -> OrderFacts:
    lines = order.get("orderLines")
    count = len(lines) if isinstance(lines, list) else 0
    number = order.get("orderNumber")
    usable = isinstance(number, int | str) and not isinstance(number, bool) and number
    return OrderFacts(
        _text(order.get("transactionType")) or "",
        count,
        rows_of(count),
        str(number) if usable else None,
        _text(order.get("externalOrderId")),
        _text(order.get("externalReference")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


SPEC = Unit4Spec()
