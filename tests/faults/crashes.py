"""Ends a process at a chosen moment: at a commit, at a durable file operation, or at a place on the wire.

Nothing in the product takes part. In a forked child the ports `Commits` and `Storage` and the HTTP transport are replaced
by ones that watch, and that kill their own process, or fail, when the moment has come. A commit is told by what it does
to the parts in the database, not by who calls it.
"""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import httpx

import sobatch.cli.services
import sobatch.core.storage
import sobatch.erp.reading
import sobatch.lifecycle.journal

Tell = Callable[[str], None]
DISK = sobatch.core.storage.Disk
COMMITS = sobatch.lifecycle.journal.RealCommits
TRANSPORT = httpx.HTTPTransport.handle_request


def die() -> None:
    """As if the power had gone, for this process."""
    os.kill(os.getpid(), signal.SIGKILL)


# ---- watching ---------------------------------------------------------------------------------------------------------


def watch(tell: Tell) -> None:
    """In a child: hear of every commit, file operation and step on the wire, as a word such as `commit 2 sending before`."""
    watch_commits(tell)
    watch_storage(tell)
    watch_wire(tell)


def watch_commits(tell: Tell, commit: Callable[[sqlite3.Connection], None] = COMMITS().commit) -> None:
    """Words: `commit N state before`, `commit N state after` for each part that changes; `commit run state ...`."""
    known: dict[Any, str] = {}

    class Watched:
        def commit(self, connection: sqlite3.Connection) -> None:
            changes = _changes(connection, known)
            for change in changes:
                tell(f"commit {change} before")
            commit(connection)
            for change in changes:
                tell(f"commit {change} after")

    sobatch.lifecycle.journal.RealCommits = Watched  # type: ignore[misc]


def _changes(connection: sqlite3.Connection, known: dict[Any, str]) -> list[str]:
    now: dict[Any, str] = dict(connection.execute("SELECT number, state FROM part").fetchall())
    now.update({"run": state for (state,) in connection.execute("SELECT state FROM run ORDER BY created DESC LIMIT 1")})
    changed = [f"{key} {state}" for key, state in now.items() if known.get(key) != state]
    known.clear()
    known.update(now)
    return changed or ["other"]


def watch_storage(tell: Tell) -> None:
    """Words: `create`, `write`, `sync`, `rename`, `folder` with `before` and `after`."""

    class Watched(DISK):
        def folder(self, path: Path) -> None:
            tell("folder before")
            super().folder(path)
            tell("folder after")

        def create(self, path: Path) -> BinaryIO:
            tell("create before")
            file = super().create(path)
            tell("create after")
            return file

        def sync(self, file: BinaryIO) -> None:
            tell("sync before")
            super().sync(file)
            tell("sync after")

        def rename(self, old: Path, new: Path) -> None:
            tell("rename before")
            super().rename(old, new)
            tell("rename after")

        def remove(self, path: Path) -> None:
            tell("remove before")
            super().remove(path)
            tell("remove after")

    sobatch.cli.services.Disk = Watched  # type: ignore[misc]


def watch_wire(tell: Tell) -> None:
    """Words: `submit 2 asked`, `submit 2 piece 1`, `submit 2 sent`, `submit 2 headers`, `submit 2 body`; so for every call."""
    counts: Counter[str] = Counter()

    def handle(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        kind = kind_of(request)
        counts[kind] += 1
        name = f"{kind} {counts[kind]}"
        tell(f"{name} asked")
        request.stream = _Going(request.stream, name, tell)
        response = TRANSPORT(self, request)
        tell(f"{name} headers")
        response.stream = _Coming(response.stream, name, tell)
        return response

    httpx.HTTPTransport.handle_request = handle  # type: ignore[method-assign]


def kind_of(request: httpx.Request) -> str:
    """`token`, `submit`, `status`, `results`, `success`, `list` or `cancel`."""
    tail = request.url.path.rstrip("/").rsplit("/", 1)[-1]
    if tail == "results" and request.url.params.get("type") == "success":
        return "success"
    known = {"token": "token", "sales-orders": "submit", "status": "status", "results": "results", "cancel": "cancel"}
    return known.get(tail, "list")


class _Going(httpx.SyncByteStream):
    def __init__(self, stream: Any, name: str, tell: Tell) -> None:
        self._stream, self._name, self._tell = stream, name, tell

    def __iter__(self) -> Iterator[bytes]:
        for number, piece in enumerate(self._stream, 1):
            self._tell(f"{self._name} piece {number}")
            yield piece
        self._tell(f"{self._name} sent")


class _Coming(httpx.SyncByteStream):
    def __init__(self, stream: Any, name: str, tell: Tell) -> None:
        self._stream, self._name, self._tell = stream, name, tell

    def __iter__(self) -> Iterator[bytes]:
        self._tell(f"{self._name} body")
        yield from self._stream

    def close(self) -> None:
        self._stream.close()


# ---- dying ------------------------------------------------------------------------------------------------------------


def killed_at(moment: str, mark: Path, times: int = 1) -> Callable[[], None]:
    """What arms a child: it dies when a word is said for the n-th time. `mark` is left behind when it does."""
    left = times

    def tell(word: str) -> None:
        nonlocal left
        if word == moment:
            left -= 1
            if left == 0:
                mark.write_text(word)
                die()

    return lambda: watch(tell)


# ---- failing ------------------------------------------------------------------------------------------------------------


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
        sobatch.cli.services.Disk = Broken  # type: ignore[misc]
        sobatch.lifecycle.journal.RealCommits = Commits  # type: ignore[misc]
        sobatch.erp.reading.os = _System(failure)  # type: ignore[attr-defined]

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
