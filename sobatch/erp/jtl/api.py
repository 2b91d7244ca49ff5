"""JTL-Wawi as a target: who we are there, and its dialect on the wire that all such ERPs share.

With a client the cloud gives out a token, and the tenant, the application and perhaps an API key go beside it. Without
one the API key is the whole access: so it is for an installation of one's own (`Authorization: Wawi KEY`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sobatch.erp.jtl.dialect import JtlDialect
from sobatch.erp.jtl.settings import API_VERSION
from sobatch.erp.ports import Clock, Connection
from sobatch.erp.wire.authority import Bearer, Fixed, client_credentials
from sobatch.erp.wire.caller import Caller
from sobatch.erp.wire.carrier import OneByOne
from sobatch.erp.wire.reading import Authority, Reader
from sobatch.erp.wire.redactor import Redactor
from sobatch.errors import UsageError

_HEADERS = {"tenant_id": "x-tenant-id", "app_id": "x-appid", "app_version": "x-appversion", "run_as": "x-runas"}
# The list of orders leaves out those that are pending, for a time that nobody states.
LAG = 60.0


def build(connection: Connection, clock: Clock) -> OneByOne:
    """A target for this connection. Raises `UsageError` when an address or credential is missing or unfit."""
    options = connection.options
    renames = bool(options.get("rename_existing"))
    dialect = JtlDialect(
        options.get("api_version") or API_VERSION,
        renames=renames,
        workflows=not options.get("disable_workflows"),
        tagged=bool(options.get("tag_orders")),
    )
    line = caller(connection, clock)
    unique = bool(options.get("number_unique")) and not renames
    return OneByOne("jtl", line.address, dialect, line, clock, unique=unique, lag=LAG)


def caller(connection: Connection, clock: Clock) -> Caller:
    """The wire to JTL. Raises `UsageError` when there is no access to be had."""
    options = connection.options
    key: Callable[[], str] | None = options.get("api_key")
    if connection.client_id is None and key is None:
        raise UsageError(
            "no access to JTL is set",
            next_step="Set client_id and client_secret for the cloud, or api_key for an installation of your own.",
        )
    if connection.client_id is not None and not options.get("tenant_id"):
        raise UsageError("tenant_id is not set", next_step="Set tenant_id in the profile, or SOBATCH_TENANT_ID.")
    names = [name for name in _HEADERS if options.get(name) and (connection.client_id or name != "tenant_id")]
    headers = {_HEADERS[name]: str(options[name]) for name in names}

    def introduced(reader: Reader, redact: Redactor) -> Authority:
        if connection.client_id is None:
            return Fixed({"Authorization": _own(key, redact)} if key else {}, redact)
        bearer = Bearer(client_credentials(connection, basic=True), reader, clock, redact)
        return Both(bearer, Fixed({"x-api-key": key} if key else {}, redact))

    return Caller(
        connection, clock, introduced, headers=headers, per_second=float(options.get("requests_per_second") or 0)
    )


class Both:
    """A token, and the headers that stay."""

    def __init__(self, token: Bearer, fixed: Fixed) -> None:
        self._token = token
        self._fixed = fixed

    def headers(self) -> Mapping[str, str]:
        return {**self._fixed.headers(), **self._token.headers()}

    def renew(self, refused: Mapping[str, str]) -> bool:
        return self._token.renew({name: value for name, value in refused.items() if name == "Authorization"})


def _own(key: Callable[[], str], redact: Redactor) -> Callable[[], str]:
    """The header of an installation of one's own; the key in it is a secret without its first word, too."""

    def opened() -> str:
        value = key()
        redact.learn(value)
        return f"Wawi {value}"

    return opened
