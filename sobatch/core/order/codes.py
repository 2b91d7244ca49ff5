"""The one table of problem codes: what each means, where its rule comes from, and how a mended order looks.

`sobatch explain` shows it. Severities here are the usual ones; a rule may give another where it knows better.
SO-0xx is the text itself, SO-1xx what any order may have wrong. Each ERP has a hundred of its own, which it declares.
"""

from __future__ import annotations

from collections.abc import Iterable

from sobatch.core.order.code_texts import INPUT_ROWS, Row
from sobatch.core.order.spec import Code as Code
from sobatch.core.order.spec import Finding, Severity

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


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
    (_ERROR, (
        "SO-201", "Too many lines", "POST_003",
        "The order has more detail lines than the system takes in one order. Skipping the workflow raises the limit.",
        '{"orderLines": [… 13 lines …]}', "Divide the order, or add --skip-workflow.",
    )),
    (_ERROR, (
        "SO-202", "Order above the row limit", "POST_004",
        "This one order alone makes more database rows than a call may make, so no cutting into parts can help. Before "
        "any large load the document also asks for posting cycles enough for all its orders: they are set up in the "
        "ERP, where its administrator can see whether they suffice.",
        '{"orderLines": [… 20,000 lines …]}', "Divide the order into several.",
    )),
    (_ERROR, (
        "SO-203", "Order number used twice", "POST_007",
        "Two orders of the input have the same number. The second would be refused, or taken for the first.",
        '[{"orderNumber": 17, …}, {"orderNumber": 17, …}]', '[{"orderNumber": 17, …}, {"orderNumber": 18, …}]',
    )),
    (_WARNING, (
        "SO-204", "External id used twice", "sobatch",
        "Two orders have the same external id. It may be the same order twice, and outcomes cannot be told apart by "
        "it.",
        '[{"externalOrderId": "W1", …}, {"externalOrderId": "W1", …}]',
        '[{"externalOrderId": "W1", …}, {"externalOrderId": "W2", …}]',
    )),
    (_WARNING, (
        "SO-205", "Split is not 100 %", "sobatch (Complete example: percentageSplit)",
        "The parts into which a line's amount is divided do not add up to the whole.",
        '{"glAnalysis": [{"percentageSplit": 60, …}, {"percentageSplit": 30, …}]}',
        '{"glAnalysis": [{"percentageSplit": 60, …}, {"percentageSplit": 40, …}]}',
    )),
    (_WARNING, (
        "SO-206", "Unknown currency", "ISO 4217",
        "The currency code is not on the international list. Your system may have its own; often it is a misspelling.",
        '{"currencyCode": "EURO"}', '{"currencyCode": "EUR"}',
    )),
    (_WARNING, (
        "SO-207", "Unusual period", "Complete example: period as YYYYPP",
        "A period is the year and two digits for the period in it.",
        '{"period": 2026}', '{"period": 202601}',
    )),
    (_WARNING, (
        "SO-208", "Company inside an order is ignored", "Multi-client capability",
        "All orders of a call go to the company named in the call, or to your default company. What an order says "
        "about it is not looked at.",
        '{"companyId": "EN", …}', "sobatch submit orders.json --company-id EN",
    )),
    (_WARNING, (
        "SO-209", "Suspicious date", "sobatch",
        "The date is possible, but looks like a default that was never filled in, or lies very far off.",
        '{"orderDate": "1900-01-01"}', '{"orderDate": "2026-04-29"}',
    )),
    (_WARNING, (
        "SO-210", "Amount disagrees with price and quantity", "sobatch (Complete example: currencyAmount)",
        "Price times quantity, less the discount, is not the amount that the line gives.",
        '{"price": 0.9, "quantity": 50, "currencyAmount": 54}', '{"price": 0.9, "quantity": 50, "currencyAmount": 45}',
    )),
    (_NOTE, (
        "SO-211", "Several transaction types", "Best Practices: one transactionType per batch",
        "Mixing transaction types in one call can upset the order numbers. Each type is sent in parts of its own.",
        '[{"transactionType": "SO", …}, {"transactionType": "SR", …}]', "Nothing to do; the parts are kept apart.",
    )),
    (_NOTE, (
        "SO-212", "Only one order", "Best Practices: single-order endpoint",
        "For one order the document advises the single-order endpoint, POST /v1/sales-orders, which answers at once "
        "with the order or its errors. sobatch does not use it: a batch of one is sent, followed and proved like any "
        "other, only more slowly. An integration that makes orders one by one as they arise is better off with it.",
        '[{"customerId": "1000", …}]', "Nothing to do, or collect several orders and send them as one file.",
    )),
    (_NOTE, (
        "SO-213", "Order without a key of its own", "sobatch",
        "The order has neither a number nor an external id or reference. If a send goes unanswered, nobody can look "
        "up by key whether it arrived.",
        '{"customerId": "1000", …}', '{"customerId": "1000", "externalOrderId": "WEB-20991", …}',
    )),
    (_WARNING, (
        "SO-214", "Quantity or price makes no sense", "sobatch",
        "A quantity of zero or less, or a negative price. A return may look so; more often it is a slip.",
        '{"quantity": 0}', '{"quantity": 1}',
    )),
    (_WARNING, (
        "SO-215", "Delivery before the order", "sobatch",
        "The delivery date lies before the order date.",
        '{"orderDate": "2026-04-29", "deliveryInformation": {"deliveryDate": "2026-04-01"}}',
        '{"orderDate": "2026-04-29", "deliveryInformation": {"deliveryDate": "2026-05-04"}}',
    )),
    (_ERROR, (
        "SO-216", "Order number missing", "Limits & Notes: automatic number assignment; POST_007",
        "Orders of this transaction type bring their own number (the setting manual_number_types says so): its number "
        "series does not assign one by itself.",
        '{"transactionType": "SM", "orderLines": […]}',
        '{"transactionType": "SM", "orderNumber": 71001, "orderLines": […]}',
    )),
    (_NOTE, (
        "SO-217", "Reference shared by orders", "sobatch",
        "Several orders have the same external reference, as the orders of one customer, campaign or delivery may. "
        "They cannot be told apart by it when an answer is lost or their outcomes come back.",
        '[{"externalReference": "PO 7", …}, {"externalReference": "PO 7", …}]',
        "Nothing to do, or give each order an externalOrderId of its own.",
    )),
)  # fmt: skip


def _code(severity: Severity, row: Row) -> Code:
    code, title, rule, meaning, example, fix = row
    return Code(code, title, severity, meaning, rule, example, fix)


CODES: dict[str, Code] = {
    row[0]: _code(severity, row) for severity, row in (*((_ERROR, row) for row in INPUT_ROWS), *_ORDER_ROWS)
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
        hint: str | None = None,
        *,
        missing: bool = False,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding at a pointer inside the order. Raises `KeyError` for a code that is not in the table."""
        return Finding(code, severity or self.codes[code].severity, message, pointer, hint, missing)


finding = Codebook().finding
