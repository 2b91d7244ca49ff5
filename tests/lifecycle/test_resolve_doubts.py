"""The operator decides: with a summary of what is at stake, a confirmation, and a ledger that tells the truth."""

from __future__ import annotations

import getpass
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lifecycle_bench import Bench, order, prints

import sobatch
from sobatch.sandbox import Fault

RAW = [order(number) for number in range(6)]
PACKAGE = Path(sobatch.__file__).parents[1]


def in_doubt(bench: Callable[..., Bench], *, saved: bool) -> tuple[Bench, str, str]:
    """Three parts of two orders; the answer about the second was lost. The bench, the run and the part's digest."""
    made = bench(list_enabled=False)
    made.erp.add_fault(Fault("submit", "close", nth=2, saved=saved))
    told = made("submit", made.file(RAW), "--max-orders", "2")
    assert told.code == 10 and made.posts() == 2, "a later part was sent"
    assert told.run["ledger"]["unknown"] == 2 and told.run["ledger"]["adds_up"]
    assert all(part["adds_up"] is True for part in told.run["parts"])
    assert [part["state"] for part in told.run["parts"]] == ["settled", "unknown", "planned"]
    return made, told.run["run"], told.run["parts"][1]["sha256"]


def test_accepted_takes_the_id_and_fetches_the_results(bench: Callable[..., Bench]) -> None:
    made, run, digest = in_doubt(bench, saved=True)
    batch = made.erp.batches()[1].id
    told = made("resolve", run, "2", "--accepted", batch, "--confirm", digest[:8])
    assert told.code == 0 and told.run["parts"][1]["remote_id"] == batch
    final = made("submit", made.file(RAW))
    assert final.code == 0 and final.run["ledger"]["created"] == 6
    assert made.posts() == 3 and made.created() == prints(RAW)


def test_not_received_sends_the_part_again(bench: Callable[..., Bench]) -> None:
    made, run, digest = in_doubt(bench, saved=False)
    told = made("resolve", run, "2", "--not-received", "--confirm", digest[:8])
    assert told.code == 0 and told.run["ledger"]["unknown"] == 0 and told.run["ledger"]["pending"] == 4
    assert made.posts() == 2, "deciding sends nothing"
    assert made("submit", made.file(RAW)).code == 0
    assert made.posts() == 4 and made.created() == prints(RAW)


def test_abandoned_stays_unknown_and_the_rest_goes_on(bench: Callable[..., Bench]) -> None:
    made, run, digest = in_doubt(bench, saved=True)
    told = made("resolve", run, "2", "--abandon", "--confirm", digest[:8])
    assert told.code == 0 and told.run["ledger"]["unknown"] == 2
    final = made("submit", made.file(RAW))
    assert final.code == 10 and final.run["ledger"] | {"created": 4, "unknown": 2} == final.run["ledger"]
    assert made.posts() == 3 and made.created() == prints(RAW)
    assert made("submit", made.file(RAW)).code == 10 and made.posts() == 3
    (decided,) = made.ask("SELECT message FROM part WHERE number = 2")
    assert "operator" in decided[0]


def test_an_operator_without_a_name_may_decide(bench: Callable[..., Bench]) -> None:
    made, run, digest = in_doubt(bench, saved=False)

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    made.patch.setattr(getpass, "getuser", nobody)
    assert made("resolve", run, "2", "--not-received", "--confirm", digest[:8]).code == 0


@pytest.mark.parametrize("decision", [["--accepted", "batch-1"], ["--not-received"], ["--abandon"]])
@pytest.mark.parametrize("confirm", [[], ["--confirm", "00000000"]])
def test_nothing_is_decided_without_a_confirmation(
    bench: Callable[..., Bench], decision: list[str], confirm: list[str]
) -> None:
    made, run, digest = in_doubt(bench, saved=True)
    before = made.ask("SELECT * FROM part") + made.ask("SELECT * FROM attempt") + made.ask("SELECT * FROM orders")
    told = made("resolve", run, "2", *decision, *confirm, stdin=f"{digest[:8]}\n")
    assert told.code == 2 and digest[:8] in told.err
    assert before == made.ask("SELECT * FROM part") + made.ask("SELECT * FROM attempt") + made.ask(
        "SELECT * FROM orders"
    )


