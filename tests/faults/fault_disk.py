"""A disk that fails, and one that remembers what was asked of it.

Every durable operation counts: create, write, fsync, rename and commit. In a forked child the ports `Storage` and
`Commits`, and the little of `os` that the downloads use, are replaced by ones that fail at the chosen operation.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from crashes import COMMITS, DISK, die

import sobatch.core.cut.storage
import sobatch.erp.wire.reading
import sobatch.lifecycle.journal.opening
import sobatch.work.bench


@dataclass
class Failure:
    """The n-th durable operation fails, or kills. `hit` tells a file when that happened."""

    nth: int
    how: str  # "ENOSPC", "EIO" or "kill"
    mark: Path
    count: int = 0

    def due(self) -> bool:
        """Count one operation."""
        self.count += 1
        if self.count != self.nth:
            return False
        self.mark.write_text(str(self.nth))
        if self.how == "kill":
            die()
        return True

    def file_operation(self, path: object = None) -> None:
        """Raise what the system would."""
        if self.due():
            number = getattr(errno, self.how)
            raise OSError(number, os.strerror(number), str(path) if path is not None else None)

    def commit(self, connection: sqlite3.Connection) -> None:
        """Fail as SQLite does, before anything is durable."""
        if self.due():
            words = "database or disk is full" if self.how == "ENOSPC" else "disk I/O error"
            raise sqlite3.OperationalError(words)
        COMMITS().commit(connection)


def failing(failure: Failure) -> Callable[[], None]:
    """What arms a child: every write, fsync, rename and commit counts, and the chosen one fails."""

    class Broken(DISK):
        def folder(self, path: Path) -> None:
            if not path.is_dir():
                failure.file_operation(path)
            super().folder(path)

        def create(self, path: Path) -> BinaryIO:
            failure.file_operation(path)
            return _Failing(super().create(path), failure)  # type: ignore[return-value]

        def append(self, path: Path) -> BinaryIO:
            return _Failing(super().append(path), failure)  # type: ignore[return-value]

        def sync(self, file: BinaryIO) -> None:
            failure.file_operation()
            super().sync(file)

        def rename(self, old: Path, new: Path) -> None:
            failure.file_operation(new)
            super().rename(old, new)

    class Commits:
        def commit(self, connection: sqlite3.Connection) -> None:
            failure.commit(connection)

    def arm() -> None:
        sobatch.work.bench.Disk = Broken  # type: ignore[misc]
        sobatch.lifecycle.journal.opening.RealCommits = Commits  # type: ignore[misc]
        sobatch.erp.wire.reading.os = _System(failure)  # type: ignore[attr-defined]

    return arm


class _Failing:
    """A file whose writes count."""

    def __init__(self, file: BinaryIO, failure: Failure) -> None:
        self._file, self._failure = file, failure

    def write(self, data: Any) -> int:
        self._failure.file_operation()
        return self._file.write(data)

    def __enter__(self) -> _Failing:
        return self

    def __exit__(self, *about: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _System:
    """The part of `os` that the downloads use, where no port is in between."""

    def __init__(self, failure: Failure) -> None:
        self._failure = failure

    def open(self, path: Any, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            self._failure.file_operation(path)
        return os.open(path, flags, mode)

    def fsync(self, handle: int) -> None:
        self._failure.file_operation()
        os.fsync(handle)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


class RecordingSystem:
    """The part of `os` that durable files use; it tells what becomes durable, in which order."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def fsync(self, handle: int) -> None:
        """`fsync file INODE SIZE` or `fsync folder INODE`."""
        about = os.fstat(handle)
        folder = stat.S_ISDIR(about.st_mode)
        self._tell(f"fsync folder {about.st_ino}" if folder else f"fsync file {about.st_ino} {about.st_size}")
        os.fsync(handle)

    def replace(self, old: Path, new: Path) -> None:
        """`rename INODE SIZE to NAME in FOLDER-INODE`."""
        about = old.stat()
        self._tell(f"rename {about.st_ino} {about.st_size} to {new.name} in {new.parent.stat().st_ino}")
        os.replace(old, new)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


def recording(tell: Callable[[str], None]) -> None:
    """In a child: hear of every fsync and rename of the storage port, as the system is asked for them."""
    sobatch.core.cut.storage.os = RecordingSystem(tell)  # type: ignore[attr-defined]
