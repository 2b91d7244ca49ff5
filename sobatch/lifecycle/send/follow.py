"""Ask how far the remote work is: one attempt per poll, back-off from 2 s to 30 s with jitter, until it ends.

A poll that fails is repeated by the next poll. Only silence for a quarter of an hour, or the caller's time-out, ends
the wait; the remote work goes on, and the same command re-attaches.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

from sobatch.erp.ports import Receipt, Status
from sobatch.errors import SobatchError, StillRunning, Temporary
from sobatch.lifecycle.events import Following, Said, Waiting
from sobatch.lifecycle.journal.rows import PartRow, PartState
from sobatch.lifecycle.session import Pace, Session

_FIRST, _FACTOR, _LONGEST, _JITTER = 2.0, 1.5, 30.0, 0.2
_MOST_SILENCE = 900.0
_NEW_BATCH = 120.0


@dataclass(slots=True)
class _Watch:
    """What is known between two polls of one part."""

    interval: float
    due: float
    heard: float
    known: bool = False
    again: float | None = None
    """The pause before the next look at the results of work that has ended, once there was one."""
    trouble: str | None = None
    """Why the last poll brought nothing."""


class Follower:
    """Polls accepted parts of a run, each by its own schedule. `deadline` is on the monotonic clock."""

    def __init__(self, session: Session, run: str, pace: Pace, deadline: float | None) -> None:
        self._session = session
        self._run = run
        self._pace = pace
        self._deadline = deadline
        self._watches: dict[int, _Watch] = {}
        self._turns: list[tuple[float, int]] = []
        """When which part is due, the earliest first; what its watch does not say any more does not count."""

    @property
    def going(self) -> int:
        """How many parts are followed."""
        return len(self._watches)

    def follow(self, part: PartRow) -> None:
        """Follow a part until it is let go; one without a name is not followed."""
        if part.remote_id is not None:
            self._watch(part.number)

    def next_answer(self) -> tuple[PartRow, Status] | None:
        """Wait for the part that is due first and ask once. None when there was no answer worth the name.

        Raises `StillRunning` at the deadline, `Temporary` after long silence, `NotAllowed` or `RemoteFailed` at once.
        A part whose id the ERP does not know loses it.
        """
        while (number := self._turns[0][1]) not in self._watches or self._turns[0][0] != self._watches[number].due:
            heappop(self._turns)
        part = self._session.journal.part(self._run, number)
        self._wait(self._watches[number].due, part)
        status = self.ask(part)
        return None if status is None else (part, status)

    def look_again(self, part: PartRow, until: float) -> None:
        """Work that has ended by its word but not by its results is asked about again, with back-off of its own, and
        once more at `until` (monotonic seconds)."""
        watch, now = self._watch(part.number), self._session.clock.monotonic()
        first = self._pace.poll_interval or _FIRST
        watch.again = min(_LONGEST, first if watch.again is None else watch.again * _FACTOR)
        due = now + watch.again
        self._set_due(part.number, min(due, until) if until > now else due)

    def let_go(self, part: PartRow) -> None:
        """A part about which nothing more is to be heard is not asked about again."""
        self._watches.pop(part.number, None)

    def ask(self, part: PartRow) -> Status | None:
        """Ask once about a part, at once. None when there was no answer worth the name."""
        status = self._ask(part, self._watch(part.number))
        if status is not None:
            self._session.listen(Following(part.number, status.phase, status.processed, part.orders))
        return status

    def _watch(self, number: int) -> _Watch:
        if number not in self._watches:
            now = self._session.clock.monotonic()
            self._watches[number] = _Watch(self._pace.poll_interval or _FIRST, now, now)
            self._set_due(number, now)
        return self._watches[number]

    def _set_due(self, number: int, due: float) -> None:
        self._watches[number].due = due
        heappush(self._turns, (due, number))

    def _wait(self, due: float, part: PartRow) -> None:
        session = self._session
        session.stop()
        now = session.clock.monotonic()
        if self._deadline is not None and max(due, now) > self._deadline:
            session.clock.sleep(max(0.0, self._deadline - now))
            raise self._over(part)
        if due > now:
            what = "is being processed" if part.state is PartState.ACCEPTED else "has ended; its results are awaited"
            session.listen(Waiting(due - now, f"part {part.number} {what}"))
            session.clock.sleep(due - now)
        session.stop()

    def _over(self, part: PartRow) -> SobatchError:
        """The error that ends the wait: the work goes on, as far as anybody knows."""
        trouble = self._watch(part.number).trouble
        if trouble is None:
            return still_running(part)
        return Temporary(
            f"the ERP could not be asked about part {part.number} when the wait ended: {trouble}",
            next_step="The remote work goes on. Run the same command again to re-attach.",
            facts={"run": part.run, "part": part.number},
        )

    def trouble(self, part: PartRow) -> str | None:
        """Why the last poll of a part brought nothing."""
        return self._watch(part.number).trouble

    def _ask(self, part: PartRow, watch: _Watch) -> Status | None:
        session = self._session
        try:
            status = session.target.status(Receipt(part.remote_id, 201, None, part.accepted))
        except Temporary as error:
            watch.trouble = error.message
            self._silent(part, watch, error)
            return None
        watch.trouble = None
        now = session.clock.monotonic()
        watch.heard = now
        watch.known = True
        self._schedule(part.number, watch, now, status.retry_after)
        return status

    def _silent(self, part: PartRow, watch: _Watch, error: SobatchError) -> None:
        now = self._session.clock.monotonic()
        silent = now - watch.heard
        new = part.state is PartState.ACCEPTED and not watch.known and error.facts.get("http_status") == 404
        if new and silent > max(_NEW_BATCH, self._pace.settle):
            self._disown(part)
            return
        if not new and silent > _MOST_SILENCE:
            raise Temporary(
                f"the ERP has not answered about part {part.number} for {_MOST_SILENCE / 60:.0f} minutes: "
                f"{error.message}",
                next_step="The remote work goes on. Run the same command again to re-attach.",
            ) from error
        self._schedule(part.number, watch, now, error.facts.get("retry_after"))

    def _disown(self, part: PartRow) -> None:
        """The ERP took the part, but knows no batch of this id: `Location` may be wrong. Its name is looked for."""
        words = f"the ERP knows no batch {part.remote_id}"
        attempt = self._session.journal.live_attempt(part)
        if attempt is not None:
            facts = {"http_status": attempt.http_status, "location": attempt.location, "note": words}
            self._session.journal.accept(attempt.id, part, facts, decided_by=attempt.decided_by)
        self._session.listen(Said(f"Part {part.number} was accepted, but {words}.", True))
        del self._watches[part.number]

    def _schedule(self, number: int, watch: _Watch, now: float, asked: object) -> None:
        if self._pace.poll_interval is None:
            jitter = 1 + _JITTER * (2 * self._session.clock.random() - 1)
            wait = watch.interval * jitter
            watch.interval = min(_LONGEST, watch.interval * _FACTOR)
        else:
            wait = self._pace.poll_interval
        if isinstance(asked, int | float) and asked > wait:
            wait = min(float(asked), 300.0)
        self._set_due(number, now + wait)


def still_running(part: PartRow) -> StillRunning:
    """The wait ended; the work did not."""
    done = (
        "is still being processed" if part.state is PartState.ACCEPTED else "has ended, and its results do not prove it"
    )
    return StillRunning(
        f"part {part.number} of run {part.run} {done}",
        next_step=f"It goes on remotely. Run the same command again to re-attach, or: sobatch status {part.run}",
        facts={"run": part.run, "part": part.number},
    )
