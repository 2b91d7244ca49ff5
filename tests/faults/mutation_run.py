"""Do the tests notice? Some hundred small changes in the modules that trust rests on, each met by the tests beside it.

    python tests/faults/mutation_run.py --count 300 --seed 1

Prints a line a change and, at the end, the share that was noticed and every survivor. A survivor that changes nothing
anybody could see is named in `survivors.toml` with the reason; any other one, or less than 95 % noticed, ends with 1.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from changes import Change, changes_of
from spoiled import ROOT, copied, ran_with

WANTED = 0.95
PATIENCE = 300.0
SURVIVORS = Path(__file__).parent / "survivors.toml"
# What is spoiled, and which tests are to notice: those that take least time first.
BESIDE: dict[str, tuple[str, ...]] = {
    "lifecycle/settle/match": ("lifecycle/settle", "lifecycle"),
    "lifecycle/settle": ("lifecycle/settle", "lifecycle", "cli/test_results.py", "cli/test_scenarios.py"),
    "lifecycle/journal": ("lifecycle/journal", "lifecycle", "faults/test_durable_operations.py"),
    "lifecycle/send": ("lifecycle", "cli/test_submit.py", "faults/test_crash_matrix.py", "faults/test_disk_full.py"),
    "lifecycle": ("lifecycle", "cli/test_submit.py", "cli/test_cancel_and_resolve.py", "cli/test_status.py"),
    "erp/unit4": ("erp/unit4", "erp", "lifecycle"),
    "erp/wire": ("erp/wire", "erp", "lifecycle", "cli/test_access.py"),
}
LEFT_OUT = {
    "order.py",  # what an order is: held by the corpus, not by the tests of sending
    "rules.py",
    "currencies.py",
    "__init__.py",
}


@dataclass(frozen=True, slots=True)
class Met:
    """What became of one change."""

    change: Change
    noticed: bool
    seconds: float
    how: str


def all_changes() -> list[Change]:
    """Every change that fits, in a stable order."""
    found = []
    for room in BESIDE:
        for path in sorted((ROOT / "sobatch" / room).glob("*.py")):
            if path.name not in LEFT_OUT:
                found += changes_of(path, path.relative_to(ROOT / "sobatch").as_posix())
    return found


def beside(change: Change) -> tuple[str, ...]:
    """The tests that are to notice, each folder or file once."""
    return BESIDE[change.file.rpartition("/")[0]]


def meet(change: Change, copies: SimpleQueue[Path]) -> Met:
    """Spoil a copy, run the tests, and mend it again."""
    copy = copies.get()
    home = copy / "sobatch" / change.file
    text = home.read_text(encoding="utf-8")
    begun = time.monotonic()
    how = ""
    try:
        home.write_text(change.applied(text), encoding="utf-8")
        for tests in beside(change):
            ran = ran_with(copy, [tests], timeout=PATIENCE)
            if ran.returncode != 0:
                how = next((line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))), tests)
                break
    except subprocess.TimeoutExpired:
        how = f"{tests} did not end"
    finally:
        home.write_text(text, encoding="utf-8")
        copies.put(copy)
    return Met(change, bool(how), time.monotonic() - begun, how)


def run(changes: list[Change], workers: int, folder: Path) -> Iterator[Met]:
    """Meet all changes, some at a time, in their order."""
    copies: SimpleQueue[Path] = SimpleQueue()
    for number in range(workers):
        copies.put(copied(folder / f"copy-{number}"))
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda change: meet(change, copies), changes)


def unspoiled() -> None:
    """Without a change the tests must pass, or everything would count as noticed."""
    with tempfile.TemporaryDirectory(prefix="unspoiled-") as folder:
        copy = copied(Path(folder))
        ran = ran_with(copy, sorted({tests for room in BESIDE.values() for tests in room}), timeout=10 * PATIENCE)
        if ran.returncode != 0:
            sys.exit(f"the tests fail without any change:\n{ran.stdout[-3000:]}{ran.stderr[-1000:]}")


def explained() -> dict[str, str]:
    """The survivors that are known, and why each changes nothing."""
    return dict(tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))["survivors"])


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300, help="how many changes, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="", help="changes whose name holds this text")
    asked = parser.parse_args()
    every = [change for change in all_changes() if asked.only in change.name]
    drawn = random.Random(asked.seed).sample(every, min(asked.count, len(every)))
    known = explained()
    survivors = []
    unspoiled()
    with tempfile.TemporaryDirectory(prefix="spoiled-") as folder:
        for number, met in enumerate(run(drawn, asked.workers, Path(folder)), 1):
            verdict = "noticed " if met.noticed else "SURVIVED"
            say(f"{number:4} {verdict} {met.seconds:5.1f} s  {met.change.name} (line {met.change.line})  {met.how}")
            if not met.noticed:
                survivors.append(met.change)
    open_ones = [change for change in survivors if change.name not in known]
    share = 1 - len(open_ones) / len(drawn) if drawn else 0.0
    say(f"{len(drawn)} changes of {len(every)}, seed {asked.seed}: {len(drawn) - len(survivors)} noticed, "
        f"{len(survivors) - len(open_ones)} change nothing, {len(open_ones)} unnoticed; {share:.1%}")  # fmt: skip
    for change in survivors:
        say(f"  {change.name}: {known.get(change.name, 'NOT EXPLAINED')}")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
