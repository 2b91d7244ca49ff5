"""Unit4's rules about more than one member's own type, twice on purpose: `is_suspicious` is the quick look at every
typed order, `Rules` the explanation of one order as plain data. A property test holds the two together.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import UNSET, Struct, to_builtins

from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import Finding
from sobatch.core.order.values import number_of
from sobatch.erp.unit4.codes import finding
from sobatch.erp.unit4.settings import rows_of

_OLDEST = 1950
_LATEST = 2098  # 2099-12-31 is the API family's "open end", 1900-01-01 its "no date"
_SPLIT_TOLERANCE = 0.0101  # three shares of 33.33 are meant well
_FIRST_DAY, _LAST_DAY = datetime.date(_OLDEST, 1, 1), datetime.date(_LATEST, 12, 31)
_HEADER_DATES = ("followUp", "orderDate")
# ISO 4217: list one, active codes, and the X codes; a test compares them with an independent copy.
CODES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
    CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL
    LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR
    PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
    TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF
    XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG
    """.split()
)


def is_suspicious(order: Any, limits: Limits) -> bool:
    """Whether a typed, flawless order breaks any rule below. Runs once per good order, so it is written for speed."""
    lines = order.orderLines
    count = len(lines)
    if limits.max_lines is not None and count > limits.max_lines:
        return True
    if limits.max_rows is not None and rows_of(count) > limits.max_rows:
        return True
    currency, period = order.currencyCode, order.period
    if (currency and currency not in CODES) or (period and not _is_period(period)):
        return True
    if order.companyId is not UNSET or order.customerId.isspace() or order.transactionType.isspace():
        return True
    if limits.own_numbers and not order.orderNumber and order.transactionType in limits.own_numbers:
        return True
    return _odd_dates(order) or _has_odd_line(lines)


def _odd_dates(order: Any) -> bool:
    delivery = order.deliveryInformation
    follow_up, ordered, delivered = order.followUp, order.orderDate, delivery.deliveryDate if delivery else None
    return bool(
        (follow_up and not _FIRST_DAY <= follow_up <= _LAST_DAY)
        or (ordered and not _FIRST_DAY <= ordered <= _LAST_DAY)
        or (delivered and not _FIRST_DAY <= delivered <= _LAST_DAY)
        or (delivered and ordered and delivered < ordered)
    )


def _has_odd_line(lines: Any) -> bool:
    for line in lines:
        entries = line.glAnalysis
        # The usual line first: one entry with all of it.
        if (len(entries) != 1 or entries[0].percentageSplit != 100) and _odd_split(entries):
            return True
        amount = line.currencyAmount
        if amount:
            off = amount - line.price * line.quantity
            if off > 0.01 or off < -0.01:
                discount = line.lineDiscountPercent or 0
                if _disagrees(amount, line.price, line.quantity, discount):
                    return True
        day = line.lineDeliveryDate
        if day and not _FIRST_DAY <= day <= _LAST_DAY:
            return True
        if line.productCode.isspace():
            return True
    return False


def _odd_split(entries: Any) -> bool:
    total = 0.0
    for entry in entries:
        share = entry.percentageSplit
        if share is UNSET or share is None:
            return False
        total += share
    return abs(total - 100) > _SPLIT_TOLERANCE


def _is_period(period: int) -> bool:
    # YYYYPP; PP above 12 are special periods, which a tenant may have up to 99
    return _OLDEST <= period // 100 <= _LATEST and 1 <= period % 100


def _disagrees(amount: float, price: float, quantity: float, discount: float) -> bool:
    gross = price * quantity
    net = gross * (1 - discount / 100)
    allowed = 0.0101 + abs(gross) * 1e-6
    return abs(amount - gross) > allowed and abs(amount - net) > allowed


