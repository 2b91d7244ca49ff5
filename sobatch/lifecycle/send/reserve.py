"""Disk space held back while a part is on the wire, so that a full disk cannot cost an acknowledged receipt."""

from __future__ import annotations

from pathlib import Path

from sobatch.core.cut.storage import Storage
from sobatch.errors import StorageFailed

_SIZE = 1 << 20


class Reserve:
    """One megabyte, written for real, that can be given back."""

    def __init__(self, state: Path, storage: Storage) -> None:
        self._path = state / "reserve"
        self._storage = storage

    def hold(self) -> None:
        """Take the space, or raise `StorageFailed` while nothing has been sent."""
        if self._path.exists() and self._path.stat().st_size == _SIZE:
            return
        try:
            self._storage.remove(self._path)
            with self._storage.create(self._path) as file:
                file.write(b"\xa5" * _SIZE)
                self._storage.sync(file)
        except OSError as error:
            self._storage.remove(self._path)
            raise StorageFailed(
                f"there is no room in the state folder: {error.strerror or error}; nothing was sent",
                code="no-space",
                next_step="Free some space; then go on as shown by: sobatch status",
            ) from error

    def free(self) -> None:
        """Give it back, for the write that must not fail."""
        self._storage.remove(self._path)
