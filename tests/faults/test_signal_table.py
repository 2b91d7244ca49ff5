"""Every signal in every phase: the command ends, nothing is lost by it, and the same command goes on.

Each phase is reached by a hook that cannot be missed: a pipe that stays silent, work that never ends by itself, a query
without end, a server whose answer drips. So whatever ends the command is the signal. `pytest -m full -s` prints the
table.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
from fault_process import Child
from fault_world import World, order, raw_orders
from test_signals import SIGNALS, when

import sobatch.core.check.examine as examine
import sobatch.core.cut.staging as staging
import sobatch.lifecycle.journal.queries as queries
import sobatch.lifecycle.settle.close as close
import sobatch.work.signals as ends

PARTS = 3
NEVER = 600.0
DRIP = 0.5  # seconds between two bytes of an answer: more than a minute for its headers alone
Hook = Callable[[Path], None]


def spin(here: Path) -> NoReturn:
    """Work that never ends by itself."""
    here.touch()
    while True:
        pass


def in_place_of(owner: Any, name: str, spot: Callable[..., Any] = spin) -> Hook:
    """In a child: a piece of work that is reached, and not left again."""
    assert hasattr(owner, name)

    def hook(here: Path) -> None:
        setattr(owner, name, lambda *given, **named: spot(here))

    return hook


def endless_query(here: Path) -> None:
    """In a child: a look at the journal that is one long call of SQLite's."""

    def look(self: queries.Queries, *given: object) -> list[object]:
        here.touch()
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        return self._db.execute(endless).fetchall()

    assert hasattr(queries.Queries, "created_before")
    queries.Queries.created_before = look  # type: ignore[assignment]


def no_handler_runs(here: Path) -> None:
    """In a child: a call that lets other threads run, but no handler: like a name that nobody resolves."""

    def look(self: Any, *given: object) -> NoReturn:
        here.touch()
        hashlib.pbkdf2_hmac("sha256", b"so", b"batch", 2_000_000_000)
        raise AssertionError("it came to its end")

    assert hasattr(queries.Queries, "created_before")
    queries.Queries.created_before = look  # type: ignore[method-assign]


def half_written(here: Path) -> None:
    """In a child: a file of rejects that has begun, and never ends."""

    def write(slices: Any, file: Any, reasons: Any) -> None:
        file.write(b"[\n")
        spin(here)

    assert hasattr(close, "_write_slices")
    close._write_slices = write  # type: ignore[assignment]


@dataclass(frozen=True)
class Phase:
    """A phase of a submit: how it is reached and held. `fault` is the place where the server's answer drips."""

    hook: Hook | None = None
    fault: str | None = None
    nth: int = 1
    piped: bool = False
    state: str | None = "open"
    in_doubt: bool = False


PHASES = {
    "reading": Phase(piped=True, state=None),
    "checking": Phase(in_place_of(examine.Examiner, "add"), state=None),
    "staging": Phase(in_place_of(staging.Staging, "add"), state=None),
    "looking back": Phase(endless_query, state=None),
    "in a deaf call": Phase(no_handler_runs, state=None),
    "token": Phase(fault="token", state=None),
    "sending": Phase(fault="submit", nth=2, in_doubt=True),
    "polling": Phase(fault="status"),
    "collecting": Phase(fault="results"),
    "collecting, later": Phase(fault="success"),
    "writing": Phase(half_written),
}
GATE = [("reading", signal.SIGTERM), ("looking back", signal.SIGINT), ("in a deaf call", signal.SIGINT),
        ("sending", signal.SIGTERM), ("collecting", signal.SIGHUP), ("writing", signal.SIGINT)]  # fmt: skip


def held(made: World, phase: Phase, arm: Callable[[], None] = lambda: None, *more: str) -> Child:
    """A submit that stands in a phase, and stays there."""
    here = made.folder / "here"
    if phase.fault:
        made.erp.fault(phase.fault, "drip", nth=phase.nth, seconds=DRIP)
    if phase.piped:
        os.mkfifo(made.folder / "pipe")

    def armed() -> None:
        ends.TO_ANSWER = 0.5  # type: ignore[misc]
        if phase.hook is not no_handler_runs:
            ends.TO_LEAVE = 30.0  # type: ignore[misc]  # a slow machine may take its time
        if phase.hook:
            phase.hook(here)
        arm()

    line = [*made.submit_line, *more]
    if phase.piped:
        line[1] = str(made.folder / "pipe")
    child = made.begin(*line, arm=armed, real_time=True)
    if phase.piped:
        threading.Thread(target=silent_writer, args=(made.folder / "pipe", here), daemon=True).start()
    if phase.fault:
        when(made, lambda: len(made.erp.requests(phase.fault)) >= phase.nth)
    else:
        when(made, here.exists)
    return child


def silent_writer(pipe: Path, here: Path) -> None:
    """Says little, and then nothing, for as long as somebody reads."""
    writer = os.open(pipe, os.O_WRONLY)
    os.write(writer, b"[")
    here.touch()
    threading.Event().wait(NEVER)


def seen(made: World, phase: Phase) -> str:
    """The state after, held against what it has to be."""
    runs = made.ask("SELECT state FROM run WHERE state <> 'staging'")
    assert [state for (state,) in runs] == ([phase.state] if phase.state else []), runs
    parts = [state for (state,) in made.ask("SELECT state FROM part ORDER BY number")]
    assert bool(made.in_doubt()) == phase.in_doubt
    assert not list(made.folder.glob("*.tmp")) and not list(made.folder.glob(".*.tmp")), "half a file is left"
    return "nothing kept" if phase.state is None else ", ".join(parts)