@pytest.mark.parametrize(
    ("part", "decision", "words"),
    [
        ("1", ["--not-received"], "is settled, not unknown"),
        ("3", ["--not-received"], "is planned, not unknown"),
        ("9", ["--abandon"], "has no part 9"),
        ("2", [], "exactly one decision"),
        ("2", ["--abandon", "--not-received"], "exactly one decision"),
        ("2", ["--accepted", "../../admin"], "letters, digits"),
        ("2", ["--accepted", ""], "letters, digits"),
        ("2", ["--accepted", "KNOWN"], "already belongs to another part"),
    ],
)
def test_what_cannot_be_decided_is_refused(
    bench: Callable[..., Bench], part: str, decision: list[str], words: str
) -> None:
    made, run, digest = in_doubt(bench, saved=False)
    known = made.erp.batches()[0].id
    given = [known if each == "KNOWN" else each for each in decision]
    told = made("resolve", run, part, *given, "--confirm", digest[:8])
    assert told.code == 2 and words in told.err
    assert made.ask("SELECT state FROM part ORDER BY number") == [("settled",), ("unknown",), ("planned",)]


@pytest.mark.parametrize(("typed", "code"), [("right", 0), ("wrong", 2), ("", 2)])
def test_a_person_is_shown_what_is_at_stake_and_types_the_digest(
    bench: Callable[..., Bench], typed: str, code: int
) -> None:
    made, run, digest = in_doubt(bench, saved=False)
    ours, theirs = pty.openpty()
    try:
        command = [sys.executable, "-m", "sobatch", "resolve", run, "2", "--not-received"]
        with subprocess.Popen(
            command,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(PACKAGE)},
        ) as child:
            os.write(ours, f"{digest[:8] if typed == 'right' else typed}\n".encode())
            _, err = child.communicate(timeout=60)
        assert child.returncode == code, err
    finally:
        os.close(ours)
        os.close(theirs)
    said = err.decode()
    for fact in (f"Part 2 of run {run}", "2 orders", "8 rows", "company EN", "sent AGAIN", digest[:8]):
        assert fact in said
    assert (made.ask("SELECT state FROM part WHERE number = 2") == [("planned",)]) == (code == 0)


def test_a_decision_that_came_too_late_changes_nothing(bench: Callable[..., Bench]) -> None:
    made, run, digest = in_doubt(bench, saved=True)
    batch = made.erp.batches()[1].id
    assert made("resolve", run, "2", "--accepted", batch, "--confirm", digest[:8]).code == 0
    assert made("resolve", run, "2", "--not-received", "--confirm", digest[:8]).code == 2
    assert made("submit", made.file(RAW)).code == 0
    assert made.created() == prints(RAW)


def found(made: Bench, run: str, digest: str) -> str:
    """Somebody else finds the part in the ERP."""
    batch = made.erp.batches()[1].id
    assert made("resolve", run, "2", "--accepted", batch, "--confirm", digest[:8]).code == 0
    return "nothing to decide"


def sent_again(made: Bench, run: str, digest: str) -> str:
    """Somebody else frees the part, and a submit sends it again into the dark."""
    assert made("resolve", run, "2", "--not-received", "--confirm", digest[:8]).code == 0
    made.erp.add_fault(Fault("submit", "close", saved=True))
    assert made("submit", made.file(RAW)).code == 10
    return "sent again meanwhile"


@pytest.mark.parametrize("meanwhile", [found, sent_again])
def test_what_happens_while_a_person_thinks_wins(
    bench: Callable[..., Bench], meanwhile: Callable[[Bench, str, str], str]
) -> None:
    made, run, digest = in_doubt(bench, saved=meanwhile is found)
    ours, theirs = pty.openpty()
    try:
        command = [sys.executable, "-m", "sobatch", "resolve", run, "2", "--not-received"]
        with subprocess.Popen(
            command,
            stdin=theirs,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(PACKAGE)},
        ) as child:
            assert child.stderr is not None
            shown = b""
            while b"to confirm" not in shown:
                shown += os.read(child.stderr.fileno(), 4096)
            words = meanwhile(made, run, digest)
            os.write(ours, f"{digest[:8]}\n".encode())
            _, err = child.communicate(timeout=60)
        assert child.returncode == 2 and words in err.decode()
    finally:
        os.close(ours)
        os.close(theirs)
    if meanwhile is sent_again:
        found(made, run, digest)
    assert made("submit", made.file(RAW)).code == 0
    assert made.created() == prints(RAW)
