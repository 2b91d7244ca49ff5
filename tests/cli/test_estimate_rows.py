"""`sobatch estimate-rows`: the document's arithmetic to the row, and the parts that follow from it."""

from __future__ import annotations

import gzip
import json

import pytest
from offline_orders import good, many, of_lines


def estimated(door, text, *options):
    told = door("estimate-rows", door.file("orders.json", text), *options, "--output", "json")
    assert told.code == 0, told.err
    return told.document["result"]["total"]


def parts(total):
    """Parts with workflow and without, and the orders no part can take."""
    return [(plan["parts"], plan["too_large"]) for plan in total["plans"]]


def test_the_documents_own_example_makes_29_rows(door):
    total = estimated(door, [good(4), good(5)])
    assert (total["orders"], total["lines"], total["rows"]) == (2, 9, 29)


# rows: what orders of at most 12, or 1,000, lines make exactly that many
AT_THE_LIMIT = {
    36_999: [12] * 999 + [4, 4, 3],
    37_000: [12] * 1_000,
    37_001: [12] * 999 + [6, 6],
    1_549_999: [1_000] * 516 + [494],
    1_550_000: [1_000] * 516 + [247, 247],
    1_550_001: [1_000] * 516 + [164, 165, 165],
}


@pytest.mark.parametrize("rows", AT_THE_LIMIT)
def test_exactly_at_the_row_limit_is_one_part_and_one_row_more_is_two(door, rows):
    limit, skip = (37_000, []) if rows < 40_000 else (1_550_000, ["--skip-workflow"])
    total = estimated(door, of_lines(*AT_THE_LIMIT[rows]), "--headroom", "0", *(skip or ["--workflow"]))
    assert total["rows"] == rows
    assert parts(total) == [(1 if rows <= limit else 2, 0)]


@pytest.mark.parametrize("lines", [12, 13, 1_000, 1_001])
def test_lines_of_one_order_are_limited_by_the_workflow(door, lines):
    assert parts(estimated(door, of_lines(lines))) == [
        (1, 0) if lines <= 12 else (0, 1),
        (1, 0) if lines <= 1_000 else (0, 1),
    ]


@pytest.mark.parametrize(("lines", "fits"), [(12_332, True), (12_333, True), (12_334, False)])
def test_a_single_order_above_the_rows_of_a_call_fits_no_part(door, lines, fits):
    total = estimated(door, of_lines(lines), "--workflow", "--max-lines", "20000", "--headroom", "0")
    assert total["rows"] == 1 + 3 * lines
    assert parts(total) == [(1, 0) if fits else (0, 1)]


@pytest.mark.parametrize(("count", "lines"), [(516, 1_000), (50_000, 10)])
@pytest.mark.parametrize(("options", "expected"), [(["--headroom", "0"], 1), ([], 2)])
def test_what_just_fits_is_one_part_without_headroom_and_two_with_it(door, count, lines, options, expected):
    total = estimated(door, of_lines(*[lines] * count), "--skip-workflow", *options)
    assert parts(total) == [(expected, 0)]


def test_rows_are_1_an_order_and_3_a_line_whatever_is_wrong_with_them(door):
    content = [good(2), good(3, customerId=None, transactionType=None), {"orderLines": "none"}, 17, good(1, nonsense=1)]
    total = estimated(door, content)
    assert (total["orders"], total["lines"], total["rows"]) == (5, 6, 5 + 3 * 6)


def test_types_are_never_mixed_in_a_part(door):
    content = [good(2), good(2, transactionType="SR"), good(2)]
    total = estimated(door, content)
    assert parts(total) == [(2, 0), (2, 0)]
    assert total["types"] == {
        "SO": {"orders": 2, "lines": 4, "rows": 14}, "SR": {"orders": 1, "lines": 2, "rows": 7},
    }  # fmt: skip


