"""Run commands as whole processes: how long they take, and how much memory they and their children hold at most."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path


def seconds(command: Sequence[str], env: Mapping[str, str] | None = None) -> float:
    """Wall seconds of a whole process. Its answer is thrown away; its exit code must be 0 or 3."""
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(env), check=False)
    taken = time.perf_counter() - begun
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return taken


def peak_memory(command: Sequence[str], env: Mapping[str, str] | None = None) -> float:
    """The most MiB that a process and its children held together, shared pages counted once; sampled each 10 ms."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(env))
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_share, _family(process.pid))))
        time.sleep(0.01)
    _, error = process.communicate()
    if process.returncode not in (0, 3):
        raise RuntimeError(f"{command} ended with {process.returncode}: {error.decode()[-500:]}")
    return peak / 1024


def environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """This environment without the user's own settings, and with more."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOBATCH_")}
    return {**kept, **(more or {})}


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
