"""Inputs are opened by name and told apart by content; what is wrong with them is said before it can do harm."""

from __future__ import annotations

import gzip
import io
import os
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from sobatch.core.read.source import Source, Stream, open_sources
from sobatch.errors import InputError, SobatchError, UsageError

TEXT = b'[{"customerId": "C1"}]\n' * 3000


def no_stdin() -> BinaryIO:
    raise AssertionError("standard input was not named")


def drained(stream: Stream, size: int = 1 << 16) -> bytes:
    parts = []
    while data := stream.read(size):
        assert len(data) <= size
        parts.append(data)
    assert stream.read(size) == b""
    stream.close()
    return b"".join(parts)


def frames(compress: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda text: compress(text[: len(text) // 2]) + compress(text[len(text) // 2 :])


def skippable(size: int, kind: int = 0) -> bytes:
    """A frame that holds no text, such as parallel compressors write before every frame of theirs."""
    return bytes([0x50 + kind]) + b"\x2a\x4d\x18" + size.to_bytes(4, "little") + b"?" * size


FORMS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "plain": ("none", bytes),
    "gzip": ("gzip", lambda text: gzip.compress(text, 1)),
    "gzip of several members": ("gzip", frames(gzip.compress)),
    "zstd": ("zstd", zstandard.compress),
    "zstd of several frames": ("zstd", frames(zstandard.compress)),
    "zstd behind a frame without text": ("zstd", lambda text: skippable(4) + zstandard.compress(text)),
    "zstd with many such frames": (
        "zstd",
        lambda text: skippable(0, 15) + skippable(9000) + frames(zstandard.compress)(text) + skippable(3, 7),
    ),
    "zstd without its size": (
        "zstd",
        lambda text: zstandard.ZstdCompressor(write_content_size=False, write_checksum=True).compress(text),
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", [TEXT, b"", b"[", b"[]\n"], ids=["long", "empty", "one byte", "short"])
def test_the_text_is_read_whatever_it_is_stored_as(form: str, text: bytes, tmp_path: Path) -> None:
    compression, store = FORMS[form]
    path = tmp_path / "orders.json.bz2"  # the name tells nothing
    path.write_bytes(store(text))
    (source,) = open_sources([str(path)], no_stdin)
    for size in (1, 3, 1000, 1 << 18):
        assert drained(source.open(), size) == text
    assert source.compression == compression
    assert source.size == path.stat().st_size


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(FORMS)), st.integers(1, 9))
def test_a_tap_hears_the_stored_bytes_once(text: bytes, form: str, size: int) -> None:
    if form == "plain" and (text.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")) or text[1:4] == b"\x2a\x4d\x18"):
        return
    stored = FORMS[form][1](text)
    heard: list[bytes] = []
    source = Source("text", lambda: io.BytesIO(stored), len(stored), None)
    assert drained(source.open(heard.append), size) == text
    assert b"".join(heard) == stored


def breakages() -> list[tuple[str, str, bytes]]:
    packed, zst = gzip.compress(TEXT, 1), zstandard.ZstdCompressor(write_checksum=True).compress(TEXT)
    return [
        ("gzip cut at its end", "SO-017", packed[:-1]),
        ("gzip cut in the middle", "SO-017", packed[: len(packed) // 2]),
        ("gzip cut in its head", "SO-017", packed[:7]),
        ("zstd cut at its end", "SO-017", zst[:-1]),
        ("zstd cut in a frame without text", "SO-017", skippable(5000)[:-1]),
        ("zstd cut behind one", "SO-017", skippable(4) + zst[:-1]),
        ("zstd cut in the middle", "SO-017", zst[: len(zst) // 2]),
        ("gzip with another checksum", "SO-019", packed[:-8] + b"abcd" + packed[-4:]),
        ("gzip with another length", "SO-019", packed[:-4] + b"abcd"),
        ("gzip of another method", "SO-019", packed[:2] + b"\x07" + packed[3:]),
        ("gzip with garbage behind", "SO-019", packed + b"garbage, and much of it"),
        ("zstd with another checksum", "SO-019", zst[:-4] + b"abcd"),
        ("zstd with garbage behind", "SO-019", zst + b"garbage"),
    ]


@pytest.mark.parametrize(
    ("what", "code", "stored"), breakages(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_compressed_data_that_breaks_is_an_input_error(what: str, code: str, stored: bytes) -> None:
    with pytest.raises(InputError) as caught:
        drained(Source(what, lambda: io.BytesIO(stored), len(stored), None).open())
    assert caught.value.code == code
    assert caught.value.next_step
    offset: Any = caught.value.facts["offset"]
    assert 0 <= offset <= len(TEXT)


def test_no_damage_to_compressed_data_is_a_defect() -> None:
    """Any change of any byte is either harmless or named; nothing else comes out of it."""
    chance = random.Random(1)
    for stored in (gzip.compress(TEXT[:2000], 6), zstandard.compress(TEXT[:2000])):
        for _ in range(1500):
            at = chance.randrange(4, len(stored))
            damaged = stored[:at] + chance.randbytes(chance.choice([1, 1, 3])) + stored[at + 1 :]
            try:
                drained(Source("damaged", lambda damaged=damaged: io.BytesIO(damaged), None, None).open())
            except InputError as error:
                assert error.code in ("SO-017", "SO-019")


@pytest.mark.parametrize("compress", [lambda text: gzip.compress(text, 9), zstandard.compress])
def test_a_bomb_is_stopped_long_before_it_has_gone_off(compress: Callable[[bytes], bytes]) -> None:
    stored = compress(b" " * (100 << 20))
    source = Source("bomb", lambda: io.BytesIO(stored), len(stored), None)
    stream, count = source.open(), 0
    with pytest.raises(InputError) as caught:
        while data := stream.read(1 << 20):
            count += len(data)
            assert len(data) <= 1 << 20
    assert caught.value.code == "SO-018"
    assert count <= 66 << 20


def test_a_real_file_that_shrinks_well_is_no_bomb() -> None:
    text = b'{"customerId": "C1", "transactionType": "SO"},\n' * 40_000
    stored = gzip.compress(text, 9)
    assert drained(Source("orders", lambda: io.BytesIO(stored), len(stored), None).open()) == text


# -- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("absent.json", "there is no file"),
        ("absent*.json", "no file matches"),
        ("folder", "is a directory"),
        ("orders.json/more", "cannot be read"),
    ],
)
def test_what_cannot_be_opened_is_a_usage_error(
    name: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "orders.json").write_bytes(TEXT)
    with pytest.raises(UsageError, match=words) as caught:
        open_sources([name], no_stdin)
    assert caught.value.next_step


def test_a_pattern_names_files_in_order_and_a_name_that_exists_is_no_pattern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.json", "a.json", "c.txt", "[1].json"):
        (tmp_path / name).write_bytes(name.encode())
    names = [source.name for source in open_sources(["*.json", "[1].json", "c.*"], no_stdin)]
    assert names == ["[1].json", "a.json", "b.json", "[1].json", "c.txt"]


def test_standard_input_can_be_named_once() -> None:
    with pytest.raises(UsageError, match="only once"):
        open_sources(["-", "-"], lambda: io.BytesIO(b""))


# -- what can be read only once, and what changes -------------------------------------------------------------------


def test_a_pipe_can_be_read_again_even_from_its_middle(tmp_path: Path) -> None:
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(TEXT)

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(reading, "rb") as pipe:
        (source,) = open_sources(["-"], lambda: pipe)
        first = source.open()
        begun = first.read(1000)
        assert drained(source.open(), 700) == TEXT  # a second reader, before the first is done
        assert begun + drained(first, 900) == TEXT
        assert source.size is None
    writer.join()


def test_standard_input_that_is_a_file_is_read_from_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_bytes(b"skipped" + TEXT)
    with path.open("rb", buffering=0) as file:
        file.seek(7)
        (source,) = open_sources(["-"], lambda: file)  # type: ignore[arg-type, return-value]
        assert source.size == len(TEXT)
        assert drained(source.open()) == drained(source.open()) == TEXT
        assert file.tell() == 7


@pytest.mark.parametrize("change", ["longer", "other bytes", "another file"])
def test_a_file_that_changed_is_not_read_again(change: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_bytes(TEXT)
    (source,) = open_sources([str(path)], no_stdin)
    source.open().close()
    source.open().close()
    if change == "longer":
        path.write_bytes(TEXT + b" ")
    elif change == "other bytes":
        path.write_bytes(TEXT)
        os.utime(path, ns=(1, 1))
    else:
        other = tmp_path / "other"
        other.write_bytes(TEXT)
        os.replace(other, path)
    with pytest.raises(SobatchError) as caught:
        source.open()
    assert (caught.value.code, bool(caught.value.next_step)) == ("SO-021", True)
