"""Open what the user named: a path, a glob, or `-`; plain, gzip or zstd, told by content.

A `Source` can be read again from the start (a pipe is spooled as it is read), because positions are only worked out
when something is wrong. Nothing here knows JSON.
"""

from __future__ import annotations

import glob
import io
import os
import stat
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

import zstandard
from isal import igzip

from sobatch.errors import InputError, UsageError

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_READ = 1 << 18
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


class Source:
    """One input, named as the user named it. `open` gives its decompressed bytes from the start, any number of times."""

    def __init__(self, name: str, raw: Callable[[], BinaryIO], size: int | None, path: Path | None) -> None:
        self.name = name
        self.path = path
        self.size = size
        """Bytes as stored (compressed), or None for a pipe: the total of a progress bar."""
        self._raw = raw
        self._seen: tuple[int, ...] | None = None
        self.compression = "none"

    def open(self, tap: Callable[[bytes], object] | None = None) -> Stream:
        """The text's bytes from the start. `tap` is handed the stored bytes as they are read.

        The stream raises `InputError` for compressed input that is cut (SO-017), damaged (SO-019), expands without
        end (SO-018), or for a file that changed since it was first opened (SO-021).
        """
        raw = self._raw()
        self._pin(raw)
        counted = _Counted(raw, tap)
        head = counted.peek(4)
        if head.startswith(GZIP_MAGIC):
            self.compression = "gzip"
            return _Inflated(self.name, counted, igzip.IGzipFile(fileobj=counted, mode="rb"))
        if head.startswith(ZSTD_MAGIC):
            self.compression = "zstd"
            return _Inflated(self.name, counted, _Zstd(counted))
        return counted

    def check_unchanged(self) -> None:
        """Raise `InputError` when the file on disk is no longer the one that was opened first."""
        with self._raw() as raw:
            self._pin(raw)

    def _pin(self, raw: BinaryIO) -> None:
        if self.path is None:
            return
        facts = os.fstat(raw.fileno())
        now = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns)
        if self._seen is None:
            self._seen = now
        elif self._seen != now:
            raw.close()
            raise InputError(
                f"{self.name} changed while it was being read",
                code="SO-021",
                next_step="Wait until whatever writes the file has finished, then run the same command again.",
            )


def open_sources(names: Sequence[str], stdin: Callable[[], BinaryIO]) -> list[Source]:
    """The inputs the user named, globs expanded and sorted. Raises `UsageError` for what cannot be opened at all."""
    if names.count("-") > 1:
        raise UsageError("standard input can be named only once", next_step="Name `-` once, files as often as needed.")
    return [source for name in names for source in _open_one(name, stdin)]


def _open_one(name: str, stdin: Callable[[], BinaryIO]) -> list[Source]:
    if name == "-":
        return [_from_stdin(stdin())]
    if not os.path.lexists(name) and glob.has_magic(name):
        matches = sorted(glob.glob(name, recursive=True))
        if not matches:
            raise UsageError(f"no file matches {name}", next_step="Check the pattern, or quote it differently.")
        return [_from_path(match) for match in matches]
    return [_from_path(name)]


def _from_path(name: str) -> Source:
    path = Path(name)
    try:
        facts = path.stat()
        if stat.S_ISDIR(facts.st_mode):
            raise UsageError(f"{name} is a directory", next_step=f"Name the files in it, such as '{name}/*.json'.")
        if not stat.S_ISREG(facts.st_mode):
            return _spooled(name, path.open("rb"))
        path.open("rb").close()
    except FileNotFoundError:
        raise UsageError(f"there is no file {name}", next_step="Check the spelling and the folder.") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}", next_step="Check its permissions.") from None
    return Source(name, lambda: path.open("rb"), facts.st_size, path)


def _from_stdin(stdin: BinaryIO) -> Source:
    try:
        facts = os.fstat(stdin.fileno())
    except (OSError, io.UnsupportedOperation):
        return _spooled("-", stdin)
    if not stat.S_ISREG(facts.st_mode):
        return _spooled("-", stdin)
    descriptor, start = stdin.fileno(), os.lseek(stdin.fileno(), 0, os.SEEK_CUR)
    return Source("-", lambda: io.BufferedReader(_Window(descriptor, start)), facts.st_size - start, None)


def _spooled(name: str, pipe: BinaryIO) -> Source:
    spool = _Spool(pipe)
    return Source(name, lambda: io.BufferedReader(_SpoolReader(spool), _READ), None, None)


class _Window(io.RawIOBase):
    """A regular file behind a descriptor, read by position, so that several readers do not disturb each other."""

    def __init__(self, descriptor: int, start: int) -> None:
        self._descriptor = descriptor
        self._position = start

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = os.pread(self._descriptor, len(buffer), self._position)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


class _Spool:
    """A pipe and a private copy of what came through it so far."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._copy = tempfile.TemporaryFile()
        self._length = 0

    def read(self, position: int, size: int) -> bytes:
        if position < self._length:
            return os.pread(self._copy.fileno(), min(size, self._length - position), position)
        data = self._read_pipe(size)
        os.pwrite(self._copy.fileno(), data, self._length)
        self._length += len(data)
        return data

    def _read_pipe(self, size: int) -> bytes:
        read1 = getattr(self._pipe, "read1", None)
        return read1(size) if read1 is not None else self._pipe.read(size)


class _SpoolReader(io.RawIOBase):
    """One reader's place in a spool."""

    def __init__(self, spool: _Spool) -> None:
        self._spool = spool
        self._position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._spool.read(self._position, len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


class _Counted(io.RawIOBase):
    """Stored bytes with a count, and a look at the first few."""

    def __init__(self, raw: BinaryIO, tap: Callable[[bytes], object] | None) -> None:
        self._raw = raw
        self._tap = tap
        self._head = b""
        self.count = 0

    def peek(self, size: int) -> bytes:
        while len(self._head) < size and (more := self._raw.read(size - len(self._head))):
            self._head += more
        return self._head

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._head:
            data, self._head = self._head, b""
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

    def __init__(self, stored: _Counted) -> None:
        self._stored = stored
        self._frame = self._new_frame()
        self._fresh = True
        self._ready = b""

    @staticmethod
    def _new_frame() -> zstandard.ZstdDecompressionObj:
        return zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()

    def read(self, size: int) -> bytes:
        while not self._ready:
            fed = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._fresh = self._new_frame(), True
            fed = fed or self._stored.read(_ZSTD_FEED)
            if not fed:
                if not self._fresh:
                    raise EOFError("the last frame is not complete")
                return b""
            self._fresh = False
            self._ready = self._frame.decompress(fed)
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def close(self) -> None:
        """Nothing is held."""


class _Inflated:
    """Decompressed bytes, with the ways compressed input goes wrong turned into sentences."""

    def __init__(self, name: str, stored: _Counted, inner: Stream) -> None:
        self._name = name
        self._stored = stored
        self._inner = inner
        self._count = 0

    def read(self, size: int) -> bytes:
        try:
            data = self._inner.read(size)
        except EOFError:
            raise self._error("SO-017", "is compressed and cut short: its end is missing") from None
        except (OSError, zstandard.ZstdError) as error:
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
