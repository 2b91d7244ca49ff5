"""RamBase over the wire: a login brings a token, and every request says which company and that JSON is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sobatch.erp.ports import Clock, Connection, Target
from sobatch.erp.rambase.dialect import RamBase
from sobatch.erp.wire.authority import Bearer, Given, login
from sobatch.erp.wire.caller import Caller
from sobatch.erp.wire.carrier import OneByOne
from sobatch.erp.wire.reading import Authority, Reader
from sobatch.erp.wire.redactor import Redactor
from sobatch.errors import NotAllowed

_JSON = {"Accept": "application/json"}


def build(connection: Connection, clock: Clock) -> Target:
    """The target. Raises `UsageError` when a part of the access is missing."""
    options = connection.options

    def introduced(reader: Reader, redact: Redactor) -> Authority:
        target = options.get("login_target")
        also: Mapping[str, Given] = {"target": target} if target else {}
        return Bearer(
            login(connection, also, _examined(test_system=bool(options.get("test_system")))), reader, clock, redact
        )

    params = {"$format": "json"}
    if connection.company:
        params["$db"] = connection.company
    if options.get("language"):
        params["$lang"] = str(options["language"])
    line = Caller(connection, clock, introduced, headers=_JSON, per_second=options.get("requests_per_second") or 0.0)
    return OneByOne("rambase", line.address, RamBase(params), line, clock)


def _examined(*, test_system: bool) -> Any:
    """A profile for a test system takes no other: the login says which kind it is."""

    def examine(answer: Mapping[str, Any]) -> None:
        if test_system and str(answer.get("is_target_test_system")).lower() not in ("true", "1"):
            raise NotAllowed(
                "the login does not say that this is a test system, and the profile is for one (test_system = true)",
                next_step="Choose the test system with login_target, or another profile.",
            )

    return examine
