"""Lists of an ERP, and what is true: each with the verdict on the part whose answer was lost, posts made and exit code.

Three orders go out as three parts; the answer about one is lost. Then the same command is run again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lifecycle_bench import Bench, order

from sobatch.sandbox import Fault

HOUR = 3600.0
Deed = Callable[[Bench], None]


def nothing(made: Bench) -> None:
    """Nobody else does anything."""


@dataclass(frozen=True)
class Case:
    """`verdict` is found, unknown or resent; `posts` are all that the ERP saw; `code` is that of the second command.

    `arrived`: the part whose answer was lost is in the ERP. `since` is done right after the loss, `waited` comes then.
    """

    verdict: str
    posts: int
    code: int
    erp: Mapping[str, Any] = field(default_factory=dict)
    arrived: bool = True
    lost: int = 3
    orders: int = 3
    rejected: bool = False
    resend: bool = False
    before: Deed = nothing
    flags: tuple[str, ...] = ()
    since: Deed = nothing
    list_fault: Fault | None = None
    waited: float = 700.0
    erp_ahead: float = 0.0


def by_another(made: Bench, raw: list[bytes]) -> None:
    """Somebody with a journal of their own sends some orders."""
    usual = made.state
    made.settings(STATE_DIR=str(made.folder / "elsewhere"))
    assert made("submit", made.file(raw, "theirs.json")).code in (0, 5)
    made.settings(STATE_DIR=str(usual))


def colleague(made: Bench) -> None:
    """Other orders of a colleague."""
    by_another(made, [order(77)])


def namesake(made: Bench) -> None:
    """A colleague's batch with the customer and the keys of the lost order, and with other lines."""
    line = {"productCode": "1000", "price": 50.5, "quantity": 7}
    by_another(made, [order(2, customerId="9999", orderLines=[line])])


def long_before(made: Bench) -> None:
    """The very order, sent by another journal on another day."""
    by_another(made, [order(2, customerId="9999")])
    made.clock.time += 30 * HOUR


def earlier_run(made: Bench) -> None:
    """The same orders in an earlier run of this journal, a wanted repeat."""
    assert made("submit", made.file([order(number) for number in range(3)]), "--run-key", "w46").code == 0


def later_file(made: Bench) -> None:
    """Another file, sent since by this journal."""
    assert made("submit", made.file([order(99)], "later.json")).code == 0


NAMES = {"list_shows_file_name": True}
TOTALS = {"list_shows_total_items": True}
OLDEST = {"list_oldest_first": True}
SLOW = {"start_delay": 30.0}
FOUND, UNKNOWN = Case("found", 3, 0, NAMES), Case("unknown", 3, 10, NAMES)
LOST = replace(UNKNOWN, arrived=False)
RESENT = replace(LOST, verdict="resent", posts=4, code=0, resend=True, erp=NAMES | SLOW)
NAMELESS = replace(UNKNOWN, erp={})
REJECTED = replace(NAMELESS, rejected=True)
FIRST = {"lost": 1, "posts": 1}
SIXTEEN = {"orders": 16, "lost": 16, "posts": 16}


def listing(status: int, body: str = "{}") -> Fault:
    """The ERP answers every look at its list like this."""
    return Fault("list", "custom", status=status, body=body, times=None)


