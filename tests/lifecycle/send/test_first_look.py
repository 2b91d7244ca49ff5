"""The one look at the ERP's list before a run's first send: what was sent from elsewhere is refused, and nobody else
hears of it."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from lifecycle_bench import Bench, Told, order, prints

from sobatch.erp.ports import Phase, RemoteJob, Status
from sobatch.errors import AlreadySubmitted
from sobatch.lifecycle.send import first_look
from sobatch.sandbox import Fault

NAMES = {"list_shows_file_name": True}
RAW = [order(number) for number in range(3)]


def at(made: Bench, home: str, *command: str) -> Told:
    """Run a command in a container of its own: nothing is left of any former one."""
    made.settings(STATE_DIR=str(made.folder / home))
    return made(*command)


def looks(made: Bench) -> int:
    """How often the list was asked for."""
    return sum(each.place == "list" for each in made.erp.requests())


@pytest.mark.parametrize(
    ("erp", "flags"),
    [
        (NAMES, []),
        (NAMES | {"list_shows_total_items": True, "list_oldest_first": True}, ["--max-orders", "2"]),
        (NAMES | {"list_hours_ahead": 2.0, "start_delay": 600.0}, ["--run-key", "w47"]),
    ],
)
def test_the_same_bytes_sent_from_elsewhere_are_refused(
    bench: Callable[..., Bench], erp: Mapping[str, Any], flags: list[str]
) -> None:
    made = bench(**erp)
    same = [flag for flag in flags if flag not in ("--run-key", "w47")]
    assert at(made, "first", "submit", made.file(RAW), "--no-wait", *same).code == 0
    posts, batches = made.posts(), [each.id for each in made.erp.batches()]
    made.clock.time += 24 * 3600
    told = at(made, "second", "submit", made.file(RAW, "again.json"), *flags)
    assert (told.code, made.posts()) == (11, posts), told.err
    assert (told.error["kind"], told.error["code"]) == ("duplicate", "submitted-elsewhere")
    assert told.error["remote_id"] in batches and told.error["remote_id"] in told.err
    assert "--allow-duplicate" in told.err
    with closing(sqlite3.connect(made.folder / "second" / "journal.sqlite")) as journal:
        assert journal.execute("SELECT count(*) FROM run").fetchone() == (0,), "nothing is left of it"
    assert at(made, "second", "submit", made.file(RAW, "again.json"), "--allow-duplicate", *flags).code == 0
    assert made.posts() == 2 * posts


UNLIKE = {
    "other orders": [order(9)],
    "one order more": [*RAW, order(9)],
    "another line": [*RAW[:2], order(2, externalReference="R")],
}


@pytest.mark.parametrize("raw", UNLIKE.values(), ids=UNLIKE)
def test_other_bytes_go_out(bench: Callable[..., Bench], raw: list[bytes]) -> None:
    made = bench(**NAMES)
    assert at(made, "first", "submit", made.file(RAW)).code == 0
    assert at(made, "second", "submit", made.file(raw, "other.json")).code == 0


PRUNED = """
    INSERT INTO forgotten (run, erp, address, company, run_key, content, stored, closed, all_free)
        SELECT id, erp, address, company, run_key, content, stored, closed, 0 FROM run;
    DELETE FROM orders; DELETE FROM attempt; DELETE FROM part; DELETE FROM run;
