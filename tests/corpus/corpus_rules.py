"""Orders whose members are sound one by one and wrong together, and what concerns several orders or the whole input."""

from __future__ import annotations

from corpus_case import GOOD, Case, line, order, second, with_line

SKIP = ("--skip-workflow",)
# The sample's live profile says that orders of the type SM bring their own number.
NUMBERED = ("--set", "manual_number_types=SM", "--skip-workflow")
KEYED = order(externalOrderId='"W-1"')
RETURN = order(transactionType='"SR"')


def lines(count: int) -> str:
    """So many lines."""
    return "[" + ", ".join([line()] * count) + "]"


def shares(*percents: str) -> str:
    """Posting shares of a line."""
    return "[" + ", ".join(f'{{"percentageSplit": {each}}}' for each in percents) + "]"


def amount(value: str, price: str, quantity: str, more: str = "") -> str:
    """A line with its amount."""
    return with_line(line(f'"currencyAmount": {value}{more}', price=price, quantity=quantity))


def three(first: str, second_: str, third: str) -> str:
    """Three orders, each with one member more."""
    return f"[{order(first)},\n {order(second_)},\n {order(third)}]"


def delivered(day: str, ordered: str = '"2026-04-29"') -> str:
    """An order with both dates."""
    return second(order(f'"deliveryInformation": {{"deliveryDate": {day}}}', orderDate=ordered))


def numbered(more: str = "", kind: str = "SM") -> str:
    """Two orders of a type that brings its own numbers; the second is this one."""
    mark = "" if more or kind != "SM" else "‸"
    return (
        "["
        + order('"orderNumber": 1', transactionType=f'"{kind}"')
        + ",\n  "
        + mark
        + order(more, transactionType=f'"{kind}"')
        + "]"
    )


AMOUNT = "SO-210 /1/orderLines/1/currencyAmount"
SPLIT = "SO-205 /1/orderLines/1/glAnalysis"

