"""Standard output is the answer and nothing else; standard error is the rest. The same for every online command."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys

import pytest
from sending_door import order, orders

from sobatch.sandbox import Fault

COLOUR = "\x1b["
BAD = {"customerId": "9999"}


def submitted(door, pretend, *faults, content=None, flags=(), **options):
    """A pretend ERP and one run in it."""
    pretend(*faults, **options)
    door("submit", door.file("orders.json", content or orders(3)), *flags)


def nothing(door, pretend):
    """Not even a pretend ERP."""


def some_rejected(door, pretend):
    submitted(door, pretend, content=[order(), order(**BAD)])


def running(door, pretend):
    submitted(door, pretend, flags=["--no-wait"], start_delay=600)
    door.hurry()


def unreachable(door, pretend):
    running(door, pretend)
    door.set(SOBATCH_TOKEN_URL="http://127.0.0.1:9/token")


def elsewhere(door, pretend):
    running(door, pretend)
    pretend()


def doubtful(door, pretend):
    submitted(door, pretend, Fault("submit", "close", saved=True), list_enabled=False)


def forbidden(door, pretend):
    running(door, pretend)
    door.set(SOBATCH_CLIENT_SECRET="wrong")


def damaged(door, pretend):
    submitted(door, pretend)
    (door.state / "journal.sqlite").write_bytes(b"not a database at all" * 100)


def newer(door, pretend):
    submitted(door, pretend)
    with sqlite3.connect(door.state / "journal.sqlite") as journal:
        journal.execute("UPDATE meta SET value = '99' WHERE key IN ('version', 'min_reader')")
    journal.close()


ANSWERS = [
    (nothing, ["status", "--list"], 0),
    (submitted, ["submit", "orders.json"], 0),
    (some_rejected, ["submit", "orders.json"], 4),
    (submitted, ["submit", "orders.json", "--dry-run", "--run-key", "again"], 0),
    (running, ["submit", "orders.json", "--timeout", "2m"], 8),
    (doubtful, ["submit", "orders.json"], 10),
    (submitted, ["status"], 0),
    (running, ["status", "--exit-code"], 8),
    (doubtful, ["status", "--exit-code"], 10),
    (unreachable, ["status"], 0),
    (submitted, ["status", "--list"], 0),
    (submitted, ["status", "--remote"], 0),
    (submitted, ["status", "--prune", "0s", "--yes"], 0),
    (submitted, ["status", "--export"], 0),
    (some_rejected, ["results"], 0),
    (submitted, ["results", "--type", "created"], 0),
    (unreachable, ["results", "--type", "all"], 0),
    (elsewhere, ["status"], 0),
    (elsewhere, ["results"], 0),
    (running, ["cancel"], 9),
]
FAILURES = [
    (nothing, ["submit", "orders.json"], 2),
    (nothing, ["status"], 2),
    (nothing, ["results"], 2),
    (nothing, ["cancel"], 2),
    (nothing, ["resolve", "x", "1"], 2),
    (nothing, ["status", "--remote"], 2),
    (nothing, ["status", "--no-such-option"], 2),
    (nothing, ["results", "--type", "wrong"], 2),
    (nothing, ["no-such-command"], 2),
    (nothing, ["status", "--config", "nowhere.toml"], 2),
    (nothing, ["cancel", "--timeout", "soon"], 2),
    (submitted, ["status", "no-such-run"], 2),
    (doubtful, ["resolve", "2", "1"], 2),
    (doubtful, ["resolve", "2", "1", "--abandon"], 2),
    (submitted, ["submit", "nowhere.json"], 2),
    (submitted, ["submit", "orders.json", "--ignore", "SO-999"], 2),
    (elsewhere, ["cancel"], 2),
    (forbidden, ["status", "--remote"], 6),
    (forbidden, ["cancel"], 6),
    (unreachable, ["status", "--remote"], 7),
    (unreachable, ["cancel"], 7),
    *[(state, [command], 12) for state in (damaged, newer) for command in ("status", "results", "cancel")],
    (damaged, ["submit", "orders.json"], 12),
    (damaged, ["status", "--list"], 12),
]


def named(case):
    return case.__name__ if callable(case) else " ".join(case) if isinstance(case, list) else str(case)


@pytest.mark.parametrize(("state", "words", "code"), ANSWERS, ids=named)
def test_an_answer_is_one_document(door, pretend, state, words, code):
    state(door, pretend)
    told = door(*words, "--output", "json")
    document = told.document
    assert (told.code, document["exit_code"]) == (code, code), told.err
    assert list(document)[:3] == ["schema_version", "command", "result"]
    assert (document["schema_version"], document["command"]) == (1, words[0])
    assert (document["error"] is not None) == ("submit" in words and code in (8, 10))


@pytest.mark.parametrize(("state", "words", "code"), FAILURES, ids=named)
def test_a_failure_is_one_document_and_a_sentence(door, pretend, state, words, code):
    state(door, pretend)
    told = door(*words, "--output", "json")
    document = told.document
    assert (told.code, document["exit_code"]) == (code, code), told.err
    assert (document["command"], document["result"]) == (words[0], None)
    assert document["error"]["message"] and document["error"]["kind"]
    assert document["error"]["message"].split("\n")[0] in told.err
    assert document["error"]["next_step"] and "next: " in told.err


@pytest.mark.parametrize(("state", "words", "code"), ANSWERS + FAILURES, ids=named)
def test_every_line_is_an_object_and_the_last_is_the_result(door, pretend, state, words, code):
    state(door, pretend)
    told = door(*words, "--output", "ndjson")
    last = told.lines[-1]
    assert (told.code, last["type"], last["exit_code"]) == (code, "result", code)
    assert all(line["type"] != "result" for line in told.lines[:-1])


@pytest.mark.parametrize(("state", "words", "code"), FAILURES, ids=named)
def test_a_failure_in_words_leaves_standard_output_empty(door, pretend, state, words, code):
    state(door, pretend)
    told = door(*words)
    assert (told.code, told.out) == (code, "")
    assert "error" in told.err and "next: " in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize(("state", "words", "code"), ANSWERS, ids=named)
def test_an_answer_in_words_is_on_standard_output_without_colour(door, pretend, state, words, code):
    state(door, pretend)
    told = door(*words)
    assert told.code == code
    assert told.out
    assert COLOUR not in told.out + told.err


def test_a_reader_who_leaves_early_is_no_error(door, pretend):
    submitted(door, pretend, content=orders(1500))
    for form in ("text", "json", "ndjson"):
        with door.start("results", "--type", "all", "--output", form) as child:
            child.stdout.readline()
            child.stdout.close()
            err = child.stderr.read()
        assert (child.returncode, err) == (0, b""), form


def test_head_in_a_shell_is_clean(door, pretend):
    submitted(door, pretend, content=orders(1500))
    line = f"{sys.executable} -m sobatch results --type created | head -1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, timeout=60, env=door.environment, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"orders\.json:2:2: created as 21000001 /0\n", done.stdout)


def test_a_closed_standard_output_does_not_stop_a_submit(door, pretend):
    world = pretend()
    name = door.file("orders.json", orders(2))
    line = f"{sys.executable} -m sobatch submit {name} >&- 2>&-"
    done = subprocess.run(["sh", "-c", line], timeout=60, env=door.environment)
    assert done.returncode == 0
    assert len(world.created()) == 2


def test_colour_is_never_in_json_and_always_in_words_when_asked_for(door, pretend):
    submitted(door, pretend)
    assert COLOUR in door("status", "--color", "always").out
    assert COLOUR not in door("status", "--color", "always", "--output", "json").out
    assert COLOUR in door("status", "nowhere", "--color", "always").err
    assert COLOUR not in door("status", "nowhere", "--color", "never").err
