"""Stored bytes become text: counts what is read, and turns the ways compressed input goes wrong into sentences.

Which of gzip and zstd it is, `source` tells by the first bytes. Never inflates much at a time, so that a bomb is
noticed before it has cost anything.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import BinaryIO, Protocol

import zstandard
from isal import igzip, isal_zlib

from sobatch.errors import InputError

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # a frame without text, as parallel tools write first
_ZSTD_FEED = 1 << 10  # a zstd block of 4 bytes may hold 128 KiB: small feeds keep a bomb's single step small
# A real order file shrinks 5 to 150 times; gzip's own ceiling is about 1,030.
MAX_EXPANSION = 500
_EXPANSION_FLOOR = 64 << 20


class Stream(Protocol):
    """What the scanner reads from."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, b"" at the end."""

    def close(self) -> None:
        """Release what is held."""


def inflated(name: str, stored: Stored) -> tuple[str, Stream]:
    """The compression (`none`, `gzip` or `zstd`) and the text of stored bytes, told by their beginning."""
    head = stored.peek(4)
    if head.startswith(GZIP_MAGIC):
        file = igzip.IGzipFile(fileobj=stored, mode="rb")  # type: ignore[no-untyped-call]
        return "gzip", _Inflated(name, stored, file)
    if head.startswith(ZSTD_MAGIC) or _ZSTD_SKIPPABLE.match(head):
        return "zstd", _Inflated(name, stored, _Zstd(stored))
    return "none", stored


class Stored(io.RawIOBase):
    """Stored bytes with a count, and a look at the first few."""

    def __init__(self, raw: BinaryIO, tap: Callable[[bytes], object] | None) -> None:
        self._raw = raw
        self._tap = tap
        self._head = b""
        self.count = 0

    def peek(self, size: int) -> bytes:
        """The first bytes, which stay unread."""
        while len(self._head) < size and (more := self._raw.read(size - len(self._head))):
            self._head += more
        return self._head

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._head:
            size = len(self._head) if size < 0 else size
            data, self._head = self._head[:size], self._head[size:]
        else:
            data = self._raw.read(size)
        self.count += len(data)
        if self._tap is not None and data:
            self._tap(data)
        return data

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Zstd:
    """A zstd stream that tells a cut one from a finished one, and never inflates much at a time."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._frame = self._new_frame()
        self._fresh = True
        self._ready = b""
        self._taken = 0

    @staticmethod
    def _new_frame() -> zstandard.ZstdDecompressionObj:
        return zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()

    def read(self, size: int) -> bytes:
        while self._taken == len(self._ready):
            fed = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._fresh = self._new_frame(), True
            fed = fed or self._stored.read(_ZSTD_FEED)
            if not fed:
                if not self._fresh:
                    raise EOFError("the last frame is not complete")
                return b""
            self._fresh = False
            self._ready, self._taken = self._frame.decompress(fed), 0
        data = self._ready[self._taken : self._taken + size]
        self._taken += len(data)
        return data

    def close(self) -> None:
        """Nothing is held."""


class _Inflated:
    """Decompressed bytes, with the ways compressed input goes wrong turned into sentences."""

    def __init__(self, name: str, stored: Stored, inner: Stream) -> None:
        self._name = name
        self._stored = stored
        self._inner = inner
        self._count = 0

    def read(self, size: int) -> bytes:
        try:
            data = self._inner.read(size)
        except EOFError:
            raise self._error("SO-017", "is compressed and cut short: its end is missing") from None
        except (OSError, isal_zlib.IsalError, zstandard.ZstdError) as error:  # type: ignore[misc]  # its stub is wrong
            raise self._error("SO-019", f"is damaged compressed data ({error})") from None
        self._count += len(data)
        if self._count > _EXPANSION_FLOOR and self._count > MAX_EXPANSION * self._stored.count:
            raise self._error(
                "SO-018",
                f"expands more than {MAX_EXPANSION} times, which no real order file does",
                "If it is genuine, decompress it first and name the plain file.",
            )
        return data

    def close(self) -> None:
        self._inner.close()
        self._stored.close()

    def _error(self, code: str, what: str, next_step: str = "Copy or create the file again.") -> InputError:
        facts = {"file": self._name, "offset": self._count}
        where = f" (after {self._count:,} bytes of text)"
        return InputError(f"{self._name} {what}{where}", code=code, next_step=next_step, facts=facts)
