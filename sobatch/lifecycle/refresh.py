"""Read the created orders of a run back: how each stands at the ERP today. Changes nothing, here or there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sobatch.erp.ports import Phase, Receipt
from sobatch.errors import Temporary, UsageError
from sobatch.lifecycle.events import Waiting
from sobatch.lifecycle.journal.rows import PartState, RunRow
from sobatch.lifecycle.session import Session

_ENDED = (PartState.SETTLED, PartState.CANCELLED)
_MOST_NAMED = 20
_SHOWN = 15.0


@dataclass(slots=True)
class Refreshed:
    """What was read back. `states` counts the ERP's own words; `gone` names the first orders that are there no more."""

    asked: int = 0
    states: Counter[str] = field(default_factory=Counter)
    cancelled: int = 0
    delivered: int = 0
    gone_count: int = 0
    gone: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "asked": self.asked,
            "states": dict(self.states.most_common()),
            "cancelled": self.cancelled,
            "delivered": self.delivered,
            "gone": self.gone_count,
            "gone_ids": self.gone,
        }


def refresh(session: Session, run: RunRow) -> Refreshed:
    """Ask about each order of a run that was created, one at a time, at the pace that the ERP bears.

    Raises `UsageError` for an ERP that works in batches, and `Temporary` or `NotAllowed` when it cannot be asked.
    """
    if session.target.traits.remote_work:
        raise UsageError(
            "this ERP works on batches: single orders are not read back",
            next_step=f"sobatch status {run.id}   # asks about the batches that are open",
        )
    found, shown = Refreshed(), session.clock.monotonic()
    for part in session.journal.each_part(run.id, *_ENDED):
        if part.remote_id is not None:
            _read_back(session, part.remote_id, found)
        if session.clock.monotonic() - shown > _SHOWN:
            shown = session.clock.monotonic()
            session.listen(Waiting(0.0, f"{found.asked:,} orders were read back"))
    return found


def _read_back(session: Session, remote_id: str, found: Refreshed) -> None:
    session.stop()
    found.asked += 1
    try:
        with session.clock.may_end():
            status = session.target.status(Receipt(remote_id))
    except Temporary as error:
        if error.facts.get("http_status") != 404:
            raise
        found.gone_count += 1
        found.gone += [remote_id] if len(found.gone) < _MOST_NAMED else []
        return
    found.states[status.result or "no state given"] += 1
    found.cancelled += status.phase is Phase.CANCELLED
    found.delivered += bool(status.raw.get("delivered"))
