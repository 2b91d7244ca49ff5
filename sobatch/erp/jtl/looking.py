"""After a lost answer: whether the order is there, by its own ExternalNumber or Number, and which of its lines are.

Found is what agrees in all that can be compared; a stranger with the same reference is not ours. Not found is never
proof: JTL's list leaves out orders that are pending.
"""

from __future__ import annotations

import json
from base64 import b32encode
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from sobatch.erp.exchange import Answer
from sobatch.erp.jtl.answers import id_of, page_of, shown, text_of
from sobatch.erp.jtl.lines import Compared, compare, covered, kept
from sobatch.erp.one_by_one import ORDER, Call, Looking, Present
from sobatch.erp.ports import CannotTell, NotListed
from sobatch.erp.slices import an_object, elements, members

LINES = "LineItems"
PAGE = 100
_MOST_PAGES = 50
REFERENCES = ("CompanyId", "CustomerId", "ExternalNumber", "BillingNumber")
Read = Callable[[str, Mapping[str, str]], Call]
"""Makes the call that reads a path with these parameters."""
Rows = Generator[Call, Answer, "list[Any] | str"]
"""A list as it is read, page by page: its rows, or why it cannot be had whole."""


@dataclass(frozen=True, slots=True)
class Ours:
    """The user's order taken apart: the header and each line as they are written, and both as data."""

    header: bytes
    lines: Sequence[bytes]
    data: Mapping[str, Any]

    @classmethod
    def of(cls, order: bytes, *, tagged: bool = False) -> Ours:
        """Take an order apart. `tagged`: one without an ExternalNumber gets one, which its text alone decides."""
        parts, data = members(order), json.loads(order)
        written = parts.pop(LINES, b"null")
        found = elements(written) if written[:1] == b"[" else []
        if tagged and text_of(data.get("ExternalNumber")) is None:
            data["ExternalNumber"] = tag_of(order)
            parts["ExternalNumber"] = json.dumps(data["ExternalNumber"]).encode()
        return cls(an_object(parts), found, data)

    def said(self, name: str) -> str | None:
        """What the order says under a name, as text."""
        return text_of(self.data.get(name))

    def contradicted(self, theirs: Any, names: Iterable[str]) -> list[str]:
        """The members of these that are otherwise in an order that JTL shows; what either does not say is none."""
        pairs = ((name, self.said(name), text_of(shown(theirs, name))) for name in names)
        return [name for name, ours, other in pairs if ours and other and ours != other]

    def lines_in(self, rows: list[Any]) -> Compared:
        """Our lines against those that JTL shows."""
        return compare(self.data[LINES] if self.lines else [], rows)


def tag_of(order: bytes) -> str:
    """A reference for an order that has none: 18 characters. Two orders with the same text have the same one."""
    return "sb" + b32encode(sha256(order).digest()[:10]).decode().lower()


def named(order: Any) -> str | None:
    """What is kept of an order that JTL shows: its id, and its number behind a blank; None without an id."""
    remote_id, number = id_of(order), text_of(shown(order, "Number"))
    if remote_id is None or number is None:
        return remote_id
    return f"{remote_id} {' '.join(number.split())[:200]}"


def parted(value: str) -> tuple[str, str | None]:
    """The id and the number of what was kept of an order; an operator may have named the id alone."""
    remote_id, _, number = value.partition(" ")
    return remote_id, number or None


def path_of(remote_id: str) -> str:
    """Where an order is to be read."""
    return f"/salesOrders/{quote(remote_id, safe='')}"


def path_of_lines(remote_id: str) -> str:
    """Where the lines of an order are, to be read and to be added to."""
    return f"{path_of(remote_id)}/lineitems"


def rows_at(read: Read, path: str, params: Mapping[str, str]) -> Rows:
    """A whole list. A page that shows nothing new ends it, and so does its own count of what there is."""
    rows: list[Any] = []
    seen: set[str] = set()
    for number in range(1, _MOST_PAGES + 1):
        paged = {"pageNumber": str(number), "pageSize": str(PAGE)} if params or number > 1 else {}
        answer = yield read(path, {**params, **paged})
        page = page_of(answer, PAGE)
        if page is None:
            return f"JTL answered {answer.status} without a list"
        new = [row for row in page.rows if id_of(row) not in seen]
        rows.extend(new)
        seen.update(filter(None, map(id_of, new)))
        if not page.more or not new:
            short = page.total is not None and page.total > len(rows)
            return f"JTL shows {len(rows)} of {page.total}" if short else rows
    return f"the list goes on after {_MOST_PAGES} pages"


def order_there(read: Read, ours: Ours, *, renames: bool) -> Looking:
    """An order with our reference, of the same customer, and without a line: those were not sent yet."""
    name, query = "ExternalNumber", "externalOrderNumber"
    if ours.said(name) is None and not renames:
        name, query = "Number", "salesOrderNumber"
    value = ours.said(name)
    if value is None:
        return CannotTell("The order has no ExternalNumber, and no Number by which JTL would surely have it.")
    rows = yield from rows_at(read, "/salesOrders", {query: value})
    if isinstance(rows, str):
        return CannotTell(f"The list of orders cannot be read: {rows}.")
    found = [row for row in rows if text_of(shown(row, name)) == value]
    if not found:
        evidence = f'Of {len(rows)} orders that JTL lists for it none has the {name} "{value}"'
        return NotListed(f"{evidence}; the list leaves out orders that are pending.")
    candidates = tuple(filter(None, map(id_of, found)))
    if len(found) > 1:
        return CannotTell(f'{len(found)} orders have the {name} "{value}".', candidates)
    differing = _not_ours(found[0], ours, renames=renames)
    if not differing:
        there = yield from rows_at(read, path_of_lines(candidates[0]), {})
        if isinstance(there, str):
            differing = f"its lines cannot be read: {there}"
        elif there:
            differing = f"{len(there)} lines already; ours can have none yet"
    value_kept = named(found[0])
    if differing or value_kept is None:
        return CannotTell(f'An order has the {name} "{value}", and {differing}.', candidates)
    return Present(value_kept, f'JTL lists one order with the {name} "{value}", of this customer and without lines')


def _not_ours(row: Any, ours: Ours, *, renames: bool) -> str:
    """Why an order with our reference is not the one we sent; nothing when all agrees."""
    if id_of(row) is None or text_of(shown(row, "CustomerId")) is None:
        return "it does not show its id and its customer"
    differing = ours.contradicted(row, REFERENCES if renames else (*REFERENCES, "Number"))
    if differing:
        return f"another {' and '.join(differing)}"
    return "it is cancelled" if shown(row, "IsCancelled") is True else ""


def lines_there(read: Read, ours: Ours, done: Mapping[str, str]) -> Looking:
    """Which lines the order has, read from the order itself."""
    remote_id, _ = parted(done.get(ORDER, ""))
    rows = yield from rows_at(read, path_of_lines(remote_id), {})
    if isinstance(rows, str):
        return CannotTell(f"The lines of order {remote_id} cannot be read: {rows}.", (remote_id,))
    count = len(ours.lines)
    known, compared = covered(done, count), ours.lines_in(rows)
    new = compared.there - known
    evidence = f"Order {remote_id} has {len(compared.there)} of its {count} lines at JTL"
    whole = len(new | known) == count
    if not compared.there >= known or not compared.clear or (compared.others and not whole):
        return CannotTell(f"{evidence}, and it is not clear which ones.", (remote_id,))
    if not new:
        return NotListed(f"{evidence}.", thorough=True)  # it was read from the order itself
    return Present(kept(new, compared.others), evidence, partial=not whole)
