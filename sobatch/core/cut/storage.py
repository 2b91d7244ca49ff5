"""Durable files: create exclusively and privately, fsync, rename, fsync the folder. One small port, so that a test can
record the order of these steps or fail any one of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Protocol


class Storage(Protocol):
    """Every durable operation on files goes through here."""

    def folder(self, path: Path) -> None:
        """Make a folder (and its parents), readable by the owner only, and make its name durable."""

    def create(self, path: Path) -> BinaryIO:
        """Open a new file for writing, mode 0600 from creation; an existing one raises `FileExistsError`."""

    def append(self, path: Path) -> BinaryIO:
        """Open a file that was created here to write on at its end."""

    def sync(self, file: BinaryIO) -> None:
        """Flush a file to the disk itself."""

    def rename(self, old: Path, new: Path) -> None:
        """Give a finished file its final name and make the name durable."""

    def remove(self, path: Path) -> None:
        """Delete a file; one that is gone already is fine."""


class Disk:
    """The real thing."""

    def folder(self, path: Path) -> None:
        """Make a private folder, parents included."""
        if path.is_dir():
            return
        self.folder(path.parent)
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            if path.is_dir():  # another process was quicker
                return
            raise
        _sync_folder(path.parent)

    def create(self, path: Path) -> BinaryIO:
        """Open a new private file."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        return os.fdopen(os.open(path, flags, 0o600), "wb")

    def append(self, path: Path) -> BinaryIO:
        """Open to write on."""
        flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        return os.fdopen(os.open(path, flags), "ab")

    def sync(self, file: BinaryIO) -> None:
        """Flush to the disk."""
        file.flush()
        os.fsync(file.fileno())

    def rename(self, old: Path, new: Path) -> None:
        """Rename, then fsync the folder."""
        os.replace(old, new)
        _sync_folder(new.parent)

    def remove(self, path: Path) -> None:
        """Delete quietly."""
        path.unlink(missing_ok=True)


def _sync_folder(path: Path) -> None:
    if os.name == "nt":
        return  # folders cannot be opened there; NTFS journals names itself
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
