"""A settled part that holds an unknown stays open to the truth: look at its lists again, and mend what they prove.

Only an order that is unknown gets a verdict. When the lists now contradict what was proved before, nothing is taken.
Nothing is ever sent from here; what is found not created goes into a file of its own, beside the earlier ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from sobatch.erp.ports import Phase, Receipt, Status
from sobatch.errors import RemoteFailed, Temporary
from sobatch.lifecycle.events import Said
from sobatch.lifecycle.journal.rows import OrderRow, PartRow, Verdict
from sobatch.lifecycle.session import Pace, Session
from sobatch.lifecycle.settle import close
from sobatch.lifecycle.settle.collect import Found, look, said_of_end
from sobatch.lifecycle.settle.ending import as_heard, unproved
from sobatch.lifecycle.settle.part_text import part_text


def look_back(session: Session, run: str, pace: Pace) -> None:
    """Look once at every settled part of a run that is open to the truth, and renew what a closed run says.

    The caller holds the sender's lock. Raises `NotAllowed`; what passes by itself is only said.
    """
    for part in session.journal.unsettled_ends(run):
        session.stop()
        if (session.folder(run) / part.file).exists():
            _look(session, part, pace)
    close.renew(session, run)


def call_not_created(session: Session, part: PartRow, by: str) -> None:
    """An operator has looked: the unknown orders of a settled part were not created. None of them is sent by itself.

    Raises `StorageFailed` when the run is closed and the bytes of its orders are gone.
    """
    run = session.journal.run(part.run)
    files = {}
    if run.state == "closed":
        with part_text(session.folder(part.run), part) as text:

            def slices() -> Iterator[tuple[bytes, OrderRow]]:
                for order in session.journal.orders(part.run, part.number, ("unknown",)):
                    yield text.order(order), replace(order, state="not_created")

            files["remaining"] = str(close.write_more(session, run, "remaining", slices))
    unknown = session.journal.orders(part.run, part.number, ("unknown",))
    verdicts = [Verdict(order.idx, "not_created") for order in unknown]
    session.journal.mend(part, verdicts, f"called not created by {by}", adds_up=True, **files)


def _look(session: Session, part: PartRow, pace: Pace) -> None:
    try:
        status = session.target.status(Receipt(part.remote_id, 201, None, part.accepted))
        phase = Phase.FINISHED if status.phase is Phase.CLAIMED else status.phase
        if phase.terminal:
            heard = as_heard(part, status, phase)
            with look(session, heard) as found:
                _take(session, heard, found, _absence(session, part, status, heard, found, pace))
            return
        why = f"the ERP calls it {status.phase}"
    except (Temporary, RemoteFailed) as error:
        why = error.message
    session.listen(Said(f"Part {part.number} holds orders that are unknown, and nothing new is known: {why}", True))


def _absence(session: Session, part: PartRow, status: Status, heard: PartRow, found: Found, pace: Pace) -> bool:
    """Whether an order in neither list was certainly not created."""
    steady = part.lists == found.lists
    if not steady:
        session.journal.note_lists(part, found.lists)
    steady = steady and (part.phase, part.processed, part.failed) == (heard.phase, heard.processed, heard.failed)
    over = session.clock.now() - session.journal.note_ended(part) >= pace.settle
    return over and status.phase is not Phase.CLAIMED and unproved(heard, found, steady=steady) is None


def _take(session: Session, part: PartRow, found: Found, absence: bool) -> None:
    wrong = _contradicted(session, part, found, absence)
    if wrong is not None:
        words = f"its lists now contradict what they proved before (order {wrong.idx} was {wrong.state})"
        session.listen(Said(f"Part {part.number}: {words}; nothing was changed", True))
        return
    mended = sum(1 for _ in _mended(session, part, found, absence))
    adds_up = found.adds_up and not (found.count()["not_created"] and not absence)
    if not mended and adds_up == part.adds_up:
        return
    run = session.journal.run(part.run)
    files = {}
    for what, states in (("rejects", close.REJECTED), ("remaining", close.REMAINING)) if run.state == "closed" else ():
        slices = partial(_slices, session, part, found, absence, states)
        if next(slices(), None) is not None:
            files[what] = str(close.write_more(session, run, what, slices))
    message = found.sentence or said_of_end(part) or (None if adds_up else part.message)
    session.journal.mend(part, _mended(session, part, found, absence), message, adds_up=adds_up, **files)
    if mended:
        session.listen(Said(f"Part {part.number}: what became of {mended:,} orders is known now.", True))


def _mended(session: Session, part: PartRow, found: Found, absence: bool) -> Iterator[Verdict]:
    """The verdicts for orders that had none."""
    for verdict in found.verdicts(session, part, over_budget=True, absence=absence):
        if verdict.state != "unknown" and session.journal.order(part.run, verdict.idx).state == "unknown":
            yield verdict


def _contradicted(session: Session, part: PartRow, found: Found, absence: bool) -> OrderRow | None:
    """An order whose verdict was proved, and of which the lists now prove another one."""
    for verdict in found.orders.verdicts(over_budget=True):
        if verdict.state == "unknown" or (verdict.state == "not_created" and not absence):
            continue
        order = session.journal.order(part.run, verdict.idx)
        if order.state not in ("unknown", verdict.state):
            return order
    return None


def _slices(
    session: Session, part: PartRow, found: Found, absence: bool, states: tuple[str, ...]
) -> Iterator[tuple[bytes, OrderRow]]:
    for verdict in _mended(session, part, found, absence):
        if verdict.state in states:
            order = session.journal.order(part.run, verdict.idx)
            told = replace(order, state=verdict.state, messages=[dict(each) for each in verdict.messages])
            yield found.text.order(order), told
