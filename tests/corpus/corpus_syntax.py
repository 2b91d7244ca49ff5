"""Text that is not JSON, as people and programs really break it, inside arrays of orders that are otherwise good."""

from __future__ import annotations

from corpus_case import GOOD, Case, line, order, second, with_line

PRICE = "/1/orderLines/1/price"


def price(text: str) -> str:
    """The price of the second line of the second order."""
    return with_line(line(price=text))


def notes(text: str) -> str:
    """The notes of the second order, before its lines."""
    return second("{" + f'"notes": {text}, ' + order()[1:])


def raw(text: str) -> str:
    """The second order with some text before its first member."""
    return second("{" + text + order()[1:])


COMMAS = [
    Case("comma after the last member", second(order('"notes": ""‸,')), ("SO-031 /1/notes",)),
    Case("comma after the last line", second(order(orderLines=f"[{line()}‸,]")), ("SO-031 /1/orderLines/0",)),
    Case(
        "comma after the last line, below", second(order(orderLines=f"[{line()}‸,\n  ]")), ("SO-031 /1/orderLines/0",)
    ),
    Case("comma after the last order", f"[{GOOD},\n{GOOD}‸,\n]", ("SO-031 ",)),
    Case("comma after the only order", f"[{GOOD}‸,]", ("SO-031 ",)),
    Case("no comma between members", raw('"notes": "a"‸ "period": 202601, '), ("SO-032 /1/notes",)),
    Case("no comma at a line's end", raw('"notes": "a"‸\n  "period": 202601, '), ("SO-032 /1/notes",)),
    Case("no comma after a number", raw('"period": 202601‸\n  "notes": "", '), ("SO-032 /1/period",)),
    Case("no comma between lines", second(order(orderLines=f"[{line()}‸ {line()}]")), ("SO-032 /1/orderLines/0",)),
    Case("no comma between orders", f"[{GOOD},\n{GOOD}‸\n{GOOD}]", ("SO-032 ",)),
    Case("a semicolon between members", raw('"notes": "a"‸; "period": 202601, '), ("SO-032 /1/notes",)),
    Case("a semicolon between orders", f"[{GOOD}‸; {GOOD}]", ("SO-032 ",)),
    Case("two commas between members", raw('"notes": "a",‸, '), ("SO-047 /1",)),
    Case("two commas between orders", f"[{GOOD},‸,\n{GOOD}]", ("SO-047 ",)),
    Case("two commas, apart", f"[{GOOD},\n‸,\n{GOOD}]", ("SO-047 ",)),
    Case("a comma before the first member", raw("‸, "), ("SO-047 /1",)),
    Case("a comma before the first order", f"[‸, {GOOD}]", ("SO-047 ",)),
    Case("a comma before the first line", second(order(orderLines=f"[‸, {line()}]")), ("SO-047 /1/orderLines/0",)),
]
BRACKETS = [
    Case("] for }", second(order()[:-1] + "‸]"), ("SO-046 /1/orderLines",)),
    Case("} for ]", second(order(orderLines=f"[{line()}‸}}")), ("SO-046 /1/orderLines/0",)),
    Case("a } lost at a line", second(order(orderLines=f"[{line()[:-1]}‸]")), ("SO-046 /1/orderLines/0/glAnalysis",)),
    Case("a } too many", f"[{GOOD},\n{GOOD}‸}}, {GOOD}]", ("SO-046 ",)),
    Case("a ] too many", f"[{GOOD}, {GOOD}]‸]", ("SO-046 ",)),
    Case("two arrays", f"[{GOOD}]\n‸[{GOOD}]", ("SO-036 ",)),
    Case("two arrays on a line", f"[{GOOD}]‸[{GOOD}]", ("SO-036 ",)),
    Case("two arrays with a comma", f"[{GOOD}]‸,[{GOOD}]", ("SO-036 ",)),
    Case("an order after the end", f"[{GOOD},\n{GOOD}]\n‸{GOOD}", ("SO-036 ",)),
    Case("a word after the end", f"[{GOOD}, {GOOD}] ‸done", ("SO-036 ",)),
    Case("a full stop after the end", f"[{GOOD}, {GOOD}]‸.", ("SO-036 ",)),
    Case("a semicolon after the end", f"[{GOOD}, {GOOD}]‸;\n", ("SO-036 ",)),
    Case("a DOS end mark", f"[{GOOD}, {GOOD}]\r\n‸\x1a", ("SO-036 ",)),
    Case("a comment after the end", f"[{GOOD}, {GOOD}]\n‸// end", ("SO-034 ",)),
    Case("zeros after the end", f"[{GOOD}, {GOOD}]\n‸\0\0\0", ("SO-016 ",)),
    Case("the rest of an older file", f'[{GOOD}]\n‸"P1", "quantity": 2}}]}}]', ("SO-036 ",)),
]
QUOTES = [
    Case("single quotes around a name", raw("‸'notes': \"\", "), ("SO-033 /1",)),
    Case("single quotes around a text", notes("‸'a'"), ("SO-033 /1/notes",)),
    Case("backticks", notes("‸`a`"), ("SO-033 /1/notes",)),
    Case("curly quotes around a text", notes("‸“a”"), ("SO-049 /1/notes",)),
    Case("curly quotes around a name", raw("‸“notes”: 1, "), ("SO-049 /1",)),
    Case("low quotes", notes("‸„a“"), ("SO-049 /1/notes",)),
    Case("pointed quotes", notes("‸«a»"), ("SO-049 /1/notes",)),
    Case("a curly closing quote", notes('‸"a”'), ("SO-049 /1/notes",)),
    Case("a name without quotes", raw('‸notes: "", '), ("SO-042 /1",)),
    Case("a number for a name", raw('‸1: "", '), ("SO-042 /1",)),
    Case("inches inside a text", notes('"a 3‸" pipe"'), ("SO-051 /1/notes",)),
    Case("speech inside a text", notes('"say ‸"hello" now"'), ("SO-051 /1/notes",)),
    Case("a closing quote lost", raw('"notes": ‸"ring the bell,\n"period": 202601, '), ("SO-051 /1/notes",)),
    Case("a closing quote lost in a list", raw('"notes": ‸"a, "period": 1, '), ("SO-051 /1/notes",)),
    Case("an opening quote lost", notes('‸a"'), ("SO-051 /1/notes",)),
    Case("a name's closing quote lost", raw('‸"notes: "", '), ("SO-051 /1",)),
    Case("a name's opening quote lost", raw('‸notes": "", '), ("SO-051 /1",)),
    Case("a line break in a text", notes('"two‸\nlines, or more"'), ("SO-037 /1/notes",)),
    Case("CR LF in a text", notes('"two‸\r\nlines, or more"'), ("SO-037 /1/notes",)),
    Case("a tab in a text", notes('"two‸\tcolumns"'), ("SO-037 /1/notes",)),
    Case("an escape byte in a text", notes('"red ‸\x1b[31m"'), ("SO-037 /1/notes",)),
    Case("a tab in a name", raw('"no‸\ttes": 1, '), ("SO-037 /1",)),
    Case("a path", notes('"C:‸\\Users"'), ("SO-039 /1/notes",)),
    Case("a path with a real escape", notes('"C:\\new‸\\xyz"'), ("SO-039 /1/notes",)),
    Case("an escaped apostrophe", notes('"it‸\\\'s"'), ("SO-039 /1/notes",)),
    Case("a short \\u", notes('"‸\\u12"'), ("SO-039 /1/notes",)),
    Case("a \\u with a G", notes('"‸\\u12G4"'), ("SO-039 /1/notes",)),
    Case("half a pair", notes('"‸\\ud83d"'), ("SO-043 /1/notes",)),
    Case("the other half", notes('"‸\\ude00"'), ("SO-043 /1/notes",)),
    Case("half a pair before text", notes('"a ‸\\ud83d b"'), ("SO-043 /1/notes",)),
    Case("half a pair twice", notes('"‸\\ud83d\\ud83d"'), ("SO-043 /1/notes",)),
    Case("half a pair in a name", raw('"‸\\ud83d": 1, '), ("SO-043 /1",)),
]
WORDS = [
    Case("NaN", price("‸NaN"), (f"SO-035 {PRICE}",)),
    Case("-Infinity", price("‸-Infinity"), (f"SO-035 {PRICE}",)),
    Case("nan in small letters", price("‸nan"), (f"SO-035 {PRICE}",)),
    Case("a C program's infinity", price("‸1.#INF"), (f"SO-035 {PRICE}",)),
    Case("True", notes("‸True"), ("SO-041 /1/notes",)),
    Case("None", notes("‸None"), ("SO-041 /1/notes",)),
    Case("undefined", notes("‸undefined"), ("SO-041 /1/notes",)),
    Case("NULL", notes("‸NULL"), ("SO-041 /1/notes",)),
    Case("a misspelt true", notes("‸ture"), ("SO-041 /1/notes",)),
    Case("a word too long", notes("‸nulls"), ("SO-041 /1/notes",)),
    Case("a bare word", notes("‸Steel"), ("SO-041 /1/notes",)),
    Case("a call", notes('‸ISODate("2026-04-29")'), ("SO-041 /1/notes",)),
    Case("a cell's error", price("‸#DIV/0!"), (f"SO-041 {PRICE}",)),
    Case("a missing cell", price("‸#N/A"), (f"SO-041 {PRICE}",)),
    Case("a bare order", f"[{GOOD},\n‸order2]", ("SO-041 /1",)),
]
NUMBERS = [
    Case("a decimal comma", price("‸12,50"), (f"SO-040 {PRICE}",)),
    Case("a thousands comma", price("‸1,234.50"), (f"SO-040 {PRICE}",)),
    Case("a thousands blank", price("‸1 234"), (f"SO-040 {PRICE}",)),
    Case("a thousands apostrophe", price("‸1'234"), (f"SO-040 {PRICE}",)),
    Case("a leading zero", price("‸007"), (f"SO-040 {PRICE}",)),
    Case("a leading plus", price("‸+5"), (f"SO-040 {PRICE}",)),
    Case("a leading point", price("‸.5"), (f"SO-040 {PRICE}",)),
    Case("a point at the end", price("‸5."), (f"SO-040 {PRICE}",)),
    Case("an open exponent", price("‸5e"), (f"SO-040 {PRICE}",)),
    Case("hexadecimal", price("‸0x1F"), (f"SO-040 {PRICE}",)),
    Case("two minus", price("‸--5"), (f"SO-040 {PRICE}",)),
    Case("a unit", price("‸12kg"), (f"SO-040 {PRICE}",)),
    Case("a percent sign", price("‸25%"), (f"SO-040 {PRICE}",)),
    Case("a dollar", price("‸$5"), (f"SO-040 {PRICE}",)),
    Case("a euro", price("‸€5"), (f"SO-040 {PRICE}",)),
    Case("a bare date", notes("‸2026-04-29"), ("SO-040 /1/notes",)),
    Case("a bare German date", notes("‸29.04.2026"), ("SO-040 /1/notes",)),
]
MEMBERS = [
    Case("no colon", raw('"notes"‸ "a", '), ("SO-044 /1/notes",)),
    Case("an equals sign", raw('"notes" ‸= "a", '), ("SO-044 /1/notes",)),
    Case("a name alone", raw('"notes"‸, '), ("SO-044 /1/notes",)),
    Case("no value", raw('"notes"‸:, '), ("SO-052 /1/notes",)),
    Case("no value at the end", second(order('"notes"‸:')), ("SO-052 /1/notes",)),
    Case("two colons", raw('"notes":‸: "a", '), ("SO-052 /1/notes",)),
    Case("a second value", raw('"notes": "a"‸: "b", '), ("SO-052 /1/notes",)),
    Case("a value without a name", raw('‸[1, 2], "notes": "a", '), ("SO-052 /1",)),
    Case("a name in an array", second(order(orderLines='["a"‸: 1]')), ("SO-052 /1/orderLines/0",)),
]
LEFTOVERS = [
    Case("a line comment", raw("‸// the second\n"), ("SO-034 /1",)),
    Case("a block comment", f"[{GOOD}, ‸/* the second */ {GOOD}]", ("SO-034 /1",)),
    Case("a comment before the first order", f"[‸// orders\n{GOOD}]", ("SO-034 /0",)),
    Case("a hash comment", raw("‸# the second\n"), ("SO-034 /1",)),
    Case("a star", price("‸*"), (f"SO-030 {PRICE}",)),
    Case("an at sign between orders", f"[{GOOD}‸@ {GOOD}]", ("SO-030 ",)),
    Case("dots between orders", f"[{GOOD},\n‸...\n]", ("SO-030 /1",)),
    Case("an ellipsis", f"[{GOOD},\n‸…\n]", ("SO-030 /1",)),
    Case("a conflict marker", f"[{GOOD},\n‸<<<<<<< HEAD\n{GOOD}]", ("SO-030 /1",)),
    Case("a template", notes("‸${notes}"), ("SO-030 /1/notes",)),
    Case("a template in braces", notes("{‸{notes}}"), ("SO-030 /1/notes",)),
    Case("a blank from a web page", raw('‸\u00a0"notes": "", '), ("SO-030 /1",)),
    Case("a blank of no width", raw('"notes": ""‸\u200b, '), ("SO-030 /1/notes",)),
    Case("a form feed", raw("‸\f"), ("SO-030 /1",)),
    Case("a byte order mark inside", f"[{GOOD}, ‸\ufeff{GOOD}]", ("SO-014 /1",)),
    Case("a NUL in a text", notes('"a‸\0b"'), ("SO-016 /1/notes",)),
    Case("a NUL between members", raw('"notes": "",‸\0 '), ("SO-016 /1",)),
    Case("a star behind wide text", raw('"notes": "漢字 😀 e\u0301", "period": ‸*, '), ("SO-030 /1/period",)),
    Case("deep nesting", notes("[" * 127 + "‸[" + "]" * 128), (f"SO-045 /1/notes{'/0' * 127}",)),
    Case("deep objects", notes('{"a": ' * 127 + "‸{" + "}" * 128), (f"SO-045 /1/notes{'/a' * 127}",)),
    Case("a nesting bomb", "[" * 129 + "‸" + "[" * 100_000, (f"SO-045 /0{'/0' * 128}",)),
]
CUTS = [
    Case("cut after the bracket", "[‸", ("SO-038 ",)),
    Case("cut after an order", f"[{GOOD},\n{GOOD}‸", ("SO-038 /1",)),
    Case("cut after a comma", f"[{GOOD},‸", ("SO-038 ",)),
    Case("cut after a comma and a line", f"[{GOOD},\n‸", ("SO-038 ",)),
    Case("cut after a brace", f"[{GOOD},\n{{‸", ("SO-038 /1",)),
    Case("cut in a name", f'[{GOOD},\n{{‸"custo', ("SO-038 /1",)),
    Case("cut after a name", f'[{GOOD},\n{{"customerId"‸', ("SO-038 /1/customerId",)),
    Case("cut after a colon", f'[{GOOD},\n{{"customerId":‸', ("SO-038 /1/customerId",)),
    Case("cut in a text", f'[{GOOD},\n{{"customerId": ‸"C', ("SO-038 /1/customerId",)),
    Case("cut in an escape", f'[{GOOD},\n{{"customerId": ‸"C\\u00', ("SO-038 /1/customerId",)),
    Case("cut in a pair", f'[{GOOD},\n{{"customerId": ‸"C\\ud83d\\u', ("SO-038 /1/customerId",)),
    Case("cut after a text", f'[{GOOD},\n{{"customerId": "C"‸', ("SO-038 /1/customerId",)),
    Case("cut in a number", f'[{GOOD},\n{{"period": ‸-', ("SO-038 /1/period",)),
    Case("cut in a fraction", f'[{GOOD},\n{{"period": ‸1.', ("SO-038 /1/period",)),
    Case("cut in a word", f'[{GOOD},\n{{"isBilledAtProject": ‸tr', ("SO-038 /1/isBilledAtProject",)),
    Case("cut in a line", f'[{GOOD},\n{{"orderLines": [{{"price": 1, ‸"qu', ("SO-038 /1/orderLines/0",)),
    Case("cut after a line", f'[{GOOD},\n{{"orderLines": [{line()}‸', ("SO-038 /1/orderLines/0",)),
    Case("cut between lines", f'[{GOOD},\n{{"orderLines": [{line()},‸', ("SO-038 /1/orderLines/1",)),
    Case("cut with its last line whole", f"[{GOOD},\n{GOOD}\n‸", ("SO-038 /1",)),
]


def cases() -> list[Case]:
    """All of them."""
    return [*COMMAS, *BRACKETS, *QUOTES, *WORDS, *NUMBERS, *MEMBERS, *LEFTOVERS, *CUTS]
