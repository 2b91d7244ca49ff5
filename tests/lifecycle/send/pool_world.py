"""Runs against the made-up ERP: a state folder with a staged run, commands over it, and the truth to compare with."""

from __future__ import annotations

import gzip
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from made_up_erp import LINES, Killed, Life, MadeUpErp, TwoCalls

from sobatch.core.cut.staging import PartFacts
from sobatch.core.cut.storage import Disk
from sobatch.core.order.spec import Spec
from sobatch.erp.wire.carrier import OneByOne
from sobatch.errors import Interrupted, NotAllowed, OutcomeUnknown, Temporary
from sobatch.lifecycle.carry import carry_out
from sobatch.lifecycle.events import Event, Said
from sobatch.lifecycle.journal.ledger import Ledger
from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.journal.opening import open_journal
from sobatch.lifecycle.journal.rows import Identity, NewOrder, PartState
from sobatch.lifecycle.mark import Marks
from sobatch.lifecycle.session import Pace, Session

RUN = "20261125-000000-pool"


@dataclass
class Clock:
    """Time that only moves when somebody sleeps."""

    time: float = 1_795_251_600.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def may_end(self) -> Any:
        return nullcontext()

    def on_the_wire(self, cut: Any) -> Any:
        return nullcontext()

    def random(self) -> float:
        return 0.5


@dataclass
class Commits:
    """Commits that the process may die before or after."""

    life: Life

    def commit(self, connection: Any) -> None:
        last = self.life.at("commit")
        if self.life.full_at is not None and self.life.counts["commit"] >= self.life.full_at:
            raise sqlite3.OperationalError("database or disk is full")
        connection.execute("COMMIT")
        if last:
            raise Killed


@dataclass
class World:
    """A state folder with a run of so many orders, and the ERP."""

    folder: Path
    erp: MadeUpErp = field(default_factory=MadeUpErp)
    orders: int = 8
    numbers: bool = False
    clock: Clock = field(default_factory=Clock)
    heard: list[Event] = field(default_factory=list)
    durable: bool = False
    end_after: int | None = None
    """The number of calls after which the end is asked for."""

    def plan(self) -> World:
        """The run, staged: one page, an order a part."""
        self.folder.mkdir(parents=True, exist_ok=True)
        folder = self.folder / "runs" / RUN
        with closing(self._journal(Life())) as journal:
            folder.mkdir(parents=True)
            identity = Identity("made-up", "https://erp.example", "")
            journal.begin_staging(RUN, identity, "orders.json", None, {}, "0")
            for begin in range(0, self.orders, 5000):
                journal.add_staged(RUN, map(self._row, range(begin, min(self.orders, begin + 5000))), ())
            journal.add_staged(RUN, (), self._staged(folder / "page"))
            journal.publish(RUN, "content", "stored")
        return self

    def _row(self, index: int) -> NewOrder:
        raw, number = order(index), f"N{index}" if self.numbers else None
        return NewOrder(
            index, index + 1, 0, 1, 0, len(raw), 1, 1, 2, LINES, hashlib.sha256(raw).digest(), number, None, None
        )

    def _staged(self, page: Path) -> Iterator[PartFacts]:
        with page.open("wb") as file:
            for index in range(self.orders):
                text = b"[" + order(index) + b"]\n"
                packed, digest = gzip.compress(text, 1, mtime=0), hashlib.sha256(text).hexdigest()
                own, start = hashlib.sha256(packed).hexdigest(), file.tell()
                file.write(packed)
                yield PartFacts(index + 1, "", 1, LINES, 2, page, len(packed), own, len(text), digest, start)

    def _journal(self, life: Life) -> Journal:
        journal = open_journal(self.folder, self.clock.now, Commits(life))
        if not self.durable:
            journal._db.execute("PRAGMA synchronous=OFF")
        return journal

    def session(self, journal: Journal) -> Session:
        """A command's ports."""
        target = OneByOne(
            "made-up", "https://erp.example", TwoCalls(), self.erp, self.clock, unique=self.erp.unique, lag=1.0
        )
        marks = Marks(None, Disk())
        spec = cast(Spec, None)

        def ends() -> bool:
            return self.end_after is not None and self.erp.calls >= self.end_after

        def stop() -> None:
            if ends():
                raise Interrupted(2, "stopped by a signal")

        begun, heard = (lambda *_: nullcontext()), self.heard.append
        return Session(journal, Disk(), target, self.clock, spec, self.folder, heard, stop, marks, begun, ends=ends)

    def cancel(self) -> None:
        """The operator wants no more of it."""
        with closing(self._journal(Life())) as journal:
            journal.mark_cancelled(RUN)

    def carry(self, life: Life | None = None, *, in_flight: int = 4, send: bool = True, **pace: Any) -> int | None:
        """One command: its exit code, or the error it ends with."""
        self.erp.life = life = life or Life()
        with closing(self._journal(life)) as journal:
            return carry_out(self.session(journal), RUN, Pace(in_flight=in_flight, **pace), send=send)

    def restored(self) -> None:
        """The operator says that the journal is a copy."""
        with closing(self._journal(Life())) as journal:
            journal.doubt_unsent(RUN, "the journal was restored", restored=True)

    def ledger(self) -> Ledger:
        """What the journal says of the orders."""
        with closing(self._journal(Life())) as journal:
            return journal.ledger(RUN)

    def said(self) -> str:
        """All that was said."""
        return "\n".join(event.text for event in self.heard if isinstance(event, Said))


def order(index: int) -> bytes:
    """An order as the user wrote it."""
    lines = [{"product": f"P{line}", "quantity": 1} for line in range(LINES)]
    return json.dumps({"ref": f"E{index:05d}", "lines": lines}).encode()


def to_the_end(world: World) -> int | None:
    """The same command until it is through; an operator who knows the ERP decides where nothing is found there."""
    for _ in range(10):
        try:
            return world.carry()
        except OutcomeUnknown:
            with closing(world._journal(Life())) as journal:
                for part in journal.parts_after(RUN, PartState.UNKNOWN, 0, -1):
                    attempt = journal.live_attempt(part)
                    assert attempt is not None
                    journal.release(attempt.id, part, "absent", decided_by="an operator")
        except (Temporary, NotAllowed):
            pass
    raise AssertionError("it does not come to an end")


def mind_the_truth(world: World) -> Ledger:
    """No order twice, no line twice, none lost: what the ledger says is what the ERP has."""
    ledger = world.ledger().checked("the run")
    with closing(world._journal(Life())) as journal:
        verdicts = {row.idx: row for row in journal.orders(RUN)}
    assert set(verdicts) == set(range(world.orders))
    for index, row in verdicts.items():
        there = [each for each in world.erp.orders.values() if each["ref"] == f"E{index:05d}"]
        assert len(there) <= 1, f"order {index} is there twice"
        lines = len(there[0]["lines"]) if there else None
        expected = {"created": LINES, "incomplete": 0, "rejected": None, "not_created": None, "unknown": lines}
        assert row.state in expected and expected[row.state] == lines, (index, row.state, lines)
        if there and row.state != "unknown":
            assert row.remote_number == there[0]["id"], "it is named otherwise"
    return ledger
