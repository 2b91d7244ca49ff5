"""Input that cannot be sent: each way has its own sentence, a place and a next step; nothing goes out."""

from __future__ import annotations

import gzip
import json
import os

import pytest
from sending_door import order, orders

GOOD = json.dumps(orders(3), indent=1).encode()
TEXT = GOOD.decode()
NESTED = b'[{"notes":' + b"[" * 100_000

# Content, the code of the problem, the words of the sentence, the place (line and column) if there is one.
BROKEN = {
    "nothing at all": (b"", "SO-010", "empty", "1:1"),
    "only blanks": (b" \n\t", "SO-010", "nothing", "1:1"),
    "an empty array": (b"[]", "SO-012", "The array is empty", "1:1"),
    "not JSON": (b"customer;quantity\n1000;1\n", "SO-0", "", "1:1"),
    "a number": (b"12", "SO-0", "", "1:1"),
    "cut short": (GOOD[:-40], "SO-0", "", ""),
    "two arrays glued together": (GOOD + GOOD, "SO-036", "A second array begins", ""),
    "a top-level object": (b'{\n"orders": ' + GOOD + b"}", "SO-011", "one JSON object, not an array", "1:1"),
    "UTF-16": (TEXT.encode("utf-16"), "SO-0", "UTF-16", "1:1"),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, "SO-0", "byte order mark", "1:1"),
    "Latin-1": (GOOD.replace(b"FRED", b"FR\xc9D", 1), "SO-0", "UTF-8", ""),
    "NaN": (GOOD.replace(b"50.0", b"NaN", 1), "SO-035", "NaN is not a value in JSON", "10:14"),
    "orders that are numbers": (b"[1, 2]", "SO-1", "", "1:2"),
    "a nesting bomb": (NESTED, "SO-0", "", ""),
    "a trailing comma": (GOOD.rstrip()[:-1] + b",]", "SO-031", "comma", ""),
}
UNREADABLE = {
    "cut gzip": (gzip.compress(GOOD)[:-12], "SO-017", "cut short"),
    "damaged gzip": (gzip.compress(GOOD)[:60] + b"\x00\xff" * 40 + gzip.compress(GOOD)[-60:], "SO-019", "damaged"),
    "a gzip bomb": (gzip.compress(b"[" + b" " * 150_000_000, 9), "SO-018", "expands more than 500 times"),
}


def check_nothing_happened(door, world):
    assert world.requests() == []
    assert door("status", "--list", "--output", "json").document["result"]["runs"] == []


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_text_that_holds_no_orders(door, pretend, case):
    content, code, words, place = case
    world = pretend()
    told = door("submit", door.file("orders.json", content))
    assert (told.code, told.out) == (3, "")
    first = told.err.splitlines()[0]
    assert f"orders.json:{place}" in first and f"error[{code}" in told.err and words in told.err
    assert "nothing was sent" in told.err and "next: " in told.err
    assert "Traceback" not in told.err
    check_nothing_happened(door, world)


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_programs_are_told_the_same(door, pretend, case):
    content, code, words, _ = case
    pretend()
    told = door("submit", door.file("orders.json", content), "--output", "json")
    problems = [each for each in told.document["error"]["problems"] if each["severity"] == "error"]
    assert told.document["exit_code"] == 3
    assert problems and problems[0]["code"].startswith(code) and words in problems[0]["message"]
    assert problems[0]["line"] >= 1 and problems[0]["column"] >= 1


@pytest.mark.parametrize("case", UNREADABLE.values(), ids=UNREADABLE)
def test_compressed_input_that_cannot_be_read(door, pretend, case):
    content, code, words = case
    world = pretend()
    told = door("submit", door.file("orders.json.gz", content), "--output", "json")
    assert (told.code, told.document["error"]["code"]) == (3, code)
    assert words in told.document["error"]["message"] and "bytes of text" in told.document["error"]["message"]
    assert told.document["error"]["next_step"]
    check_nothing_happened(door, world)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere.json", "there is no file"),
        (".", "is a directory"),
        ("*.nope", "no file matches"),
    ],
)
def test_a_file_that_cannot_be_opened(door, pretend, name, words):
    world = pretend()
    told = door("submit", name)
    assert (told.code, told.out) == (2, "")
    assert words in told.err and "next: " in told.err
    check_nothing_happened(door, world)


