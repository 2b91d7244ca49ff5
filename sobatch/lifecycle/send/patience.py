"""How often a send is tried again that was certainly not processed, and what it ends with when that is over."""

from __future__ import annotations

from dataclasses import dataclass, field

from sobatch.erp.ports import SendError, Throttled, TokenExpired
from sobatch.errors import NotAllowed, Temporary
from sobatch.lifecycle.session import Pace

NO_ACCESS = (401, 403)
_NOT_SENT_TRIES = 3
_THROTTLED_TRIES = 5
_LONGEST_WAIT = 300.0


@dataclass(slots=True)
class Patience:
    """For one send: tries of each kind are counted apart, and anew whenever it got on (`done` steps of several)."""

    pace: Pace
    done: int = 0
    tries: dict[type[SendError], int] = field(default_factory=dict)

    def after(self, error: SendError, chance: float, done: int = 0) -> tuple[float, str]:
        """The seconds to wait before the next try, and why. Raises `Temporary` or `NotAllowed` when it is over."""
        if done != self.done:
            self.done, self.tries = done, {}
        times = self.tries[type(error)] = self.tries.get(type(error), 0) + 1
        if isinstance(error, TokenExpired):
            if times > 1:
                raise no_access(error) from error
            return 0.0, "the token ran out"
        if isinstance(error, Throttled):
            asked = error.retry_after if error.retry_after is not None else 2.0**times
            if not self.pace.retry_throttled or times > _THROTTLED_TRIES or asked > _LONGEST_WAIT:
                when = f" It asked to wait {asked:,.0f} s." if asked > _LONGEST_WAIT else ""
                raise _temporary(f"the ERP is throttling requests (429).{when}") from error
            return asked + chance, "the ERP asked to slow down (429)"
        if times >= _NOT_SENT_TRIES:
            raise _temporary(error.message) from error
        return 2.0**times * chance, "the ERP could not be reached"


def no_access(error: SendError) -> NotAllowed:
    """The ERP does not let us in."""
    return NotAllowed(
        f"the ERP refused the send (HTTP {error.http_status}): {error.message}",
        next_step="Mend the access (client, user rights, company), then run the same command again; it goes on here.",
        facts={"http_status": error.http_status},
    )


def _temporary(message: str) -> Temporary:
    return Temporary(message, next_step="Run the same command again; what was not sent yet goes on then.")
