"""Parts hold the user's own bytes: every order once, in plan order, the same files whatever the sizes of the reads."""

from __future__ import annotations

import gzip
import hashlib
import re
import stat
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_orders import READ_SIZES, Pieces, Written, arrays, orders, records

from sobatch.core.cut.staging import PartFacts, Place, Staging, part_name
from sobatch.core.cut.storage import Disk
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import OrderFacts
from sobatch.core.read.orders import orders as orders_of
from sobatch.core.read.scan import Broken
from sobatch.erp.unit4.order import SPEC

budgets = st.builds(
    Limits,
    max_rows=st.none() | st.integers(4, 40),
    max_orders=st.none() | st.integers(1, 4),
    max_bytes=st.none() | st.integers(200, 2000),
)
PLACE = OrderFacts("SO", 1, 4)


class Staged:
    """A folder of parts, and what was said of them."""

    def __init__(self, folder: Path, limits: Limits, *, compress: bool = True) -> None:
        self.parts: list[PartFacts] = []
        self.places: list[Place] = []
        self.staging = Staging(folder, limits, Disk(), self.parts.append, compress=compress)

    def add(self, raw: bytes, facts: OrderFacts = PLACE) -> None:
        self.places.append(self.staging.add(raw, facts))

    def texts(self) -> dict[int, bytes]:
        """The JSON text of each part."""
        return {part.number: _text(part.path.read_bytes()) for part in self.parts}


def _text(stored: bytes) -> bytes:
    return gzip.decompress(stored) if stored.startswith(b"\x1f\x8b") else stored


def cut(stream: Any, window: int = 1 << 17) -> Iterator[tuple[bytes, OrderFacts]]:
    """Every order of a text, with its facts."""
    for found in orders_of(stream, SPEC, window=window):
        assert not isinstance(found, Broken)
        yield found.raw, found.facts


def staged(text: bytes, limits: Limits, size: int, window: int, compress: bool) -> tuple[Staged, dict[str, bytes]]:
    """The parts of a text, and the files written, by name."""
    with tempfile.TemporaryDirectory() as name:
        done = Staged(Path(name), limits, compress=compress)
        for raw, facts in cut(Pieces(text, size), window):
            done.add(raw, facts)
        done.staging.finish()
        return done, {path.name: path.read_bytes() for path in Path(name).iterdir()}


def regrouped(done: Staged, files: dict[str, bytes]) -> list[bytes]:
    """Every order, found by its place: part, position and offset, which must agree."""
    texts = {part.number: _text(files[part.path.name]) for part in done.parts}
    values = {number: [raw for raw, _ in cut(Pieces(text, 1 << 20))] for number, text in texts.items()}
    found = []
    for place in done.places:
        raw = values[place.part][place.position]
        assert texts[place.part][place.offset :].startswith(raw)
        found.append(raw)
    assert len(found) == sum(map(len, values.values()))
    return found


@settings(max_examples=30, deadline=None)
@given(arrays() | records(), budgets, st.booleans())
def test_regrouped_parts_are_the_elements_whatever_the_sizes(written: Written, limits: Limits, compress: bool) -> None:
    first, files = staged(written.text, limits, 1 << 20, 1 << 17, compress)
    assert regrouped(first, files) == written.elements
    for size, window in zip(READ_SIZES, (1, 50, 100, 1000, 1 << 17, 64, 10), strict=True):
        again, same = staged(written.text, limits, size, window, compress)
        assert (same, again.places) == (files, first.places)


@settings(max_examples=60, deadline=None)
@given(arrays(), budgets, st.booleans())
def test_what_is_said_of_a_part_is_true(written: Written, limits: Limits, compress: bool) -> None:
    done, files = staged(written.text, limits, 1 << 20, 1 << 17, compress)
    assert sorted(part.path.name for part in done.parts) == sorted(files)
    for part in done.parts:
        stored = files[part.path.name]
        text = _text(stored)
        held = list(cut(Pieces(text, 1 << 20)))
        assert (part.size, part.sha256) == (len(stored), hashlib.sha256(stored).hexdigest())
        assert (part.text_size, part.text_sha256) == (len(text), hashlib.sha256(text).hexdigest())
        assert {facts.group for _, facts in held} == {part.group}
        assert (part.orders, part.lines) == (len(held), sum(facts.lines for _, facts in held))
        assert part.rows == sum(facts.rows for _, facts in held)
        alone = part.orders == 1
        assert alone or limits.max_bytes is None or part.size <= limits.max_bytes
        assert alone or limits.packed_rows is None or part.rows <= limits.packed_rows
        assert (stored == text) != compress


