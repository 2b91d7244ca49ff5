"""What the pretend ERP makes of one submitted order: the facts it keeps and the problems it finds.

Written from the vendor's document alone. Members nobody knows are ignored, as the vendor says; so is a `companyId`
inside an order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .options import Options

Problem = tuple[str, int, str]

REQUIRED, EMPTY, ILLEGAL, UNREADABLE, BAD_DATE, OUT_OF_RANGE = 2001, 2002, 2010, 2020, 2021, 2022
TOO_MANY_LINES, TOO_MANY_ROWS, NUMBER_IN_USE = 3001, 3002, 3010

HEADER_DATES = ("orderDate", "followUp")
LINE_NUMBERS = ("price", "currencyAmount", "lineDiscountPercent")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is kept of an order."""

    customer: str | None
    type: str | None
    number: int | None
    external_order_id: str | None
    external_reference: str | None
    period: int | None
    lines: int
    problems: tuple[Problem, ...]

    @property
    def rows(self) -> int:
        """Database rows by the document's formula: "SUM(1 + SalesOrderDetails * 3)"."""
        return 1 + self.lines * 3


def examine(order: Any, options: Options, skip_workflow: bool) -> Facts:
    """Read an order as the ERP would. Never raises: a bad order is a value."""
    if not isinstance(order, dict):
        problem = ("", UNREADABLE, f"Error converting value {_shown(order)} to type 'SalesOrder'.")
        return Facts(None, None, None, None, None, None, 0, (problem,))
    lines = order.get("orderLines")
    count = len(lines) if isinstance(lines, list) else 0
    return Facts(
        customer=_word(order.get("customerId")),
        type=_word(order.get("transactionType")),
        number=_whole(order.get("orderNumber")),
        external_order_id=_word(order.get("externalOrderId")),
        external_reference=_word(order.get("externalReference")),
        period=_whole(order.get("period")),
        lines=count,
        problems=(*_header_problems(order, options), *_line_problems(lines, options, skip_workflow)),
    )


def _header_problems(order: dict[str, Any], options: Options) -> Iterator[Problem]:
    yield from _reference(order, "customerId", "", options.unknown_customers, options.bad_prefix)
    yield from _type_problems(order, options)
    for name in ("orderNumber", "period"):
        if order.get(name) is not None and _whole(order[name]) is None:
            yield _unreadable(name, order[name], "Int64")
    yield from _dates(order, HEADER_DATES, "")
    delivery = order.get("deliveryInformation")
    if isinstance(delivery, dict):
        yield from _dates(delivery, ("deliveryDate",), "deliveryInformation.")


def _type_problems(order: dict[str, Any], options: Options) -> Iterator[Problem]:
    kind = _word(order.get("transactionType"))
    if not kind:
        yield _required("transactionType")
        return
    automatic = options.automatic_types
    if kind in options.manual_types:
        if not order.get("orderNumber"):
            yield ("orderNumber", EMPTY, "A value must be entered for orderNumber.")
    elif automatic is not None and kind not in automatic:
        yield ("transactionType", ILLEGAL, "Illegal value entered")


def _line_problems(lines: Any, options: Options, skip_workflow: bool) -> Iterator[Problem]:
    if lines is None or lines == []:
        yield _required("orderLines")
        return
    if not isinstance(lines, list):
        yield _unreadable("orderLines", lines, "SalesOrderLine[]")
        return
    limit = options.line_limit(skip_workflow)
    if len(lines) > limit:
        message = f"The number of detail lines per order exceeds the maximum allowed limit of {limit}."
        yield ("", TOO_MANY_LINES, message)
        return
    for place, line in enumerate(lines):
        yield from _one_line(line, f"orderLines[{place}]", options)


def _one_line(line: Any, path: str, options: Options) -> Iterator[Problem]:
    if not isinstance(line, dict):
        yield _unreadable(path, line, "SalesOrderLine")
        return
    yield from _reference(line, "productCode", f"{path}.", options.unknown_products, options.bad_prefix)
    if line.get("quantity") is None:
        yield _required("quantity", f"{path}.")
    for name in ("quantity", *LINE_NUMBERS):
        if not _is_number(line.get(name)):
            yield _unreadable(f"{path}.{name}", line[name], "Decimal")
    percent = line.get("lineDiscountPercent")
    if isinstance(percent, (int, float)) and not 0 <= percent <= 100:
        yield (f"{path}.lineDiscountPercent", OUT_OF_RANGE, "The field lineDiscountPercent must be between 0 and 100.")
    yield from _dates(line, ("lineDeliveryDate",), f"{path}.")


def _reference(holder: dict[str, Any], name: str, path: str, unknown: frozenset[str], bad: str) -> Iterator[Problem]:
    value = _word(holder.get(name))
    if not value:
        yield _required(name, path)
    elif value in unknown or (bad and value.startswith(bad)):
        yield (path + name, ILLEGAL, "Illegal value entered")


def _dates(holder: dict[str, Any], names: tuple[str, ...], path: str) -> Iterator[Problem]:
    for name in names:
        value = holder.get(name)
        if value is not None and not _is_date(value):
            yield (path + name, BAD_DATE, f"Invalid date time format in {name}.")


def _is_date(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return len(value) >= len("2026-04-29")


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _required(name: str, path: str = "") -> Problem:
    return (path + name, REQUIRED, f"The {name} field is required.")


def _unreadable(path: str, value: Any, kind: str) -> Problem:
    return (path, UNREADABLE, f"Error converting value {_shown(value)} to type '{kind}'.")


def _shown(value: Any) -> str:
    return f"{value!s:.60}"


def _word(value: Any) -> str | None:
    """Text as the ERP reads it: a bare number is taken for its digits."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    """A whole number that SQLite can hold."""
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    return value if fits else None
