"""Ends a process at a chosen moment: at a commit, at a durable file operation, or at a place on the wire.

Nothing in the product takes part. In a forked child the ports `Commits` and `Storage` and the HTTP transport are
replaced by ones that watch, and a watcher may kill its own process. A commit is told by what it does to the parts in
the database, not by who calls it.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import httpx

import sobatch.core.cut.storage
import sobatch.erp.wire.reading
import sobatch.lifecycle.journal.opening
import sobatch.work.bench

Tell = Callable[[str], None]
DISK = sobatch.core.cut.storage.Disk
COMMITS = sobatch.lifecycle.journal.opening.RealCommits
TRANSPORT = httpx.HTTPTransport.handle_request


def die() -> None:
    """As if the power had gone, for this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def watch(tell: Tell) -> None:
    """In a child: hear of every commit, file operation and step on the wire as a word: `commit 2 sending before`."""
    watch_commits(tell)
    watch_storage(tell)
    watch_wire(tell)


def watch_commits(tell: Tell) -> None:
    """Words: `commit N state before`, `commit N state after` for each part that changes; `commit run state ...`."""
    known: dict[Any, str] = {}

    class Watched:
        def commit(self, connection: sqlite3.Connection) -> None:
            changes = _changes(connection, known)
            for change in changes:
                tell(f"commit {change} before")
            COMMITS().commit(connection)
            for change in changes:
                tell(f"commit {change} after")

    sobatch.lifecycle.journal.opening.RealCommits = Watched  # type: ignore[misc]


def _changes(connection: sqlite3.Connection, known: dict[Any, str]) -> list[str]:
    now: dict[Any, str] = dict(connection.execute("SELECT number, state FROM part").fetchall())
    run = connection.execute("SELECT state FROM run ORDER BY created DESC LIMIT 1").fetchone()
    now["run"] = run[0] if run else ""
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

    sobatch.work.bench.Disk = Watched  # type: ignore[misc]


def watch_wire(tell: Tell) -> None:
    """Words: `submit 2 asked`, `submit 2 piece 1`, `submit 2 sent`, `submit 2 headers`, `submit 2 body`, and so on."""
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


def killed_at(moment: str, times: int = 1) -> Callable[[], None]:
    """What arms a child: it dies when a word is said for the n-th time."""
    left = times

    def tell(word: str) -> None:
        nonlocal left
        if word == moment:
            left -= 1
            if left == 0:
                die()

    return lambda: watch(tell)
