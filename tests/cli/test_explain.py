"""`sobatch explain`: every code has a page that a person can act on."""

from __future__ import annotations

import pytest

from sobatch.erp import codes


def test_every_page_is_as_it_was(door, snapshot):
    pages = []
    for code in codes():
        told = door("explain", code)
        assert (told.code, told.err) == (0, "")
        pages.append(told.out)
    snapshot.assert_match(("\n" + "-" * 88 + "\n\n").join(pages), "pages.txt")


def test_the_list_is_as_it_was(door, snapshot):
    told = door("explain", "--list")
    assert (told.code, told.err) == (0, "")
    snapshot.assert_match(told.out, "list.txt")
    assert [line.split()[0] for line in told.out.splitlines()] == list(codes())


@pytest.mark.parametrize("word", ["SO-104", "so-104", "104", "so104", "SO 104", " SO_104 "])
def test_a_code_is_known_however_it_is_written(door, word):
    assert door("explain", word).out == door("explain", "SO-104").out


def test_programs_get_the_same(door):
    page = door("explain", "SO-104", "--output", "json").document["result"]
    assert list(page) == ["code", "title", "severity", "meaning", "rule", "example", "fix"]
    listed = door("explain", "--list", "--output", "json").document["result"]["codes"]
    assert [entry["code"] for entry in listed] == list(codes())
    assert page in listed
    *lines, last = door("explain", "--list", "--output", "ndjson").lines
    assert lines == [{"type": "code", **entry} for entry in listed]
    assert last["exit_code"] == 0


def test_colour_only_when_it_is_asked_for(door):
    assert "\x1b" not in door("explain", "SO-104").out
    assert "\x1b[1mSO-104  Wrong type\x1b[0m" in door("explain", "SO-104", "--color", "always").out


@pytest.mark.parametrize(("arguments", "words"), [
    ([], "name one code, or ask for --list"), (["SO-104", "--list"], "name one code"),
    (["SO-1O4"], "SO-104"), (["nonsense"], "sobatch explain --list"), (["SO-104", "SO-105"], "SO-105"),
    (["SO-104", "--output", "sarif"], "sarif"), (["--nonsense"], "--nonsense"),
])  # fmt: skip
def test_every_usage_error_ends_with_2_and_says_what_to_do(door, arguments, words):
    told = door("explain", *arguments)
    assert (told.code, told.out) == (2, "")
    assert words in told.err and "next: " in told.err


def test_every_code_a_problem_can_have_is_explained_by_the_command_the_validator_names(door):
    name = door.file("orders.json", b'[{"customerId": 1,}]')
    told = door("validate", name)
    assert told.out.splitlines()[-1] == "  sobatch explain SO-031"
    assert door(*told.out.split()[-2:]).code == 0
