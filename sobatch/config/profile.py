"""Every setting there is, as one value; and the names that files, flags and the environment may use for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from sobatch.config.secrets import Secret

SANDBOX = "sandbox"
SANDBOX_URL = "http://sandbox.localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Every setting, understood. `origin` tells for each where it came from; `warnings` are sentences for the user."""

    name: str
    state_dir: Path
    erp: str = "unit4"
    base_url: str | None = None
    token_url: str | None = None
    client_id: str | None = None
    client_secret: Secret | None = None
    scope: str | None = None
    username: str | None = None
    password: Secret | None = None
    company_id: str | None = None
    skip_workflow: bool = False
    submit_path: str | None = None
    part_name: str = ""
    max_lines: int | None = None
    max_rows: int | None = None
    max_bytes: int = 30_000_000
    max_orders: int | None = None
    max_results: int = 2 << 30
    result_index: int | None = None
    headroom: float = 0.05
    in_flight: int | None = None
    poll_interval: float | None = None
    timeout: float | None = None
    settle: float = 600.0
    resend_not_listed: bool = False
    retry_429: bool = True
    manual_number_types: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    proxy: str | None = None
    ca_file: Path | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    send_timeout: float = 120.0
    allow_readable_secrets: bool = False
    sandbox: bool = False
    origin: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def company_of(profile: Profile) -> str:
    """The company, '' for the user's default."""
    return "" if profile.company_id in (None, "default") else str(profile.company_id)


# Environment names are fixed; every other setting is for files and flags only.
IN_ENVIRONMENT = (
    "erp",
    "base_url",
    "token_url",
    "client_id",
    "client_secret",
    "scope",
    "username",
    "password",
    "company_id",
    "skip_workflow",
    "submit_path",
    "part_name",
    "max_lines",
    "max_rows",
    "poll_interval",
    "settle",
    "state_dir",
)
VARIABLES = {f"SOBATCH_{name.upper()}": name for name in (*IN_ENVIRONMENT, "profile", "config")}
SECRETS = ("client_secret", "password")
SECRET_FORMS = ("", "_file", "_command", "_keyring")
SETTINGS = tuple(
    each.name for each in fields(Profile) if each.name not in ("name", "sandbox", "origin", "warnings", *SECRETS)
)
FILE_KEYS = (*SETTINGS, *(secret + form for secret in SECRETS for form in SECRET_FORMS))

# What must never reach the sandbox from a real tenant's settings, and the sandbox's own values.
TENANT = frozenset(
    {
        "base_url",
        "token_url",
        "client_id",
        "scope",
        "username",
        "company_id",
        "submit_path",
        "part_name",
        "result_index",
        "proxy",
        "ca_file",
        *SECRETS,
    }
)
SANDBOX_VALUES = {
    "base_url": SANDBOX_URL,
    "token_url": f"{SANDBOX_URL}/identity/connect/token",
    "client_id": "sandbox",
    "company_id": "default",
}
