"""Order Time's rules about more than one member's own type, over an order as plain data, whatever its types.

The document contradicts itself in three places. Its table requires four members that its text calls unnecessary
(a warning, SO-604, an error by the setting `strict_required`); its text has orders without lines (a warning, SO-612);
and its sample has one Id under two names (a warning, SO-614, since the Id wins).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import DecodeError, to_builtins

from sobatch.core.order.spec import Finding, Severity
from sobatch.core.order.values import number_of
from sobatch.erp.order_time.codes import BOOK
from sobatch.erp.slices import elements, members

finding = BOOK.finding

TYPE = "AOLib7.SalesOrderLineItem, AOLib7"
_MOST_OF_32_BITS = 2**31 - 1
_MOST_OF_A_DECIMAL = 79_228_162_514_264_337_593_543_950_335
_REQUIRED_BY_THE_TABLE = ("ShipToRef", "Date", "PromiseDate", "AllowShipPartial")
_REFS = (
    "CustomerRef", "ShipToRef", "StatusRef", "ClassRef", "ContactRef", "CurrencyRef", "LocationRef", "ItemSalesTaxRef",
    "DiscountRef", "DiscountSalesTaxCodeRef", "AdditionalFeeItemRef", "AdditionalFeeSalesTaxCodeRef", "ShipMethodRef",
    "ShipSalesTaxCodeRef", "SalesRepRef", "TermRef",
)  # fmt: skip
_LINE_REFS = ("ItemRef", "SalesTaxCodeRef", "UomRef")
_LENGTHS = {"CustomerPO": 25, "FOB": 50, "InternalNotes": 4000, "Memo": 4000, "ShippingInstructions": 4000}
_LINE_LENGTHS = {"Description": 4000, "LineInstructions": 4000, "CustomerPartNo": 50}
_FIGURES = ("DiscountAmount", "AdditionalFeeAmount", "ShipAmount", "ExchangeRate")
_LINE_FIGURES = ("UomConversionRate", "Price", "Quantity")
# "In order to override/apply … you must also include": a rate says something whatever it is, an amount of 0 nothing.
_NEEDS = {
    "ExchangeRate": ("CurrencyRef", False),
    "DiscountAmount": ("DiscountRef", True),
    "ShipAmount": ("ShipMethodRef", True),
    "AdditionalFeeAmount": ("AdditionalFeeItemRef", True),
}
_LINE_NEEDS = {"UomConversionRate": ("UomRef", False)}
_NOT_STATED = ("AdditionalFeeAmount",)  # by likeness only, so a warning
_READ_ONLY = ("Id", "LineNo", "StdCost", "StdPrice")
_ADDRESSES = ("BillAddress", "ShipAddress")
_FLAG = "UpdateCustomerRecord"
_BEGINS_WELL = re.compile(rb'\{\s*"\$type"\s*:')

Plain = Mapping[str, Any]


def findings(order: Plain, *, strict_required: bool) -> Iterator[Finding]:
    """All of them, header first. Structs among the members are understood, too."""
    order = to_builtins(order)
    yield from _expected(order, Severity.ERROR if strict_required else None)
    yield from _header(order)
    yield from _common(order, "", _REFS, _LENGTHS, _FIGURES, _NEEDS)
    for name in _ADDRESSES:
        yield from _address(order.get(name), f"/{name}")
    lines = order.get("LineItems")
    if not lines and (lines is None or isinstance(lines, list)):
        missing = "LineItems" not in order
        yield finding("SO-612", "/LineItems", "The order has no lines.", "Add its LineItems.", missing=missing)
    given = lines if isinstance(lines, list) else ()
    plain = [(f"/LineItems/{index}", line) for index, line in enumerate(given) if isinstance(line, dict)]
    for at, line in plain:
        yield from _line(line, at)
    yield from _two_names(plain)


def misplaced(raw: bytes) -> Iterator[Finding]:
    """The lines of an order, as it is written, whose `$type` stands behind another member."""
    try:
        lines = elements(members(raw).get("LineItems", b"[]"))
    except DecodeError:
        return
    for index, line in enumerate(lines):
        if _BEGINS_WELL.match(line) or not line.startswith(b"{"):
            continue
        if "$type" in list(members(line))[1:]:
            message = "$type stands behind another member; the server may look for it at the beginning only."
            yield finding("SO-603", f"/LineItems/{index}/$type", message, "Make it the first member of the line.")


def _expected(order: Plain, severity: Severity | None) -> Iterator[Finding]:
    for member in _REQUIRED_BY_THE_TABLE:
        if order.get(member) is None:
            message = f"{member} is not there; the document's table requires it, its text does not."
            hint, missing = "Fill it in, or leave it to Order Time's defaults.", member not in order
            yield finding("SO-604", f"/{member}", message, hint, missing=missing, severity=severity)


def _header(order: Plain) -> Iterator[Finding]:
    number = order.get("DocNo")
    if _whole(number) and number:
        message = "DocNo is given by Order Time, and a new order has none."
        yield finding("SO-609", "/DocNo", message, "Take it out; an order that has one is there already.")
    reference = order.get("CustomerPO")
    if isinstance(reference, str) and "," in reference:
        message = "CustomerPO has a comma; an order whose answer is lost may not be found by it."
        yield finding("SO-616", "/CustomerPO", message, "Write it without.")
    ordered, promised = _moment(order.get("Date")), _moment(order.get("PromiseDate"))
    if ordered and promised and promised.date() < ordered.date():
        message = f"PromiseDate {promised:%Y-%m-%d} comes before the order's Date {ordered:%Y-%m-%d}."
        yield finding("SO-615", "/PromiseDate", message, "Correct one of the two.")


def _line(line: Plain, at: str) -> Iterator[Finding]:
    yield from _type(line, at)
    for member in _READ_ONLY:
        if line.get(member) is not None:
            message = f"{member} is Order Time's own, and not for a new line."
            yield finding("SO-610", f"{at}/{member}", message, "Take it out.")
    yield from _common(line, at, _LINE_REFS, _LINE_LENGTHS, _LINE_FIGURES, _LINE_NEEDS)
    quantity = number_of(line.get("Quantity"))
    if quantity is not None and quantity <= 0:
        message = f"Quantity is {quantity:g}, where something above 0 is usual."
        yield finding("SO-613", f"{at}/Quantity", message, "Correct the figure.")


def _type(line: Plain, at: str) -> Iterator[Finding]:
    if "$type" not in line:
        hint = f'Make this the first member of the line: "$type": "{TYPE}"'
        yield finding("SO-601", f"{at}/$type", "The line has no $type.", hint, missing=True)
    elif line["$type"] != TYPE:
        message = "$type is another than that of a line of a sales order."
        yield finding("SO-602", f"{at}/$type", message, f'Write "$type": "{TYPE}"')


def _common(
    part: Plain,
    at: str,
    refs: tuple[str, ...],
    lengths: Mapping[str, int],
    figures: tuple[str, ...],
    needs: Mapping[str, tuple[str, bool]],
) -> Iterator[Finding]:
    """What is asked of a header and of a line alike."""
    for member in refs:
        yield from _ref(part.get(member), f"{at}/{member}", member)
    for member, most in lengths.items():
        value = part.get(member)
        if isinstance(value, str) and len(value) > most:
            message = f"{member} has {len(value):,} characters; the field holds {most:,}."
            yield finding("SO-607", f"{at}/{member}", message, "Shorten it.")
    for member in figures:
        yield from _figure(part, member, at)
    for member, (needed, zero_is_nothing) in needs.items():
        value = number_of(part.get(member))
        if value is None or (zero_is_nothing and value == 0) or part.get(needed) is not None:
            continue
        severity = Severity.WARNING if member in _NOT_STATED else None
        message = f"{member} says nothing without a {needed}."
        yield finding("SO-608", f"{at}/{member}", message, f"Add the {needed}, or take it out.", severity=severity)
    fields = part.get("CustomFields")
    for index, entry in enumerate(fields if isinstance(fields, list) else ()):
        if isinstance(entry, dict):
            yield from _custom_field(entry, f"{at}/CustomFields/{index}")


def _figure(part: Plain, member: str, at: str) -> Iterator[Finding]:
    value = part.get(member)
    if value is None and member in part and member not in ("Price", "Quantity"):  # there null is SO-105
        yield finding("SO-619", f"{at}/{member}", f"{member} is null.", "Give it a value, or leave it out.")
    number = number_of(value)
    if number is not None and abs(number) > _MOST_OF_A_DECIMAL:
        message = f"{member} is {number:g}, more than a decimal number holds."
        yield finding("SO-621", f"{at}/{member}", message, "Correct the figure.")


def _ref(value: Any, at: str, member: str) -> Iterator[Finding]:
    if not isinstance(value, dict):
        return
    number, name = value.get("Id"), value.get("Name")
    if not (number is None or _whole(number)) or not (name is None or isinstance(name, str)):
        return  # of another type, which is said already
    if number and number > _MOST_OF_32_BITS:
        yield finding("SO-611", f"{at}/Id", "Id is a number of more than 32 bits.", "Correct the figure.")
    elif number and number < 0:
        yield finding("SO-605", f"{at}/Id", f"Id is {number}; ids count from 1.", "Correct the figure.")
    elif not number and not (name or "").strip():
        yield finding("SO-605", at, f"{member} has neither an Id above 0 nor a Name.", "Give it an Id.")
    elif not number:
        yield finding("SO-606", at, f"{member} has a Name and no Id.", "Add the Id.")


def _address(value: Any, at: str) -> Iterator[Finding]:
    for member, held in value.items() if isinstance(value, dict) else ():
        wanted = bool if member == _FLAG else str
        if held is not None and not isinstance(held, wanted):
            shown = "true or false" if wanted is bool else "a text"
            yield finding("SO-620", f"{at}/{member}", f"{member} is {shown} in the sample.", "Write it so.")


def _custom_field(entry: Plain, at: str) -> Iterator[Finding]:
    for member in ("Name", "Caption"):
        held = entry.get(member)
        if held is not None and not isinstance(held, str):
            yield finding("SO-620", f"{at}/{member}", f"{member} is a text in the sample.", "Write it so.")
    if entry.get("Name") in (None, ""):
        message = "The custom field has no Name, as those of the sample have."
        yield finding("SO-620", f"{at}/Name", message, "Name it, such as SOCust1.", missing="Name" not in entry)


def _two_names(lines: Iterable[tuple[str, Plain]]) -> Iterator[Finding]:
    """References of one kind to one Id under different names."""
    named: dict[tuple[str, int], str] = {}
    for at, line in lines:
        for member in _LINE_REFS:
            ref = line.get(member)
            number, name = (ref.get("Id"), ref.get("Name")) if isinstance(ref, dict) else (None, None)
            if not isinstance(number, int) or not isinstance(name, str) or not name.strip():
                continue
            first = named.setdefault((member, number), name)
            if first.strip() != name.strip():
                message = f'{member} {number} is "{name[:40]}" here and "{first[:40]}" before; the Id counts.'
                yield finding("SO-614", f"{at}/{member}/Name", message, "Correct the Id or the Name.")


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _moment(value: Any) -> datetime.datetime | None:
    """The time that a text names; None for what is none, or has a zone."""
    try:
        moment = datetime.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo is None else None
