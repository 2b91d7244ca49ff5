"""Parts whose fate is unknown: found at the start, looked for remotely, adopted or freed, or left to the operator."""

from __future__ import annotations

from dataclasses import asdict

from sobatch.erp.ports import Absent, Attempt, Found
from sobatch.errors import OutcomeUnknown
from sobatch.lifecycle.dispatch import part_file
from sobatch.lifecycle.events import Said
from sobatch.lifecycle.records import AttemptRow, PartRow, PartState
from sobatch.lifecycle.session import Pace, Session


def admit(session: Session, run: str) -> None:
    """A part found `sending` belongs to a process that died: it *is* unknown. The caller holds the sender's lock."""
    for part in session.journal.parts(run):
        attempt = session.journal.live_attempt(part)
        if part.state is PartState.SENDING and attempt is not None:
            session.journal.doubt(attempt.id, part, message="the sending process ended before an answer was recorded")


def look(session: Session, run: str, pace: Pace) -> list[PartRow]:
    """Look once for every unknown part of a run; returns those that stay unknown."""
    for part in _unknown(session, run):
        attempt = session.journal.live_attempt(part)
        if attempt is not None:
            _look_for(session, part, attempt, pace)
    return _unknown(session, run)


def _unknown(session: Session, run: str) -> list[PartRow]:
    return [part for part in session.journal.parts(run) if part.state is PartState.UNKNOWN]


def _look_for(session: Session, part: PartRow, attempt: AttemptRow, pace: Pace) -> None:
    answer = session.target.find(_question(session, part, attempt, pace))
    if isinstance(answer, Found):
        facts = {key: value for key, value in asdict(answer.receipt).items() if key != "final"}
        session.journal.accept(attempt.id, part, facts, decided_by=f"remote list: {answer.evidence}")
        session.listen(Said(f"Part {part.number} was received after all: {answer.evidence}", True))
    elif isinstance(answer, Absent):
        session.journal.release(attempt.id, part, "absent", decided_by=f"remote list: {answer.evidence}")
        session.listen(Said(f"Part {part.number} was never received: {answer.evidence}", True))
    else:
        session.journal.note(part.run, "looked", {"part": part.number, "reason": answer.reason})
        session.listen(Said(f"Part {part.number}: {answer.reason}", True))


def _question(session: Session, part: PartRow, attempt: AttemptRow, pace: Pace) -> Attempt:
    others = [a for a in session.journal.attempts(part.run) if a.remote_id and a.part != part.number]
    ended = attempt.ended or attempt.started
    offset = attempt.clock_offset if attempt.clock_offset is not None else session.clock_offset
    return Attempt(
        part=part_file(session, part),
        company=session.journal.run(part.run).company or None,
        started=attempt.started,
        ended=ended,
        clock_offset=offset,
        known_ids=session.journal.remote_ids(),
        earlier_ids=frozenset(a.remote_id for a in others if a.remote_id and a.id < attempt.id),
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
        next_step=f"sobatch status {first.run}   (looks again), then if need be   sobatch resolve {first.run} {first.number}",
        facts={"run": first.run, "parts": [part.number for part in parts]},
    )
