"""Makes the commands in a message ready to paste: they repeat the options that say where a run lives."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from sobatch.core.order.setting import Setting

_PLACES = ("sandbox", "profile", "config", "erp", "base_url", "company_id", "set", "state_dir")
_COMMAND = re.compile(r"\bsobatch (?:submit|status|results|cancel|resolve)\b(?! --help)")


def as_flags(given: Mapping[str, object]) -> str:
    """The options of a place as they are typed, each with a space before it."""
    words = []
    for name in _PLACES:
        value = given.get(name)
        flag = f" --{name.replace('_', '-')}"
        if value is True:
            words.append(flag)
        elif value is not None and value is not False:
            several = value if isinstance(value, (list, tuple)) else [value]
            words += [f"{flag} {shlex.quote(str(each))}" for each in several]
    return "".join(words)


def with_setting(given: Mapping[str, object], row: Setting, value: str | None) -> dict[str, object]:
    """The options with another value of a setting, by its own flag or by `--set`; None leaves it out."""
    pairs = given.get("set")
    kept = [each for each in pairs if each.partition("=")[0] != row.name] if isinstance(pairs, (list, tuple)) else []
    if row.flag:
        return {**given, row.name: value, "set": kept}
    return {**given, row.name: None, "set": kept if value is None else [*kept, f"{row.name}={value}"]}


def given_in(arguments: Sequence[str]) -> dict[str, object]:
    """The same options found in raw arguments, for a command that failed before it could say what it was given."""
    pairs: list[str] = []
    found: dict[str, object] = {"set": pairs}
    for place, argument in enumerate(arguments):
        flag, equals, value = argument.partition("=")
        name = flag.removeprefix("--").replace("-", "_")
        if not flag.startswith("--") or name not in _PLACES:
            continue
        said = value if equals else arguments[place + 1] if place + 1 < len(arguments) else None
        if name == "sandbox":
            found[name] = True
        elif name == "set" and said is not None:
            pairs.append(said)
        elif said is not None:
            found[name] = said
    return found


def ready(text: str, flags: str) -> str:
    """The text with the flags in every command that looks for a run, unless they stand there already."""

    def completed(match: re.Match[str]) -> str:
        return match[0] if text.startswith(flags, match.end()) else match[0] + flags

    return _COMMAND.sub(completed, text)
