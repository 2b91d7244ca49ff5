"""Cancel a run truthfully: nothing more is sent, remote work is asked to stop, and what was saved until then is told.

Cancelling never undoes: pages of 100 orders that the ERP saved stay created.
"""

from __future__ import annotations

from sobatch.erp.ports import Receipt
from sobatch.lifecycle.carry import carry_out
from sobatch.lifecycle.events import Said
from sobatch.lifecycle.journal.lock import sender_lock
from sobatch.lifecycle.journal.rows import Identity, PartState, RunRow
from sobatch.lifecycle.session import Pace, Session


def cancel(session: Session, run: RunRow, pace: Pace) -> int | None:
    """Stop a run and wait until what was saved is known. Returns its exit code, or None while it still runs. One that
    had ended by itself is left alone: 0. One that was cancelled before gives the same answer again, for whoever asks
    twice because the first answer was lost."""
    identity = Identity(run.erp, run.address, run.company, run.run_key)
    with sender_lock(session.state, identity, session.storage, f"cancel {run.id}"):
        run = session.journal.run(run.id)  # as it is now that nobody else may change it
        if run.state == "closed":
            done = "was cancelled already" if run.cancelled else "has ended: there is nothing to cancel"
            session.listen(Said(f"Run {run.id} {done}."))
            return run.exit_code if run.cancelled else 0
        session.journal.mark_cancelled(run.id)
        for part in session.journal.each_part(run.id, PartState.ACCEPTED):
            if part.remote_id:
                session.target.cancel(Receipt(part.remote_id, 201, None, part.accepted))
        return carry_out(session, run.id, pace, send=False)
