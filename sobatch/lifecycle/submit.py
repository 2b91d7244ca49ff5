"""Submit one source: check, stage, recognise, then carry out. Nothing goes out before the plan is durable."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from sobatch.core.check.one_source import Check
from sobatch.core.check.sources import writable
from sobatch.core.check.tally import Tally
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import Policy, Problem, Severity
from sobatch.core.read.source import Source, typed
from sobatch.errors import AlreadySubmitted, InputError, Interrupted, NotAllowed, Temporary, TimeUp
from sobatch.lifecycle.carry import carry_out, look_again
from sobatch.lifecycle.events import Planned, Reading, Said
from sobatch.lifecycle.journal.lock import sender_lock
from sobatch.lifecycle.journal.rows import Identity, PartRow, RunRow
from sobatch.lifecycle.mark import mind_restored
from sobatch.lifecycle.send.first_look import first_look
from sobatch.lifecycle.send.stage import Staged, Stager, sweep
from sobatch.lifecycle.session import Pace, Session
from sobatch.lifecycle.settle.mend import look_back
from sobatch.lifecycle.told.before import Before
from sobatch.lifecycle.told.reasons import reasons
from sobatch.lifecycle.told.report import MOST_TOLD


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked for, beyond the file itself. `ask` puts a question before
    orders are sent that may be there already; without a terminal it says no."""

    identity: Identity
    limits: Limits
    policy: Policy
    pace: Pace
    settings: Mapping[str, Any]
    version: str
    set_aside_invalid: bool = False
    allow_duplicate: bool = False
    dry_run: bool = False
    per_code: int | None = 1000
    max_order: int = 16 << 20
    ask: Callable[[str], bool] = lambda question: False


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts that would go out: the first of them, and how many there are with how many orders."""

    first: list[PartRow]
    parts: int
    orders: int


@dataclass(slots=True)
class Submitted:
    """What came of it. `exit_code` None: accepted parts were left running (`--no-wait`), or it was a dry run."""

    run: RunRow | None
    exit_code: int | None
    tally: Tally
    problems: list[Problem] = field(default_factory=list)
    known: bool = False
    plan: Plan | None = None


class InvalidOrders(InputError):
    """The check found errors; the problems are in `found`."""

    def __init__(self, source: str, tally: Tally, found: list[Problem], *, broken: bool) -> None:
        some_good = not broken and not tally.general and tally.faulty < tally.orders
        super().__init__(
            f"{source} {_fault(tally, broken)}; nothing was sent",
            code="invalid",
            next_step=f"Mend the file ({typed('sobatch validate', [source])} shows every place)"
            + (", or send the good orders with --set-aside-invalid." if some_good else "."),
        )
        self.tally = tally
        self.found = found


def _fault(tally: Tally, broken: bool) -> str:
    errors = f"{tally.errors:,} error{'s' if tally.errors != 1 else ''}"
    if broken:
        return f"cannot be read as a whole ({errors})"
    if tally.general and tally.orders:
        return f"has {errors}, of which {tally.general:,} concern the file as a whole"
    return f"has {errors} in {tally.faulty:,} of {tally.orders:,} orders" if tally.orders else "holds no order"


def submit(session: Session, source: Source, wish: Wish) -> Submitted:
    """Submit a source to the session's target and carry the run out.

    Raises `InvalidOrders` (3), `AlreadySubmitted` (11), `Temporary` when another process sends (7), and what
    `carry_out` raises.
    """
    with sender_lock(session.state, wish.identity, session.storage, source.name):
        check, problems, stored = _check(session, source, wish)
        if not wish.dry_run and not check.broken:
            mind_restored(session.journal, session.marks)
        begun = session.journal.open_with_bytes(wish.identity, stored)
        if begun is not None:  # checked when it was begun, perhaps under other limits
            return _known(session, source.name, begun, stored, wish, Submitted(None, None, check.tally, problems))
        is_hopeless = check.broken or check.tally.general or not check.tally.orders
        if is_hopeless or (check.faulty and not wish.set_aside_invalid):
            raise InvalidOrders(source.name, check.tally, problems, broken=check.broken)
        _mention_warnings(session, source, check.tally)
        run = _new_run_id(session)
        result = Submitted(None, None, check.tally, problems)
        try:
            staged = _stage(session, source, wish, run, check, stored)
            if staged.set_aside:
                session.journal.explain(run, reasons(source, problems))
            before = Before(session.journal, wish.identity, wish.allow_duplicate, wish.ask, session.listen)
            known = before.recognised(staged.content, staged.stored)
            if known is not None:
                _discard(session, run)
                return _known(session, source.name, known, staged.stored, wish, result)
            _mind_before(session, before, wish, staged)
            result.plan = _plan(session, run)
            if wish.dry_run:
                _discard(session, run)
                return result
            _look_first(session, wish, run)
            session.journal.publish(run, staged.content, staged.stored)
        except BaseException as error:
            _discard(session, run, rows=not isinstance(error, Interrupted | TimeUp))
            raise
        return _carried_out(session, run, wish, result)


def _plan(session: Session, run: str) -> Plan:
    sums = session.journal.sums(run)
    first = list(islice(session.journal.each_part(run), MOST_TOLD))
    return Plan(first, sum(each.parts for each in sums), sum(each.orders for each in sums))


def _carried_out(session: Session, run: str, wish: Wish, result: Submitted) -> Submitted:
    row = session.journal.run(run)
    session.listen(Planned(run, result.plan.parts if result.plan else 0, row.orders, row.rows))
    session.listen(_whereto(row))
    result.exit_code = carry_out(session, run, wish.pace)
    result.run = session.journal.run(run)
    return result


def _mention_warnings(session: Session, source: Source, tally: Tally) -> None:
    count = sum(number for (_, severity), number in tally.counts.items() if severity is Severity.WARNING)
    if count:
        shown = typed("sobatch validate", [source.name])
        session.listen(Said(f"{count:,} warning{'s' if count != 1 else ''} in {source.name}; all of them: {shown}"))


def _new_run_id(session: Session) -> str:
    """An id that no run has had, sorts by time and is easy to say: date, time, four letters."""
    moment = time.strftime("%Y%m%d-%H%M%S-", time.gmtime(session.clock.now()))
    while True:
        run = moment + "".join(secrets.choice("bcdfghjkmnpqrstvwxz") for _ in range(4))
        if not session.journal.has_run(run):
            return run


def _check(session: Session, source: Source, wish: Wish) -> tuple[Check, list[Problem], str]:
    """What is wrong with the source, and the digest of its bytes; what a crash left behind is swept away before."""
    digest = hashlib.sha256()
    done = 0

    def tap(data: bytes) -> None:
        nonlocal done
        digest.update(data)
        done += len(data)
        session.listen(Reading(source.name, done, source.size))

    check = Check(session.spec, wish.limits, wish.policy, per_code=wish.per_code, max_order=wish.max_order)
    with session.clock.may_end():
        sweep(session.journal, session.journal.staging_runs(wish.identity), session.folder)
        problems = list(check.problems(source, tap))
    return check, problems, digest.hexdigest()


def _stage(session: Session, source: Source, wish: Wish, run: str, check: Check, stored: str) -> Staged:
    folder = session.folder(run)
    place = str(source.path.resolve().parent) if source.path is not None else None
    if place is not None and writable(place) != place:
        place = None  # no text, so the journal cannot keep it; the state folder takes what is to be written
    session.journal.begin_staging(run, wish.identity, writable(source.name), place, wish.settings, wish.version)
    one_by_one = not session.target.traits.remote_work  # then a part is one order, however a file would be split
    limits = replace(wish.limits, max_orders=1) if one_by_one else wish.limits
    stager = Stager(session.spec, limits, session.journal, session.storage, folder, max_order=wish.max_order)
    with session.clock.may_end():
        return stager.stage(run, source, check.faulty, stored)


def _discard(session: Session, run: str, *, rows: bool = True) -> None:
    """Forget what was staged. Without `rows` those in the journal, perhaps millions, are left to the next sweep."""
    if not session.journal.is_real(run):
        shutil.rmtree(session.folder(run), ignore_errors=True)
        if rows:
            session.journal.discard_staging(run)


def _mind_before(session: Session, before: Before, wish: Wish, staged: Staged) -> None:
    for beside in before.open_beside(staged.content):
        look_again(session, beside.id, wish.pace)  # one that only nobody has asked about stands in nobody's way
    with session.clock.may_end():
        before.mind_content(staged.content)
        before.mind_orders(staged.run, staged.orders)


def _known(session: Session, name: str, known: RunRow, stored: str, wish: Wish, result: Submitted) -> Submitted:
    result.known = True
    as_run = f"as run {known.id}" + ("" if known.source == writable(name) else f", from {known.source}")
    if known.state == "open":
        session.listen(Said(f"{name} was begun before {as_run}; going on with it."))
        if not wish.dry_run:
            session.listen(_whereto(known))
            with session.as_begun(session, known) as resumed:
                _look_first(resumed, wish, known.id)
                result.exit_code = carry_out(resumed, known.id, wish.pace)
    elif known.stored != stored:
        raise AlreadySubmitted(
            f"{name}: the same orders were submitted before in other bytes, {as_run}",
            code="already-submitted",
            next_step=f"See it with: sobatch status {known.id}   A wanted repeat needs --run-key NAME "
            "(such as the week), or --allow-duplicate.",
            facts={"run": known.id},
        )
    else:
        session.listen(Said(f"{name} was submitted before {as_run}; nothing was sent again."))
        if not wish.dry_run:
            _look_back(session, known.id, wish.pace)
        result.exit_code = session.journal.run(known.id).exit_code
    result.run = session.journal.run(known.id)
    return result


def _look_back(session: Session, run: str, pace: Pace) -> None:
    """A closed run that holds an unknown is open to the truth; what cannot be asked now is only said."""
    try:
        look_back(session, run, pace)
    except (Temporary, NotAllowed) as error:
        session.listen(Said(f"The ERP was not asked: {error.message}", True))


def _whereto(run: RunRow) -> Said:
    """Which ERP and company the orders go to, said before the first byte leaves."""
    return Said(f"Sending to {run.address}, {f'company {run.company}' if run.company else 'the default company'}")


def _look_first(session: Session, wish: Wish, run: str) -> None:
    """Before a run's first send: the access is tried, then the ERP asked whether it has these parts from elsewhere.

    An access that fails here leaves no new run behind.
    """
    session.listed_before = frozenset()
    if session.journal.last_part(run) and not session.journal.ever_tried(run):
        session.target.prepare()
        if not wish.allow_duplicate and session.target.traits.lists_jobs:
            first_look(session, session.journal.run(run))


def with_learnt_rows(limits: Limits, ratio: float) -> Limits:
    """Limits as this tenant counts rows: the budget shrinks by what was learnt from a refused part."""
    if limits.max_rows is None or ratio <= 1:
        return limits
    return replace(limits, headroom=1 - (1 - limits.headroom) / ratio)
