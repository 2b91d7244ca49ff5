"""A pretend Unit4 ERPx: the asynchronous sales-order batch API as its document describes it, with faults on demand.

Independent of the rest on purpose. It shares no formula and no constant with the client, so the client cannot pass a
test by being wrong in the same way twice.
"""

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
