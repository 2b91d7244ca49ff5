"""`sobatch split` where it cannot be done: the exit code says why, and nothing is left behind."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from offline_orders import FAULTY, good, many, signalled

from sobatch.core.cut.storage import Disk


@pytest.mark.parametrize("form", ["text", "json", "ndjson"])
def test_invalid_input_ends_with_3_and_leaves_nothing_behind(door, form):
    good_name, name = door.file("good.json", many(2)), door.file("orders.json", FAULTY)
    told = door("split", good_name, name, "--out-dir", "deep/parts", "--output", form)
    assert told.code == 3
    assert sorted(path.name for path in door.folder.iterdir()) == ["good.json", "orders.json"]
    if form == "text":
        assert told.out == ""
        assert "orders.json:6:45: error[SO-108]" in told.err
    else:
        error = told.lines[-1]["error"]
        assert "SO-108" in {each["code"] for each in error["problems"]}
    assert "3 errors; nothing was written" in told.err


@pytest.mark.parametrize("text", [b"", b"[]", b"[{]", b"{}", b'[{"customerId": 1}', b"\xff\xfe[\x00", b"\x1f\x8b\x08"])
def test_text_that_is_no_array_of_orders_is_not_split_even_in_part(door, text):
    told = door("split", door.file("orders.json", text), "--out-dir", "parts", "--set-aside-invalid")
    assert (told.code, Path("parts").exists()) == (3, False)
    assert "nothing was written" in told.err


def test_bad_orders_can_be_set_aside(door):
    name = door.file("orders.json", FAULTY)
    told = door("split", name, "--out-dir", "parts", "--set-aside-invalid", "--output", "json")
    assert told.code == 4
    (split,) = told.document["result"]["splits"]
    assert split["set_aside"] == {"file": "parts/set-aside.json", "orders": 2}
    aside = json.loads(Path("parts/set-aside.json").read_bytes())
    assert [order["externalOrderId"] for order in aside] == ["WEB-1", "WEB-2"]
    assert door("split", "--verify", "parts").code == 0
    assert door("split", "parts/set-aside.json", "--out-dir", "again", "--set-aside-invalid").code == 3


def test_a_directory_that_holds_files_is_refused_without_force(door):
    name = door.file("orders.json", many(3))
    Path("parts").mkdir()
    assert door("split", name, "--out-dir", "parts").code == 0, "an empty directory is free"
    before = {path.name: path.read_bytes() for path in Path("parts").iterdir()}
    refused = door("split", name, "--out-dir", "parts")
    assert (refused.code, refused.out) == (2, "")
    assert "not empty" in refused.err and "--force" in refused.err
    assert {path.name: path.read_bytes() for path in Path("parts").iterdir()} == before


def test_force_replaces_the_parts_and_keeps_other_files(door):
    door("split", door.file("orders.json", many(9)), "--out-dir", "parts", "--max-orders", "2")
    Path("parts", "notes.txt").write_text("mine")
    Path("parts", ".sobatch-split-1").mkdir()
    assert door("split", door.file("other.json", many(2)), "--out-dir", "parts", "--force").code == 0
    assert len(list(Path("parts").iterdir())) == 3
    assert Path("parts", "notes.txt").read_text() == "mine"
    assert door("split", "--verify", "parts").code == 0


def test_the_input_is_never_in_the_directory_that_is_written(door):
    door("split", door.file("orders.json", many(9)), "--out-dir", "parts", "--max-orders", "2")
    part = next(path for path in Path("parts").iterdir() if path.name.startswith("0001"))
    told = door("split", str(part), "--out-dir", "parts", "--force")
    assert (told.code, part.exists()) == (2, True)


def test_a_file_that_changes_between_check_and_split_is_refused(door, monkeypatch):
    name = door.file("orders.json", many(3))
    before = Disk.folder

    def folder(self, path):
        before(self, path)
        (door.folder / name).write_bytes(json.dumps(many(4)).encode())

    monkeypatch.setattr(Disk, "folder", folder)
    told = door("split", name, "--out-dir", "parts", "--output", "json")
    assert (told.code, told.document["error"]["code"]) == (3, "SO-021")
    assert not Path("parts").exists()


@pytest.mark.parametrize("step", ["folder", "create", "sync", "rename"])
@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_a_full_disk_ends_with_12_and_leaves_nothing_behind(door, monkeypatch, step, fails_at):
    """The first, second, third such operation fails; a split of two types and two files has at least three of each."""
    before, count = getattr(Disk, step), 0

    def full(self, *arguments):
        nonlocal count
        count += 1
        if count == fails_at:
            raise OSError(28, "No space left on device")
        return before(self, *arguments)

    one = door.file("one.json", [good(), good(transactionType="SR"), good(customerId=7)])
    two = door.file("two.json", [good(), good(transactionType="SR")])
    monkeypatch.setattr(Disk, step, full)
    options = ["--out-dir", "parts", "--set-aside-invalid", "--no-gzip", "--output", "json"]
    told = door("split", one, two, *options)
    assert told.code == 12
    assert told.document["error"]["kind"] == "storage"
    assert "No space left on device" in told.err
    assert sorted(path.name for path in door.folder.iterdir()) == ["one.json", "two.json"]


def test_a_directory_that_may_not_be_written_ends_with_12(door):
    told = door("split", door.file("orders.json", many(1)), "--out-dir", "/proc/self/parts")
    assert (told.code, told.out) == (12, "")
    assert "/proc/self/parts cannot be written" in told.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(door, number):
    code, error = signalled(door, number, "split", "-", "--out-dir", "parts")
    assert code == 128 + number, error
    assert b"Traceback" not in error
    assert list(door.folder.iterdir()) == []


@pytest.mark.parametrize("arguments", [
    [], ["orders.json"], ["--out-dir", "parts"], ["orders.json", "--out-dir"], ["absent.json", "--out-dir", "parts"],
    ["orders.json", "--out-dir", "orders.json"], ["orders.json", "--out-dir", "orders.json/parts"],
    ["orders.json", "--out-dir", "parts", "--headroom", "2"],
    ["orders.json", "--out-dir", "parts", "--max-orders", "0"], ["orders.json", "--out-dir", "parts", "--gzip=9"],
    ["orders.json", "--out-dir", "parts", "--verify", "parts"], ["--verify", "absent"], ["--verify", "orders.json"],
    ["orders.json", "--out-dir", "parts", "--ignore", "SO-999"],
])  # fmt: skip
def test_every_usage_error_ends_with_2_and_says_what_to_do(door, arguments):
    door.file("orders.json", many(1))
    told = door("split", *arguments)
    assert (told.code, told.out) == (2, "")
    assert "error: " in told.err and "next: " in told.err
    assert [path.name for path in door.folder.iterdir()] == ["orders.json"]
    machine = door("split", *arguments, "-o", "json")
    if arguments[-1:] != ["--out-dir"]:
        assert machine.document["error"]["kind"] == "usage"
