"""A part made more rows than the ERP allows (POST_004): send what was refused for that again, in smaller parts.

The formula is an approximation, so a tenant may make more rows than estimated. Only orders refused with that message,
in result lists that add up, are planned again: their absence from what was created is proven by the counts. The part is
halved, at most twice, and what was learnt makes the next file's parts small enough from the start.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from sobatch.core.cut.staging import PartFacts, Staging
from sobatch.core.order.limits import Limits
from sobatch.core.order.setting import mode_of
from sobatch.core.order.spec import OrderFacts
from sobatch.lifecycle.journal.rows import Cut, Identity, PartRow
from sobatch.lifecycle.session import Session
from sobatch.lifecycle.settle.part_text import part_text

_MOST_ROUNDS = 2


def cut(session: Session, part: PartRow, over_budget: Iterable[int]) -> Cut | None:
    """Stage these orders anew in smaller parts, durable on disk; None when nothing can be cut or no round is left."""
    run = session.journal.run(part.run)
    orders = array("Q", over_budget)
    if not orders or part.orders < 2 or run.cancelled or _rounds(session, part) >= _MOST_ROUNDS:
        return None
    budget = _budget(part, sum(session.journal.order(part.run, idx).rows for idx in orders))
    _learn(session, part, budget)
    parts: list[PartFacts] = []
    limits = Limits(max_rows=budget, max_bytes=run.settings.get("max_bytes"))
    first = session.journal.last_part(part.run) + 1
    staging = Staging(session.folder(part.run), limits, session.storage, parts.append, first_number=first)
    moves = []
    with part_text(session.folder(part.run), part) as text:
        for idx in orders:
            order = session.journal.order(part.run, idx)
            place = staging.add(text.order(order), OrderFacts(part.group, order.lines, order.rows))
            moves.append((order.idx, place.part, place.position, place.offset))
    staging.finish()
    return Cut(tuple(sorted(parts, key=lambda facts: facts.number)), tuple(moves))


def sentence(done: Cut) -> str:
    """What happened, for the operator."""
    numbers = ", ".join(str(part.number) for part in done.parts)
    return f"too many rows for one call; {len(done.moves):,} orders go out again as part {numbers}"


def _rounds(session: Session, part: PartRow) -> int:
    """How often this part's orders were cut already."""
    rounds, parent = 0, part.parent
    while parent is not None:
        rounds += 1
        parent = session.journal.part(part.run, parent).parent
    return rounds


def _budget(part: PartRow, refused: int) -> int:
    """The rows a new part may hold: what fitted when only the tail was refused, else half of what did not."""
    taken = part.rows - refused
    return max(4, taken if taken * 2 > part.rows else part.rows // 2)


def _learn(session: Session, part: PartRow, budget: int) -> None:
    run = session.journal.run(part.run)
    believed = run.settings.get("max_rows")
    if isinstance(believed, int) and believed > budget:
        identity = Identity(run.erp, run.address, run.company)
        mode = mode_of(session.spec.modes, run.settings)
        session.journal.learn(identity, mode.name if mode is not None else "", believed / budget)
