"""What the user set, wherever it was set: flag > environment > project file > user file > default, as one `Profile`.

The only reader of the environment, and even here it is an argument (`from_process` fills it in). Each value remembers
where it came from. Decides nothing about what a value is good for.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sobatch.config.kinds import KINDS, BadValue
from sobatch.config.profile import (
    FILE_KEYS,
    IN_ENVIRONMENT,
    SANDBOX,
    SANDBOX_VALUES,
    SECRET_FORMS,
    SECRETS,
    SETTINGS,
    TENANT,
    VARIABLES,
    Profile,
)
from sobatch.config.secrets import Secret, from_command, from_file, from_keyring, from_text, require_private
from sobatch.config.trust import trusted
from sobatch.errors import UsageError

PROJECT_FILE = "sobatch.toml"


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


def from_process(flags: Mapping[str, object]) -> Profile:
    """The profile as this process finds it: its environment, folder and user."""
    import platformdirs

    return load(
        flags,
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
    flags: Mapping[str, object], *, environ: Mapping[str, str], cwd: Path, user_config: Path, default_state_dir: Path
) -> Profile:
    """Gather the settings of one profile. Flags are setting names, plus `profile`, `config` and `sandbox`.

    A flag that is None was not given. Raises `UsageError` for what cannot be understood.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    _known(given, (*SETTINGS, "profile", "config", "sandbox"), "there is no flag for {!r}")
    named = given.get("config") or environ.get("SOBATCH_CONFIG")
    warnings: list[str] = []
    place = _path(str(named), cwd, environ) if named else cwd / PROJECT_FILE
    project = _read(place, warnings, named=bool(named))
    user = _read(user_config, warnings)
    name = _chosen(given, environ, project[1], user[1])
    layers = [
        _Layer({key: value for key, value in given.items() if key in SETTINGS}, _flag_name, cwd),
        _Layer(_environment(environ), lambda key: f"environment SOBATCH_{key.upper()}", cwd),
        *_file_layers("project file", *project, name, False),
        *_file_layers("user file", *user, name, True),
    ]
    profile = _profile(name, _for_sandbox(layers, cwd) if name == SANDBOX else layers, environ, default_state_dir)
    return replace(profile, warnings=(*warnings, *_unknown_variables(environ)))


def _profile(name: str, layers: list[_Layer], environ: Mapping[str, str], state_dir: Path) -> Profile:
    values: dict[str, Any] = {"state_dir": state_dir}
    origin = dict.fromkeys((*SETTINGS, *SECRETS), "default")
    for key in SETTINGS:
        layer = next((each for each in layers if key in each.values), None)
        if layer is not None:
            origin[key] = layer.origin(key)
            values[key] = _understood(key, layer.values[key], origin[key], layer.folder, environ)
    shared = bool(values.get("allow_readable_secrets"))
    for key in SECRETS:
        for layer in layers:
            forms = [key + form for form in SECRET_FORMS if key + form in layer.values]
            if forms:
                values[key], origin[key] = _secret(key, forms, layer, environ, shared=shared), layer.origin(forms[0])
                break
    return Profile(name=name, sandbox=name == SANDBOX, origin=origin, **values)


def _understood(key: str, value: object, origin: str, folder: Path, environ: Mapping[str, str]) -> Any:
    try:
        understood = KINDS[key](value)
    except BadValue as error:
        shown = "" if error.private else f" = {value!r}"
        raise UsageError(f"{key}{shown} ({origin}): {error}", next_step=f"Correct {key} there.") from None
    return _path(str(understood), folder, environ) if isinstance(understood, Path) else understood


def _path(text: str, folder: Path, environ: Mapping[str, str]) -> Path:
    """A path as its writer meant it: relative to where it is written, `~` being the user's home."""
    if text.startswith(("~/", "~\\")):
        home = environ.get("HOME") or environ.get("USERPROFILE")
        if home:
            return Path(home) / text[2:]
    return folder / text


