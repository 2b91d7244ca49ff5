"""The back door for tests whose sandbox runs in another process: set faults and options, read the record.

Open to the loopback only, outside authentication, never written into the record itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson

from .answers import Answer, data, gateway
from .calls import Call
from .faults import Fault

if TYPE_CHECKING:
    from .app import Sandbox

PREFIX = "/_sandbox/"
LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


def answer(sandbox: Sandbox, call: Call) -> Answer:
    """Answer a control call. What cannot be understood is a 400 that says why."""
    if call.environ.get("REMOTE_ADDR") not in LOOPBACK:
        return gateway(403, "The control endpoints are open to this machine only.")
    deed = _DEEDS.get((call.method, call.path.removeprefix(PREFIX)))
    if deed is None:
        return gateway(404, "Resource not found")
    try:
        return data(200, deed(sandbox, _body(call)))
    except (TypeError, ValueError) as problem:
        return gateway(400, str(problem))


def _body(call: Call) -> Any:
    length = int(call.environ.get("CONTENT_LENGTH") or 0)
    return orjson.loads(call.body.read(length)) if length else None


def _set_faults(sandbox: Sandbox, wanted: Any) -> Any:
    """Replace the faults by a list, or add the one that is given alone."""
    if isinstance(wanted, dict):
        sandbox.add_fault(Fault.from_json(wanted))
    else:
        sandbox.set_faults([Fault.from_json(each) for each in wanted or ()])
    return _faults(sandbox, None)


def _faults(sandbox: Sandbox, _body: Any) -> Any:
    return [asdict(fault) | {"hits": hits} for fault, hits in sandbox.faults.hits()]


def _set_options(sandbox: Sandbox, wanted: Any) -> Any:
    """Lay some options over those in force."""
    sandbox.options = sandbox.options.with_values(wanted or {})
    if "faults" in (wanted or {}):
        sandbox.set_faults(sandbox.options.faults)
    return sorted(wanted or {})


def _settle(sandbox: Sandbox, _body: Any) -> Any:
    sandbox.settle()
    return sandbox.batches()


_DEEDS: dict[tuple[str, str], Callable[[Sandbox, Any], Any]] = {
    ("POST", "faults"): _set_faults,
    ("GET", "faults"): _faults,
    ("POST", "options"): _set_options,
    ("POST", "settle"): _settle,
    ("GET", "created"): lambda sandbox, _: sandbox.created(),
    ("GET", "received"): lambda sandbox, _: sandbox.received(),
    ("GET", "requests"): lambda sandbox, _: sandbox.requests(),
    ("GET", "batches"): lambda sandbox, _: sandbox.batches(),
}
