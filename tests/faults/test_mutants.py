"""Mutants of the sending code: each is a small mistake somebody could make, and the suite has to notice.

A mutant is made in a copy of the package, by a replacement that has to fit exactly once, so that the table cannot fall
behind the code. A few tests of the gate are run against the copy, and have to fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from spoiled import ROOT, copied, ran_with

ORDER = "faults/test_durable_operations.py::test_durable_before_planned_before_tried_before_sent"
PRAGMAS = "faults/test_durable_operations.py::test_the_journal_is_as_durable_as_sqlite_can_make_it"
TROUBLES = "faults/test_crash_matrix.py::test_a_trouble_without_a_crash"
CRASHES = "faults/test_crash_matrix.py::test_a_crash_beside_some_troubles"


@dataclass(frozen=True)
class Mutant:
    """A mistake: what the code says, what it says by mistake, and the tests that have to notice."""

    name: str
    right: str
    wrong: str
    noticed_by: str
    picked: str = ""


MUTANTS = [
    Mutant("no fsync of a part", "        os.fsync(file.fileno())\n\n    def rename", "\n    def rename", ORDER),
    Mutant(
        "no fsync of the folder after a rename",
        "        os.replace(old, new)\n        _sync_folder(new.parent)",
        "        os.replace(old, new)",
        ORDER,
    ),
    Mutant(
        "the receipt only after the body",
        "            steps.acknowledged(receipt)\n            came.drain()",
        "            came.drain()\n            steps.acknowledged(receipt)",
        ORDER,
    ),
    Mutant(
        "a journal that does not wait for the disk",
        'connection.execute("PRAGMA synchronous=EXTRA")',
        'connection.execute("PRAGMA synchronous=OFF")',
        PRAGMAS,
    ),
    Mutant("a rollback journal in memory", "PRAGMA journal_mode=DELETE", "PRAGMA journal_mode=MEMORY", PRAGMAS),
    Mutant(
        "a send is repeated on 502", "((429,), Verdict.THROTTLED)", "((429, 502), Verdict.THROTTLED)", TROUBLES, "502"
    ),
    Mutant(
        "503 is believed to mean no",
        "400, 403, 404, 405, 413, 415, 422), Verdict.REFUSED",
        "400, 403, 404, 405, 413, 415, 422, 503), Verdict.REFUSED",
        TROUBLES,
        "503",
    ),
    Mutant(
        "a lost answer counts as not sent",
        "if sent == 0 and isinstance(error, _CONNECT_PHASE):",
        "if isinstance(error, httpx.TransportError):",
        TROUBLES,
        "closed",
    ),
    Mutant(
        "doubt is forgotten",
        "session.journal.doubt(attempt, part, **_facts(error))",
        'session.journal.release(attempt, part, "not_sent", **_facts(error))',
        TROUBLES,
        "reset",
    ),
    Mutant(
        "what a dead process was sending is sent again",
        "session.journal.doubt(attempt.id, part, message=_DIED)",
        'session.journal.release(attempt.id, part, "not_sent")',
        CRASHES,
        "submit and sent",
    ),
    Mutant(
        "later parts go out beside a doubt",
        "if planned and room and not stopped:",
        "if planned and room:",
        "lifecycle/test_resolve_doubts.py",
    ),
    Mutant(
        "the room held back is kept",
        "        except StorageFailed:\n            self._reserve.free()\n",
        "        except StorageFailed:\n",
        "faults/test_disk_full.py::test_the_room_held_back_is_given_up_for_a_receipt",
    ),
    Mutant(
        "nothing stops a second attempt",
        "CREATE UNIQUE INDEX one_live_attempt",
        "CREATE INDEX one_live_attempt",
        "lifecycle/journal/test_journal_invariants.py",
    ),
    Mutant("the lock is not taken", "        lock.acquire()\n", "        pass\n", "faults/test_many_senders.py"),
    Mutant(
        "a list frees a part that was accepted",
        "(why := _sent_again(answer, pace)) and not _nameless(part)",
        "(why := _sent_again(answer, pace))",
        "lifecycle/send/test_presence.py",
        "nameless",
    ),
    Mutant(
        "an open run is not recognised",
        '            if row.state == "open":\n                return row\n            if self.allow',
        "            if self.allow",
        "lifecycle/test_same_content.py",
        "open_run",
    ),
    Mutant(
        "what is not listed counts at once",
        "early = attempt.waited < attempt.settle",
        "early = attempt.waited < 0",
        "erp/unit4/test_erp_finding.py",
    ),
    Mutant("redirects are followed", "follow_redirects=False", "follow_redirects=True", "erp", "redirect"),
    Mutant(
        "a decision is taken by what was shown",
        "if now.attempt.id != at_stake.attempt.id:",
        "if False:",
        "lifecycle/test_resolve_doubts.py",
    ),
]


def home_of(text: str) -> Path:
    """The one module in which a text stands, once."""
    homes = [(path, path.read_text().count(text)) for path in (ROOT / "sobatch").rglob("*.py")]
    found = [(path, count) for path, count in homes if count]
    assert [count for _, count in found] == [1], f"{text!r} stands in {found}"
    return found[0][0]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_table_fits_the_code(mutant: Mutant) -> None:
    source = home_of(mutant.right).read_text()
    compile(source.replace(mutant.right, mutant.wrong), "mutant", "exec")


@pytest.mark.full
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_suite_notices(mutant: Mutant, tmp_path: Path) -> None:
    copy = copied(tmp_path)
    home = copy / home_of(mutant.right).relative_to(ROOT)
    home.write_text(home.read_text().replace(mutant.right, mutant.wrong))
    ran = ran_with(copy, [mutant.noticed_by], mutant.picked)
    assert ran.returncode == 1, f"it lives\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"


@pytest.mark.full
def test_without_a_mutant_the_same_tests_pass(tmp_path: Path) -> None:
    copy = copied(tmp_path)
    for tests, picked in sorted({(mutant.noticed_by, mutant.picked) for mutant in MUTANTS}):
        ran = ran_with(copy, [tests], picked)
        assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-2000:]
