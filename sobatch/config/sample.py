"""The sample configuration file, made of what is declared: every setting, each ERP with a profile of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sobatch.config.common import FIRST, LAST
from sobatch.config.profile import Declared
from sobatch.core.order.setting import Setting

_WIDTH = 120
_HEAD = """\
# An example of sobatch's configuration. Put it beside your orders as sobatch.toml (the project file), or into your
# user configuration folder as sobatch/config.toml (the user file). `sobatch config show --origin` tells where each
# value came from.
#
# Which value counts:  flag  >  environment (SOBATCH_...)  >  project file  >  user file  >  default
#
# Take the # away from the settings that you want: they begin with # and no blank, and show the default or an example.
# Settings above the first [table] hold for all profiles; `--profile NAME` chooses one, else default_profile.
#
# A secret is never a flag. It comes from the environment, or from one of four keys: NAME_file (a file that only you can
# read), NAME_command (the first line that a command prints; no shell), NAME_keyring (service/user; needs
# pip install 'sobatch[keyring]'), or NAME itself in the user file, when nobody else may read that.
"""
_SHOWN: Mapping[str, str] = {
    "text": '"..."',
    "any text": '""',
    "count": "1",
    "whole": "0",
    "number": "1",
    "first index": "0",
    "share": "0.05",
    "seconds": '"10s"',
    "some seconds": '"10s"',
    "size": '"30MB"',
    "url": '"https://erp.example.com"',
    "url path": '"/v1/orders"',
    "path": '"a/file"',
    "list": "[]",
    "boolean": "true",
}


def sample(declared: Declared, titles: Mapping[str, str]) -> str:
    """The text of samples/sobatch.toml. `titles` are the ERPs' names as people write them."""
    usual = declared.names[0]
    common = [row for row in (*FIRST, *LAST) if row.name not in ("erp", "base_url")]
    lines = [_HEAD, f'default_profile = "{usual}"', "", _rule("every ERP"), *_settings(common, usual)]
    for erp in declared.names:
        own = {row.name: row for row in declared.settings(erp)}
        base = own.pop("base_url", next(row for row in FIRST if row.name == "base_url"))
        lines += ["", _rule(titles[erp]), f"[profiles.{erp}]", f'erp = "{erp}"']
        lines += [*_words(base.help), f"base_url = {_shown(base)}", *_settings(own.values(), erp)]
    return "\n".join(lines) + "\n"


def _rule(title: str) -> str:
    return f"# --- {title} ".ljust(_WIDTH, "-")


def _settings(rows: Iterable[Setting], erp: str) -> Iterator[str]:
    for row in rows:
        yield from _words(_explained(row))
        yield f'#{row.name}_file = "~/.secrets/{erp}-{row.name}"' if row.secret else f"#{row.name} = {_shown(row)}"


def _explained(row: Setting) -> str:
    words = [row.help, f"One of {', '.join(row.choices)}." if row.choices else ""]
    words.append(f"({row.environment})" if row.environment else "")
    return " ".join(filter(None, words))


def _words(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _shown(row: Setting) -> str:
    """The setting's example, else its default, else what one of its kind looks like; in TOML."""
    if row.example:
        return row.example
    if row.choices:
        return _toml(row.default or row.choices[0])
    return _SHOWN[row.kind] if row.default in (None, (), {}) else _toml(row.default)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml(each) for each in value)}]"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) if isinstance(value, int) else f'"{value}"'
