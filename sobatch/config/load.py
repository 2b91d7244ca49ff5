"""What the user set, wherever it was set: flag > environment > project file > user file > default, as one `Profile`.

The only reader of the environment, and even here it is an argument (`from_process` fills it in). Each value remembers
where it came from. Decides nothing about what a value is good for, and knows no ERP: `Declared` tells what there is.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sobatch.config.files import NOT_SETTINGS, read
from sobatch.config.kinds import BadValue, understood
from sobatch.config.known import Known
from sobatch.config.profile import SANDBOX, SECRET_FORMS, TYPED, Declared, Profile, keys_of
from sobatch.config.secrets import Secret, from_command, from_file, from_keyring, from_text, require_private
from sobatch.core.order.setting import Setting
from sobatch.errors import UsageError

PROJECT_FILE = "sobatch.toml"
_NOT_SETTINGS = ("profile", "config", "sandbox", "set")


@dataclass(frozen=True, slots=True)
class _Layer:
    """One place that settings come from, already narrowed to the chosen profile."""

    values: Mapping[str, Any]
    origin: Callable[[str], str]
    folder: Path
    file: Path | None = None
    users_own: bool = False


def terminal_facts() -> Mapping[str, str]:
    """The variables that say what the terminal can and the user wants of it: NO_COLOR and TERM."""
    return {name: os.environ[name] for name in ("NO_COLOR", "TERM") if name in os.environ}


def from_process(flags: Mapping[str, object], declared: Declared) -> Profile:
    """The profile as this process finds it: its environment, folder and user."""
    import platformdirs

    return load(
        flags,
        declared,
        environ=os.environ,
        cwd=Path.cwd(),
        user_config=platformdirs.user_config_path("sobatch") / "config.toml",
        default_state_dir=platformdirs.user_state_path("sobatch"),
    )


def cache_folder() -> Path | None:
    """Where this user keeps what may be lost, None where there is no home."""
    import platformdirs

    folder = platformdirs.user_cache_path("sobatch")
    return folder if folder.is_absolute() else None


def load(
    flags: Mapping[str, object],
    declared: Declared,
    *,
    environ: Mapping[str, str],
    cwd: Path,
    user_config: Path,
    default_state_dir: Path,
) -> Profile:
    """Gather the settings of one profile. Flags are setting names, plus `profile`, `config`, `sandbox` and `set`.

    A flag that is None was not given. `set` is a sequence of `NAME=VALUE`. Raises `UsageError` for what cannot be
    understood.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    named = given.get("config") or environ.get("SOBATCH_CONFIG")
    warnings: list[str] = []
    place = _path(str(named), cwd, environ) if named else cwd / PROJECT_FILE
    project = read(place, warnings, named=bool(named))
    user = read(user_config, warnings)
    name = _chosen(given, environ, project[1], user[1])
    flag_layer = _flags(given, cwd)
    file_layers = [
        *_file_layers("project file", *project, name, False),
        *_file_layers("user file", *user, name, True),
    ]
    erp = _erp([flag_layer, _environment(environ, {"SOBATCH_ERP": "erp"}, cwd), *file_layers], declared)
    known = Known(erp, declared)
    known.check_flags(flag_layer.values)
    for path, data in (project, user):
        known.check_file(path, data)
    layers = [flag_layer, _environment(environ, known.variables, cwd), *file_layers]
    if name == SANDBOX:
        layers = _for_sandbox(layers, cwd, known.rows, declared.sandbox(erp))
    profile = _profile(name, erp, known.rows, layers, environ, default_state_dir)
    return replace(profile, warnings=(*warnings, *known.unknown_variables(environ)))


def _erp(layers: Sequence[_Layer], declared: Declared) -> str:
    """The ERP in force: named in the nearest place, else the usual one."""
    layer = next((each for each in layers if "erp" in each.values), None)
    if layer is None:
        return declared.names[0]
    row = Setting("erp", "text")
    return str(_understood(row, layer.values["erp"], layer.origin("erp"), layer.folder, {}))


def _profile(
    name: str,
    erp: str,
    rows: Mapping[str, Setting],
    layers: Sequence[_Layer],
    environ: Mapping[str, str],
    state_dir: Path,
) -> Profile:
    values: dict[str, Any] = {key: row.default for key, row in rows.items()}
    values |= {"erp": erp, "state_dir": state_dir}
    origin = dict.fromkeys(rows, "default")
    for key, row in rows.items():
        layer = next((each for each in layers if key in each.values), None) if not row.secret else None
        if layer is not None:
            origin[key] = layer.origin(key)
            values[key] = _understood(row, layer.values[key], origin[key], layer.folder, environ)
    shared = bool(values["allow_readable_secrets"])
    for key in (key for key, row in rows.items() if row.secret):
        for layer in layers:
            forms = [form for form in SECRET_FORMS if key + form in layer.values]
            if forms:
                origin[key] = layer.origin(key + forms[0])
                values[key] = _secret(rows[key], forms, layer, environ, shared=shared)
                break
    typed = {key: values.pop(key) for key in TYPED}
    return Profile(name=name, own=values, rows=rows, sandbox=name == SANDBOX, origin=origin, **typed)


