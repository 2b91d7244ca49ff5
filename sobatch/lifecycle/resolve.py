"""The operator decides about a part whose outcome nobody can find out."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sobatch.erp.ports import Receipt
from sobatch.errors import UsageError
from sobatch.lifecycle import doubt
from sobatch.lifecycle.close import close_run
from sobatch.lifecycle.lock import sender_lock
from sobatch.lifecycle.records import OPEN_STATES, AttemptRow, Identity, PartRow, PartState, RunRow, Verdict
from sobatch.lifecycle.session import Session


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
    identity = Identity(run.erp, run.address, run.company, run.run_key)
    with sender_lock(session.state, identity, session.storage, f"resolve {run.id}"):
        doubt.admit(session, run.id)
    try:
        part = session.journal.part(run.id, number)
    except KeyError:
        raise UsageError(f"run {run.id} has no part {number}", next_step=f"sobatch status {run.id}") from None
    attempt = session.journal.live_attempt(part)
    nameless = part.state is PartState.ACCEPTED and part.remote_id is None
    if attempt is None or not (part.state is PartState.UNKNOWN or nameless):
        raise UsageError(
            f"part {number} of run {run.id} is {part.state}, not unknown: there is nothing to decide",
            next_step=f"sobatch status {run.id}",
        )
    return Stake(run, part, attempt)


def decide(session: Session, at_stake: Stake, decision: Decision, who: str) -> None:
    """Record the decision. `not_received` frees the part to be sent by the next submit; `abandon` keeps it unknown."""
    run, part, attempt = at_stake.run, at_stake.part, at_stake.attempt
    identity = Identity(run.erp, run.address, run.company, run.run_key)
    by = f"operator {who}"
    with sender_lock(session.state, identity, session.storage, f"resolve {run.id}"):
        if decision.accepted is not None:
            if decision.accepted in session.journal.remote_ids():
                raise UsageError(
                    f"remote id {decision.accepted} already belongs to another part",
                    next_step=f"sobatch status {run.id}",
                )
            receipt = Receipt(decision.accepted, 201, None, None, "named by the operator")
            facts = {key: value for key, value in asdict(receipt).items() if key != "final"}
            session.journal.accept(attempt.id, part, facts, decided_by=by)
        elif decision.not_received:
            session.journal.release(attempt.id, part, "absent", decided_by=by)
        else:
            verdicts = [Verdict(order.idx, "unknown") for order in session.journal.orders(part.run, part.number)]
            session.journal.settle(part, verdicts, PartState.SETTLED, f"abandoned by {by}")
            _close_if_done(session, run.id)


def _close_if_done(session: Session, run: str) -> None:
    row = session.journal.run(run)
    if row.state == "open" and not [p for p in session.journal.parts(run) if p.state in OPEN_STATES]:
        close_run(session, row)
