"""A pretend ERP in a process of its own, and commands that are run, killed and run again beside it.

Everything is forked from the test process: the imports are paid once, so that a command costs milliseconds and thousands
of deaths fit into minutes. The sandbox's own record is the judge; the journal is read as plain SQLite, not through the
code under test.
"""

from __future__ import annotations

import contextlib
import encodings.idna
import hashlib
import http.client
import importlib.metadata
import json
import os
import shutil
import signal
import sqlite3
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore
import httpx
import platformdirs
import typer._adapters
import typer._click.decorators

import sobatch.cli.answer
import sobatch.cli.main as command_line
import sobatch.cli.runs
import sobatch.cli.services
import sobatch.erp.unit4.api
import sobatch.erp.unit4.order
import sobatch.lifecycle.carry
import sobatch.lifecycle.export
import sobatch.lifecycle.report
import sobatch.lifecycle.resolve
import sobatch.lifecycle.submit
import sobatch.show.envelope
import sobatch.show.progress
import sobatch.show.runs
from sobatch.sandbox import Fault, Options, Record, Sandbox, serve

# Imported here so that no forked child has to.
WARM = (encodings.idna, httpcore, importlib.metadata, platformdirs, typer._adapters, typer._click.decorators)
TRUST = httpx.create_ssl_context(trust_env=False)
KILLED = -signal.SIGKILL
PATIENCE = 30.0
Arm = Callable[[], None]


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


def fork() -> int:
    """`os.fork`, also where another thread of the test runner only waits for its master."""
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


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


def swift() -> None:
    """In a child: waiting costs next to nothing, and the monotonic clock goes on as if it had been waited."""
    skipped = 0.0

    class Clock(sobatch.cli.services.RealClock):
        def monotonic(self) -> float:
            return time.monotonic() + skipped

        def sleep(self, seconds: float) -> None:
            nonlocal skipped
            brief = min(seconds, 0.002)
            skipped += seconds - brief
            super().sleep(brief)

    sobatch.cli.services.RealClock = Clock  # type: ignore[misc]
    sobatch.erp.unit4.api.tls_context = lambda connection: TRUST


SETTINGS: Mapping[str, object] = {
    "poll_interval": "0.01s", "settle": "0s", "connect_timeout": "2s", "read_timeout": "2s", "send_timeout": "2s",
}


def order(number: int, **members: Any) -> dict[str, Any]:
    """A small valid order; every number makes another one."""
    line = {"productCode": "1000", "price": 50.5, "quantity": 1}
    return {"customerId": "1000", "transactionType": "SO", "responsible": "FRED", "salesPerson": "SYSEN",
            "externalOrderId": f"E{number:05d}", "orderLines": [line]} | members


def raw_orders(count: int, **members: Any) -> list[bytes]:
    """Orders as a user wrote them, each with bytes of its own."""
    return [json.dumps(order(number, **members)).encode() for number in range(count)]


def as_file(raw: Sequence[bytes]) -> bytes:
    """An order file."""
    return b"[\n" + b",\n".join(raw) + b"\n]\n"