def _understood(row: Setting, value: object, origin: str, folder: Path, environ: Mapping[str, str]) -> Any:
    try:
        meant = understood(row, value)
    except BadValue as error:
        shown = "" if error.private else f" = {value!r}"
        raise UsageError(f"{row.name}{shown} ({origin}): {error}", next_step=f"Correct {row.name} there.") from None
    return _path(str(meant), folder, environ) if isinstance(meant, Path) else meant


def _path(text: str, folder: Path, environ: Mapping[str, str]) -> Path:
    """A path as its writer meant it: relative to where it is written, `~` being the user's home."""
    if text.startswith(("~/", "~\\")):
        home = environ.get("HOME") or environ.get("USERPROFILE")
        if home:
            return Path(home) / text[2:]
    return folder / text


def _secret(row: Setting, forms: Sequence[str], layer: _Layer, environ: Mapping[str, str], *, shared: bool) -> Secret:
    key, form = row.name, forms[0]
    origin = layer.origin(key + form)
    if len(forms) > 1:
        raise UsageError(f"{origin} sets both {key}{form} and {key}{forms[1]}", next_step="Keep one of them.")
    try:
        value = understood(row, layer.values[key + form], form)
    except BadValue as error:
        raise UsageError(f"{key}{form} ({origin}): {error}", next_step=f"Correct {key}{form} there.") from None
    if form == "_file":
        return from_file(_path(value, layer.folder, environ), key, shared=shared)
    if form == "_command":
        return from_command(value, key, environ)
    if form == "_keyring":
        return from_keyring(value, key)
    _require_own_file(key, layer, shared)
    return from_text(value, key, origin)


def _require_own_file(key: str, layer: _Layer, shared: bool) -> None:
    if layer.file is None:
        return
    # In the clear only in the user's own, private file.
    if not layer.users_own:
        raise UsageError(
            f"{layer.file} holds {key} in the clear; project files get copied and committed",
            next_step=f"Use {key}_file, {key}_command, {key}_keyring or SOBATCH_{key.upper()} instead.",
        )
    if not shared:
        require_private(layer.file, key)


def _chosen(
    given: Mapping[str, object], environ: Mapping[str, str], project: Mapping[str, Any], user: Mapping[str, Any]
) -> str:
    """The profile's name: asked for, or the default of the nearest file, or simply "default"."""
    asked = given.get("profile")
    if given.get("sandbox"):
        if asked not in (None, SANDBOX):
            raise UsageError(f"--sandbox and --profile {asked} exclude each other", next_step="Leave one of them out.")
        return SANDBOX
    name = str(
        asked
        or environ.get("SOBATCH_PROFILE")
        or project.get("default_profile")
        or user.get("default_profile")
        or "default"
    )
    names = [*project.get("profiles", {}), *user.get("profiles", {}), SANDBOX, "default"]
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        raise UsageError(
            f"there is no profile {name!r}",
            next_step=f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(names)}.",
        )
    return name


def _flags(given: Mapping[str, Any], cwd: Path) -> _Layer:
    """The flags; `--set NAME=VALUE` is the flag of any setting. Raises `UsageError` for one that is given twice."""
    values = {name: value for name, value in given.items() if name not in _NOT_SETTINGS}
    set_so: set[str] = set()
    for pair in given.get("set", ()):
        name, equals, value = str(pair).partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not name:
            raise UsageError(f"--set {pair} is not understood", next_step="Write --set NAME=VALUE.")
        if name in values:
            raise UsageError(f"{name} is given twice", next_step="Keep one of the two.")
        values[name] = value
        set_so.add(name)
    return _Layer(values, lambda name: f"flag --set {name}" if name in set_so else flag_name(name), cwd)


def _file_layers(place: str, path: Path, data: Mapping[str, Any], name: str, users_own: bool) -> list[_Layer]:
    origin = f"{place} {path}"
    shared = {key: value for key, value in data.items() if key not in NOT_SETTINGS}
    own = data.get("profiles", {}).get(name, {})
    return [_Layer(table, lambda _: origin, path.parent, path, users_own) for table in (own, shared)]


def _for_sandbox(
    layers: list[_Layer], cwd: Path, rows: Mapping[str, Setting], values: Mapping[str, str]
) -> list[_Layer]:
    """The same layers without anything of a real tenant; only whose orders these are may be chosen by flag."""
    flags, *others = layers
    tenants = [row for row in rows.values() if row.is_tenants]
    foreign = sorted(row.name for row in tenants if row.name in flags.values and not row.identity)
    if foreign:
        raise UsageError(f"the sandbox has its own {foreign[0]}", next_step=f"Leave {flag_name(foreign[0])} out.")
    hidden = {key for row in tenants for key in keys_of(row)}
    kept = [
        _Layer({key: value for key, value in each.values.items() if key not in hidden}, each.origin, each.folder)
        for each in others
    ]
    return [flags, *kept, _Layer(values, lambda _: "built-in profile sandbox", cwd)]


def _environment(environ: Mapping[str, str], variables: Mapping[str, str], cwd: Path) -> _Layer:
    values = {name: environ[variable] for variable, name in variables.items() if environ.get(variable)}
    return _Layer(values, lambda key: f"environment SOBATCH_{key.upper()}", cwd)


def flag_name(key: str) -> str:
    """How the origin of a flag is told."""
    return f"flag --{key.replace('_', '-')}"
