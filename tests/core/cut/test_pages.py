"""Parts of one order share page files: each is stored there as it would be in a file of its own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sobatch.core.cut import pages
from sobatch.core.cut.pages import Pages
from sobatch.core.cut.staging import PartFacts, Staging
from sobatch.core.cut.storage import Disk
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import OrderFacts
from sobatch.erp.sends import PartFile, stored

FACTS = OrderFacts("SO", 1, 4)


def written(folder: Path, orders: list[bytes]) -> list[PartFacts]:
    parts: list[PartFacts] = []
    made = Pages(folder, Disk(), parts.append)
    assert [made.add(raw, FACTS) for raw in orders] == [(number, 0, 1) for number in range(1, len(orders) + 1)]
    made.finish()
    return parts


@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(min_size=1, max_size=300), max_size=12), st.integers(1, 5), st.integers(1, 2_000))
def test_a_part_in_a_page_is_what_it_is_in_a_file(
    tmp_path_factory: pytest.TempPathFactory, orders: list[bytes], most: int, size: int
) -> None:
    folder, apart = tmp_path_factory.mktemp("pages"), tmp_path_factory.mktemp("files")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "MOST_PARTS", most)
        patch.setattr(pages, "MOST_BYTES", size)
        parts = written(folder, orders)
    alone: list[PartFacts] = []
    staging = Staging(apart, Limits(max_orders=1), Disk(), alone.append)
    for raw in orders:
        staging.add(raw, FACTS)
    staging.finish()
    for part, file in zip(parts, sorted(alone, key=lambda each: each.number), strict=True):
        with stored(part.path, part.start, part.size) as here:
            assert here.read() == file.path.read_bytes()
        assert (part.number, part.sha256, part.text_sha256) == (file.number, file.sha256, file.text_sha256)
    ends = [sum(part.size for part in parts if part.path == path) for path in {part.path for part in parts}]
    assert sorted(ends) == sorted(path.stat().st_size for path in folder.iterdir())
    assert len(ends) >= -(-len(orders) // most)


@pytest.mark.parametrize("size", [10, (1 << 18) - 1, 1 << 18, (1 << 20) + 7])
def test_an_order_of_any_size_comes_back(tmp_path: Path, size: int) -> None:
    raw = [b'{"a":"' + b"x" * size + b'"}', b'{"b":0.90}']
    for part, order in zip(written(tmp_path, raw), raw, strict=True):
        file = PartFile("r", part.number, "SO", 1, part.path, "p.json.gz", part.sha256, part.size, part.start)
        assert file.order() == order and file.text() == b"[" + order + b"]\n"
        with file.open() as body:
            assert (body.seek(0, 2), body.seek(0)) == (part.size, 0)
            assert hashlib.sha256(body.read()).hexdigest() == part.sha256
            with pytest.raises(OSError):
                body.fileno()


def test_a_page_that_was_cut_short_is_no_shorter_part(tmp_path: Path) -> None:
    first, last = written(tmp_path, [b"{}", b"{}"])
    last.path.write_bytes(last.path.read_bytes()[:-1])
    with stored(first.path, first.start, first.size) as whole, pytest.raises(OSError, match="shorter"):
        assert len(whole.read()) == first.size
        stored(last.path, last.start, last.size)
