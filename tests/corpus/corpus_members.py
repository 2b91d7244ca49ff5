"""Members that are missing, mistyped, empty, out of range, unknown or there twice. The lists of members and their kinds
are the Sales Orders document's complete example, typed again."""

from __future__ import annotations

from collections.abc import Iterator

from corpus_case import Case, line, order, second, with_line

HEADER_TEXTS = (
    "accountable customerId currencyCode externalReference externalOrderId notes orderType responsible salesPerson "
    "orderStatus transactionType"
).split()
HEADER_FLAGS = ["isBackToBackOrderUsed", "isBilledAtProject", "isPartOfConsolidatedInvoice"]
HEADER_OBJECTS = ["defaultGLAnalysis", "deliveryInformation", "invoicing"]
DELIVERY_TEXTS = (
    "thirdPartyDeliveryId thirdPartyTypeDeliveryAddress thirdPartyDeliveryAddress deliveryMethodDescription "
    "deliveryTermsDescription deliveryComment deliveryMethod deliveryTerms"
).split()
INVOICING_TEXTS = "invoiceRecipientId headerText footerText paymentMethod paymentTerms text1 text2 text3 text4".split()
LINE_TEXTS = "productCode productDescription status backToBackOrderPriority productText accountingTemplate unit".split()
LINE_FLAGS = ["isBackToBackOrderUsedOnLine", "isCustomerAddressUsedOnBackToBackOrder"]
LINE_NUMBERS = ["price", "quantity", "currencyAmount", "lineDiscountPercent"]
POSTING_TEXTS = ["account", "taxCode", "taxSystem"]
POSTING_NUMBERS = ["amount", "percentageSplit"]
DIMENSION_TEXTS = ["attributeId", "attributeIdDescription", "dimValue", "dimValueDescription"]


def header(name: str, value: str, *expected: str) -> Case:
    """One member of the second order. In what is expected `@` is its pointer."""
    return _case(f"{name} is {value}", second(order(**{name: value})), expected, f"/1/{name}")


def detail(name: str, value: str, *expected: str) -> Case:
    """One member of the second line of the second order."""
    return _case(f"line's {name} is {value}", with_line(line(**{name: value})), expected, f"/1/orderLines/1/{name}")


def posting(name: str, value: str, *expected: str) -> Case:
    """One member of the second posting share of that line."""
    text = with_line(line(glAnalysis=f'[{{"account": "1"}}, {{"{name}": {value}}}]'))
    return _case(f"share's {name} is {value}", text, expected, f"/1/orderLines/1/glAnalysis/1/{name}")


def inside(outer: str, name: str, value: str, *expected: str) -> Case:
    """A member of an object of the second order."""
    text = second(order(**{outer: f'{{"{name}": {value}}}'}))
    return _case(f"{outer}'s {name} is {value}", text, expected, f"/1/{outer}/{name}")


def dimension(name: str, value: str, *expected: str) -> Case:
    """A member of a dimension of a line."""
    text = with_line(line(glAnalysis=f'[{{"accounting": {{"dim1": {{}}, "dim7": {{"{name}": {value}}}}}}}]'))
    return _case(
        f"dimension's {name} is {value}", text, expected, f"/1/orderLines/1/glAnalysis/0/accounting/dim7/{name}"
    )


def _case(name: str, text: str, expected: tuple[str, ...], pointer: str) -> Case:
    return Case(name, text, tuple(each.replace("@", pointer) for each in expected))