"""


def test_what_this_journal_knows_is_its_own_business(bench: Callable[..., Bench]) -> None:
    made = bench(**NAMES)
    for key in ("w46", "w47"):
        assert made("submit", made.file(RAW), "--run-key", key).code == 0
    with closing(sqlite3.connect(made.state / "journal.sqlite")) as journal:
        journal.executescript(PRUNED)
    assert made.ask("SELECT count(*) FROM run") == [(0,)]
    assert made("submit", made.file(RAW), "--run-key", "w48").code == 0
    assert made.posts() == 3


def test_it_is_one_look_a_run_and_none_on_resume(bench: Callable[..., Bench]) -> None:
    made = bench(**NAMES, start_delay=60.0)
    assert made("submit", made.file(RAW), "--max-orders", "1", "--no-wait").code == 0
    assert looks(made) == 1
    for _ in range(2):
        assert made("submit", made.file(RAW), "--max-orders", "1").code == 0
    assert looks(made) == 1 and made.created() == prints(RAW)
    assert made("submit", made.file([order(8)]), "--dry-run").code == 0
    assert looks(made) == 1


def plain(told: Told) -> str:
    """What was said, without ids, addresses and times."""
    said = re.sub(r"\d{8}-\d{6}-[a-z]{4}|[0-9a-f]{8}-[0-9a-f-]{27}|:\d{4,5}\b", "...", told.err)
    return re.sub(r"/\S+/(?=[^/\s]+\.json)", "", said)


def custom(status: int, body: str = "{}") -> Fault:
    return Fault("list", "custom", status=status, body=body, times=None)


# What the list answers before the first send, and whether a line says so.
ANSWERS = {
    "no list": (custom(404), False),
    "no such method": (custom(405), False),
    "not for this user": (custom(403), True),
    "no access": (Fault("list", "unauthorized", times=None), True),
    "another kind of refusal": (custom(400), True),
    "throttled": (Fault("list", "throttle", retry_after="30", times=None), True),
    "out of order": (custom(503), True),
    "a redirect": (Fault("list", "redirect", location="http://127.0.0.1:9/", times=None), True),
    "a page": (Fault("list", "html", times=None), True),
    "half an answer": (Fault("list", "truncated", times=None), True),
    "no answer": (Fault("list", "close", times=None), True),
    "an answer that takes too long": (Fault("list", "silence", seconds=0.6, times=None), True),
    "an answer byte by byte": (Fault("list", "drip", seconds=0.1, times=None), True),
    "something else": (custom(200, '{"welcome": true}'), True),
    "rows that make no sense": (custom(200, '[1, "x", {"id": {}}, {"fileName": 7}, null]'), False),
    "an empty list": (custom(200, "[]"), False),
}


@pytest.mark.parametrize(("answer", "told_of"), ANSWERS.values(), ids=ANSWERS)
def test_a_look_that_cannot_be_had_costs_a_line_at_most(
    bench: Callable[..., Bench], answer: Fault, told_of: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_look, "SECONDS", 0.3)
    made = bench()
    usual = plain(at(made, "first", "submit", made.file(RAW)))
    made.erp.set_faults([answer])
    slept = len(made.clock.slept)
    told = at(made, "second", "submit", made.file([order(number) for number in range(10, 13)]))
    assert told.code == 0 and len(made.erp.batches()) == 2 and looks(made) == 2
    more = [line for line in plain(told).splitlines() if line not in usual.splitlines()]
    assert len(more) == told_of and all("could not be looked at" in line for line in more), told.err
    assert len(made.clock.slept) == slept, "somebody waited"
    while any(each.body_bytes is None for each in made.erp.requests()):
        time.sleep(0.01)  # the ERP may still be at its answer, and is not to be taken away from under it


@pytest.mark.parametrize("erp", [{}, {"list_enabled": False}, NAMES], ids=["no names", "no list", "names"])
def test_a_new_home_for_every_run_is_nothing_to_speak_of(bench: Callable[..., Bench], erp: dict[str, bool]) -> None:
    made = bench(**erp)
    said = {plain(at(made, f"home-{number}", "submit", made.file([order(number)]))) for number in range(3)}
    assert len(said) == 1 and made.posts() == 3
    (words,) = said
    assert "list" not in words and "warning:" not in words


def row(name: str, **more: Any) -> RemoteJob:
    return RemoteJob("b-1", Status(Phase.FINISHED), raw={"fileName": f"sobatch-{name}.json.gz"}, **more)


ELSEWHERE = "20261120-080000-bcdf-0007-abcdef12"
# A row of the list, and whether it says that part 3 (two orders, digest abcdef12..., company EN) went out elsewhere.
ROWS = {
    "the very bytes": (row(ELSEWHERE), True),
    "as many orders": (row(ELSEWHERE, orders=2, company="en"), True),
    "another number of orders": (row(ELSEWHERE, orders=3), False),
    "another company": (row(ELSEWHERE, company="NO"), False),
    "other bytes": (row(ELSEWHERE.replace("abcdef12", "abcdef13")), False),
    "a longer number": (row(ELSEWHERE + "0"), False),
    "a run of this journal": (row(ELSEWHERE.replace("20261120", "20261119")), False),
    "a batch of this journal": (replace(row(ELSEWHERE), remote_id="known"), False),
    "somebody's file": (row("orders"), False),
}


@pytest.mark.parametrize(("job", "refused"), ROWS.values(), ids=ROWS)
def test_what_a_row_of_the_list_says_of_a_part(job: RemoteJob, refused: bool) -> None:
    journal = SimpleNamespace(
        holder=lambda run, remote_id: ("another", 1) if remote_id == "known" else None,
        has_run=lambda run: run.startswith("20261119"),
        parts_of_digests=lambda run, beginnings: {"abcdef12": (3, 2)} if "abcdef12" in beginnings else {},
    )
    session: Any = SimpleNamespace(target=SimpleNamespace(jobs=lambda seconds: iter([job])), journal=journal)
    run: Any = SimpleNamespace(id="mine", company="EN")
    with pytest.raises(AlreadySubmitted) if refused else nullcontext():
        first_look.first_look(session, run)
    assert session.listed_before == {job.remote_id}
