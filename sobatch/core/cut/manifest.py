"""The manifest of a split: what came from where, so that it can be proved that nothing was lost, doubled or changed.

One JSON object, one part a line. `ranges` are the indexes (from 0, first and last of each run) of a part's orders in
the source. `orders_sha256` is over the bytes of every order in the source's sequence, each followed by a line feed.
Nothing in it depends on the time or the machine.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import orjson

from sobatch.core.cut.staging import PartFacts
from sobatch.core.order.limits import Limits
from sobatch.errors import InputError

MANIFEST = "manifest.json"
SET_ASIDE = "set-aside.json"
SCHEMA_VERSION = 1
_RUN = re.compile(rb"\[\s*(\d+)\s*,\s*(\d+)\s*\]")


class Runs:
    """Ascending numbers as runs of first and last."""

    def __init__(self) -> None:
        self._edges: array[int] = array("Q")

    def add(self, number: int) -> None:
        """Add a number above all others."""
        if self._edges and self._edges[-1] == number - 1:
            self._edges[-1] = number
        else:
            self._edges.extend((number, number))

    @property
    def first(self) -> int:
        """The least number."""
        return self._edges[0]

    def text(self) -> bytes:
        """As JSON: `[[0,17],[20,20]]`."""
        edges = iter(self._edges)
        return b"[" + b",".join(b"[%d,%d]" % pair for pair in zip(edges, edges, strict=True)) + b"]"


class SourceEntry(msgspec.Struct):
    """The input: its name as the user gave it, and what was stored under it."""

    name: str
    bytes: int
    sha256: str


class PartEntry(msgspec.Struct):
    """One file. `sha256` is of the stored bytes, `text_sha256` of the JSON text inside."""

    file: str
    orders: int
    bytes: int
    sha256: str
    text_bytes: int
    text_sha256: str
    ranges: msgspec.Raw
    group: str | None = None
    lines: int = 0
    rows: int = 0

    def runs(self) -> Iterator[tuple[int, int]]:
        """First and last index of every run."""
        for found in _RUN.finditer(memoryview(self.ranges)):
            yield int(found[1]), int(found[2])


class Manifest(msgspec.Struct):
    """What a split wrote."""

    schema_version: int
    source: SourceEntry
    erp: str
    limits: dict[str, int | float | None]
    orders: int
    lines: int
    rows: int
    orders_sha256: str
    parts: list[PartEntry]
    set_aside: PartEntry | None = None

    def entries(self) -> list[PartEntry]:
        """All files: the parts, then what was set aside."""
        return [*self.parts, *([self.set_aside] if self.set_aside is not None else [])]


def part_entry(facts: PartFacts, runs: Runs) -> PartEntry:
    """The entry of a finished part."""
    return PartEntry(
        facts.path.name,
        facts.orders,
        facts.size,
        facts.sha256,
        facts.text_size,
        facts.text_sha256,
        msgspec.Raw(runs.text()),
        facts.group,
        facts.lines,
        facts.rows,
    )


def limit_facts(limits: Limits) -> dict[str, int | float | None]:
    """The limits a split kept to."""
    return {
        "max_lines": limits.max_lines,
        "max_rows": limits.max_rows,
        "max_bytes": limits.max_bytes,
        "max_orders": limits.max_orders,
        "headroom": limits.headroom,
    }


def write_manifest(out: BinaryIO, manifest: Manifest) -> None:
    """Write it, one part a line."""
    head: Mapping[str, Any] = {
        "schema_version": manifest.schema_version,
        "source": {
            "name": manifest.source.name,
            "bytes": manifest.source.bytes,
            "sha256": manifest.source.sha256,
        },
        "erp": manifest.erp,
        "limits": manifest.limits,
        "orders": manifest.orders,
        "lines": manifest.lines,
        "rows": manifest.rows,
        "orders_sha256": manifest.orders_sha256,
    }
    out.write(b"{\n")
    for name, value in head.items():
        out.write(b"%b:%b,\n" % (orjson.dumps(name), orjson.dumps(value)))
    out.write(b'"parts":[')
    out.writelines(_lines(manifest.parts))
    out.write(b"\n],\n")
    aside = msgspec.json.encode(manifest.set_aside) if manifest.set_aside is not None else b"null"
    out.write(b'"set_aside":%b\n}\n' % aside)


def _lines(parts: Iterable[PartEntry]) -> Iterator[bytes]:
    for count, part in enumerate(parts):
        yield (b",\n" if count else b"\n") + msgspec.json.encode(part)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder. Raises `InputError` when it is absent or not one."""
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}",
            code="no_manifest",
            next_step="Name the directory that `sobatch split --out-dir` wrote.",
        ) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(
            f"{path} is not a whole manifest of sobatch: {error}", code="bad_manifest", next_step=_AGAIN
        ) from None
    _mind(manifest, path)
    return manifest


_AGAIN = "Split the source again into a new directory."


def _mind(manifest: Manifest, path: Path) -> None:
    if manifest.schema_version != SCHEMA_VERSION:
        raise InputError(
            f"{path} has schema version {manifest.schema_version}; this sobatch knows {SCHEMA_VERSION}",
            code="bad_manifest",
            next_step="Use the sobatch that wrote it, or a newer one.",
        )
    for entry in manifest.entries():
        if Path(entry.file).name != entry.file or entry.file in ("", ".", ".."):
            raise InputError(
                f"{path} names a file outside its own directory: {entry.file}", code="bad_manifest", next_step=_AGAIN
            )
