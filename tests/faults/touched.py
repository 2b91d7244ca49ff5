"""Which test executes which lines of the modules that trust rests on, and which tests to run first.

As a plugin of pytest it does one of two things. `TOUCHED_INTO`: note for every test what it executes and how long it
takes, in forked children too. `TOUCHED_CHOSEN`: run only the named tests, in the order given, while there is time left.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import re
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

ROOMS = ("lifecycle", "erp/unit4", "erp/wire")
"""What is watched, and spoiled."""
HUNG = 45.0
QUICK = 0.05
LEARNT = 2.0
"""CPU seconds after which a test has shown what it executes."""
Trace = dict[str, set[int]]


def spent() -> float:
    """CPU seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class Learner:
    """Notes the lines that each test executes."""

    def __init__(self, package: Path, into: Path, children: Path) -> None:
        self._package = f"{package}/"
        self._rooms = tuple(f"{package}/{room}/" for room in ROOMS)
        self._into = into
        self._children = children
        self._modules: dict[str, set[int] | None] = {}
        self._pid = os.getpid()
        self._tests: dict[str, Any] = {}
        self._calls, self._until = 0, 0.0

    def called(self, frame: FrameType, event: str, arg: object) -> Any:
        """The trace function of the interpreter: only the lines of our modules are of interest."""
        name = frame.f_code.co_filename
        if name not in self._modules:
            self._modules[name] = set() if name.startswith(self._rooms) else None
        lines = self._modules[name]
        if lines is None:
            return None
        self._calls += 1
        if self._calls % 1000 == 0 and time.process_time() > self._until:
            sys.settrace(None)  # what it has not executed by now it executes rarely
            return None

        def executed(frame: FrameType, event: str, arg: object) -> Any:
            if event == "line" and frame.f_lineno not in lines:
                lines.add(frame.f_lineno)
                if os.getpid() != self._pid:
                    self._tell(name, frame.f_lineno)
            return executed

        return executed

    def _tell(self, name: str, line: int) -> None:
        """A child may be killed at any moment, so it tells each line at once, if it may write at all."""
        with contextlib.suppress(OSError), self._children.open("a") as file:
            file.write(f"{name}\t{line}\n")

    def _taken(self) -> Trace:
        found = {name: lines for name, lines in self._modules.items() if lines}
        if self._children.exists():
            for each in self._children.read_text().splitlines():
                name, _, line = each.partition("\t")
                # A full disk cuts what is told.
                if line.isdecimal() and name.startswith(self._rooms) and os.path.exists(name):
                    found.setdefault(name, set()).add(int(line))
            self._children.unlink()
        self._modules.clear()
        return {name[len(self._package) :]: set(lines) for name, lines in found.items()}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._taken()
        begun = spent()
        self._until = time.process_time() + LEARNT
        threading.settrace(self.called)
        sys.settrace(self.called)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
            took = spent() - begun
            masks = {name: f"{sum(1 << line for line in lines):x}" for name, lines in self._taken().items()}
            self._tests[item.nodeid] = [round(took, 3), masks]

    def pytest_sessionfinish(self) -> None:
        self._into.write_text(json.dumps(self._tests))


class Chosen:
    """Runs the chosen tests in their order, while there are seconds left; a test that has no end ends the process."""

    def __init__(self, usual: dict[str, float], seconds: float) -> None:
        self._rank = {name: rank for rank, name in enumerate(usual)}
        self._usual = usual
        self._seconds = seconds

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self._rank), key=lambda item: self._rank[item.nodeid]
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        if spent() > self._seconds:
            return True
        signal.setitimer(signal.ITIMER_PROF, 5 + 3 * self._usual[item.nodeid])  # in CPU seconds
        faulthandler.dump_traceback_later(HUNG, exit=True)
        return None

    def pytest_sessionfinish(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()


def pytest_configure(config: pytest.Config) -> None:
    """Be what the environment asks for."""
    if into := os.environ.get("TOUCHED_INTO"):
        children = Path(into).with_suffix(".children")
        config.pluginmanager.register(Learner(Path.cwd() / "sobatch", Path(into), children))
    elif chosen := os.environ.get("TOUCHED_CHOSEN"):
        asked = json.loads(Path(chosen).read_text())
        config.pluginmanager.register(Chosen(asked["tests"], asked["seconds"]))


def in_turn(tests: dict[str, float]) -> dict[str, float]:
    """The quick tests first; of the others one case of each function before the second of any."""
    cases: dict[str, list[tuple[float, str]]] = {}
    for name, seconds in tests.items():
        cases.setdefault(re.sub(r"\[.*", "", name, flags=re.DOTALL), []).append((seconds, name))
    ranked = [
        (0 if each[0] < QUICK else turn + 1, each)
        for function in cases.values()
        for turn, each in enumerate(sorted(function))
    ]
    return {name: seconds for _, (seconds, name) in sorted(ranked)}
