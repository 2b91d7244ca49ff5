"""One ERP, one state folder, one input file, and commands that are run, killed and run again beside them.

The ERP's own record is the judge; the journal is read as plain SQLite, not through the code under test.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fault_erp import Erp
from fault_process import KILLED, Child, Ran, start, swift

import sobatch.cli.main as command_line

Arm = Callable[[], None]
SETTINGS: Mapping[str, object] = {
    "poll_interval": "0.01s",
    "settle": "0s",
    "connect_timeout": "2s",
    "read_timeout": "2s",
    "send_timeout": "2s",
}


def order(number: int, **members: Any) -> dict[str, Any]:
    """A small valid order; every number makes another one."""
    line = {"productCode": "1000", "price": 50.5, "quantity": 1}
    return {
        "customerId": "1000",
        "transactionType": "SO",
        "responsible": "FRED",
        "salesPerson": "SYSEN",
        "externalOrderId": f"E{number:05d}",
        "orderLines": [line],
    } | members


def raw_orders(count: int, **members: Any) -> list[bytes]:
    """Orders as a user wrote them, each with bytes of its own."""
    return [json.dumps(order(number, **members)).encode() for number in range(count)]


def as_file(raw: Sequence[bytes]) -> bytes:
    """An order file."""
    return b"[\n" + b",\n".join(raw) + b"\n]\n"


@dataclass
class World:
    """A user's folder beside an ERP."""

    folder: Path
    erp: Erp
    raw: list[bytes] = field(default_factory=list)
    settings: dict[str, object] = field(default_factory=lambda: dict(SETTINGS))
    parts_of: int = 1
    _count: int = 0

    def close(self) -> None:
        """Leave nothing behind."""
        self.erp.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- the input, the state -------------------------------------------------------------------------------------

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.folder / "state"

    @property
    def file(self) -> Path:
        """The input file."""
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
        try:
            yield connection
        finally:
            connection.close()

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the journal; none when there is no journal yet."""
        path = self.state / "journal.sqlite"
        if not path.exists() or not path.stat().st_size:
            return []
        with self.journal() as journal:
            made = journal.execute("SELECT count(*) FROM sqlite_master WHERE name = 'run'").fetchone()[0]
            return journal.execute(query, values).fetchall() if made else []

    def in_doubt(self) -> list[tuple[str, int, str]]:
        """Parts that nobody knows about: run, number, digest of the staged file."""
        return self.ask(
            "SELECT run, number, sha256 FROM part WHERE state IN ('unknown', 'sending')"
            " OR (state = 'accepted' AND remote_id IS NULL) ORDER BY run, number"
        )

    # ---- commands -------------------------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        """What the commands find in their environment."""
        return {
            "SOBATCH_BASE_URL": self.erp.url,
            "SOBATCH_TOKEN_URL": f"{self.erp.url}/identity/connect/token",
            "SOBATCH_CLIENT_ID": "sandbox",
            "SOBATCH_CLIENT_SECRET": "sandbox",
            "SOBATCH_COMPANY_ID": "EN",
            "SOBATCH_STATE_DIR": str(self.state),
            "SOBATCH_CONFIG": str(self.folder / "sobatch.toml"),
            "HOME": str(self.folder),
            "NO_COLOR": "1",
        }

    def configure(self, **settings: object) -> None:
        """Write the configuration file."""
        self.settings.update(settings)
        lines = [f"{name} = {json.dumps(value)}" for name, value in self.settings.items()]
        (self.folder / "sobatch.toml").write_text("\n".join(lines) + "\n")

    def begin(self, *arguments: str, arm: Arm | None = None, real_time: bool = False) -> Child:
        """Start a command."""
        self._count += 1

        def work() -> int:
            for name in [name for name in os.environ if name.startswith("SOBATCH_")]:
                del os.environ[name]
            os.environ.update(self.environment)
            sys.argv = ["sobatch", *arguments]
            swift(real_time=real_time)
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
        return ["submit", str(self.file), "--max-orders", str(self.parts_of), "--progress", "none", "--output", "json"]

    def submit(self, *more: str, arm: Arm | None = None, real_time: bool = False) -> Ran:
        """The usual submit."""
        return self.run(*self.submit_line, *more, arm=arm, real_time=real_time)

    def resolve_by_truth(self) -> int:
        """Decide every doubt as an operator would who looked into the ERP. Returns how many there were."""
        self.erp.at_rest()
        doubts = self.in_doubt()
        for run, number, digest in doubts:
            batch = self.erp.batch_of(digest)
            decision = ["--accepted", batch] if batch else ["--not-received"]
            ran = self.run("resolve", run, str(number), *decision, "--confirm", digest[:8])
            assert ran.code == 0, ran.err
        return len(doubts)

    # ---- the verdict ----------------------------------------------------------------------------------------------

    def verify(self, code: int | None = None) -> None:
        """Hold journal and exit code against what the ERP really has. True after every command, dead or alive."""
        self.erp.at_rest()
        truth, wanted = self.erp.created(), Counter(self.fingerprints)
        assert not truth - wanted, f"created twice: {truth - wanted}"
        runs = self.ask("SELECT id, state, exit_code FROM run WHERE state <> 'staging'")
        assert len(runs) <= 1, "one file, one run"
        if not runs:
            assert not truth, "orders were created, and no journal knows of them"
            return
        run, state, kept = runs[0]
        self._verify_orders(run, state, truth)
        if code is not None and code != KILLED:
            self._verify_code(code, kept if state == "closed" else None, wanted - truth)

    def _verify_orders(self, run: str, state: str, truth: Counter[str]) -> None:
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

    def _verify_code(self, code: int, kept: int | None, missing: Counter[str]) -> None:
        doubts = self.in_doubt()
        assert doubts or code != 10, "exit code 10 without a doubt"
        # A full disk (12) and a signal come before doubt; a later command says 10.
        assert not doubts or code in (10, 12, 129, 130, 143), f"exit code {code} with doubts {doubts}"
        assert kept is None or code == kept
        assert code != 0 or not missing, f"exit code 0, and missing are {missing}"
        assert kept is None or not missing or code in (4, 5, 9), f"{missing} are missing, and the exit code is {code}"

    def finish(self, most: int = 12) -> list[int]:
        """Run the same command again, with the operator's help where it says so, until it is over. Its codes."""
        codes: list[int] = []
        while not codes or codes[-1] in (6, 7, 8, 10):
            assert len(codes) < most, f"the run does not come to an end: {codes}"
            ran = self.submit()
            codes.append(ran.code)
            self.verify(ran.code)
            if ran.code == 10:
                assert self.resolve_by_truth(), ran.err
        posts = self.erp.posts()
        again = self.submit()
        assert (again.code, self.erp.posts()) == (codes[-1], posts), f"a closed run was sent again: {again.err}"
        return codes
