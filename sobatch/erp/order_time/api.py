"""How to reach Order Time: three headers with every request, one request a second, one order at a time."""

from __future__ import annotations

from sobatch.erp.order_time.dialect import OrderTimeDialect
from sobatch.erp.order_time.order import SPEC
from sobatch.erp.ports import Clock, Connection
from sobatch.erp.wire.authority import Fixed, Given, needed
from sobatch.erp.wire.caller import Caller
from sobatch.erp.wire.carrier import OneByOne

_JSON = {"Accept": "application/json"}


def build(connection: Connection, clock: Clock) -> OneByOne:
    """A target for this connection. Raises `UsageError` when a credential is missing."""
    options, headers = connection.options, _headers(connection)
    line = Caller(
        connection,
        clock,
        lambda _, redact: Fixed(headers, redact),
        headers=_JSON,
        per_second=options["requests_per_second"],
    )
    dialect = OrderTimeDialect(options["record_type"], options["equals_operator"])
    return OneByOne(SPEC.name, line.address, dialect, line, clock)


def _headers(connection: Connection) -> dict[str, Given]:
    """Who asks: the company's key, the user's address, and the user's password or a developer's key in its place."""
    who: dict[str, Given] = {
        "apiKey": needed(connection.options.get("api_key"), "api_key"),
        "email": needed(connection.username, "username"),
    }
    developer = connection.options.get("dev_key")
    if developer is not None:
        return {**who, "DevKey": developer}
    return {**who, "password": needed(connection.password, "password")}
