"""`sobatch split`: parts that are the user's bytes, each order once, and nothing left behind when it cannot be done."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offline_orders import FAULTY, good, many, of_lines

from sobatch.core.storage import Disk


def manifest(folder):
    return json.loads(Path(folder, "manifest.json").read_bytes())


def indexes(entry):
    return [at for first, last in entry["ranges"] for at in range(first, last + 1)]


def text_of(path):
    data = Path(path).read_bytes()
    return gzip.decompress(data) if path.name.endswith(".gz") else data


def test_a_split_writes_parts_and_a_manifest_that_tells_all_of_them(door):
    content = [good(2), good(12, transactionType="SR"), good(1), good(3)]
    name = door.file("orders.json", content)
    told = door("split", name, "--out-dir", "parts", "--max-orders", "2", "--output", "json")
    assert (told.code, told.err) == (0, "")
    result = told.document["result"]
    (split,) = result["splits"]
    assert (split["orders"], split["lines"], split["rows"], split["parts"], split["set_aside"]) == (4, 18, 58, 3, None)
    assert [[part[name] for name in ("type", "orders", "lines", "rows", "ranges")] for part in result["parts"]] == [
        ["SO", 2, 3, 11, [[0, 0], [2, 2]]], ["SR", 1, 12, 37, [[1, 1]]], ["SO", 1, 3, 10, [[3, 3]]],
    ]  # fmt: skip
    written = manifest("parts")
    stored = (door.folder / name).read_bytes()
    assert written["source"] == {"name": name, "bytes": len(stored), "sha256": hashlib.sha256(stored).hexdigest()}
    assert {path.name for path in Path("parts").iterdir()} - {each["file"] for each in written["parts"]} == {
        "manifest.json"
    }
    for entry, told_part in zip(written["parts"], result["parts"], strict=True):
        path = Path("parts", entry["file"])
        assert (told_part["file"], told_part["sha256"]) == (str(path), entry["sha256"])
        assert entry["bytes"] == path.stat().st_size
        assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert entry["text_sha256"] == hashlib.sha256(text_of(path)).hexdigest()
        assert json.loads(text_of(path)) == [content[at] for at in indexes(entry)]


def test_the_answer_for_people_ends_with_how_to_prove_it(door):
    told = door("split", door.file("orders.json", many(3)), "--out-dir", "my parts")
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[-3:] == [
        "orders.json: 3 orders, 3 lines, 12 rows in 1 part in my parts",
        "Next:",
        "  sobatch split --verify 'my parts'",
    ]
    (part,) = manifest("my parts")["parts"]
    assert part["file"] in told.out


BLANKS = st.sampled_from(["", " ", "\n", "\r\n\t"])
DRAWN = st.lists(
    st.tuples(
        st.sampled_from(["SO", "SR", "S/../X", "Ö"]), st.integers(1, 12), BLANKS, st.sampled_from(["50.0", "1e2"])
    ),
    min_size=1, max_size=30,
)  # fmt: skip


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=DRAWN, most=st.integers(1, 5), zipped=st.booleans(), ndjson=st.booleans())
def test_every_order_is_in_one_part_byte_for_byte_and_types_are_apart(door, drawn, most, zipped, ndjson):
    raws = []
    for number, (group, lines, blank, price) in enumerate(drawn):
        blank = " " if ndjson else blank
        line = f'{{"productCode":"1","price":{price},"quantity":1,{blank}"glAnalysis":[{{}}]}}'
        raws.append(
            f'{{"transactionType":"{group}","customerId":"1","responsible":"F","salesPerson":"S","externalOrderId":"{number}",'
            f'"orderLines":[{",".join([line] * lines)}]{blank}}}'.encode()
        )
    text = b"\n".join(raws) if ndjson else b"[" + b"\n, ".join(raws) + b"]"
    with tempfile.TemporaryDirectory(dir=door.folder) as folder:
        source, out = Path(folder, "in.json"), Path(folder, "out")
        source.write_bytes(gzip.compress(text) if zipped else text)
        options = ["--out-dir", str(out), "--max-orders", str(most), "--no-gzip" if zipped else "--gzip"]
        assert door("split", str(source), *options).code == 0
        found = {}
        for entry in manifest(out)["parts"]:
            held = indexes(entry)
            assert len(held) <= most and {drawn[at][0] for at in held} == {entry["group"]}
            assert text_of(out / entry["file"]) == b"[" + b",\n".join(raws[at] for at in held) + b"]\n"
            found.update(dict.fromkeys(held, entry["file"]))
        assert sorted(found) == list(range(len(raws)))
        assert door("split", "--verify", str(out)).code == 0


def test_the_same_input_gives_the_same_bytes(door):
    name = door.file("orders.json", many(50))
    for folder in ("one", "two"):
        assert door("split", name, "--out-dir", folder).code == 0
    one, two = ({path.name: path.read_bytes() for path in Path(folder).iterdir()} for folder in ("one", "two"))
    assert one == two


@pytest.mark.parametrize(("options", "suffix"), [([], ".json.gz"), (["--no-gzip"], ".json")])
def test_parts_are_compressed_unless_plain_ones_are_asked_for(door, options, suffix):
    door("split", door.file("orders.json", many(2)), "--out-dir", "parts", *options)
    (part,) = manifest("parts")["parts"]
    assert part["file"] == f"0001-SO-{part['sha256'][:8]}{suffix}"


@pytest.mark.parametrize(("count", "lines"), [(516, 1_000), (50_000, 10)])
def test_what_just_fits_goes_out_in_one_part(door, count, lines):
    text = of_lines(*[lines] * count).replace(b"{}", b'{"productCode":"1","quantity":1,"price":1,"glAnalysis":[{}]}')
    head = b'{"customerId":"1","responsible":"F","salesPerson":"S","transactionType"'
    name = door.file("orders.json", text.replace(b'{"transactionType"', head))
    assert door("split", name, "--skip-workflow", "--out-dir", "one", "--headroom", "0").code == 0
    assert door("split", name, "--skip-workflow", "--out-dir", "two").code == 0
    assert [len(manifest(folder)["parts"]) for folder in ("one", "two")] == [1, 2]
    assert door("split", "--verify", "two").code == 0


def test_limits_make_parts(door):
    name = door.file("orders.json", many(40))
    for option, value in (("--max-orders", "7"), ("--max-rows", "28"), ("--max-bytes", "1500")):
        folder = f"by{option}"
        options = [option, value, "--headroom", "0", "--no-gzip", "--out-dir", folder]
        assert door("split", name, *options).code == 0
        entries = manifest(folder)["parts"]
        assert max(entry["bytes"] for entry in entries) <= (1500 if "bytes" in option else 10**6)
        assert len(entries) == (6 if "bytes" not in option else len(entries)) > 1


def test_an_order_too_heavy_for_any_part_is_refused(door):
    name = door.file("orders.json", [good(), good(notes="x" * 5_000)])
    told = door("split", name, "--out-dir", "parts", "--max-bytes", "1000", "--no-gzip", "-o", "json")
    assert told.code == 3
    assert told.document["error"]["index"] == 1
    assert not Path("parts").exists()


def test_a_pipe_is_split_too(door):
    told = door("split", "-", "--out-dir", "parts", stdin=gzip.compress(json.dumps(many(3)).encode()))
    assert told.code == 0
    assert manifest("parts")["source"]["name"] == "-"
    told = door("split", "--verify", "parts")
    assert told.code == 0
    assert "as in the manifest" in told.out


def test_several_files_get_a_directory_each(door):
    one, two = door.file("one.json", many(2)), door.file("two.json.gz", gzip.compress(json.dumps(many(3)).encode()))
    told = door("split", one, two, "--out-dir", "parts", "--output", "json")
    assert told.code == 0
    assert [split["out_dir"] for split in told.document["result"]["splits"]] == ["parts/one", "parts/two"]
    assert [manifest(f"parts/{name}")["orders"] for name in ("one", "two")] == [2, 3]
    clash = door("split", one, door.file("one.ndjson", many(1)), "--out-dir", "other")
    assert (clash.code, Path("other").exists()) == (2, False)


# ---- what cannot be split ------------------------------------------------------------------------------------------


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
    """The pipe never ends, so the signal comes while it reads."""
    read, write = os.pipe()
    with door.start("split", "-", "--out-dir", "parts", stdin=read) as child:
        os.write(write, b"[" + b" " * 70_000)
        while _unread(read) and child.poll() is None:
            time.sleep(0.01)
        child.send_signal(number)
        error = child.stderr.read()
        os.close(write)
        os.close(read)
    assert child.returncode == 128 + number, error
    assert b"Traceback" not in error
    assert not Path("parts").exists()


def _unread(descriptor):
    import array
    import fcntl
    import termios

    waiting = array.array("i", [0])
    fcntl.ioctl(descriptor, termios.FIONREAD, waiting)
    return waiting[0]


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
