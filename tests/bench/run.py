"""The benchmark: `python tests/bench/run.py [ORDERS] [ROUNDS]`. Prints medians and ratios of interleaved rounds.

Compares `sobatch validate`, as a whole process, with a bare loop over `ijson.items`, on good and on faulty orders, and
measures the peak memory of checking and of submitting over a loopback socket. Needs Linux for the memory figures.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from big_file import write_orders
from measure import SOBATCH, environment, peak_memory, reaching, sandbox, seconds

IJSON = "import ijson, sys\nwith open(sys.argv[1], 'rb') as f:\n    for o in ijson.items(f, 'item'):\n        pass\n"


def main(orders: int, rounds: int) -> None:
    """Measure, and print one line a figure."""
    with tempfile.TemporaryDirectory() as folder:
        good, small, bad = (Path(folder) / name for name in ("good.json", "small.json", "bad.json"))
        size = write_orders(good, orders)
        write_orders(small, orders // 10)
        write_orders(bad, orders, spoil=True)
        print(f"{orders:,} orders of 10 full lines, {size / 1e6:,.0f} MB; medians of {rounds} interleaved rounds")
        _speed(good, bad, rounds)
        _memory(good, small, bad)
        _submit(good, Path(folder))


def _speed(good: Path, bad: Path, rounds: int) -> None:
    commands = {
        "bare ijson loop": (sys.executable, "-c", IJSON, str(good)),
        "validate": (*SOBATCH, "validate", "--skip-workflow", str(good)),
        "validate, every order wrong": (*SOBATCH, "validate", "--skip-workflow", str(bad)),
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(seconds(command))
    middle = {name: median(times) for name, times in taken.items()}
    for name, times in taken.items():
        print(f"{name:30} {middle[name]:6.2f} s   (from {min(times):.2f} to {max(times):.2f})")
    loop, whole, wrong = middle.values()
    print(
        f"validate is {loop / whole:.1f} times as fast as the loop; with every order wrong {whole / wrong:.2f} of that"
    )


def _memory(good: Path, small: Path, bad: Path) -> None:
    for name, path in (("a tenth of it", small), ("all of it", good), ("every order wrong", bad)):
        peak = peak_memory((*SOBATCH, "validate", "--skip-workflow", str(path)))
        print(f"validate, {name:20} {peak:6.1f} MiB at most, children included")


def _submit(good: Path, folder: Path) -> None:
    with sandbox(folder) as address:
        env = reaching(address, folder)
        command = (*SOBATCH, "submit", "--skip-workflow", "--company-id", "EN", "--output", "json", str(good))
        peak = peak_memory(command, env)
        print(f"submit over a socket          {peak:6.1f} MiB at most, children included")
        listed = subprocess.run(
            (*SOBATCH, "status", "--output", "json"), env=environment(env), stdout=subprocess.PIPE, check=True
        ).stdout
        print(f"ledger: {json.dumps(json.loads(listed)['result']['ledger'])}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000, int(sys.argv[2]) if len(sys.argv) > 2 else 5)
