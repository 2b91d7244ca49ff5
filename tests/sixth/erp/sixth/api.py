"""How to talk to the sixth ERP: one call an order, and a look by its reference."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sobatch.erp.exchange import Answer, Request
from sobatch.erp.one_by_one import ORDER, Call, Creating, Fate, Looking, Made, Present, Seeing, Seen
from sobatch.erp.ports import Clock, Connection, NotListed
from sobatch.erp.wire.authority import Fixed, needed
from sobatch.erp.wire.caller import Caller
from sobatch.erp.wire.carrier import OneByOne


def _number(answer: Answer) -> str | None:
    told = answer.json()
    return str(told["no"]) if isinstance(told, dict) and "no" in told else None


class Sixth:
    """The dialect."""

    refused: frozenset[int] = frozenset({409})
    doubtful: frozenset[int] = frozenset()

    def create(self, order: bytes, done: Mapping[str, str]) -> Creating:
        """One call."""
        number = done.get(ORDER)
        if number is None:
            answer = yield Call(Request("POST", "/orders", body=order), ORDER, _number)
            number = _number(answer)
        return Made(Fate.REJECTED) if number is None else Made(Fate.CREATED, number, number)

    def look(self, order: bytes, done: Mapping[str, str], pending: str) -> Looking:
        """By the reference."""
        answer = yield Call(Request("GET", "/orders", {"ref": json.loads(order)["ref"]}))
        number = _number(answer)
        return NotListed("looked by reference") if number is None else Present(number, "found by reference")

    def see(self, remote_id: str) -> Seeing:
        """By the number."""
        answer = yield Call(Request("GET", "/orders", {"no": remote_id}))
        return Seen("open", gone=_number(answer) is None)


def build(connection: Connection, clock: Clock) -> OneByOne:
    """The target: a key in a header, the branch in another."""
    headers = {"X-Key": needed(connection.options["sixth_key"], "sixth_key"), "X-Branch": str(connection.company)}
    line = Caller(connection, clock, lambda _, redact: Fixed(headers, redact))
    return OneByOne("sixth", line.address, Sixth(), line, clock)
