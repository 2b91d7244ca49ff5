"""The name under which a part goes out: run, part and digest. By it a part is known wherever it is listed."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PATTERN = re.compile(r"sobatch-(\d{8}-\d{6}-[a-z]+)-(\d{4,})-([0-9a-f]{8})(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a file name of ours says: the run, the part's number, the first eight of its digest."""

    run: str
    part: int
    sha8: str


def file_name(run: str, part: int, sha256: str) -> str:
    """The file name of a part on the wire."""
    return f"sobatch-{run}-{part:04d}-{sha256[:8]}.json.gz"


def fingerprints(text: str) -> list[Fingerprint]:
    """Every file name of this form inside a text."""
    return [Fingerprint(found[1], int(found[2]), found[3]) for found in _PATTERN.finditer(text.lower())]