@pytest.mark.parametrize(("option", "value", "expected"), [
    ("--max-orders", "3", 4), ("--max-rows", "16", 3), ("--max-lines", "1", 1), ("--headroom", "0.5", 1),
])  # fmt: skip
def test_limits_are_settings(door, option, value, expected):
    total = estimated(door, many(10), "--workflow", option, value, *(["--headroom", "0"] if "rows" in option else []))
    assert parts(total) == [(expected, 0)]


def test_limits_may_come_from_the_environment_and_the_project_file(door):
    door.set(SOBATCH_MAX_ROWS="8")
    assert parts(estimated(door, many(4), "--workflow", "--headroom", "0")) == [(2, 0)]
    door.file("sobatch.toml", b"[profiles.default]\nmax_orders = 1\n")
    assert parts(estimated(door, many(4), "--workflow", "--headroom", "0")) == [(4, 0)]


def test_the_histogram_counts_every_order(door):
    told = door("estimate-rows", door.file("orders.json", of_lines(*[0] * 3, *[1] * 40, *[12] * 7, *[13] * 2, 20_000)))
    bars = [line.split() for line in told.out.splitlines() if line.endswith("#")]
    assert [(*bar[:-2], int(bar[-2])) for bar in bars] == [
        ("0", 3), ("1", 40), ("11-12", 7), ("13-20", 2), ("over", "10,000", 1),
    ]  # fmt: skip


def test_the_answer_for_people_ends_with_parts_and_the_next_command(door):
    told = door("estimate-rows", door.file("orders.json", [good(4), good(5), good(13), good(1, transactionType="SR")]))
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[-6:] == [
        "  with workflow:   2 parts of at most 35,150 rows, 5 % of 37,000 kept free",
        "    left out: 1 order has more than 12 lines or 37,000 rows, first order 2 of orders.json",
        "  --skip-workflow: 2 parts of at most 1,472,500 rows, 5 % of 1,550,000 kept free",
        "",
        "Next:",
        "  sobatch validate orders.json",
    ]


def test_text_that_breaks_is_counted_as_far_as_it_goes_and_ends_with_3(door):
    text = b"[" + b",".join(json.dumps(order).encode() for order in many(3)) + b", {]"
    told = door("estimate-rows", door.file("orders.json", text), "--output", "json")
    assert told.code == 3
    (file,) = told.document["result"]["files"]
    assert (file["orders"], [each["line"] for each in file["broken"]]) == (3, [1])
    assert "incomplete" in door("estimate-rows", "orders.json").out
    assert door("estimate-rows", door.file("none.json", b"")).code == 3


def test_the_way_in_changes_nothing(door):
    text = json.dumps(many(5)).encode()
    wanted = estimated(door, text)
    for data in (text, gzip.compress(text), b"\n".join(json.dumps(order).encode() for order in many(5))):
        told = door("estimate-rows", "-", "--output", "json", stdin=data)
        assert told.document["result"]["total"] == wanted


def test_several_files_are_planned_each_by_itself(door):
    one, two = door.file("one.json", many(2)), door.file("two.json", many(3))
    result = door("estimate-rows", one, two, "--workflow", "-o", "json").document["result"]
    assert [(file["file"], file["orders"], file["plans"][0]["parts"]) for file in result["files"]] == [
        ("one.json", 2, 1), ("two.json", 3, 1),
    ]  # fmt: skip
    assert parts(result["total"]) == [(2, 0)]


@pytest.mark.parametrize("arguments", [
    [], ["absent.json"], ["-", "-"], ["orders.json", "--headroom", "1.5"], ["orders.json", "--max-rows", "0"],
    ["orders.json", "--max-bytes", "much"], ["orders.json", "--erp", "nothing"], ["orders.json", "--nonsense"],
])  # fmt: skip
def test_every_usage_error_ends_with_2_and_says_what_to_do(door, arguments):
    door.file("orders.json", many(1))
    told = door("estimate-rows", *arguments)
    assert (told.code, told.out) == (2, "")
    assert "error: " in told.err and "next: " in told.err
    assert door("estimate-rows", *arguments, "-o", "json").document["exit_code"] == 2
