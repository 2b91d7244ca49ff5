"""Submits of JTL orders that are killed at any moment, and go on: nothing is there twice, and nothing is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from sobatch.sandbox.jtl.app import Sandbox
from sobatch.sandbox.jtl.options import Options
from sobatch.sandbox.server import serve
from sobatch.sandbox.worlds import WORLDS

pytestmark = pytest.mark.full
ORDERS, KILLS = 40, 12


def file_of_orders(folder: Path) -> Path:
    lines = [{"SKU": f"S{number}", "Quantity": number + 0.5} for number in range(3)]
    orders = [
        {"CompanyId": 1, "CustomerId": 1000 + number, "ExternalNumber": f"W-{number}", "LineItems": lines}
        for number in range(ORDERS)
    ]
    file = folder / "orders.json"
    file.write_text(json.dumps(orders))
    return file


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_it_goes_on(tmp_path, seed):
    chance = random.Random(seed)
    file = file_of_orders(tmp_path)
    with (
        Sandbox(tmp_path / "jtl.sqlite", Options(latency=0.05)) as world,
        serve(world, "127.0.0.1", 0) as server,
    ):
        named = {f"SOBATCH_{name.upper()}": value for name, value in WORLDS["jtl"].reached(server.url).items()}
        plain = {name: value for name, value in os.environ.items() if not name.startswith("SOBATCH_")}
        more = {"SOBATCH_ERP": "jtl", "SOBATCH_STATE_DIR": str(tmp_path / "state"), "SOBATCH_SETTLE": "0"}
        environment = {**plain, **named, **more, "HOME": str(tmp_path)}
        command = [sys.executable, "-m", "sobatch", "submit", str(file), "--output", "json", "--quiet"]

        def started() -> subprocess.Popen[bytes]:
            return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

        codes = []
        for _ in range(KILLS):
            made, process = len(world.requests()), started()
            while process.poll() is None and len(world.requests()) < made + 4:
                time.sleep(0.01)
            time.sleep(chance.random() * 0.3)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            codes.append(process.returncode)
        process = started()
        document = json.loads(process.communicate()[0])
        ledger = document["result"]["runs"][0]["ledger"] if document["result"] else None
        assert process.returncode in (0, 10), document
        held = truth(world)
    assert -signal.SIGKILL in codes
    assert set(held.values()) == {3} or process.returncode == 10
    assert len(held) + (ledger["unknown"] if ledger else ORDERS) >= ORDERS


def truth(world: Sandbox) -> dict[str, int]:
    """The lines of each order by its reference; nothing may be there twice."""
    orders, lines = world.made(), world.made("line")
    assert max(Counter(order.other for order in orders).values()) == 1
    assert max(Counter((line.parent, line.raw) for line in lines).values()) == 1
    count = Counter(line.parent for line in lines)
    return {order.other or "": count[order.id] for order in orders}
