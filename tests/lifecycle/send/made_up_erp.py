"""A made-up ERP in memory that takes an order in two calls, header and lines, its dialect, and what it is to answer.

A kill is a flag that everybody runs into: from then on the process that was killed neither writes nor sends.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sobatch.erp.exchange import Answer, Request
from sobatch.erp.one_by_one import ORDER, Call, Creating, Fate, Looking, Made, Present, Seeing, Seen
from sobatch.erp.ports import CannotTell, InDoubt, NotListed, NotSent

LINES = 2


class Killed(BaseException):
    """The process is no more."""


@dataclass
class Life:
    """Whether the process is alive. `die_at`: what of it dies, such as ("call", 3) or ("commit", 5)."""

    die_at: tuple[str, int] | None = None
    after: bool = False
    """Whether it dies after what it was to do was done."""
    dead: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    full_at: int | None = None
    """The commit from which on the disk is full."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, what: str) -> bool:
        """Count a deed. Raises `Killed` if it is not done; True if it is the last one."""
        with self.lock:
            self.counts[what] += 1
            last = self.die_at == (what, self.counts[what])
            if self.dead or (last and not self.after):
                self.dead = True
                raise Killed
            self.dead = last
            return last


class TwoCalls:
    """Its dialect."""

    refused = frozenset({409})
    doubtful: frozenset[int] = frozenset()

    def create(self, order: bytes, done: Mapping[str, str]) -> Creating:
        data = json.loads(order)
        remote = done.get(ORDER)
        if remote is None:
            answer = yield Call(Request("POST", "/orders", body=order), ORDER, _created_id)
            remote = _created_id(answer)
            if answer.status >= 400 or remote is None:
                return Made(Fate.REJECTED, messages=(("/ref", str(answer.json())),))
        if "lines" not in done:
            body = json.dumps({"lines": data["lines"]}).encode()
            answer = yield Call(Request("POST", f"/orders/{remote}/lines", body=body), "lines", _no_value)
            if answer.status >= 400:
                return Made(Fate.INCOMPLETE, remote, remote, note=f"0 of {len(data['lines'])} lines")
        return Made(Fate.CREATED, remote, remote)

    def look(self, order: bytes, done: Mapping[str, str], pending: str) -> Looking:
        answer = yield Call(Request("GET", "/orders", {"ref": json.loads(order)["ref"]}))
        found = answer.json()
        if len(found) > 1:
            return CannotTell("there are several of them", tuple(each["id"] for each in found))
        if not found or (pending == "lines" and not found[0]["lines"]):
            return NotListed("The list does not show it.", thorough=True)
        return Present(found[0]["id"] if pending == ORDER else "", "the list shows it")

    def see(self, remote_id: str) -> Seeing:
        answer = yield Call(Request("GET", f"/orders/{remote_id}"))
        return Seen("new") if answer.status == 200 else Seen("", gone=True)


def _created_id(answer: Answer) -> str | None:
    data = answer.json()
    return data.get("id") if isinstance(data, dict) else None


def _no_value(answer: Answer) -> str | None:
    return "" if isinstance(answer.json(), dict) else None


@dataclass
class MadeUpErp:
    """What it has, and how it answers: `faults` by the number of the call that changes something, from 1."""

    life: Life = field(default_factory=Life)
    faults: Mapping[int, str | Answer | Exception] = field(default_factory=dict)
    always: str | None = None
    blind: int = 0
    """So many looks show nothing, whatever is there."""
    latency: float = 0.0
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: int = 0
    most_at_once: int = 0
    unique: bool = False
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def prepare(self) -> None:
        """It wants no token."""

    def ready(self, request: Request) -> None:
        """It has no pace, unless the process is killed while it waits for one."""
        if self.life.at("wait"):
            raise Killed

    def renew(self) -> bool:
        return True

    def redacted(self, text: str) -> str:
        return text

    def close(self) -> None:
        """It is in memory."""

    def exchange(self, request: Request) -> Answer:
        with self._lock:
            self.calls += 1
            fault = self.faults.get(self.calls, self.always)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            if self.latency or fault == "slow":
                time.sleep(self.latency or 0.02)
            return self._answer(request, fault)
        finally:
            with self._lock:
                self._at_once -= 1

    def _answer(self, request: Request, fault: str | Answer | Exception | None) -> Answer:
        last = self.life.at("call")
        answer: Answer | Exception
        if fault is not None and not isinstance(fault, str):
            answer = fault
        elif fault in BEFORE:
            answer = BEFORE[fault]
        else:
            with self._lock:
                answer = self._made(request)
            answer = AFTER.get(fault or "", answer)
        if last:
            raise Killed
        if isinstance(answer, Exception):
            raise type(answer)(str(answer))
        return answer

    def _made(self, request: Request) -> Answer:
        assert request.body is not None
        data = json.loads(request.body)
        if request.path == "/orders":
            if self.unique and any(each["ref"] == data["ref"] for each in self.orders.values()):
                return Answer(409, body=b'{"error": "this number exists"}')
            remote = f"R{len(self.orders) + 1:05d}"
            self.orders[remote] = {"id": remote, "ref": data["ref"], "lines": []}
            return Answer(201, body=json.dumps({"id": remote}).encode())
        self.orders[request.path.split("/")[2]]["lines"] += data["lines"]
        return Answer(201, body=b"{}")

    def look(self, request: Request) -> Answer:
        if self.life.dead:
            raise Killed
        with self._lock:
            if request.path != "/orders":
                known = request.path.split("/")[2] in self.orders
                return Answer(200 if known else 404, body=b"{}")
            self.blind -= 1
            found = (
                []
                if self.blind >= 0
                else [each for each in self.orders.values() if each["ref"] == request.params["ref"]]
            )
            return Answer(200, body=json.dumps(found).encode())

    def refs(self) -> Counter[str]:
        """How often each order is there."""
        return Counter(each["ref"] for each in self.orders.values())

    def line_counts(self) -> set[int]:
        """How many lines the orders have that are there."""
        return {len(each["lines"]) for each in self.orders.values()}


BEFORE: Mapping[str, Answer | Exception] = {
    "no": Answer(422, body=b'{"error": "no such customer"}'),
    "lost before": InDoubt("the answer was lost"),
    "not sent": NotSent("no connection"),
    "throttled": Answer(429, {"retry-after": "0"}),
    "expired": Answer(401),
    "broken before": Answer(503),
}
"""Answers of a server that did nothing."""
AFTER: Mapping[str, Answer | Exception] = {
    "lost after": InDoubt("the answer was lost"),
    "garbage": Answer(201, body=b"<html>"),
    "broken after": Answer(500, body=b"oops"),
    "another status": Answer(302),
    "the same id": Answer(201, body=b'{"id": "R00001"}'),
}
"""Answers of one that did what it was asked."""
ANSWERS = ("yes", "slow", *BEFORE, *AFTER)
