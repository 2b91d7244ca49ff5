"""What the entries say about orders whose verdict is known: new numbers and reasons. And the little that is believed
where the lists do not add up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain, groupby, islice

from sobatch.erp.ports import Kind
from sobatch.lifecycle.settle.match.lists import Lists
from sobatch.lifecycle.settle.match.orders import PartOrders

_MOST_REASONS = 200
_MOST_QUOTED = 20

_Entry = tuple[str | None, str, int]  # number, messages, over the budget


def give_numbers(orders: PartOrders) -> None:
    """New numbers for created orders: of several equal ones in any order, of no others."""
    query = "SELECT count(*), count(number) FROM entry WHERE kind = ? AND home = ?"
    for unit, entries in _by_home(orders, Kind.CREATED):
        positions = orders.in_state(unit, "created")
        if len(positions) == 1:
            orders.give_number(positions[0], next((number for number, _, _ in entries if number is not None), None))
        elif orders.db.execute(query, (Kind.CREATED, unit)).fetchone() == (len(positions),) * 2:
            for position, (number, _, _) in zip(positions, entries, strict=True):
                orders.give_number(position, number)
    orders.mark_nameless()


def give_reasons(orders: PartOrders) -> None:
    """The server's words for every rejected order: those of its own entries, else some of those that are nobody's."""
    for unit, entries in _by_home(orders, Kind.FAILED):
        positions = orders.in_state(unit, "rejected")
        if len(positions) == 1:
            its = list(islice(entries, _MOST_REASONS))
            over = all(over for _, _, over in chain(its, entries))
            orders.give_reasons(positions[0], _joined(its, _MOST_REASONS), over_budget=over)
            continue
        for position, entry in zip(positions, entries, strict=False):
            orders.give_reasons(position, _joined([entry], _MOST_REASONS), over_budget=bool(entry[2]))
        if not all(over for _, _, over in entries):
            orders.keep_from_cutting(positions)  # one of them has another reason, too
    query = "SELECT number, messages, over FROM entry WHERE kind = ? AND home IS NULL"
    loose = orders.db.execute(f"{query} LIMIT ?", (Kind.FAILED, _MOST_QUOTED)).fetchall()
    if loose:
        other = orders.db.execute(f"{query} AND over = 0 LIMIT 1", (Kind.FAILED,)).fetchone()
        orders.give_left_reasons(_joined(loose, _MOST_QUOTED), over_budget=other is None)


def only_believed(orders: PartOrders, lists: Lists, created: int | None) -> None:
    """Verdicts where no assignment is consistent. `created` is how many created orders the ERP states."""
    db = orders.db
    lists.note_claims()
    db.execute("UPDATE one SET state = 'unknown'")
    claimed = "unit IN (SELECT home FROM entry WHERE kind = ? AND home IS NOT NULL)"
    doubted = "unit IN (SELECT unit FROM doubt WHERE kind = ?)"
    for kind, other, state in ((Kind.CREATED, Kind.FAILED, "created"), (Kind.FAILED, Kind.CREATED, "rejected")):
        if kind is Kind.FAILED and not _created_all_told(orders, created):
            db.execute("UPDATE entry SET home = NULL WHERE kind = ?", (kind,))
            return
        query = f"UPDATE one SET state = ? WHERE {claimed} AND NOT {doubted}"
        db.execute(query, (state, kind, other))


def _created_all_told(orders: PartOrders, created: int | None) -> bool:
    """Whether every created entry has its order, and no more orders are said to be created."""
    query = "SELECT count(*), count(home), count(DISTINCT home) FROM entry WHERE kind = ?"
    entries, told, different = orders.db.execute(query, (Kind.CREATED,)).fetchone()
    return entries == told and (created is None or created <= different)


def _by_home(orders: PartOrders, kind: Kind) -> Iterator[tuple[int, Iterator[_Entry]]]:
    """The entries of each unit that has some of its own."""
    orders.db.execute("CREATE INDEX IF NOT EXISTS entry_by_home ON entry (kind, home)")
    query = "SELECT number, messages, over, home FROM entry WHERE kind = ? AND home IS NOT NULL ORDER BY home, seq"
    for unit, rows in groupby(orders.db.execute(query, (kind,)), key=lambda row: row[3]):
        yield unit, (row[:3] for row in rows)


def _joined(entries: Sequence[_Entry], most: int) -> str:
    """The words of several entries, each once."""
    found: dict[str, object] = {}
    for _, messages, _ in entries:
        for message in json.loads(messages):
            found.setdefault(json.dumps(message, sort_keys=True), message)
    return json.dumps(list(found.values())[:most], ensure_ascii=False)