@settings(max_examples=40, deadline=None)
@given(st.lists(orders(), min_size=1, max_size=20))
def test_a_part_is_gzip_without_a_time_and_holds_a_plain_array(elements: list[bytes]) -> None:
    text = b"[" + b",".join(elements) + b"]"
    done, files = staged(text, Limits(), 1 << 20, 1 << 17, True)
    for part in done.parts:
        stored = files[part.path.name]
        assert stored[4:8] == b"\0\0\0\0"  # the time, by RFC 1952
        inside = [raw for raw, facts in cut(Pieces(_text(stored), 1 << 20))]
        assert _text(stored) == b"[" + b",\n".join(inside) + b"]\n"


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("SO", "0007-SO-0123abcd.json.gz"),
        ("", "0007--0123abcd.json.gz"),
        ("../../etc/passwd", "0007-etcpasswd-0123abcd.json.gz"),
        ("a/b\\c:d*e\0f\ng", "0007-abcdefg-0123abcd.json.gz"),
        ("Å漢-_9", "0007--_9-0123abcd.json.gz"),
        ("x" * 400, f"0007-{'x' * 16}-0123abcd.json.gz"),
    ],
)
def test_a_part_s_name_is_safe_whatever_its_group(group: str, name: str) -> None:
    assert part_name(7, group, "0123abcd" * 8, compress=True) == name
    assert part_name(7, group, "0123abcd" * 8, compress=False) == name.removesuffix(".gz")


def test_a_part_s_name_has_its_digest_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    done = Staged(tmp_path, Limits())
    done.add(b'{"a": 1}')
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    done.staging.finish()
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name == f"0001-SO-{done.parts[0].sha256[:8]}.json.gz"
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", path.name)
    assert done.texts() == {1: b'[{"a": 1}]\n'}


def test_no_part_weighs_more_than_allowed_even_if_nothing_compresses(tmp_path: Path) -> None:
    chunks = [hashlib.sha256(bytes([number % 256, number // 256])).hexdigest() * 3 for number in range(800)]
    done = Staged(tmp_path, Limits(max_bytes=5_000))
    for chunk in chunks:
        done.add(f'{{"a": "{chunk}"}}'.encode())
    done.staging.finish()
    assert all(part.size <= 5_000 for part in done.parts)
    assert sum(part.size for part in done.parts) / len(done.parts) > 3_500  # nor are they needlessly small
    assert sum(part.orders for part in done.parts) == 800


def test_what_a_crash_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "0001.part").write_bytes(b"left by a crash")
    done = Staged(tmp_path, Limits(max_orders=1))
    done.add(b"{}")
    done.add(b"{}")
    assert [path.name for path in sorted(tmp_path.iterdir())] == [done.parts[0].path.name, "0002.part"]
    done.staging.finish()
    assert sorted(tmp_path.iterdir()) == [part.path for part in done.parts]


def test_thousands_of_groups_hold_neither_files_nor_memory(tmp_path: Path) -> None:
    """Each group's part stays open to the end; only its digests and a little text are kept."""
    done = Staged(tmp_path, Limits())
    files = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else None
    tracemalloc.start()
    for turn in range(3):
        for group in range(1_500):
            done.add(f'{{"g": {group}, "t": {turn}, "x": "{"y" * 3_000}"}}'.encode(), OrderFacts(f"T{group}", 1, 4))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert files is None or len(list(Path("/proc/self/fd").iterdir())) == files
    assert held < 14 << 20
    done.staging.finish()
    texts = done.texts()
    assert [text.count(b'"g"') for text in texts.values()] == [3] * 1_500
    assert all(part.sha256 == hashlib.sha256(part.path.read_bytes()).hexdigest() for part in done.parts)


def test_open_parts_are_one_a_group_and_finish_by_number(tmp_path: Path) -> None:
    done = Staged(tmp_path, Limits(max_rows=8))
    for group in ("SR", "SO", "SR", "SM", "SO", "SR"):
        done.add(b"{}", OrderFacts(group, 1, 4))
    done.staging.finish()
    assert [(part.number, part.group, part.orders) for part in done.parts] == [
        (1, "SR", 2), (2, "SO", 2), (3, "SM", 1), (4, "SR", 1),
    ]  # fmt: skip
    assert [place.part for place in done.places] == [1, 2, 1, 3, 2, 4]
