"""Any story an operator may live through, made up by hypothesis: submits that are killed or meet a failing ERP, other
names and layouts of the same file, other spellings of the company and the address, a journal restored from a copy,
pruning, looking, cancelling, deciding. Whatever happened, no order is created twice, none is lost, and the ledger
says what the ERP really has.
"""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from crashes import die, watch
from fault_erp import Erp
from fault_process import KILLED, Ran
from fault_world import World, as_file, order
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

STEPS = 18
LISTS: tuple[dict[str, Any], ...] = (
    {"list_enabled": False},
    {"list_shows_file_name": True},
    {},
)
TROUBLES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("submit", "close", {"saved": True}),
    ("submit", "close", {}),
    ("submit", "reset_after", {"saved": True}),
    ("submit", "error", {"status": 502, "saved": True}),
    ("submit", "error", {"status": 503}),
    ("submit", "cut_body", {}),
    ("submit", "throttle", {"retry_after": "1"}),
    ("submit", "no_location", {}),
    ("status", "error", {"status": 500}),
    ("status", "close", {}),
    ("results", "truncated", {}),
    ("success", "cut_body", {}),
    ("list", "error", {"status": 503}),
    ("list", "error", {"status": 403}),
)
COMPANIES = ("EN", "en", " EN", "default")
ADDRESSES = ("{url}", "{url}/", "HTTP://127.0.0.1:{port}", "{url}/./")
LAYOUTS = ("orders.json", "again.json", "packed.json.gz", "lines.ndjson", "spread.json")
ENDED = (0, 4, 5, 9, 11)


