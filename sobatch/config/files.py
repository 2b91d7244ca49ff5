"""The configuration files: their text, and the shape that they must have. What a key means is decided elsewhere."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sobatch.config.profile import SANDBOX
from sobatch.config.trust import trusted
from sobatch.errors import UsageError

NOT_SETTINGS = ("profiles", "default_profile")


def read(path: Path, warnings: list[str], *, named: bool = False) -> tuple[Path, dict[str, Any]]:
    """What a file holds, nothing where there is none. Raises `UsageError` for one that cannot be used."""
    try:
        with path.open("rb") as file:
            warning = trusted(path, os.fstat(file.fileno()), named=named)
            data = tomllib.loads(file.read().decode("utf-8-sig"))
    except FileNotFoundError:
        if named:
            raise UsageError(
                f"there is no configuration file {path}", next_step="Check --config or SOBATCH_CONFIG."
            ) from None
        return path, {}
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}", next_step="Correct the file at that place.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start})", next_step="Save it as UTF-8.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}", next_step="Check its rights.") from None
    _check_shape(path, data)
    warnings += filter(None, [warning])
    return path, data


def _check_shape(path: Path, data: Mapping[str, Any]) -> None:
    profiles = data.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(table, dict) for table in profiles.values()):
        raise UsageError(f"{path}: profiles must be tables", next_step="Write [profiles.NAME] above its settings.")
    if SANDBOX in profiles:
        raise UsageError(f"{path}: the profile name {SANDBOX!r} is built in", next_step="Choose another name.")
    if not isinstance(data.get("default_profile", ""), str):
        raise UsageError(f"{path}: default_profile must be the name of a profile", next_step="Put it in quotes.")