def test_one_file_that_is_not_there_keeps_all_from_being_sent(door, pretend):
    world = pretend()
    assert door("submit", door.file("orders.json", orders(1)), "nowhere.json").code == 2
    check_nothing_happened(door, world)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="who may read everything cannot be refused")
def test_a_file_without_rights(door, pretend):
    world = pretend()
    name = door.file("orders.json", orders(1))
    os.chmod(name, 0)
    told = door("submit", name)
    assert told.code == 2
    assert "cannot be read" in told.err
    check_nothing_happened(door, world)


class Changing:
    """Rewrites a file once the check has read it to its end, before it is staged."""

    def __init__(self, door, name, content):
        self.door, self.name, self.content = door, name, content

    def __call__(self, *arguments, **options):
        self.door.file(self.name, self.content)
        return self.staged(*arguments, **options)


@pytest.mark.parametrize("changed", [orders(4), orders(2), [order(customerId="2000")], b"[", b""], ids=repr)
def test_a_file_that_changes_between_check_and_send(door, pretend, monkeypatch, changed):
    world = pretend()
    name = door.file("orders.json", orders(3))
    from sobatch.lifecycle import submit

    change = Changing(door, name, changed)
    change.staged = submit._stage
    monkeypatch.setattr(submit, "_stage", change)
    told = door("submit", name, "--output", "json")
    assert (told.code, told.document["error"]["code"]) == (3, "SO-021")
    assert "changed" in told.document["error"]["message"] and told.document["error"]["next_step"]
    check_nothing_happened(door, world)


def test_a_file_that_changes_and_hides_it_between_check_and_send(door, pretend, monkeypatch):
    """The same size and the same time of change: only its bytes tell."""
    world = pretend()
    name = door.file("orders.json", orders(3))
    from sobatch.lifecycle import submit

    path, staged = door.folder / name, submit._stage

    def changed(*arguments, **options):
        before = path.stat()
        content = path.read_bytes()
        path.write_bytes(content.replace(b"FRED", b"ERIC", 1))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return staged(*arguments, **options)

    monkeypatch.setattr(submit, "_stage", changed)
    told = door("submit", name, "--output", "json")
    assert b"ERIC" in path.read_bytes()
    assert (told.code, told.document["error"]["code"]) == (3, "SO-021")
    check_nothing_happened(door, world)


def test_a_file_that_changes_while_it_is_checked_through_a_pipe(door, pretend):
    """What came through a pipe cannot change: the copy that was checked is what is sent."""
    world = pretend()
    with door.start("submit", "-", "--output", "json", stdin=-1) as child:
        child.stdin.write(GOOD[:200])
        child.stdin.flush()
        child.stdin.write(GOOD[200:])
        child.stdin.close()
        child.stdin = None
        child.communicate(timeout=60)
    assert child.returncode == 0
    assert len(world.created()) == 3


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_is_sent_all_the_same(door, pretend):
    pretend()
    name = os.fsdecode(b"d\xff.json")
    os.rename(door.folder / door.file("orders.json", orders(2)), door.folder / name)
    told = door("submit", name, "--output", "json")
    assert told.code == 0, told.err
    assert told.run["ledger"]["created"] == 2


@pytest.mark.parametrize("command", [("submit",), ("submit", "--set-aside-invalid"), ("split", "--set-aside-invalid")])
def test_a_note_that_the_profile_makes_an_error_stops_as_one(door, pretend, command):
    """A shared reference is a remark on the file as a whole: no order can be set aside for it."""
    world = pretend()
    name = door.file("orders.json", json.dumps([{**each, "externalReference": "PO-1"} for each in orders(3)]).encode())
    out = ("--out-dir", "parts") if command[0] == "split" else ()
    noted = door(*command, name, *out, "--dry-run") if command[0] == "submit" else door(*command, name, *out)
    assert noted.code == 0
    door.file("sobatch.toml", b'[profiles.default.severity]\nSO-217 = "error"\n')
    told = door(*command, name, *out, *(("--force",) if out else ()), "--output", "json")
    assert (told.code, told.document["error"]["code"]) == (3, "invalid")
    assert [each["code"] for each in told.document["error"]["problems"] if each["severity"] == "error"] == ["SO-217"]
    check_nothing_happened(door, world)
