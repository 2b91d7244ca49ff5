"""Every way in which an ERP can fail a send, and what each of them proves."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Proof(Enum):
    """What an answer to a send proves: the exit code of a command that meets it, and that of the run in the end."""

    ACCEPTED = (0, 0)
    ACCEPTED_WITHOUT_A_NAME = (10, 0, "nameless")
    NOTHING = (10, 0)
    NOT_SENT_TRY_AGAIN = (0, 0, "try again")
    NOT_SENT_LATER = (7, 0)
    NOT_ALLOWED = (6, 0)
    PART_REFUSED = (4, 4)
    ALL_REFUSED = (4, 4, "all")

    @property
    def code(self) -> int:
        """The exit code of the command that meets it."""
        return int(self.value[0])

    @property
    def last(self) -> int:
        """The exit code of the run in the end, when the answer was recorded."""
        return int(self.value[1])


@dataclass(frozen=True)
class Trouble:
    """One way to fail a send."""

    name: str
    proof: Proof
    action: str | None
    how: dict[str, Any] = field(default_factory=dict)


def _both(name: str, action: str, **how: Any) -> list[Trouble]:
    """The same trouble, the orders being saved or not: the client cannot tell."""
    return [
        Trouble(f"{name}, {word}", Proof.NOTHING, action, {**how, "saved": saved})
        for saved, word in ((True, "saved"), (False, "not saved"))
    ]


TROUBLES: list[Trouble] = [
    Trouble("none", Proof.ACCEPTED, None),
    Trouble("cut body", Proof.ACCEPTED, "cut_body"),
    Trouble("foreign Location", Proof.ACCEPTED, "location", {"location": "http://evil.example{usual}"}),
    Trouble("200 for 201", Proof.ACCEPTED, "status", {"status": 200}),
    Trouble("202 for 201", Proof.ACCEPTED, "status", {"status": 202}),
    Trouble("drip", Proof.ACCEPTED, "drip", {"seconds": 0.0005}),
    Trouble("no Location", Proof.ACCEPTED_WITHOUT_A_NAME, "no_location"),
    Trouble("garbage Location", Proof.ACCEPTED_WITHOUT_A_NAME, "garbage_location"),
    Trouble("429, seconds", Proof.NOT_SENT_TRY_AGAIN, "throttle", {"retry_after": "2"}),
    Trouble("429, date", Proof.NOT_SENT_TRY_AGAIN, "throttle", {"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}),
    Trouble("429, nonsense", Proof.NOT_SENT_TRY_AGAIN, "throttle", {"retry_after": "-1e9"}),
    Trouble("429, an hour", Proof.NOT_SENT_LATER, "throttle", {"retry_after": "3600"}),
    Trouble("401 once", Proof.NOT_SENT_TRY_AGAIN, "unauthorized"),
    Trouble("401 and again 401", Proof.NOT_ALLOWED, "unauthorized", {"times": 2}),
    Trouble("403", Proof.NOT_ALLOWED, "error", {"status": 403}),
    Trouble("413", Proof.PART_REFUSED, "error", {"status": 413}),
    Trouble("413, early", Proof.PART_REFUSED, "early_413"),
    Trouble("422", Proof.PART_REFUSED, "error", {"status": 422}),
    Trouble("400", Proof.ALL_REFUSED, "error", {"status": 400}),
    Trouble("404", Proof.ALL_REFUSED, "error", {"status": 404}),
    Trouble("405", Proof.ALL_REFUSED, "error", {"status": 405}),
    Trouble("415", Proof.ALL_REFUSED, "error", {"status": 415}),
    Trouble("closed unread", Proof.NOTHING, "refuse"),
    Trouble("reset unread", Proof.NOTHING, "reset"),
    *_both("read, then closed", "close"),
    *_both("read, then reset", "reset_after"),
    *_both("silence", "silence", seconds=0.6),
    *_both("partial header", "partial_header"),
    *_both("no HTTP", "garbage"),
    *_both("HTML with 200", "html"),
    *_both("500", "error", status=500),
    *_both("502", "error", status=502),
    *_both("503", "error", status=503, retry_after="1"),
    *_both("504", "error", status=504),
    *_both("408", "error", status=408),
    *_both("409", "error", status=409),
    *_both("307", "redirect"),
    *_both("302", "redirect", status=302),
]
