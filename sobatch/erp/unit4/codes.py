"""The problem codes of Unit4 orders (SO-2xx): what each means, where its rule comes from, how a mended order looks."""

from __future__ import annotations

from sobatch.core.order.codes import Codebook, Row, codes_in
from sobatch.core.order.spec import Severity

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
_ROWS: tuple[tuple[Severity, Row], ...] = (
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
CODES = codes_in(_ROWS)
finding = Codebook(CODES).finding
