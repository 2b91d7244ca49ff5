"""A copy of the package to spoil, and the tests of the gate run against it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOO_LONG = 600.0


def copied(folder: Path) -> Path:
    """A copy of the package to spoil."""
    shutil.copytree(ROOT / "sobatch", folder / "sobatch", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def ran_with(
    copy: Path, tests: Sequence[str], picked: str = "", *, timeout: float = TOO_LONG
) -> subprocess.CompletedProcess[str]:
    """Run tests of the gate against a copy, up to the first that fails. Raises `subprocess.TimeoutExpired`."""
    options = ["-q", "-x", "-m", "not full", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", *options, "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]
    command += [str(ROOT / "tests" / each) for each in tests]
    return subprocess.run(
        [*command, "-k", picked] if picked else command,
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
    )
