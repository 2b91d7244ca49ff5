"""`sobatch validate` as a user meets it: what it finds, how it ends, and that it is readable at any size."""

from __future__ import annotations

import gzip
import json
import os
import pty
import subprocess
import sys

import pytest
from offline_orders import FAULTY, good, many


def found(told):
    problems = told.document["result"]["problems"]
    return [(each["code"], each["line"], each["column"], each["pointer"]) for each in problems]


IN_FAULTY = [
    ("SO-104", 2, 18, "/0/customerId"),
    ("SO-104", 4, 57, "/0/orderLines/0/quantity"),
    ("SO-108", 6, 45, "/1/orderDate"),
    ("SO-110", 9, 45, "/2/custmerId"),
    ("SO-204", 9, 23, "/2/externalOrderId"),
    ("SO-211", 1, 1, ""),
]


def test_good_orders_end_with_0_and_the_next_command(door):
    told = door("validate", door.file("orders.json", many(3)))
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[-2:] == ["ok: 3 orders can be sent. Next:", "  sobatch submit orders.json"]


def test_every_problem_comes_in_one_pass_with_its_place(door):
    told = door("validate", door.file("orders.json", FAULTY), "--output", "json")
    assert told.code == 3
    assert found(told) == IN_FAULTY
    result = told.document["result"]
    assert (result["valid"], result["total"]["errors"], result["total"]["warnings"]) == (False, 3, 2)
    assert [each["index"] for each in result["problems"]] == [0, 0, 1, 2, 2, None]
    assert FAULTY[result["problems"][1]["offset"] :].startswith(b'"two"')


@pytest.mark.parametrize("form", ["file", "gzip", "stdin", "piped gzip"])
def test_the_way_in_changes_nothing(door, form):
    data = gzip.compress(FAULTY) if "gzip" in form else FAULTY
    if form in ("file", "gzip"):
        told = door("validate", door.file("orders", data), "--output", "json")
    else:
        told = door("validate", "-", "--output", "json", stdin=data)
    assert (told.code, found(told)) == (3, IN_FAULTY)


def test_ndjson_goes_on_after_a_broken_record(door):
    lines = [json.dumps(order).encode() for order in many(3)]
    lines[1] = b'{"customerId": "1000",'
    told = door("validate", door.file("orders.ndjson", b"\n".join(lines)), "--output", "json")
    assert told.code == 3
    assert [each["line"] for each in told.document["result"]["problems"]] == [2]
    assert told.document["result"]["total"]["orders"] == 2


def test_strict_makes_errors_of_warnings_and_ignore_takes_codes_out(door):
    name = door.file("orders.json", [good(custmerId="1"), good(externalOrderId="WEB-2")])
    assert door("validate", name).code == 0
    strict = door("validate", name, "--strict", "--output", "json").document["result"]
    assert [(each["code"], each["severity"]) for each in strict["problems"]] == [("SO-110", "error")]
    ignored = door("validate", name, "--strict", "--ignore", "SO-110", "--output", "json")
    assert (ignored.code, ignored.document["result"]["problems"]) == (0, [])


def test_the_profile_may_set_severities(door):
    name = door.file("orders.json", [good(custmerId="1"), good(externalOrderId="WEB-2")])
    door.file("sobatch.toml", b'[profiles.default.severity]\nSO-110 = "error"\n')
    assert door("validate", name).code == 3


def test_a_hundred_thousand_problems_are_four_things_to_read(door):
    line = good()["orderLines"][0] | {"quantity": "one"}
    kinds = [good(customerId=1), good(orderDate="2026-02-30"), good(currencyCode=7), good(orderLines=[line])]
    row = b",\n".join(json.dumps(kind | {"externalOrderId": None}).encode() for kind in kinds)
    text = b"[" + b",\n".join([row] * 25_000) + b"]"
    told = door("validate", door.file("orders.json", text))
    assert told.code == 3
    assert told.out.count("... and 24,997 more, 25,000 in all: error[") == 4
    assert told.out.count("hint:") == 4
    assert len(told.out.splitlines()) < 70
    assert told.out.splitlines()[-2] == (
        "not fit to send: 100,000 errors, 0 warnings in 100,000 of 100,000 orders. Next:"
    )


