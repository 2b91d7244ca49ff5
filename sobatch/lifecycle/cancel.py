"""Cancel a run truthfully: nothing more is sent, remote work is asked to stop, and what was saved until then is told.

Cancelling never undoes: pages of 100 orders that the ERP saved stay created.
"""

from __future__ import annotations

from sobatch.erp.ports import Receipt
from sobatch.lifecycle.carry import carry_out
from sobatch.lifecycle.journal.lock import sender_lock
from sobatch.lifecycle.journal.rows import Identity, PartState, RunRow
from sobatch.lifecycle.session import Pace, Session


def cancel(session: Session, run: RunRow, pace: Pace) -> int | None:
    """Stop a run and wait until what was saved is known. Returns its exit code, or None while it still runs."""
    identity = Identity(run.erp, run.address, run.company, run.run_key)
    with sender_lock(session.state, identity, session.storage, f"cancel {run.id}"):
        run = session.journal.run(run.id)  # as it is now that nobody else may change it
        if run.state == "closed":
            return run.exit_code
        session.journal.mark_cancelled(run.id)
        for part in session.journal.parts(run.id):
            if part.state is PartState.ACCEPTED and part.remote_id:
                session.target.cancel(Receipt(part.remote_id, 201, None, part.accepted))
        return carry_out(session, run.id, pace, send=False)
