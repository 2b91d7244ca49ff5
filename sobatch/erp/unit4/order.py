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

from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import MOST_GROUPS, Finding, OrderFacts, Severity, group_name
from sobatch.core.order.values import text_of
from sobatch.erp.unit4.codes import CODES
from sobatch.erp.unit4.rules import Rules, is_suspicious
from sobatch.erp.unit4.settings import MODES, ROWS, SETTINGS, rows_of

# "12 detail lines / 37,000 DB rows (skipWorkflow=false) or 1,000 detail lines / 1,550,000 DB rows (skipWorkflow=true)"
WORKFLOW_LIMITS = (12, 37_000)
SKIP_WORKFLOW_LIMITS = (1_000, 1_550_000)
MAX_UPLOAD_BYTES = 30_000_000  # guessed (the usual default of the vendor's web stack); a setting

Code = Annotated[str, Meta(max_length=255)]
Must = Annotated[str, Meta(min_length=1, max_length=255)]
Expected = Annotated[str, Meta(min_length=1, max_length=255, extra={"absent": "SO-103"})]


class Dimension(Struct, gc=False, forbid_unknown_fields=True):
    """One analysis dimension; all members may be left out (`{}` in the document)."""

    attributeId: Code | UnsetType | None = UNSET
    attributeIdDescription: str | UnsetType | None = UNSET
    dimValue: Code | UnsetType | None = UNSET
    dimValueDescription: str | UnsetType | None = UNSET


class Dimensions(Struct, gc=False, forbid_unknown_fields=True):
    """`dim1` to `dim7`."""

    dim1: Dimension | UnsetType | None = UNSET
    dim2: Dimension | UnsetType | None = UNSET
    dim3: Dimension | UnsetType | None = UNSET
    dim4: Dimension | UnsetType | None = UNSET
    dim5: Dimension | UnsetType | None = UNSET
    dim6: Dimension | UnsetType | None = UNSET
    dim7: Dimension | UnsetType | None = UNSET


class GlAnalysis(Struct, gc=False, forbid_unknown_fields=True):
    """One posting share of a line."""

    accounting: Dimensions | UnsetType | None = UNSET
    account: Code | UnsetType | None = UNSET
    amount: float | UnsetType | None = UNSET
    percentageSplit: float | UnsetType | None = UNSET
    taxCode: Code | UnsetType | None = UNSET
    taxSystem: Code | UnsetType | None = UNSET


class Line(Struct, gc=False, forbid_unknown_fields=True):
    """One detail line. Members stand in the document's order, which is also the fastest to decode."""

    productCode: Must
    quantity: Annotated[float, Meta(gt=0, extra={"range": "SO-214"})]
    price: Annotated[float, Meta(ge=0, extra={"range": "SO-214", "absent": "SO-103"})]
    glAnalysis: Annotated[list[GlAnalysis], Meta(min_length=1, extra={"absent": "SO-103"})]
    distributionKey: int | UnsetType | None = UNSET
    productDescription: str | UnsetType | None = UNSET
    isBackToBackOrderUsedOnLine: bool | UnsetType | None = UNSET
    backToBackOrderNumber: int | UnsetType | None = UNSET
    isCustomerAddressUsedOnBackToBackOrder: bool | UnsetType | None = UNSET
    currencyAmount: float | UnsetType | None = UNSET
    lineDiscountPercent: Annotated[float, Meta(ge=0, le=100)] | UnsetType | None = UNSET
    lineDeliveryDate: datetime.date | UnsetType | None = UNSET
    status: Code | UnsetType | None = UNSET
    backToBackOrderPriority: Code | UnsetType | None = UNSET
    productText: str | UnsetType | None = UNSET
    accountingTemplate: Code | UnsetType | None = UNSET
    unit: Code | UnsetType | None = UNSET


class DeliveryInformation(Struct, gc=False, forbid_unknown_fields=True):
    """Where and how the goods go."""

    thirdPartyDeliveryId: Code | UnsetType | None = UNSET
    thirdPartyDeliveryAddressId: int | UnsetType | None = UNSET
    thirdPartyTypeDeliveryAddress: Code | UnsetType | None = UNSET
    thirdPartyDeliveryAddress: str | UnsetType | None = UNSET
    deliveryMethodDescription: Code | UnsetType | None = UNSET
    deliveryTermsDescription: Code | UnsetType | None = UNSET
    deliveryComment: str | UnsetType | None = UNSET
    deliveryDate: datetime.date | UnsetType | None = UNSET
    deliveryMethod: Code | UnsetType | None = UNSET
    deliveryTerms: Code | UnsetType | None = UNSET


