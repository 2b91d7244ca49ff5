"""Carry out a run: send what is planned, follow what is accepted, settle what is finished, close what is done.

The same few lines serve a new run, a resumed one and one that only has to be looked at again: what to do next follows
from the journal alone.
"""

from __future__ import annotations

from sobatch.errors import SobatchError, TimeUp, name_run
from sobatch.lifecycle.events import Said
from sobatch.lifecycle.journal.rows import OPEN_STATES, PartRow, PartState
from sobatch.lifecycle.send import doubt
from sobatch.lifecycle.send.follow import Follower, still_running
from sobatch.lifecycle.send.post_once import Dispatcher
from sobatch.lifecycle.session import Pace, Session
from sobatch.lifecycle.settle.close import close_run
from sobatch.lifecycle.settle.collect import collect


def carry_out(session: Session, run: str, pace: Pace, *, send: bool = True) -> int | None:
    """Bring a run as far as it goes now. Returns its exit code when it is closed, None when accepted parts are left
    running because nobody waits (`pace.wait` false).

    With `send` false nothing is sent: what is accepted is followed and settled. The caller holds the sender's lock.
    Raises `OutcomeUnknown`, `StillRunning`, `Temporary`, `NotAllowed`, `Interrupted`, `TimeUp` or `StorageFailed`; each
    names the run.
    """
    try:
        return _Carrier(session, run, pace, send).go()
    except TimeUp as error:
        name_run(error, run)
        raise _over(session, run, error) from error
    except Exception as error:
        name_run(error, run)
        raise


def _over(session: Session, run: str, error: TimeUp) -> SobatchError:
    """What the end of the given time means for a run as it stands: a doubt, remote work that goes on, or neither."""
    doubts = doubt.open_questions(session, run)
    if doubts:
        return doubt.unknown_error(doubts)
    at_the_erp = (PartState.ACCEPTED, PartState.FINISHED)
    left = [part for part in session.journal.parts(run) if part.state in at_the_erp]
    return still_running(left[0]) if left else error


class _Carrier:
    def __init__(self, session: Session, run: str, pace: Pace, send: bool) -> None:
        self._session = session
        self._run = run
        self._pace = pace
        self._send = send
        deadline = None if pace.timeout is None else session.started + pace.timeout
        self._dispatcher = Dispatcher(session, pace)
        self._follower = Follower(session, pace, deadline)

    def go(self) -> int | None:
        doubt.admit(self._session, self._run)
        doubt.look(self._session, self._run, self._pace)
        while self._step():
            self._session.stop()
            self._session.journal.ledger(self._run)
        return self._end()

    def _parts(self, *states: PartState) -> list[PartRow]:
        return [part for part in self._session.journal.parts(self._run) if part.state in states]

    def _step(self) -> bool:
        """One thing that can be done now; False when nothing is left to do."""
        finished = self._parts(PartState.FINISHED)
        if finished:
            collect(self._session, finished[0])
            return True
        planned = self._parts(PartState.PLANNED) if self._send else []
        accepted = [part for part in self._parts(PartState.ACCEPTED) if part.remote_id]
        unknown = self._parts(PartState.UNKNOWN)
        room = not self._pace.wait or len(accepted) < self._pace.in_flight
        if planned and room and not unknown:
            self._dispatcher.send(planned[0])
            return True
        if accepted and self._pace.wait:
            self._poll(accepted)
            return True
        return False

    def _poll(self, accepted: list[PartRow]) -> None:
        ended = self._follower.next_ended(accepted)
        if ended is not None:
            part, status = ended
            self._session.journal.note_status(part, status.phase, status.result, status.processed, status.failed)

    def _end(self) -> int | None:
        journal = self._session.journal
        doubts = doubt.open_questions(self._session, self._run)
        if doubts:
            raise doubt.unknown_error(doubts)
        if self._parts(*OPEN_STATES):
            if self._parts(PartState.PLANNED) and not self._send:
                self._session.listen(Said(f"Run {self._run} has parts that were never sent; submit the file again."))
            return None
        run = journal.run(self._run)
        if run.state == "closed":
            return run.exit_code
        return close_run(self._session, run)


def look_again(session: Session, run: str, pace: Pace) -> None:
    """Bring a run's journal up to date without waiting and without sending: one poll per accepted part."""
    doubt.admit(session, run)
    doubt.look(session, run, pace)
    follower = Follower(session, pace, None)
    for part in session.journal.parts(run):
        if part.state is PartState.ACCEPTED and part.remote_id:
            session.stop()
            status = follower.ask(part)
            if status is None:
                why = follower.trouble(part) or "it knows no such batch"
                session.listen(Said(f"The ERP could not be asked about part {part.number}: {why}", True))
            else:
                note = session.journal.note_status if status.phase.terminal else session.journal.note_progress
                note(part, status.phase, status.result, status.processed, status.failed)
    for part in session.journal.parts(run):
        if part.state is PartState.FINISHED:
            collect(session, part)
    row = session.journal.run(run)
    still_open = [part for part in session.journal.parts(run) if part.state in OPEN_STATES]
    if row.state == "open" and not still_open:
        close_run(session, row)
