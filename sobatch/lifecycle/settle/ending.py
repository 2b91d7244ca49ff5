"""When the end of remote work is proved. A word of the status is a reason to look; the lists and the counts are proof.

A documented word of the end counts at once when every order is in a list and the counts agree. Before an order is
called not created, and before a disagreement is written down, the ERP is asked again until the settle time is over:
lists may come late, and a batch that calls itself cancelled may still be saving. (DESIGN.md section 6)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sobatch.erp.ports import Phase, Status
from sobatch.errors import OutcomeUnknown, RemoteFailed, Temporary
from sobatch.lifecycle.events import Said
from sobatch.lifecycle.journal.rows import PartRow, PartState
from sobatch.lifecycle.session import Pace, Session
from sobatch.lifecycle.settle.collect import Found, look, settle

_MOST_UNSTEADY = 3
_MOMENT = 0.01
"""A wait may end a little early by the clock's own rounding; it is over all the same."""


@dataclass(slots=True)
class _Patience:
    """How long one part's end is still doubted. `until` is on the monotonic clock."""

    until: float
    told: bool = False
    unsteady: int = 0
    """Looks after the settle time that found other lists than the look before."""


class Ends:
    """Takes what is heard of parts, and settles those whose end is proved or has been doubted long enough."""

    def __init__(self, session: Session, pace: Pace) -> None:
        self._session = session
        self._settle = pace.settle
        self._patience: dict[int, _Patience] = {}
        self.listless: dict[int, str] = {}
        """Parts that have ended and whose lists could not be had within the settle time, and why."""

    def heard(self, part: PartRow, status: Status) -> bool:
        """Take an answer about a part. True when that settled it."""
        if status.phase is Phase.CLAIMED:
            return self._claimed(part, status)
        if not status.phase.terminal:
            self._runs(part, status)
            return False
        steady = part.state is PartState.FINISHED and _same(part, status)
        if not steady:
            self._session.journal.note_status(part, status.phase, status.result, status.processed, status.failed)
        return self._ended(self._session.journal.part(part.run, part.number), steady)

    def until(self, part: PartRow) -> float:
        """Until when the end of a part is doubted, on the monotonic clock."""
        return self._patient(part).until

    def _runs(self, part: PartRow, status: Status) -> None:
        if part.state is PartState.FINISHED:
            self._patience.pop(part.number, None)
            said = f"Part {part.number} had ended by the ERP's word, and runs again."
            self._session.listen(Said(said, True))
        self._session.journal.note_progress(part, status.phase, status.result, status.processed, status.failed)

    def _claimed(self, part: PartRow, status: Status) -> bool:
        """No word of the end: lists that account for every order are one, and nothing else is."""
        self._runs(part, status)
        claimed = as_heard(part, status, Phase.FINISHED)
        try:
            with look(self._session, claimed) as found:
                if found.adds_up and not found.count()["not_created"]:
                    journal = self._session.journal
                    journal.note_status(part, Phase.FINISHED, status.result, status.processed, status.failed)
                    settle(self._session, claimed, found)
                    return True
        except (RemoteFailed, Temporary):
            pass  # it has no lists, and so it has not ended
        return False

    def _ended(self, part: PartRow, steady: bool) -> bool:
        patience = self._patient(part)
        over = self._session.clock.monotonic() + _MOMENT >= patience.until
        try:
            with look(self._session, part) as found:
                open_still = _open(found)
                steady = self._unchanged(part, found.lists) and steady
                if open_still is None:
                    settle(self._session, part, found)
                    del self._patience[part.number]
                    return True
                if over and (steady or patience.unsteady >= _MOST_UNSTEADY):
                    settle(self._session, part, found, unproved(part, found, steady=steady))
                    return True
                patience.unsteady += over
        except (RemoteFailed, Temporary) as error:
            if isinstance(error, Temporary) and error.facts.get("http_status") != 404:
                raise
            open_still = error.message
            if over:
                self.listless[part.number] = open_still
        self._say(part, patience, open_still)
        return False

    def _say(self, part: PartRow, patience: _Patience, why: str) -> None:
        if patience.told:
            return
        patience.told = True
        rest = max(0.0, patience.until - self._session.clock.monotonic())
        more = f"It is asked again for up to {rest:,.0f} s." if rest else "It is asked once more."
        word = "finished" if part.phase is None else part.phase
        self._session.listen(
            Said(f"Part {part.number} is {word} by the ERP's word, but not proved: {why}. {more}", True)
        )

    def _patient(self, part: PartRow) -> _Patience:
        if part.number not in self._patience:
            clock = self._session.clock
            doubted = max(0.0, clock.now() - self._session.journal.note_ended(part))
            self._patience[part.number] = _Patience(clock.monotonic() + max(0.0, self._settle - doubted))
        return self._patience[part.number]

    def _unchanged(self, part: PartRow, lists: str) -> bool:
        """Whether both lists read as they did at the look before, of this command or an earlier one."""
        if part.lists == lists:
            return True
        self._session.journal.note_lists(part, lists)
        return False


def as_heard(part: PartRow, status: Status, phase: Phase) -> PartRow:
    """The part with what a status says of it."""
    return replace(part, phase=phase, result=status.result, processed=status.processed, failed=status.failed)


def unproved(part: PartRow, found: Found, *, steady: bool) -> str | None:
    """Why the orders that are in neither list may have been created all the same; None when it is proved or none is.

    Of a batch that was cancelled or has failed the status has to state how many orders were processed.
    """
    absent = found.count()["not_created"]
    if not absent or (steady and found.adds_up and part.processed is not None):
        return None
    why = "no count of the ERP's says that they were never processed" if steady else "its answers still change"
    return f"{absent:,} orders are in neither result list, and {why}"


def listless_error(run: str, listless: dict[int, str]) -> OutcomeUnknown:
    """What a command ends with when parts have ended and nobody can have their lists."""
    number, why = next(iter(listless.items()))
    numbers = ", ".join(str(each) for each in listless)
    return OutcomeUnknown(
        f"part {numbers} of run {run} has ended, and what became of its orders cannot be had: {why}",
        code="no-results",
        next_step=f"sobatch status {run}   # asks again; then if need be: sobatch resolve {run} {number}",
        facts={"run": run, "parts": sorted(listless)},
    )


def _open(found: Found) -> str | None:
    """What the lists leave open; None when they add up and every order has its verdict by a word about it."""
    if not found.adds_up:
        return found.sentence
    absent = found.count()["not_created"]
    return f"{absent:,} orders are in neither result list" if absent else None


def _same(part: PartRow, status: Status) -> bool:
    return (part.phase, part.processed, part.failed) == (status.phase, status.processed, status.failed)
