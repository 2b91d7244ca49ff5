"""Read orders back out of the staged parts: by offset, from an inflated copy on disk, never a whole part in memory."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from isal import igzip

from sobatch.erp.sends import stored
from sobatch.errors import StorageFailed


class Staged(Protocol):
    """Where an order stands in its part's text."""

    @property
    def idx(self) -> int:
        """Its index in the input."""

    @property
    def part_offset(self) -> int | None:
        """Its byte offset in the part's text."""

    @property
    def length(self) -> int:
        """Its bytes."""


class Stored(Protocol):
    """Where the bytes of a part are."""

    @property
    def file(self) -> str:
        """The name of its file in the run's folder."""

    @property
    def start(self) -> int | None:
        """Where they begin, in a page that other parts share."""

    @property
    def size(self) -> int:
        """How many there are."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that is nobody's page."""

    file: str
    start: int | None = None
    size: int = 0


class PartText:
    """The JSON text of one staged part."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def order(self, row: Staged) -> bytes:
        """The order's bytes, as the user wrote them."""
        if row.part_offset is None:
            raise StorageFailed(f"order {row.idx} was never staged", code="staged")
        data = os.pread(self._descriptor, row.length, row.part_offset)
        if len(data) != row.length:
            raise StorageFailed(f"the staged part of order {row.idx} is shorter than it was", code="staged")
        return data


@contextmanager
def part_text(folder: Path, part: Stored) -> Iterator[PartText]:
    """Inflate a part to a private temporary file for as long as it is needed."""
    with tempfile.TemporaryFile(dir=folder) as copy:
        try:
            with (
                stored(folder / part.file, part.start, part.size) as raw,
                igzip.open(raw, "rb") as text,  # type: ignore[no-untyped-call]
            ):
                shutil.copyfileobj(text, copy, 1 << 18)
        except (OSError, EOFError) as error:
            raise StorageFailed(
                f"the staged part {part.file} cannot be read back: {error}",
                code="staged",
                next_step="The journal still has every verdict: sobatch results",
            ) from error
        copy.flush()
        yield PartText(copy.fileno())
