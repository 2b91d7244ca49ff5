"""MYOB EXO's own problem codes."""

from __future__ import annotations

from collections.abc import Sequence

from sobatch.core.order.codes import Codebook
from sobatch.core.order.spec import Code, Severity

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES: Sequence[Code] = tuple(
    Code(code, title, severity, meaning, rule, example, fix)
    for severity, code, title, rule, meaning, example, fix in (
        (_ERROR, "SO-700", "Text longer than the database takes", "Attribute details: default lengths",
         "The ERP answers such an order with status 500 and no reason. The lengths are the default database's; each is "
         "a setting, such as reference_length, for installations that changed theirs.",
         '{"reference": "a reference of thirty characters"}', '{"reference": "WEB-20991"}'),
        (_ERROR, "SO-701", "A number that is none of the choices", "Attribute details: status, linetype, finalised",
         "The member takes one of a few numbers. A new order's status is 0 (not processed), 3 (quotation), 4 (standing "
         "order) or 5 (layby); a line's type 0, 1, 2 or 4.",
         '{"status": 2}', '{"status": 0}'),
        (_ERROR, "SO-702", "Line without what makes it one", "Validating sales orders: minimum attributes",
         "A line names a stockcode, or a bomcode for a bill of materials, and a quantity. Only a comment line "
         "(linetype 4) needs neither.",
         '{"lines": [{"description": "Differential"}]}', '{"lines": [{"stockcode": "DIFF01", "orderquantity": 1}]}'),
        (_ERROR, "SO-703", "Overridden tax without its value", "Attribute details: taxoverridevalue",
         "Where istaxoverridden is true, taxoverridevalue must say the exact tax amount of the line.",
         '{"istaxoverridden": true}', '{"istaxoverridden": true, "taxoverridevalue": 12.5}'),
        (_ERROR, "SO-704", "Impossible exchange rate", "Attribute details: exchangerate",
         "Orders in the currency 0, the system's own, have the exchange rate 1; no rate is 0 or below.",
         '{"currencyid": 0, "exchangerate": 1.25}', '{"currencyid": 0, "exchangerate": 1}'),
        (_ERROR, "SO-705", "Delivery address of another form", "Attribute details: deliveryaddress",
         "A delivery address has the members line1 to line6. The document calls it an array and shows an object; both "
         "are taken.",
         '{"deliveryaddress": {"street": "4238 Anzac Rd"}}', '{"deliveryaddress": {"line1": "4238 Anzac Rd"}}'),
        (_ERROR, "SO-706", "Id on something new", "Attribute details: id",
         "The ERP gives the ids of new orders and lines. With an id of its own this would be a change to what exists.",
         '{"id": 10009}', "Leave id out; a negative number will do as well."),
        (_ERROR, "SO-707", "Extra field without a key", "Example: extrafields",
         "An extra field is an object with the key of the field and its value.",
         '{"extrafields": [{"key": "", "value": "x"}]}', '{"extrafields": [{"key": "X_CHECKEDBY", "value": "x"}]}'),
        (_WARNING, "SO-710", "Status that needs extended order types", "Attribute details: status",
         "Not all statuses are available if the extended order types are off; which ones, the document does not say.",
         '{"status": 5}', '{"status": 0}'),
        (_WARNING, "SO-711", "Finalised from the start", "Attribute details: finalised",
         "1 is deleted, 2 forced fully processed, 3 a lost quote: the order would be over as soon as it exists.",
         '{"finalised": 1}', "Leave finalised out."),
        (_WARNING, "SO-712", "Calculated member", "Attribute details: DO NOT SPECIFY",
         "The ERP works this member out itself. In a body that the server completed it is in order, in a hand-written "
         "file it has no effect.",
         '{"ordertotal": 2684.95}', "Take the member out."),
        (_WARNING, "SO-713", "Member without effect", "Attribute details: accountname, finalisationdate",
         "The account name always comes from the debtor's account, and the date of finalisation is to be left alone.",
         '{"accountname": "MARKER METRO"}', "Take the member out."),
        (_WARNING, "SO-714", "Order without lines", "Attribute details: lines",
         "Lines are optional, but orders without lines do not have much purpose.",
         '{"debtorid": 2, "status": 0}', '{"debtorid": 2, "status": 0, "lines": [{"stockcode": "DIFF01", …}]}'),
        (_WARNING, "SO-715", "Description too long for an old database", "Attribute details: description",
         "New databases take 100 characters, those made before 2018.5 only 40.",
         '{"description": "… 60 characters …"}', "Shorten it if the installation is an old one."),
        (_WARNING, "SO-716", "Tax rate by its value", "Attribute details: taxratevalue",
         "The document recommends not to specify the percentage: taxrateid names the rate.",
         '{"taxratevalue": 12.5}', '{"taxrateid": 0}'),
        (_WARNING, "SO-717", "Price that may be worked out anew", "Attribute details: ispriceoverridden",
         "Only an overridden price stays as it is when the order is edited in EXO.",
         '{"unitprice": 9.5}', '{"unitprice": 9.5, "ispriceoverridden": true}'),
        (_WARNING, "SO-720", "Reference used twice", "sobatch",
         "Two orders have the same reference. It may be the same order twice, and neither can be found by it when an "
         "answer is lost.",
         '[{"reference": "W1", …}, {"reference": "W1", …}]', '[{"reference": "W1", …}, {"reference": "W2", …}]'),
        (_NOTE, "SO-721", "Customer's order number shared", "sobatch",
         "Several orders have the same customer's order number, as parts of one purchase have.",
         '[{"customerordernumber": "4711", …}, {"customerordernumber": "4711", …}]', "Nothing to do."),
        (_NOTE, "SO-722", "Orders without a key", "sobatch",
         "An order without a reference cannot be looked up. If the answer to it is lost, a person has to decide.",
         '{"debtorid": 2, "status": 0, "lines": […]}', '{"debtorid": 2, "status": 0, "reference": "W1", "lines": […]}'),
        (_ERROR, "SO-730", "Refused by the ERP's own validation", "Validating sales orders",
         "Only told by validate --online: the ERP was asked about the order, stored nothing, and does not pass it. The "
         "words are its own.",
         '{"lines": [{"stockcode": "NO-SUCH-STOCK", …}]}', '{"lines": [{"stockcode": "DIFF01", …}]}'),
        (_NOTE, "SO-731", "Completed otherwise by the ERP's own validation", "Validating sales orders",
         "Only told by validate --online: what the ERP makes of the order when it completes it differs from what the "
         "order says, as where a bill of materials becomes its parts.",
         '{"lines": [{"bomcode": "DEMOKIT", …}]}', "Nothing to do if that is meant."),
    )
)  # fmt: skip

finding = Codebook(CODES).finding
