"""Makes the commands in a message ready to paste: they repeat the options that say where a run lives."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

_PLACES = ("sandbox", "profile", "config", "base_url", "company_id", "state_dir")
_COMMAND = re.compile(r"\bsobatch (?:submit|status|results|cancel|resolve)\b(?! --help)")


def as_flags(given: Mapping[str, object]) -> str:
    """The options of a place as they are typed, each with a space before it."""
    words = []
    for name in _PLACES:
        value = given.get(name)
        if value is not None and value is not False:
            flag = f"--{name.replace('_', '-')}"
            words.append(f" {flag}" if value is True else f" {flag} {shlex.quote(str(value))}")
    return "".join(words)


def given_in(arguments: Sequence[str]) -> dict[str, object]:
    """The same options found in raw arguments, for a command that failed before it could say what it was given."""
    found: dict[str, object] = {}
    for place, argument in enumerate(arguments):
        flag, equals, value = argument.partition("=")
        name = flag.removeprefix("--").replace("-", "_")
        if not flag.startswith("--") or name not in _PLACES:
            continue
        if name == "sandbox":
            found[name] = True
        elif equals or place + 1 < len(arguments):
            found[name] = value if equals else arguments[place + 1]
    return found


def ready(text: str, flags: str) -> str:
    """The text with the flags in every command that looks for a run, unless they stand there already."""

    def completed(match: re.Match[str]) -> str:
        return match[0] if text.startswith(flags, match.end()) else match[0] + flags

    return _COMMAND.sub(completed, text)
