"""Open what the user named: a path, a glob, or `-`; plain, gzip or zstd, told by content.

A `Source` can be read again from the start (a pipe is spooled as it is read), because positions are only worked out
when something is wrong. Nothing here knows JSON.
"""

from __future__ import annotations

import glob
import io
import os
import shlex
import stat
import tempfile
import weakref
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from sobatch.core.read.inflate import Stored, Stream, inflated
from sobatch.errors import InputError, UsageError

__all__ = ["Source", "Stream", "open_sources", "typed"]

_READ = 1 << 18


def typed(command: str, names: Iterable[str], *options: str) -> str:
    """A command with files and options, ready to paste: names quoted, and behind `--` if one looks like an option."""
    given = list(names)
    files = [shlex.quote(name) for name in given]
    if any(name.startswith("-") and name != "-" for name in given):
        return " ".join([command, *options, "--", *files])
    return " ".join([command, *files, *options])


class Source:
    """One input, named as the user named it. `open` gives its decompressed bytes, any number of times."""

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
        self.compression, text = inflated(self.name, Stored(raw, tap))
        return text

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
        weakref.finalize(self, self._copy.close)  # a source is never closed, since it may always be read again
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
