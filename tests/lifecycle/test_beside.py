"""Spellings of the company, run keys and the state of the former run: which of them sends the same content again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lifecycle_bench import Bench, order

from sobatch.sandbox import Fault

Row = tuple[Any, ...]
RAW = [order(number) for number in range(2)]
KEY, DUPLICATE = ("--run-key", "w48"), ("--allow-duplicate",)

# Company of the former run and of the new one, the new one's options; then what comes of it when the former run is
# over, still open, or in doubt: exit code and whether anything is posted.
TABLE = [
    ("EN", "EN", (), (0, 0), (0, 0), (10, 0)),
    ("EN", "EN", KEY, (0, 1), (11, 0), (10, 0)),
    ("EN", "EN", DUPLICATE, (0, 1), (0, 0), (10, 0)),
    ("EN", "EN", KEY + DUPLICATE, (0, 1), (11, 0), (10, 0)),
    ("EN", "en", (), (11, 0), (11, 0), (10, 0)),
    ("EN", " eN ", (), (11, 0), (11, 0), (10, 0)),
    ("A  b", "a B", (), (11, 0), (11, 0), (10, 0)),
    ("EN", "en", KEY, (0, 1), (11, 0), (10, 0)),
    ("EN", "en", DUPLICATE, (0, 1), (11, 0), (10, 0)),
    ("EN", "default", (), (11, 0), (11, 0), (11, 0)),
    ("default", "EN", (), (11, 0), (11, 0), (11, 0)),
    ("EN", "default", KEY, (0, 1), (0, 1), (0, 1)),
    ("EN", "NO", (), (0, 1), (0, 1), (0, 1)),
]


def begin(made: Bench, company: str, state: str) -> str:
    """A former run in that state."""
    if state == "in doubt":
        made.erp.add_fault(Fault("submit", "close"))
    if state == "open":
        made.erp.options = made.erp.options.with_values({"pace": 0})
    told = made("submit", made.file(RAW), "--company-id", company, *(("--no-wait",) if state == "open" else ()))
    assert told.code == {"over": 0, "open": 0, "in doubt": 10}[state], told.err
    return str(told.run["run"])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}, then {row[1]} {' '.join(row[2])}")
@pytest.mark.parametrize("state", ["over", "open", "in doubt"])
def test_the_same_content_beside_a_former_run(bench: Callable[..., Bench], row: Row, state: str) -> None:
    former, company, options, *ends = row
    code, posted = ends[["over", "open", "in doubt"].index(state)]
    made = bench(list_enabled=False, companies=frozenset({"EN", "en", "eN", "A  b", "a B", "NO"}))
    run = begin(made, former, state)
    posts = made.posts()
    waiting = ("--no-wait",) if state == "open" else ()
    told = made("submit", made.file(RAW, "again.json"), "--company-id", company, *options, *waiting)
    assert (told.code, made.posts() - posts) == (code, posted), told.err
    if code in (10, 11):
        assert run in told.err


def test_an_open_run_beside_is_looked_at_before_it_stands_in_the_way(bench: Callable[..., Bench]) -> None:
    made = bench(pace=0)
    made("submit", made.file(RAW), "--run-key", "w47", "--no-wait")
    made.erp.options = made.erp.options.with_values({"pace": None})
    assert made("submit", made.file(RAW), "--run-key", "w48").code == 0 and made.posts() == 2


def test_content_of_which_nothing_was_created_may_go_to_another_company(bench: Callable[..., Bench]) -> None:
    made = bench()
    name = made.file([order(1, customerId="BAD")])
    assert [made("submit", name, "--company-id", company).code for company in ("default", "EN")] == [5, 5]
    assert made.posts() == 2


def test_other_content_goes_on_beside_an_unknown(bench: Callable[..., Bench]) -> None:
    made = bench(list_enabled=False)
    begin(made, "EN", "in doubt")
    assert made("submit", made.file([order(9)], "other.json")).code == 0


@pytest.mark.parametrize(
    "address",
    ["{scheme}://{HOST}:{port}/", "{SCHEME}://{host}:{port}", "{scheme}://{host}:{port}/./",
     "{scheme}://{host}:{port}/a/..", "{scheme}://{host}:{port}//", " {scheme}://{host}:{port}/%2e/ ",
     "{scheme}://{host}.:{port}"],
)  # fmt: skip
def test_an_address_is_one_however_it_is_spelt(bench: Callable[..., Bench], address: str) -> None:
    made = bench()
    made.settings(BASE_URL=made.address.replace("127.0.0.1", "localhost"))
    assert made("submit", made.file(RAW)).code == 0
    port = made.address.rpartition(":")[2]
    spelt = address.format(scheme="http", SCHEME="HTTP", host="localhost", HOST="LocalHost", port=port)
    made.settings(BASE_URL=spelt)
    told = made("submit", made.file(RAW))
    assert told.code == 0 and told.run["submitted_before"] and made.posts() == 1


def test_two_runs_of_one_second_never_share_an_id(bench: Callable[..., Bench]) -> None:
    made = bench()
    letters = iter("bbbb" + "bbbb" + "bbbc")
    made.patch.setattr("sobatch.lifecycle.submit.secrets.choice", lambda _: next(letters))
    told = [made("submit", made.file([order(number)], f"{number}.json")) for number in (1, 2)]
    assert [each.code for each in told] == [0, 0]
    assert [each.run["run"][-4:] for each in told] == ["bbbb", "bbbc"]
