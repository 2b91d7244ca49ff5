"""MYOB EXO over the wire: three headers with every request, JSON asked for by name, and its own word for the rate."""

from __future__ import annotations

from dataclasses import replace

from sobatch.erp.exchange import Answer, Request
from sobatch.erp.myob_exo.dialect import MyobExo
from sobatch.erp.myob_exo.validating import Validation
from sobatch.erp.online import OnlineCheck
from sobatch.erp.ports import Clock, Connection, Target
from sobatch.erp.wire.authority import Fixed, needed
from sobatch.erp.wire.caller import Caller
from sobatch.erp.wire.carrier import OneByOne
from sobatch.erp.wire.reading import Authority, Reader
from sobatch.erp.wire.redactor import Redactor

# "JSON is the default", and some installations answer in XML all the same unless it is asked for.
_JSON = {"Accept": "application/json"}
_LAG = 60.0


def build(connection: Connection, clock: Clock) -> Target:
    """The target. Raises `UsageError` when a part of the access is missing."""
    line = _line(connection, clock)
    dialect = MyobExo(validate_first=bool(connection.options.get("validate_first")))
    return OneByOne("myob-exo", line.address, dialect, line, clock, lag=_LAG)


def check(connection: Connection, clock: Clock) -> OnlineCheck:
    """The ERP's own validation. Raises `UsageError` when a part of the access is missing."""
    return Validation(_line(connection, clock), clock)


def _line(connection: Connection, clock: Clock) -> _Line:
    options = connection.options

    def introduced(reader: Reader, redact: Redactor) -> Authority:
        keys = {
            "x-myobapi-key": needed(options.get("api_key"), "api_key"),
            "x-myobapi-exotoken": needed(options.get("access_token"), "access_token"),
        }
        pair = needed(connection.username, "username"), needed(connection.password, "password")
        return Fixed(keys, redact, basic=pair)

    return _Line(connection, clock, introduced, headers=_JSON, per_second=options.get("requests_per_second") or 0.0)


class _Line(Caller):
    """The wire, where a 403 may be the rate limit under another number, as on MYOB's sister API."""

    def exchange(self, request: Request) -> Answer:
        answer = super().exchange(request)
        if answer.status == 403 and b"ratelimit" in answer.body.lower():
            return replace(answer, status=429)
        return answer
