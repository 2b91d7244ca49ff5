"""Do the tests notice? Some hundred small changes in the modules that trust rests on, each met by the tests that
execute the changed lines.

    python tests/faults/mutation_run.py --count 300 --seed 1 --notes FOLDER

Learns once which test executes which lines. Prints a line a change and, at the end, the share that was noticed and
every survivor. A survivor that changes nothing anybody could see is named in `survivors.toml` with the reason; any
other one, or less than 95 % noticed, ends with 1. What became of a change stands in the folder: the same command goes
on with what is left; `--again` meets what nobody noticed once more, after the tests were mended.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import py_compile
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from changes import Change, changes_of
from spoiled import ROOT, copied
from touched import ROOMS, in_turn

WANTED = 0.95
SURVIVORS = Path(__file__).parent / "survivors.toml"
LEFT_OUT = {
    "order.py",  # what an order is: held by the corpus, not by the tests of sending
    "rules.py",
    "currencies.py",
    "codes.py",  # declarations, held by the tests of words and of configuration
    "settings.py",
    "authority.py",  # access and secrecy, which have tests of their own; no verdict rests on them
    "redactor.py",
    "__init__.py",
}
CLI = ("access", "cancel_and_resolve", "results", "scenarios", "status", "submit", "submit_input", "another_spelling")
TESTS = (
    "lifecycle",
    "erp/unit4",
    "erp/wire",
    *(f"cli/test_{name}.py" for name in CLI),
    *(f"faults/test_{name}.py" for name in ("dead_staging", "disk_full")),
)
SLOW = 10.0
"""CPU seconds of a test that is no longer worth its time here."""


@dataclass(frozen=True, slots=True)
class Met:
    """What became of one change."""

    name: str
    noticed: bool
    seconds: float
    how: str


class Notes:
    """The folder with what is known: what each test executes, and what was noticed."""

    def __init__(self, folder: Path) -> None:
        self._touched = folder / "touched.json"
        self._met = folder / "met.ndjson"
        folder.mkdir(parents=True, exist_ok=True)
        self.touched: dict[str, Any] = json.loads(self._touched.read_text()) if self._touched.exists() else {}

    def learn(self, copy: Path) -> None:
        """Run every test file that is not known as it stands now. Exits where a test fails without any change."""
        for path in sorted(each for tests in TESTS for each in _files(ROOT / "tests" / tests)):
            name, digest = path.relative_to(ROOT).as_posix(), _digest(path)
            if self.touched.get(name, {}).get("digest") == digest:
                continue
            with tempfile.NamedTemporaryFile(suffix=".json") as into:
                ran = _pytest(copy, [name], TOUCHED_INTO=into.name)
                if ran.returncode:
                    sys.exit(f"{name} fails without any change:\n{ran.stdout[-3000:]}{ran.stderr[-1000:]}")
                tests = json.loads(Path(into.name).read_text())
            modules = {each for _, masks in tests.values() for each in masks}
            shapes = {each: _digest(copy / "sobatch" / each) for each in modules}
            self.touched[name] = {"digest": digest, "modules": shapes, "tests": tests}
            self._touched.write_text(json.dumps(self.touched))
            say(f"learnt {name}: {len(tests)} tests, {sum(seconds for seconds, _ in tests.values()):.0f} s")

    def choose(self, change: Change, digest: str) -> dict[str, float]:
        """The tests that execute the changed lines; where lines do not tell, those that execute the module."""
        lines = sum(1 << line for line in change.lines)
        exact: dict[str, float] = {}
        beside: dict[str, float] = {}
        for known in self.touched.values():
            same = known["modules"].get(change.file) == digest
            for test, (seconds, masks) in known["tests"].items():
                mask = int(masks.get(change.file, "0"), 16)
                if mask and seconds < SLOW:
                    beside[test] = seconds
                    if mask & lines and same:
                        exact[test] = seconds
        return in_turn(exact if exact and change.function else beside)

    def before(self, again: bool) -> dict[str, Met]:
        """What became of the changes earlier; `again` forgets those that nobody noticed."""
        lines = self._met.read_text().splitlines() if self._met.exists() else []
        last = {met.name: met for met in (Met(**json.loads(line)) for line in lines)}
        return {name: met for name, met in last.items() if met.noticed or not again}

    def add(self, met: Met) -> None:
        """Keep what became of a change."""
        with self._met.open("a") as file:
            file.write(json.dumps({name: getattr(met, name) for name in Met.__slots__}) + "\n")


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else list(place.rglob("test_*.py"))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _pytest(copy: Path, tests: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    options = ["-q", "-x", "-m", "not full", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "touched"]
    places = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), f"--basetemp={copy / 'basetemp'}"]
    command = [sys.executable, "-m", "pytest", *options, *places, *(str(ROOT / each) for each in tests)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "TOUCHED"))}
    path = os.pathsep.join([str(copy), str(Path(__file__).parent)])
    kept |= {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"} | environment
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, env=kept)


def all_changes() -> list[Change]:
    """Every change that fits."""
    paths = [path for room in ROOMS for path in sorted((ROOT / "sobatch" / room).rglob("*.py"))]
    kept = [path for path in paths if path.name not in LEFT_OUT]
    return [change for path in kept for change in changes_of(path, path.relative_to(ROOT / "sobatch").as_posix())]


def drawn(every: list[Change], seed: int, count: int) -> list[Change]:
    """A sample that stays what it is when some changes come or go."""
    return sorted(every, key=lambda change: hashlib.sha256(f"{seed} {change.name}".encode()).digest())[:count]


def meet(change: Change, copy: Path, notes: Notes, cap: float) -> Met:
    """Spoil the copy, run the tests that execute the change while there are CPU seconds left, and mend it again."""
    home = copy / "sobatch" / change.file
    text = home.read_text(encoding="utf-8")
    begun = time.monotonic()
    tests = notes.choose(change, _digest(home))
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
    chosen = copy / "chosen.json"
    chosen.write_text(json.dumps({"tests": tests, "seconds": cap}))
    try:
        _compiled(home, change.applied(text))
        ran = _pytest(copy, files, TOUCHED_CHOSEN=str(chosen)) if tests else None
    finally:
        _compiled(home, text)
    how = "no test executes it" if ran is None else ""
    if ran is not None and ran.returncode:
        lines = ran.stdout.splitlines() + ran.stderr.splitlines()
        how = next((line for line in lines if line.startswith(("FAILED", "ERROR", "Timeout", "E  "))), "ended early")
    return Met(change.name, bool(ran and ran.returncode), time.monotonic() - begun, how)


def _compiled(home: Path, text: str) -> None:
    """Python believes a compiled file of the same second and size, so it is made anew with every text."""
    home.write_text(text, encoding="utf-8")
    py_compile.compile(str(home), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)


def meetings(changes: list[Change], notes: Notes, before: dict[str, Met], cap: float) -> Iterator[tuple[Change, Met]]:
    """Meet one change after the other, but for those that were met before."""
    room = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="spoiled-", dir=room) as folder:
        copy = copied(Path(folder))
        for path in (copy / "sobatch").rglob("*.py"):
            _compiled(path, path.read_text(encoding="utf-8"))
        notes.learn(copy)
        for change in changes:
            met = before.get(change.name)
            if met is None:
                met = meet(change, copy, notes, cap)
                notes.add(met)
            yield change, met


def explained() -> dict[str, str]:
    """The survivors that are known, and why each changes nothing."""
    return dict(tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))["survivors"])


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def asked() -> argparse.Namespace:
    """What is asked for on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=300, help="how many changes, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cap", type=float, default=60.0, help="CPU seconds for one change")
    parser.add_argument("--only", default="", help="changes whose name holds this text")
    parser.add_argument("--notes", type=Path, help="a folder for what is known, to go on later (none: all anew)")
    parser.add_argument("--again", action="store_true", help="meet again what nobody noticed before")
    return parser.parse_args()


def main() -> int:
    wish, known, survivors = asked(), explained(), []
    every = [change for change in all_changes() if wish.only in change.name]
    sample = drawn(every, wish.seed, wish.count)
    with tempfile.TemporaryDirectory(prefix="notes-") as folder:
        notes = Notes(wish.notes or Path(folder))
        for number, (change, met) in enumerate(meetings(sample, notes, notes.before(wish.again), wish.cap), 1):
            verdict = "noticed " if met.noticed else "SURVIVED"
            say(f"{number:4} {verdict} {met.seconds:5.1f} s  {change.name} (line {change.line})  {met.how}")
            if not met.noticed:
                survivors.append(change)
    unnoticed = [change for change in survivors if change.name not in known]
    share = 1 - len(unnoticed) / len(sample) if sample else 0.0
    say(f"{len(sample)} changes of {len(every)}, seed {wish.seed}: {len(sample) - len(survivors)} noticed, "
        f"{len(survivors) - len(unnoticed)} change nothing, {len(unnoticed)} unnoticed; {share:.1%}")  # fmt: skip
    for change in survivors:
        say(f"  {change.name}: {known.get(change.name, 'NOT EXPLAINED')}")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
