"""The settings in force, with where each came from. A secret prints as stars by itself and is never opened here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from sobatch.config.profile import Profile
from sobatch.config.secrets import Secret
from sobatch.core.check.sources import writable
from sobatch.core.place.safetext import clean
from sobatch.show.human import Style, table


def setting_facts(profile: Profile) -> dict[str, Any]:
    """Every setting as plain data."""
    return {
        "profile": profile.name,
        "settings": {
            name: {"value": _plain(value), "origin": writable(profile.origin.get(name, "default"))}
            for name, value in _settings(profile).items()
        },
    }


def write_settings(out: TextIO, profile: Profile, style: Style, *, origin: bool) -> None:
    """The settings as a table; those that are not set step back."""
    out.write(f"profile {style.bold(clean(profile.name))}\n")
    heading = ["setting", "value", *(["origin"] if origin else [])]
    rows = [heading]
    for name, value in _settings(profile).items():
        where = [clean(profile.origin.get(name, "default"), 1000)] if origin else []
        rows.append([name, clean(_shown(value), 1000), *where])
    out.write(table(rows))


def _settings(profile: Profile) -> dict[str, Any]:
    return {**{name: profile[name] for name in profile.rows}, "sandbox": profile.sandbox}


def _plain(value: Any) -> Any:
    if isinstance(value, Secret | Path):
        return writable(str(value))
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {item}" for key, item in value.items()) or "-"
    return (", ".join(map(str, value)) or "-") if isinstance(value, tuple) else str(value) or "-"
