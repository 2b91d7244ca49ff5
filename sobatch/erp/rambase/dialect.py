"""How RamBase is spoken to: a call for the header, one for each item; or, for an order that exists, the items only.

Items that stand there before are read first and remembered, so that what was added is the difference. A refused item
does not stop the others: the order is then told as half made, with the items that are missing. Names go out as the
document spells them, values as the user wrote them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from sobatch.core.order.declared import documented
from sobatch.erp.exchange import Answer, Request
from sobatch.erp.one_by_one import ORDER, Call, Creating, Fate, Looking, Made, Seeing, Seen
from sobatch.erp.rambase import looking
from sobatch.erp.rambase.answers import id_in, inside, messages, notes, rows
from sobatch.erp.rambase.order import Order
from sobatch.erp.slices import an_object, elements, members, spelt

_ORDER_ID, _ITEM_ID = ("salesorderid", 100_000), ("salesorderitemid", 1)
_BEFORE = "before"
_NO_PARAMS: Mapping[str, str] = {}


class RamBase:
    """The dialect. `params` go with every request: format, company, language."""

    refused: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()

    def __init__(self, params: Mapping[str, str]) -> None:
        self._params = params

    def create(self, order: bytes, done: Mapping[str, str]) -> Creating:
        """Make the header if there is none, and every item that is not there yet."""
        written, given = json.loads(order), members(documented(order, Order))
        items = elements(given.pop("items", b"[]")) if given.get("items", b"null") != b"null" else []
        given.pop("items", None)
        existing = json.loads(given.pop("salesOrderId", b"null"))
        told: list[str] = []
        step = ORDER if existing is None else _BEFORE
        kept = done.get(step)
        if kept is None:
            answer = yield self._first(existing, given)
            kept = _order_id(answer) if existing is None else _ids(answer)
            if not answer.is_yes or kept is None:
                at = "" if existing is None else spelt("/salesOrderId", written)
                return Made(Fate.REJECTED, messages=messages(answer, at))
            told += notes(answer.json())
        remote_id = kept if existing is None else str(existing)
        made = yield from self._items(remote_id, items, done, told, existing is not None)
        return replace(made, messages=tuple((spelt(at, written), words) for at, words in made.messages))

    def _first(self, existing: int | None, header: Mapping[str, bytes]) -> Call:
        if existing is None:
            body = b'{"salesOrder":' + an_object(header) + b"}"
            return Call(self._request("POST", "/sales/orders", body=body), ORDER, keep=_order_id)
        return Call(self._request("GET", _path_of_items(str(existing)), looking.WHOLE_PAGE), _BEFORE, keep=_ids)

    def _items(
        self, remote_id: str, items: list[bytes], done: Mapping[str, str], told: list[str], added: bool
    ) -> Creating:
        refusals: list[tuple[str, str]] = []
        made = 0
        for index, item in enumerate(items):
            step = f"item {index + 1}"
            if step not in done:
                body = b'{"salesOrderItem":' + item + b"}"
                answer = yield Call(self._request("POST", _path_of_items(remote_id), body=body), step, keep=_item_id)
                if not answer.is_yes:
                    refusals.extend(messages(answer, f"/items/{index}"))
                    continue
                told += notes(answer.json())
            made += 1
        if not refusals:
            return Made(Fate.CREATED, remote_id, remote_id, note="; ".join(told) or None)
        if added and not made:
            return Made(Fate.REJECTED, messages=tuple(refusals))
        share = f"{made} of {len(items)} items are in order {remote_id}"
        return Made(Fate.INCOMPLETE, remote_id, remote_id, tuple(refusals), "; ".join([share, *told]))

    def look(self, order: bytes, done: Mapping[str, str], pending: str) -> Looking:
        """Whether a step whose answer was lost did happen."""
        ours = json.loads(documented(order, Order))
        if pending == ORDER:
            return (yield from looking.header(self._read, ours))
        remote_id = done.get(ORDER) or str(ours.get("salesOrderId"))
        if pending == _BEFORE:  # it only reads
            return (yield from looking.before(self._read, _path_of_items(remote_id), _ids))
        known = {value for name, value in done.items() if name.startswith("item ")}
        known |= set(filter(None, done.get(_BEFORE, "").split(",")))
        item = ours["items"][int(pending.partition(" ")[2]) - 1]
        return (yield from looking.item(self._read, _path_of_items(remote_id), item, known))

    def see(self, remote_id: str) -> Seeing:
        """How the order stands: its status, a digit."""
        answer = yield self._read(f"/sales/orders/{remote_id}", _NO_PARAMS)
        if answer.status == 404:
            return Seen("not there", gone=True)
        status = inside(answer.json(), "salesorder").get("status")
        return Seen(looking.status_words(status))

    def _read(self, path: str, params: Mapping[str, str]) -> Call:
        return Call(self._request("GET", path, params))

    def _request(
        self, method: str, path: str, params: Mapping[str, str] = _NO_PARAMS, body: bytes | None = None
    ) -> Request:
        return Request(method, path, {**self._params, **params}, body=body)


def _path_of_items(remote_id: str) -> str:
    return f"/sales/orders/{remote_id}/items"


def _order_id(answer: Answer) -> str | None:
    return id_in(inside(answer.json(), "salesorder"), *_ORDER_ID)


def _item_id(answer: Answer) -> str | None:
    return id_in(inside(answer.json(), "salesorderitem"), *_ITEM_ID)


def _ids(answer: Answer) -> str | None:
    """The ids of all items that stand there, as text; with `?` among them when there are more than can be seen."""
    found = rows(answer.json(), "salesorderitem")
    if found is None:
        return None
    ids = [id_in(row, *_ITEM_ID) or looking.UNSEEN for row in found]
    return ",".join([*ids, looking.UNSEEN] if len(found) >= looking.PAGE else ids)
