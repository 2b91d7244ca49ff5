"""Fetch what became of a finished part and give every order its verdict.

Truth comes from the result lists, never from a status word: failures and successes are both fetched, also after a
cancel and after a failed job, and `created = processed - errors` has to hold. (DESIGN.md section 6, POST_005, POST_006)
"""

from __future__ import annotations

from collections.abc import Iterator
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
from sobatch.lifecycle.settle.match import Matched, Matcher
from sobatch.lifecycle.settle.part_orders import PartOrders
from sobatch.lifecycle.settle.part_text import PartText, part_text


@dataclass(slots=True)
class _Told:
    """What the two result lists brought."""

    failed: Matched
    created: Matched


def collect(session: Session, part: PartRow) -> None:
    """Settle a part that is `finished`. Raises `Temporary` when the results cannot be had yet."""
    rows = session.journal.orders(part.run, part.number)
    with part_text(session.folder(part.run) / part.file) as text, closing(PartOrders(rows)) as orders:
        trouble = _judge(part, orders, _tell(session, part, orders, text))
        cut = overflow.cut(session, part, orders.over_budget()) if trouble is None else None
        session.journal.settle(
            part,
            _with_places(session, part, orders.verdicts(over_budget=cut is None), text),
            PartState.CANCELLED if part.phase == Phase.CANCELLED else PartState.SETTLED,
            overflow.sentence(cut) if cut else trouble or part.message,
            adds_up=trouble is None,
            cut=cut,
        )
    if cut:
        session.listen(Said(f"Part {part.number}: {overflow.sentence(cut)}", True))
    if trouble:
        session.listen(Said(f"Part {part.number} does not add up: {trouble}", True))
    ledger = session.journal.ledger(part.run, part.number)
    session.listen(Settled(part.number, part.orders, ledger.created, ledger.rejected))


def results_file(folder: Path, part: int, kind: Kind) -> Path:
    """Where a part's result list is while it is read."""
    return folder / f"{part:04d}.{kind}.json"


def _tell(session: Session, part: PartRow, orders: PartOrders, text: PartText) -> _Told:
    receipt = _receipt(session, part)
    folder = session.folder(part.run)
    members = {key: member for key, (member, _) in session.spec.keys.items()}
    matcher = Matcher(orders, text.order, session.spec.likeness, members, folder)

    def matched(kind: Kind, state: str) -> Matched:
        return matcher.match(session.target.results(receipt, kind, results_file(folder, part.number, kind)), state)

    return _Told(matched(Kind.FAILED, "rejected"), matched(Kind.CREATED, "created"))


def _receipt(session: Session, part: PartRow) -> Receipt:
    attempt = session.journal.live_attempt(part)
    return Receipt(part.remote_id, 201, attempt.location if attempt else None, part.accepted)


def _judge(part: PartRow, orders: PartOrders, told: _Told) -> str | None:
    """Give every order of the part its verdict; a sentence when the counts contradict each other."""
    trouble = _contradiction(part, told)
    repeated = orders.repeated_numbers()
    if trouble is None and repeated:
        trouble = f"{repeated:,} created orders have the number of another one"
    loose_failed, loose_created = told.failed.unmatched, told.created.unmatched
    if trouble and loose_created:
        orders.doubt_rejections()
    left = orders.left()
    if trouble is None and left == loose_created and not loose_failed:
        # Every failure has its order, so the rest was created; only which number is whose is not known.
        orders.give_left("created", twins=True)
    elif trouble is None and left == loose_failed and not loose_created:
        orders.give_left("rejected", twins=True, messages=told.failed.messages)
    elif trouble is None and not loose_failed and not loose_created and part.phase != Phase.FINISHED:
        orders.give_left("not_created")
    elif left:
        trouble = trouble or f"{left:,} orders are in neither result list"
        orders.give_left("unknown")
    return trouble


def _contradiction(part: PartRow, told: _Told) -> str | None:
    failures, successes = told.failed.entries, told.created.entries
    if told.created.contradictions:
        return (
            f"{told.created.contradictions:,} created entries are those of no order that was sent, or of one told twice"
        )
    if failures + successes > part.orders:
        return f"{failures:,} failed and {successes:,} created make more than the {part.orders:,} orders sent"
    if part.phase == Phase.FINISHED and failures + successes < part.orders:
        return f"{failures:,} failed and {successes:,} created leave orders of {part.orders:,} without a word"
    if part.processed is not None and part.failed is not None:
        if part.processed - part.failed != successes:
            return (
                f"the status says {part.processed:,} processed and {part.failed:,} failed, "
                f"the result list has {successes:,} created"
            )
    return None


def _with_places(session: Session, part: PartRow, verdicts: Iterator[Verdict], text: PartText) -> Iterator[Verdict]:
    """Add file positions to the messages of rejected orders, while the staged bytes are still there.

    What was kept as it came until it was matched, numbers and paths, is redacted here on its way to the journal.
    """
    redacted = session.target.redacted
    for verdict in verdicts:
        number = verdict.remote_number and redacted(verdict.remote_number)
        if verdict.state == "rejected" and verdict.messages:
            order = session.journal.order(part.run, verdict.idx)
            messages = tuple(_placed(message, order, text) for message in verdict.messages)
        else:
            messages = tuple({**message, "path": redacted(str(message["path"]))} for message in verdict.messages)
        yield replace(verdict, remote_number=number, messages=messages)


def _placed(message: Any, order: OrderRow, text: PartText) -> dict[str, Any]:
    """The place of the member a message speaks of; of the whole order when the order has no such member."""
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
        "pointer": f"/{order.idx}{pointer}",
        "offset": order.offset + at,
        "line": cursor.line,
        "column": cursor.column,
    }
