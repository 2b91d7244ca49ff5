"""Parts whose fate is unknown: found at the start, looked for remotely, adopted, or left to the operator.

A part that was accepted without a usable name is looked for too, but never freed: the ERP has said that it took it.
"""

from __future__ import annotations

from dataclasses import asdict

from sobatch.erp.ports import Attempt, Found, NotListed
from sobatch.errors import OutcomeUnknown
from sobatch.lifecycle.events import Said
from sobatch.lifecycle.journal.rows import AttemptRow, PartRow, PartState
from sobatch.lifecycle.send.final import verdicts_of
from sobatch.lifecycle.send.fingerprint import file_name
from sobatch.lifecycle.send.post_once import part_file
from sobatch.lifecycle.session import Pace, Session


def admit(session: Session, run: str) -> None:
    """A part found `sending` belongs to a process that died: it *is* unknown. The caller holds the sender's lock."""
    for part in session.journal.parts(run):
        attempt = session.journal.live_attempt(part)
        if part.state is PartState.SENDING and attempt is not None:
            session.journal.doubt(attempt.id, part, message="the sending process ended before an answer was recorded")


def open_questions(session: Session, run: str) -> list[PartRow]:
    """The parts of a run that were perhaps received, or were received under a name that nobody knows."""
    return [part for part in session.journal.parts(run) if part.state is PartState.UNKNOWN or _nameless(part)]


def look(session: Session, run: str, pace: Pace) -> None:
    """Look once for every open question of a run."""
    for part in open_questions(session, run):
        attempt = session.journal.live_attempt(part)
        if attempt is not None:
            _look_for(session, part, attempt, pace)


def _nameless(part: PartRow) -> bool:
    return part.state is PartState.ACCEPTED and part.remote_id is None


def _look_for(session: Session, part: PartRow, attempt: AttemptRow, pace: Pace) -> None:
    with session.clock.may_end():
        answer = session.target.find(_question(session, part, attempt, pace))
    if isinstance(answer, Found):
        facts = {key: value for key, value in asdict(answer.receipt).items() if key != "final"}
        verdicts = verdicts_of(session, part, part_file(session, part), answer.receipt)
        decided_by = f"remote list: {answer.evidence}"
        session.journal.accept(attempt.id, part, facts, decided_by=decided_by, verdicts=verdicts)
        session.listen(Said(f"Part {part.number} was received after all: {answer.evidence}", True))
    elif isinstance(answer, NotListed) and answer.thorough and pace.resend_not_listed and not _nameless(part):
        session.journal.release(attempt.id, part, "absent", decided_by=f"resend_not_listed: {answer.evidence}")
        session.listen(Said(f"Part {part.number} goes out again, as resend_not_listed says: {answer.evidence}", True))
    else:
        reason = _not_listed(part, answer) if isinstance(answer, NotListed) else answer.reason
        session.journal.note(part.run, "looked", {"part": part.number, "reason": reason})
        session.listen(Said(f"Part {part.number}: {reason}", True))


def _not_listed(part: PartRow, answer: NotListed) -> str:
    """What the list was, and the command by which a person decides: a list proves no absence."""
    return (
        f"{answer.evidence} That proves nothing. If the ERP itself has no such orders: "
        f"sobatch resolve {part.run} {part.number} --not-received"
    )


def _question(session: Session, part: PartRow, attempt: AttemptRow, pace: Pace) -> Attempt:
    beside = session.journal.sent_beside(attempt)
    ended = attempt.ended or attempt.started
    offset = attempt.clock_offset if attempt.clock_offset is not None else session.clock_offset
    return Attempt(
        part=part_file(session, part),
        company=session.journal.run(part.run).company or None,
        started=attempt.started,
        ended=ended,
        clock_offset=offset,
        known_ids=session.journal.ids_at(part.run),
        witnesses={
            remote_id: (file_name(run, number, sha256), bool(since)) for remote_id, run, number, sha256, since in beside
        },
        waited=session.clock.now() - ended,
        settle=pace.settle,
    )


def unknown_error(parts: list[PartRow]) -> OutcomeUnknown:
    """The sentence a command with doubts ends with."""
    first = parts[0]
    numbers = ", ".join(str(part.number) for part in parts)
    return OutcomeUnknown(
        f"the outcome of part {numbers} of run {first.run} is unknown: sent, never acknowledged. Nothing was re-sent",
        code="unknown",
        next_step=f"sobatch status {first.run}   # looks again; then, if need be:\n"
        f"sobatch resolve {first.run} {first.number}   # with --accepted ID, --not-received or --abandon",
        facts={"run": first.run, "parts": [part.number for part in parts]},
    )
