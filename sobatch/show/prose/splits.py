"""The answers of `split`: what was written where, and whether it is proved."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from sobatch.core.check.sources import writable
from sobatch.core.cut.manifest import Manifest, PartEntry
from sobatch.core.cut.verify import Verdict
from sobatch.core.place.safetext import clean
from sobatch.core.read.source import typed
from sobatch.show.human import Style, count, size, table

_MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Split:
    """One input that was split into one directory."""

    name: str
    folder: Path
    manifest: Manifest


def part_facts(splits: Sequence[Split]) -> Iterator[dict[str, Any]]:
    """Every part of every split as plain data."""
    for split in splits:
        for number, part in enumerate(split.manifest.parts, 1):
            yield {
                "source": writable(split.name),
                "part": number,
                "file": writable(str(split.folder / part.file)),
                "group": part.group,
                "orders": part.orders,
                "lines": part.lines,
                "rows": part.rows,
                "bytes": part.bytes,
                "sha256": part.sha256,
                "ranges": [list(run) for run in part.runs()],
            }


def split_facts(splits: Sequence[Split]) -> dict[str, Any]:
    """The sums of every split as plain data."""
    return {"splits": [_facts(split) for split in splits]}


def _facts(split: Split) -> dict[str, Any]:
    manifest = split.manifest
    aside = manifest.set_aside
    return {
        "source": writable(split.name),
        "out_dir": writable(str(split.folder)),
        "manifest": writable(str(split.folder / "manifest.json")),
        "orders": manifest.orders,
        "lines": manifest.lines,
        "rows": manifest.rows,
        "parts": len(manifest.parts),
        "set_aside": {"file": writable(str(split.folder / aside.file)), "orders": aside.orders} if aside else None,
        "limits": manifest.limits,
    }


def write_splits(out: TextIO, splits: Sequence[Split], style: Style) -> None:
    """What was written, and last the next command."""
    for split in splits:
        _write_parts(out, split.manifest.parts)
        _write_sums(out, split, style)
    out.write("Next:\n")
    for split in splits:
        out.write(f"  sobatch split --verify {_quoted(split.folder)}\n")


def _write_parts(out: TextIO, parts: Sequence[PartEntry]) -> None:
    rows = [["part", "orders", "lines", "rows", "size"]]
    rows += [
        [part.file, f"{part.orders:,}", f"{part.lines:,}", f"{part.rows:,}", size(part.bytes)]
        for part in parts[:_MOST_PARTS]
    ]
    out.write(table(rows, right=(1, 2, 3, 4)))
    if len(parts) > _MOST_PARTS:
        out.write(f"  ... and {len(parts) - _MOST_PARTS:,} more\n")


def _write_sums(out: TextIO, split: Split, style: Style) -> None:
    manifest, aside = split.manifest, split.manifest.set_aside
    parts = style.bold(count(len(manifest.parts), "part"))
    sums = ", ".join((count(manifest.orders, "order"), count(manifest.lines, "line"), count(manifest.rows, "row")))
    out.write(f"\n{clean(split.name, 1000)}: {sums} in {parts} in {clean(str(split.folder), 1000)}\n")
    if aside is not None:
        kept = f"{count(aside.orders, 'order')} with errors in {clean(str(split.folder / aside.file), 1000)}"
        out.write(f"{style.yellow('set aside')}: {kept}\n")


def verdict_facts(folder: Path, verdict: Verdict, source: str) -> dict[str, Any]:
    """A verification as plain data. `source`: `compared`, `absent`, or `changed` since the split."""
    manifest = verdict.manifest
    return {
        "out_dir": writable(str(folder)),
        "proved": not verdict.flaws,
        "source": source,
        "orders": manifest.orders,
        "parts": len(manifest.parts),
        "set_aside": manifest.set_aside.orders if manifest.set_aside else 0,
    }


def write_verdict(out: TextIO, folder: Path, verdict: Verdict, source: str, style: Style) -> None:
    """The flaws, and last whether it is proved."""
    for flaw in verdict.flaws:
        out.write(f"{style.bold(clean(flaw.file, 200))}: {style.red('error')} {clean(flaw.what)}\n")
    manifest, name = verdict.manifest, clean(verdict.manifest.source.name, 200)
    if verdict.flaws:
        out.write(
            f"\n{style.red('not proved')}: {clean(str(folder), 1000)} is not what was split. Next:\n"
            f"  {typed('sobatch split', [name], f'--out-dir {_quoted(folder)}', '--force')}\n"
        )
        return
    against = {
        "compared": f"the manifest and {name}",
        "absent": f"the manifest ({name} is not there to be compared)",
        "changed": f"the manifest ({name} is no longer the file that was split, so it was not compared)",
    }[source]
    sums = f"{count(manifest.orders, 'order')} in {count(len(manifest.entries()), 'file')}"
    out.write(f"{style.bold('ok')}: {sums}, each once and byte for byte as in {against}\n")


def _quoted(path: Path) -> str:
    return shlex.quote(clean(str(path), 1000))
