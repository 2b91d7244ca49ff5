"""The streams of the offline commands: a lost reader is no error, and prose has colour only when told to."""

from __future__ import annotations

import os

import pytest
from offline_orders import FAULTY, many

COMMANDS = {
    "estimate-rows": ["estimate-rows", "good.json"],
    "split": ["split", "good.json", "--out-dir", "parts"],
    "verify": ["split", "--verify", "made"],
    "explain": ["explain", "--list"],
    "config": ["config", "show"],
    "validate": ["validate", "good.json"],
}


@pytest.fixture(autouse=True)
def files(door):
    door.file("good.json", many(5))
    door.file("faulty.json", FAULTY)
    assert door("split", "good.json", "--out-dir", "made").code == 0


@pytest.mark.parametrize("form", ["text", "json", "ndjson"])
@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_reader_that_left_before_the_answer_is_no_error(door, arguments, form):
    read, write = os.pipe()
    os.close(read)
    told = door.process(*arguments, "--output", form, stdout=write)
    os.close(write)
    assert (told.code, told.err) == (0, "")


@pytest.mark.parametrize("form", ["text", "json", "ndjson"])
def test_what_was_found_before_the_reader_left_still_counts(door, form):
    read, write = os.pipe()
    os.close(read)
    told = door.process("validate", "faulty.json", "--output", form, stdout=write)
    os.close(write)
    assert (told.code, told.err) == (3, "")


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_every_answer_is_one_strict_document_and_one_line_at_least_in_ndjson(door, arguments):
    document = door(*arguments, "--output", "json").document
    assert (document["command"], document["exit_code"], document["error"]) == (arguments[0], 0, None)
    if arguments[0] == "split" and "--out-dir" in arguments:
        arguments = [*arguments, "--force"]
    last = door(*arguments, "--output", "ndjson").lines[-1]
    assert (last["type"], last["command"], last["exit_code"]) == ("result", arguments[0], 0)


@pytest.mark.parametrize("arguments", [*COMMANDS.values(), ["validate", "faulty.json"]], ids=[*COMMANDS, "faulty"])
def test_colour_is_for_those_who_ask_and_changes_no_word(door, arguments):
    plain = door(*arguments)
    if "--out-dir" in arguments:
        arguments = [*arguments, "--force"]
    coloured = door(*arguments, "--color", "always").out
    assert "\x1b" not in plain.out
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[33m"):
        coloured = coloured.replace(code, "")
    assert coloured == plain.out


def test_quiet_and_progress_never_touch_standard_output(door):
    wanted = door("validate", "faulty.json").out
    for options in (["--quiet"], ["--progress", "plain"], ["--progress", "json"], ["--progress", "none"]):
        assert door("validate", "faulty.json", *options).out == wanted