def kinds() -> Iterator[Case]:
    """Every member of the document given a value of another kind."""
    for name in HEADER_TEXTS:
        yield header(name, "‸17", "SO-104 @")
    for name in HEADER_FLAGS:
        yield header(name, '‸"true"', "SO-104 @")
    for name in HEADER_OBJECTS:
        yield header(name, '‸"x"', "SO-104 @")
    for name in DELIVERY_TEXTS:
        yield inside("deliveryInformation", name, "‸5", "SO-104 @")
    for name in INVOICING_TEXTS:
        yield inside("invoicing", name, "‸30", "SO-104 @")
    for name in LINE_TEXTS:
        yield detail(name, "‸-1.5", "SO-104 @")
    for name in LINE_FLAGS:
        yield detail(name, "‸0", "SO-104 @")
    for name in LINE_NUMBERS:
        yield detail(name, '‸"12.50"', "SO-104 @")
    for name in POSTING_TEXTS:
        yield posting(name, "‸3013", "SO-104 @")
    for name in POSTING_NUMBERS:
        yield posting(name, "‸true", "SO-104 @")
    for name in DIMENSION_TEXTS:
        yield dimension(name, "‸120", "SO-104 @")
    for name in ("orderNumber", "period"):
        yield header(name, '‸"21990055"', "SO-104 @")
        yield header(name, "‸17.5", "SO-104 @")
        yield header(name, "‸false", "SO-104 @")
    for name in ("distributionKey", "backToBackOrderNumber"):
        yield detail(name, '‸"0"', "SO-104 @")
        yield detail(name, "‸1.5", "SO-104 @")
    yield inside("deliveryInformation", "thirdPartyDeliveryAddressId", '‸"449"', "SO-104 @")
    yield inside("invoicing", "customerAddressId", "‸[449]", "SO-104 @")
    for number in range(1, 8):
        yield inside("defaultGLAnalysis", f"dim{number}", '‸"120"', "SO-104 @")


DATES = [
    ("‸20260429", "SO-104 @"),
    ("‸true", "SO-104 @"),
    ('‸"2026-02-30"', "SO-108 @"),
    ('‸"2025-02-29"', "SO-108 @"),
    ('‸"2026-04-31"', "SO-108 @"),
    ('‸"2026-13-01"', "SO-108 @"),
    ('‸"2026-00-10"', "SO-108 @"),
    ('‸"2026-01-00"', "SO-108 @"),
    ('‸"2026-02-30T10:00:00Z"', "SO-108 @"),
    ('‸"29.04.2026"', "SO-109 @"),
    ('‸"04/29/2026"', "SO-109 @"),
    ('‸"20260429"', "SO-109 @"),
    ('‸"2026-4-9"', "SO-109 @"),
    ('‸"26-04-29"', "SO-109 @"),
    ('‸"tomorrow"', "SO-109 @"),
    ('‸""', "SO-109 @"),
    ('‸"2026-04-29T00:00:00Z"', "SO-109 @ warning"),
    ('‸"1900-01-01"', "SO-209 @"),
    ('‸"1949-12-31"', "SO-209 @"),
    ('‸"2099-12-31"', "SO-209 @"),
    ('"1950-01-01"',),
    ('"2098-12-31"',),
    ('"2024-02-29"',),
    ("null",),
]


def dates() -> Iterator[Case]:
    """All four dates of an order, some with every way to be wrong."""
    for value, *expected in DATES:
        yield header("orderDate", value, *expected)
    for value, *expected in DATES[2:10:3]:
        yield header("followUp", value, *expected)
        yield detail("lineDeliveryDate", value, *expected)
        yield inside("deliveryInformation", "deliveryDate", value, *expected)


