"""Every sample does what its name says, through the command a user would type; and the owner's own sample."""

import json
from pathlib import Path

import pytest

from sobatch.cli.main import main

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "order-time"
OWNERS = Path(__file__).with_name("owners_sample.txt")
GOOD = {"orders.json": (0, set()), "minimal.json": (0, {"SO-604"})}
FAULTY = {
    "type-missing.json": (3, {"SO-601"}),
    "type-misspelt.json": (3, {"SO-602"}),
    "type-not-first.json": (0, {"SO-603"}),
    "required-by-the-table.json": (0, {"SO-604"}),
    "reference-to-nothing.json": (3, {"SO-605"}),
    "reference-by-name.json": (0, {"SO-606"}),
    "text-too-long.json": (3, {"SO-607"}),
    "shipping-without-method.json": (3, {"SO-608"}),
    "number-given.json": (3, {"SO-609"}),
    "read-only-member.json": (3, {"SO-610"}),
    "beyond-32-bits.json": (3, {"SO-611"}),
    "no-lines.json": (0, {"SO-612"}),
    "quantity-zero.json": (0, {"SO-613"}),
    "one-id-two-names.json": (0, {"SO-614"}),
    "promised-before-ordered.json": (0, {"SO-615"}),
    "comma-in-reference.json": (0, {"SO-616"}),
    "reference-shared.json": (0, {"SO-617"}),
    "reference-missing.json": (0, {"SO-618"}),
    "null-figure.json": (0, {"SO-619"}),
    "zip-as-number.json": (0, {"SO-620"}),
    "figure-too-large.json": (0, {"SO-621"}),
    "customer-missing.json": (3, {"SO-102"}),
    "price-as-text.json": (3, {"SO-104"}),
    "quantity-null.json": (3, {"SO-105"}),
    "impossible-date.json": (3, {"SO-108"}),
    "date-without-time.json": (3, {"SO-109"}),
    "unknown-member.json": (0, {"SO-110"}),
    "lines-used-twice.json": (3, {"SO-112"}),
}


def validated(capsys, *arguments):
    code = main(["validate", *arguments, "--erp", "order-time", "--output", "json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("folder", "table"), [("", GOOD), ("faulty", FAULTY)])
def test_every_sample_is_in_the_table(folder, table):
    assert {path.name for path in (SAMPLES / folder).iterdir() if path.is_file()} == set(table)


@pytest.mark.parametrize(
    ("file", "exit_code", "expected"),
    [(name, *row) for name, row in GOOD.items()] + [(f"faulty/{name}", *row) for name, row in FAULTY.items()],
)
def test_a_sample_is_wrong_in_the_way_of_its_name(file, exit_code, expected, capsys):
    code, answer = validated(capsys, str(SAMPLES / file))
    assert (code, {problem["code"] for problem in answer["result"]["problems"]}) == (exit_code, expected)
    assert all(problem["message"].endswith(".") for problem in answer["result"]["problems"])


def test_the_owners_sample_has_two_commas(tmp_path, capsys):
    given = OWNERS.read_text(encoding="utf-8")
    file = tmp_path / "orders.json"
    file.write_text(f"[{given}]", encoding="utf-8")
    code, answer = validated(capsys, str(file))
    [problem] = answer["result"]["problems"]
    line = next(number for number, text in enumerate(given.split("\n"), 1) if ",," in text)
    assert (code, problem["code"], problem["line"], problem["column"]) == (
        3,
        "SO-047",
        line,
        given.split("\n")[line - 1].index(",,") + 2,
    )


def test_the_owners_sample_mended_is_an_order_with_one_id_under_two_names(tmp_path, capsys):
    file = tmp_path / "orders.json"
    file.write_text(f"[{OWNERS.read_text(encoding='utf-8').replace(',,', ',')}]", encoding="utf-8")
    code, answer = validated(capsys, str(file))
    assert (code, [(each["code"], each["pointer"]) for each in answer["result"]["problems"]]) == (
        0,
        [("SO-604", "/0/AllowShipPartial"), ("SO-614", "/0/LineItems/1/ItemRef/Name")],
    )


def test_the_order_of_members_is_looked_at_in_every_form(tmp_path, capsys):
    """Whether a file is an array or has a line for each order, and beside orders without and with other faults."""
    wrong, good = (json.loads((SAMPLES / name).read_text()) for name in ("faulty/type-not-first.json", "orders.json"))
    faulty = json.loads((SAMPLES / "faulty" / "customer-missing.json").read_text())
    orders = [*good, *wrong, *faulty, *wrong]
    array, lines = tmp_path / "orders.json", tmp_path / "orders.ndjson"
    array.write_text(json.dumps(orders))
    lines.write_text("".join(json.dumps(order) + "\n" for order in orders))
    for file in (array, lines):
        problems = validated(capsys, str(file))[1]["result"]["problems"]
        assert [(each["code"], each["index"]) for each in problems] == [
            ("SO-603", 5),
            ("SO-102", 6),
            ("SO-603", 7),
            ("SO-617", None),
        ]
