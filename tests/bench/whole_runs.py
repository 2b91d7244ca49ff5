"""What a whole run costs this process: checking, staging, sending, following, settling, closing.

The pretend ERP is another process, so its work does not count; nobody waits, for the clock moves when somebody sleeps.
`python tests/bench/whole_runs.py 100 1000 10000` prints a line per run; `--batch` for parts of many orders,
`--history 10000000` for a journal that has so many orders before.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import histories

import sobatch.work.bench
from sobatch.cli.main import main
from sobatch.sandbox import Options, Sandbox, serve


class Clock:
    """Time that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1_795_251_600.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time - 1_795_250_000.0

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def random(self) -> float:
        return 0.5

    def may_end(self) -> AbstractContextManager[None]:
        return nullcontext()

    def on_the_wire(self, cut: Callable[[], None]) -> AbstractContextManager[None]:
        return nullcontext()


@dataclass(frozen=True)
class Cost:
    """Of one run: CPU seconds of this process, and the most MiB it held so far."""

    orders: int
    cpu: float
    peak: float

    def line(self) -> str:
        each = self.cpu / self.orders * 1e3
        return f"{self.orders:>10,} orders  {self.cpu:9.2f} s CPU  {each:8.3f} ms each  peak {self.peak:6.0f} MiB"


def write_orders(path: Path, count: int, *, base: int = 0) -> Path:
    """Flawless orders of one line, each with an external id of its own."""
    line = [{"productCode": "1000", "price": 50.5, "quantity": 1}]
    people = {"responsible": "FRED", "salesPerson": "SYSEN"}
    with path.open("w") as file:
        file.write("[\n")
        for number in range(count):
            order = {"customerId": "1000", "transactionType": "SO", "externalOrderId": f"E{base + number:09d}"}
            file.write((",\n" if number else "") + json.dumps({**order, **people, "orderLines": line}))
        file.write("\n]\n")
    return path


def _erp(folder: str, pipe: Connection) -> None:
    with Sandbox(Path(folder) / "erp.sqlite", Options(rate_limit=10**9)) as erp, serve(erp) as server:
        pipe.send(server.url)
        pipe.recv()


@contextmanager
def an_erp(folder: Path) -> Iterator[str]:
    """The address of a pretend ERP in another process."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_erp, args=(str(folder), theirs), daemon=True)
    process.start()
    yield ours.recv()
    ours.send("enough")
    process.join(30)


def cost(count: int, *words: str, history: int = 0) -> Cost:
    """Submit a file of so many orders to a pretend ERP, all of which have to be created."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        name = write_orders(folder / "orders.json", count)
        with an_erp(folder) as url, _environment(folder, url):
            if history:
                _run("submit", str(write_orders(folder / "first.json", 1, base=10**9 - 1)))
                histories.fill(folder / "state" / "journal.sqlite", history)
            begun = time.process_time()
            told = _run("submit", str(name), *words)
            cpu = time.process_time() - begun
    ledger = told["result"]["runs"][0]["ledger"]
    assert ledger["created"] == ledger["read"] == count, ledger
    return Cost(count, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _run(*words: str) -> dict[str, Any]:
    out = StringIO()
    with redirect_stdout(out), redirect_stderr(StringIO()) as err:
        code = main([*words, "--output", "json", "--progress", "none"])
    assert code == 0, (code, err.getvalue()[-2000:], out.getvalue()[-2000:])
    return dict(json.loads(out.getvalue()))


@contextmanager
def _environment(folder: Path, url: str) -> Iterator[None]:
    clock, real, before = Clock(), sobatch.work.bench.RealClock, dict(os.environ)
    settings = {"BASE_URL": url, "TOKEN_URL": f"{url}/identity/connect/token", "CLIENT_ID": "sandbox",
                "CLIENT_SECRET": "sandbox", "COMPANY_ID": "EN", "STATE_DIR": str(folder / "state")}  # fmt: skip
    os.environ.update({f"SOBATCH_{name}": value for name, value in settings.items()})
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    sobatch.work.bench.RealClock = lambda signals: clock  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        sobatch.work.bench.RealClock = real  # type: ignore[misc]
        os.environ.clear()
        os.environ.update(before)


def table(words: list[str] | None = None) -> None:
    """Print what runs of these sizes cost."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("orders", type=int, nargs="+")
    asked.add_argument("--batch", action="store_true", help="parts of many orders, instead of one each")
    asked.add_argument("--history", type=int, default=0)
    given = asked.parse_args(words)
    more = () if given.batch else ("--max-orders", "1")
    cost(2, *more)  # whatever is imported or compiled at the first time
    for count in given.orders:
        sys.stdout.write(cost(count, *more, history=given.history).line() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    table()
