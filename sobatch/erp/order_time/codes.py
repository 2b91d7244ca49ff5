"""The problem codes of Order Time orders (SO-6xx): what each means, where its rule comes from, how a mended one looks.

Longer than a module should be, because it is one table and nobody reads it from top to bottom.
"""

from __future__ import annotations

from collections.abc import Sequence

from sobatch.core.order.codes import Codebook
from sobatch.core.order.spec import Code, Severity

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
_ROWS: tuple[tuple[Severity, tuple[str, str, str, str, str, str]], ...] = (
    (_ERROR, (
        "SO-601", "Line without $type", "Sales Order Line Item: $type must be included",
        "The API needs this member to know what kind of item is added. Without it the order is refused.",
        '{"ItemRef": {"Id": 37}, "Price": 42, "Quantity": 1}',
        '{"$type": "AOLib7.SalesOrderLineItem, AOLib7", "ItemRef": {"Id": 37}, "Price": 42, "Quantity": 1}',
    )),
    (_ERROR, (
        "SO-602", "$type has another value", "Sales Order Line Item: the value of $type",
        "The value is one text, letter by letter, for every line of a sales order.",
        '{"$type": "SalesOrderLineItem", …}', '{"$type": "AOLib7.SalesOrderLineItem, AOLib7", …}',
    )),
    (_WARNING, (
        "SO-603", "$type is not the first member", "sobatch (the samples have it first)",
        "Servers of the kind that read such a member look for it at the very beginning of the object, and may take a "
        "later one for none. Both samples have it first.",
        '{"ItemRef": {"Id": 37}, "$type": "AOLib7.SalesOrderLineItem, AOLib7", …}',
        '{"$type": "AOLib7.SalesOrderLineItem, AOLib7", "ItemRef": {"Id": 37}, …}',
    )),
    (_WARNING, (
        "SO-604", "Member that the table requires", "Properties - Sales Order: Required; against it: Json Sample",
        "The document's table requires ShipToRef, Date, PromiseDate and AllowShipPartial, and its text says that all "
        "you need is the CustomerRef. The setting strict_required takes the table's side.",
        '{"CustomerRef": {"Id": 21}, "LineItems": […]}',
        '{"CustomerRef": {"Id": 21}, "ShipToRef": {"Id": 2}, "Date": "2026-10-21T00:00:00", …}',
    )),
    (_ERROR, (
        "SO-605", "Reference to nothing", "Working with Entity Refs and Lists: Id or Name suffices",
        "A reference names its record by an Id, which counts from 1, or by a Name. This one has neither.",
        '{"CustomerRef": {"Id": 0, "Name": ""}}', '{"CustomerRef": {"Id": 21}}',
    )),
    (_WARNING, (
        "SO-606", "Reference by name only", "Working with Entity Refs and Lists: an Id is preferable",
        "A name has to be looked up in Order Time for every order, and two records may have the same one.",
        '{"ItemRef": {"Name": "Shirt grey"}}', '{"ItemRef": {"Id": 37, "Name": "Shirt grey"}}',
    )),
    (_ERROR, (
        "SO-607", "Text longer than the field", "Properties: String (25), (50) and (4000)",
        "The document states how many characters this field holds, and this text has more.",
        '{"CustomerPO": "… 40 characters …"}', '{"CustomerPO": "6T56-97"}',
    )),
    (_ERROR, (
        "SO-608", "Value without what it belongs to", "Json Sample: the four rules",
        "An exchange rate needs a CurrencyRef, a discount a DiscountRef, shipping a ShipMethodRef, and a unit's "
        "conversion rate a UomRef. Likewise, though the document does not say so, a fee its AdditionalFeeItemRef.",
        '{"ShipAmount": 15}', '{"ShipAmount": 15, "ShipMethodRef": {"Id": 12}}',
    )),
    (_ERROR, (
        "SO-609", "Number that Order Time assigns", "Properties - Sales Order: DocNo",
        "Order Time gives a new order its DocNo. An order that has one was read from Order Time, and is there already.",
        '{"DocNo": 1042, "CustomerRef": {"Id": 21}}', '{"CustomerRef": {"Id": 21}}',
    )),
    (_ERROR, (
        "SO-610", "Read-only member of a line", "Properties - Sales Order Line Item: Read Only",
        "Id, LineNo, StdCost and StdPrice are Order Time's own, and not for a new line.",
        '{"LineNo": 1, "ItemRef": {"Id": 37}, …}', '{"ItemRef": {"Id": 37}, …}',
    )),
    (_ERROR, (
        "SO-611", "Number beyond 32 bits", "Properties: Int32",
        "The member holds whole numbers up to 2147483647, and this one is beyond.",
        '{"CustomerRef": {"Id": 21000000000}}', '{"CustomerRef": {"Id": 21}}',
    )),
    (_WARNING, (
        "SO-612", "No lines", "Sales Order Object: one or more Line Items; against it: Json Sample",
        "The document says that an order has one or more lines, and that the customer is all you need. An order "
        "without lines has nothing to deliver.",
        '{"CustomerRef": {"Id": 21}}',
        '{"CustomerRef": {"Id": 21}, "LineItems": [{"$type": "AOLib7.SalesOrderLineItem, AOLib7", …}]}',
    )),
    (_WARNING, (
        "SO-613", "Quantity makes no sense", "sobatch",
        "A quantity of zero or less. A return may look so; more often it is a slip.",
        '{"Quantity": 0}', '{"Quantity": 1}',
    )),
    (_WARNING, (
        "SO-614", "One Id with two names", "Working with Entity Refs and Lists: the Id wins",
        "The same Id stands in this order with two names. Order Time goes by the Id, so one of the lines may not be "
        "what it says; the document's own sample has this slip.",
        '[{"ItemRef": {"Id": 37, "Name": "Shirt S"}}, {"ItemRef": {"Id": 37, "Name": "Shirt M"}}]',
        '[{"ItemRef": {"Id": 37, "Name": "Shirt S"}}, {"ItemRef": {"Id": 38, "Name": "Shirt M"}}]',
    )),
    (_WARNING, (
        "SO-615", "Promised before it was ordered", "sobatch",
        "The PromiseDate lies before the Date of the order.",
        '{"Date": "2026-10-21T00:00:00", "PromiseDate": "2026-10-01T00:00:00"}',
        '{"Date": "2026-10-21T00:00:00", "PromiseDate": "2026-10-28T00:00:00"}',
    )),
    (_WARNING, (
        "SO-616", "Comma in the CustomerPO", "Working with Entity Refs and Lists: filters take lists with commas",
        "When an answer is lost, the order is looked up by its CustomerPO, and a filter may take a comma for the end "
        "of a value. Then the order is not found.",
        '{"CustomerPO": "6T56,97"}', '{"CustomerPO": "6T56-97"}',
    )),
    (_NOTE, (
        "SO-617", "CustomerPO shared by orders", "sobatch (no document says that it is unique)",
        "Several orders of the input have the same CustomerPO. When an answer is lost they are told apart by customer "
        "and lines, and equal ones not at all.",
        '[{"CustomerPO": "7", …}, {"CustomerPO": "7", …}]', "Nothing to do, or give each order one of its own.",
    )),
    (_NOTE, (
        "SO-618", "Order without a CustomerPO", "sobatch",
        "It is the only member by which an order can be looked up. If a send goes unanswered, nobody can tell whether "
        "this one arrived.",
        '{"CustomerRef": {"Id": 21}, …}', '{"CustomerRef": {"Id": 21}, "CustomerPO": "6T56-97", …}',
    )),
    (_WARNING, (
        "SO-619", "Null where a figure is due", "sobatch (Properties: Decimal)",
        "The document knows no null here. The server may refuse it, or take it for nothing said.",
        '{"ShipAmount": null}', '{"ShipAmount": 15}',
    )),
    (_WARNING, (
        "SO-620", "Otherwise than in the sample", "Json Sample (addresses and custom fields have no table)",
        "Only the sample shows what an address and a custom field hold: texts, and true or false.",
        '{"ShipAddress": {"Zip": 94107}}', '{"ShipAddress": {"Zip": "94107"}}',
    )),
    (_WARNING, (
        "SO-621", "Figure beyond any decimal", "sobatch (Properties: Decimal)",
        "Numbers of this type have at most 29 digits before the point in the systems that use its name.",
        '{"Price": 1e30}', '{"Price": 42.5}',
    )),
)  # fmt: skip


def _code(severity: Severity, row: tuple[str, str, str, str, str, str]) -> Code:
    code, title, rule, meaning, example, fix = row
    return Code(code, title, severity, meaning, rule, example, fix)


CODES: Sequence[Code] = tuple(_code(*row) for row in _ROWS)
BOOK = Codebook(CODES)
