"""How Order Time is spoken to: one call makes an order with all its lines.

Proof of an order is its DocNo in an answer that does not contradict it. After a lost answer the order is looked for by
its CustomerPO, which need not be its own: it is found when exactly one order has this reference, its customer and its
lines, and nothing else that is shown differs.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import msgspec

from sobatch.erp.exchange import Answer, Request
from sobatch.erp.one_by_one import ORDER, Call, Creating, Fate, Looking, Made, Present, Seeing, Seen
from sobatch.erp.order_time.answers import docno_of, messages, rows_of
from sobatch.erp.order_time.ours import Likeness, Ours
from sobatch.erp.order_time.settings import EQUALS, RECORD_TYPE
from sobatch.erp.ports import CannotTell, NotListed
from sobatch.errors import NotAllowed

PAGE = 100  # well below the 1,000 entries that a list shows at most, so a page that is not full is the last one
_MOST_PAGES = 20
_MOST_READ = 20
_GONE = (400, 404)  # no document says which; the number came from Order Time itself, so it is not wrong
_ADVICE = {
    400: "Order Time did not understand the order: look at its $type, its references and its figures.",
    409: "Correct what Order Time names, and send the order again.",
}
_CANCELLED = ("cancelled", "canceled", "void", "voided")
_DELIVERED = ("shipped", "delivered", "closed")

Reading = Generator[Call, Answer, "list[Any] | str"]
"""Entries of a list, or why there are none."""


class OrderTimeDialect:
    """Order Time's side of `erp.one_by_one.Dialect`."""

    refused = frozenset({409})  # "well-formed, but failed data validation"
    doubtful: frozenset[int] = frozenset()

    def __init__(self, record_type: int = RECORD_TYPE, equals: int = EQUALS) -> None:
        self._record_type = record_type
        self._equals = equals
        self._let_in = False
        """Whether an answer has shown that we have access. A 400 before that may be about the credentials."""

    def create(self, order: bytes, done: Mapping[str, str]) -> Creating:
        """Make the order. Raises `NotAllowed` for a 400 to the first call when a read is not understood either."""
        if ORDER in done:
            return _made(done[ORDER])
        ours = Ours(order)
        answer = yield Call(Request("POST", "/salesorder", body=order), ORDER, ours.number_in)
        if answer.is_yes:
            self._let_in = True
            return _made(ours.number_in(answer) or "")
        if answer.status == 400 and not self._let_in:
            asked = yield self._list((), size=1)
            if not asked.is_yes:
                raise _no_access(answer, asked)
        self._let_in = True
        return Made(Fate.REJECTED, messages=messages(answer, ours.data), note=_ADVICE.get(answer.status))

    def look(self, order: bytes, done: Mapping[str, str], pending: str) -> Looking:
        """Whether the order has arrived."""
        ours = Ours(order)
        if ours.reference is None:
            return CannotTell("The order has no CustomerPO, and there is nothing else to look it up by.")
        rows = yield from self._rows(ours)
        if isinstance(rows, str):
            return CannotTell(rows)
        likely = [row for row in rows if ours.likeness(row) is not Likeness.FOREIGN]
        numbers = dict.fromkeys(number for row in likely if (number := docno_of(row)) is not None)
        if len(numbers) < len(likely) or len(numbers) > _MOST_READ:
            reason = f"{len(likely)} entries have the CustomerPO {ours.reference!r}, too many or too scant to compare."
            return CannotTell(reason, tuple(numbers)[:_MOST_READ])
        same: list[str] = []
        similar: list[str] = []
        for number in numbers:
            shown = yield _read(number)
            likeness = _likeness(ours, shown, number)
            if likeness is not Likeness.FOREIGN:
                (same if likeness is Likeness.SAME else similar).append(number)
        if len(same) == 1:
            evidence = f"order {same[0]} has the same CustomerPO, customer and lines"
            return Present(same[0], evidence + (f"; {len(similar)} more have its CustomerPO" if similar else ""))
        if same or similar:
            return CannotTell(_why(ours, same), (*same, *similar))
        return (yield from self._not_listed(ours, len(rows)))

    def see(self, remote_id: str) -> Seeing:
        """How an order stands today. Its word is the name of its status, which an installation chooses."""
        answer = yield _read(remote_id)
        data = answer.json()
        if answer.status in _GONE:
            return Seen("not there", gone=True)
        if not answer.is_yes or docno_of(data) != remote_id:
            return Seen(f"cannot be told: Order Time answered {answer.status}")
        status = data.get("StatusRef")
        name = status.get("Name") if isinstance(status, dict) else None
        word = name.strip() if isinstance(name, str) and name.strip() else "there"
        return Seen(word, word.lower() in _CANCELLED, word.lower() in _DELIVERED)

    # -- looking -------------------------------------------------------------------------------------------------

    def _rows(self, ours: Ours) -> Reading:
        """Every entry of the list with the order's CustomerPO and customer, or why it cannot be read."""
        filters = [("CustomerPO", ours.reference or ""), *self._customer(ours)]
        found: dict[str, Any] = {}
        for page in range(1, _MOST_PAGES + 1):
            answer = yield self._list(filters, page=page)
            rows = rows_of(answer)
            if rows is None:
                return f"The list of sales orders cannot be read (status {answer.status}): {_words(answer)}"
            before = len(found)
            for row in rows:
                found.setdefault(docno_of(row) or str(row), row)
            if len(rows) < PAGE or len(found) == before:
                return list(found.values())
        return f"More than {PAGE * _MOST_PAGES:,} entries have the CustomerPO {ours.reference!r}."

    def _not_listed(self, ours: Ours, seen: int) -> Looking:
        """Nothing was found: how much that says. A list that shows another order of the customer is read rightly."""
        reference, customer = ours.reference or "", ours.customer
        evidence = f"the list (Type {self._record_type}) shows no order with the CustomerPO {reference!r}"
        evidence += f" of customer {customer}" if customer is not None else ""
        evidence += f", and {seen} that are not it" if seen else ""
        if customer is None:
            return NotListed(evidence)
        rows = rows_of((yield self._list(self._customer(ours), size=1)))
        if not rows or docno_of(rows[0]) is None:
            doubt = "it shows no other order of this customer either, so look at record_type and equals_operator"
            return NotListed(f"{evidence}; {doubt}")
        comma = "; a comma in it may have misled the filter" if "," in reference else ""
        return NotListed(f"{evidence}; it does show others of this customer{comma}", thorough=not comma)

    def _customer(self, ours: Ours) -> list[tuple[str, str]]:
        return [] if ours.customer is None else [("CustomerRef.Id", str(ours.customer))]

    def _list(self, filters: Any, *, page: int = 1, size: int = PAGE) -> Call:
        """A list. It is a POST only to carry a body: it reads."""
        wanted = {
            "Type": self._record_type,
            "Filters": [
                {"PropertyName": name, "Operator": self._equals, "FilterValueArray": value} for name, value in filters
            ],
            "PageNumber": page,
            "NumberOfRecords": size,
        }
        return Call(Request("POST", "/list", body=msgspec.json.encode(wanted)))


def _read(number: str) -> Call:
    return Call(Request("GET", "/salesorder", {"docNo": number}))


def _made(number: str) -> Made:
    return Made(Fate.CREATED, number, number)


def _likeness(ours: Ours, shown: Answer, number: str) -> Likeness:
    """What an order that was read is to ours; one that cannot be read, or is another, may still be it."""
    data = shown.json() if shown.is_yes else None
    return ours.likeness(data) if docno_of(data) == number else Likeness.SIMILAR


def _why(ours: Ours, same: list[str]) -> str:
    if same:
        return f"{len(same)} orders have its CustomerPO {ours.reference!r}, its customer and its lines."
    return f"There are orders with its CustomerPO {ours.reference!r}; what else they show is not as in the file."


def _no_access(answer: Answer, asked: Answer) -> NotAllowed:
    return NotAllowed(
        f"Order Time answered {answer.status} to the first order and {asked.status} to a look at its list: "
        f"{_words(answer)}",
        next_step="Check api_key, username, and password or dev_key; if they are right, record_type. "
        "Then run the same command again; it goes on here.",
        facts={"http_status": answer.status},
    )


def _words(answer: Answer) -> str:
    return "; ".join(said for _, said in messages(answer, None))
