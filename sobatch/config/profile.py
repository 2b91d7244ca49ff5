"""Every setting there is, as one value; and what configuration is told of the ERPs, which it does not know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from sobatch.core.order.setting import Setting

SANDBOX = "sandbox"
SECRET_FORMS = ("", "_file", "_command", "_keyring")


@dataclass(frozen=True, slots=True)
class Declared:
    """What the ERPs declare: their names, the usual one first; the settings of one; what reaches its pretend ERP.

    The functions raise `UsageError` for a name that is no ERP's.
    """

    names: Sequence[str]
    settings: Callable[[str], Sequence[Setting]]
    sandbox: Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Every setting, understood. `own` holds the ERP's own ones by name, a secret as a `Secret`; `rows` declares all.

    `origin` tells for each where it came from; `warnings` are sentences for the user.
    """

    name: str
    erp: str
    state_dir: Path
    base_url: str | None = None
    max_bytes: int
    max_orders: int | None
    in_flight: int | None
    poll_interval: float | None
    timeout: float | None
    settle: float
    resend_not_listed: bool
    retry_429: bool
    severity: Mapping[str, str]
    proxy: str | None
    ca_file: Path | None
    connect_timeout: float
    read_timeout: float
    send_timeout: float
    allow_readable_secrets: bool
    own: Mapping[str, Any]
    rows: Mapping[str, Setting]
    sandbox: bool = False
    origin: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Any:
        """Any setting by its name; raises `KeyError` for one that this ERP does not have."""
        if name not in self.rows:
            raise KeyError(name)
        return getattr(self, name) if name in TYPED else self.own[name]

    @property
    def identity(self) -> Setting | None:
        """The setting that says whose orders these will be, None where the address says it all, or a key that nobody
        may see: a key that is renewed would make another company of the same one."""
        return next((row for row in self.rows.values() if row.identity and not row.secret), None)

    @property
    def company(self) -> str:
        """Whose orders these will be: the company, tenant or whatever the ERP calls it; '' for the user's default."""
        value = self[self.identity.name] if self.identity is not None else None
        return "" if value in (None, "default") else str(value)

    def for_company(self, company: str) -> Profile:
        """The same settings for another company ('' is the user's default)."""
        return self if self.identity is None else self.having({self.identity.name: company or "default"})

    def having(self, values: Mapping[str, Any]) -> Profile:
        """The same settings but for these."""
        typed = {name: value for name, value in values.items() if name in TYPED}
        return replace(self, **typed, own={**self.own, **{k: v for k, v in values.items() if k not in TYPED}})


_NOT_SETTINGS = ("name", "own", "rows", "sandbox", "origin", "warnings")
TYPED = frozenset(each.name for each in fields(Profile)) - {*_NOT_SETTINGS}


def keys_of(row: Setting) -> tuple[str, ...]:
    """The names that a setting has in a file or the environment: a secret has four forms."""
    return tuple(row.name + form for form in SECRET_FORMS) if row.secret else (row.name,)
