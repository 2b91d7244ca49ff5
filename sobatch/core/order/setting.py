"""What an ERP declares about itself beside its orders: its settings, its modes, what its size means.

Rows, and nothing that acts on them: flags, profile keys, environment names, `config show`, the sample file and the
README's tables are all read from here. The names of the kinds are those of `config.kinds`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

KindName = Literal[
    "text",  # one line, not empty
    "any text",  # one line, may be empty
    "secret",  # with the forms of a secret: NAME, NAME_file, NAME_command, NAME_keyring
    "boolean",
    "count",  # a whole number above 0
    "whole",  # a whole number, 0 too
    "number",  # a number from 0, with or without a fraction
    "first index",  # 0 or 1
    "share",  # from 0 to below 1; 5% will do
    "seconds",  # 90s, 15m, 2h or a number; 0 too
    "some seconds",  # the same, above 0
    "size",  # 30MB, 50MiB or a number of bytes
    "url",
    "url path",  # /v1/orders
    "path",  # a file or folder
    "list",  # texts; on one line split at commas
    "choice",  # one of `choices`
    "severities",  # problem codes and what each is worth
]


class Where(StrEnum):
    """What a setting is for, which says where it goes."""

    ACCESS = "access"
    """Where the ERP is and who asks: never reaches the sandbox, may stand in the environment."""
    CHECK = "check"
    """What a good order is, and how files are cut: handed to `Spec.limits`."""
    SEND = "send"
    """What a send looks like on the wire: stays with a run from its beginning; may stand in the environment."""
    READ = "read"
    """How answers are read, and how long and how often to ask."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that an ERP has. All of them reach `Spec.limits` and `Connection.options` by their names.

    `default` is the value as understood (seconds, bytes, a tuple), None where there is none. A `secret` reaches the
    connection as a function that reveals it (None where it is not set) and is never a flag. `identity`: a submit
    without a terminal needs it, since it says whose orders these will be. `in_environment` None means: as `where` says.
    `tenants`: one installation's own, so it never reaches the sandbox; None means: if it is for the access.
    """

    name: str
    kind: KindName
    default: Any = None
    help: str = ""
    where: Where = Where.CHECK
    secret: bool = False
    identity: bool = False
    in_environment: bool | None = None
    choices: tuple[str, ...] = ()
    tenants: bool | None = None
    flag: str = ""
    """A flag of its own beside `--set NAME=VALUE`, such as `--rename` or `--rename/--keep`; never for a secret."""
    ignored: str = ""
    """The code of an order that says this itself, where the ERP does not look."""
    example: str = ""
    """The value as the sample file shows it, in TOML; without one the setting is shown with its default."""

    @property
    def environment(self) -> str | None:
        """The variable's name, None where the environment has none for it."""
        may = self.where in (Where.ACCESS, Where.SEND) if self.in_environment is None else self.in_environment
        return f"SOBATCH_{self.name.upper()}" if may else None

    @property
    def is_tenants(self) -> bool:
        """Whether it must never reach the sandbox."""
        return self.where is Where.ACCESS if self.tenants is None else self.tenants


@dataclass(frozen=True, slots=True)
class Mode:
    """One way in which an ERP takes orders, where it has several with limits of their own.

    `name` is what the journal keeps; `title` what a person reads; `settings` the values that make this mode; `flags`
    what a command must repeat to stay in it.
    """

    name: str
    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    flags: str = ""


def mode_of(modes: Sequence[Mode], values: Mapping[str, Any]) -> Mode | None:
    """The mode that these settings make, the usual one where they say nothing; None where there are no modes."""
    made = (mode for mode in modes if all(values.get(name) == value for name, value in mode.settings.items()))
    return next(made, modes[0] if modes else None)


@dataclass(frozen=True, slots=True)
class Measure:
    """What `OrderFacts.rows` counts: rows of a database, or requests. `rule` says how, as a sentence."""

    name: str
    rule: str


def company_label() -> Setting:
    """Whose orders these are, for an ERP where only a key says so: a secret, which may change, is nobody's identity."""
    words = "A name of your own for the company that the key belongs to; of use where one state folder serves several."
    return Setting("company_id", "text", "default", words, Where.ACCESS, identity=True, example='"Harbour"')


def in_flight(default: int) -> Setting:
    """How many orders are in progress at a time, for an ERP that takes them one by one."""
    return Setting(
        "in_flight", "count", default, "Orders in progress at a time.", Where.READ, in_environment=True, example="2"
    )


def requests_per_second(default: float) -> Setting:
    """How many requests may go out in any second; 0 is no limit."""
    words = "Requests sent in any second, at most; 0 is no limit."
    name = "requests_per_second"
    return Setting(
        name, "number", default, words, Where.READ, in_environment=True, flag="--requests-per-second", example="5"
    )


def number_unique() -> Setting:
    """Whether the ERP is known to refuse a number that an order has already, so that one not found was not created."""
    words = "The ERP refuses a number that another order has: what it does not list, it never got."
    return Setting("number_unique", "boolean", False, words, Where.READ, tenants=True, example="true")
