"""The ERP's connection as the settings have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sobatch.config.profile import Profile
from sobatch.config.secrets import Secret
from sobatch.core.order.setting import Where
from sobatch.errors import UsageError

if TYPE_CHECKING:
    from sobatch.erp.ports import Connection


def on_the_wire(profile: Profile) -> dict[str, Any]:
    """What a send looks like on the wire, as it is now: these settings stay with a run from its beginning."""
    return {name: _kept(profile[name]) for name, row in profile.rows.items() if row.where is Where.SEND}


def options_of(profile: Profile) -> dict[str, Any]:
    """Every setting by its name but the secrets, as `Spec.limits` takes them."""
    return {name: profile[name] for name, row in profile.rows.items() if not row.secret}


def _kept(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def differing(profile: Profile, run: str, begun: Mapping[str, Any]) -> dict[str, Any]:
    """What a run was begun with and this profile has otherwise. A flag that says otherwise raises `UsageError`."""
    now = on_the_wire(profile)
    found = {name: begun[name] for name in now if name in begun and begun[name] != now[name]}
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


def connection(profile: Profile, transport: Any, announce: Callable[[str], None]) -> Connection:
    """Where and how to talk; `transport` None is the network, `announce` hears what the ERP says by the way.

    Raises `UsageError` when no ERP is configured.
    """
    if not profile.base_url:
        raise UsageError(
            "no ERP is configured",
            next_step=f"Rehearse with --sandbox, or set {_needed(profile)} (or a profile: see samples/sobatch.toml).",
        )
    from sobatch.erp.ports import Connection

    secrets = {name: value for name, row in profile.rows.items() if row.secret for value in [profile[name]]}
    options = {**options_of(profile), **{name: secret and secret.reveal for name, secret in secrets.items()}}
    return Connection(
        base_url=profile.base_url,
        token_url=options.get("token_url"),
        client_id=options.get("client_id"),
        client_secret=options.get("client_secret"),
        scope=options.get("scope"),
        username=options.get("username"),
        password=options.get("password"),
        company=profile.company or None,
        options=options,
        proxy=profile.proxy,
        proxy_username=options["proxy_username"],
        proxy_password=options["proxy_password"],
        ca_file=profile.ca_file,
        connect_timeout=profile.connect_timeout,
        read_timeout=profile.read_timeout,
        send_timeout=profile.send_timeout,
        transport=transport,
        secrets=[each.reveal for each in secrets.values() if isinstance(each, Secret) and each.at_hand],
        announce=announce,
    )


def _needed(profile: Profile) -> str:
    """The variables of an address and of whoever asks, as a sentence has them."""
    names = ("base_url", "token_url", "client_id", "client_secret", "api_key", "access_token", "username", "password")
    found = [f"SOBATCH_{name.upper()}" for name in names if name in profile.rows][:4]
    return f"{', '.join(found[:-1])} and {found[-1]}" if len(found) > 1 else found[0]
