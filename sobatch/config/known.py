"""Which names there are: for keys of a file, for flags, for variables. An unknown one is refused with the known ones.

A name that only another ERP has is refused where it is plainly meant for this one, and has no effect where the place
is shared: the part of a file above all profiles, another ERP's profile, the environment.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sobatch.config.common import rows
from sobatch.config.files import NOT_SETTINGS
from sobatch.config.profile import Declared, keys_of
from sobatch.core.order.setting import Setting
from sobatch.errors import UsageError

_ALWAYS = ("SOBATCH_PROFILE", "SOBATCH_CONFIG")


class Known:
    """The names in force. Those of other ERPs are asked for only when one is met that is not among them."""

    def __init__(self, erp: str, declared: Declared) -> None:
        self.rows = rows(declared.settings(erp))
        self._erp = erp
        self._declared = declared

    @property
    def keys(self) -> list[str]:
        """The keys of a file."""
        return [key for row in self.rows.values() for key in keys_of(row)]

    @property
    def variables(self) -> dict[str, str]:
        """The key that each variable of the environment sets."""
        return _variables(self.rows.values())

    def check_flags(self, given: Mapping[str, object]) -> None:
        """Every flag is a setting of this ERP; a secret is none. Raises `UsageError`."""
        secrets = {key: row for row in self.rows.values() if row.secret for key in keys_of(row)}
        for key in given:
            if key in secrets:
                name = secrets[key].name
                raise UsageError(
                    f"there is no flag for {key!r}: others can read the flags of a command",
                    next_step=f"Use SOBATCH_{name.upper()}, or {name}_file, {name}_command or {name}_keyring in a "
                    "profile.",
                )
            if key not in self.rows:
                self._refuse(f"{self._erp} has no setting {key!r}", key, [*self.rows])

    def check_file(self, path: Path, data: Mapping[str, Any]) -> None:
        """Every key of a file is a setting. Raises `UsageError`."""
        shared = {key: value for key, value in data.items() if key not in NOT_SETTINGS}
        self._check(shared, f"{path}: there is no setting {{!r}}", strict=False)
        for name, table in data.get("profiles", {}).items():
            erp = table.get("erp", data.get("erp", self._declared.names[0]))
            words = f"{path}: there is no setting {{!r}} in [profiles.{name}]"
            self._check(table, words, strict=erp == self._erp)

    def unknown_variables(self, environ: Mapping[str, str]) -> Iterator[str]:
        """A sentence for each variable that looks like ours and has no effect whatever the ERP."""
        known = self.variables
        strange = [each for each in sorted(environ) if each.startswith("SOBATCH_") and each not in {*known, *_ALWAYS}]
        if strange:
            known = _variables(row for _, row in self._all_rows())
        for variable in strange:
            if variable not in known:
                close = difflib.get_close_matches(variable, [*known, *_ALWAYS], n=1)
                hint = f"did you mean {close[0]}?" if close else "it has no effect."
                yield f"the environment variable {variable} is not known; {hint}"

    def _check(self, table: Mapping[str, Any], words: str, *, strict: bool) -> None:
        mine = self.keys
        for key in table:
            if key not in mine and (strict or not self._owners(key)):
                self._refuse(words.format(key), key, [*mine, *NOT_SETTINGS])

    def _refuse(self, message: str, key: str, allowed: list[str]) -> None:
        owners = self._owners(key)
        close = difflib.get_close_matches(key, allowed, n=1)
        hint = f"It is one of {', '.join(owners)}. " if owners else ""
        if close and not owners:
            raise UsageError(message, next_step=f"Did you mean {close[0]!r}?")
        raise UsageError(message, next_step=f"{hint}Known are: {', '.join(sorted(allowed))}.")

    def _owners(self, key: str) -> list[str]:
        return [erp for erp, row in self._all_rows() if key in keys_of(row) and erp != self._erp]

    def _all_rows(self) -> Iterator[tuple[str, Setting]]:
        for erp in self._declared.names:
            for row in rows(self._declared.settings(erp)).values():
                yield erp, row


def _variables(settings: Iterable[Setting]) -> dict[str, str]:
    return {row.environment: row.name for row in settings if row.environment is not None}
