"""The problem codes of JTL orders (SO-4xx): what each means, where its rule comes from, how a mended order looks."""

from __future__ import annotations

from collections.abc import Sequence

from sobatch.core.order.codes import Codebook
from sobatch.core.order.spec import Code, Severity

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
_ROWS: tuple[tuple[Severity, tuple[str, str, str, str, str, str]], ...] = (
    (_ERROR, (
        "SO-401", "Order number used twice", "Query parameter renameSalesOrderNumberWhenAlreadyExists",
        "Two orders of the input have the same Number. JTL refuses the second, or gives it another number if it is "
        "told to (rename_existing).",
        '[{"Number": "A17", …}, {"Number": "A17", …}]', '[{"Number": "A17", …}, {"Number": "A18", …}]',
    )),
    (_ERROR, (
        "SO-402", "Number beyond 32 bits", "Create Sales Order: integer<int32>",
        "The member holds whole numbers from -2147483648 to 2147483647, and this one is beyond.",
        '{"CustomerId": 4294967296}', '{"CustomerId": 1042}',
    )),
    (_ERROR, (
        "SO-403", "External number used twice", "sobatch (orders are looked up by it)",
        "Two orders of the input have the same ExternalNumber. It may be the same order twice; and when an answer is "
        "lost, neither can be found by it beyond doubt.",
        '[{"ExternalNumber": "W-1", …}, {"ExternalNumber": "W-1", …}]',
        '[{"ExternalNumber": "W-1", …}, {"ExternalNumber": "W-2", …}]',
    )),
    (_ERROR, (
        "SO-404", "Quantity out of range", "Create Sales Order Line Item: Quantity",
        "The quantity of a line is a number from 0 to 2147483647.",
        '{"SKU": "BALL-5", "Quantity": -1}', '{"SKU": "BALL-5", "Quantity": 1}',
    )),
    (_WARNING, (
        "SO-405", "Read-only member", "Create Sales Order: the members of the answer",
        "JTL fills this member in by itself and shows it in its answers. In a new order it is not read. Often such an "
        "order was read from one system and is written to another.",
        '{"CompanyId": 1, "CustomerId": 1042, "IsCancelled": false}', '{"CompanyId": 1, "CustomerId": 1042}',
    )),
    (_WARNING, (
        "SO-406", "Delivery address under another name", "Create Sales Order: Shipmentaddress",
        "The member is spelt Shipmentaddress, with a small a in the middle. Under another spelling the address may be "
        "dropped without a word, and the goods go to the customer's usual address.",
        '{"ShipmentAddress": {"City": "Kiel", …}}', '{"Shipmentaddress": {"City": "Kiel", …}}',
    )),
    (_WARNING, (
        "SO-407", "No lines", "sobatch (Create Sales Order Line Item)",
        "The order has no LineItems. JTL takes it, and there is nothing in it to deliver.",
        '{"CompanyId": 1, "CustomerId": 1042}',
        '{"CompanyId": 1, "CustomerId": 1042, "LineItems": [{"SKU": "BALL-5", "Quantity": 1}]}',
    )),
    (_WARNING, (
        "SO-408", "Line without an item", "sobatch (Create Sales Order Line Item)",
        "The line has neither ItemId nor SKU nor Name, so it does not say what is sold.",
        '{"Quantity": 1}', '{"SKU": "BALL-5", "Quantity": 1}',
    )),
    (_WARNING, (
        "SO-409", "Net and gross price", "sobatch (Create Sales Order Line Item)",
        "The line has both SalesPriceNet and SalesPriceGross. Which of them counts is not documented.",
        '{"SKU": "BALL-5", "Quantity": 1, "SalesPriceNet": 10, "SalesPriceGross": 11.9}',
        '{"SKU": "BALL-5", "Quantity": 1, "SalesPriceNet": 10}',
    )),
    (_WARNING, (
        "SO-410", "Unusual country", "Create Sales Order: the samples",
        "The samples have countries as two capital letters (ISO 3166).",
        '{"CountryIso": "Germany"}', '{"CountryIso": "DE"}',
    )),
    (_WARNING, (
        "SO-411", "Unusual currency", "Create Sales Order: the samples",
        "The samples have currencies as three capital letters (ISO 4217).",
        '{"CurrencyIso": "€"}', '{"CurrencyIso": "EUR"}',
    )),
    (_WARNING, (
        "SO-412", "Unusual language", "Create Sales Order: the sample",
        "The sample has a language of two letters; later versions of the API take two to five.",
        '{"LanguageIso": "Deutsch"}', '{"LanguageIso": "DE"}',
    )),
    (_WARNING, (
        "SO-413", "Currency factor makes no sense", "sobatch",
        "The factor turns one currency into another. It is above 0, and 1 for the currency of the company.",
        '{"CurrencyFactor": 0}', '{"CurrencyFactor": 1}',
    )),
    (_WARNING, (
        "SO-414", "Delivery before shipping", "sobatch",
        "The estimated delivery lies before the shipping date.",
        '{"ShippingDate": "2026-01-15T13:00:00Z", "EstimatedDeliveryDate": "2026-01-14T13:00:00Z"}',
        '{"ShippingDate": "2026-01-15T13:00:00Z", "EstimatedDeliveryDate": "2026-01-16T13:00:00Z"}',
    )),
    (_WARNING, (
        "SO-415", "Line without a quantity", "sobatch (Create Sales Order Line Item)",
        "The line has no Quantity. What JTL makes of it is not documented.",
        '{"SKU": "BALL-5"}', '{"SKU": "BALL-5", "Quantity": 1}',
    )),
    (_NOTE, (
        "SO-416", "Order without a key of its own", "sobatch",
        "The order has neither an ExternalNumber nor a Number. If a send goes unanswered, nobody can look up whether "
        "it arrived.",
        '{"CompanyId": 1, "CustomerId": 1042, …}',
        '{"CompanyId": 1, "CustomerId": 1042, "ExternalNumber": "WEB-20991", …}',
    )),
    (_WARNING, (
        "SO-417", "Id that is no id", "sobatch",
        "Ids count from 1. Zero or less is what a field has that was never filled in.",
        '{"CustomerId": 0}', '{"CustomerId": 1042}',
    )),
    (_WARNING, (
        "SO-418", "Address without city or country", "sobatch",
        "The address has no City or no CountryIso, without which parcels rarely arrive.",
        '{"Shipmentaddress": {"LastName": "Sommer"}}',
        '{"Shipmentaddress": {"LastName": "Sommer", "City": "Kiel", "CountryIso": "DE"}}',
    )),
)  # fmt: skip


def _code(severity: Severity, row: tuple[str, str, str, str, str, str]) -> Code:
    code, title, rule, meaning, example, fix = row
    return Code(code, title, severity, meaning, rule, example, fix)


CODES: Sequence[Code] = tuple(_code(*row) for row in _ROWS)
BOOK = Codebook(CODES)
