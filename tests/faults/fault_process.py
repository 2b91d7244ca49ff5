"""Commands in forked processes: the imports are paid once, so that a command costs milliseconds and thousands of deaths
fit into minutes."""

from __future__ import annotations

import contextlib
import encodings.idna
import gc
import importlib.metadata
import json
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpcore
import httpx
import platformdirs
import typer._click.decorators

import sobatch.cli.answer
import sobatch.cli.main
import sobatch.erp.unit4.api
import sobatch.erp.unit4.order
import sobatch.lifecycle.carry
import sobatch.lifecycle.resolve
import sobatch.lifecycle.submit
import sobatch.lifecycle.told.export
import sobatch.lifecycle.told.report
import sobatch.show.envelope
import sobatch.show.progress
import sobatch.show.prose.runs
import sobatch.work.bench
import sobatch.work.runs

# Imported here so that no forked child has to.
WARM = (encodings.idna, httpcore, importlib.metadata, platformdirs, typer._click.decorators)
TRUST = httpx.create_ssl_context(trust_env=False)
KILLED = -signal.SIGKILL
PATIENCE = 60.0


@dataclass(frozen=True)
class Ran:
    """How a command ended. A negative code is the signal that ended it."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def facts(self) -> dict[str, Any]:
        """The JSON document on standard output."""
        return dict(json.loads(self.out))


def fork(*keep: int) -> int:
    """`os.fork`, also where another thread of the test runner only waits for its master.

    The child is alone: what it inherited leads nowhere, but for `keep`, and its collector does not touch it. So no
    forgotten object of the runner's can speak to the master on the runner's behalf.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        gc.freeze()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in [int(name) for name in os.listdir("/dev/fd")]:
            if number > 2 and number not in (nowhere, *keep):
                with contextlib.suppress(OSError):
                    os.dup2(nowhere, number)
    return pid


@dataclass
class Child:
    """A command that runs."""

    pid: int
    out: Path
    err: Path
    started: float

    def signal(self, number: int) -> None:
        """Send a signal; one that has ended already hears nothing."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def interrupted(self, number: int, patience: float = PATIENCE) -> Ran:
        """Send a signal and wait for the end; `seconds` counts from the signal on."""
        self.started = time.monotonic()
        self.signal(number)
        return self.ended(patience)

    def ended(self, patience: float = PATIENCE) -> Ran:
        """Wait for the end; a child that hangs is killed, and the test fails."""
        deadline = time.monotonic() + patience
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError(f"the command hung; its last words: {self.err.read_text()[-2000:]}")
            time.sleep(0.001)
        took = time.monotonic() - self.started
        return Ran(os.waitstatus_to_exitcode(status), self.out.read_text(), self.err.read_text(), took)


def start(work: Callable[[], int], out: Path, err: Path, *, folder: Path | None = None) -> Child:
    """Do some work in a child; its output goes to files, its return value becomes the exit code."""
    started = time.monotonic()
    for path in (out, err):
        path.write_bytes(b"")
    pid = fork()
    if pid:
        return Child(pid, out, err, started)
    code = 99
    try:
        _become_a_process(out, err, folder)
        code = work()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 98
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        with contextlib.suppress(Exception):
            sys.stderr.flush()
        os._exit(code)


def _become_a_process(out: Path, err: Path, folder: Path | None) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    if folder is not None:
        os.chdir(folder)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    for path, number in ((out, 1), (err, 2)):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin = open(0, closefd=False)
    sys.stdout = open(1, "w", closefd=False)
    sys.stderr = open(2, "w", closefd=False)


def swift(*, real_time: bool = False) -> None:
    """In a child: waiting costs next to nothing, and the monotonic clock goes on as if it had been waited."""
    sobatch.erp.unit4.api.tls_context = lambda connection: TRUST
    if real_time:
        return
    skipped = 0.0

    class Clock(sobatch.work.bench.RealClock):
        def monotonic(self) -> float:
            return time.monotonic() + skipped

        def sleep(self, seconds: float) -> None:
            nonlocal skipped
            brief = min(seconds, 0.002)
            skipped += seconds - brief
            super().sleep(brief)

    sobatch.work.bench.RealClock = Clock  # type: ignore[misc]
