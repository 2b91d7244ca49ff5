"""Who we are towards an ERP: an OAuth2 client-credentials token, held in memory only, or basic auth.

A token is renewed 60 seconds before it ends, and once after the server turned it away. It is attached by whoever makes
the request, so that a send stays one request.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote

from sobatch.erp.ports import Clock, Connection
from sobatch.erp.wire.reading import Ask, Authority, Reader
from sobatch.erp.wire.redactor import Redactor
from sobatch.erp.wire.rulings import Call
from sobatch.errors import NotAllowed, UsageError

T = TypeVar("T")

RENEW_BEFORE = 60.0
_ATTEMPTS = 4
# Unit4's identity service: "3,600 to 5,400 s, default 4,500 s". Used when the answer does not say.
_USUAL_LIFETIME = 3600.0
_OTHER_TOKENS = ("refresh_token", "id_token")


def redactor_for(connection: Connection) -> Redactor:
    """A redactor that knows what costs nothing to open, and the proxy's password.

    A secret that has to be fetched, and each token, is learnt when it is used.
    """
    redact = Redactor()
    redact.learn(*(secret() for secret in connection.secrets))
    pair = (connection.proxy or "").partition("//")[2].rpartition("@")[0]
    if ":" in pair:
        redact.learn(pair.partition(":")[2], unquote(pair.partition(":")[2]), unquote(pair))
    return redact


def authority_for(connection: Connection, reader: Reader, clock: Clock, redact: Redactor, scope: str) -> Authority:
    """The authority that the connection's credentials allow. Raises `UsageError` when something is missing."""
    if connection.client_id is None and connection.username is not None:
        return Basic(connection.username, _needed(connection.password, "password"), redact)
    client_id = _needed(connection.client_id, "client_id")
    token_url = _needed(connection.token_url, "token_url")
    secret = _needed(connection.client_secret, "client_secret")

    def form() -> dict[str, str]:
        value = secret()
        redact.learn(value, f"{client_id}:{value}")
        return {
            "client_id": client_id,
            "client_secret": value,
            "grant_type": "client_credentials",
            "scope": connection.scope or scope,
        }

    return Bearer(token_url, form, reader, clock, redact)


class Basic:
    """A user name and a password with every request."""

    def __init__(self, username: str, password: Callable[[], str], redact: Redactor) -> None:
        self._username = username
        self._password = password
        self._redact = redact

    def header(self) -> str:
        password = self._password()
        pair = f"{self._username}:{password}"
        self._redact.learn(password, pair)
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def renew(self) -> bool:
        return False


class Bearer:
    """A token from the identity service."""

    def __init__(
        self, url: str, form: Callable[[], dict[str, str]], reader: Reader, clock: Clock, redact: Redactor
    ) -> None:
        self._url = url
        self._form = form
        self._reader = reader
        self._clock = clock
        self._redact = redact
        self._token: str | None = None
        self._renew_at = 0.0

    def header(self) -> str:
        if self._token is None or self._clock.monotonic() >= self._renew_at:
            self._token = self._fetched()
        return f"Bearer {self._token}"

    def renew(self) -> bool:
        self._token = None
        return True

    def _fetched(self) -> str:
        asked_at = self._clock.monotonic()
        reply = self._reader.json(
            Ask(Call.TOKEN, "POST", self._url, "get an access token", form=self._form(), attempts=_ATTEMPTS)
        )
        data = reply.data if isinstance(reply.data, dict) else {}
        token = data.get("access_token")
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]{1,65536}", token):
            raise NotAllowed(
                "the identity service answered without a usable access token",
                next_step="Check that token_url is the address of the token endpoint.",
            )
        self._redact.learn(token, *(value for name in _OTHER_TOKENS if isinstance(value := data.get(name), str)))
        lifetime = _seconds(data.get("expires_in"))
        self._renew_at = asked_at + max(lifetime - RENEW_BEFORE, lifetime / 2)
        return token


def _seconds(value: object) -> float:
    try:
        seconds = float(value) if isinstance(value, (int, float, str)) else _USUAL_LIFETIME
    except ValueError:
        return _USUAL_LIFETIME
    return seconds if 0 < seconds <= 10 * 86400 else _USUAL_LIFETIME


def _needed(value: T | None, name: str) -> T:
    if value is None:
        raise UsageError(f"{name} is not set", next_step=f"Set {name} in the profile, or SOBATCH_{name.upper()}.")
    return value