CASES = {
    # The part is there, and the list shows file names.
    "listed": FOUND,
    "listed with its count": replace(FOUND, erp=NAMES | TOTALS),
    "listed, queued": replace(FOUND, erp=NAMES | {"start_delay": 60.0}, waited=0.0),
    "listed, nobody waited": replace(FOUND, waited=0.0),
    "listed in local time, ahead": replace(FOUND, erp=NAMES | {"list_hours_ahead": 2.0}),
    "listed in local time, behind": replace(FOUND, erp=NAMES | {"list_hours_ahead": -11.0}),
    "listed by a clock an hour ahead": replace(FOUND, erp_ahead=HOUR),
    "listed by a clock an hour behind": replace(FOUND, erp_ahead=-HOUR),
    "the first part, by a clock nobody has heard yet": replace(FOUND, lost=1, erp_ahead=HOUR),
    "the first part, in local time": replace(FOUND, lost=1, erp=NAMES | {"list_hours_ahead": 2.0}),
    "listed oldest first": replace(FOUND, erp=NAMES | OLDEST),
    "cut to one row, newest first": replace(FOUND, erp=NAMES | {"list_limit": 1}),
    "cut at 15 rows, oldest first; the filter finds it": replace(
        FOUND, **{**SIXTEEN, "erp": NAMES | OLDEST | SLOW | {"list_limit": 15}}
    ),
    "beside a colleague's batch": replace(FOUND, erp=NAMES | {"list_scope": "tenant"}, posts=4, since=colleague),
    "beside an earlier run's": replace(FOUND, posts=4, before=earlier_run, flags=("--run-key", "w47")),
    "though it may be sent again": replace(FOUND, resend=True),
    "in local time, though it may be sent again": replace(FOUND, resend=True, erp=NAMES | {"list_hours_ahead": 2.0}),
    # It is there, and not shown.
    "cut at 15 rows, and it may be sent again": replace(
        UNKNOWN,
        **{**SIXTEEN, "erp": NAMES | OLDEST | {"list_limit": 15, "list_hours_ahead": 3.0}, "resend": True},
    ),
    "cut at 2 rows, and it may be sent again": replace(
        UNKNOWN, erp=NAMES | SLOW | OLDEST | {"list_limit": 2}, resend=True
    ),
    "queued, in a list without what waits": replace(
        UNKNOWN, erp=NAMES | {"list_hides_waiting": True, "start_delay": HOUR}
    ),
    "in a list that is late": replace(UNKNOWN, erp=NAMES | {"list_delay": 5000.0}),
    "in a late list, and it may be sent again": replace(UNKNOWN, erp=NAMES | {"list_delay": 5000.0}, resend=True),
    "in a late list, later": replace(FOUND, erp=NAMES | {"list_delay": 5000.0}, waited=6000.0),
    # It is there, and the list shows no file names.
    "no names": NAMELESS,
    "no names, its count": replace(NAMELESS, erp=TOTALS),
    "no names, and it may be sent again": replace(NAMELESS, resend=True),
    "no names, results with whole orders": replace(REJECTED, verdict="found", code=4),
    "no names, results without orders": replace(REJECTED, erp={"result_shape": "flat"}),
    "no names, its results and a namesake's": replace(REJECTED, posts=4, since=namesake),
    "no names, in local time": replace(REJECTED, erp={"list_hours_ahead": 2.0}),
    # It is not there.
    "not listed": LOST,
    "not listed, in an empty list": replace(LOST, **FIRST),
    "not listed, and it may be sent again": RESENT,
    "not listed, too early to be sent again": replace(LOST, resend=True, waited=30.0, erp=NAMES | SLOW),
    "not listed, no other part to be sent again by": replace(LOST, **FIRST, resend=True),
    "not listed, and a later file is": replace(RESENT, lost=1, posts=5, since=later_file),
    "not listed, and no list with names": replace(LOST, erp={}, resend=True),
    "not listed, oldest first, and it may be sent again": replace(LOST, erp=NAMES | SLOW | OLDEST, resend=True),
    "not listed beside a colleague's batch": replace(LOST, posts=4, since=colleague),
    "not listed beside a namesake": replace(REJECTED, arrived=False, posts=4, since=namesake),
    "not listed, the same order long before": replace(REJECTED, arrived=False, posts=4, before=long_before),
    "not listed beside an earlier run's": replace(LOST, posts=4, before=earlier_run, flags=("--run-key", "w47")),
    "no names beside an earlier run's": replace(LOST, posts=4, erp={}, before=earlier_run, flags=("--run-key", "w47")),
    # There is no list.
    "no list": replace(UNKNOWN, list_fault=listing(404)),
    "no such method": replace(UNKNOWN, list_fault=listing(405)),
    "no right to the list": replace(UNKNOWN, list_fault=listing(403)),
    "no right to the list, and it may be sent again": replace(LOST, resend=True, list_fault=listing(403)),
    "something else in place of a list": replace(UNKNOWN, list_fault=listing(200)),
    "no list at present": replace(UNKNOWN, code=7, list_fault=listing(503)),
}
