"""A user with settings in every place they may come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sobatch.config.load import load
from sobatch.config.profile import Profile
from sobatch.work.declared import declared


class Setup:
    """A user with a project folder, a configuration folder and an environment."""

    def __init__(self, root: Path) -> None:
        self.cwd = root / "project"
        self.user_file = root / "home" / "config.toml"
        self.environ: dict[str, str] = {"HOME": str(root / "home"), "PATH": "/usr/bin:/bin"}
        self.cwd.mkdir()
        self.user_file.parent.mkdir()

    def project(self, text: str) -> None:
        (self.cwd / "sobatch.toml").write_text(text, encoding="utf-8")

    def user(self, text: str, mode: int = 0o600) -> None:
        self.user_file.write_text(text, encoding="utf-8")
        self.user_file.chmod(mode)

    def load(self, **flags: Any) -> Profile:
        return load(
            flags,
            declared(),
            environ=self.environ,
            cwd=self.cwd,
            user_config=self.user_file,
            default_state_dir=Path("/state"),
        )


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path)
