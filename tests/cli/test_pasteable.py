"""A command that a message advises can be pasted as it stands, whatever the file is called."""

from __future__ import annotations

import re
import shlex

import pytest
from offline_orders import good, many
from sending_door import orders

from sobatch.sandbox import Fault

NAMES = ["orders.json", "-x.json", "--yes", "-o x.json", "it's.json"]
by_name = pytest.mark.parametrize("name", NAMES)
_COMMAND = re.compile(r"(sobatch (?:validate|submit|split) .*?)(?: shows every|   #|$)", re.MULTILINE)


def advised(text):
    """The words of the one command in a text."""
    (found,) = {match[1] for match in _COMMAND.finditer(text)}
    return shlex.split(found)[1:]


@by_name
def test_after_a_check_the_next_command_names_the_file(door, name):
    pretty = door("validate", "--", door.file(name, many(3)))
    command, *words = advised(pretty.out)
    assert door(command, "--sandbox", "--dry-run", *words).code == 0
    faulty = door("validate", "--", door.file(name, [good(), good(customerId=7, externalOrderId="WEB-2")]))
    told = door(*advised(faulty.out))
    assert told.code == 3 and "1 order" in told.out
    assert len(list(door.folder.glob("*.valid.json"))) == 1


@by_name
def test_after_counting_the_next_command_checks_the_file(door, name):
    told = door("estimate-rows", "--", door.file(name, many(3)))
    assert door(*advised(told.out)).code == 0


@by_name
@pytest.mark.parametrize("words", [("split", "--out-dir", "parts"), ("submit", "--sandbox")], ids=str)
def test_an_error_names_the_command_that_shows_every_place(door, name, words):
    told = door(*words, "--", door.file(name, [good(), good(customerId=7, externalOrderId="WEB-2")]))
    shown = door(*advised(told.err))
    assert (told.code, shown.code) == (3, 3) and "customerId is a number" in shown.out


@by_name
def test_a_run_that_stopped_goes_on_with_the_command_it_names(door, pretend, name):
    pretend(Fault("submit", "throttle", nth=2, retry_after="900"))
    words = (
        "submit",
        "--max-orders",
        "1",
        "--run-key",
        "w 47",
        "--set-aside-invalid",
        "--",
        door.file(name, orders(3)),
    )
    assert door(*words).code == 7
    status = door("status")
    done = door(*advised(status.out))
    assert (done.code, "goes on" in status.out, "created 3" in done.out) == (0, True, True)


@pytest.mark.parametrize(
    ("faults", "options", "flags", "code"),
    [
        ([Fault("submit", "close")], {"list_enabled": False}, (), 10),
        ([Fault("submit", "throttle", retry_after="900")], {}, (), 7),
        ([Fault("submit", "error", status=403)], {}, (), 6),
        ([], {"start_delay": 600}, ("--timeout", "0.1s"), 8),
    ],
    ids=["unknown", "throttled", "refused", "running"],
)
def test_under_an_error_the_advice_stands_once(door, pretend, faults, options, flags, code):
    pretend(*faults, **options)
    told = door("submit", door.file("orders.json", orders(2)), *flags)
    assert told.code == code
    assert "next: " in told.err and "next: " not in told.out
    commands = re.findall(r"sobatch [a-z]+(?: --company-id EN)? [0-9]{8}-\S+", told.err)
    assert len(commands) == len(set(commands)) and all("--company-id EN" in each for each in commands)
    if code == 10:
        run = told.out.split()[1]
        assert f"next: sobatch status --company-id EN {run}   # looks again; then, if need be:\n" in told.err
        assert f"next: sobatch resolve --company-id EN {run} 1   # with --accepted ID" in told.err
