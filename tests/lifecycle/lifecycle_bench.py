"""Whole commands in this process, beside a pretend ERP on a socket, and one clock that both of them go by.

Nobody waits: a sleep moves the clock. So hours of following take seconds, and a batch can be met at any order it is at.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import sobatch.work.bench
from sobatch.cli.main import main
from sobatch.sandbox import Sandbox

NOON = 1_795_251_600.0


@dataclass
class Clock:
    """Time for everybody; it moves only when somebody sleeps, or when a test says so."""

    time: float = NOON
    chance: float = 0.5
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time - NOON + 1000.0

    def sleep(self, seconds: float) -> None:
        if seconds:  # nothing but a chance for a signal otherwise
            self.slept.append(seconds)
            self.time += seconds

    def may_end(self) -> AbstractContextManager[None]:
        return nullcontext()

    def on_the_wire(self, cut: Callable[[], None]) -> AbstractContextManager[None]:
        return nullcontext()

    def random(self) -> float:
        return self.chance


@dataclass(frozen=True)
class Told:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def run(self) -> dict[str, Any]:
        """The run it speaks of, when JSON was asked for."""
        result = json.loads(self.out)["result"]
        return dict(result["runs"][0] if "runs" in result else result)

    @property
    def error(self) -> dict[str, Any]:
        """What went wrong, when JSON was asked for."""
        document = json.loads(self.out)
        return dict(document.get("error") or document["result"]["runs"][0]["error"])


@dataclass
class Bench:
    """A user's folder, a clock and an ERP."""

    folder: Path
    clock: Clock
    erp: Sandbox
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def __call__(self, *arguments: str, stdin: str = "") -> Told:
        """Run a command and ask for JSON."""
        self.capture.readouterr()
        with self.patch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"))
            patch.setattr(sobatch.work.bench, "RealClock", lambda signals: self.clock)
            patch.setattr(sobatch.work.bench.time, "time", self.clock.now)
            code = main([*arguments, "--output", "json"])
        said = self.capture.readouterr()
        assert "Traceback" not in said.err, said.err
        return Told(code, said.out, said.err)

    def file(self, raw: list[bytes], name: str = "orders.json") -> str:
        """An order file; its path."""
        path = self.folder / name
        path.write_bytes(b"[\n" + b",\n".join(raw) + b"\n]\n")
        return str(path)

    def settings(self, **variables: str) -> None:
        """Set environment variables for the commands that follow."""
        for name, value in variables.items():
            self.patch.setenv(f"SOBATCH_{name}", value)

    @property
    def address(self) -> str:
        """Where the ERP is."""
        return os.environ["SOBATCH_BASE_URL"]

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.folder / "state"

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the journal, read as a plain database."""
        with closing(sqlite3.connect(self.state / "journal.sqlite")) as journal:
            return journal.execute(query, values).fetchall()

    def created(self) -> Counter[str]:
        """What the ERP really saved: fingerprints of orders, and how often each."""
        self.erp.settle()
        return Counter(each.sha256 for each in self.erp.created())

    def posts(self) -> int:
        """How many sends the ERP saw."""
        return sum(each.place == "submit" for each in self.erp.requests())


def order(number: int, **members: Any) -> bytes:
    """A good order as a user wrote it; every number makes another one."""
    line = {"productCode": "1000", "price": 50.5, "quantity": 1}
    whole = {
        "customerId": "1000",
        "transactionType": "SO",
        "responsible": "FRED",
        "salesPerson": "SYSEN",
        "externalOrderId": f"E{number:05d}",
        "orderLines": [line],
    } | members
    return json.dumps({name: value for name, value in whole.items() if value is not None}).encode()


def prints(raw: list[bytes]) -> Counter[str]:
    """Fingerprints as the ERP takes them."""
    return Counter(hashlib.sha256(each).hexdigest() for each in raw)


def orders_in(path: str | Path) -> list[bytes]:
    """The orders of a file that sobatch wrote: one a line, between brackets."""
    lines = Path(path).read_bytes().splitlines()
    assert lines[0] == b"[" and lines[-1] == b"]"
    return [line.removesuffix(b",") for line in lines[1:-1]]
