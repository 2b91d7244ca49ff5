"""Fail the first, the second, the third ... durable operation until a submit completes untouched: no wrong verdict.

And the order in which things become durable, as the ports and the system are asked for it: a killed process cannot
show a missing fsync, because the page cache outlives it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from crashes import COMMITS, watch
from fault_disk import Failure, failing, recording
from fault_process import KILLED
from fault_world import World, raw_orders

import sobatch.lifecycle.journal.opening


def fail_each_in_turn(make: Callable[..., World], how: str, parts: int, *, has_list: bool) -> int:
    """The loop. Returns how many operations were failed."""
    nth = 0
    while True:
        nth += 1
        world = make(raw_orders(parts), list_enabled=has_list, list_shows_file_name=has_list)
        try:
            mark = world.folder / "failed"
            ran = world.submit(arm=failing(Failure(nth, how, mark)))
            world.verify(ran.code)
            if not mark.exists():
                assert ran.code == 0, ran.err
                return nth - 1
            # 0: the write was repeated, or not needed in the end.
            assert ran.code in ((KILLED,) if how == "kill" else (0, 12)), f"operation {nth}: {ran.code}, {ran.err}"
            assert "Traceback" not in ran.err
            codes = world.finish()
            assert codes[-1] == 0, f"operation {nth}: {codes}"
        finally:
            world.close()


def test_any_durable_operation_may_find_the_disk_full(world: Callable[..., World]) -> None:
    assert fail_each_in_turn(world, "ENOSPC", 2, has_list=True) >= 25


@pytest.mark.full
@pytest.mark.parametrize("has_list", [True, False])
@pytest.mark.parametrize("how", ["ENOSPC", "EIO", "kill"])
def test_any_durable_operation_may_fail(world: Callable[..., World], how: str, has_list: bool) -> None:
    assert fail_each_in_turn(world, how, 4, has_list=has_list) >= 40


def overflow_with_failures(make: Callable[..., World], how: str) -> int:
    """The loop again, while parts are cut because the ERP makes more rows than it should."""
    nth = 0
    while True:
        nth += 1
        world = make(raw_orders(6), max_rows=24, row_factor=1.7, list_shows_file_name=True)
        try:
            world.parts_of = 100
            world.configure(max_rows=24, headroom=0)
            mark = world.folder / "failed"
            ran = world.submit(arm=failing(Failure(nth, how, mark)))
            world.verify(ran.code)
            assert ran.code in (0, 12, KILLED), f"operation {nth}: {ran.code}, {ran.err}"
            codes = world.finish()
            assert codes[-1] == 0, f"operation {nth}: {codes}"
            if not mark.exists():
                return nth - 1
        finally:
            world.close()


@pytest.mark.parametrize("how", ["kill", pytest.param("ENOSPC", marks=pytest.mark.full)])
def test_a_cut_part_survives_any_failure(world: Callable[..., World], how: str) -> None:
    assert overflow_with_failures(world, how) >= 30


@pytest.fixture(params=[1, 2], ids=["pages of one-order parts", "a file for each part"])
def told(world: Callable[..., World], request: pytest.FixtureRequest) -> list[str]:
    """What a submit of three parts does, in order."""
    made = world(raw_orders(3 * request.param))
    made.parts_of = request.param
    log = made.folder / "told"

    def tell(word: str) -> None:
        with log.open("a") as file:
            file.write(word + "\n")

    def arm() -> None:
        watch(tell)
        recording(tell)

    assert made.submit(arm=arm).code == 0
    return log.read_text().splitlines()


def place(told: list[str], pattern: str) -> int:
    """Where a word that fits first stands."""
    found = [number for number, word in enumerate(told) if re.fullmatch(pattern, word)]
    assert found, f"nothing like {pattern} in {told}"
    return found[0]


@pytest.mark.parametrize("part", [1, 2, 3])
def test_durable_before_planned_before_tried_before_sent(told: list[str], part: int) -> None:
    own = (word for word in told if word.startswith("rename ") and f" to {part:04d}-" in word)
    pages = (word for word in told if word.startswith("rename ") and len(word.split()) == 7)
    renamed = next(own, None) or next(pages)
    _, inode, size, _, _, _, folder = renamed.split()
    steps = [
        f"fsync file {inode} {size}",
        re.escape(renamed),
        f"commit {part} planned before",
        f"commit {part} planned after",
        f"commit {part} sending before",
        f"commit {part} sending after",
        f"submit {part} asked",
        f"submit {part} piece 1",
        f"submit {part} headers",
        f"commit {part} accepted before",
        f"commit {part} accepted after",
        f"submit {part} body",
    ]
    places = [place(told, step) for step in steps]
    assert places == sorted(places)
    assert told[told.index(renamed) + 1] == f"fsync folder {folder}"


def test_a_new_folder_is_durable_in_its_parent_before_anything_is_in_it(told: list[str]) -> None:
    until_the_first_file = told[: place(told, "create before")]
    made_last = max(number for number, word in enumerate(until_the_first_file) if word == "folder after")
    assert told[made_last - 1].startswith("fsync folder ")


def test_the_journal_is_as_durable_as_sqlite_can_make_it(world: Callable[..., World]) -> None:
    made = world(raw_orders(1))
    log = made.folder / "told"

    class Asking(COMMITS):
        def commit(self, connection: sqlite3.Connection) -> None:
            names = ("journal_mode", "synchronous", "fullfsync", "foreign_keys", "trusted_schema")
            settings = [str(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in names]
            with log.open("a") as file:
                file.write(" ".join(settings) + "\n")
            super().commit(connection)

    def arm() -> None:
        sobatch.lifecycle.journal.opening.RealCommits = Asking  # type: ignore[misc]

    assert made.submit(arm=arm).code == 0
    extra = 3
    assert set(log.read_text().splitlines()) == {f"delete {extra} 1 1 0"}
    assert not list(Path(made.state).glob("journal.sqlite-*"))
