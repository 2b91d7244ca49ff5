"""Fetch what became of a finished part and give every order its verdict.

Truth comes from the result lists, never from a status word: failures and successes are both fetched, also after a
cancel and after a failed job, and `created = processed - errors` has to hold. (DESIGN.md section 6, POST_005, POST_006)
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sobatch.erp.ports import Kind, Outcome, Phase, Receipt
from sobatch.lifecycle.events import Said, Settled
from sobatch.lifecycle.journal.rows import PartRow, PartState, Verdict
from sobatch.lifecycle.places import placed
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


@dataclass(frozen=True, slots=True)
class Found:
    """What the result lists say of a part: judged, and not yet in the journal."""

    orders: PartOrders
    text: PartText
    adds_up: bool
    sentence: str | None
    """What does not add up, or what nothing tells apart."""
    lists: str
    """A digest of all entries of both lists, in whatever order they came."""

    def count(self) -> Counter[str]:
        """How many orders have which verdict."""
        return Counter(verdict.state for verdict in self.orders.verdicts(over_budget=True))

    def verdicts(self, session: Session, part: PartRow, *, over_budget: bool, absence: bool) -> Iterator[Verdict]:
        """Every order's verdict, its messages with their places; without proof of `absence` none is not created."""
        for verdict in _with_places(session, part, self.orders.verdicts(over_budget=over_budget), self.text):
            absent = verdict.state == "not_created" and not absence
            yield replace(verdict, state="unknown") if absent else verdict


@contextmanager
def look(session: Session, part: PartRow) -> Iterator[Found]:
    """Fetch both result lists of a part whose work has ended, and judge its orders by them.

    May be given up at any moment: nothing of it counts before the one transaction that settles the part.
    Raises `Temporary` or `NotAllowed`, and `RemoteFailed` when there are no lists (404, 409).
    """
    digest = _Digest()
    with (
        session.clock.may_end(),
        part_text(session.folder(part.run), part) as text,
        closing(PartOrders(session.journal.orders(part.run, part.number))) as orders,
    ):
        judgement = _judge(part, orders, _tell(session, part, orders, text, digest))
        yield Found(orders, text, judgement.adds_up, judgement.sentence, digest.text)


def settle(session: Session, part: PartRow, found: Found, unproved: str | None = None) -> None:
    """Settle a part by what was found. `unproved` says why orders in neither list may yet have been created."""
    adds_up = found.adds_up and unproved is None
    sentence = unproved if found.adds_up and unproved else found.sentence
    cut = overflow.cut(session, part, found.orders.over_budget()) if adds_up else None
    session.journal.settle(
        part,
        found.verdicts(session, part, over_budget=cut is None, absence=unproved is None),
        PartState.CANCELLED if part.phase == Phase.CANCELLED else PartState.SETTLED,
        overflow.sentence(cut) if cut else sentence or said_of_end(part) or part.message,
        adds_up=adds_up,
        cut=cut,
    )
    if cut:
        session.listen(Said(f"Part {part.number}: {overflow.sentence(cut)}", True))
    if sentence:
        begins = f"Part {part.number}" if adds_up else f"Part {part.number} does not add up"
        session.listen(Said(f"{begins}: {sentence}", True))
    if said_of_end(part):
        session.listen(Said(f"Part {part.number}: {said_of_end(part)}", True))
    ledger = session.journal.ledger(part.run, part.number)
    session.listen(Settled(part.number, part.orders, ledger.created, ledger.rejected))


def said_of_end(part: PartRow) -> str | None:
    """That the ERP calls the work failed, in words."""
    if part.phase != Phase.FAILED:
        return None
    words = f" ({part.result})" if part.result else ""
    return f"the ERP says that its job failed{words}; what it saved before counts as created"


class _Digest:
    """A digest of entries that does not depend on their order: the sum of their own digests."""

    def __init__(self) -> None:
        self._sum = 0

    def passing(self, outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
        """The same outcomes; each is counted in on its way."""
        for outcome in outcomes:
            own = hashlib.blake2b(outcome.kind.encode() + b" " + outcome.raw, digest_size=16).digest()
            self._sum = (self._sum + int.from_bytes(own)) % (1 << 128)
            yield outcome

    @property
    def text(self) -> str:
        """The digest as text."""
        return f"{self._sum:032x}"


def results_file(folder: Path, part: int, kind: Kind) -> Path:
    """Where a part's result list is while it is read."""
    return folder / f"{part:04d}.{kind}.json"


def _tell(session: Session, part: PartRow, orders: PartOrders, text: PartText, digest: _Digest) -> Matcher:
    receipt = _receipt(session, part)
    folder = session.folder(part.run)
    members = {key: member for key, (member, _) in session.spec.keys.items()}
    matcher = Matcher(orders, text.order, members, session.spec.overruled)
    for kind in Kind:
        outcomes = session.target.results(receipt, kind, results_file(folder, part.number, kind))
        matcher.read(kind, digest.passing(outcomes))
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
        messages = verdict.messages
        if messages:  # only of rejected orders is anything told
            order = session.journal.order(part.run, verdict.idx)
            raw = text.order(order)
            messages = tuple(placed(each["text"], str(each["path"]), order, raw, redacted) for each in messages)
        yield replace(verdict, remote_number=number, messages=messages)
