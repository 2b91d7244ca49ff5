"""A disk whose power goes: what was not synced is gone, contents and names alike.

A killed process cannot show a missing fsync, because the page cache outlives it. So a child keeps an image of what is
durable: the contents that a file had when it was last synced, and the names that a folder held when it was. At the
chosen operation the image is written down and the child dies; the user's folder is then what the image says.

SQLite's own commits are taken for durable, as `test_the_journal_is_as_durable_as_sqlite_can_make_it` holds them to be.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crashes import COMMITS, die

import sobatch.core.cut.storage
import sobatch.erp.wire.reading
import sobatch.lifecycle.journal.opening

IMAGE = "image"
ELSEWHERE = ("erp.", "sandbox.log", "out-", "err-")  # the ERP's own files beside the user's, and what was printed


class Image:
    """What would still be there under `root` if the power went now."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._contents: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        self._folders: set[int] = set()
        for folder, names, everything in os.walk(root):
            here = Path(folder)
            files = [name for name in everything if not name.startswith(ELSEWHERE)]
            for file in files:
                self.synced(here / file)
            self._names[here.stat().st_ino] = {name: (here / name).stat().st_ino for name in [*names, *files]}
            self._folders.add(here.stat().st_ino)

    def synced(self, path: Path) -> None:
        """The contents of a file are on the disk."""
        self._contents[path.stat().st_ino] = path.read_bytes()

    def made(self, handle: int) -> None:
        """A file is new: whatever its number stood for before is no more."""
        self._contents.pop(os.fstat(handle).st_ino, None)

    def sync(self, handle: int) -> None:
        """What `fsync` does for a file, or for the names in a folder."""
        about, door = os.fstat(handle), Path(f"/proc/self/fd/{handle}")
        if stat.S_ISDIR(about.st_mode):
            here = Path(os.readlink(door))
            self._names[about.st_ino] = {each.name: each.stat().st_ino for each in here.iterdir()}
            self._folders.update(each.stat().st_ino for each in here.iterdir() if each.is_dir())
        else:
            self._contents[about.st_ino] = door.read_bytes()

    def committed(self, path: Path) -> None:
        """SQLite has synced its file, and its name with it."""
        self.synced(path)
        self._names.setdefault(path.parent.stat().st_ino, {})[path.name] = path.stat().st_ino

    def write(self, to: Path) -> None:
        """Write down what is left."""
        self._write(self._root.stat().st_ino, to)

    def _write(self, folder: int, to: Path) -> None:
        to.mkdir(mode=0o700)
        for name, inode in self._names.get(folder, {}).items():
            if name.startswith(ELSEWHERE):
                continue
            if inode in self._folders:
                self._write(inode, to / name)
            else:
                descriptor = os.open(to / name, os.O_WRONLY | os.O_CREAT, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(self._contents.get(inode, b""))


class System:
    """The part of `os` that durable files use: it keeps the image, and dies at the chosen operation."""

    def __init__(self, image: Image, due: Callable[[], None], *, syncs: bool) -> None:
        self._image, self._due, self._syncs = image, due, syncs

    def open(self, path: Any, flags: int, mode: int = 0o777) -> int:
        """Open; a new file has no contents yet."""
        if flags & os.O_CREAT:
            self._due()
        handle = os.open(path, flags, mode)
        if flags & os.O_CREAT:
            self._image.made(handle)
        return handle

    def fsync(self, handle: int) -> None:
        """Sync."""
        self._due()
        os.fsync(handle)
        if self._syncs:
            self._image.sync(handle)

    def replace(self, old: Path, new: Path) -> None:
        """Rename, which is not durable yet."""
        self._due()
        os.replace(old, new)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


def losing_power(root: Path, nth: int, *, syncs: bool = True) -> Callable[[], None]:
    """What arms a child: the power goes before its n-th durable operation. Without `syncs` the disk lies."""

    def arm() -> None:
        image, count = Image(root), 0

        def due() -> None:
            nonlocal count
            count += 1
            if count == nth:
                image.write(root.parent / f"{root.name}.{IMAGE}")
                die()

        class Commits:
            def commit(self, connection: sqlite3.Connection) -> None:
                due()
                COMMITS().commit(connection)
                image.committed(Path(connection.execute("PRAGMA database_list").fetchone()[2]))

        system = System(image, due, syncs=syncs)
        sobatch.core.cut.storage.os = system  # type: ignore[attr-defined]
        sobatch.erp.wire.reading.os = system  # type: ignore[attr-defined]
        sobatch.lifecycle.journal.opening.RealCommits = Commits  # type: ignore[misc]

    return arm


def power_is_back(root: Path) -> bool:
    """The folder is what the image says; False when the power never went."""
    image = root.parent / f"{root.name}.{IMAGE}"
    if not image.exists():
        return False
    for each in root.iterdir():
        if not each.name.startswith(ELSEWHERE):
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    for each in image.iterdir():
        each.rename(root / each.name)
    image.rmdir()
    return True
