"""What a MYOB EXO sales order is, offline: members, limits and rules, from the owner's Sales Order document.

The document writes every member that is not calculated as "type,null", but for the five that must not be null:
`debtorid`, `status`, `allowcustomerordernumber`, `stockcode` and `orderquantity`. So null is legal everywhere else.
Names may come in any letter case, as the ERP takes them; the structs have the document's.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType

from sobatch.core.order.limits import Limits
from sobatch.core.order.setting import Measure, Mode, Setting
from sobatch.core.order.spec import Code, Finding, OrderFacts, Severity
from sobatch.core.order.values import text_of
from sobatch.erp.myob_exo.codes import CODES
from sobatch.erp.myob_exo.rules import Rules
from sobatch.erp.myob_exo.settings import LENGTHS, SETTINGS

Number = float | UnsetType | None
Whole = int | UnsetType | None
Text = str | UnsetType | None
Flag = bool | UnsetType | None
Day = datetime.date | UnsetType | None
Anything = Any  # calculated: whatever it holds, it is told and never read


class ExtraField(Struct, gc=False, forbid_unknown_fields=True):
    """A member that one installation added; the document shows a key and a value."""

    key: str
    value: Any = UNSET


class Line(Struct, gc=False, forbid_unknown_fields=True, kw_only=True):
    """One line. `bomcode` stands in the document's section on validating only; a comment line needs neither code."""

    stockcode: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET
    orderquantity: float | UnsetType = UNSET
    bomcode: Text = UNSET
    bomgroupid: Any = UNSET
    isoriginatedfromtemplate: Flag = UNSET
    discount: Number = UNSET
    unitprice: Number = UNSET
    ispriceoverridden: Flag = UNSET
    locationid: Whole = UNSET
    taxrateid: Whole = UNSET
    listprice: Number = UNSET
    pricepolicyid: Whole = UNSET
    linetype: Whole = UNSET
    id: Whole = UNSET
    branchid: Whole = UNSET
    taxratevalue: Number = UNSET
    istaxoverridden: Flag = UNSET
    taxoverridevalue: Number = UNSET
    narrative: Text = UNSET
    backorderquantity: Number = UNSET
    description: Text = UNSET
    batchcode: Text = UNSET
    duedate: Day = UNSET
    rankorder: Whole = UNSET
    extrafields: list[ExtraField] | UnsetType | None = UNSET
    uninvoicedquantity: Anything = UNSET
    releasequantity: Anything = UNSET
    releasenowquantity: Anything = UNSET
    lastreleasedquantity: Anything = UNSET
    pickedquantity: Anything = UNSET
    picknowquantity: Anything = UNSET
    lastpickedquantity: Anything = UNSET
    stocktype: Anything = UNSET
    linetotal: Anything = UNSET
    invoicedquantity: Anything = UNSET
    invoicenowquantity: Anything = UNSET
    lastinvoicedquantity: Anything = UNSET
    suppliedquantity: Anything = UNSET
    supplynowquantity: Anything = UNSET
    lastsuppliedquantity: Anything = UNSET
    restrictedline: Anything = UNSET


