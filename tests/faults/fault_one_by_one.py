"""An ERP that takes one order at a time, in a process of its own, a client that may die, and the truth about orders."""

from __future__ import annotations

import copy
import json
import os
import signal
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fault_process import PATIENCE, TRUST, Child, Ran, fork, start, swift

import sobatch.erp.wire.caller
from sobatch.cli.main import main
from sobatch.erp import spec_of
from sobatch.sandbox import serve
from sobatch.sandbox.worlds import WORLDS

SAMPLES = Path(__file__).parents[2] / "samples"
LINE_LISTS = ("lineitems", "items", "lines")


def some_orders(erp: str, many: int) -> list[dict[str, Any]]:
    """Good orders, each with a key of its own that it can be found by."""
    keys = {member.lower() for member, _ in spec_of(erp).keys.values()}
    sample = json.loads((SAMPLES / erp / "orders.json").read_bytes())
    good = [each for each in sample if keys & {name.lower() for name in each} and "salesOrderId" not in each]
    orders = []
    for index in range(many):
        order = copy.deepcopy(good[index % len(good)])
        for name in [name for name in order if name.lower() in keys]:
            order[name] = f"{str(order[name])[:12]}-{index}"
        orders.append(order)
    return orders


def lines_of(order: dict[str, Any]) -> int:
    """How many lines an order has."""
    return sum(len(value) for name, value in order.items() if name.lower() in LINE_LISTS)


@dataclass
class OneByOneWorld:
    """One ERP, one file, one state folder."""

    erp: str
    folder: Path
    orders: list[dict[str, Any]]
    faults: list[dict[str, Any]] = field(default_factory=list)
    latency: float = 0.004
    _server: int = 0
    _url: str = ""

    def open(self) -> None:
        """Start the ERP and write the file."""
        (self.folder / "orders.json").write_text(json.dumps(self.orders))
        reader, writer = os.pipe()
        self._server = fork(writer)
        if self._server == 0:
            self._serve(writer)
        os.close(writer)
        with os.fdopen(reader) as told:
            self._url = f"http://127.0.0.1:{int(told.readline())}"

    @property
    def _database(self) -> Path:
        return self.folder / "erp.sqlite"

    def _serve(self, writer: int) -> None:
        try:
            options = {"latency": self.latency, "faults": self.faults}
            with WORLDS[self.erp].open(self._database, options) as world, serve(world) as server:
                os.write(writer, f"{server.port}\n".encode())
                os.close(writer)
                server.wait()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)

    def close(self) -> None:
        """End the ERP."""
        if self._server:
            os.kill(self._server, signal.SIGKILL)
            os.waitpid(self._server, 0)
            self._server = 0

    def begin(self, *arguments: str) -> Child:
        """Start a command."""

        def work() -> int:
            reached = {f"SOBATCH_{name.upper()}": value for name, value in WORLDS[self.erp].reached(self._url).items()}
            more = {"ERP": self.erp, "STATE_DIR": str(self.folder / "state"), "REQUESTS_PER_SECOND": "0", "SETTLE": "0"}
            os.environ.update({**reached, **{f"SOBATCH_{name}": value for name, value in more.items()}})
            os.environ["HOME"] = str(self.folder)
            swift()
            sobatch.erp.wire.caller.tls_context = lambda connection: TRUST
            return main([*arguments, "--output", "json"])

        return start(work, self.folder / "out", self.folder / "err", folder=self.folder)

    def run(self, *arguments: str) -> Ran:
        """A command, to its end."""
        return self.begin(*arguments).ended(PATIENCE)

    def to_the_end(self) -> Ran:
        """Submit until nothing is left; what no look finds, an operator who knows calls not received."""
        for _ in range(12):
            ran = self.run("submit", "orders.json", "--in-flight", "4")
            if ran.code != 10:
                if ran.code in (7, 6):
                    continue
                return ran
            status = self.run("status").facts["result"]  # looks again, as the advice says
            for part in [each for each in status["parts"] if each["state"] == "unknown"]:
                words = ("resolve", status["run"], str(part["part"]), "--not-received", "--confirm", part["sha256"][:8])
                assert self.run(*words).code == 0
        raise AssertionError(f"it does not come to an end: {ran.code} {ran.err[-1000:]}")

    def some_are_there(self) -> bool:
        """Whether an order was made already."""
        return bool(self.truth()[0])

    def truth(self) -> tuple[Counter[str], Counter[int]]:
        """How often each order is there, by its keys; and how many lines each one has that were made apart."""
        with WORLDS[self.erp].open(self._database, {}) as world:
            found: Any = world
            made, apart = found.made(), Counter(line.parent for line in found.made("line"))
        return Counter(f"{thing.key}|{thing.other}" for thing in made), Counter(apart[thing.id] for thing in made)