LIMITS = [
    Case("12 lines", second(order(orderLines=lines(12))), ()),
    Case("13 lines", second(order(orderLines="‸" + lines(13))), ("SO-201 /1/orderLines",)),
    Case("13 lines, no workflow", second(order(orderLines=lines(13))), (), SKIP),
    Case("1,000 lines, no workflow", second(order(orderLines=lines(1000))), (), SKIP),
    Case("1,001 lines, no workflow", second(order(orderLines="‸" + lines(1001))), ("SO-201 /1/orderLines",), SKIP),
    Case(
        "a limit of our own", second(order(orderLines="‸" + lines(3))), ("SO-201 /1/orderLines",), ("--max-lines", "2")
    ),
    Case("rows at the limit", second(order(orderLines=lines(3))), (), ("--max-rows", "10")),
    Case("rows above the limit", second("‸" + order(orderLines=lines(3))), ("SO-202 /1",), ("--max-rows", "9")),
    Case(
        "rows and lines above",
        second("‸" + order(orderLines="‸" + lines(13))),
        ("SO-202 /1", "SO-201 /1/orderLines"),
        ("--max-rows", "39"),
    ),
]
REPEATS = [
    Case("a number twice", three('"orderNumber": 7', '"notes": ""', '"orderNumber": ‸7'), ("SO-203 /2/orderNumber",)),
    Case(
        "a number three times",
        three('"orderNumber": 7', '"orderNumber": ‸7', '"orderNumber": ‸7'),
        ("SO-203 /1/orderNumber", "SO-203 /2/orderNumber"),
    ),
    Case("no number three times", three('"orderNumber": 0', '"orderNumber": 0', '"orderNumber": null'), ()),
    Case("an id twice", three('"externalOrderId": "W"', '"externalOrderId": "V"', '"externalOrderId": ‸"W"'),
         ("SO-204 /2/externalOrderId",)),
    Case("an id in other bytes", three('"externalOrderId": "é"', '"externalOrderId": ‸"\\u00e9"', '"notes": ""'),
         ("SO-204 /1/externalOrderId",)),
    Case("a reference twice", "‸" + three('"notes": ""', '"externalReference": "R"', '"externalReference": "R"'),
         ("SO-217  note",)),
    Case("a reference of all", "‸" + three(*['"externalReference": "R"'] * 3), ("SO-217  note",)),
    Case("references of their own", three(*[f'"externalReference": "{each}"' for each in "RST"]), ()),
    Case("no reference three times", three('"externalReference": ""', '"externalReference": ""', '"notes": ""'), ()),
    Case("an id and a reference", three('"externalOrderId": "W"', '"externalReference": "W"', '"notes": ""'), ()),
    Case("no id three times", three('"externalOrderId": ""', '"externalOrderId": ""', '"externalOrderId": null'), ()),
    Case("ids that differ in case", three('"externalOrderId": "w"', '"externalOrderId": "W"', '"notes": ""'), ()),
    Case(
        "number and id twice",
        three('"orderNumber": 7, "externalOrderId": "W"', '"orderNumber": ‸7, "externalOrderId": ‸"W"', '"notes": ""'),
        ("SO-203 /1/orderNumber", "SO-204 /1/externalOrderId"),
    ),
]  # fmt: skip
NUMBERS = [
    Case("a number of its own", numbered('"orderNumber": 7'), (), NUMBERED),
    Case("no number of its own", numbered(), ("SO-216 /1/orderNumber",), NUMBERED),
    Case("null for a number", numbered('"orderNumber": ‸null'), ("SO-216 /1/orderNumber",), NUMBERED),
    Case("0 for a number", numbered('"orderNumber": ‸0'), ("SO-216 /1/orderNumber",), NUMBERED),
    Case("a text for a number", numbered('"orderNumber": ‸"x"'), ("SO-104 /1/orderNumber",), NUMBERED),
    Case("a type that gets its number", numbered(kind="SX"), (), NUMBERED),
    Case("a type of which nothing was said", numbered().replace("‸", ""), ()),
]
SPLITS = [
    Case("one share of 100", with_line(line(glAnalysis=shares("100"))), ()),
    Case("two halves", with_line(line(glAnalysis=shares("50", "50.0"))), ()),
    Case("three thirds", with_line(line(glAnalysis=shares("33.33", "33.33", "33.34"))), ()),
    Case("three thirds, cut short", with_line(line(glAnalysis=shares("33.33", "33.33", "33.33"))), ()),
    Case("two cents off 100", with_line(line(glAnalysis="‸" + shares("60", "39.98"))), (SPLIT,)),
    Case("90 of 100", with_line(line(glAnalysis="‸" + shares("60", "30"))), (SPLIT,)),
    Case("120 of 100", with_line(line(glAnalysis="‸" + shares("60", "60"))), (SPLIT,)),
    Case("one share of 90", with_line(line(glAnalysis=shares("‸90"))), (f"{SPLIT}/0/percentageSplit",)),
    Case("one share of 0", with_line(line(glAnalysis=shares("‸0"))), (f"{SPLIT}/0/percentageSplit",)),
    Case("an unknown share", with_line(line(glAnalysis='[{"percentageSplit": 60}, {"account": "1"}]')), ()),
]
HEADERS = [
    Case("the euro", second(order('"currencyCode": "EUR"')), ()),
    Case("no currency", second(order('"currencyCode": ""')), ()),
    Case("EURO", second(order('"currencyCode": ‸"EURO"')), ("SO-206 /1/currencyCode",)),
    Case("small letters", second(order('"currencyCode": ‸"eur"')), ("SO-206 /1/currencyCode",)),
    Case("a sign", second(order('"currencyCode": ‸"€"')), ("SO-206 /1/currencyCode",)),
    Case("a blank behind", second(order('"currencyCode": ‸"EUR "')), ("SO-206 /1/currencyCode",)),
    Case("the mark of old", second(order('"currencyCode": ‸"DEM"')), ("SO-206 /1/currencyCode",)),
    Case("a period", second(order('"period": 202612')), ()),
    Case("a special period", second(order('"period": 202613')), ()),
    Case("no period", second(order('"period": 0')), ()),
    Case("a year", second(order('"period": ‸2026')), ("SO-207 /1/period",)),
    Case("period 00", second(order('"period": ‸202600')), ("SO-207 /1/period",)),
    Case("a day", second(order('"period": ‸20260101')), ("SO-207 /1/period",)),
    Case("a month of two digits", second(order('"period": ‸2601')), ("SO-207 /1/period",)),
    Case("below nothing", second(order('"period": ‸-202601')), ("SO-207 /1/period",)),
    Case("a company", second(order('"companyId": ‸"EN"')), ("SO-208 /1/companyId",)),
    Case("a company as number", second(order('"companyId": ‸100')), ("SO-208 /1/companyId",)),
    Case("no company", second(order('"companyId": ‸null')), ("SO-208 /1/companyId",)),
    *(
        Case(f"a company as {value}", second(order(f'"companyId": ‸{value}')), ("SO-208 /1/companyId",))
        for value in ("1.5", "[]", '["EN"]', '{"id": {"x": 1}}', "1e999", '{"x": 1e999}', f'"{"x" * 300}"')
    ),
    Case(
        "only a warning beside a fault",
        second(order('"companyId": ‸[]', customerId="‸1")),
        ("SO-104 /1/customerId", "SO-208 /1/companyId"),
    ),
    Case("delivered at once", delivered('"2026-04-29"'), ()),
    Case("delivered before", delivered('‸"2026-04-28"'), ("SO-215 /1/deliveryInformation/deliveryDate",)),
    Case(
        "delivered in 1900",
        delivered('‸‸"1900-01-01"'),
        ("SO-209 /1/deliveryInformation/deliveryDate", "SO-215 /1/deliveryInformation/deliveryDate"),
    ),
]
AMOUNTS = [
    Case("price times quantity", amount("45", "0.9", "50"), ()),
    Case("less the discount", amount("40.5", "0.9", "50", ', "lineDiscountPercent": 10'), ()),
    Case("before the discount", amount("45", "0.9", "50", ', "lineDiscountPercent": 10'), ()),
    Case("rounded to a cent", amount("3.33", "0.3333", "10"), ()),
    Case("no amount", amount("0", "0.9", "50"), ()),
    Case("another amount", amount("‸54", "0.9", "50"), (AMOUNT,)),
    Case("two cents off", amount("‸45.02", "0.9", "50"), (AMOUNT,)),
    Case("of the other sign", amount("‸-45", "0.9", "50"), (AMOUNT,)),
    Case("another discount", amount("‸40.5", "0.9", "50", ', "lineDiscountPercent": 20'), (AMOUNT,)),
    Case("an amount for nothing", amount("‸5", "0", "50"), (AMOUNT,)),
]
WHOLES = [
    Case("two types", f"‸[{GOOD}, {RETURN}]", ("SO-211  note",)),
    Case("some without a key", f"‸[{GOOD}, {GOOD}, {KEYED}]", ("SO-213  note",)),
    Case("none without a key", f"[{KEYED}, {order(orderNumber='7')}]", ()),
    Case("a faulty one without a key", f"[{KEYED}, {KEYED.replace('W-1', 'W-2')}, ‸7]", ("SO-101 /2",)),
    Case("one order", f"‸[{GOOD}]", ("SO-212  note",)),
    Case("one order on a line", f"‸{GOOD}\n", ("SO-212  note",)),
    Case("strict about a price", with_line(line(price="‸-1")), ("SO-214 /1/orderLines/1/price error",), ("--strict",)),
    Case("strict about a member", second(order('"x": ‸1')), ("SO-110 /1/x error",), ("--strict",)),
    Case("not about notes", f"‸[{GOOD}]", ("SO-212  note",), ("--strict",)),
    Case(
        "an ignored code", second(order('"x": 1', customerId="‸1")), ("SO-104 /1/customerId",), ("--ignore", "SO-110")
    ),
]


def cases() -> list[Case]:
    """All of them."""
    return [*LIMITS, *REPEATS, *NUMBERS, *SPLITS, *HEADERS, *AMOUNTS, *WHOLES]
