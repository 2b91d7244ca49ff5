"""`sobatch split --verify` believes nothing: whatever is lost, doubled, moved or changed in a split is found."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest
from offline_orders import FAULTY, good, many

CONTENT = [good(externalOrderId=f"W{at}", transactionType="SO" if at % 3 else "SR") for at in range(20)]


@pytest.fixture
def parts(door):
    """A split of twenty orders into nine parts of two types, and one file of orders that were set aside."""
    content = [order | ({"customerId": 7} if at in (4, 5, 11) else {}) for at, order in enumerate(CONTENT)]
    door.file("orders.json", content)
    options = ["--max-orders", "2", "--set-aside-invalid", "--no-gzip", "--out-dir", "parts"]
    assert door("split", "orders.json", *options).code == 4
    return Path("parts")


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_bytes())


def write_manifest(folder, manifest):
    (folder / "manifest.json").write_text(json.dumps(manifest))


def file_of(folder, at):
    return folder / manifest_of(folder)["parts"][at]["file"]


def flaws(told):
    return [(each["file"], each["message"]) for each in told.document["result"]["flaws"]]


def test_an_untouched_split_is_proved_against_manifest_and_source(door, parts):
    told = door("split", "--verify", "parts", "--output", "json")
    assert (told.code, told.err) == (0, "")
    result = told.document["result"]
    assert (result["proved"], result["source"], result["orders"], result["set_aside"]) == (True, "compared", 20, 3)
    assert door("split", "--verify", "parts").out == (
        "ok: 20 orders in 10 files, each once and byte for byte as in the manifest and orders.json\n"
    )
    write_manifest(parts, manifest_of(parts))
    assert door("split", "--verify", "parts").code == 0, "its form does not matter"


# ---- what somebody may have done to a split --------------------------------------------------------------------------


def remove_a_part(folder):
    file_of(folder, 2).unlink()


def empty_a_part(folder):
    file_of(folder, 2).write_bytes(b"")


def cut_a_part(folder):
    path = file_of(folder, 2)
    path.write_bytes(path.read_bytes()[:-9])


def change_one_byte(folder):
    path = file_of(folder, 2)
    path.write_bytes(path.read_bytes().replace(b"FRED", b"FREE", 1))


def add_a_blank(folder):
    path = file_of(folder, 2)
    path.write_bytes(path.read_bytes() + b" ")


def swap_two_orders(folder):
    path = file_of(folder, 2)
    path.write_text(json.dumps(json.loads(path.read_bytes())[::-1]))


def lose_an_order(folder):
    path = file_of(folder, 2)
    path.write_text(json.dumps(json.loads(path.read_bytes())[:1]))


def double_an_order(folder):
    path = file_of(folder, 2)
    orders = json.loads(path.read_bytes())
    path.write_text(json.dumps([*orders, orders[0]]))


def exchange_two_parts(folder):
    one, two = file_of(folder, 1), file_of(folder, 3)
    held = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(held)


def add_a_part(folder):
    shutil.copy(file_of(folder, 2), folder / "0099-SO-0123abcd.json")


def drop_a_part_from_the_manifest(folder):
    manifest = manifest_of(folder)
    gone = manifest["parts"].pop(2)
    (folder / gone["file"]).unlink()
    write_manifest(folder, manifest)


def drop_a_part_and_its_sums(folder):
    manifest = manifest_of(folder)
    gone = manifest["parts"].pop()
    (folder / gone["file"]).unlink()
    for name in ("orders", "lines", "rows"):
        manifest[name] -= gone[name]
    write_manifest(folder, manifest)


def list_a_part_twice(folder):
    manifest = manifest_of(folder)
    manifest["parts"].append(manifest["parts"][2])
    write_manifest(folder, manifest)


def move_a_range(folder):
    manifest = manifest_of(folder)
    manifest["parts"][2]["ranges"], manifest["parts"][3]["ranges"] = (
        manifest["parts"][3]["ranges"], manifest["parts"][2]["ranges"],
    )  # fmt: skip
    write_manifest(folder, manifest)


def forget_a_range(folder):
    manifest = manifest_of(folder)
    manifest["parts"][2]["ranges"] = []
    write_manifest(folder, manifest)


def claim_a_huge_range(folder):
    manifest = manifest_of(folder)
    manifest["parts"][2]["ranges"] = [[0, 10**15]]
    write_manifest(folder, manifest)


def falsify_a_digest(folder):
    manifest = manifest_of(folder)
    manifest["orders_sha256"] = "0" * 64
    write_manifest(folder, manifest)


def falsify_the_rows(folder):
    manifest = manifest_of(folder)
    manifest["parts"][2]["rows"] += 3
    manifest["rows"] += 3
    write_manifest(folder, manifest)


def forget_what_was_set_aside(folder):
    manifest = manifest_of(folder)
    manifest["set_aside"] = None
    write_manifest(folder, manifest)


def forge_a_part_with_its_digests(folder):
    """Order and manifest agree with each other; only the digest over all orders, or the source, can tell."""
    import hashlib

    path, manifest = file_of(folder, 2), manifest_of(folder)
    data = path.read_bytes().replace(b"FRED", b"FREE", 1)
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    manifest["parts"][2] |= {"sha256": digest, "text_sha256": digest}
    write_manifest(folder, manifest)


DAMAGES = [
    remove_a_part, empty_a_part, cut_a_part, change_one_byte, add_a_blank, swap_two_orders, lose_an_order,
    double_an_order, exchange_two_parts, add_a_part, drop_a_part_from_the_manifest, drop_a_part_and_its_sums,
    list_a_part_twice, move_a_range, forget_a_range, claim_a_huge_range, falsify_a_digest, falsify_the_rows,
    forget_what_was_set_aside, forge_a_part_with_its_digests,
]  # fmt: skip


@pytest.mark.parametrize("source", ["there", "gone"])
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_every_damage_is_found_with_the_source_and_without(door, parts, damage, source):
    if source == "gone":
        Path("orders.json").unlink()
    damage(parts)
    told = door("split", "--verify", "parts", "--output", "json")
    assert told.code == 12
    assert told.document["result"]["proved"] is False
    assert flaws(told), "a flaw is named"
    shown = door("split", "--verify", "parts")
    assert shown.code == 12
    assert "not proved: parts is not what was split" in shown.out
    assert len(door("split", "--verify", "parts", "-o", "ndjson").lines) == len(flaws(told)) + 1


@pytest.mark.parametrize(("damage", "words"), [
    (remove_a_part, "is missing, or cannot be read"),
    (lose_an_order, "holds 1 orders, 1 of them in place; it should hold 2"),
    (double_an_order, "holds 3 orders, 2 of them in place; it should hold 2"),
    (change_one_byte, "order 6 of orders.json is not what stands in its place"),
    (add_a_part, "is no part of this split, though it looks like one"),
    (falsify_the_rows, "rows"),
])  # fmt: skip
def test_a_flaw_is_named_plainly(door, parts, damage, words):
    damage(parts)
    messages = [message for _, message in flaws(door("split", "--verify", "parts", "--output", "json"))]
    assert any(words in message for message in messages), messages


def test_a_source_that_is_gone_or_another_is_said_and_the_rest_still_proved(door, parts):
    Path("orders.json").rename("elsewhere.json")
    told = door("split", "--verify", "parts")
    assert (told.code, "orders.json is not there to be compared" in told.out) == (0, True)
    door.file("orders.json", many(3))
    told = door("split", "--verify", "parts")
    assert (told.code, "no longer the file that was split" in told.out) == (0, True)
    assert door("split", "--verify", "parts", "-o", "json").document["result"]["source"] == "changed"
    assert door("split", "elsewhere.json", "--verify", "parts").code == 0


def test_a_source_that_is_named_is_compared_whatever_it_is(door, parts):
    assert door("split", door.file("other.json", many(20)), "--verify", "parts").code == 12
    longer = [*json.loads(Path("orders.json").read_bytes()), good()]
    told = door("split", door.file("longer.json", longer), "--verify", "parts", "-o", "json")
    assert told.code == 12
    broken = door("split", door.file("broken.json", b"[{]"), "--verify", "parts", "-o", "json")
    assert (broken.code, broken.document["error"]["kind"]) == (3, "input")
    packed = gzip.compress(Path("orders.json").read_bytes())
    assert door("split", door.file("packed.gz", packed), "--verify", "parts").code == 0
    assert door("split", "-", "--verify", "parts", stdin=packed).code == 0


def test_the_source_is_also_found_beside_the_directory(door):
    Path("deep").mkdir()
    Path("deep/orders.json").write_text(json.dumps(many(2)))
    door("split", "deep/orders.json", "--out-dir", "deep/parts")
    assert door("split", "--verify", "deep/parts", "-o", "json").document["result"]["source"] == "compared"


@pytest.mark.parametrize("name", ["../x", "/etc/hostname", "..", "", "a/b"])
def test_a_manifest_leads_nowhere_outside(door, parts, name):
    manifest = manifest_of(parts)
    manifest["source"]["name"] = name
    write_manifest(parts, manifest)
    assert door("split", "--verify", "parts", "-o", "json").document["result"]["source"] == "absent"
    manifest["parts"][0]["file"] = name
    write_manifest(parts, manifest)
    told = door("split", "--verify", "parts", "-o", "json")
    assert (told.code, told.document["error"]["code"]) == (3, "bad_manifest")


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"{", b"\xff", b'{"schema_version": "1"}', b"[" * 100_000])
def test_a_manifest_that_is_none_ends_with_3(door, parts, text):
    (parts / "manifest.json").write_bytes(text)
    told = door("split", "--verify", "parts", "-o", "json")
    assert (told.code, told.document["error"]["code"]) == (3, "bad_manifest")
    assert told.document["error"]["next_step"]


def test_a_manifest_of_a_later_sobatch_is_refused(door, parts):
    write_manifest(parts, manifest_of(parts) | {"schema_version": 2})
    told = door("split", "--verify", "parts")
    assert (told.code, "schema version 2" in told.err) == (3, True)


def test_a_directory_without_a_manifest_ends_with_3(door):
    Path("empty").mkdir()
    told = door("split", "--verify", "empty", "-o", "json")
    assert (told.code, told.document["error"]["code"]) == (3, "no_manifest")


def test_what_was_set_aside_is_proved_too(door):
    door("split", door.file("orders.json", FAULTY), "--out-dir", "parts", "--set-aside-invalid")
    aside = Path("parts/set-aside.json")
    aside.write_bytes(aside.read_bytes().replace(b"FRED", b"FREE"))
    assert door("split", "--verify", "parts").code == 12
