"""`sobatch split`: parts that are the user's bytes, each order once, and nothing left behind when it cannot be done."""

from __future__ import annotations

import gzip
import hashlib
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offline_orders import good, many, of_lines


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
    assert [[part[name] for name in ("group", "orders", "lines", "rows", "ranges")] for part in result["parts"]] == [
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
            f'{{"transactionType":"{group}","customerId":"1","responsible":"F","salesPerson":"S",'
            f'"externalOrderId":"{number}","orderLines":[{",".join([line] * lines)}]{blank}}}'.encode()
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
