"""`--write-valid` and `--write-invalid`: the good and the bad orders together are the input's bytes, order kept."""

from __future__ import annotations

import gzip
import json
import os
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offline_orders import FAULTY, good, many, signalled

from sobatch.core.cut.storage import Disk

BOTH = ["--write-valid", "valid.json", "--write-invalid", "invalid.json"]
PRICES = st.sampled_from(["50.0", "0.90", "1e2", "1" * 30, "5E-1", "50"])
ORDERS = st.lists(
    st.tuples(
        st.booleans(), PRICES, st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        st.sampled_from(["", " ", "\n\t", "\r\n  "]),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


def raw_order(number, bad, price, note, blank):
    """An order in bytes that no JSON writer would make again."""
    customer = "17" if bad else '"1000"'
    return (
        f'{{{blank}"customerId":{blank}{customer},"transactionType":"SO","responsible":"F\\u0052ED","salesPerson":"S",'
        f'"externalOrderId":"W{number}","notes":{json.dumps(note, ensure_ascii=number % 2 == 0)},"orderLines":'
        f'[{{"productCode":"1","price":{price},"quantity":1,"glAnalysis":[{{}}]}}]{blank}}}'
    ).encode()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=ORDERS, ndjson=st.booleans())
def test_good_and_bad_together_are_the_input_byte_for_byte(door, drawn, ndjson):
    raws = [(order[0], raw_order(number, *order)) for number, order in enumerate(drawn)]
    if ndjson:
        raws = [(bad, raw.replace(b"\n", b" ").replace(b"\r", b" ")) for bad, raw in raws]
    text = b"\n".join(raw for _, raw in raws) if ndjson else b"[" + b" ,\n".join(raw for _, raw in raws) + b"]"
    with tempfile.TemporaryDirectory(dir=door.folder) as folder:
        source, valid, invalid = (str(Path(folder, name)) for name in ("in", "valid", "invalid"))
        Path(source).write_bytes(text)
        told = door("validate", source, "--write-valid", valid, "--write-invalid", invalid, "--output", "json")
        assert told.code == (3 if any(bad for bad, _ in raws) else 0)
        written = told.document["result"]["written"]
        for name, wanted in ((valid, False), (invalid, True)):
            expected = [raw for bad, raw in raws if bad is wanted]
            assert Path(name).read_bytes() == (b"[" + b",\n".join(expected) + b"]\n")
            assert written[Path(name).name] == {"file": name, "orders": len(expected)}


def test_the_files_of_several_inputs_are_joined_in_their_sequence(door):
    one, two = door.file("one.json", FAULTY), door.file("two.json", many(2, customerId="2"))
    told = door("validate", one, two, *BOTH)
    assert told.code == 3
    valid = json.loads((door.folder / "valid.json").read_bytes())
    invalid = json.loads((door.folder / "invalid.json").read_bytes())
    assert [order["customerId"] for order in valid] == ["1000", "1000", "2", "2"]
    assert [order["customerId"] for order in invalid] == [1000, "Müller 北京"]
    assert "valid orders written: 4 orders to valid.json" in told.out
    assert told.out.splitlines()[-1] == "  sobatch submit valid.json"


def test_the_written_files_stand_the_next_check(door):
    door("validate", door.file("orders.json", FAULTY), *BOTH)
    assert door("validate", "valid.json").code == 0
    assert door("validate", "invalid.json", "-o", "json").document["result"]["total"]["faulty"] == 2


def test_an_order_whose_number_is_used_again_is_bad_too(door):
    name = door.file("orders.json", [good(orderNumber=7), good(orderNumber=8), good(orderNumber=7, customerId="2")])
    door("validate", name, *BOTH)
    assert [each["orderNumber"] for each in json.loads((door.folder / "valid.json").read_bytes())] == [7, 8]
    assert [each["customerId"] for each in json.loads((door.folder / "invalid.json").read_bytes())] == ["2"]


def test_a_name_ending_in_gz_is_compressed(door):
    door("validate", door.file("orders.json", many(2)), "--write-valid", "valid.json.gz")
    assert json.loads(gzip.decompress((door.folder / "valid.json.gz").read_bytes())) == many(2)


def test_a_file_that_exists_is_replaced_only_by_force(door):
    name, old = door.file("orders.json", many(2)), door.file("valid.json", b"precious")
    refused = door("validate", name, "--write-valid", old)
    assert (refused.code, (door.folder / old).read_bytes()) == (2, b"precious")
    assert "--force" in refused.err
    assert door("validate", name, "--write-valid", old, "--force").code == 0
    assert json.loads((door.folder / old).read_bytes()) == many(2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_half_written(door, number):
    code, error = signalled(door, number, "validate", "-", *BOTH)
    assert code == 128 + number, error
    assert b"Traceback" not in error
    assert list(door.folder.iterdir()) == []


@pytest.mark.parametrize("step", ["create", "sync", "rename"])
def test_a_full_disk_ends_with_12_and_leaves_nothing_half_written(door, monkeypatch, step):
    def full(self, *arguments):
        raise OSError(28, "No space left on device", "valid.json")

    name = door.file("orders.json", FAULTY)
    monkeypatch.setattr(Disk, step, full)
    told = door("validate", name, *BOTH, "--output", "json")
    assert told.code == 12
    assert told.document["error"]["kind"] == "storage"
    assert "No space left on device" in told.document["error"]["message"]
    assert [path.name for path in door.folder.iterdir()] == [name]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
@pytest.mark.parametrize("kind", ["pipe", "link", "dead link"])
def test_what_is_no_plain_file_is_never_replaced(door, kind):
    name, place = door.file("orders.json", many(2)), door.folder / "good.json"
    if kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(door.file("other.json", b"precious") if kind == "link" else "nowhere")
    told = door("validate", name, "--write-valid", "good.json", "--force")
    assert told.code == 2 and "is no plain file" in told.err
    assert not place.is_file() or place.is_symlink()
