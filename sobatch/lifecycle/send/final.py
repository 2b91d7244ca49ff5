"""The verdicts of a receipt that is final: the answer to the send says what became of every order of the part."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable

from sobatch.erp.ports import Kind, Outcome, PartFile, Receipt
from sobatch.lifecycle.journal.rows import OrderRow, PartRow, Verdict
from sobatch.lifecycle.places import placed
from sobatch.lifecycle.session import Session


def verdicts_of(session: Session, part: PartRow, file: PartFile, receipt: Receipt) -> tuple[Verdict, ...]:
    """One verdict per order of the part, none for a receipt that is not final.

    An order that no outcome speaks of, or more than one, is unknown.
    """
    if not receipt.final:
        return ()
    orders = list(session.journal.orders(part.run, part.number))
    try:
        text = file.text()
    except (OSError, EOFError, zlib.error):
        text = b""  # the places of messages are not worth a receipt
    alone = len(orders) == len(receipt.final) == 1
    told = {0: receipt.final[0]} if alone else _by_position(receipt)
    return tuple(_verdict(order, told.get(order.position or 0), text, session.target.redacted) for order in orders)


def _by_position(receipt: Receipt) -> dict[int, Outcome]:
    often = Counter(outcome.position for outcome in receipt.final)
    return {each.position: each for each in receipt.final if each.position is not None and often[each.position] == 1}


def _verdict(order: OrderRow, outcome: Outcome | None, text: bytes, redacted: Callable[[str], str]) -> Verdict:
    if outcome is None:
        return Verdict(order.idx, "unknown")
    at = order.part_offset or 0
    raw = text[at : at + order.length]
    messages = tuple(placed(words, path, order, raw, redacted) for path, words in outcome.messages)
    number = outcome.number and redacted(outcome.number)
    if outcome.kind is Kind.FAILED:
        return Verdict(order.idx, "rejected", number, None, messages)
    return Verdict(order.idx, "incomplete" if outcome.incomplete else "created", number, None, messages)
