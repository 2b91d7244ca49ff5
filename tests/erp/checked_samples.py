"""What an ERP's samples have wrong, in the way of `validate`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from sobatch.core.check.one_source import Check
from sobatch.core.read.source import open_sources

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def told(spec: Any, path: Path) -> list[tuple[str, str, str]]:
    """Each problem of a sample: code, severity, pointer."""
    (source,) = open_sources([str(path)], io.BytesIO)
    found = Check(spec, spec.limits({})).problems(source)
    return [(each.code, each.severity.value, each.pointer) for each in found]
