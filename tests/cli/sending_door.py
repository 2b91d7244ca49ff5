"""The door the user uses, with a pretend ERP behind it: what the tests of the commands that send have in common.

Nothing here knows how a command works. `door` runs one in this process, `door.start` in another; both find a folder, a
home and an environment of their own, in which only what a test sets is set.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import sobatch.work.bench
from sobatch.cli.main import main
from sobatch.sandbox import Fault, Options, Sandbox, serve
from sobatch.work.signals import RealClock

ROOT = Path(__file__).parents[2]
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Told:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one strict JSON document it has to be."""
        assert self.out.endswith("\n"), f"no document on standard output, but {self.out!r}"
        return strict(self.out)

    @property
    def lines(self) -> list[Any]:
        """Standard output as lines of strict JSON."""
        assert self.out.endswith("\n")
        return [strict(line) for line in self.out.splitlines()]

    @property
    def run(self) -> Any:
        """The only run of a submit that was asked for JSON."""
        (run,) = self.document["result"]["runs"]
        return run


class _Typist(io.StringIO):
    """A person at the keyboard of a terminal."""

    def isatty(self) -> bool:
        return True


class Door:
    """Runs commands as a user would, from a folder of their own."""

    def __init__(
        self, folder: Path, state: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
    ) -> None:
        self.folder = folder
        self.state = state
        self._capture = capture
        self._patch = patch

    def __call__(self, *arguments: str, stdin: bytes | None = None) -> Told:
        """One command in this process."""
        return self._run(arguments, io.TextIOWrapper(io.BytesIO(stdin or b""), "utf-8"))

    def at_terminal(self, *arguments: str, typed: str) -> Told:
        """One command in this process by a person who types this and wants no bars."""
        with self._patch.context() as patch:
            patch.setattr(sys.stderr, "isatty", lambda: True)
            patch.setenv("TERM", "dumb")
            return self._run(arguments, _Typist(typed))

    def _run(self, arguments: Sequence[str], stdin: io.TextIOBase) -> Told:
        self._capture.readouterr()
        with self._patch.context() as patch:
            patch.setattr(sys, "stdin", stdin)
            code = main(list(arguments))
        said = self._capture.readouterr()
        return Told(code, said.out, said.err)

    def file(self, name: str, content: Any) -> str:
        """A file beside the user: bytes as they are, anything else as JSON. Returns its name."""
        data = content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()
        (self.folder / name).write_bytes(data)
        return name

    @property
    def base_url(self) -> str:
        """Where the ERP is that commands talk to."""
        return os.environ["SOBATCH_BASE_URL"]

    def set(self, **variables: str) -> None:
        """Set environment variables for the commands that follow."""
        for name, value in variables.items():
            self._patch.setenv(name, value)

    def hurry(self) -> None:
        """From now on waiting in this process costs no time, and its clock goes on as if it had been waited."""
        skipped = 0.0

        class Hurried(RealClock):
            def monotonic(self) -> float:
                return super().monotonic() + skipped

            def sleep(self, seconds: float) -> None:
                nonlocal skipped
                skipped += seconds
                super().sleep(0.0)

        self._patch.setattr(sobatch.work.bench, "RealClock", Hurried)
        self.set(SOBATCH_POLL_INTERVAL="60s")

    @property
    def environment(self) -> dict[str, str]:
        """What a process of its own finds."""
        return os.environ | {"PYTHONPATH": str(ROOT)}

    def start(self, *arguments: str, env: dict[str, str] | None = None, **options: Any) -> subprocess.Popen[bytes]:
        """One command in a process of its own."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [sys.executable, "-m", "sobatch", *arguments],
            cwd=self.folder,
            env=self.environment | (env or {}),
            **(pipes | options),
        )

    def process(self, *arguments: str, env: dict[str, str] | None = None, **options: Any) -> Told:
        """One command in a process of its own, from start to end."""
        with self.start(*arguments, env=env, **options) as child:
            out, err = child.communicate(timeout=60)
        return Told(child.returncode, (out or b"").decode(), (err or b"").decode())


def strict(text: str) -> Any:
    """JSON as the standard has it: one document, no duplicate member, no NaN."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), f"a member stands twice among {names}"
        return dict(pairs)

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, object_pairs_hook=once, parse_constant=refuse)


def order(lines: int = 1, **members: Any) -> dict[str, Any]:
    """A good order with so many lines; more members by name, None takes one out."""
    line = {"productCode": "1000", "price": 50.0, "quantity": 1}
    whole = {
        "customerId": "1000",
        "transactionType": "SO",
        "responsible": "FRED",
        "salesPerson": "SYSEN",
        "orderLines": [dict(line) for _ in range(lines)],
    }
    return {name: value for name, value in (whole | members).items() if value is not None}


def orders(count: int, shop: str = "WEB", **members: Any) -> list[dict[str, Any]]:
    """Good orders that differ, also from those of another shop."""
    return [order(externalOrderId=f"{shop}-{number}", **members) for number in range(1, count + 1)]


def sha256(data: bytes) -> str:
    """The fingerprint the pretend ERP keeps of an order's bytes."""
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def door(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """A user with an empty home, an empty folder and no settings. Chance is always zero, so that no pause is long."""
    for name in [name for name in os.environ if name.startswith(("SOBATCH_", "_SOBATCH", "XDG_"))]:
        monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    folder, home, state = tmp_path / "work", tmp_path / "home", tmp_path / "state"
    folder.mkdir()
    home.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SOBATCH_STATE_DIR", str(state))
    monkeypatch.setattr(random, "random", lambda: 0.0)
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    yield Door(folder, state, capsys, monkeypatch)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def pretend(door: Door, tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Start a pretend ERP on this machine and point the user's environment at it."""
    with ExitStack() as stack:
        started: list[Sandbox] = []

        def start(*faults: Fault, **options: Any) -> Sandbox:
            database = tmp_path / f"erp-{len(started)}.sqlite"
            world = stack.enter_context(Sandbox(database, Options(faults=faults, **options)))
            server = stack.enter_context(serve(world))
            started.append(world)
            door.set(
                SOBATCH_BASE_URL=server.url,
                SOBATCH_TOKEN_URL=f"{server.url}/identity/connect/token",
                SOBATCH_CLIENT_ID="sandbox",
                SOBATCH_CLIENT_SECRET="sandbox",
                SOBATCH_COMPANY_ID="EN",
                SOBATCH_POLL_INTERVAL="0.05",
                SOBATCH_SETTLE="0s",
            )
            return world

        yield start
