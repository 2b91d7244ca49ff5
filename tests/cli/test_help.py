"""The help of every command, as a person reads it in a terminal of 100 columns."""

from __future__ import annotations

import re

import pytest

from sobatch.cli.main import COMMANDS
from sobatch.work.declared import erps


@pytest.fixture(autouse=True)
def plain(door):
    door.set(COLUMNS="100", NO_COLOR="1", TERM="xterm")


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_is_as_it_was(door, command, snapshot):
    told = door(*([command] if command else []), "--help")
    assert (told.code, told.err) == (0, "")
    assert max(map(len, told.out.splitlines())) <= 100
    # Another ERP is a line of its table, and no change here.
    those = r",\s+".join(erps())
    named = re.sub(rf"Which ERP: {those}\.", "Which ERP: all that there are.", told.out)
    snapshot.assert_match(named, f"{command or 'sobatch'}.txt")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_opens_with_examples_that_are_commands(door, command):
    out = door(command, "--help").out
    before, after = out.split("Examples:\n", 1)
    assert len(before.splitlines()) == 5, "nothing but the usage and one sentence stands before them"
    named = re.findall(r"\bsobatch ([a-z-]+)([^|\n]*)", after.split("\n\n", 1)[0])
    assert command in {name for name, _ in named}
    for name, rest in named:
        known = set(re.findall(r"--?[a-z][a-z-]*", door(name, "--help").out.split("Options:")[1]))
        assert set(re.findall(r" (--?[a-z][a-z-]*)", rest)) <= known, rest


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("rest", [["--nonsense"], ["--output", "yaml"], ["a", "b", "c", "--", "-d"]])
def test_every_command_refuses_what_it_does_not_know_with_2_and_a_next_step(door, command, rest):
    told = door(command, *rest)
    assert (told.code, told.out) == (2, "")
    assert "error: " in told.err and "next: " in told.err


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["--nonsense"], ["validat"]])
def test_no_command_or_an_unknown_one_ends_with_2_and_says_what_to_do(door, arguments):
    told = door(*arguments)
    assert told.code == 2
    assert "next: sobatch --help" in told.err


def test_an_almost_right_command_is_guessed(door):
    assert "validate" in door("validat").err