@dataclass
class World:
    """One ERP, one state folder, one input file."""

    folder: Path
    raw: list[bytes] = field(default_factory=list)
    settings: dict[str, object] = field(default_factory=lambda: dict(SETTINGS))
    port: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    _server: int = 0
    _count: int = 0

    # ---- the ERP ------------------------------------------------------------------------------------------------

    def open(self, **options: Any) -> None:
        """Start the sandbox."""
        self.folder.mkdir(parents=True, exist_ok=True)
        reader, writer = os.pipe()
        wanted = Options().with_values({"rate_limit": 10**9, **options})
        self._server = fork()
        if self._server == 0:
            try:
                os.close(reader)
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.SIG_DFL)
                handle = os.open(self.folder / "sandbox.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                os.dup2(handle, 1)
                os.dup2(handle, 2)
                with Sandbox(self.database, wanted) as sandbox, serve(sandbox) as server:
                    os.write(writer, f"{server.port}\n".encode())
                    os.close(writer)
                    server.wait()
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        os.close(writer)
        with os.fdopen(reader) as told:
            self.port = int(told.readline())
        self._configure()

    def _configure(self) -> None:
        base = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "SOBATCH_BASE_URL": base, "SOBATCH_TOKEN_URL": f"{base}/identity/connect/token",
            "SOBATCH_CLIENT_ID": "sandbox", "SOBATCH_CLIENT_SECRET": "sandbox", "SOBATCH_COMPANY_ID": "EN",
            "SOBATCH_STATE_DIR": str(self.state), "SOBATCH_CONFIG": str(self.folder / "sobatch.toml"),
            "HOME": str(self.folder), "NO_COLOR": "1",
        }
        self.configure()

    def configure(self, **settings: object) -> None:
        """Write the configuration file."""
        self.settings.update(settings)
        lines = [f"{name} = {json.dumps(value)}" for name, value in self.settings.items()]
        (self.folder / "sobatch.toml").write_text("\n".join(lines) + "\n")

    def close(self) -> None:
        """End the sandbox and leave nothing behind."""
        if self._server:
            os.kill(self._server, signal.SIGKILL)
            os.waitpid(self._server, 0)
            self._server = 0
        shutil.rmtree(self.folder, ignore_errors=True)

    def fault(self, where: str, action: str, **how: Any) -> None:
        """Put one more fault in force."""
        Fault(where, action, **how)
        self._control("faults", {"where": where, "action": action, **how})

    def no_faults(self) -> None:
        """Let the ERP be well again."""
        self._control("faults", [])

    def change(self, **options: Any) -> None:
        """Lay options over those in force."""
        self._control("options", options)

    def _control(self, what: str, body: Any) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(line):
            line.request("POST", f"/_sandbox/{what}", json.dumps(body), {"Content-Type": "application/json"})
            answer = line.getresponse()
            words = answer.read()
        assert answer.status == 200, words

    def at_rest(self) -> None:
        """Wait until the ERP has worked off whatever it was sent, also by those who died meanwhile."""
        self._control("settle", None)
        deadline = time.monotonic() + PATIENCE
        while True:
            time.sleep(0.005)
            with contextlib.closing(sqlite3.connect(self.database, timeout=60)) as database:
                busy = database.execute("SELECT count(*) FROM requests WHERE body_bytes IS NULL").fetchone()[0]
            if not busy:
                break
            assert time.monotonic() < deadline, "the sandbox does not come to rest"
        self._control("settle", None)

    @property
    def database(self) -> Path:
        return self.folder / "erp.sqlite"

    # ---- the judge ----------------------------------------------------------------------------------------------

    def created(self) -> Counter[str]:
        """What the ERP has saved: fingerprints of orders, and how often each."""
        with Record(self.database) as record:
            return Counter(each.sha256 for each in record.created())

    def posts(self) -> int:
        """How many sends have reached the ERP."""
        with Record(self.database) as record:
            return sum(each.place == "submit" for each in record.requests())

    def batch_of(self, part_sha256: str) -> str | None:
        """The batch that a part really became."""
        with Record(self.database) as record:
            found = [each.id for each in record.batches() if each.upload_sha256 == part_sha256]
        return found[0] if found else None

    # ---- the input, the state ------------------------------------------------------------------------------------

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def file(self) -> Path:
        return self.folder / "orders.json"

    def write(self, raw: Sequence[bytes]) -> None:
        """Write the input file."""
        self.raw = list(raw)
        self.file.write_bytes(as_file(raw))

    @property
    def fingerprints(self) -> list[str]:
        """What the judge should see, an entry per order."""
        return [hashlib.sha256(raw).hexdigest() for raw in self.raw]

    @contextlib.contextmanager
    def journal(self) -> Iterator[sqlite3.Connection]:
        """The journal as a plain database."""
        connection = sqlite3.connect(self.state / "journal.sqlite", timeout=10)
        connection.row_factory = sqlite3.Row
        try:
            yield connection
        finally:
            connection.close()

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the journal; none when there is no journal yet."""
        if not (self.state / "journal.sqlite").exists():
            return []
        with self.journal() as journal:
            return [tuple(row) for row in journal.execute(query, values)]

    def in_doubt(self) -> list[tuple[str, int, str]]:
        """Parts that nobody knows about: run, number, digest of the staged file."""
        return self.ask(
            "SELECT run, number, sha256 FROM part WHERE state IN ('unknown', 'sending')"
            " OR (state = 'accepted' AND remote_id IS NULL) ORDER BY run, number"
        )

    # ---- commands -------------------------------------------------------------------------------------------------

    def begin(self, *arguments: str, arm: Arm | None = None, real_time: bool = False) -> Child:
        """Start a command."""
        self._count += 1

        def work() -> int:
            for name in [name for name in os.environ if name.startswith("SOBATCH_")]:
                del os.environ[name]
            os.environ.update(self.environment)
            sys.argv = ["sobatch", *arguments]
            if not real_time:
                swift()
            if arm is not None:
                arm()
            command_line.entry_point()
            return 97

        return start(work, self.folder / f"out-{self._count}", self.folder / f"err-{self._count}", folder=self.folder)

    def run(self, *arguments: str, arm: Arm | None = None, real_time: bool = False) -> Ran:
        """Run a command to its end."""
        return self.begin(*arguments, arm=arm, real_time=real_time).ended()

    @property
    def submit_line(self) -> list[str]:
        """The command that is run, and run again."""
        return ["submit", str(self.file), "--max-orders", "1", "--progress", "none", "--output", "json"]

    def submit(self, *more: str, arm: Arm | None = None, real_time: bool = False) -> Ran:
        """The usual submit: a part per order."""
        return self.run(*self.submit_line, *more, arm=arm, real_time=real_time)

    def resolve_by_truth(self) -> int:
        """Decide every doubt as an operator would who looked into the ERP. Returns how many there were."""
        self.at_rest()
        doubts = self.in_doubt()
        for run, number, digest in doubts:
            batch = self.batch_of(digest)
            decision = ["--accepted", batch] if batch else ["--not-received"]
            ran = self.run("resolve", run, str(number), *decision, "--confirm", digest[:8])
            assert ran.code == 0, ran.err
        return len(doubts)

    # ---- the verdict ------------------------------------------------------------------------------------------------

    def verify(self, code: int | None = None) -> None:
        """Hold journal and exit code against what the ERP really has. True after every command, dead or alive."""
        self.at_rest()
        truth = self.created()
        wanted = Counter(self.fingerprints)
        assert not truth - wanted, f"created twice: {truth - wanted}"
        runs = self.ask("SELECT id, state, exit_code FROM run WHERE state <> 'staging'")
        assert len(runs) <= 1, "one file, one run"
        if not runs:
            assert not truth, "orders were created, and no journal knows of them"
            return
        run, state, kept = runs[0]
        verdicts = self.ask("SELECT idx, state FROM orders WHERE run = ? ORDER BY idx", run)
        assert [index for index, _ in verdicts] == list(range(len(self.raw))), "an order has no row"
        for index, verdict in verdicts:
            saved = truth[self.fingerprints[index]]
            if verdict == "created":
                assert saved == 1, f"order {index} is said to be created, and was not"
            elif verdict in ("rejected", "not_created", "set_aside"):
                assert saved == 0, f"order {index} is said to be {verdict}, and was created"
            else:
                assert verdict in ("pending", "unknown"), verdict
                assert state == "open" or verdict == "unknown", f"order {index} has no verdict"
        if code is None or code == KILLED:
            return
        assert (code == 10) == bool(self.in_doubt()), f"exit code {code} with doubts {self.in_doubt()}"
        if state == "closed":
            assert code == kept
        if code == 0:
            assert truth == wanted, f"exit code 0, and missing are {wanted - truth}"
        missing = wanted - truth
        if missing and state == "closed":
            assert code in (4, 5, 9), f"{sum(missing.values())} orders are missing, and the exit code is {code}"

    def finish(self, most: int = 12) -> list[int]:
        """Run the same command again, with the operator's help where it says so, until it is over. Returns the codes."""
        codes: list[int] = []
        while len(codes) < most:
            ran = self.submit()
            codes.append(ran.code)
            self.verify(ran.code)
            if ran.code == 10:
                assert self.resolve_by_truth(), ran.err
            elif ran.code not in (6, 7, 8):
                break
        else:
            raise AssertionError(f"the run does not come to an end: {codes}; {ran.err}")
        posts = self.posts()
        again = self.submit()
        assert (again.code, self.posts()) == (codes[-1], posts), f"a closed run was sent again: {again.err}"
        self.verify(again.code)
        return codes