ONES = [
    # missing: at the object that lacks it, with the pointer of the missing member
    Case("no customer", second("‸" + order(customerId=None)), ("SO-102 /1/customerId",)),
    Case("no type", second("‸" + order(transactionType=None)), ("SO-102 /1/transactionType",)),
    Case("no lines", second("‸" + order(orderLines=None)), ("SO-102 /1/orderLines",)),
    Case("no responsible", second("‸" + order(responsible=None)), ("SO-103 /1/responsible",)),
    Case("no sales person", second("‸" + order(salesPerson=None)), ("SO-103 /1/salesPerson",)),
    Case("no product", with_line("‸" + line(productCode=None)), ("SO-102 /1/orderLines/1/productCode",)),
    Case("no quantity", with_line("‸" + line(quantity=None)), ("SO-102 /1/orderLines/1/quantity",)),
    Case("no price", with_line("‸" + line(price=None)), ("SO-103 /1/orderLines/1/price",)),
    Case("no posting", with_line("‸" + line(glAnalysis=None)), ("SO-103 /1/orderLines/1/glAnalysis",)),
    Case(
        "an empty order",
        second("‸‸‸‸‸{}"),
        (
            "SO-102 /1/customerId",
            "SO-102 /1/transactionType",
            "SO-102 /1/orderLines",
            "SO-103 /1/responsible",
            "SO-103 /1/salesPerson",
        ),
    ),
    Case(
        "an empty line",
        with_line("‸‸‸‸{}"),
        (
            "SO-102 /1/orderLines/1/productCode",
            "SO-102 /1/orderLines/1/quantity",
            "SO-103 /1/orderLines/1/price",
            "SO-103 /1/orderLines/1/glAnalysis",
        ),
    ),
    # empty
    header("customerId", '‸""', "SO-105 @"),
    header("customerId", '‸"   "', "SO-105 @"),
    header("customerId", "‸null", "SO-105 @"),
    header("transactionType", '‸""', "SO-105 @"),
    header("transactionType", '‸" \\t"', "SO-105 @"),
    header("transactionType", "‸null", "SO-105 @"),
    header("orderLines", "‸[]", "SO-105 @"),
    header("orderLines", "‸[ \n ]", "SO-105 @"),
    header("orderLines", "‸null", "SO-105 @"),
    header("responsible", '‸""', "SO-103 @"),
    header("salesPerson", "‸null", "SO-103 @"),
    detail("productCode", '‸""', "SO-105 @"),
    detail("productCode", '‸"  "', "SO-105 @"),
    detail("productCode", "‸null", "SO-105 @"),
    detail("quantity", "‸null", "SO-105 @"),
    detail("price", "‸null", "SO-103 @"),
    detail("glAnalysis", "‸[]", "SO-103 @"),
    header("notes", '""'),
    header("externalReference", "null"),
    # kinds of larger things
    header("orderLines", "‸{}", "SO-104 @"),
    header("orderLines", '‸"x"', "SO-104 @"),
    header("orderLines", "[‸17]", "SO-104 @/0"),
    header("orderLines", '[‸"a", ‸null]', "SO-104 @/0", "SO-104 @/1"),
    detail("glAnalysis", "‸{}", "SO-104 @"),
    detail("glAnalysis", "[‸null]", "SO-104 @/0"),
    detail("glAnalysis", '[{"accounting": ‸[]}]', "SO-104 @/0/accounting"),
    header("deliveryInformation", "‸[]", "SO-104 @"),
    header("invoicing", "‸false", "SO-104 @"),
    header("customerId", '‸{"id": "C1"}', "SO-104 @"),
    header("customerId", '‸["C1"]', "SO-104 @"),
    header("customerId", "‸true", "SO-104 @"),
    header("companyId", "‸false", "SO-208 @"),
    # an order that is none
    Case("a number", second("‸17"), ("SO-101 /1",)),
    Case("a text", second('‸"C1"'), ("SO-101 /1",)),
    Case("null", second("‸null"), ("SO-101 /1",)),
    Case("true", second("‸true"), ("SO-101 /1",)),
    Case("an array", second("‸[]"), ("SO-101 /1",)),
    Case("an array with an order", second(f"‸[{order()}]"), ("SO-101 /1",)),
    Case("nothing but numbers", "[‸1, ‸2]", ("SO-101 /0", "SO-101 /1")),
    # lengths and ranges
    header("customerId", f'"{"x" * 255}"'),
    header("customerId", f'‸"{"x" * 256}"', "SO-106 @"),
    header("externalReference", f'‸"{"å" * 256}"', "SO-106 @"),
    header("externalReference", f'"{"å" * 255}"'),
    detail("productCode", f'‸"{"x" * 300}"', "SO-106 @"),
    posting("account", f'‸"{"1" * 256}"', "SO-106 @"),
    header("notes", f'"{"x" * 5000}"'),
    header("orderNumber", "‸-1", "SO-107 @"),
    detail("lineDiscountPercent", "‸100.5", "SO-107 @"),
    detail("lineDiscountPercent", "‸-1", "SO-107 @"),
    detail("lineDiscountPercent", "100"),
    detail("quantity", "‸0", "SO-214 @"),
    detail("quantity", "‸-3", "SO-214 @"),
    detail("quantity", "0.001"),
    detail("price", "‸-0.01", "SO-214 @"),
    detail("price", "0"),
    detail("price", "‸1e400", "SO-048 @"),
    detail("quantity", "‸-1e999", "SO-048 @"),
    detail("price", "1e2"),
    detail("price", "123456789012345678901234567890.12"),
    # unknown
    header("custmerId", '‸"C1"', "SO-110 @"),
    header("CUSTOMERID", '‸"C1"', "SO-110 @"),
    header("x/y", "‸1", "SO-110 /1/x~1y"),
    header("x~y", "‸1", "SO-110 /1/x~0y"),
    header("", "‸1", "SO-110 @"),
    header("størrelse", "‸[1, 2]", "SO-110 @"),
    detail("qty", "‸2", "SO-110 @"),
    posting("percentSplit", "‸100", "SO-110 @"),
    dimension("value", '‸"120"', "SO-110 @"),
    inside("defaultGLAnalysis", "dim8", "‸{}", "SO-110 @"),
    inside("deliveryInformation", "date", '‸"2026-04-29"', "SO-110 @"),
    inside("invoicing", "text5", '‸""', "SO-110 @"),
    # twice
    Case("notes twice", second(order('"notes": "a", "notes": ‸"b"')), ("SO-111 /1/notes",)),
    Case("price twice", with_line(line('"price": ‸1')), ("SO-111 /1/orderLines/1/price",)),
    Case("customer twice", second(order('"customerId": ‸"C1"')), ("SO-111 /1/customerId",)),
    Case("an escaped name twice", with_line(line('"pr\\u0069ce": ‸1')), ("SO-111 /1/orderLines/1/price",)),
    Case("lines twice", second(order(f'"orderLines": ‸[{line()}]')), ("SO-112 /1/orderLines",)),
    Case("type twice", second(order('"transactionType": ‸"SO"')), ("SO-112 /1/transactionType",)),
    Case("number twice", second(order('"orderNumber": 1, "orderNumber": ‸1')), ("SO-112 /1/orderNumber",)),
    Case("unknown and twice", second(order('"x": 1, "x": ‸‸1')), ("SO-110 /1/x", "SO-111 /1/x")),
    # several at once, and far down the line
    Case(
        "four things wrong",
        second(order('"period": ‸"x"', customerId="‸5", orderLines="[" + line(price='‸"1"', quantity="‸0") + "]")),
        (
            "SO-104 /1/customerId",
            "SO-214 /1/orderLines/0/quantity",
            "SO-104 /1/orderLines/0/price",
            "SO-104 /1/period",
        ),
    ),
    Case("behind wide text", second(order('"notes": "漢字 å 😀 e\u0301", "period": ‸"1"')), ("SO-104 /1/period",)),
    Case("behind a tab", second("\t" + order(period='‸"1"')), ("SO-104 /1/period",)),
    Case("behind CR LF", second("\r\n  " + order(period='\r\n\t‸"1"')), ("SO-104 /1/period",)),
    Case("no blanks at all", second(order(period='‸"1"')).replace(" ", "").replace("\n", ""), ("SO-104 /1/period",)),
]


def cases() -> list[Case]:
    """All of them."""
    return [*kinds(), *dates(), *ONES]
