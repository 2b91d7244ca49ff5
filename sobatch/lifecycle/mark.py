"""How many sends a journal has begun, kept outside the state folder too: a copy that lacks some must not send.

One empty file per number, named by it: the highest is the mark. So nothing can be half written, two senders cannot set
it back, and it needs no lock. Only a mark that is ahead of its journal means anything; a missing one begins anew.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sobatch.core.cut.storage import Storage
from sobatch.errors import StorageFailed
from sobatch.lifecycle.journal.moves import Journal


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks in a user's cache folder; None where nothing is to be kept."""

    folder: Path | None
    storage: Storage

    def read(self, journal_id: str) -> int:
        """The highest mark that is kept for a journal; 0 for none, and for one that cannot be read."""
        try:
            return max((number for number, _ in self._kept(journal_id)), default=0)
        except OSError:
            return 0

    def keep(self, journal_id: str, mark: int) -> None:
        """Make a mark durable, unless a higher one is. Raises `OSError`."""
        if self.folder is None:
            return
        place = self._place(journal_id)
        self.storage.folder(place)
        kept = self._kept(journal_id)
        if any(number >= mark for number, _ in kept):
            return
        fresh = place / f"new-{os.getpid()}"
        self.storage.remove(fresh)
        self.storage.create(fresh).close()
        self.storage.rename(fresh, place / str(mark))
        for _, path in kept:
            self.storage.remove(path)

    def _place(self, journal_id: str) -> Path:
        return (self.folder or Path()) / sha256(journal_id.encode()).hexdigest()[:32]

    def _kept(self, journal_id: str) -> list[tuple[int, Path]]:
        place = self._place(journal_id)
        if self.folder is None or not place.is_dir():
            return []
        return [(int(each.name), each) for each in place.iterdir() if each.name.isascii() and each.name.isdecimal()]


def keep_mark(journal: Journal, marks: Marks) -> str | None:
    """Keep the journal's mark outside, before the first byte of the send that raised it. Says why it could not."""
    try:
        marks.keep(*journal.mark())
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return None


def mind_restored(journal: Journal, marks: Marks) -> None:
    """Refuse to send by a journal that lacks sends (12): it was restored from a copy, or is one."""
    journal_id, mark = journal.mark()
    lacking = marks.read(journal_id) - mark
    if lacking > 0:
        raise StorageFailed(
            f"this journal lacks {lacking:,} send{'s' if lacking != 1 else ''} made with a newer state of it: "
            "it is a copy, or was restored from one. Nothing was sent",
            code="journal-behind",
            next_step="Bring the newer journal back. If it is lost for good, what this one lacks becomes unknown with: "
            "sobatch resolve --journal-restored",
            facts={"lacking": lacking},
        )
