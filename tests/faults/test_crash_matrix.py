"""Every crash point of a submit against every way the ERP can fail a send: the right exit code in each cell, and after
re-runs every order created once, or truthfully said not to be.

Four orders in four parts. The fault spoils the second send that reaches the ERP; the process dies at a moment in the
life of part 2, before it or after it. What has to come out follows from three facts alone: what the fault proves
(`Proof`), where in the life of the part the process died, and whether the ERP shows a list of batches.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pytest
from crashes import killed_at
from fault_world import KILLED, World, raw_orders

PARTS = 4


class Proof(Enum):
    """What an answer to a send proves, and the exit code of a run that meets it undisturbed."""

    ACCEPTED = 0
    ACCEPTED_WITHOUT_A_NAME = 10
    NOTHING = "10"
    NOT_SENT_TRY_AGAIN = "0"
    NOT_SENT_LATER = 7
    NOT_ALLOWED = 6
    PART_REFUSED = 4
    ALL_REFUSED = "4"

    @property
    def code(self) -> int:
        return int(self.value)


@dataclass(frozen=True)
class Trouble:
    """One way to fail a send."""

    name: str
    proof: Proof
    action: str | None
    how: dict[str, Any] = field(default_factory=dict)


def _both(name: str, action: str, **how: Any) -> list[Trouble]:
    """The same trouble, the orders being saved or not: the client cannot tell."""
    return [Trouble(f"{name}, {word}", Proof.NOTHING, action, {**how, "saved": saved})
            for saved, word in ((True, "saved"), (False, "not saved"))]


TROUBLES: list[Trouble] = [
    Trouble("none", Proof.ACCEPTED, None),
    Trouble("cut body", Proof.ACCEPTED, "cut_body"),
    Trouble("foreign Location", Proof.ACCEPTED, "foreign_location"),
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


class Place(Enum):
    """Where the process dies, as seen from part 2: what that leaves behind."""

    NEVER = "it does not die"
    BEFORE = "nothing of part 2 was tried"
    UNSENT = "tried, and nothing was sent yet"
    ON_THE_WIRE = "tried, and no answer is recorded"
    AFTER = "the answer is recorded"
    PART_3 = "part 3 was tried, and nothing was sent yet"


MOMENTS: dict[str, Place] = {
    "": Place.NEVER,
    "sync before": Place.BEFORE,
    "rename after": Place.BEFORE,
    "commit 2 planned before": Place.BEFORE,
    "commit 2 planned after": Place.BEFORE,
    "submit 1 asked": Place.BEFORE,
    "commit 1 accepted after": Place.BEFORE,
    "commit 1 settled after": Place.BEFORE,
    "commit 2 sending before": Place.BEFORE,
    "commit 2 sending after": Place.UNSENT,
    "submit 2 asked": Place.UNSENT,
    "submit 2 piece 1": Place.UNSENT,
    "submit 2 piece 2": Place.ON_THE_WIRE,
    "submit 2 sent": Place.ON_THE_WIRE,
    "submit 2 headers": Place.ON_THE_WIRE,
    "commit 2 accepted before": Place.ON_THE_WIRE,
    "commit 2 accepted after": Place.AFTER,
    "submit 2 body": Place.AFTER,
    "commit 2 unknown before": Place.ON_THE_WIRE,
    "commit 2 unknown after": Place.AFTER,
    "commit 2 refused before": Place.ON_THE_WIRE,
    "commit 2 refused after": Place.AFTER,
    "status 2 asked": Place.AFTER,
    "commit 2 finished before": Place.AFTER,
    "success 2 body": Place.AFTER,
    "commit 2 settled before": Place.AFTER,
    "commit 2 settled after": Place.AFTER,
    "commit 3 sending after": Place.PART_3,
    "commit run closed before": Place.AFTER,
    "commit run closed after": Place.AFTER,
}
# A body that is read matters only after the receipt is durable; before that, of an error, it is part of the answer.
LISTS: dict[str, dict[str, Any]] = {
    "no list": {"list_enabled": False},
    "list with file names": {"list_shows_file_name": True},
}
CELLS = list(itertools.product(LISTS, MOMENTS, TROUBLES))


def in_gate(cell: int) -> bool:
    """A diagonal through the matrix: every moment and every trouble comes up, with and without a list."""
    listed, rest = divmod(cell, len(MOMENTS) * len(TROUBLES))
    moment, trouble = divmod(rest, len(TROUBLES))
    return trouble % len(MOMENTS) == (moment + 11 * listed) % len(MOMENTS) or (moment == 0 and listed == 0)


def expected(listed: str, place: Place, trouble: Trouble, first: int, hit_before: bool) -> list[int]:
    """The exit codes of the command and its re-runs. After each 10 an operator decides by what the ERP really has."""
    proof, has_list = trouble.proof, listed != "no list"
    if place is Place.NEVER or first != KILLED:
        codes = [proof.code]
        spoilt = True
    else:
        codes = [KILLED]
        spoilt = hit_before
        doubted = place in (Place.UNSENT, Place.ON_THE_WIRE, Place.PART_3)
        if doubted and not has_list:
            codes.append(10)
    if not spoilt:
        codes += [proof.code]
    if codes[-1] == 10 and len(codes) > 1 and spoilt and not (first == KILLED and place is not Place.AFTER):
        pass
    return codes + _to_the_end(proof, codes, place, first, has_list)


def _to_the_end(proof: Proof, codes: list[int], place: Place, first: int, has_list: bool) -> list[int]:
    return []