def _secret(key: str, forms: list[str], layer: _Layer, environ: Mapping[str, str], *, shared: bool) -> Secret:
    form, origin = forms[0], layer.origin(forms[0])
    if len(forms) > 1:
        raise UsageError(f"{origin} sets both {form} and {forms[1]}", next_step="Keep one of them.")
    try:
        value = KINDS[form](layer.values[form])
    except BadValue as error:
        raise UsageError(f"{form} ({origin}): {error}", next_step=f"Correct {form} there.") from None
    if form == f"{key}_file":
        return from_file(_path(value, layer.folder, environ), key, shared=shared)
    if form == f"{key}_command":
        return from_command(value, key, environ)
    if form == f"{key}_keyring":
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


def _read(path: Path, warnings: list[str], *, named: bool = False) -> tuple[Path, dict[str, Any]]:
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
    _check_keys(path, data)
    warnings += filter(None, [warning])
    return path, data


def _check_keys(path: Path, data: Mapping[str, Any]) -> None:
    profiles = data.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(table, dict) for table in profiles.values()):
        raise UsageError(f"{path}: profiles must be tables", next_step="Write [profiles.NAME] above its settings.")
    if SANDBOX in profiles:
        raise UsageError(f"{path}: the profile name {SANDBOX!r} is built in", next_step="Choose another name.")
    if not isinstance(data.get("default_profile", ""), str):
        raise UsageError(f"{path}: default_profile must be the name of a profile", next_step="Put it in quotes.")
    _known(data, (*FILE_KEYS, "profiles", "default_profile"), f"{path}: there is no setting {{!r}}")
    for name, table in profiles.items():
        _known(table, FILE_KEYS, f"{path}: there is no setting {{!r}} in [profiles.{name}]")


def _known(keys: Mapping[str, object], allowed: tuple[str, ...], words: str) -> None:
    for key in keys:
        if key not in allowed:
            close = difflib.get_close_matches(key, allowed, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(sorted(allowed))}."
            raise UsageError(words.format(key), next_step=hint)


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


def _file_layers(place: str, path: Path, data: Mapping[str, Any], name: str, users_own: bool) -> list[_Layer]:
    origin = f"{place} {path}"
    shared = {key: value for key, value in data.items() if key not in ("profiles", "default_profile")}
    own = data.get("profiles", {}).get(name, {})
    return [_Layer(table, lambda _: origin, path.parent, path, users_own) for table in (own, shared)]


def _for_sandbox(layers: list[_Layer], cwd: Path) -> list[_Layer]:
    """The same layers without anything of a real tenant; only a company may be chosen by flag."""
    flags, *others = layers
    if foreign := sorted((TENANT - {"company_id"}) & set(flags.values)):
        raise UsageError(f"the sandbox has its own {foreign[0]}", next_step=f"Leave {_flag_name(foreign[0])} out.")
    hidden = {secret + form for secret in SECRETS for form in SECRET_FORMS} | TENANT
    kept = [
        _Layer({key: value for key, value in each.values.items() if key not in hidden}, each.origin, each.folder)
        for each in others
    ]
    built_in = _Layer({**SANDBOX_VALUES, "client_secret": "sandbox"}, lambda _: "built-in profile sandbox", cwd)
    return [flags, *kept, built_in]


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name: environ[variable]
        for variable, name in VARIABLES.items()
        if name in IN_ENVIRONMENT and environ.get(variable)
    }


def _unknown_variables(environ: Mapping[str, str]) -> list[str]:
    sentences = []
    for variable in sorted(environ):
        if variable.startswith("SOBATCH_") and variable not in VARIABLES:
            close = difflib.get_close_matches(variable, VARIABLES, n=1)
            hint = f"did you mean {close[0]}?" if close else "it has no effect."
            sentences.append(f"the environment variable {variable} is not known; {hint}")
    return sentences


def _flag_name(key: str) -> str:
    return f"flag --{key.replace('_', '-')}"
