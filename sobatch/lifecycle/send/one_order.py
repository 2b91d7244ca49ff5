"""One order in progress: sent by a thread of its own, while every word of it goes into the journal at the desk.

The attempt begins with the first step, in the same commit. A step that is told as done is durable before anything else
of the order goes out. What came of the order is written last, and with it what was handed in before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sobatch.erp.one_by_one import ORDER
from sobatch.erp.ports import InDoubt, NotSent, PartFile, Receipt, Refused, SendError, Throttled, TokenExpired
from sobatch.errors import Defect, RemoteFailed, SobatchError
from sobatch.lifecycle.events import Waiting
from sobatch.lifecycle.journal.rows import PartRow, Verdict
from sobatch.lifecycle.send.desk import Desk, Slip
from sobatch.lifecycle.send.final import verdicts_of
from sobatch.lifecycle.send.patience import NO_ACCESS, Patience, no_access
from sobatch.lifecycle.send.post_once import part_file
from sobatch.lifecycle.session import Pace, Session

Came = Receipt | InDoubt | SobatchError
"""What came of an order: its end, a doubt, or why it could not go on (then nothing of it is in doubt)."""


@dataclass(slots=True)
class Ended:
    """An order that is no longer in progress. `state` is where its part stands now, `verdict` that of a final end."""

    part: PartRow
    came: Came
    state: str
    verdict: Verdict | None = None


class OrderSteps:
    """The journal as one order's sender sees it."""

    def __init__(self, session: Session, desk: Desk, part: PartRow) -> None:
        """To be made at the desk: it reads the journal."""
        self._session = session
        self._desk = desk
        self._part = part
        self._done: dict[str, str] = {}
        self._doubted = session.journal.doubted_steps(part.run, part.number)
        for step in session.journal.steps(part.run, part.number):
            if step.state == "done":
                self._done[step.name] = step.value or ""
        self._row = 0
        self.attempt: int | None = None
        self.last: Slip[Any] | None = None
        """What was handed in last, and is perhaps not durable yet."""

    def acknowledged(self, receipt: Receipt) -> None:
        """A receipt that is final is kept at the end, with all that it says."""

    def recorded(self) -> Mapping[str, str]:
        return dict(self._done)

    def doubted(self, step: str) -> bool:
        return step in self._doubted

    def begin(self, step: str) -> None:
        begins = self.attempt is None
        self.attempt, self._row = self._desk.do(lambda: self._begun(step), self.last, begins=begins)

    def done(self, step: str, value: str) -> None:
        row = self._row
        self.last = self._desk.post(lambda: self._is_done(row, step, value), self.last)
        self._done[step] = value

    def refused(self, step: str, words: str) -> None:
        row = self._row
        self.last = self._desk.post(lambda: self._session.journal.end_step(row, "refused", words), self.last)

    def _begun(self, step: str) -> tuple[int, int]:
        journal = self._session.journal
        attempt = self.attempt
        if attempt is None:
            attempt = journal.begin_attempt(self._part, self._session.clock_offset)
        return attempt, journal.begin_step(attempt, self._part, step)

    def _is_done(self, row: int, step: str, value: str) -> None:
        """Raises `InDoubt` for an order under a name that another one has: then this one's is not known."""
        if step == ORDER:
            holder = self._session.journal.named_before(self._part, step, value)
            if holder is not None:
                whose = f"part {holder[1]} of run {holder[0]}"
                raise InDoubt(f"the answer names what is {whose}; the order is looked for under another name")
        self._session.journal.end_step(row, "done", value)


class OneOrder:
    """An order that is being sent. Made and ended at the desk, sent in any thread."""

    def __init__(self, session: Session, pace: Pace, desk: Desk, part: PartRow) -> None:
        self.part = part
        self._session = session
        self._desk = desk
        self._file: PartFile = part_file(session, part)
        self._steps = OrderSteps(session, desk, part)
        self._patience = Patience(pace)

    def send(self) -> None:
        """Send it, and hand in what came of it. An end that may end more than this order is durable when this returns:
        the pool has heard of it before the next order begins."""
        came = self._came()
        slip = self._desk.post(lambda: self._ended(came), begins=self._steps.attempt is None, ends=True)
        if not isinstance(came, Receipt):
            self._desk.wait(slip)

    def _came(self) -> Came:
        clock, target = self._session.clock, self._session.target
        try:
            while True:
                try:
                    target.prepare()
                    return target.send(self._file, self._steps, lambda count: None)
                except (NotSent, Throttled, TokenExpired) as error:
                    done = len(self._steps.recorded())
                    seconds, why = self._patience.after(error, clock.random(), done)
                    if seconds:
                        self._desk.say(Waiting(seconds, why))
                        clock.sleep(seconds)
        except Refused as error:
            return no_access(error) if error.http_status in NO_ACCESS else _wrong_door(error)
        except (InDoubt, SobatchError) as error:
            return error

    def _ended(self, came: Came) -> Ended:
        """At the desk: make what came of the order durable, unless what was told before could not be."""
        trouble = self._steps.last.error if self._steps.last is not None else None
        if isinstance(trouble, InDoubt | SobatchError):
            came = trouble
        self._session.hear_time(getattr(came, "server_time", None))
        if isinstance(came, Receipt):
            return self._settled(came)
        attempt = self._steps.attempt
        if isinstance(came, InDoubt):
            if attempt is None:
                raise Defect(f"part {self.part.number} is in doubt before anything of it was sent")
            facts = {"http_status": came.http_status, "bytes_sent": came.bytes_sent, "message": came.message}
            self._session.journal.doubt(attempt, self.part, **facts)
            return Ended(self.part, came, "unknown")
        if attempt is not None:
            self._session.journal.release(attempt, self.part, "not_sent", message=came.message)
        return Ended(self.part, came, "planned")

    def _settled(self, receipt: Receipt) -> Ended:
        """The last words of an order. One that is found to be whole already was not sent now, and is counted all the
        same."""
        journal, attempt = self._session.journal, self._steps.attempt
        if attempt is None:
            attempt = journal.begin_attempt(self.part, self._session.clock_offset)
        verdicts = verdicts_of(self._session, self.part, self._file, receipt)
        facts = {key: value for key, value in asdict(receipt).items() if key != "final"}
        journal.accept(attempt, self.part, facts, verdicts=verdicts)
        return Ended(self.part, receipt, "settled", verdicts[0] if verdicts else None)


def _wrong_door(error: SendError) -> RemoteFailed:
    return RemoteFailed(
        f"the address does not seem to be the ERP's: {error.message}; nothing more was sent",
        next_step="Check base_url. The same command goes on with what is left, once the ERP answers there.",
        facts={"http_status": error.http_status},
    )
