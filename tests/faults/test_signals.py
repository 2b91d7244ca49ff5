"""Signals and lost readers: what is in flight is finished and recorded, and nobody listening stops nothing."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable

import pytest
from fault_process import PATIENCE, Child, Ran
from fault_world import World, raw_orders

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
PARTS = 3


def when(world: World, condition: Callable[[], bool]) -> None:
    """Wait for a moment that can be seen from outside."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the moment did not come"
        time.sleep(0.005)


def ended_by(child: Child, world: World, number: int) -> Ran:
    """The end of a command that a signal ends."""
    ran = child.interrupted(number)
    world.verify(ran.code)
    assert "Traceback" not in ran.err
    return ran


@pytest.mark.parametrize(("number", "code"), SIGNALS.items())
def test_the_first_signal_lets_the_call_in_flight_finish(world: Callable[..., World], number: int, code: int) -> None:
    made = world(raw_orders(PARTS))
    made.erp.fault("submit", "late", nth=2, seconds=0.5)
    child = made.begin(*made.submit_line, real_time=True)
    when(made, lambda: made.erp.posts() == 2)
    ran = ended_by(child, made, number)
    assert ran.code == code
    assert made.erp.posts() == 2, "a part was sent after the signal"
    assert made.ask("SELECT state, remote_id IS NOT NULL FROM part WHERE number = 2") == [("accepted", 1)]
    assert f"sobatch submit --company-id EN {made.file}" in ran.err, "the next command is not shown"
    assert made.finish() == [0]
    assert made.erp.posts() == PARTS


@pytest.mark.parametrize(("number", "code"), SIGNALS.items())
def test_a_signal_ends_the_wait_between_two_polls(world: Callable[..., World], number: int, code: int) -> None:
    made = world(raw_orders(PARTS), pace=0)
    made.configure(poll_interval="10m")  # far beyond the patience of the test
    child = made.begin(*made.submit_line, real_time=True)
    when(made, lambda: len(made.erp.requests("status")) == 1)
    assert ended_by(child, made, number).code == code
    assert made.erp.requests("cancel") == [], "a signal never cancels remote work"
    made.erp.change(pace=None)
    made.configure(poll_interval="0.01s")
    assert made.finish() == [0]


@pytest.mark.parametrize(("number", "code"), SIGNALS.items())
def test_the_second_signal_ends_at_once_and_leaves_a_doubt(world: Callable[..., World], number: int, code: int) -> None:
    made = world(raw_orders(PARTS), list_enabled=False)
    made.configure(send_timeout="10m")
    made.erp.fault("submit", "drip", seconds=0.5)  # its headers alone take longer than the patience of the test
    child = made.begin(*made.submit_line, real_time=True)
    when(made, lambda: made.erp.posts() == 1)
    child.signal(number)
    when(made, lambda: "again: stop at once" in child.err.read_text())
    ran = ended_by(child, made, number)
    assert ran.code == code
    assert "ended at once" in ran.err
    assert made.in_doubt(), "what was on the wire is not marked"
    assert made.finish() == [10, 0]
    assert made.erp.posts() == PARTS


def test_a_terminal_that_goes_away_with_a_signal_stops_nothing(world: Callable[..., World]) -> None:
    made = world(raw_orders(PARTS))
    made.erp.fault("submit", "late", seconds=0.3)
    child = made.begin(*made.submit_line, arm=lambda: nobody_listens(2), real_time=True)
    when(made, lambda: made.erp.posts() == 1)
    assert ended_by(child, made, signal.SIGHUP).code == 129
    assert made.ask("SELECT state FROM part WHERE number = 1") == [("accepted",)]
    assert made.finish() == [0]


def nobody_listens(*descriptors: int) -> None:
    """In a child: these descriptors lead to a pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    for descriptor in descriptors:
        os.dup2(writer, descriptor)
        setattr(sys, {1: "stdout", 2: "stderr"}[descriptor], open(descriptor, "w", closefd=False))
    os.close(writer)


@pytest.mark.parametrize("gone", [(1,), (2,), (1, 2)])
@pytest.mark.parametrize("look", ["plain", "json", "none", "auto"])
@pytest.mark.parametrize("form", ["text", "json", "ndjson"])
def test_a_submit_goes_on_when_nobody_reads_what_it_says(
    world: Callable[..., World], gone: tuple[int, ...], look: str, form: str
) -> None:
    made = world(raw_orders(PARTS))
    made.erp.fault("status", "error", status=500)
    line = ["submit", str(made.file), "--max-orders", "1", "--progress", look, "--output", form]
    ran = made.run(*line, arm=lambda: nobody_listens(*gone))
    made.verify(ran.code)
    assert ran.code == 0
    assert sum(made.erp.created().values()) == PARTS
