"""Fetch what became of a finished part and give every order its verdict.

Truth comes from the result lists, never from a status word: failures and successes are both fetched, also after a
cancel and after a failed job, and `created = processed - errors` has to hold. (DESIGN.md section 6, POST_005, POST_006)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sobatch.core.place.locate import span_of
from sobatch.core.read.scan import Cursor
from sobatch.erp.ports import Kind, Phase, Receipt
from sobatch.lifecycle.events import Said, Settled
from sobatch.lifecycle.journal.rows import OrderRow, PartRow, PartState, Verdict
from sobatch.lifecycle.session import Session
from sobatch.lifecycle.settle import overflow
from sobatch.lifecycle.settle.match.matcher import Matcher, Stated
from sobatch.lifecycle.settle.match.orders import PartOrders
from sobatch.lifecycle.settle.part_text import PartText, part_text


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether both lists and the counts add up; and in a sentence what does not, or what nothing tells apart."""

    adds_up: bool
    sentence: str | None = None


def collect(session: Session, part: PartRow) -> None:
    """Settle a part that is `finished`. Raises `Temporary` when the results cannot be had yet.

    May be given up at any moment: nothing of it counts before the one transaction that settles the part.
    """
    with session.clock.may_end():
        _collect(session, part)


def _collect(session: Session, part: PartRow) -> None:
    rows = session.journal.orders(part.run, part.number)
    with part_text(session.folder(part.run) / part.file) as text, closing(PartOrders(rows)) as orders:
        judgement = _judge(part, orders, _tell(session, part, orders, text))
        cut = overflow.cut(session, part, orders.over_budget()) if judgement.adds_up else None
        session.journal.settle(
            part,
            _with_places(session, part, orders.verdicts(over_budget=cut is None), text),
            PartState.CANCELLED if part.phase == Phase.CANCELLED else PartState.SETTLED,
            overflow.sentence(cut) if cut else judgement.sentence or part.message,
            adds_up=judgement.adds_up,
            cut=cut,
        )
    if cut:
        session.listen(Said(f"Part {part.number}: {overflow.sentence(cut)}", True))
    if judgement.sentence:
        begins = f"Part {part.number}" if judgement.adds_up else f"Part {part.number} does not add up"
        session.listen(Said(f"{begins}: {judgement.sentence}", True))
    ledger = session.journal.ledger(part.run, part.number)
    session.listen(Settled(part.number, part.orders, ledger.created, ledger.rejected))


def results_file(folder: Path, part: int, kind: Kind) -> Path:
    """Where a part's result list is while it is read."""
    return folder / f"{part:04d}.{kind}.json"


def _tell(session: Session, part: PartRow, orders: PartOrders, text: PartText) -> Matcher:
    receipt = _receipt(session, part)
    folder = session.folder(part.run)
    members = {key: member for key, (member, _) in session.spec.keys.items()}
    matcher = Matcher(orders, text.order, members, session.spec.overruled)
    for kind in Kind:
        matcher.read(kind, session.target.results(receipt, kind, results_file(folder, part.number, kind)))
    return matcher


def _receipt(session: Session, part: PartRow) -> Receipt:
    attempt = session.journal.live_attempt(part)
    return Receipt(part.remote_id, 201, attempt.location if attempt else None, part.accepted)


def _judge(part: PartRow, orders: PartOrders, matcher: Matcher) -> Judgement:
    """Give every order of the part its verdict."""
    finished = part.phase == Phase.FINISHED
    if not matcher.judge(Stated(finished, part.processed, part.failed)):
        return Judgement(False, _contradiction(part, matcher))
    repeated = orders.repeated_numbers()
    if repeated:
        return Judgement(False, f"{repeated:,} created orders have the number of another one")
    unknown = orders.many("unknown")
    if unknown:
        return Judgement(True, f"nothing tells which of {unknown:,} orders were created and which were not")
    return Judgement(True)


def _contradiction(part: PartRow, matcher: Matcher) -> str:
    failures, successes = matcher.entries(Kind.FAILED), matcher.entries(Kind.CREATED)
    lists = f"the result lists have {failures:,} failed and {successes:,} created"
    foreign = matcher.foreign(Kind.CREATED)
    if foreign:
        return f"{foreign:,} created entries are those of no order that was sent"
    if part.processed is not None and part.failed is not None and part.processed - part.failed != successes:
        return f"the status says {part.processed:,} processed and {part.failed:,} failed, {lists}"
    return f"{lists}, which cannot be {'all' if part.phase == Phase.FINISHED else 'some'} of the {part.orders:,} sent"


def _with_places(session: Session, part: PartRow, verdicts: Iterator[Verdict], text: PartText) -> Iterator[Verdict]:
    """Add file positions to the messages of rejected orders, while the staged bytes are still there.

    What was kept as it came until it was matched, numbers and paths, is redacted here on its way to the journal.
    """
    redacted = session.target.redacted
    for verdict in verdicts:
        number = verdict.remote_number and redacted(verdict.remote_number)
        if verdict.state == "rejected" and verdict.messages:
            order = session.journal.order(part.run, verdict.idx)
            messages = tuple(_placed(message, order, text, redacted) for message in verdict.messages)
        else:
            messages = tuple({**message, "path": redacted(str(message["path"]))} for message in verdict.messages)
        yield replace(verdict, remote_number=number, messages=messages)


def _placed(message: Any, order: OrderRow, text: PartText, redacted: Callable[[str], str]) -> dict[str, Any]:
    """The place of the member a message speaks of; of the whole order when the order has no such member.

    The place is looked for as the message came; only what is kept of the pointer is redacted.
    """
    raw = text.order(order)
    pointer = str(message["path"])
    try:
        at = span_of(raw, pointer)[0]
    except (KeyError, ValueError, IndexError):
        pointer, at = "", 0
    cursor = Cursor(order.line, order.col)
    cursor.advance(raw[:at])
    return {
        "text": message["text"],
        "pointer": f"/{order.idx}{redacted(pointer)}",
        "offset": order.offset + at,
        "line": cursor.line,
        "column": cursor.column,
    }