class Story(RuleBasedStateMachine):
    """One file of orders, and everything that may happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.copy: Path | None = None
        self.cancelled = self.restored = self.pruned = False

    @initialize(
        count=st.integers(1, 5),
        parts_of=st.integers(1, 3),
        bad=st.sets(st.integers(0, 4), max_size=2),
        listed=st.sampled_from(LISTS),
        pace=st.sampled_from((None, None, 50.0)),
    )
    def begin(self, count: int, parts_of: int, bad: set[int], listed: dict[str, Any], pace: float | None) -> None:
        room = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="sobatch-story-", dir=room)))
        home = self.folder / "home"
        home.mkdir()
        self.world = World(home, Erp(home), parts_of=parts_of)
        self.stack.callback(self.world.erp.close)
        self.world.erp.open(companies=["EN", "en", "NO"], page_size=1, pace=pace, **listed)
        self.world.configure()
        self.bad = {number for number in bad if number < count}
        product = {number: "BAD" if number in self.bad else "1000" for number in range(count)}
        lines = {number: [{"productCode": product[number], "price": 0.90, "quantity": 2}] for number in product}
        self.world.write([json.dumps(order(number, orderLines=lines[number])).encode() for number in range(count)])
        self._lay_out()
        self.good = {print_ for number, print_ in enumerate(self.world.fingerprints) if number not in self.bad}

    def _lay_out(self) -> None:
        raw, home = self.world.raw, self.world.folder
        (home / "again.json").write_bytes(as_file(raw))
        (home / "packed.json.gz").write_bytes(gzip.compress(as_file(raw)))
        (home / "lines.ndjson").write_bytes(b"\n".join(raw) + b"\n")
        (home / "spread.json").write_bytes(b" [\n\n" + b"\n ,\n".join(raw) + b"\n]")

    # ---- what may happen ---------------------------------------------------------------------------------------------

    @rule(layout=st.sampled_from(LAYOUTS), company=st.sampled_from(COMPANIES), address=st.sampled_from(ADDRESSES))
    def submit(self, layout: str, company: str, address: str) -> None:
        spelt = address.format(url=self.world.erp.url, port=self.world.erp.port)
        self._submit("--company-id", company, "--base-url", spelt, file=layout)

    @rule(moment=st.integers(1, 90))
    def submit_and_die(self, moment: int) -> None:
        self._submit(dies_at=moment)

    @rule(trouble=st.sampled_from(TROUBLES), nth=st.integers(1, 3))
    def submit_to_a_failing_erp(self, trouble: tuple[str, str, dict[str, Any]], nth: int) -> None:
        where, action, how = trouble
        self.world.erp.fault(where, action, nth=nth, **how)
        self._submit()
        self.world.erp.no_faults()

    @precondition(lambda self: self.world.in_doubt())
    @rule()
    def submit_under_a_key_beside_a_doubt(self) -> None:
        posts = self.world.erp.posts()
        ran = self._submit("--run-key", "2026-W47", file="again.json")
        assert self.world.erp.posts() == posts, f"sent beside a doubt: {ran.code} {ran.err}"

    @rule(words=st.sampled_from((("status",), ("results",), ("status", "--list"))))
    def look(self, words: tuple[str, ...]) -> None:
        assert self.world.run(*words).code in (0, 2, 12)

    @rule()
    def decide(self) -> None:
        self.world.resolve_by_truth()

    @rule(moment=st.integers(1, 60))
    def cancel_and_die(self, moment: int) -> None:
        self._cancel(moment)

    @rule()
    def cancel(self) -> None:
        self._cancel(None)

    @precondition(lambda self: self.copy is None and self._runs())
    @rule()
    def copy_the_journal(self) -> None:
        self.copy = self.folder / "copy"
        shutil.copytree(self.world.state, self.copy)

    @precondition(lambda self: self.copy is not None)
    @rule()
    def restore_the_journal(self) -> None:
        assert self.copy is not None
        shutil.rmtree(self.world.state)
        shutil.copytree(self.copy, self.world.state)
        self.restored = True

    @precondition(lambda self: self.restored)
    @rule()
    def admit_the_restoring(self) -> None:
        self.world.run("resolve", "--journal-restored", "--yes")

    @precondition(lambda self: any(state == "closed" for _, state, _ in self._runs()))
    @rule()
    def prune(self) -> None:
        before = self._runs()
        ran = self.world.run("status", "--prune", "0s", "--yes")
        assert ran.code in (0, 12), ran.err
        self.pruned = self.pruned or self._runs() != before

    # ---- how ---------------------------------------------------------------------------------------------------------

    def _runs(self) -> list[Any]:
        return self.world.ask("SELECT id, state, exit_code FROM run WHERE state <> 'staging'")

    def _submit(self, *more: str, file: str = "orders.json", dies_at: int | None = None) -> Ran:
        line = ["submit", str(self.world.folder / file), "--max-orders", str(self.world.parts_of)]
        arm = None if dies_at is None else lambda: watch(_dying(dies_at))
        ran = self.world.run(*line, "--progress", "none", *more, arm=arm)
        assert "Traceback" not in ran.err, ran.err
        assert ran.code != 1, ran.err
        return ran

    def _cancel(self, dies_at: int | None) -> None:
        if self._runs():
            self.cancelled = True
        arm = None if dies_at is None else lambda: watch(_dying(dies_at))
        ran = self.world.run("cancel", "--progress", "none", arm=arm)
        assert ran.code in (KILLED, 0, 2, 4, 5, 7, 8, 9, 10, 12), ran.err

    # ---- what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_doubled_and_the_ledger_tells_the_truth(self) -> None:
        self.world.erp.at_rest()
        truth = self.world.erp.created()
        assert not truth - Counter(self.good), f"created twice, or at all: {truth - Counter(self.good)}"
        said: dict[int, list[str]] = {}
        for run, index, verdict in self.world.ask("SELECT run, idx, state FROM orders WHERE part IS NOT NULL"):
            saved = truth[self.world.fingerprints[index]]
            assert verdict != "created" or saved == 1, f"order {index} of {run} is said to be created, and was not"
            said.setdefault(index, []).append(verdict)
        for index, verdicts in said.items():
            # What one run did not create, a later one of the same content may have; also one that is forgotten.
            denied = not self.pruned and all(each in ("rejected", "not_created") for each in verdicts)
            assert not (denied and truth[self.world.fingerprints[index]]), f"order {index}: {verdicts}, and was created"

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self._come_to_an_end()
        finally:
            self.stack.close()

    def _come_to_an_end(self) -> None:
        self.world.erp.no_faults()
        self.world.erp.change(pace=None)
        codes: list[int] = []
        while not codes or codes[-1] not in ENDED:
            assert len(codes) < 14, f"the story has no end: {codes}"
            ran = self._submit()
            codes.append(ran.code)
            if ran.code == 12 and self.restored:
                self.world.run("resolve", "--journal-restored", "--yes")
            if ran.code in (10, 12):
                self.world.resolve_by_truth()
            self.nothing_is_doubled_and_the_ledger_tells_the_truth()
        truth = self.world.erp.created()
        assert self.cancelled or set(truth) == self.good, f"lost: {self.good - set(truth)} after {codes}, {ran.err}"


def _dying(left: int) -> Any:
    def tell(word: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            die()

    return tell


COMMON: dict[str, Any] = {
    "deadline": None,
    "stateful_step_count": STEPS,
    "suppress_health_check": list(HealthCheck),
    "print_blob": True,
    "database": None,
}
TestSomeStories = Story.TestCase
TestSomeStories.settings = settings(max_examples=18, derandomize=True, phases=(Phase.generate,), **COMMON)


@pytest.mark.full
class TestManyStories(Story.TestCase):  # type: ignore[name-defined,misc]
    """20,000 steps and more."""

    settings = settings(max_examples=1_200, **COMMON)
