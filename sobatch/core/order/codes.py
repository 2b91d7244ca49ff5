"""The one table of problem codes: what each means, where its rule comes from, and how a mended order looks.

`sobatch explain` shows it. Severities here are the usual ones; a rule may give another where it knows better.
SO-0xx is the text itself, SO-1xx what any order may have wrong. Each ERP has a hundred of its own, which it declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sobatch.core.order.code_texts import INPUT_ROWS
from sobatch.core.order.code_texts import Row as Row
from sobatch.core.order.spec import Code as Code
from sobatch.core.order.spec import Finding, Severity

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING


_ORDER_ROWS: tuple[tuple[Severity, Row], ...] = (
    (_ERROR, (
        "SO-101", "Order is not an object", "Limits & Notes: each element follows the order structure",
        "An element of the array is a number, a text or an array, where an order in { } is due.",
        '[{"customerId": "1000", …}, 17]', '[{"customerId": "1000", …}]',
    )),
    (_ERROR, (
        "SO-102", "Required member missing", "Basic example: members of every order; POST_006 (missing required field)",
        "Without this member the order cannot be created. Customer, transaction type, lines, and the product and "
        "quantity of each line are of this kind.",
        '{"transactionType": "SO", "orderLines": […]}',
        '{"customerId": "1000", "transactionType": "SO", "orderLines": […]}',
    )),
    (_WARNING, (
        "SO-103", "Usual member missing", "Basic example: minimal expected file content",
        "The document's minimal example has this member. The system may fill it in by itself, or refuse the order.",
        '{"customerId": "1000", "orderLines": […]}', '{"customerId": "1000", "responsible": "FRED", "orderLines": […]}',
    )),
    (_ERROR, (
        "SO-104", "Wrong type", "Complete example: the type of each member",
        "The value is of another kind than the system reads here, such as a number where a text is due.",
        '{"customerId": 1000}', '{"customerId": "1000"}',
    )),
    (_ERROR, (
        "SO-105", "Empty where a value is due", "POST_006 (missing required field)",
        "The member is there, but empty: an empty text, null, or an order without lines.",
        '{"customerId": "", "orderLines": []}', '{"customerId": "1000", "orderLines": [{"productCode": "1000", …}]}',
    )),
    (_WARNING, (
        "SO-106", "Text too long", "sobatch (field lengths are not documented; 255 is a guess)",
        "The text is longer than such a field usually holds. It may be cut short, or the order refused.",
        '{"externalReference": "… 300 characters …"}', '{"externalReference": "WEB-20991"}',
    )),
    (_WARNING, (
        "SO-107", "Number out of range", "sobatch (ranges are not documented)",
        "The number is beyond what this member can sensibly hold, or has a fraction where whole numbers are due.",
        '{"lineDiscountPercent": 250}', '{"lineDiscountPercent": 25}',
    )),
    (_ERROR, (
        "SO-108", "Impossible date", "Complete example: dates as YYYY-MM-DD",
        "The calendar has no such day.",
        '{"orderDate": "2026-02-30"}', '{"orderDate": "2026-02-28"}',
    )),
    (_ERROR, (
        "SO-109", "Date in another format", "Complete example: dates as YYYY-MM-DD",
        "Dates are written year, month, day, with hyphens. Other orders of the parts are ambiguous.",
        '{"orderDate": "29.04.2026"}', '{"orderDate": "2026-04-29"}',
    )),
    (_WARNING, (
        "SO-110", "Unknown member", "Complete example: all available fields",
        "The system knows no member of this name and drops it without a word. Often a misspelling.",
        '{"custmerId": "1000"}', '{"customerId": "1000"}',
    )),
    (_WARNING, (
        "SO-111", "Name used twice", "RFC 8259 section 4",
        "Two members of one object have the same name. Most readers keep the last and drop the first silently.",
        '{"price": 1, "price": 2}', '{"price": 2}',
    )),
    (_ERROR, (
        "SO-112", "Decisive name used twice", "RFC 8259 section 4",
        "A member on which the counting or the identity of an order rests stands there twice, so it is unclear "
        "what would be created.",
        '{"orderLines": […], "orderLines": […]}', '{"orderLines": […]}',
    )),
)  # fmt: skip


def codes_in(rows: Iterable[tuple[Severity, Row]]) -> tuple[Code, ...]:
    """Rows of plain text as codes; columns: code, title, rule, meaning, example, fix."""
    return tuple(
        Code(code, title, severity, meaning, rule, example, fix)
        for severity, (code, title, rule, meaning, example, fix) in rows
    )


CODES: Mapping[str, Code] = {
    entry.code: entry for entry in codes_in((*((_ERROR, row) for row in INPUT_ROWS), *_ORDER_ROWS))
}


def code_of(code: str) -> Code:
    """The entry of a code such as `SO-104`; raises `KeyError` for one that does not exist."""
    return CODES[code]


class Codebook:
    """The codes that every ERP has and those of one ERP, and how its rules make a finding of one."""

    def __init__(self, own: Iterable[Code] = ()) -> None:
        self.codes = {**CODES, **{entry.code: entry for entry in own}}

    def finding(
        self,
        code: str,
        pointer: str,
        message: str,
        hint: str | Callable[[], str] | None = None,
        *,
        missing: bool = False,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding at a pointer inside the order. A code of an ERP that is not in this book has its severity there."""
        entry = self.codes.get(code)
        return Finding(code, severity or (entry.severity if entry else None), message, pointer, hint, missing)


finding = Codebook().finding
