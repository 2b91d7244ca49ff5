"""The published retry table, and the one rule by which reads are repeated. Holds no connection.

The table says, for each kind of call and each status, what the answer means. A submit is never repeated here: its
rulings only tell apart a definite yes, a definite no and doubt. (reliability.md section E)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type

from sobatch.erp.ports import Clock

T = TypeVar("T")

ATTEMPTS = 8
UNREADABLE_ATTEMPTS = 3
FIRST_DELAY = 1.0
LONGEST_DELAY = 20.0
LONGEST_WAIT_ASKED = 300.0
BUDGET = 600.0
_NONSENSE_WAIT = 7 * 86400.0


class Call(StrEnum):
    """The kinds of calls, by what repeating them would do."""

    SUBMIT = "submit"
    CANCEL = "cancel"
    READ = "read"
    TOKEN = "token"


class Verdict(StrEnum):
    """What a status means for a call."""

    ACCEPTED = "accepted"  # a definite yes to a submit
    REFUSED = "refused"  # a definite no: nothing was created
    THROTTLED = "throttled"  # not processed: another attempt after a wait
    EXPIRED = "expired"  # not processed: one more attempt with a fresh token, then refused
    IN_DOUBT = "in doubt"  # received or not, nobody knows: never repeated
    OK = "ok"
    RETRY = "retry"  # passes by itself
    RENEW = "renew"  # one more attempt with a fresh token, then not allowed
    NOT_YET = "not yet"  # retried soon after the part was accepted, else a failure
    ALREADY_OVER = "already over"  # a cancel came too late: ask for the status
    NOT_ALLOWED = "not allowed"
    FAILED = "failed"


Rule = tuple[tuple[int | range, ...], Verdict]
Rules = Mapping[Call, tuple[Rule, ...]]
NO_RULES: Rules = {}

_TIMELY: tuple[int | range, ...] = (408, 425, 429, range(500, 600))
_REDIRECTS = range(300, 400)

# The first rule that names a status holds. The documents and the tests print this very table.
TABLE: Rules = {
    Call.SUBMIT: (
        ((200, 201, 202), Verdict.ACCEPTED),
        ((401,), Verdict.EXPIRED),
        ((429,), Verdict.THROTTLED),
        ((400, 403, 404, 405, 413, 415, 422), Verdict.REFUSED),
        ((range(100, 600),), Verdict.IN_DOUBT),
    ),
    Call.READ: (
        ((200,), Verdict.OK),
        ((range(201, 300), *_TIMELY), Verdict.RETRY),
        ((401,), Verdict.RENEW),
        ((403, _REDIRECTS), Verdict.NOT_ALLOWED),
        ((404,), Verdict.NOT_YET),
        ((range(100, 600),), Verdict.FAILED),
    ),
    Call.CANCEL: (
        ((range(200, 300),), Verdict.OK),
        (_TIMELY, Verdict.RETRY),
        ((401,), Verdict.RENEW),
        ((403, _REDIRECTS), Verdict.NOT_ALLOWED),
        ((404, 409), Verdict.ALREADY_OVER),
        ((range(100, 600),), Verdict.FAILED),
    ),
    Call.TOKEN: (
        ((200,), Verdict.OK),
        (_TIMELY, Verdict.RETRY),
        ((range(100, 600),), Verdict.NOT_ALLOWED),
    ),
}


def verdict(call: Call, status: int, own_rules: Rules = NO_RULES) -> Verdict:
    """What `status` means for `call`; an ERP's own rules come before the table. A status that is none (outside 100 to
    599) is doubt for a submit and a failure for the others, whatever the rules say."""
    if 100 <= status <= 599:
        for statuses, ruling in (*own_rules.get(call, ()), *TABLE[call]):
            if any(status in each if isinstance(each, range) else status == each for each in statuses):
                return ruling
    return Verdict.IN_DOUBT if call is Call.SUBMIT else Verdict.FAILED


def http_date(text: str | None) -> float | None:
    """An HTTP date as seconds since the epoch, or None when it is none."""
    try:
        moment = parsedate_to_datetime(text or "")
        return moment.timestamp() if moment.tzinfo else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def retry_after(text: str | None, now: float) -> float | None:
    """The seconds a `Retry-After` asks for, as seen from `now` (the server's own date); nonsense counts as none."""
    text = (text or "").strip()
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", text):
        asked = float(text)
    else:
        moment = http_date(text)
        if moment is None:
            return None
        asked = max(0.0, moment - now)
    return asked if asked <= _NONSENSE_WAIT else None


class Again(Exception):
    """An attempt at a read that may be repeated. `most` bounds the attempts for this cause; `unreached`: no answer."""

    def __init__(
        self,
        reason: str,
        *,
        asked: float | None = None,
        status: int | None = None,
        most: int = ATTEMPTS,
        unreached: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.asked = asked
        self.status = status
        self.most = most
        self.unreached = unreached


def delay(attempt: int, asked: float | None, chance: float) -> float:
    """How long to wait after attempt number `attempt` (from 1): full jitter, on top of what the server asked for."""
    jitter = chance * min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(attempt - 1, 16))
    return (asked or 0.0) + jitter


def repeated(once: Callable[[], T], clock: Clock, attempts: int, budget: float = BUDGET) -> T:
    """Call `once` until it stops raising `Again`; the last `Again` is raised when the attempts or the time are up."""
    started = clock.monotonic()

    def wait(state: RetryCallState) -> float:
        return delay(state.attempt_number, _again(state).asked, clock.random())

    def stop(state: RetryCallState) -> bool:
        if state.attempt_number >= min(attempts, _again(state).most):
            return True
        return clock.monotonic() - started + state.upcoming_sleep > budget

    policy = Retrying(sleep=clock.sleep, wait=wait, stop=stop, retry=retry_if_exception_type(Again), reraise=True)
    return policy(once)


def _again(state: RetryCallState) -> Again:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, Again) else Again("")
