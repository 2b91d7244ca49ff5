"""A pretend ERP in a process of its own, and what it really has: the judge of every test here."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import sqlite3
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fault_process import PATIENCE, fork

from sobatch.sandbox import BatchRecord, Fault, Options, OrderRecord, Record, RequestRecord, Sandbox, serve


@dataclass
class Erp:
    """One pretend ERP: its faults and options are set from outside, its record is read from its database."""

    folder: Path
    port: int = 0
    _server: int = 0

    def open(self, **options: Any) -> None:
        """Start it."""
        reader, writer = os.pipe()
        wanted = Options().with_values({"rate_limit": 10**9, **options})
        self._server = fork(writer)
        if self._server == 0:
            self._serve(wanted, writer)
        os.close(writer)
        with os.fdopen(reader) as told:
            self.port = int(told.readline())

    def _serve(self, options: Options, writer: int) -> None:
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            handle = os.open(self.folder / "sandbox.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            with Sandbox(self.database, options) as sandbox, serve(sandbox) as server:
                os.write(writer, f"{server.port}\n".encode())
                os.close(writer)
                server.wait()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)

    def close(self) -> None:
        """End it."""
        if self._server:
            os.kill(self._server, signal.SIGKILL)
            os.waitpid(self._server, 0)
            self._server = 0

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        """Its record."""
        return self.folder / "erp.sqlite"

    # ---- from outside ---------------------------------------------------------------------------------------------

    def fault(self, where: str, action: str, **how: Any) -> None:
        """Put one more fault in force."""
        Fault(where, action, **how)
        self._control("faults", {"where": where, "action": action, **how})

    def no_faults(self) -> None:
        """Let it be well again."""
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
        """Wait until it has worked off whatever it was sent, also by those who died meanwhile."""
        self._control("settle", None)
        deadline = time.monotonic() + PATIENCE
        while True:
            time.sleep(0.003)
            with contextlib.closing(sqlite3.connect(self.database, timeout=60)) as database:
                busy = database.execute("SELECT count(*) FROM requests WHERE body_bytes IS NULL").fetchone()[0]
            if not busy:
                break
            assert time.monotonic() < deadline, "the pretend ERP does not come to rest"
        self._control("settle", None)

    # ---- what it has ----------------------------------------------------------------------------------------------

    def created(self) -> Counter[str]:
        """What it has saved: fingerprints of orders, and how often each."""
        return Counter(each.sha256 for each in self.orders() if each.verdict == "created")

    def orders(self) -> list[OrderRecord]:
        """Every order it was sent."""
        with Record(self.database) as record:
            return record.received()

    def requests(self, place: str | None = None) -> list[RequestRecord]:
        """Every request it saw, or those of one kind."""
        with Record(self.database) as record:
            return [each for each in record.requests() if place is None or each.place == place]

    def batches(self) -> list[BatchRecord]:
        """Every upload it took."""
        with Record(self.database) as record:
            return record.batches()

    def posts(self) -> int:
        """How many sends have reached it."""
        return len(self.requests("submit"))

    def batch_of(self, part_sha256: str) -> str | None:
        """The batch that a part really became."""
        found = [each.id for each in self.batches() if each.upload_sha256 == part_sha256]
        return found[0] if found else None
