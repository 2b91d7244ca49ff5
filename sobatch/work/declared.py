"""What the ERPs declare, handed to those who know none of them: configuration, flags, completions."""

from __future__ import annotations

from collections.abc import Mapping

from sobatch.config.common import rows
from sobatch.config.profile import Declared
from sobatch.core.order.setting import Setting, Where
from sobatch.erp import names, settings_of, spec_of
from sobatch.sandbox.worlds import WORLDS


def declared() -> Declared:
    """For `config.load`."""
    return Declared(names(), settings_of, _reached)


def _reached(erp: str) -> Mapping[str, str]:
    return WORLDS[spec_of(erp).sandbox].reached()


def own_flags(*, offline: bool) -> list[Setting]:
    """The settings that an ERP wants a flag of its own for; offline those alone that matter to a check or a cut."""
    found: dict[str, Setting] = {}
    for erp in names():
        for row in settings_of(erp):
            if row.flag and (not offline or row.where in (Where.CHECK, Where.SEND)):
                found.setdefault(row.name, row)
    return list(found.values())


def erps() -> list[str]:
    """The names of the ERPs, the usual one first."""
    return names()


def setting_names() -> list[str]:
    """The names of all settings that any ERP has and a flag may set."""
    every = (row for erp in names() for row in rows(settings_of(erp)).values())
    return sorted({row.name for row in every if not row.secret})