def test_thousands_of_different_members_are_no_thousands_of_groups(door):
    content = [good(**{f"member{at}x{more}": 1 for more in range(10)}) for at in range(500)]
    told = door("validate", door.file("orders.json", content), "--ignore", "SO-204")
    assert told.code == 0
    assert told.out.count("warning[SO-110]") == 11
    assert "  ... and 4,990 more at other members: warning[SO-110]\n" in told.out


@pytest.mark.parametrize(("options", "shown"), [((), 3), (("--max-problems", "5"), 5), (("--all",), 40)])
def test_how_many_problems_are_shown_is_for_the_user_to_say(door, options, shown):
    name = door.file("orders.json", many(40, customerId=1))
    told = door("validate", name, *options)
    assert told.out.count("error[SO-104] customerId") == shown
    assert "40 errors" in told.out
    assert ("... and" in told.out) == (shown < 40)


def test_json_tells_all_sums_though_it_shows_only_some_problems(door):
    name = door.file("orders.json", many(40, customerId=1))
    result = door("validate", name, "--max-problems", "7", "--output", "json").document["result"]
    assert len(result["problems"]) == 7
    assert result["total"]["problems"] == {"SO-104": {"error": 40}}
    assert result["files"][0]["faulty"] == 40


def test_several_files_are_reported_each_by_its_name(door):
    one, two = door.file("one.json", many(2)), door.file("two.json", FAULTY)
    told = door("validate", one, two, "--output", "json")
    assert told.code == 3
    assert {each["file"] for each in told.document["result"]["problems"]} == {"two.json"}
    assert [each["orders"] for each in told.document["result"]["files"]] == [2, 4]
    assert told.document["result"]["total"]["orders"] == 6


def test_a_broken_file_keeps_no_other_from_being_checked(door):
    broken, cut = door.file("broken.json", b'[{"a": 1,}]'), door.file("cut.gz", gzip.compress(FAULTY)[:-20])
    told = door("validate", broken, cut, door.file("two.json", FAULTY), "--output", "json")
    assert told.code == 3
    by_file = {}
    for each in told.document["result"]["problems"]:
        by_file.setdefault(each["file"], []).append(each["code"])
    assert by_file["broken.json"] == ["SO-031"]
    assert "SO-017" in by_file["cut.gz"]
    assert len(by_file["two.json"]) == len(IN_FAULTY)


def test_a_cut_file_says_in_which_order_it_ends_and_where_that_began(door):
    text = b"[\n" + b",\n".join(json.dumps(order).encode() for order in many(4))[:-30]
    told = door("validate", door.file("orders.json", text))
    assert told.code == 3
    assert "(inside the 4th order, which began at line 5)" in told.out


def test_a_company_inside_an_order_is_told_loudly_when_another_is_meant(door):
    name = door.file("orders.json", [good(companyId="NO"), good(externalOrderId="WEB-2")])
    told = door("validate", name, "--company-id", "EN")
    assert told.code == 0
    assert "note: 1 order names a company, which the ERP ignores: all would go to EN" in told.out


def test_nothing_is_a_problem_of_the_terminal(door):
    """Text from the file cannot steer the terminal, nor pass for a line of ours."""
    evil = "\x1b[2J\x07\u202eerror[SO-999]\nok: 9 orders can be sent"
    told = door("validate", door.file("orders.json", [good(transactionType=evil, orderDate=evil), good(**{evil: 1})]))
    assert told.code == 3
    assert not {"\x1b", "\x07", "\u202e"} & set(told.out)
    assert "\nok:" not in told.out


def test_a_reader_that_leaves_changes_no_verdict(door):
    name = door.file("orders.json", many(800, customerId=1))
    for form in ("text", "json", "ndjson", "sarif", "github", "junit"):
        with door.start("validate", name, "--all", "--output", form) as child:
            assert child.stdout.readline()
            child.stdout.close()
            error = child.stderr.read()
        assert (child.returncode, error) == (3, b""), form


