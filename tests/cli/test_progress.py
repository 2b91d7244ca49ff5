"""Progress: bars where a person watches, plain lines elsewhere, events for programs, and silence on demand."""

from __future__ import annotations

import json
import os
import re
import sys

import pytest
from sending_door import order, orders

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

ESCAPE = "\x1b["
PAINT = re.compile(r"\x1b\[[0-9;]*[1-9][0-9;]*m")


def watched(door, *words, **env):
    """Standard error of a command whose standard error is a terminal."""
    mine, theirs = os.openpty()
    with door.start(*words, stderr=theirs, env={"TERM": "xterm-256color", "COLUMNS": "100", **env}) as child:
        os.close(theirs)
        seen = b""
        while True:
            try:
                more = os.read(mine, 4096)
            except OSError:
                break
            seen += more
            if not more:
                break
        out = child.stdout.read()
    os.close(mine)
    assert child.returncode == 0, seen
    return out.decode(), seen.decode()


def test_a_person_at_a_terminal_sees_bars_and_the_terminal_is_left_as_it_was(door, pretend):
    pretend(start_delay=0.3)
    out, err = watched(door, "submit", door.file("orders.json", orders(3)))
    assert "Part 1 pending" in err and "of 3 orders" in err
    assert err.count(ESCAPE + "?25l") == err.count(ESCAPE + "?25h") >= 1
    assert ESCAPE not in out and "(adds up)" in out


@pytest.mark.parametrize(
    ("flags", "env", "coloured"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        (["--color", "never"], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ],
)
def test_colour_follows_the_flag_then_the_environment(door, pretend, flags, env, coloured):
    pretend()
    _, err = watched(door, "submit", door.file("orders.json", orders(1)), *flags, **env)
    assert bool(PAINT.search(err)) is coloured


def test_a_dumb_terminal_gets_plain_lines(door, pretend):
    pretend()
    _, err = watched(door, "submit", door.file("orders.json", orders(1)), TERM="dumb")
    assert ESCAPE not in err
    assert "Part 1: 1 created, 0 rejected" in err


@pytest.mark.parametrize("flags", [[], ["--progress", "plain"]])
def test_without_a_terminal_there_is_a_line_for_what_matters(door, pretend, flags):
    world = pretend()
    told = door("submit", door.file("orders.json", [*orders(2), order(transactionType="XX")]), *flags)
    lines = told.err.splitlines()
    ids = [each.id for each in world.batches()]
    assert ESCAPE not in told.err and "\r" not in told.err
    assert lines[0] == "3 warnings in orders.json; all of them: sobatch validate orders.json"
    assert re.fullmatch(r"Run \d{8}-\d{6}-[a-z]{4}: 3 orders in 2 parts, 12 rows", lines[1])
    assert lines[3:] == [
        f"Part 1 was accepted as {ids[0]}",
        "Part 1: 2 created, 0 rejected",
        f"Part 2 was accepted as {ids[1]}",
        "Part 2: 1 created, 0 rejected",
    ]


def test_programs_get_events(door, pretend):
    pretend()
    told = door("submit", door.file("orders.json", orders(2)), "--progress", "json")
    events = [json.loads(line) for line in told.err.splitlines()]
    assert {each["event"] for each in events} >= {"reading", "planned", "sending", "accepted", "following", "settled"}
    (settled,) = [each for each in events if each["event"] == "settled"]
    assert (settled["orders"], settled["created"], settled["rejected"]) == (2, 2, 0)


@pytest.mark.parametrize("flags", [["--progress", "none"], ["--quiet"]])
def test_silence_is_silence_while_all_is_well(door, pretend, flags):
    pretend()
    told = door("submit", door.file("orders.json", orders(2)), *flags)
    assert (told.code, told.err) == (0, "")


def test_silence_does_not_hide_a_warning(door, pretend):
    pretend(max_rows=10)
    told = door("submit", door.file("orders.json", orders(4)), "--quiet")
    assert told.code == 0
    assert told.err.startswith("warning: Part 1: too many rows for one call")