class Order(Struct, gc=False, forbid_unknown_fields=True, kw_only=True):
    """One sales order. `deliveryaddress` is an array in the document's table and an object in its sample: both go."""

    __any_case__: ClassVar[bool] = True

    debtorid: int
    status: int
    lines: list[Line] | UnsetType | None = UNSET
    id: Whole = UNSET
    customerordernumber: Text = UNSET
    reference: Text = UNSET
    instructions: Text = UNSET
    narrative: Text = UNSET
    orderdate: Day = UNSET
    duedate: Day = UNSET
    finalisationdate: Day = UNSET
    activationdate: datetime.datetime | UnsetType | None = UNSET
    currencyid: Whole = UNSET
    exchangerate: Number = UNSET
    istaxinclusive: Flag = UNSET
    taxrounding: Number = UNSET
    branchid: Whole = UNSET
    defaultlocationid: Whole = UNSET
    contactid: Whole = UNSET
    salespersonid: Whole = UNSET
    allowcustomerordernumber: bool | UnsetType = UNSET
    accountname: Text = UNSET
    finalised: Whole = UNSET
    deliveryaddress: Any = UNSET
    extrafields: list[ExtraField] | UnsetType | None = UNSET
    href: Text = UNSET
    deliverycount: Anything = UNSET
    invoicecount: Anything = UNSET
    pickedcount: Anything = UNSET
    releasecount: Anything = UNSET
    hasuninvoiced: Anything = UNSET
    hasunpicked: Anything = UNSET
    hasunreleased: Anything = UNSET
    hasunsupplied: Anything = UNSET
    hasbackorders: Anything = UNSET
    taxtotal: Anything = UNSET
    subtotal: Anything = UNSET
    createdate: Anything = UNSET
    statusdescription: Anything = UNSET
    ordertotal: Anything = UNSET
    localvalue: Anything = UNSET
    hasrestrictedline: Anything = UNSET
    lastupdated: Anything = UNSET


@dataclass(frozen=True, slots=True)
class ExoLimits(Limits):
    """No limit of a call, and what this installation's database takes of each text, in characters."""

    lengths: Mapping[str, int] = field(default_factory=dict)


class MyobExoSpec:
    """MYOB EXO's side of `core.order.spec.Spec`."""

    name = "myob-exo"
    title = "MYOB EXO"
    settings: Sequence[Setting] = SETTINGS
    codes: Sequence[Code] = CODES
    modes: Sequence[Mode] = ()
    measures = Measure("requests", "Requests are 1 for every order, and 2 with validate_first.")
    sandbox = "myob-exo"
    order_type: type[Struct] = Order
    group_member: str | None = None
    # `reference` is the field for a number of one's own; a customer's order number may stand on several orders.
    keys: Mapping[str, tuple[str, str]] = {
        "external": ("reference", "SO-720"),
        "reference": ("customerordernumber", "SO-721"),
    }
    # "Always retrieves the Accountname value from the Debtor account", and a status moves on.
    overruled: Sequence[str] = ("accountname", "status")
    heavy_keys: Sequence[str] = ("debtorid", "status", "lines", "reference")
    suspicious = None  # the rules themselves are quick beside the call that an order takes

    def limits(self, options: Mapping[str, Any]) -> ExoLimits:
        """No limit of a call is stated; `max_orders` cuts files into chunks of that many. The lengths are the default
        database's, each replaced by the site's own."""
        lengths = {member: options.get(setting) or usual for setting, (member, usual) in LENGTHS.items()}
        return ExoLimits(max_orders=options.get("max_orders"), lengths=lengths)

    def facts(self, order: Any) -> OrderFacts:
        """Size and keys, from a typed order or from the plain data of a faulty one. Rows are requests."""
        names = ("lines", "reference", "customerordernumber")
        if isinstance(order, Order):
            lines, reference, number = (getattr(order, name) for name in names)
        else:
            plain = order if isinstance(order, dict) else {}
            lines, reference, number = (plain.get(name) for name in names)
        count = len(lines) if isinstance(lines, list) else 0
        return OrderFacts("", count, 1, None, text_of(reference), text_of(number))

    def rules(self, order: dict[str, Any], limits: Limits) -> Iterator[Finding]:
        """Every finding that concerns more than one member's own type."""
        usual = limits if isinstance(limits, ExoLimits) else self.limits({})
        return Rules(order, usual.lengths).findings()

    def input_notes(self, groups: Sequence[str], orders: int, keyless: int) -> Iterator[tuple[str, Severity, str, str]]:
        """Remarks on the input as a whole, as (code, severity, message, hint)."""
        if keyless:
            yield (
                "SO-722",
                Severity.NOTE,
                f"{keyless:,} of {orders:,} orders have neither a reference nor a customer's order number.",
                "Give each a reference of its own: by it an order can be found when the answer to it is lost.",
            )


SPEC = MyobExoSpec()
