"""Run commands as whole processes: how long they take, and how much memory they and their children hold at most."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


def seconds(command: Sequence[str], env: Mapping[str, str] | None = None) -> float:
    """Wall seconds of a whole process. Its answer is thrown away; its exit code must be 0 or 3."""
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(env), check=False)
    taken = time.perf_counter() - begun
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return taken


def peak_memory(command: Sequence[str], env: Mapping[str, str] | None = None, codes: Collection[int] = (0, 3)) -> float:
    """The most MiB that a process and its children held together, shared pages counted once; sampled each 10 ms."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(env))
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_share, _family(process.pid))))
        time.sleep(0.01)
    _, error = process.communicate()
    if process.returncode not in codes:
        raise RuntimeError(f"{command} ended with {process.returncode}: {error.decode()[-500:]}")
    return peak / 1024


def environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """This environment without the user's own settings, and with more."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOBATCH_")}
    return {**kept, **(more or {})}


def reaching(address: str, folder: Path) -> dict[str, str]:
    """What makes commands talk to a pretend ERP, with their state in a folder."""
    return {
        "SOBATCH_BASE_URL": address,
        "SOBATCH_TOKEN_URL": f"{address}/identity/connect/token",
        "SOBATCH_CLIENT_ID": "sandbox",
        "SOBATCH_CLIENT_SECRET": "sandbox",
        "SOBATCH_STATE_DIR": str(folder / "state"),
    }


@contextmanager
def sandbox(folder: Path) -> Iterator[str]:
    """The pretend ERP in a process of its own, for as long as it is needed; its address."""
    command = (sys.executable, "-m", "sobatch.sandbox", "--database", str(folder / "world.sqlite"), "--port", "0")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))
    except OSError:
        return


def _share(pid: int) -> int:
    """A process's proportional share in KiB; 0 when it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


SOBATCH = (sys.executable, "-m", "sobatch")
