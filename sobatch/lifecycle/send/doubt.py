"""Parts whose fate is unknown: found at the start, looked for remotely, adopted, or left to the operator.

A part that was accepted without a usable name is looked for too, but never freed: the ERP has said that it took it.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from sobatch.erp.one_by_one import ORDER
from sobatch.erp.ports import Attempt, CannotTell, Found, GoesOn, NotListed
from sobatch.errors import Defect, OutcomeUnknown, UsageError
from sobatch.lifecycle.events import Said
from sobatch.lifecycle.journal.rows import AttemptRow, PartRow, PartState
from sobatch.lifecycle.send.final import verdicts_of
from sobatch.lifecycle.send.fingerprint import file_name
from sobatch.lifecycle.send.post_once import part_file
from sobatch.lifecycle.session import Pace, Session

_PAGE = 500
_MOST_NAMED = 20
_DIED = "the sending process ended before an answer was recorded"


def admit(session: Session, run: str) -> None:
    """A part found `sending` belongs to a process that died: it *is* unknown. The caller holds the sender's lock."""
    while sending := session.journal.parts_after(run, PartState.SENDING, 0, _PAGE):
        with session.journal.together():
            for part in sending:
                attempt = session.journal.live_attempt(part)
                if attempt is None:
                    raise Defect(f"part {part.number} of run {run} is being sent without an attempt")
                session.journal.doubt(attempt.id, part, message=_DIED)


def open_questions(session: Session, run: str) -> list[PartRow]:
    """The parts of a run that were perhaps received, or were received under a name that nobody knows."""
    found = {state: session.journal.parts_after(run, state, 0, -1) for state in (PartState.UNKNOWN, PartState.ACCEPTED)}
    parts = found[PartState.UNKNOWN] + [part for part in found[PartState.ACCEPTED] if _nameless(part)]
    return sorted(parts, key=lambda part: part.number)


def look(session: Session, run: str, pace: Pace) -> float:
    """Look once for every open question of a run. Returns after how many seconds another look may find more; 0 for
    never."""
    soonest = 0.0
    for part in open_questions(session, run):
        session.stop()
        attempt = session.journal.live_attempt(part)
        if attempt is not None:
            soonest = max(soonest, _look_for(session, part, attempt, pace))
    return soonest


def _nameless(part: PartRow) -> bool:
    return part.state is PartState.ACCEPTED and part.remote_id is None


def _look_for(session: Session, part: PartRow, attempt: AttemptRow, pace: Pace) -> float:
    question = _question(session, part, attempt, pace)
    with session.clock.may_end():
        answer = session.target.find(question)
    if isinstance(answer, Found | GoesOn):
        take(session, part, attempt, answer, "remote list")
        return 0.0
    if isinstance(answer, NotListed) and (why := _sent_again(answer, pace)) and not _nameless(part):
        session.journal.release(attempt.id, part, "absent", decided_by=f"{why}: {answer.evidence}")
        _stay_cancelled(session, part)
        session.listen(Said(f"Part {part.number} goes out again, as {why} says: {answer.evidence}", True))
        return 0.0
    reason = _not_listed(part, answer) if isinstance(answer, NotListed) else answer.reason
    session.journal.note(part.run, "looked", {"part": part.number, "reason": reason})
    session.listen(Said(f"Part {part.number}: {reason}", True))
    return answer.early if isinstance(answer, NotListed) else 0.0


def take(session: Session, part: PartRow, attempt: AttemptRow, answer: Found | GoesOn, by: str) -> None:
    """What is known now of a part that was in doubt: all of it, or that the rest of it may be made.

    A name that another order has already is none; then the part stays as it is.
    """
    journal = session.journal
    holder = journal.named_before(part, *answer.step) if answer.step and answer.step[0] == ORDER else None
    remote_id = answer.receipt.remote_id if isinstance(answer, Found) and answer.receipt.final else None
    holder = holder or (journal.holder(part.run, remote_id) if remote_id is not None else None)
    if holder is not None:
        words = f"what was found is part {holder[1]} of run {holder[0]}, so it is not this one"
        session.listen(Said(f"Part {part.number}: {words}", True))
        return
    with journal.together():
        if answer.step is not None:
            journal.end_pending_step(part, answer.step[1])
        if isinstance(answer, Found):
            facts = {key: value for key, value in asdict(answer.receipt).items() if key != "final"}
            verdicts = verdicts_of(session, part, part_file(session, part), answer.receipt)
            journal.accept(attempt.id, part, facts, decided_by=f"{by}: {answer.evidence}", verdicts=verdicts)
        else:
            journal.release(attempt.id, part, "not_sent", decided_by=f"{by}: {answer.evidence}")
            _stay_cancelled(session, part)
    found = "was received after all" if answer.step or isinstance(answer, Found) else "goes on"
    session.listen(Said(f"Part {part.number} {found}: {answer.evidence}", True))