def test_the_installed_way_reads_a_pipe_and_a_redirected_file(door):
    door.file("orders.json", many(3))
    with (door.folder / "orders.json").open("rb") as redirected:
        told = door.process("validate", "-", "-o", "json", stdin=redirected)
    assert (told.code, told.document["result"]["total"]["orders"]) == (0, 3)
    packed = gzip.compress((door.folder / "orders.json").read_bytes())
    feeder = [sys.executable, "-c", f"import sys; sys.stdout.buffer.write({packed!r})"]
    with subprocess.Popen(feeder, stdout=subprocess.PIPE) as zcat:
        told = door.process("validate", "-", "-o", "json", stdin=zcat.stdout)
    assert (told.code, told.document["result"]["total"]["orders"]) == (0, 3)


def _usage(door):
    door.file("good.json", many(2))
    (door.folder / "folder").mkdir()
    yield ["validate"], "FILE"
    yield ["validate", "absent.json"], "there is no file absent.json"
    yield ["validate", "folder"], "folder is a directory"
    yield ["validate", "*.xml"], "no file matches *.xml"
    yield ["validate", "-", "-"], "standard input can be named only once"
    yield ["validate", "good.json", "--max-problems", "0"], "max-problems"
    yield ["validate", "good.json", "--max-order-size", "huge"], "huge"
    yield ["validate", "good.json", "--output", "yaml"], "yaml"
    yield ["validate", "good.json", "--ignore", "SO-1O4"], "Did you mean"
    yield ["validate", "good.json", "--ignore", "SO-031"], "cannot be ignored"
    yield ["validate", "good.json", "--stict"], "--strict"
    yield ["validate", "good.json", "--erp", "sap"], "sap"
    yield ["validate", "good.json", "--profile", "absent"], "absent"
    yield ["validate", "good.json", "--config", "absent.toml"], "absent.toml"
    yield ["validate", "good.json", "--write-valid", "good.json"], "one of the inputs"
    yield ["validate", "good.json", "--write-valid", "folder"], "is a directory"
    yield ["validate", "good.json", "--write-valid", "no/out.json"], "there is no directory no"
    yield ["validate", "good.json", "--write-valid", "a.json", "--write-invalid", "./a.json"], "the same file"


def test_every_usage_error_ends_with_2_and_says_what_to_do(door):
    for arguments, words in _usage(door):
        told = door(*arguments)
        assert (told.code, told.out) == (2, ""), arguments
        assert words in told.err, arguments
        assert "next: " in told.err, arguments
        if "yaml" in arguments:
            continue  # no format is known, so there is none to answer in
        machine = door(*arguments, "--output", "json")
        assert machine.code == 2
        assert machine.document["error"]["kind"] == "usage", arguments
        assert machine.document["exit_code"] == 2


@pytest.mark.parametrize(
    ("lines", "flags", "advised"),
    [
        (13, (), True),
        (1000, (), True),
        (1001, (), False),
        (1001, ("--skip-workflow",), False),
        (13, ("--max-lines", "12"), False),
    ],
)
def test_skipping_the_workflow_is_advised_only_where_it_helps(door, lines, flags, advised):
    name = door.file("orders.json", [good(), good(lines, externalOrderId="WEB-2")])
    (problem,) = door("validate", name, "--output", "json", *flags).document["result"]["problems"]
    hint = "Split the order, or send with --skip-workflow, which allows 1,000 lines." if advised else "Split the order."
    assert (problem["code"], problem["hint"]) == ("SO-201", hint)


def test_nothing_waits_for_a_person_to_type_orders(door):
    master, terminal = pty.openpty()
    try:
        told = door.process("validate", "-", stdin=terminal)
    finally:
        os.close(master)
        os.close(terminal)
    assert (told.code, told.out) == (2, "")
    assert "standard input is a terminal" in told.err


def test_an_empty_pipe_is_an_empty_input(door):
    told = door("validate", "-", stdin=b"")
    assert told.code == 3
    assert "SO-010" in told.out
