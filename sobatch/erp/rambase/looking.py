"""Looking for what a lost answer may have made: a header by the customer's number, an item among those of its order.

"Some fields may be removed from the response, based on user roles": a member that is not shown proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from typing import Any

from sobatch.erp.exchange import Answer, small
from sobatch.erp.one_by_one import Call, Looking, Present
from sobatch.erp.ports import CannotTell, NotListed
from sobatch.erp.rambase.answers import id_in, rows

PAGE = 80  # "$top up to 80"
WHOLE_PAGE: Mapping[str, str] = {"$top": str(PAGE)}
UNSEEN = "?"
"""Stands among the ids of the items that were there before, when not all of them could be seen or named."""
_NEWEST = {"$orderby": "salesOrderId desc"}
_STATUS = {0: "draft", 1: "draft", 8: "ready for shipping", 9: "closed"}

Read = Callable[[str, Mapping[str, str]], Call]


def status_words(status: Any) -> str:
    """A status digit in words; 0 and 1 are not yet registered."""
    digit = int(status) if isinstance(status, str) and status.isdecimal() else status
    if not isinstance(digit, int):
        return "status not shown"
    return f"{_STATUS[digit]} (status {digit})" if digit in _STATUS else f"status {digit}"


def header(read: Read, ours: Mapping[str, Any]) -> Looking:
    """The header whose answer was lost. It has no items yet, whatever the order has."""
    own = ours.get("customersReferenceNumber")
    if not isinstance(own, str) or not own:
        return CannotTell("the order has no customersReferenceNumber, so it cannot be looked for")
    what = f"customersReferenceNumber {own!r}"
    found, how = yield from _candidates(read, own)
    if found is None:
        return CannotTell("the list of sales orders could not be read")
    alike = [row for row in found if row.get("customersreferencenumber", own if how == "filtered" else None) == own]
    ids = list(dict.fromkeys(filter(None, (id_in(row, "salesorderid", 100_000) for row in alike))))
    if not ids:
        return NotListed(f"{len(found)} orders that the list shows ({how}) were read, and none has the {what}.")
    if len(ids) > 1:
        return CannotTell(f"several orders have the {what}: {', '.join(ids[:5])}", tuple(ids))
    contradiction = yield from _contradiction(read, ids[0], alike[0], ours)
    if contradiction:
        return CannotTell(f"order {ids[0]} has the {what}, but {contradiction}", tuple(ids))
    return Present(ids[0], f"order {ids[0]} has the {what}, the same customer and no items")


def _candidates(read: Read, own: str) -> Generator[Call, Answer, tuple[list[Mapping[str, Any]] | None, str]]:
    """The rows of the list by its filter; where it has none for this field, the newest."""
    quoted = own.replace("'", "''")
    answer = yield read("/sales/orders", {**WHOLE_PAGE, "$filter": f"customersReferenceNumber eq '{quoted}'"})
    if answer.status == 200:
        return rows(answer.json(), "salesorder"), "filtered"
    answer = yield read("/sales/orders", {**WHOLE_PAGE, **_NEWEST})
    return (rows(answer.json(), "salesorder") if answer.status == 200 else None), "the newest"


def _contradiction(
    read: Read, remote_id: str, row: Mapping[str, Any], ours: Mapping[str, Any]
) -> Generator[Call, Answer, str | None]:
    """What speaks against this being the header that was sent, or None."""
    shown = row.get("customersreferencenumber")
    if shown is None:
        return "the list does not show that number"
    customer, wanted = row.get("customer"), small(ours.get("customer"))
    if not isinstance(customer, dict) or "customerid" not in customer:
        return "the list does not show its customer"
    if str(customer["customerid"]) != str((wanted or {}).get("customerid")):
        return "it is another customer's"
    answer = yield read(f"/sales/orders/{remote_id}/items", WHOLE_PAGE)
    items = rows(answer.json(), "salesorderitem") if answer.status == 200 else None
    return None if items == [] else "it has items already" if items else "its items could not be read"


def before(read: Read, path: str, ids: Callable[[Answer], str | None]) -> Looking:
    """The items that stood there before anything was added: nothing was, so they can be read again."""
    answer = yield read(path, WHOLE_PAGE)
    kept = ids(answer) if answer.status == 200 else None
    if kept is None:
        return CannotTell(f"the items of the order could not be read (status {answer.status})")
    return Present(kept, "the order's items were read again; nothing had been added")


def item(read: Read, path: str, ours: Mapping[str, Any], known: set[str]) -> Looking:
    """The item whose answer was lost: the one that nobody has accounted for."""
    answer = yield read(path, {**WHOLE_PAGE, "$showCustomFields": "true"})
    found = rows(answer.json(), "salesorderitem") if answer.status == 200 else None
    if found is None:
        return CannotTell(f"the items of the order could not be read (status {answer.status})")
    new = {each: row for row in found if (each := id_in(row, "salesorderitemid", 1)) is not None and each not in known}
    unnamed = UNSEEN in known or any(id_in(row, "salesorderitemid", 1) is None for row in found)
    if len(new) == 1 and not unnamed:
        ((remote_id, row),) = new.items()
        contradiction = _differs(ours, row)
        if contradiction is None:
            return Present(remote_id, f"item {remote_id} is new in the order and has the same product and quantity")
        return CannotTell(f"item {remote_id} is new in the order, but {contradiction}", (remote_id,))
    if new or unnamed:
        return CannotTell("the order has items that are not accounted for", tuple(new))
    whole = len(found) < PAGE
    return NotListed(f"the order's {len(found)} items were read, and none is new.", thorough=whole)


def _differs(ours: Mapping[str, Any], row: Mapping[str, Any]) -> str | None:
    """What speaks against a row being our item, or None. Product and quantity must be shown."""
    product, wanted = row.get("product"), small(ours.get("product")) or {}
    if not isinstance(product, dict) or "productid" not in product or "quantity" not in row:
        return "its product and quantity are not shown"
    if str(product["productid"]) != str(wanted.get("productid")):
        return "it is another product"
    if not _equal(row["quantity"], ours.get("quantity")):
        return "it has another quantity"
    own, theirs = ours.get("customersReferenceNumber"), row.get("customersreferencenumber")
    return "it has another customersReferenceNumber" if own and theirs and own != theirs else None


def _equal(theirs: Any, ours: Any) -> bool:
    try:
        return math.isclose(float(theirs), float(ours), rel_tol=1e-9, abs_tol=1e-9)
    except (TypeError, ValueError):
        return False