class Rules:
    """The rules over one order as a dict, whose members may have any type be absent, or typed where they decode."""

    def __init__(self, order: Mapping[str, Any], limits: Limits) -> None:
        self._order = order
        self._limits = limits
        lines = order.get("orderLines")
        self._lines: Sequence[Any] = lines if isinstance(lines, list) else ()

    def findings(self) -> Iterator[Finding]:
        """All of them, header first."""
        yield from self._blanks()
        yield from self._size()
        yield from self._header()
        yield from self._number()
        yield from self._dates()
        for index, line in enumerate(self._lines):
            if isinstance(line, dict) or (isinstance(line, Struct) and _has_odd_line((line,))):
                yield from _line_findings(_plain(line), f"/orderLines/{index}")

    def _blanks(self) -> Iterator[Finding]:
        for member in ("customerId", "transactionType"):
            value = self._order.get(member)
            if isinstance(value, str) and value.isspace():
                yield finding("SO-105", f"/{member}", f"{member} is blank.")

    def _size(self) -> Iterator[Finding]:
        count, limits = len(self._lines), self._limits
        if limits.max_lines is not None and count > limits.max_lines:
            wider = limits.wider_lines
            helps = wider is not None and count <= wider
            yield finding(
                "SO-201",
                "/orderLines",
                f"{count:,} detail lines, more than the {limits.max_lines:,} one order may have.",
                f"Split the order, or send with --skip-workflow, which allows {wider:,} lines."
                if helps
                else "Split the order.",
            )
        if limits.max_rows is not None and rows_of(count) > limits.max_rows:
            yield finding(
                "SO-202",
                "",
                f"This order alone makes {rows_of(count):,} database rows; one call may make {limits.max_rows:,}.",
                "Split the order.",
            )

    def _header(self) -> Iterator[Finding]:
        currency = self._order.get("currencyCode")
        if isinstance(currency, str) and currency and currency not in CODES:
            close = currency.upper() if currency.upper() in CODES else None
            hint = f"Did you mean {close}?" if close else "Use a three-letter code such as EUR, GBP or NOK."
            yield finding("SO-206", "/currencyCode", f'"{currency}" is not a currency code of ISO 4217.', hint)
        period = self._order.get("period")
        if isinstance(period, int) and not isinstance(period, bool) and period and not _is_period(period):
            shown = period if abs(period) < 10**18 else "This number"
            yield finding("SO-207", "/period", f"{shown} is not a period of the form YYYYPP, such as 202601.")
        if "companyId" in self._order:
            yield finding(
                "SO-208",
                "/companyId",
                "companyId inside an order is ignored: the whole call goes to one company.",
                "Name the company with --company-id and take the member out.",
            )

    def _number(self) -> Iterator[Finding]:
        kind, number = self._order.get("transactionType"), self._order.get("orderNumber")
        if not isinstance(kind, str) or kind not in self._limits.own_numbers:
            return
        if number is None or number_of(number) == 0:
            yield finding(
                "SO-216",
                "/orderNumber",
                f'Orders of the type "{kind}" bring their own number, and this one has none.',
                "Give it an orderNumber, or take the type out of manual_number_types.",
                missing="orderNumber" not in self._order,
            )

    def _dates(self) -> Iterator[Finding]:
        delivery = _plain(self._order.get("deliveryInformation"))
        delivered = delivery.get("deliveryDate") if isinstance(delivery, dict) else None
        for member in _HEADER_DATES:
            yield from _odd_day(self._order.get(member), f"/{member}")
        yield from _odd_day(delivered, "/deliveryInformation/deliveryDate")
        first, last = _day(self._order.get("orderDate")), _day(delivered)
        if first and last and last < first:
            message = f"Delivery on {last} comes before the order date {first}."
            yield finding("SO-215", "/deliveryInformation/deliveryDate", message)


def _line_findings(line: Mapping[str, Any], at: str) -> Iterator[Finding]:
    product = line.get("productCode")
    if isinstance(product, str) and product.isspace():
        yield finding("SO-105", f"{at}/productCode", "productCode is blank.")
    yield from _odd_day(line.get("lineDeliveryDate"), f"{at}/lineDeliveryDate")
    amount, price, quantity = (number_of(line.get(key)) for key in ("currencyAmount", "price", "quantity"))
    discount = number_of(line.get("lineDiscountPercent")) or 0
    if amount and price is not None and quantity is not None and _disagrees(amount, price, quantity, discount):
        yield finding(
            "SO-210",
            f"{at}/currencyAmount",
            f"currencyAmount {amount:g} is not price {price:g} times quantity {quantity:g}.",
        )
    yield from _split(line.get("glAnalysis"), at)


def _split(entries: Any, at: str) -> Iterator[Finding]:
    if not isinstance(entries, list) or not entries:
        return
    plain = [_plain(entry) for entry in entries]
    shares = [number_of(entry.get("percentageSplit")) if isinstance(entry, dict) else None for entry in plain]
    if any(share is None for share in shares):
        return
    total = sum(share for share in shares if share is not None)
    if abs(total - 100) > _SPLIT_TOLERANCE:
        where = f"{at}/glAnalysis/0/percentageSplit" if len(shares) == 1 else f"{at}/glAnalysis"
        yield finding("SO-205", where, f"The percentageSplit of this line totals {total:g}, not 100.")


def _odd_day(value: Any, pointer: str) -> Iterator[Finding]:
    day = _day(value)
    if day and not _FIRST_DAY <= day <= _LAST_DAY:
        yield finding("SO-209", pointer, f"{day} is a date that hardly any order has.", "Correct it or leave it out.")


def _plain(value: Any) -> Any:
    return to_builtins(value) if isinstance(value, Struct) else value


def _day(value: Any) -> datetime.date | None:
    if isinstance(value, datetime.date):
        return value
    if not isinstance(value, str):
        return None
    try:
        return datetime.date.fromisoformat(value[:10])
    except ValueError:
        return None
