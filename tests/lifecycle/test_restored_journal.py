"""A journal restored from a copy sends nothing before the operator decides; a mark that is missing stops nobody."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from lifecycle_bench import Bench, order

from sobatch.erp.unit4 import api
from sobatch.sandbox import Fault

RAW = [order(number) for number in range(3)]


def marks(made: Bench) -> list[Path]:
    """The marks that are kept outside the state folder."""
    return [path for path in (made.folder.parent / ".cache" / "sobatch" / "marks").rglob("*") if path.is_file()]


def restored(made: Bench) -> str:
    """Three parts of which the journal, once it is restored, knows only the first; the others arrived. The file."""
    name = made.file(RAW)
    made.erp.add_fault(Fault("submit", "custom", nth=2, times=1, status=403))
    assert made("submit", name, "--max-orders", "1").code == 6 and made.posts() == 2
    shutil.copytree(made.state, made.folder / "copy")
    assert made("submit", name).code == 0 and set(made.created().values()) == {1}
    shutil.rmtree(made.state)
    shutil.copytree(made.folder / "copy", made.state)
    return name


@pytest.mark.parametrize("listed", [True, False])
def test_nothing_is_sent_before_the_operator_decides(bench: Callable[..., Bench], listed: bool) -> None:
    made = bench(list_enabled=listed, list_shows_file_name=True)
    name = restored(made)
    posts = made.posts()
    for other in (name, made.file([order(9)], "other.json")):
        told = made("submit", other)
        assert told.code == 12 and "lacks 2 sends" in told.err and "sobatch resolve --journal-restored" in told.err
        assert "same command again" not in told.err
    assert made("submit", name, "--dry-run").code == 0 and made("status").code == 0
    told = made("resolve", "--journal-restored")
    assert told.code == 0 and list(told.run["doubted"].values()) == [[2, 3]], told.err
    assert made("submit", name).code == (0 if listed else 10)
    assert made.posts() == posts and set(made.created().values()) == {1}
    assert made("submit", made.file([order(9)], "other.json")).code == 0


def test_a_part_that_was_cut_and_sent_since_is_not_sent_again(bench: Callable[..., Bench]) -> None:
    raw = [order(number) for number in range(6)]
    made = bench(max_rows=24, row_factor=1.7, list_enabled=False, pace=0)
    name = made.file(raw)
    flags = ("--headroom", "0", "--max-rows", "24")
    assert made("submit", name, *flags, "--no-wait").code == 0
    shutil.copytree(made.state, made.folder / "copy")
    made.erp.options = made.erp.options.with_values({"pace": None})
    assert made("submit", name, *flags).code == 0
    posts = made.posts()
    assert posts > 1 and set(made.created().values()) == {1}
    shutil.rmtree(made.state)
    shutil.copytree(made.folder / "copy", made.state)
    assert made("resolve", "--journal-restored").code == 0
    assert made("submit", name, *flags).code == 10
    assert made.posts() == posts and set(made.created().values()) == {1}


def test_the_mark_is_private_and_only_the_highest_stays(bench: Callable[..., Bench]) -> None:
    made = bench()
    made("submit", made.file(RAW), "--max-orders", "1")
    (mark,) = marks(made)
    assert mark.name == "3" and ("mark", "3") in made.ask("SELECT * FROM meta")
    assert stat.S_IMODE(mark.stat().st_mode) == 0o600 and stat.S_IMODE(mark.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("loss", ["gone", "behind", "nonsense", "unwritable", "no home"])
def test_a_mark_that_is_missing_or_behind_stops_nobody(bench: Callable[..., Bench], loss: str) -> None:
    made = bench()
    made("submit", made.file(RAW), "--max-orders", "1")
    (mark,) = marks(made)
    if loss in ("gone", "unwritable"):
        shutil.rmtree(made.folder.parent / ".cache")
    if loss == "behind":
        mark.rename(mark.with_name("1"))
    if loss == "nonsense":
        mark.rename(mark.with_name("many"))
    if loss == "unwritable":
        (made.folder.parent / ".cache").write_bytes(b"a file where a folder should be")
    if loss == "no home":
        made.patch.setenv("XDG_CACHE_HOME", "/dev/null/nowhere")
    told = made("submit", made.file([order(9)], "other.json"))
    assert told.code == 0
    notes = [line for line in told.err.splitlines() if "No mark of this send" in line]
    assert len(notes) == (loss in ("unwritable", "no home"))


def test_every_journal_has_a_mark_of_its_own(bench: Callable[..., Bench]) -> None:
    made = bench()
    made("submit", made.file(RAW), "--max-orders", "1")
    made.settings(STATE_DIR=str(made.folder / "another"))
    assert made("submit", made.file([order(9)], "other.json")).code == 0
    assert sorted(mark.name for mark in marks(made)) == ["1", "3"]


def test_the_mark_is_kept_before_the_first_byte_goes_out(bench: Callable[..., Bench]) -> None:
    made = bench()
    seen: list[list[str]] = []
    real = api.Unit4.send

    def send(target: object, *arguments: object) -> object:
        seen.append([mark.name for mark in marks(made)])
        return real(target, *arguments)  # type: ignore[arg-type]

    made.patch.setattr(api.Unit4, "send", send)
    made("submit", made.file(RAW), "--max-orders", "1")
    assert seen == [["1"], ["2"], ["3"]]


def test_the_sandbox_keeps_no_mark(bench: Callable[..., Bench]) -> None:
    made = bench()
    for variable in ("BASE_URL", "TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET", "COMPANY_ID"):
        made.patch.delenv(f"SOBATCH_{variable}")
    made("submit", "--sandbox", made.file(RAW))
    assert not marks(made)


@pytest.mark.parametrize("more", [["2026"], ["2026", "1"], ["--abandon"], ["2026", "1", "--abandon"]])
def test_a_restored_journal_is_a_decision_of_its_own(bench: Callable[..., Bench], more: list[str]) -> None:
    assert bench()("resolve", "--journal-restored", *more).code == 2
