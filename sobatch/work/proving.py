"""`sobatch split --verify`: prove a split against its manifest, and against its source where that is still there."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TextIO

from sobatch.core.cut.manifest import SourceEntry, read_manifest
from sobatch.core.cut.verify import Verdict, verify
from sobatch.core.read.source import Source
from sobatch.erp import spec_of
from sobatch.errors import StorageFailed, UsageError
from sobatch.show.result import Result
from sobatch.work.bench import Services


def prove(services: Services, folder: Path, names: list[str], max_order: int) -> Result:
    """The answer of a verification; ends with 12 where something does not add up.

    A source that is named is compared whatever it is. One that is not named is looked for where the manifest's name of
    it leads, and compared if it is the very file that was split.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no directory {folder}", next_step="Name the one that --out-dir named.")
    sources = services.sources(names) if names else []
    if len(sources) > 1:
        raise UsageError(f"{names[0]} is more than one file", next_step="Name the one that was split.")
    try:
        source, state = (sources[0], "compared") if sources else _remembered(services, folder)
        verdict = verify(folder, spec_of, source, max_order=max_order)
    except OSError as error:
        raise StorageFailed(
            f"{error.filename or folder} cannot be read: {error.strerror or error}", next_step="Check its permissions."
        ) from error
    return _result(services, folder, verdict, state)


def _remembered(services: Services, folder: Path) -> tuple[Source | None, str]:
    """The source the manifest names, beside the directory or where the user stands, and what became of it."""
    entry = read_manifest(folder).source
    state = "absent"
    if entry.name in ("", "-", ".", "..") or Path(entry.name).name != entry.name:
        return None, state
    for place in (Path(), folder.absolute().parent):
        path = place / entry.name
        if not path.is_file():
            continue
        if _is_same(path, entry):
            return services.sources([str(path)])[0], "compared"
        state = "changed"
    return None, state


def _is_same(path: Path, entry: SourceEntry) -> bool:
    if path.stat().st_size != entry.bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256


def _result(services: Services, folder: Path, verdict: Verdict, state: str) -> Result:
    from sobatch.show.prose.splits import verdict_facts, write_verdict

    def text(out: TextIO) -> None:
        write_verdict(out, folder, verdict, state, services.out_style)

    return Result(
        "split",
        facts=lambda: verdict_facts(folder, verdict, state),
        text=text,
        exit_code=lambda: 12 if verdict.flaws else 0,
        items_name="flaws",
        items=lambda: (flaw.facts() for flaw in verdict.flaws),
    )
