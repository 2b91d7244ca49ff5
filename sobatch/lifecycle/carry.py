"""Carry out a run: send what is planned, follow what is accepted, settle what is finished, close what is done.

The same few lines serve a new run, a resumed one and one that only has to be looked at again: what to do next follows
from the journal alone.
"""

from __future__ import annotations

from dataclasses import replace

from sobatch.errors import NotAllowed, RemoteFailed, SobatchError, Temporary, TimeUp, name_run
from sobatch.lifecycle.events import Said, Waiting
from sobatch.lifecycle.journal.rows import OPEN_STATES, PartRow, PartState
from sobatch.lifecycle.send import doubt
from sobatch.lifecycle.send.follow import Follower, still_running
from sobatch.lifecycle.send.pool import Pool, most_unknown
from sobatch.lifecycle.send.post_once import Dispatcher
from sobatch.lifecycle.session import Pace, Session
from sobatch.lifecycle.settle.close import close_run
from sobatch.lifecycle.settle.ending import Ends, listless_error
from sobatch.lifecycle.settle.mend import look_back

_AT_THE_ERP = (PartState.ACCEPTED, PartState.FINISHED)


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
    left = session.journal.next_part(run, *_AT_THE_ERP)
    return still_running(left) if left else error


class _Carrier:
    def __init__(self, session: Session, run: str, pace: Pace, send: bool) -> None:
        self._session = session
        self._run = run
        self._pace = pace
        self._send = send
        deadline = None if pace.timeout is None else session.started + pace.timeout
        self._dispatcher = Dispatcher(session, pace)
        self._follower = Follower(session, run, pace, deadline)
        self._ends = Ends(session, pace)
        self._in_flight = pace.in_flight

    def go(self) -> int | None:
        doubt.admit(self._session, self._run)
        self._look(self._pace)
        look_back(self._session, self._run, self._pace)
        if not self._session.target.traits.remote_work:
            if self._send:
                self._one_by_one()
            return self._end()
        for part in self._session.journal.each_part(self._run, *_AT_THE_ERP) if self._pace.wait else ():
            self._follower.follow(part)
        while self._step():
            self._session.stop()
            self._session.journal.ledger(self._run)
        return self._end()

    def _look(self, pace: Pace) -> float:
        """Look for what is in doubt. Where single orders are, a look that cannot be had leaves them so."""
        try:
            return doubt.look(self._session, self._run, pace)
        except (Temporary, NotAllowed) as error:
            doubts = doubt.open_questions(self._session, self._run)
            if not doubts or self._session.target.traits.remote_work:
                raise
            self._session.listen(Said(f"The ERP could not be asked about it: {error.message}", True))
            raise doubt.unknown_error(doubts) from error

    def _one_by_one(self) -> None:
        """Send orders until nothing is left that may be sent. What is in doubt is looked for at the end, and once more
        when the ERP would surely show it; what that frees goes on."""
        pace = replace(self._pace, resend_not_listed=False)  # once a command: the look before the first send
        waited = False
        while self._session.journal.parts_after(self._run, PartState.PLANNED, 0, 1):
            try:
                Pool(self._session, pace, self._run, self._in_flight).send_all()
            except (Temporary, NotAllowed, RemoteFailed) as error:
                doubts = doubt.open_questions(self._session, self._run)
                if doubts:
                    raise doubt.unknown_error(doubts) from error
                raise
            early = min(self._look(pace), pace.settle)
            if early and not waited and pace.wait:
                waited = True
                self._session.listen(Waiting(early, "the ERP may show what was in doubt only then"))
                self._session.clock.sleep(early)
                self._look(pace)
            if len(doubt.open_questions(self._session, self._run)) >= most_unknown(self._session, self._in_flight):
                return  # nothing more is sent before somebody has looked

    def _next(self, *states: PartState) -> PartRow | None:
        return self._session.journal.next_part(self._run, *states)

    def _step(self) -> bool:
        """One thing that can be done now; False when nothing is left to do."""
        planned = self._next(PartState.PLANNED) if self._send else None
        stopped = self._next(PartState.UNKNOWN) or self._ends.listless
        room = not self._pace.wait or self._follower.going < self._in_flight
        if planned and room and not stopped:
            state = self._dispatcher.send(planned)
            if state is PartState.ACCEPTED and self._pace.wait:
                self._follower.follow(self._session.journal.part(self._run, planned.number))
            return True
        if self._follower.going:
            self._poll()
            return True
        return False

    def _poll(self) -> None:
        answer = self._follower.next_answer()
        if answer is None:
            return
        part, status = answer
        if self._ends.heard(part, status) or part.number in self._ends.listless:
            self._follower.let_go(part)
        elif status.phase.terminal:
            self._follower.look_again(part, self._ends.until(part))

    def _end(self) -> int | None:
        journal = self._session.journal
        doubts = doubt.open_questions(self._session, self._run)
        if doubts:
            raise doubt.unknown_error(doubts)
        if self._ends.listless:
            raise listless_error(self._run, self._ends.listless)
        if self._next(*OPEN_STATES):
            if self._next(PartState.PLANNED) and not self._send:
                self._session.listen(Said(f"Run {self._run} has parts that were never sent; submit the file again."))
            return None
        run = journal.run(self._run)
        if run.state == "closed":
            return run.exit_code
        return close_run(self._session, run)


def look_again(session: Session, run: str, pace: Pace) -> None:
    """Bring a run's journal up to date without waiting and without sending: one look at each part that has no verdict,
    or holds an unknown."""
    doubt.admit(session, run)
    doubt.look(session, run, pace)
    follower, ends = Follower(session, run, pace, None), Ends(session, pace)
    for part in session.journal.each_part(run, *_AT_THE_ERP):
        if part.remote_id:
            session.stop()
            status = follower.ask(part)
            if status is None:
                why = follower.trouble(part) or "it knows no such batch"
                session.listen(Said(f"The ERP could not be asked about part {part.number}: {why}", True))
            else:
                ends.heard(part, status)
    look_back(session, run, pace)
    row = session.journal.run(run)
    if row.state == "open" and not session.journal.next_part(run, *OPEN_STATES):
        close_run(session, row)
