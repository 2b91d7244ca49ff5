"""RamBase's own problem codes."""

from __future__ import annotations

from collections.abc import Sequence

from sobatch.core.order.codes import Codebook
from sobatch.core.order.spec import Code, Severity

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES: Sequence[Code] = tuple(
    Code(code, title, severity, meaning, rule, example, fix)
    for severity, code, title, rule, meaning, example, fix in (
        (_ERROR, "SO-501", "Number outside the document's range", "POST item: minimum and maximum values",
         "The document gives the least and the greatest value of this member: ids begin at 100, 10,000 or 100,000, "
         "quantities and discounts at 0, percentages end at 100.",
         '{"product": {"productId": 17}}', '{"product": {"productId": 100017}}'),
        (_ERROR, "SO-502", "Neither a header nor an order to add to", "POST order: the customer is mandatory",
         "An order has a customer, or it names with salesOrderId the existing order that its items are added to.",
         '{"items": […]}', '{"customer": {"customerId": 10017}, "items": […]}'),
        (_ERROR, "SO-503", "Not a currency code", "POST order: three capital letters",
         "A currency is written as three capital letters.",
         '{"currency": "Euro"}', '{"currency": "EUR"}'),
        (_ERROR, "SO-504", "Exchange rate agreement of another form", "POST order: format AAA/BBB",
         "The agreement is two figures with a stroke between them: the share, and the change in percent.",
         '{"exchangeRateFluctuationAgreement": "3 %"}', '{"exchangeRateFluctuationAgreement": "100/3.0"}'),
        (_ERROR, "SO-505", "Subscription that ends before it begins", "POST item: startDate, estimatedEndDate",
         "The estimated end of a subscription or rental comes before its start.",
         '{"startDate": "2026-05-01", "estimatedEndDate": "2026-04-01"}',
         '{"startDate": "2026-05-01", "estimatedEndDate": "2027-04-30"}'),
        (_ERROR, "SO-506", "Quote item without its quote", "POST item: derivedFrom",
         "The item of a purchase quote is named by the quote and the item together.",
         '{"derivedFrom": {"purchaseQuoteItemId": 1}}',
         '{"derivedFrom": {"purchaseQuoteItemId": 1, "purchaseQuote": {"purchaseQuoteId": 100004}}}'),
        (_ERROR, "SO-507", "Header beside an order that exists", "sobatch",
         "With salesOrderId the items are added to an existing order, and nothing of a header would be sent.",
         '{"salesOrderId": 100017, "customer": {"customerId": 10017}, "items": […]}',
         '{"salesOrderId": 100017, "items": […]}'),
        (_ERROR, "SO-508", "Nothing to add", "sobatch",
         "The order names an existing order and has no items for it.",
         '{"salesOrderId": 100017, "items": []}', '{"salesOrderId": 100017, "items": [{…}]}'),
        (_WARNING, "SO-510", "Order without items", "sobatch",
         "Only the header would be created.",
         '{"customer": {"customerId": 10017}}', '{"customer": {"customerId": 10017}, "items": [{…}]}'),
        (_WARNING, "SO-511", "Value that will be ignored", "POST item: first paragraph",
         "Discount is ignored when discountPercent is there; discount, discountPercent and grossPrice are ignored when "
         "grossMargin is there.",
         '{"discountPercent": 5, "price": {"discount": 1.5}}', '{"discountPercent": 5}'),
        (_WARNING, "SO-512", "Quantity 0", "POST item: quantity, minimum value 0",
         "The document allows a quantity of 0, which is hardly meant.",
         '{"quantity": 0}', '{"quantity": 1}'),
        (_WARNING, "SO-513", "Item reference used twice", "sobatch",
         "Two items of the order have the same customersReferenceNumber, so that after a lost answer it cannot be told "
         "which of them is there.",
         '{"items": [{"customersReferenceNumber": "1", …}, {"customersReferenceNumber": "1", …}]}',
         '{"items": [{"customersReferenceNumber": "1", …}, {"customersReferenceNumber": "2", …}]}'),
        (_WARNING, "SO-514", "Subscription without its price", "POST item: recurringInvoicing; error 105749",
         "Subscription and rental items need a recurring price.",
         '{"recurringInvoicing": {"startDate": "2026-05-01"}}',
         '{"recurringInvoicing": {"startDate": "2026-05-01", "recurringPrice": {"recurringPriceId": 100002}}}'),
        (_WARNING, "SO-520", "Customer's reference number used twice", "sobatch",
         "Two orders have the same customersReferenceNumber. It may be the same order twice, and neither can be found "
         "by it when an answer is lost.",
         '[{"customersReferenceNumber": "W1", …}, {"customersReferenceNumber": "W1", …}]',
         '[{"customersReferenceNumber": "W1", …}, {"customersReferenceNumber": "W2", …}]'),
        (_NOTE, "SO-521", "Customer's reference shared", "sobatch",
         "Several orders have the same customersReference, as the orders of one buyer have.",
         '[{"customersReference": "Ms Sample", …}, {"customersReference": "Ms Sample", …}]', "Nothing to do."),
        (_NOTE, "SO-522", "Orders without a number to find them by", "sobatch",
         "An order without a customersReferenceNumber cannot be looked up. If the answer to it is lost, a person has "
         "to decide.",
         '{"customer": {"customerId": 10017}, "items": […]}',
         '{"customer": {"customerId": 10017}, "customersReferenceNumber": "W1", "items": […]}'),
    )
)  # fmt: skip

finding = Codebook(CODES).finding
