"""MYOB EXO's rules beyond a member's own type, from the attribute table of the owner's document.

Over-long text is answered with a bare 500 there ("String truncation errors can occur"), so lengths are errors here:
they are the default database's, and each is a setting. Names are in small letters, whatever case the order has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import UNSET, Struct, to_builtins

from sobatch.core.order.spec import Finding
from sobatch.core.order.values import number_of, pointer_step, text_of
from sobatch.erp.myob_exo.codes import finding

# "0 = Not Processed, 3 = Quotation, 4 = Standing Order, 5 - Layby"; 1 and 2 "will be set by system users".
STATUSES = (0, 3, 4, 5)
EXTENDED = (4, 5)
LINE_TYPES = (0, 1, 2, 4)
COMMENT = 4
FINALISED = (0, 1, 2, 3)
OLD_DESCRIPTION = 40  # databases made before 2018.5
ADDRESS = tuple(f"line{number}" for number in range(1, 7))
CALCULATED = frozenset(
    """
    deliverycount invoicecount pickedcount releasecount hasuninvoiced hasunpicked hasunreleased hasunsupplied
    hasbackorders taxtotal subtotal createdate statusdescription ordertotal localvalue hasrestrictedline lastupdated
    href
    """.split()
)
CALCULATED_OF_A_LINE = frozenset(
    """
    uninvoicedquantity releasequantity releasenowquantity lastreleasedquantity pickedquantity picknowquantity
    lastpickedquantity stocktype linetotal invoicedquantity invoicenowquantity lastinvoicedquantity suppliedquantity
    supplynowquantity lastsuppliedquantity restrictedline
    """.split()
)


class Rules:
    """The rules over one order as a dict with small names, whose members may have any type or be absent."""

    def __init__(self, order: Mapping[str, Any], lengths: Mapping[str, int]) -> None:
        self._order = order
        self._lengths = lengths
        lines = order.get("lines")
        self._lines: Sequence[Any] = lines if isinstance(lines, list) else ()

    def findings(self) -> Iterator[Finding]:
        """All of them, header first."""
        yield from self._choices()
        yield from self._texts()
        yield from self._money()
        yield from self._address()
        yield from self._odd_members()
        yield from _extra_fields(self._order, "")
        for index, line in enumerate(self._lines):
            plain = _plain(line)
            if isinstance(plain, dict):
                yield from _Line(plain, f"/lines/{index}", self._lengths).findings()

    def _choices(self) -> Iterator[Finding]:
        status, finalised = _whole(self._order.get("status")), _whole(self._order.get("finalised"))
        if status is not None and status not in STATUSES:
            by_whom = "; 1 and 2 are set when the order is processed" if status in (1, 2) else ""
            yield finding("SO-701", "/status", f"status {status} cannot be given to a new order{by_whom}.")
        elif status in EXTENDED:
            kind = "a standing order" if status == COMMENT else "a layby"
            yield finding("SO-710", "/status", f"status {status} ({kind}) needs the extended order types.")
        if finalised is not None and finalised not in FINALISED:
            yield finding("SO-701", "/finalised", f"finalised is {finalised}; it is 0, 1, 2 or 3.")
        elif finalised:
            yield finding("SO-711", "/finalised", f"finalised {finalised} creates an order that is over already.")
        yield from _given_id(self._order, "")

    def _texts(self) -> Iterator[Finding]:
        for member in ("customerordernumber", "reference", "instructions"):
            yield from _length(self._order.get(member), member, f"/{member}", self._lengths)

    def _money(self) -> Iterator[Finding]:
        currency, rate = _whole(self._order.get("currencyid")), number_of(self._order.get("exchangerate"))
        if currency == 0 and rate is not None and rate != 1:
            yield finding("SO-704", "/exchangerate", f"exchangerate is {rate:g}; for currencyid 0 it must be 1.")
        elif rate is not None and rate <= 0:
            yield finding("SO-704", "/exchangerate", f"exchangerate is {rate:g}; it must be above 0.")

    def _address(self) -> Iterator[Finding]:
        given = _plain(self._order.get("deliveryaddress"))
        entries = given if isinstance(given, list) else [given]
        for index, entry in enumerate(entries):
            at = f"/deliveryaddress/{index}" if isinstance(given, list) else "/deliveryaddress"
            if isinstance(entry, dict):
                for name, value in entry.items():
                    yield from self._address_line(name, value, f"{at}/{pointer_step(name)}")
            elif entry is not None and entry is not UNSET:
                yield finding("SO-705", at, "deliveryaddress is an object with line1 to line6, or an array of one.")

    def _address_line(self, name: str, value: Any, at: str) -> Iterator[Finding]:
        if name.lower() not in ADDRESS:
            yield finding("SO-705", at, f'A delivery address has line1 to line6, and no "{name[:40]}".')
        elif value is not None and not isinstance(value, str):
            yield finding("SO-705", at, f"{name} is no text.")
        else:
            yield from _length(value, "line", at, self._lengths, name)

    def _odd_members(self) -> Iterator[Finding]:
        for member in sorted(CALCULATED & self._order.keys()):
            yield finding("SO-712", f"/{member}", f"{member} is calculated by the ERP; what is sent is not used.")
        if text_of(self._order.get("accountname")):
            yield finding("SO-713", "/accountname", "accountname is always taken from the debtor's account.")
        if self._order.get("finalisationdate") not in (None, UNSET):
            yield finding("SO-713", "/finalisationdate", "finalisationdate should be left alone, the document says.")
        if not self._lines and not isinstance(self._order.get("lines"), dict):
            missing = "lines" not in self._order
            words = "The order has no lines, so it does not have much purpose."
            yield finding("SO-714", "/lines", words, missing=missing)


class _Line:
    """The rules over one line."""

    def __init__(self, line: Mapping[str, Any], at: str, lengths: Mapping[str, int]) -> None:
        self._line = line
        self._at = at
        self._lengths = lengths

    def findings(self) -> Iterator[Finding]:
        """All of them."""
        yield from self._kind()
        for member in ("stockcode", "description", "batchcode"):
            yield from _length(self._line.get(member), member, f"{self._at}/{member}", self._lengths)
        yield from self._description()
        yield from self._tax()
        price, overridden = number_of(self._line.get("unitprice")), self._line.get("ispriceoverridden")
        if price is not None and overridden is not True:
            words = "unitprice is given without ispriceoverridden: the ERP works it out anew when the order is edited."
            yield finding("SO-717", f"{self._at}/unitprice", words)
        for member in sorted(CALCULATED_OF_A_LINE & self._line.keys()):
            words = f"{member} is calculated by the ERP; what is sent is not used."
            yield finding("SO-712", f"{self._at}/{member}", words)
        yield from _given_id(self._line, self._at)
        yield from _extra_fields(self._line, self._at)

    def _kind(self) -> Iterator[Finding]:
        kind = _whole(self._line.get("linetype"))
        if kind is not None and kind not in LINE_TYPES:
            yield finding("SO-701", f"{self._at}/linetype", f"linetype is {kind}; it is 0, 1, 2 or 4.")
        if kind == COMMENT:
            return
        if "stockcode" not in self._line and not text_of(self._line.get("bomcode")):
            words = "The line names no stockcode, and no bomcode either."
            yield finding("SO-702", f"{self._at}/stockcode", words, missing=True)
        if "orderquantity" not in self._line:
            yield finding("SO-702", f"{self._at}/orderquantity", "orderquantity is missing.", missing=True)

    def _description(self) -> Iterator[Finding]:
        text = self._line.get("description")
        if isinstance(text, str) and OLD_DESCRIPTION < len(text) <= self._lengths["description"]:
            words = f"description has {len(text)} characters; a database made before 2018.5 takes {OLD_DESCRIPTION}."
            yield finding("SO-715", f"{self._at}/description", words)

    def _tax(self) -> Iterator[Finding]:
        value = number_of(self._line.get("taxoverridevalue"))
        if self._line.get("istaxoverridden") is True and value is None:
            words = "istaxoverridden is true, so taxoverridevalue must say the exact tax of the line."
            missing = "taxoverridevalue" not in self._line
            yield finding("SO-703", f"{self._at}/taxoverridevalue", words, missing=missing)
        if number_of(self._line.get("taxratevalue")) is not None:
            words = "taxratevalue had better not be given: taxrateid names the rate."
            yield finding("SO-716", f"{self._at}/taxratevalue", words)


def _given_id(values: Mapping[str, Any], at: str) -> Iterator[Finding]:
    number = _whole(values.get("id"))
    if number is not None and number >= 0:
        words = f"id is {number}; for something new it must be left out or be negative."
        yield finding("SO-706", f"{at}/id", words)


def _extra_fields(values: Mapping[str, Any], at: str) -> Iterator[Finding]:
    fields = _plain(values.get("extrafields"))
    for index, field in enumerate(fields if isinstance(fields, list) else ()):
        key = field.get("key") if isinstance(field, dict) else None
        if isinstance(key, str) and not key.strip():
            yield finding("SO-707", f"{at}/extrafields/{index}/key", "An extra field has no key.")


def _length(value: Any, member: str, at: str, lengths: Mapping[str, int], name: str = "") -> Iterator[Finding]:
    most = lengths[member]
    if isinstance(value, str) and len(value) > most:
        words = f"{name or member} has {len(value):,} characters; the database takes {most:,}."
        setting = f"{'address' if member == 'line' else member}_length"
        hint = f"Shorten it, or set {setting} to what this installation's database takes."
        yield finding("SO-700", at, words, hint)


def _plain(value: Any) -> Any:
    return to_builtins(value) if isinstance(value, Struct | list) else value


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
