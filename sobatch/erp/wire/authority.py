"""Who we are towards an ERP: the same headers with every request, or a token that is asked for and held in memory only.

A token is renewed 60 seconds before it ends, and once after the server turned it away. It is attached by whoever makes
the request, so that a send stays one request. Whatever is opened here is made known to the redactor first.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar
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
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")

Secret = Callable[[], str]
Given = str | Secret
"""What may be shown as it is, or a function that opens a secret."""
Pair = tuple[str, Secret]
"""A name and its password, for basic authentication."""


def redactor_for(connection: Connection) -> Redactor:
    """A redactor that knows what costs nothing to open, and the proxy's password, which every client has opened.

    Another secret that has to be fetched, and each token, is learnt when it is used.
    """
    redact = Redactor()
    redact.learn(*(secret() for secret in connection.secrets))
    pair = (connection.proxy or "").partition("//")[2].rpartition("@")[0]
    if ":" in pair:
        redact.learn(pair.partition(":")[2], unquote(pair.partition(":")[2]), unquote(pair))
    if connection.proxy and connection.proxy_password:
        password = connection.proxy_password()
        redact.learn(password, f"{connection.proxy_username}:{password}")
    return redact


def authority_for(connection: Connection, reader: Reader, clock: Clock, redact: Redactor, scope: str) -> Authority:
    """The authority that the connection's credentials allow. Raises `UsageError` when something is missing."""
    if connection.client_id is None and connection.username is not None:
        return Fixed({}, redact, basic=(connection.username, needed(connection.password, "password")))
    return Bearer(client_credentials(connection, scope), reader, clock, redact)


@dataclass(frozen=True, slots=True)
class Grant:
    """How a token is asked for: a form, with `basic` beside it where the service wants the client there.

    `examine` sees the service's whole answer and raises when it is not what the profile means (a live system, say).
    """

    url: str
    form: Mapping[str, Given]
    basic: Pair | None = None
    examine: Callable[[Mapping[str, Any]], None] = field(default=lambda _: None)


def client_credentials(connection: Connection, scope: str | None = None, *, basic: bool = False) -> Grant:
    """OAuth2's grant for programs: client and secret in the form, or with `basic` in a header beside it."""
    client_id = needed(connection.client_id, "client_id")
    token_url = needed(connection.token_url, "token_url")
    secret = needed(connection.client_secret, "client_secret")
    wanted = connection.scope or scope
    form: dict[str, Given] = {} if basic else {"client_id": client_id, "client_secret": secret}
    form["grant_type"] = "client_credentials"
    if wanted is not None:
        form["scope"] = wanted
    return Grant(token_url, form, (client_id, secret) if basic else None)


def login(connection: Connection, also: Mapping[str, Given], examine: Callable[[Mapping[str, Any]], None]) -> Grant:
    """A login that brings a token: as a user where the profile names one, else as the client alone. `also` are further
    members of the form."""
    form: dict[str, Given] = {
        "client_id": needed(connection.client_id, "client_id"),
        "client_secret": needed(connection.client_secret, "client_secret"),
        "grant_type": "client_credentials",
    }
    if connection.username is not None:
        password = needed(connection.password, "password")
        form |= {"grant_type": "password", "username": connection.username, "password": password}
    return Grant(needed(connection.token_url, "token_url"), {**form, **also}, examine=examine)


class Fixed:
    """The same headers with every request: keys, and a name and a password for basic authentication."""

    def __init__(self, given: Mapping[str, Given], redact: Redactor, *, basic: Pair | None = None) -> None:
        self._given = given
        self._basic = basic
        self._redact = redact
        self._opening = Lock()
        self._headers: Mapping[str, str] | None = None

    def headers(self) -> Mapping[str, str]:
        with self._opening:
            if self._headers is None:
                found = opened(self._given, self._redact)
                for name, value in found.items():
                    if not _HEADER_VALUE.fullmatch(value):
                        raise UsageError(
                            f"what is set for the header {name} cannot stand in one",
                            next_step="It has to be plain text on one line; look for a line break or a letter like é.",
                        )
                self._headers = {**found, **_basic(self._basic, self._redact)}
            return self._headers

    def renew(self, refused: Mapping[str, str]) -> bool:
        return False


class Bearer:
    """A token from the identity service."""

    def __init__(self, grant: Grant, reader: Reader, clock: Clock, redact: Redactor) -> None:
        self._grant = grant
        self._reader = reader
        self._clock = clock
        self._redact = redact
        self._asking = Lock()
        self._headers: Mapping[str, str] | None = None
        self._renew_at = 0.0

    def headers(self) -> Mapping[str, str]:
        with self._asking:
            if self._headers is None or self._clock.monotonic() >= self._renew_at:
                self._headers = {"Authorization": f"Bearer {self._fetched()}"}
            return self._headers

    def renew(self, refused: Mapping[str, str]) -> bool:
        with self._asking:
            if self._headers == refused:  # else somebody else has renewed it already
                self._headers = None
        return True

    def _fetched(self) -> str:
        asked_at = self._clock.monotonic()
        grant = self._grant
        ask = Ask(
            Call.TOKEN,
            "POST",
            grant.url,
            "get an access token",
            headers=_basic(grant.basic, self._redact),
            form=opened(grant.form, self._redact),
            attempts=_ATTEMPTS,
        )
        data = self._reader.json(ask).data
        data = data if isinstance(data, dict) else {}
        token = data.get("access_token")
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]{1,65536}", token):
            raise NotAllowed(
                "the identity service answered without a usable access token",
                next_step="Check that token_url is the address of the token endpoint.",
            )
        self._redact.learn(token, *(value for name in _OTHER_TOKENS if isinstance(value := data.get(name), str)))
        grant.examine(data)
        lifetime = _seconds(data.get("expires_in"))
        self._renew_at = asked_at + max(lifetime - RENEW_BEFORE, lifetime / 2)
        return token


def opened(given: Mapping[str, Given], redact: Redactor) -> dict[str, str]:
    """Every value as text, secrets opened and made known to the redactor, alone and behind the name they belong to."""
    found = {name: each if isinstance(each, str) else each() for name, each in given.items()}
    secrets = {name: found[name] for name, each in given.items() if not isinstance(each, str)}
    redact.learn(*secrets.values())
    for name, secret in (("client_id", "client_secret"), ("username", "password")):
        if name in found and secret in secrets:
            redact.learn(f"{found[name]}:{secrets[secret]}")
    return found


def _basic(pair: Pair | None, redact: Redactor) -> dict[str, str]:
    if pair is None:
        return {}
    name, secret = pair
    password = secret()
    both = f"{name}:{password}"
    redact.learn(password, both)
    return {"Authorization": "Basic " + base64.b64encode(both.encode()).decode()}


def _seconds(value: object) -> float:
    try:
        seconds = float(value) if isinstance(value, (int, float, str)) else _USUAL_LIFETIME
    except ValueError:
        return _USUAL_LIFETIME
    return seconds if 0 < seconds <= 10 * 86400 else _USUAL_LIFETIME


def needed(value: T | None, name: str) -> T:
    """A setting that has to be there. Raises `UsageError` when it is not."""
    if value is None:
        raise UsageError(f"{name} is not set", next_step=f"Set {name} in the profile, or SOBATCH_{name.upper()}.")
    return value
