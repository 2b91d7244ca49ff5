"""The table of worlds: which pretend ERPs there are, and what a client sets to reach one. One line for each ERP.

A world is a module with two names: `Options`, a frozen value with `with_values(mapping)`, which raises `ValueError` for
what it does not know; and `Sandbox(database, options)`, a WSGI application that keeps its state in that SQLite file and
is closed at the end of its `with` block. Faults and record are behind `control`. A world is loaded when it is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from importlib import import_module
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

IN_PROCESS = "http://sandbox.localhost"
"""Where a world is that listens nowhere: `.localhost` is nobody's by RFC 6761."""


@dataclass(frozen=True, slots=True)
class World:
    """One pretend ERP. In `settings`, what a client sets to reach it, `{url}` is where it is; `served` lies over them
    where it listens on a socket. `quick` are its options where it is a rehearsal inside the client's own process."""

    title: str
    module: str
    settings: Mapping[str, str]
    served: Mapping[str, str] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)

    def reached(self, url: str = IN_PROCESS) -> dict[str, str]:
        """What a client sets to reach it there."""
        values = self.settings if url == IN_PROCESS else {**self.settings, **self.served}
        return {name: value.format(url=url) for name, value in values.items()}

    def open(self, database: Path, values: Mapping[str, Any]) -> AbstractContextManager[WSGIApplication]:
        """The application, with these options. Raises `ValueError` for one that it does not know."""
        module = import_module(f"{__package__}.{self.module}")
        opened: AbstractContextManager[WSGIApplication] = module.Sandbox(database, module.Options().with_values(values))
        return opened

    def options(self) -> list[str]:
        """The names of its options."""
        return [each.name for each in fields(import_module(f"{__package__}.{self.module}").Options)]


WORLDS: Mapping[str, World] = {
    "unit4": World(
        "Unit4 ERPx",
        "app",
        {
            "base_url": "{url}",
            "token_url": "{url}/identity/connect/token",
            "client_id": "sandbox",
            "client_secret": "sandbox",
            "company_id": "default",
        },
        served={"company_id": "EN"},
        quick={"pace": 2_000.0},
    ),
    "jtl": World(
        "JTL-Wawi Cloud",
        "jtl.app",
        {
            "base_url": "{url}/erp",
            "token_url": "{url}/oauth2/token",
            "client_id": "sandbox",
            "client_secret": "sandbox",
            "api_key": "sandbox",
            "app_id": "sobatch/1.0",
            "app_version": "1.0",
            "tenant_id": "5b1c0de0-0000-4000-8000-000000000001",
        },
    ),
    "myob-exo": World(
        "MYOB EXO",
        "myob_exo.app",
        {
            "base_url": "{url}",
            "username": "sandbox",
            "password": "sandbox",
            "api_key": "sandbox",
            "access_token": "sandbox",
            "requests_per_second": "0",
        },
    ),
    "rambase": World(
        "RamBase",
        "rambase.app",
        {
            "base_url": "{url}",
            "token_url": "{url}/oauth2/access_token",
            "client_id": "sandbox",
            "client_secret": "sandbox",
            "company_id": "SANDBOX-NO",
            "requests_per_second": "0",
        },
    ),
    "order-time": World(
        "Order Time",
        "order_time.app",
        {
            "base_url": "{url}/api",
            "api_key": "sandbox",
            "username": "sandbox@ordertime.example",
            "password": "sandbox",
            "requests_per_second": "0",
        },
    ),
}
