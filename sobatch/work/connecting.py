"""The ERP's connection as the settings have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sobatch.config.profile import Profile, company_of
from sobatch.erp.ports import Connection
from sobatch.errors import UsageError

# What a send looks like on the wire: it stays with a run from its beginning.
WIRE = ("submit_path", "part_name", "skip_workflow")


def on_the_wire(profile: Profile) -> dict[str, Any]:
    """The settings that a run keeps, as they are now."""
    return {name: getattr(profile, name) for name in WIRE}


def differing(profile: Profile, run: str, begun: Mapping[str, Any]) -> dict[str, Any]:
    """What a run was begun with and this profile has otherwise. A flag that says otherwise raises `UsageError`."""
    found = {name: begun[name] for name in WIRE if name in begun and begun[name] != getattr(profile, name)}
    for name, value in found.items():
        if profile.origin.get(name, "").startswith("flag"):
            raise UsageError(
                f"run {run} was begun with {name} = {shown(value)}, and goes on with it; "
                f"{profile.origin[name]} says otherwise",
                next_step="Leave that option out.",
            )
    return found


def shown(value: object) -> str:
    """A setting as a configuration file has it."""
    return str(value).lower() if isinstance(value, bool) else repr(value) if value is not None else "its default"


def connection(profile: Profile, transport: Any) -> Connection:
    """Where and how to talk; `transport` None is the network. Raises `UsageError` when no ERP is configured."""
    if not profile.base_url:
        raise UsageError(
            "no ERP is configured",
            next_step="Rehearse with --sandbox, or set SOBATCH_BASE_URL, SOBATCH_TOKEN_URL, SOBATCH_CLIENT_ID and "
            "SOBATCH_CLIENT_SECRET (or a profile: see samples/sobatch.toml).",
        )
    names = ("submit_path", "part_name", "skip_workflow", "max_results", "result_index")
    options = {name: getattr(profile, name) for name in names}
    return Connection(
        base_url=profile.base_url,
        token_url=profile.token_url,
        client_id=profile.client_id,
        client_secret=profile.client_secret.reveal if profile.client_secret else None,
        scope=profile.scope,
        username=profile.username,
        password=profile.password.reveal if profile.password else None,
        company=company_of(profile) or None,
        options=options,
        proxy=profile.proxy,
        ca_file=profile.ca_file,
        connect_timeout=profile.connect_timeout,
        read_timeout=profile.read_timeout,
        send_timeout=profile.send_timeout,
        transport=transport,
        secrets=[secret.reveal for secret in (profile.client_secret, profile.password) if secret and secret.at_hand],
    )
