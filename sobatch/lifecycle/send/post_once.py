"""Send one part: journal before the wire, one attempt per POST, and every end of it recorded as what it proves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from sobatch.erp.ports import (
    InDoubt,
    NotSent,
    PartFile,
    Receipt,
    Refused,
    SendError,
    Throttled,
    TokenExpired,
)
from sobatch.errors import SobatchError, StorageFailed
from sobatch.lifecycle.events import Accepted, Said, Sending, Waiting
from sobatch.lifecycle.journal.rows import PartRow, PartState
from sobatch.lifecycle.mark import keep_mark
from sobatch.lifecycle.send.final import verdicts_of
from sobatch.lifecycle.send.fingerprint import file_name
from sobatch.lifecycle.send.patience import NO_ACCESS, Patience, no_access
from sobatch.lifecycle.send.reserve import Reserve
from sobatch.lifecycle.session import Pace, Session

_RELEASED: dict[type[SendError], str] = {NotSent: "not_sent", Throttled: "throttled", TokenExpired: "expired"}
"""What an attempt is called in the journal that was certainly not processed."""
_WRONG_DOOR = (400, 404, 405, 415)  # answers that every other part would get too
_NOT_KEPT = "receipt-not-kept"


def part_file(session: Session, part: PartRow) -> PartFile:
    """The staged part as a target wants it. The file name on the wire is a fingerprint: run, number, digest."""
    return PartFile(
        part.run,
        part.number,
        part.group,
        part.orders,
        session.folder(part.run) / part.file,
        file_name(part.run, part.number, part.sha256),
        part.sha256,
        part.size,
        part.start,
    )


class Dispatcher:
    """Sends parts one at a time."""

    def __init__(self, session: Session, pace: Pace) -> None:
        self._session = session
        self._pace = pace
        self._reserve = Reserve(session.state, session.storage)
        self._unkept = False

    def send(self, part: PartRow) -> PartState:
        """Send a planned part. Returns `accepted`, `settled` (the receipt was final), `refused` or `unknown`.

        Raises `Temporary` or `NotAllowed` when it was certainly not sent; the part is then planned as before.
        """
        if self._restored(part):
            return PartState.UNKNOWN
        patience = Patience(self._pace)
        while True:
            self._session.stop()
            self._session.target.prepare()
            self._reserve.hold()
            attempt = self._session.journal.begin_attempt(part, self._session.clock_offset)
            self._keep_mark()
            try:
                return self._once(part, attempt)
            except (NotSent, Throttled, TokenExpired) as error:
                self._release(part, attempt, _RELEASED[type(error)], error)
                seconds, why = patience.after(error, self._session.clock.random())
                if seconds:
                    self._session.listen(Waiting(seconds, why))
                    self._session.clock.sleep(seconds)

    def _keep_mark(self) -> None:
        trouble = keep_mark(self._session.journal, self._session.marks)
        if trouble and not self._unkept:
            self._unkept = True
            self._session.listen(Said(f"No mark of this send could be kept beside the journal ({trouble})."))

    def _restored(self, part: PartRow) -> bool:
        """In a run of a restored journal, a part that was cut only now may have been cut and sent before."""
        journal = self._session.journal
        if journal.run(part.run).restored is None or journal.attempts(part.run, part.number):
            return False
        journal.doubt_unsent(part.run, "the journal was restored; it may have been sent before")
        return True

    def _once(self, part: PartRow, attempt: int) -> PartState:
        session = self._session
        file = part_file(session, part)
        handed_over = 0

        def notify(count: int) -> None:
            nonlocal handed_over
            handed_over += count
            session.listen(Sending(part.number, min(handed_over, part.size), part.size))

        steps = _Steps(session, part, file, attempt, self._reserve)
        try:
            receipt = session.target.send(file, steps, notify)
        except Refused as error:
            return self._refused(part, attempt, error)
        except InDoubt as error:
            session.hear_time(error.server_time)
            session.journal.doubt(attempt, part, **_facts(error))
            words = error.message.rstrip(".")
            session.listen(Said(f"Part {part.number}: {words}. Whether it was received is not known.", True))
            return PartState.UNKNOWN
        except SendError:
            raise
        except StorageFailed as error:
            if handed_over == 0 and error.code != _NOT_KEPT:
                session.journal.release(attempt, part, "not_sent", message=error.message)
            raise
        except SobatchError as error:
            session.journal.release(attempt, part, "not_sent", message=error.message)
            raise
        receipt = steps.kept or receipt
        session.hear_time(receipt.server_time)
        session.listen(Accepted(part.number, receipt.remote_id))
        if receipt.note:
            session.listen(Said(f"Part {part.number}: {receipt.note}", True))
        return PartState.SETTLED if receipt.final else PartState.ACCEPTED

    def _refused(self, part: PartRow, attempt: int, error: Refused) -> PartState:
        session = self._session
        session.hear_time(error.server_time)
        if error.http_status in NO_ACCESS:
            self._release(part, attempt, "refused", error)
            raise no_access(error) from error
        words = f"HTTP {error.http_status}: {error.message}"
        session.journal.refuse(attempt, part, **{**_facts(error), "message": words})
        session.listen(Said(f"Part {part.number} was refused: {words}", True))
        if error.http_status in _WRONG_DOOR:
            session.journal.drop_unsent(part.run, f"not sent, because part {part.number} was refused ({words})")
        return PartState.REFUSED

    def _release(self, part: PartRow, attempt: int, state: str, error: SendError) -> None:
        self._session.hear_time(error.server_time)
        self._session.journal.release(attempt, part, state, **_facts(error))


class _Steps:
    """The journal as the target sees it during one send."""

    def __init__(self, session: Session, part: PartRow, file: PartFile, attempt: int, reserve: Reserve) -> None:
        self._session = session
        self._part = part
        self._file = file
        self._attempt = attempt
        self._reserve = reserve
        self._begun: dict[str, int] = {}
        self.kept: Receipt | None = None

    def acknowledged(self, receipt: Receipt) -> None:
        receipt = self.kept = self._without_a_known_name(receipt)
        verdicts = verdicts_of(self._session, self._part, self._file, receipt)
        facts = {key: value for key, value in asdict(receipt).items() if key != "final"}
        try:
            self._session.journal.accept(self._attempt, self._part, facts, verdicts=verdicts)
        except StorageFailed:
            self._reserve.free()
            try:
                self._session.journal.accept(self._attempt, self._part, facts, verdicts=verdicts)
            except StorageFailed as error:
                raise _receipt_not_kept(self._part, receipt, error) from error

    def recorded(self) -> Mapping[str, str]:
        steps = self._session.journal.steps(self._part.run, self._part.number)
        return {step.name: step.value or "" for step in steps if step.state == "done"}

    def begin(self, step: str) -> None:
        self._begun[step] = self._session.journal.begin_step(self._attempt, self._part, step)

    def done(self, step: str, value: str) -> None:
        self._session.journal.end_step(self._begun[step], "done", value)

    def doubted(self, step: str) -> bool:
        return step in self._session.journal.doubted_steps(self._part.run, self._part.number)

    def refused(self, step: str, words: str) -> None:
        self._session.journal.end_step(self._begun[step], "refused", words)

    def _without_a_known_name(self, receipt: Receipt) -> Receipt:
        """A receipt that names what was there before is none: the part was taken, under a name to be looked for."""
        remote_id = receipt.remote_id
        if remote_id is None:
            return receipt
        holder = self._session.journal.holder(self._part.run, remote_id)
        if holder is not None:
            whose = f"part {holder[1]} of run {holder[0]}"
        elif remote_id.lower() in self._session.listed_before:
            whose = "something the ERP had before"
        else:
            return receipt
        words = f"the answer names {remote_id}, which is {whose}; the part is looked for under another name"
        return replace(receipt, remote_id=None, final=(), note="; ".join(filter(None, (receipt.note, words))))


def _facts(error: SendError) -> dict[str, object]:
    return {"http_status": error.http_status, "bytes_sent": error.bytes_sent, "message": error.message}


def _receipt_not_kept(part: PartRow, receipt: Receipt, error: StorageFailed) -> StorageFailed:
    return StorageFailed(
        f"part {part.number} of run {part.run} was ACCEPTED as {receipt.remote_id} (Location: {receipt.location}), "
        f"but the journal could not keep it: {error.message}",
        code=_NOT_KEPT,
        next_step=f"Free some space, then: sobatch resolve {part.run} {part.number} --accepted {receipt.remote_id}",
        facts={"run": part.run, "part": part.number, "remote_id": receipt.remote_id},
    )
