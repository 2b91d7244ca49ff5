"""Pretend ERPs, one world each (`worlds`): the APIs as their documents describe them, with faults on demand.

Independent of the rest on purpose. They share no formula and no constant with the client, so the client cannot pass a
test by being wrong in the same way twice. What is named here is Unit4's world and what serves any of them, each loaded
when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .app import Sandbox
    from .pretend.faults import ACTIONS, PLACES, Fault
    from .pretend.mischief import NeedsSocket
    from .pretend.record import BatchRecord, OrderRecord, Record, RequestRecord
    from .server import Server, serve
    from .unit4.options import Options

__all__ = [
    "ACTIONS",
    "PLACES",
    "BatchRecord",
    "Fault",
    "NeedsSocket",
    "Options",
    "OrderRecord",
    "Record",
    "RequestRecord",
    "Sandbox",
    "Server",
    "serve",
]
_MODULES = {
    "app": ("Sandbox",),
    "pretend.faults": ("ACTIONS", "PLACES", "Fault"),
    "pretend.mischief": ("NeedsSocket",),
    "pretend.record": ("BatchRecord", "OrderRecord", "Record", "RequestRecord"),
    "server": ("Server", "serve"),
    "unit4.options": ("Options",),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