class Invoicing(Struct, gc=False, forbid_unknown_fields=True):
    """Who pays and how. `paymentTerms` is text in the document ("30")."""

    customerAddressId: int | UnsetType | None = UNSET
    invoiceRecipientId: Code | UnsetType | None = UNSET
    headerText: str | UnsetType | None = UNSET
    footerText: str | UnsetType | None = UNSET
    paymentMethod: Code | UnsetType | None = UNSET
    paymentTerms: Code | UnsetType | None = UNSET
    text1: str | UnsetType | None = UNSET
    text2: str | UnsetType | None = UNSET
    text3: str | UnsetType | None = UNSET
    text4: str | UnsetType | None = UNSET


class Order(Struct, gc=False, forbid_unknown_fields=True):
    """One sales order. `companyId` is known and ignored by the batch API, whatever it holds (SO-208)."""

    customerId: Must
    transactionType: Must
    responsible: Expected
    salesPerson: Expected
    orderLines: Annotated[list[Line], Meta(min_length=1)]
    accountable: Code | UnsetType | None = UNSET
    isBackToBackOrderUsed: bool | UnsetType | None = UNSET
    isBilledAtProject: bool | UnsetType | None = UNSET
    currencyCode: str | UnsetType | None = UNSET
    isPartOfConsolidatedInvoice: bool | UnsetType | None = UNSET
    externalReference: Code | UnsetType | None = UNSET
    externalOrderId: Code | UnsetType | None = UNSET
    followUp: datetime.date | UnsetType | None = UNSET
    notes: str | UnsetType | None = UNSET
    orderDate: datetime.date | UnsetType | None = UNSET
    orderNumber: Annotated[int, Meta(ge=0)] | UnsetType | None = UNSET
    orderType: Code | UnsetType | None = UNSET
    period: int | UnsetType | None = UNSET
    orderStatus: Code | UnsetType | None = UNSET
    defaultGLAnalysis: Dimensions | UnsetType | None = UNSET
    deliveryInformation: DeliveryInformation | UnsetType | None = UNSET
    invoicing: Invoicing | UnsetType | None = UNSET
    companyId: Any = UNSET


class Unit4Spec:
    """Unit4's side of `core.spec.Spec`."""

    name = "unit4"
    title = "Unit4 ERPx"
    settings = SETTINGS
    codes = CODES
    modes = MODES
    measures = ROWS
    sandbox = "unit4"
    order_type: type[Struct] = Order
    group_member = "transactionType"
    keys: Mapping[str, tuple[str, str]] = {
        "number": ("orderNumber", "SO-203"),
        "external": ("externalOrderId", "SO-204"),
        "reference": ("externalReference", "SO-217"),
    }
    # "Any companyId field present in individual order DTOs is ignored", and a status moves on.
    overruled: Sequence[str] = ("companyId", "orderStatus")
    heavy_keys: Sequence[str] = ("orderLines", "orderNumber", "transactionType")

    def limits(self, options: Mapping[str, Any]) -> Limits:
        """The documented limits for `skip_workflow`, each replaced by a setting of the same name where given."""
        skip, max_lines = options.get("skip_workflow"), options.get("max_lines")
        lines, rows = SKIP_WORKFLOW_LIMITS if skip else WORKFLOW_LIMITS
        return Limits(
            max_lines=max_lines or lines,
            max_rows=options.get("max_rows") or rows,
            max_bytes=options.get("max_bytes") or MAX_UPLOAD_BYTES,
            max_orders=options.get("max_orders"),
            headroom=options.get("headroom", 0.05),
            wider_lines=None if skip or max_lines else SKIP_WORKFLOW_LIMITS[0],
            own_numbers=frozenset(options.get("manual_number_types") or ()),
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

    def input_notes(self, groups: Sequence[str], orders: int, keyless: int) -> Iterator[tuple[str, Severity, str, str]]:
        """Remarks on the input as a whole, as (code, severity, message, hint)."""
        types = sorted(group for group in groups if group.strip())
        if len(types) > 1:
            number = f"{len(types)}" if len(types) < MOST_GROUPS else f"{MOST_GROUPS:,} or more"
            named = ", ".join(types[:5]) + (", ..." if len(types) > 5 else "")
            yield (
                "SO-211",
                Severity.NOTE,
                f"{number} transaction types in one input ({named}); each gets parts of its own.",
                "Nothing to do: mixing them in one call can spoil order numbers, so they are sent apart.",
            )
        if 0 < keyless < orders:  # a file where no order has one is made that way
            yield (
                "SO-213",
                Severity.NOTE,
                f"{keyless:,} of {orders:,} orders have neither a number nor an external id or reference.",
                "Give each a key of its own: by it an order can be found whatever happens to the answer.",
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
        group_name(text_of(order.get("transactionType")) or ""),
        count,
        rows_of(count),
        str(number) if usable else None,
        text_of(order.get("externalOrderId")),
        text_of(order.get("externalReference")),
    )


SPEC = Unit4Spec()
