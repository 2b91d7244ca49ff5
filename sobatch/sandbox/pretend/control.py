"""The back door for tests whose sandbox runs in another process: set faults and options, read the record.

Open to the loopback only, outside authentication, never written into the record itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from .answers import Answer, data, gateway
from .calls import Call

PREFIX = "/_sandbox/"
LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")

Deeds = Mapping[tuple[str, str], Callable[[Any], Any]]
"""What may be asked for, by method and name: each takes the body and returns what to tell."""


def answer(deeds: Deeds, call: Call) -> Answer:
    """Answer a control call. What cannot be understood is a 400 that says why."""
    if call.environ.get("REMOTE_ADDR") not in LOOPBACK:
        return gateway(403, "The control endpoints are open to this machine only.")
    deed = deeds.get((call.method, call.path.removeprefix(PREFIX)))
    if deed is None:
        return gateway(404, "Resource not found")
    try:
        return data(200, deed(_body(call)))
    except (TypeError, ValueError) as problem:
        return gateway(400, str(problem))


def _body(call: Call) -> Any:
    length = int(call.environ.get("CONTENT_LENGTH") or 0)
    return orjson.loads(call.body.read(length)) if length else None
