"""Small parts and what an ERP might tell about them: honest, merely different, careless or hostile; from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from oracle import Case, Entry, Sent

from sobatch.core.order.canonical import content_hash
from sobatch.erp.ports import Kind, Outcome
from sobatch.erp.unit4.entries import outcome_of
from sobatch.erp.unit4.order import SPEC
from sobatch.lifecycle.journal.rows import OrderRow
from sobatch.lifecycle.settle.match.matcher import Matcher, Stated
from sobatch.lifecycle.settle.match.orders import PartOrders

MEMBERS = {key: member for key, (member, _) in SPEC.keys.items()}


def judged(case: Case) -> tuple[bool, list[str], list[int]]:
    """What the product says of a case: whether it adds up, the state of each order, and which may be sent again."""
    raw = [json.dumps(order.members).encode() for order in case.orders]
    with closing(PartOrders(map(row, range(len(raw)), raw))) as orders:
        matcher = Matcher(orders, lambda placed: raw[placed.idx], MEMBERS, SPEC.overruled)
        for kind, entries in ((Kind.FAILED, case.failed), (Kind.CREATED, case.created)):
            matcher.read(kind, [outcome(kind, entry) for entry in entries])
        adds_up = matcher.judge(Stated(case.everyone, case.processed, case.stated_failed))
        states = [verdict.state for verdict in orders.verdicts(over_budget=True)]
        return adds_up, states, list(orders.over_budget())


def row(place: int, raw: bytes) -> OrderRow:
    """An order as the journal has it."""
    facts = SPEC.facts(json.loads(raw))
    nothing = (0, 0, 0, 0, 4, 1)
    keys = facts.number, facts.external, facts.reference
    return OrderRow(place, 1, place, 0, 0, len(raw), *nothing[2:], content_hash(raw), *keys, "pending", None, None)


def outcome(kind: Kind, entry: Entry) -> Outcome:
    """The entry as it is read, out of the JSON that an ERP would write."""
    value = written(entry)
    found = outcome_of(kind, json.dumps(value).encode(), value)
    if entry.position is None:
        return found
    return Outcome(kind, b"", None, found.number, found.order, found.messages, position=entry.position)


def written(entry: Entry) -> dict[str, Any]:
    """An entry as JSON: the order echoed, alone or in a wrapper with the index outside; or only words."""
    words = {"message": entry.words} if entry.words else {}
    number = {} if entry.number is None else {"orderNumber": entry.number}
    if entry.index is None:
        return entry.members | number | words
    if not entry.members:
        return {"index": entry.index} | number | words
    return {"index": entry.index, "errors": [words], "item": entry.members | number}


OVERFLOW = "The number of items to be saved will exceed the maximum allowed limit of 37000."


class Maker:
    """Makes cases. Everything it does is by chance, so that two seeds differ in what they try. `lies` lets entries say
    what is not so, which no reader could see through."""

    def __init__(self, chance: random.Random, most: int = 5, *, lies: bool = True) -> None:
        self._chance, self._most, self._lies = chance, most, lies

    def case(self) -> Case:
        """One part and what is told of it."""
        chance = self._chance
        orders = self._orders(chance.randint(1, self._most))
        truth = chance.choices(("created", "rejected", "neither"), (5, 3, chance.choice((0, 0, 2))), k=len(orders))
        style = chance.choice(("none", "none", "from 0", "from 1", "own 0", "own 1", "wild", "place"))
        echoed = [chance.choice(ECHOES) for _ in ("failed", "created")]
        lists = [
            self._list(orders, [place for place, state in enumerate(truth) if state == kind], echo, style, kind)
            for kind, echo in zip(("rejected", "created"), echoed, strict=True)
        ]
        if chance.random() < 0.06:
            lists.reverse()
        failed, processed = truth.count("rejected"), len(orders) - truth.count("neither")
        if chance.random() < 0.08:
            failed, processed = failed + chance.randint(-1, 1), processed + chance.randint(-1, 1)
        told = chance.choice(TOLD)
        everyone = "neither" not in truth if chance.random() < 0.9 else chance.random() < 0.5
        return Case(orders, *lists, everyone, processed if told[0] else None, failed if told[1] else None)

    def _orders(self, count: int) -> list[Sent]:
        chance, found = self._chance, list[Sent]()
        keyed = chance.choice(("all", "some", "none", "none"))
        for place in range(count):
            if found and chance.random() < 0.3:
                twin = dict(chance.choice(found).members)
                if chance.random() < 0.5:
                    twin |= chance.choice(CHANGES)
                found.append(Sent(twin))
                continue
            members: dict[str, Any] = {"customerId": chance.choice("12"), "orderLines": chance.choice(LINES)}
            if keyed == "all" or (keyed == "some" and chance.random() < 0.5):
                members["externalOrderId"] = f"E{place}"
            for name, values, often in EXTRAS:
                if chance.random() < often:
                    members[name] = chance.choice(values)
            found.append(Sent(members))
        return found

    def truthful(self) -> tuple[Case, list[str]]:
        """A part with what became of its orders: nothing in the lists is false, but for one slip that shows."""
        chance = self._chance
        orders = self._orders(chance.randint(1, self._most))
        truth = chance.choices(("created", "rejected", "neither"), (5, 3, chance.choice((0, 0, 2))), k=len(orders))
        style = chance.choice(("none", "none", "from 0", "from 1", "own 0", "own 1", "place"))
        echoed = [chance.choice(ECHOES) for _ in ("failed", "created")]
        everyone = "neither" not in truth
        named = len({order.key("externalOrderId") for order in orders} - {None}) == len(orders)
        named = named and not {"customer", "nothing"} & {*echoed}
        slip = chance.choice((*["none"] * 8, "foreign", "counts" * everyone, "lost", *["both", "lost again"] * named))
        told = chance.choice(TOLD[: 2 if slip.startswith("lost") and not everyone else None])
        lists = []
        for kind, echo in zip(("rejected", "created"), echoed, strict=True):
            about = [place for place, state in enumerate(truth) if state == kind]
            if slip.startswith("lost") and about:
                about.pop(chance.randrange(len(about)))
            if about and slip not in ("counts", "lost"):
                about += chance.choices(about, k=chance.choice((0, 0, 0, 1, 3)))
            if slip == "both":
                about += [place for place, state in enumerate(truth) if state not in (kind, "neither")][:1]
            chance.shuffle(about)
            lists.append([self._entry(orders[one], one, at, echo, style, kind) for at, one in enumerate(about)])
        if slip == "foreign":
            lists[1].append(Entry({"customerId": "9", "externalOrderId": "X"}))
        off = chance.choice((-1, 1)) if slip == "counts" else 0
        processed, failed = len(orders) - truth.count("neither"), truth.count("rejected") + off
        return Case(orders, *lists, everyone, processed if told[0] else None, failed if told[1] else None), truth

    def _list(self, orders: Sequence[Sent], about: Sequence[int], echo: str, style: str, kind: str) -> list[Entry]:
        chance, told = self._chance, list(about)
        if chance.random() < 0.15 and told:
            told.append(chance.choice(told))
        if chance.random() < 0.06:
            told.append(chance.randrange(len(orders)))
        if chance.random() < 0.06 and told:
            told.pop(chance.randrange(len(told)))
        if chance.random() < 0.4:
            chance.shuffle(told)
        entries = [self._entry(orders[place], place, at, echo, style, kind) for at, place in enumerate(told)]
        if chance.random() < 0.04:
            entries.append(Entry({"customerId": "9", "externalOrderId": "X"}))
        if chance.random() < 0.02:
            entries.append(Entry(words=""))
        return entries

    def _entry(self, order: Sent, place: int, at: int, echo: str, style: str, kind: str) -> Entry:
        chance = self._chance
        kept = ECHOED[echo] if not self._lies or chance.random() < 0.9 else ECHOED[chance.choice(ECHOES)]
        members = {name: each for name, each in order.members.items() if kept is None or name in kept}
        if members and chance.random() < 0.3:
            members = {name: self._rewritten(each) for name, each in members.items()} | {"period": chance.randint(1, 9)}
        if self._lies and members and chance.random() < 0.04:
            members[chance.choice(list(members))] = chance.choice(("1", "2", ""))
        if self._lies and chance.random() < 0.03:
            members |= {"orderNumber": chance.choice((71, 72))}
        index = {"from 0": place, "from 1": place + 1, "own 0": at, "own 1": at + 1, "wild": chance.randint(0, 6)}
        number = chance.choice((71, 72, 73, 900 + at, 900 + at))
        if kind == "created" and chance.random() < 0.5:
            members.pop("orderNumber", None)
        renumbered = "orderNumber" not in members and (self._lies or kind == "created")
        number_told = number if renumbered and chance.random() < 0.5 else None
        where = place if style == "place" else None
        words = OVERFLOW if kind == "rejected" and chance.random() < 0.5 else "no"
        return Entry(members, index.get(style) if chance.random() < 0.95 else None, where, number_told, words)

    def _rewritten(self, value: Any) -> Any:
        if isinstance(value, list):
            return [{name: self._rewritten(each) for name, each in line.items()} for line in value]
        if isinstance(value, int):
            return float(value)
        return f"{value}T00:00:00" if isinstance(value, str) and len(value) == 10 else value


ECHOED: dict[str, tuple[str, ...] | None] = {
    "whole": None,
    "summary": ("customerId", "externalOrderId", "externalReference"),
    "customer": ("customerId",),
    "keys": ("externalOrderId", "orderNumber"),
    "nothing": (),
}
ECHOES = list(ECHOED)
TOLD = ((True, True), (True, True), (True, False), (False, True), (False, False))  # processed, failed
LINES = [
    [{"productCode": "P", "quantity": 1}],
    [{"productCode": "P", "quantity": 2}],
    [{"productCode": "P", "quantity": 1}, {"productCode": "Q", "quantity": 1}],
]
EXTRAS: list[tuple[str, tuple[Any, ...], float]] = [
    ("externalReference", ("R1", "R2"), 0.2),
    ("orderNumber", (71, 72, 73), 0.15),
    ("index", (0, 1, 2), 0.1),
    ("notes", ("a", "b", ""), 0.2),
    ("orderDate", ("2026-04-29", "2026-04-30"), 0.15),
]
CHANGES: list[dict[str, Any]] = [
    {"customerId": "2"},
    {"orderLines": LINES[1]},
    {"externalOrderId": "E9"},
    {"orderNumber": 73},
    {"notes": "c"},
    {"externalReference": "R2"},
]