def one(make: Callable[..., World], name: str, number: signal.Signals) -> str:
    """One cell of the table: a line of it."""
    phase = PHASES[name]
    made = make([*raw_orders(PARTS), json.dumps(order(PARTS, customerId="9999")).encode()])
    made.settings["read_timeout"] = made.settings["send_timeout"] = "300s"
    made.configure()
    child = held(made, phase)
    ran = child.interrupted(number)
    assert ran.code == SIGNALS[number], ran.err
    assert "Traceback" not in ran.err and "Exception ignored" not in ran.err
    assert (
        "next: sobatch submit" in ran.err
        or name == "in a deaf call"
        or (phase.state and "next: sobatch status" in ran.err)
    ), ran.err
    made.verify(ran.code)
    state = seen(made, phase)
    made.erp.no_faults()
    made.configure(read_timeout="2s", send_timeout="2s")
    codes = made.finish()
    assert codes[-1] == 4, codes
    assert made.erp.requests("cancel") == [], "a signal never cancels remote work"
    return f"{name:20} {number.name:8} {ran.seconds:6.2f} s  {ran.code}  {state:40} then {codes}"


@pytest.mark.parametrize(("name", "number"), GATE)
def test_a_signal_ends_a_phase(world: Callable[..., World], name: str, number: signal.Signals) -> None:
    one(world, name, number)


@pytest.mark.full
def test_every_signal_in_every_phase(world: Callable[..., World], capfd: pytest.CaptureFixture[str]) -> None:
    lines = [one(world, name, number) for name in PHASES for number in SIGNALS]
    with capfd.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize("name", ["checking", "sending"])
def test_a_second_signal_ends_at_once(world: Callable[..., World], name: str) -> None:
    """Also where the first was lost: a hook that swallows it."""
    made = world(raw_orders(PARTS))
    made.configure(read_timeout="300s", send_timeout="300s")

    def deaf() -> None:
        ends.TO_ANSWER = NEVER  # type: ignore[misc]
        ends.Signals.stop = lambda self: None  # type: ignore[method-assign]

    child = held(made, PHASES[name], deaf)
    child.signal(signal.SIGTERM)
    when(made, lambda: "again: stop at once" in child.err.read_text() or name == "checking")
    ran = child.interrupted(signal.SIGINT)
    assert ran.code in (130, 143)
    assert "ended at once" in ran.err
    made.verify(ran.code)
    made.erp.no_faults()
    made.configure(read_timeout="2s", send_timeout="2s")
    assert made.finish()[-1] == 0


def test_a_signal_that_is_ignored_stays_ignored(world: Callable[..., World]) -> None:
    """As under nohup."""
    made = world(raw_orders(1))
    made.configure(read_timeout="300s")

    def nohup() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    child = held(made, PHASES["polling"], nohup)
    child.signal(signal.SIGHUP)
    made.erp.no_faults()
    assert child.interrupted(signal.SIGTERM).code == 143


OVER = {"reading": 7, "checking": 7, "looking back": 7, "token": 7, "polling": 8, "collecting": 8, "writing": 7}


@pytest.mark.parametrize("name", ["reading", "looking back", "polling", "collecting"])
def test_the_time_that_is_given_ends_a_phase(world: Callable[..., World], name: str) -> None:
    made = world(raw_orders(PARTS))
    made.configure(read_timeout="300s")
    ran = timed(made, PHASES[name])
    assert ran.code == OVER[name], ran.err
    assert "--timeout is over" in ran.err or name in ("polling", "collecting")
    assert "sobatch submit" in ran.err or "sobatch status" in ran.err
    made.verify(ran.code)
    made.erp.no_faults()
    assert made.finish() == [0]


def test_the_time_that_is_given_never_cuts_a_send(world: Callable[..., World]) -> None:
    made = world(raw_orders(PARTS))
    made.configure(send_timeout="300s", poll_interval="300s")
    made.erp.fault("submit", "late", seconds=0.5)
    ran = made.submit("--timeout", "0s", real_time=True, arm=hasty("send"))
    assert (ran.code, made.erp.posts()) == (8, 1)
    assert made.ask("SELECT state FROM part ORDER BY number") == [("accepted",), ("planned",), ("planned",)]
    made.configure(poll_interval="0.01s")
    assert made.finish() == [0]


def timed(made: World, phase: Phase) -> Any:
    """A submit whose time runs out once it stands in a phase."""
    child = held(made, phase, hasty(None))
    child.signal(signal.SIGALRM)
    return child.ended()


def hasty(moment: str | None) -> Callable[[], None]:
    """In a child: the time is over when the alarm rings, or from the first send on."""

    def arm() -> None:
        ends.Signals.arm = lambda self, seconds: None  # type: ignore[method-assign]
        rung = ends.Signals._rung

        def ring(self: ends.Signals, number: int, frame: Any) -> None:
            self._until = 0.0
            rung(self, number, frame)

        ends.Signals._rung = ring  # type: ignore[method-assign]
        if moment:
            on_the_wire = ends.Signals.on_the_wire

            def send(self: ends.Signals, cut: Callable[[], None]) -> Any:
                signal.setitimer(signal.ITIMER_REAL, 0.1)
                return on_the_wire(self, cut)

            ends.Signals.on_the_wire = send  # type: ignore[method-assign]

    return arm
