"""How MYOB EXO is spoken to: one POST an order, after a POST that only validates where that is wished.

A bare 500 is its answer to over-long text as well as to a failure after the order was stored, so it proves nothing: the
order is looked for before anything else is done. `POST /salesorder/validate` stores nothing and may be repeated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sobatch.erp.exchange import Answer, Request, small
from sobatch.erp.myob_exo.changes import changes
from sobatch.erp.myob_exo.words import messages
from sobatch.erp.one_by_one import Call, Creating, Fate, Looking, Made, Present, Seeing, Seen
from sobatch.erp.ports import CannotTell, NotListed

_STEP = "order"
_PAGE = 100  # "pagesize" is 10 by default and 100 at most
_MOST_PAGES = 200
_KEYS = ("reference", "customerordernumber")
_STATUS = {0: "not processed", 1: "partly processed", 2: "processed", 3: "quotation", 4: "standing order", 5: "layby"}


class MyobExo:
    """The dialect. `validate_first`: the server completes each order, and what it gives back is sent."""

    refused: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()

    def __init__(self, *, validate_first: bool = False) -> None:
        self._validate_first = validate_first

    def create(self, order: bytes, done: Mapping[str, str]) -> Creating:
        """Make the order."""
        kept, note = done.get(_STEP), None
        if kept is None:
            body = order
            if self._validate_first:
                answer = yield Call(Request("POST", "/salesorder/validate", body=order))
                ours, completed = small(json.loads(order)), small(answer.json())
                if answer.status != 200 or not isinstance(completed, dict) or not same(ours, completed):
                    words = messages(answer, json.loads(order))
                    return Made(Fate.REJECTED, messages=words, note="refused by the server's validation")
                body, note = answer.body, changes(ours, completed)
            answer = yield Call(Request("POST", "/salesorder", body=body), _STEP, keep=_id)
            if not answer.is_yes:
                return Made(Fate.REJECTED, messages=messages(answer, json.loads(order)))
            kept = _id(answer)
        return Made(Fate.CREATED, kept, kept, note=note)

    def look(self, order: bytes, done: Mapping[str, str], pending: str) -> Looking:
        """Look through the debtor's orders, newest first, for the one with this reference and these lines."""
        ours = small(json.loads(order))
        key = next((name for name in _KEYS if isinstance(ours.get(name), str) and ours[name]), None)
        if key is None:
            return CannotTell("the order has no reference and no customer's order number, so it cannot be looked for")
        alike: list[str] = []
        looked, whole = 0, False
        for page in range(1, _MOST_PAGES + 1):
            answer = yield Call(_list(ours.get("debtorid"), page))
            rows = small(answer.json()) if answer.status == 200 else []
            if not isinstance(rows, list) or answer.status not in (200, 404):
                return CannotTell(f"the list of sales orders could not be read (status {answer.status})")
            looked += len(rows)
            alike.extend(_alike(rows, ours, key))
            if len(rows) < _PAGE:
                whole = True
                break
        what = f"{key} {ours[key]!r} of debtor {ours.get('debtorid')}"
        alike = list(dict.fromkeys(alike))  # a list that grows meanwhile shows some of its rows twice
        if not alike:
            seen = "all" if whole else "the newest"
            words = f"{seen} {looked:,} orders that the list shows were read, and none has the {what}."
            return NotListed(words, thorough=whole)
        if len(alike) > 1:
            return CannotTell(f"several orders have the {what}: {', '.join(alike[:5])}", tuple(alike))
        answer = yield Call(Request("GET", f"/salesorder/{alike[0]}"))
        found = small(answer.json())
        if answer.status == 200 and isinstance(found, dict) and same(ours, found):
            return Present(alike[0], f"order {alike[0]} has the {what} and the same lines")
        return CannotTell(f"order {alike[0]} has the {what}, but not in all the same content", tuple(alike))

    def see(self, remote_id: str) -> Seeing:
        """How the order stands: its status, and whether it was deleted."""
        answer = yield Call(Request("GET", f"/salesorder/{remote_id}"))
        found = small(answer.json())
        if answer.status == 404:
            return Seen("not there", gone=True)
        if answer.status != 200 or not isinstance(found, dict):
            return Seen(f"status {answer.status}")
        status, finalised = found.get("status"), found.get("finalised")
        word = _STATUS.get(status, f"status {status}") if isinstance(status, int) else "status not shown"
        return Seen(word, cancelled=finalised == 1, delivered=status == 2)


def _list(debtor: Any, page: int) -> Request:
    shown = {"$filter": f"debtorid eq {debtor}", "$orderby": "id desc", "page": str(page), "pagesize": str(_PAGE)}
    return Request("GET", "/salesorder", shown)


def _id(answer: Answer) -> str | None:
    """The id of the order in an answer; None when there is none that makes sense."""
    found = small(answer.json())
    number = found.get("id") if isinstance(found, dict) else None
    return str(number) if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None


def _alike(rows: list[Any], ours: Mapping[str, Any], key: str) -> list[str]:
    """The ids of the rows that have our key, each once."""
    mine = (row for row in rows if isinstance(row, dict) and row.get(key) == ours[key])
    return list(dict.fromkeys(str(row["id"]) for row in mine if isinstance(row.get("id"), int)))


def same(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Whether an order is ours: debtor and keys agree, and every line of ours is among the lines that it shows."""
    if any(ours.get(name) and theirs.get(name, ours[name]) != ours[name] for name in ("debtorid", *_KEYS)):
        return False
    shown, wanted = theirs.get("lines"), ours.get("lines") or []
    if not isinstance(shown, list):
        return shown is None and not wanted
    left = [_line(line) for line in shown if isinstance(line, dict)]
    for line in wanted:
        if not isinstance(line, dict) or "stockcode" not in line:
            continue  # a bill of materials comes back as its parts, a comment perhaps not at all
        if _line(line) not in left:
            return False
        left.remove(_line(line))
    return True


def _line(line: Mapping[str, Any]) -> tuple[Any, Any]:
    return line.get("stockcode"), line.get("orderquantity")
