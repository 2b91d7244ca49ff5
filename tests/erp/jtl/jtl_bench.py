"""A pretend JTL, a target, and one order on its way, with the steps that a journal would have of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from erp_doubles import NOON, FakeClock, connection, part_at

from sobatch.erp.jtl.api import LAG, build
from sobatch.erp.ports import Attempt, GoesOn, InDoubt, Receipt
from sobatch.erp.slices import elements
from sobatch.sandbox.jtl.app import Sandbox
from sobatch.sandbox.jtl.options import TENANT

SAMPLE = (Path(__file__).resolve().parents[3] / "samples" / "jtl" / "orders.json").read_bytes()
ORDERS = elements(SAMPLE)
SETTINGS = {"tenant_id": TENANT, "app_id": "test/1.0", "app_version": "1.0", "api_key": lambda: "planted-key-1"}
ACCESS = {
    "client_id": "sandbox",
    "client_secret": lambda: "sandbox",
    "token_url": "http://sandbox.localhost/oauth2/token",
}


@dataclass
class Steps:
    """The steps of one order, as a journal would have them."""

    done_so_far: dict[str, str] = field(default_factory=dict)
    pending: str | None = None
    refusals: list[str] = field(default_factory=list)
    again: frozenset[str] = frozenset()

    def acknowledged(self, receipt: Receipt) -> None:
        pass

    def recorded(self) -> dict[str, str]:
        return dict(self.done_so_far)

    def begin(self, step: str) -> None:
        assert self.pending is None and step not in self.done_so_far
        self.pending = step

    def done(self, step: str, value: str) -> None:
        self.pending, self.done_so_far[step] = None, value

    def refused(self, step: str, words: str) -> None:
        self.pending = None
        self.refusals.append(words)

    def doubted(self, step: str) -> bool:
        return step in self.again


@dataclass
class Bench:
    """A pretend JTL, a target, and one order on its way."""

    folder: Path
    world: Sandbox
    clock: FakeClock
    steps: Steps = field(default_factory=Steps)
    settings: dict[str, Any] = field(default_factory=dict)
    access: dict[str, Any] = field(default_factory=lambda: dict(ACCESS))
    order: bytes = ORDERS[0]

    def __post_init__(self) -> None:
        self.target = self.built()

    def built(self) -> Any:
        made = connection(
            "http://sandbox.localhost/erp",
            transport=httpx.WSGITransport(app=self.world),
            options={**SETTINGS, **self.settings},
            **self.access,
        )
        return build(made, self.clock)

    def send(self) -> Receipt:
        self.target.prepare()
        receipt: Receipt = self.target.send(
            part_at(self.folder, b"[" + self.order + b"]", 1), self.steps, lambda _: None
        )
        return receipt

    def find(self, waited: float = LAG) -> Any:
        part = part_at(self.folder, b"[" + self.order + b"]", 1)
        return self.target.find(
            Attempt(
                part, None, NOON, NOON, None, frozenset(), {}, waited, 0.0,
                done=self.steps.recorded(), pending=self.steps.pending, number=json.loads(self.order).get("Number"),
            )
        )  # fmt: skip

    def settled(self) -> Any:
        """Look, and go on, until the order has an end."""
        for _ in range(9):
            found = self.find()
            if not isinstance(found, GoesOn):
                return found
            if found.step is not None:
                self.steps.done(*found.step)
            try:
                return self.send()
            except InDoubt:
                continue
        raise AssertionError("no end in sight")

    def tell(self, **options: Any) -> None:
        self.world.options = replace(self.world.options, **options)

    def truth(self) -> tuple[int, int]:
        return len(self.world.made()), len(self.world.made("line"))


def outcome(receipt: Any) -> Any:
    return receipt.final[0]