def name_pending(session: Session, part: PartRow, attempt: AttemptRow, value: str, by: str) -> bool:
    """An operator says that the pending step of a part did happen, and names what it made: the part is whole then, or
    goes on. False for a part without one."""
    question = _question(session, part, attempt, Pace())
    step = ORDER if question.lost else question.pending
    if step is None:
        return False
    answer = session.target.find(replace(question, done={**question.done, step: value}, pending=None))
    if isinstance(answer, Found | GoesOn):
        take(session, part, attempt, answer if question.lost else replace(answer, step=(step, value)), by)
        return True
    raise UsageError(
        f"part {part.number}: {answer.reason if isinstance(answer, CannotTell) else answer.evidence}",
        next_step="Complete the order in the ERP by hand, then decide with --abandon.",
    )


def _stay_cancelled(session: Session, part: PartRow) -> None:
    """A run that was cancelled sends nothing more: what is not there of this part will not be made."""
    if session.journal.run(part.run).cancelled:
        session.journal.mark_cancelled(part.run)


def _sent_again(answer: NotListed, pace: Pace) -> str | None:
    """What allows a part that is not listed to go out again by itself; None where nothing does."""
    if answer.once_only:
        return "number_unique"
    return "resend_not_listed" if answer.thorough and pace.resend_not_listed else None


def _not_listed(part: PartRow, answer: NotListed) -> str:
    """What the list was, and the command by which a person decides: a list proves no absence."""
    return (
        f"{answer.evidence} That proves nothing. If the ERP itself has no such orders: "
        f"sobatch resolve {part.run} {part.number} --not-received"
    )


def _question(session: Session, part: PartRow, attempt: AttemptRow, pace: Pace) -> Attempt:
    journal, lists = session.journal, session.target.traits.lists_jobs
    beside = journal.sent_beside(attempt) if lists else []
    ended = attempt.ended or attempt.started
    steps = journal.steps(part.run, part.number)
    pending = next((step.name for step in steps if step.state in ("sending", "unknown")), None)
    number = next(journal.orders(part.run, part.number), None) if part.orders == 1 else None
    offset = attempt.clock_offset if attempt.clock_offset is not None else session.clock_offset
    return Attempt(
        part=part_file(session, part),
        company=journal.run(part.run).company or None,
        started=attempt.started,
        ended=ended,
        clock_offset=offset,
        known_ids=journal.ids_at(part.run) if lists else frozenset(),
        witnesses={
            remote_id: (file_name(run, number, sha256), bool(since)) for remote_id, run, number, sha256, since in beside
        },
        waited=session.clock.now() - ended,
        settle=pace.settle,
        done={step.name: step.value or "" for step in steps if step.state == "done"},
        pending=pending,
        number=number.number if number is not None else None,
        lost=_may_lack_steps(session, part, attempt, {step.attempt for step in steps}),
        resent=pending is not None and pending in journal.doubted_steps(part.run, part.number),
    )


def _may_lack_steps(session: Session, part: PartRow, attempt: AttemptRow, begun: set[int]) -> bool:
    """Whether a part may have been sent without this journal: a restored one says only what was so when it was copied.
    An attempt of an order begins with a step; one without any was made up for the doubt."""
    if session.target.traits.remote_work:
        return False
    restored = session.journal.run(part.run).restored
    return attempt.id not in begun or (restored is not None and attempt.started <= restored)


def unknown_error(parts: list[PartRow]) -> OutcomeUnknown:
    """The sentence a command with doubts ends with."""
    first = parts[0]
    numbers = ", ".join(str(part.number) for part in parts[:_MOST_NAMED])
    if len(parts) > _MOST_NAMED:
        numbers += f" and {len(parts) - _MOST_NAMED:,} more"
    return OutcomeUnknown(
        f"the outcome of part {numbers} of run {first.run} is unknown: sent, never acknowledged. Nothing was re-sent",
        code="unknown",
        next_step=f"sobatch status {first.run}   # looks again; then, if need be:\n"
        f"sobatch resolve {first.run} {first.number}   # with --accepted ID, --not-received or --abandon",
        facts={"run": first.run, "parts": [part.number for part in parts]},
    )
