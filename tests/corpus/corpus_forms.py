"""Wrong encodings, wrong formats, things that are no array, one order a line, and orders beyond the cap."""

from __future__ import annotations

from corpus_case import GOOD, MARK, Case, line, order, second

_M = MARK.encode()
WIDE = order('"notes": "' + "漢" * 50_000 + '", "x": ‸1')
TEN_LINES = ",\n".join([line()] * 10)
PAIR = f"[{GOOD},\n{GOOD}]\n"


def lines(*records: str) -> str:
    """One record a line."""
    return "".join(record + "\n" for record in records)


def latin(text: str) -> bytes:
    """Text in Latin-1, with its marks."""
    return _M.join(piece.encode("latin-1") for piece in text.split(MARK))


def foreign(notes: str, data: bytes) -> bytes:
    """An order with such notes, in which these bytes stand in place of the @."""
    return second(order(f'"notes": "{notes}"')).encode().replace(b"@", data)


OPENINGS = [
    Case("nothing", "‸", ("SO-010 ",)),
    Case("blanks", "‸ \r\n\t \n", ("SO-010 ",)),
    Case("many blanks", "‸" + " " * 300_000, ("SO-010 ",)),
    Case("many blanks, then a word", "\n" * 300_000 + "‸hello", ("SO-050 ",)),
    Case("a text alone", '‸"orders"', ("SO-011 ",)),
    Case("a number alone", "‸17", ("SO-011 ",)),
    Case("null alone", " ‸null\n", ("SO-011 ",)),
    Case("an object over several lines", '‸{\n "orders": [\n' + GOOD + "\n ]\n}", ("SO-011 ",)),
    Case("an empty array", "‸[]", ("SO-012 ",)),
    Case("an empty array with blanks", "‸ [ \n ] \n", ("SO-012 ",)),
    Case("UTF-16 with its mark", _M + PAIR.encode("utf-16"), ("SO-013 ",)),
    Case("UTF-16 big end", _M + b"\xfe\xff" + PAIR.encode("utf-16-be"), ("SO-013 ",)),
    Case("UTF-16 without its mark", _M + PAIR.encode("utf-16-le"), ("SO-013 ",)),
    Case("UTF-16 big end without its mark", _M + PAIR.encode("utf-16-be"), ("SO-013 ",)),
    Case("UTF-32", _M + PAIR.encode("utf-32"), ("SO-013 ",)),
    Case("UTF-32 without its mark", _M + PAIR.encode("utf-32-be"), ("SO-013 ",)),
    Case("a byte order mark", _M + b"\xef\xbb\xbf" + PAIR.encode(), ("SO-014 ",)),
    Case("a byte order mark and nothing", _M + b"\xef\xbb\xbf", ("SO-014 ",)),
    Case("Latin-1 in a text", latin(second(order('"notes": "caf‸é"'))), ("SO-015 /1/notes",)),
    Case("Latin-1 further on", latin(second(order('"notes": "a", "orderType": "‸é"'))), ("SO-015 /1/orderType",)),
    Case("Latin-1 in the first order", latin(f'[{order(responsible=chr(34) + "Sj‸ögren" + chr(34))}, {GOOD}]'),
         ("SO-015 /0/responsible",)),
    Case("an overlong character", foreign("‸@", b"\xc0\xaf"), ("SO-015 /1/notes",)),
    Case("a surrogate in UTF-8", foreign("‸@", b"\xed\xa0\x80"), ("SO-015 /1/notes",)),
    Case("a character cut short", foreign("‸@", b"\xe2\x82"), ("SO-015 /1/notes",)),
    Case("wide text, then Latin-1", foreign("漢字‸@", b"\xe9"), ("SO-015 /1/notes",)),
    Case("zeros", "‸" + "\0" * 64, ("SO-016 ",)),
    Case("zeros in the middle", f"[{GOOD},\n‸" + "\0" * 64, ("SO-016 /1",)),
    Case("a table", "‸customerId;price\n1000;1,50\n", ("SO-050 ",)),
    Case("a table with commas", "‸customerId,price,quantity\n1000,1.50,2\n", ("SO-050 ",)),
    Case("XML", "‸<?xml version='1.0'?>\n<orders/>\n", ("SO-050 ",)),
    Case("a page", "\n‸<!DOCTYPE html><html><body>Login</body></html>", ("SO-050 ",)),
    Case("YAML", "‸- customerId: 1000\n  price: 1\n", ("SO-050 ",)),
    Case("a program", "‸var orders = [{}];", ("SO-050 ",)),
    Case("a workbook", _M + b"PK\x03\x04\x14\x00\x06\x00", ("SO-050 ",)),
    Case("a document", _M + b"%PDF-1.7\n", ("SO-050 ",)),
    Case("plain words", "‸Dear colleague, here are the orders.", ("SO-050 ",)),
    Case("single quotes around it all", "‸'[]'", ("SO-033 ",)),
    Case("a comment before it all", "‸// orders\n[]", ("SO-034 ",)),
    Case("the end of an array", "‸]", ("SO-046 ",)),
    Case("the middle of a file", f"‸, {GOOD}]", ("SO-030 ",)),
]  # fmt: skip
RECORDS = [
    Case("good records", lines(GOOD, GOOD), ()),
    Case("blank lines between", lines(GOOD, "", "  ", GOOD), ()),
    Case("CR LF", lines(GOOD + "\r", GOOD + "\r"), ()),
    Case("no line break at the end", GOOD + "\n" + GOOD, ()),
    Case("a record with a wrong value", lines(GOOD, order(period='‸"x"'), GOOD), ("SO-104 /1/period",)),
    Case("after blank lines", lines(GOOD, "", "", "  " + order(period='‸"x"'), GOOD), ("SO-104 /1/period",)),
    Case("after CR LF", lines(GOOD + "\r", order(period='‸"x"') + "\r", GOOD + "\r"), ("SO-104 /1/period",)),
    Case("a broken record", lines(GOOD, order(period="‸*"), GOOD), ("SO-030 /1/period",)),
    Case(
        "three broken records",
        lines(GOOD, order(period="‸+1"), GOOD, order(notes="‸'a'"), "[‸broken", order(qty="‸1")),
        ("SO-040 /1/period", "SO-033 /3/notes", "SO-041 /4/0", "SO-110 /5/qty"),
    ),
    Case("a number for a record", lines(GOOD, "‸17", GOOD), ("SO-101 /1",)),
    Case("an array for a record", lines(GOOD, f" ‸[{GOOD}]", GOOD), ("SO-101 /1",)),
    Case("one broken record", '{"customerId": "C1"‸,}', ("SO-031 /0/customerId",)),
    Case("two records on a line", lines(GOOD, f"{GOOD} ‸{GOOD}", GOOD), ("SO-036 /1",)),
    Case("commas between records", lines(GOOD, GOOD + "‸,", GOOD), ("SO-036 /1",)),
    Case("a record over two lines", lines(GOOD, '{"customerId":‸', '"C1"‸}', GOOD),
         ("SO-038 /1/customerId", "SO-046 /2")),
    Case("a cut record", lines(GOOD, GOOD) + '{"customerId": ‸"C', ("SO-038 /2/customerId",)),
    Case("a record without its end", lines(GOOD, order()[:-1] + "‸", GOOD), ("SO-038 /1/orderLines",)),
    Case("a record with a NUL", lines(GOOD, order('"notes": "‸\0"')), ("SO-016 /1/notes",)),
    Case("a record in Latin-1", latin(lines(GOOD, order('"notes": "‸é"'), GOOD)), ("SO-015 /1/notes",)),
    Case("a byte order mark before a record", lines(GOOD, "‸\ufeff" + GOOD), ("SO-014 /1",)),
    Case("a comment line", lines(GOOD, "‸# the second", GOOD), ("SO-034 /1",)),
    Case("a name twice in a record", lines(GOOD, order('"period": 1, "period": ‸202601')), ("SO-111 /1/period",)),
    Case("a record nested too deeply", lines(GOOD, order(x="[" * 127 + "‸[" + "]" * 128)),
         (f"SO-045 /1/x{'/0' * 127}",)),
    Case("numbers used twice in records", lines(order(orderNumber="7"), order('"orderNumber": ‸7')),
         ("SO-203 /1/orderNumber",)),
    Case("the number after a broken record", lines(order(orderNumber="7"), "‸*", order(orderNumber="‸7")),
         ("SO-030 /1", "SO-203 /2/orderNumber")),
]  # fmt: skip
LARGE = [
    Case("an order over the cap", second("‸" + order(notes=f'"{"a" * 20_000}"')), ("SO-020 /1",),
         ("--max-order-size", "10000")),
    Case("an order below the cap", second(order(notes=f'"{"a" * 9_000}"')), (), ("--max-order-size", "10000")),
    Case("a record over the cap", lines(GOOD) + "‸" + order(notes=f'"{"a" * 20_000}"'), ("SO-020 /1",),
         ("--max-order-size", "10000")),
    Case("many lines", f"[{GOOD},\n" + f"{GOOD},\n" * 5_000 + order(period='‸"x"') + "]", ("SO-104 /5001/period",)),
    Case("one long line", f"[{GOOD}" + f",{GOOD}" * 5_000 + "," + order(period='‸"x"') + "]", ("SO-104 /5001/period",)),
    Case("broken far on", f"[{GOOD}" + f",\n{GOOD}" * 5_000 + f"‸\n{GOOD}]", ("SO-032 ",)),
    Case("a wide order far on", f"[{GOOD}" + f",\n{GOOD}" * 5_000 + f", {WIDE}]",
         ("SO-110 /5001/x",)),
    Case("many lines of postings", second(order(orderLines=f"[{TEN_LINES}, {line(price='‸true')}]")),
         ("SO-104 /1/orderLines/10/price",)),
]  # fmt: skip


def cases() -> list[Case]:
    """All of them."""
    return [*OPENINGS, *RECORDS, *LARGE]
