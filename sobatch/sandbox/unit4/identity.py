"""Who is calling: tokens for client credentials, and plain user names for older installations."""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser

from ..pretend.answers import Answer, data
from ..pretend.store import Store
from .options import Options

LARGEST_FORM = 64 * 1024


def basic_pair(header: str) -> tuple[str, str] | None:
    """The name and the secret of a Basic header."""
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, secret) if colon else None


def issue(environ: dict[str, Any], store: Store, options: Options, now: float) -> Answer:
    """Answer a token request as OAuth 2.0 has it (RFC 6749, section 4.4)."""
    try:
        _, form, _ = FormDataParser(max_content_length=LARGEST_FORM).parse_from_environ(environ)
    except HTTPException:
        return data(400, {"error": "invalid_request"})
    if form.get("grant_type") != "client_credentials":
        return data(400, {"error": "unsupported_grant_type"})
    client, secret = basic_pair(environ.get("HTTP_AUTHORIZATION", "")) or (
        form.get("client_id", ""),
        form.get("client_secret", ""),
    )
    if not client or options.clients.get(client) != secret:
        return data(400, {"error": "invalid_client"})
    answer = {
        "access_token": _new_token(store, client, now + options.token_lifetime),
        "expires_in": int(options.token_lifetime),
        "token_type": "Bearer",
        "scope": form.get("scope", "u4erp"),
    }
    return data(200, answer).with_headers(Cache_Control="no-store")


def _new_token(store: Store, client: str, expires: float) -> str:
    """Three parts with dots, as a JWT has them, and no meaning in any."""
    token = ".".join(secrets.token_urlsafe(size) for size in (18, 48, 32))
    with store.write() as database:
        database.execute("INSERT INTO tokens VALUES (?, ?, ?)", (token, client, expires))
    return token


def caller(environ: dict[str, Any], store: Store, options: Options, now: float) -> str | None:
    """The user behind a request, or nothing when the credentials are missing, wrong or expired."""
    header = environ.get("HTTP_AUTHORIZATION", "")
    pair = basic_pair(header)
    if pair is not None:
        return pair[0] if options.users.get(pair[0]) == pair[1] else None
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer":
        return None
    found = store.row("SELECT user FROM tokens WHERE token = ? AND expires > ?", (token.strip(), now))
    return None if found is None else str(found["user"])
