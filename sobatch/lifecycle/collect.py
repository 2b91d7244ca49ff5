"""Fetch what became of a finished part and give every order its verdict.

Truth comes from the result lists, never from a status word: failures and successes are both fetched, also after a
cancel and after a failed job, and `created = processed - errors` has to hold. (DESIGN.md section 6, POST_005, POST_006)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sobatch.core.locate import span_of
from sobatch.core.scan import Cursor
from sobatch.erp.ports import Kind, Outcome, Phase, Receipt
from sobatch.lifecycle import overflow
from sobatch.lifecycle.events import Said, Settled
from sobatch.lifecycle.match import Match, Matched, Matcher
from sobatch.lifecycle.records import OrderRow, PartRow, PartState, Verdict
from sobatch.lifecycle.session import Session
from sobatch.lifecycle.staged import PartText, part_text


@dataclass(slots=True)
class _Told:
    """Both result lists, matched."""

    failed: Matched
    created: Matched
    left: list[OrderRow]

    @property
    def failures(self) -> int:
        return len(self.failed.matches) + len(self.failed.unmatched)

    @property
    def successes(self) -> int:
        return len(self.created.matches) + len(self.created.unmatched)


def collect(session: Session, part: PartRow) -> None:
    """Settle a part that is `finished`. Raises `Temporary` when the results cannot be had yet."""
    told = _tell(session, part)
    verdicts, trouble = _judge(part, told)
    over_budget = [match.order for match in told.failed.matches if match.outcome.over_budget] if trouble is None else []
    cut = overflow.cut(session, part, over_budget)
    moved = {move[0] for move in cut.moves} if cut else set()
    session.journal.settle(
        part,
        _with_places(session, part, [verdict for verdict in verdicts if verdict.idx not in moved]),
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
    """Where a part's result list is kept."""
    return folder / f"{part:04d}.{kind}.json"


def _tell(session: Session, part: PartRow) -> _Told:
    receipt = _receipt(session, part)
    folder = session.folder(part.run)
    members = {key: member for key, (member, _) in session.spec.keys.items()}
    orders = sorted(session.journal.orders(part.run, part.number), key=lambda order: order.position or 0)
    with part_text(folder / part.file) as text:
        matcher = Matcher(orders, text.order, session.spec.likeness, members)
        failed = matcher.match(
            session.target.results(receipt, Kind.FAILED, results_file(folder, part.number, Kind.FAILED))
        )
        created = matcher.match(
            session.target.results(receipt, Kind.CREATED, results_file(folder, part.number, Kind.CREATED))
        )
    return _Told(failed, created, matcher.left)


def _receipt(session: Session, part: PartRow) -> Receipt:
    attempt = session.journal.live_attempt(part)
    return Receipt(part.remote_id, 201, attempt.location if attempt else None, part.accepted)


def _judge(part: PartRow, told: _Told) -> tuple[list[Verdict], str | None]:
    """Verdicts for every order of the part, and a sentence when the counts contradict each other."""
    trouble = _contradiction(part, told)
    loose_failed, loose_created = told.failed.unmatched, told.created.unmatched
    # Beside created orders that are nobody's, a refusal proves nothing: the refused order may be one of them.
    refused = "unknown" if trouble and loose_created else "rejected"
    verdicts = [_verdict(match, refused) for match in told.failed.matches]
    verdicts += [_verdict(match, "created") for match in told.created.matches]
    left = told.left
    ended_whole = part.phase == Phase.FINISHED
    if len(left) == len(loose_created) and not loose_failed and trouble is None:
        # Every failure has its order, so the rest was created; only which number is whose is not known.
        verdicts += [Verdict(order.idx, "created", twins=1) for order in left]
    elif len(left) == len(loose_failed) and not loose_created and trouble is None:
        messages = _all_messages(loose_failed)
        verdicts += [Verdict(order.idx, "rejected", twins=1, messages=messages) for order in left]
    elif not loose_failed and not loose_created and trouble is None and not ended_whole:
        verdicts += [Verdict(order.idx, "not_created") for order in left]
    elif left:
        trouble = trouble or f"{len(left):,} orders are in neither result list"
        verdicts += [Verdict(order.idx, "unknown") for order in left]
    return verdicts, trouble


def _contradiction(part: PartRow, told: _Told) -> str | None:
    if told.failures + told.successes > part.orders:
        return f"{told.failures:,} failed and {told.successes:,} created make more than the {part.orders:,} orders sent"
    if part.phase == Phase.FINISHED and told.failures + told.successes < part.orders:
        return f"{told.failures:,} failed and {told.successes:,} created leave orders of {part.orders:,} without a word"
    if part.processed is not None and part.failed is not None:
        if part.processed - part.failed != told.successes:
            return (
                f"the status says {part.processed:,} processed and {part.failed:,} failed, "
                f"the result list has {told.successes:,} created"
            )
    return None


def _verdict(match: Match, state: str) -> Verdict:
    messages = _all_messages([match.outcome])
    number = match.outcome.number if state == "created" else None
    return Verdict(match.order.idx, state, number, 1 if match.twins else None, messages)


def _all_messages(outcomes: list[Outcome]) -> tuple[dict[str, Any], ...]:
    return tuple({"path": path, "text": text} for outcome in outcomes for path, text in outcome.messages)


def _with_places(session: Session, part: PartRow, verdicts: list[Verdict]) -> Iterator[Verdict]:
    """Add file positions to the messages of rejected orders, while the staged bytes are still there."""
    orders = {order.idx: order for order in session.journal.orders(part.run, part.number)}
    with part_text(session.folder(part.run) / part.file) as text:
        for verdict in verdicts:
            if verdict.state != "rejected":
                yield verdict
                continue
            placed = tuple(_placed(message, orders[verdict.idx], text) for message in verdict.messages)
            yield Verdict(verdict.idx, verdict.state, verdict.remote_number, verdict.twins, placed)


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
