"""The operator decides about a part whose outcome nobody can find out."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sobatch.core.cut.storage import Storage
from sobatch.erp.ports import Receipt
from sobatch.errors import NotAllowed, Temporary, UsageError
from sobatch.lifecycle.journal.lock import sender_lock
from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.journal.rows import OPEN_STATES, AttemptRow, Identity, PartRow, PartState, RunRow
from sobatch.lifecycle.mark import Marks
from sobatch.lifecycle.send import doubt
from sobatch.lifecycle.session import Session
from sobatch.lifecycle.settle.close import close_run, renew
from sobatch.lifecycle.settle.mend import call_not_created

_SENT = (PartState.UNKNOWN, PartState.ACCEPTED, PartState.FINISHED)
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True, slots=True)
class Decision:
    """`accepted` holds the remote id; else `not_received` or `abandon`. Exactly one is set."""

    accepted: str | None = None
    not_received: bool = False
    abandon: bool = False


@dataclass(frozen=True, slots=True)
class Stake:
    """What a decision is about, to be shown before it is confirmed."""

    run: RunRow
    part: PartRow
    attempt: AttemptRow


def stake(session: Session, run: RunRow, number: int) -> Stake:
    """The part in doubt, or `UsageError` when there is none of that number."""
    with _locked(session, run):
        return _in_doubt(session, run, number)


def decide(session: Session, at_stake: Stake, decision: Decision, who: str) -> None:
    """Record the decision. `not_received` frees the part to be sent by the next submit; when orders of it have their
    verdicts already, the others are called not created. `abandon` keeps it unknown."""
    run = at_stake.run
    with _locked(session, run):
        now = _in_doubt(session, run, at_stake.part.number)
        if now.attempt.id != at_stake.attempt.id:
            raise UsageError(
                f"part {now.part.number} was sent again meanwhile; nothing was changed",
                next_step=f"sobatch status {run.id}",
            )
        if (now.part.state, now.part.remote_id) != (at_stake.part.state, at_stake.part.remote_id):
            raise UsageError(
                f"part {now.part.number} is {now.part.state} meanwhile: there is nothing to decide as it was",
                next_step=f"sobatch status {run.id}",
            )
        _record(session, now, decision, f"operator {who}")


def accept_restored(journal: Journal, marks: Marks, state: Path, storage: Storage) -> dict[str, Any]:
    """The operator has restored this journal: what may have been sent since becomes unknown, then it may send again.

    Returns what was doubted, as plain data. A crash in between leaves a journal that still refuses.
    """
    doubted: dict[str, list[int]] = {}
    for run in journal.runs():
        if run.state == "open":
            identity = Identity(run.erp, run.address, run.company, run.run_key)
            with sender_lock(state, identity, storage, f"resolve {run.id}"):
                doubted[run.id] = [part.number for part in journal.each_part(run.id, PartState.PLANNED)]
                why = "the journal was restored from a copy; it may have been sent since"
                journal.doubt_unsent(run.id, why, restored=True)
    journal_id, mark = journal.mark()
    kept = marks.read(journal_id)
    journal.accept_mark(kept)
    folders = state / "runs"
    known = {run.id for run in journal.runs()}
    strange = sorted(each.name for each in folders.iterdir() if each.name not in known) if folders.is_dir() else []
    return {"lacking": max(0, kept - mark), "doubted": doubted, "runs_not_in_the_journal": strange}


def _locked(session: Session, run: RunRow) -> AbstractContextManager[None]:
    identity = Identity(run.erp, run.address, run.company, run.run_key)
    return sender_lock(session.state, identity, session.storage, f"resolve {run.id}")


def _in_doubt(session: Session, run: RunRow, number: int) -> Stake:
    doubt.admit(session, run.id)
    look = f"sobatch status {run.id}"
    try:
        part = session.journal.part(run.id, number)
    except KeyError:
        raise UsageError(f"run {run.id} has no part {number}", next_step=look) from None
    attempt = session.journal.live_attempt(part)
    if attempt is not None and _without_verdict(session, part):
        return Stake(run, part, attempt)
    raise UsageError(
        f"part {number} of run {run.id} is {part.state}, not unknown: there is nothing to decide", next_step=look
    )


def _without_verdict(session: Session, part: PartRow) -> bool:
    """Whether a part was sent, or may have been, and holds an order whose verdict nobody knows."""
    journal = session.journal
    if part.state in _SENT:
        return True
    open_ends = (each.number for each in journal.unsettled_ends(part.run))
    return part.number in open_ends and journal.ledger(part.run, part.number).unknown > 0


def _record(session: Session, at_stake: Stake, decision: Decision, by: str) -> None:
    run, part, attempt = at_stake.run, at_stake.part, at_stake.attempt
    settled = part.state not in _SENT
    if decision.accepted is not None:
        if settled:
            raise UsageError(
                f"part {part.number} has its batch, {part.remote_id}, and orders of it have their verdicts",
                next_step="Decide with --not-received (its unknown orders were not created) or --abandon.",
            )
        _mind_id(session, run, decision.accepted)
        if doubt.name_pending(session, part, attempt, decision.accepted, by):
            _close_if_done(session, run.id)
            return
        receipt = Receipt(decision.accepted, 201, None, None, "named by the operator")
        facts = {key: value for key, value in asdict(receipt).items() if key != "final"}
        session.journal.accept(attempt.id, part, facts, decided_by=by)
    elif decision.not_received and settled:
        call_not_created(session, part, by)
    elif decision.not_received:
        _mind_presence(session, part)
        session.journal.release(attempt.id, part, "absent", decided_by=by)
    else:
        session.journal.abandon(part, by)
    _close_if_done(session, run.id)


def _mind_presence(session: Session, part: PartRow) -> None:
    """A part whose batch the ERP knows was received, whoever says otherwise. Raises what asking raises, but no 404."""
    if part.remote_id is None:
        return
    try:
        session.target.status(Receipt(part.remote_id, 201, None, None))
    except Temporary as error:
        if error.facts.get("http_status") != 404:
            raise
    else:
        raise UsageError(
            f"the ERP knows part {part.number} as batch {part.remote_id}: it was received; nothing was changed",
            next_step=f"sobatch status {part.run}   # or decide with --abandon",
        )


def _mind_id(session: Session, run: RunRow, remote_id: str) -> None:
    if not _ID.fullmatch(remote_id):
        raise UsageError(
            "a remote id holds letters, digits, - and _ only, at most 128 of them",
            next_step="sobatch status --remote   # shows the ids the ERP knows",
        )
    try:
        session.target.status(Receipt(remote_id, 201, None, None))
    except Temporary as error:
        if error.facts.get("http_status") == 404:
            raise UsageError(
                f"the ERP knows no batch {remote_id}; nothing was changed",
                next_step="sobatch status --remote   # shows the ids the ERP knows",
            ) from None
    except NotAllowed:
        pass  # the operator may know what this access does not show
    if remote_id in session.journal.remote_ids():
        raise UsageError(f"remote id {remote_id} already belongs to another part", next_step=f"sobatch status {run.id}")


def _close_if_done(session: Session, run: str) -> None:
    row = session.journal.run(run)
    if row.state == "open" and not session.journal.next_part(run, *OPEN_STATES):
        close_run(session, row)
    renew(session, run)
