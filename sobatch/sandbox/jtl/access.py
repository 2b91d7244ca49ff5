"""Who is calling the pretend JTL: tokens for programs, API keys of an own installation, and the tenant."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from ..pretend.answers import Answer, data
from ..pretend.calls import Call
from ..pretend.store import Store
from .options import Options

_LARGEST_FORM = 64 * 1024


def issue(call: Call, store: Store, options: Options, now: float) -> Answer:
    """Answer a token request: the client in a Basic header, the grant in the form."""
    raw = call.body.read(min(_LARGEST_FORM, int(call.environ.get("CONTENT_LENGTH") or 0)))
    form = parse_qs(raw.decode("utf-8", "replace"))
    if form.get("grant_type") != ["client_credentials"]:
        return data(400, {"error": "unsupported_grant_type"})
    known = {_basic(*pair): pair[0] for pair in options.clients.items()}
    client = known.get(call.environ.get("HTTP_AUTHORIZATION", ""))
    if client is None:
        return data(401, {"error": "invalid_client"})
    token = secrets.token_urlsafe(48)
    with store.write() as database:
        database.execute("INSERT INTO tokens VALUES (?, ?, ?)", (token, client, now + options.token_lifetime))
    return data(200, {"access_token": token, "token_type": "bearer", "expires_in": int(options.token_lifetime)})


def _basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def turned_away(environ: Mapping[str, Any], store: Store, options: Options, now: float) -> tuple[int, str] | None:
    """Why this call is not let in: a status and words. None when it is."""
    kind, _, value = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if kind == "Wawi":  # an installation of one's own, which has no tenants
        return None if value in options.api_keys else (401, "The API key is not known.")
    found = store.row("SELECT 1 FROM tokens WHERE token = ? AND expires > ?", (value.strip(), now))
    if kind != "Bearer" or found is None:
        return 401, "The access token is missing, wrong or expired."
    if environ.get("HTTP_X_TENANT_ID") != options.tenant:
        return options.no_tenant_status, "The header x-tenant-id is missing or names no tenant of yours."
    missing = [
        name for name in ("X-AppId", "X-AppVersion") if not environ.get(f"HTTP_{name.upper().replace('-', '_')}")
    ]
    if missing:
        return 412, f"The header {missing[0]} is missing."
    if not options.licensed:
        return 402, "The API is not licensed."
    return None
