"""What orders cost that go out one by one: throughput beside the ideal, CPU of this process per order, memory.

The pretend ERP is another process on a socket and waits so long before each answer. Ideal is what so many orders in
progress would take if nothing but that wait took time. `python tests/bench/one_by_one.py jtl 1000 10000` prints a line
each; `--latency 0 --in-flight 1` shows the cost of an order alone, `--per-second 10` how well the pace is kept.
"""

from __future__ import annotations

import argparse
import copy
import json
import multiprocessing
import os
import resource
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, redirect_stderr, redirect_stdout
from io import StringIO
from multiprocessing.connection import Connection
from pathlib import Path

from sobatch.cli.main import main
from sobatch.erp import spec_of
from sobatch.sandbox import serve
from sobatch.sandbox.worlds import WORLDS

SAMPLES = Path(__file__).parents[2] / "samples"


def serving(erp: str, database: Path, latency: float, told: Connection) -> None:
    """The pretend ERP's process."""
    with WORLDS[erp].open(database, {"latency": latency}) as world, serve(world) as server:
        told.send(server.port)
        server.wait()


def write(erp: str, path: Path, many: int) -> None:
    """A file of so many good orders, each with keys of its own."""
    keys = {member.lower() for member, _ in spec_of(erp).keys.values()}
    sample = json.loads((SAMPLES / erp / "orders.json").read_bytes())
    good = [each for each in sample if keys & {name.lower() for name in each} and "salesOrderId" not in each]
    with path.open("w") as file:
        for index in range(many):
            order = copy.copy(good[index % len(good)])
            order |= {name: f"{str(order[name])[:10]}-{index}" for name in order if name.lower() in keys}
            file.write(("[" if index == 0 else ",\n") + json.dumps(order))
        file.write("]\n")


def measured(erp: str, many: int, wish: argparse.Namespace, folder: Path) -> str:
    """One run, as a line."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(
        target=serving, args=(erp, folder / "erp.sqlite", wish.latency, theirs), daemon=True
    )
    server.start()
    url = f"http://127.0.0.1:{ours.recv()}"
    write(erp, folder / "orders.json", many)
    more = {"ERP": erp, "STATE_DIR": str(folder / "state"), "REQUESTS_PER_SECOND": str(wish.per_second)}
    reached = {f"SOBATCH_{name.upper()}": value for name, value in WORLDS[erp].reached(url).items()}
    os.environ.update({**reached, **{f"SOBATCH_{name}": value for name, value in more.items()}})
    cpu, began = time.process_time(), time.monotonic()
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as err:
        code = main(["submit", str(folder / "orders.json"), "--in-flight", str(wish.in_flight), "--output", "json"])
    wall, cpu = time.monotonic() - began, time.process_time() - cpu
    server.kill()
    assert code == 0, err.getvalue()[-2000:]
    calls, most = requests(folder / "erp.sqlite")
    ideal = calls * wish.latency / wish.in_flight
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{erp:10} {many:7,} orders {calls:8,} calls {wall:8.1f} s  ideal {ideal:7.1f} s  {ideal / wall:6.1%}"
        f"  {1000 * cpu / many:6.2f} ms CPU an order  {peak:5.0f} MiB  at most {most} calls in a second"
    )


def requests(database: Path) -> tuple[int, int]:
    """How many requests the ERP saw, and the most of them in any second."""
    with closing(sqlite3.connect(database)) as record:
        times = sorted(row[0] for row in record.execute("SELECT at FROM requests"))
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return len(times), most


def command() -> None:
    """Read the wish and print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("erp")
    parser.add_argument("many", type=int, nargs="+")
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--in-flight", type=int, default=8)
    parser.add_argument("--per-second", type=float, default=0)
    parser.add_argument("--folder", help="where the runs are kept; a memory disk shows what is not the disk's")
    wish = parser.parse_args()
    for many in wish.many:
        with tempfile.TemporaryDirectory(dir=wish.folder) as folder:
            print(measured(wish.erp, many, wish, Path(folder)), flush=True)


if __name__ == "__main__":
    sys.exit(command())
