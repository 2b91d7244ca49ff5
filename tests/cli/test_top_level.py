"""The program itself: its version, its help, words it does not know, and where it says so."""

from __future__ import annotations

import importlib.metadata
import re

import pytest

from sobatch import __version__
from sobatch.cli.main import EXIT_CODES

COMMANDS = [
    "validate",
    "estimate-rows",
    "split",
    "submit",
    "status",
    "results",
    "cancel",
    "resolve",
    "explain",
    "config",
    "sandbox",
]


def test_the_version(door):
    told = door("--version")
    assert (told.code, told.out, told.err) == (0, f"sobatch {__version__}\n", "")


def test_the_help_lists_commands_and_every_exit_code(door):
    told = door("--help")
    assert told.code == 0
    listed = re.findall(r"^  ([a-z-]+)  +\S", told.out.partition("Commands:")[2], re.MULTILINE)
    assert listed == COMMANDS
    codes = [int(code) for code in re.findall(r"^ +(\d+)(?=[ ,])", EXIT_CODES, re.MULTILINE)]
    assert codes == [*range(13), 129]
    assert all(line.strip() in told.out for line in EXIT_CODES.splitlines()[2:])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples(door, command):
    told = door(command, "--help")
    assert (told.code, told.err) == (0, "")
    assert f"Usage: sobatch {command}" in told.out
    examples = re.findall(rf"^ +(.*sobatch {command}\b.*)$", told.out.partition("Examples:")[2], re.MULTILINE)
    assert examples
    assert door(command, "-h").out == told.out


def test_nothing_at_all_shows_the_help_and_is_a_usage_error(door):
    told = door()
    assert told.code == 2
    assert "no command is given" in told.err and "sobatch --help" in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sumbit", "orders.json"], "submit"),
        (["status", "--lst"], "--list"),
        (["submit", "--sandbx", "x"], "--sandbox"),
        (["results", "--type", "creatd"], "'created'"),
        (["status", "--output", "yaml"], "'ndjson'"),
    ],
)
def test_a_slip_is_answered_with_what_was_probably_meant(door, words, said):
    told = door(*words)
    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_the_installed_command_is_this_program():
    scripts = importlib.metadata.entry_points(group="console_scripts")
    found = [entry.value for entry in scripts if entry.name == "sobatch"]
    if not found:
        pytest.skip("the package is not installed here")
    assert found == ["sobatch.cli.main:entry_point"]


def test_the_module_is_the_same_program(door):
    told = door.process("--version")
    assert (told.code, told.out) == (0, f"sobatch {__version__}\n")
    told = door.process("status", "--output", "json", env={"SOBATCH_STATE_DIR": str(door.state)})
    assert told.code == told.document["exit_code"] == 2
