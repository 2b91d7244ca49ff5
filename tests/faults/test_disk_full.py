"""A disk that is full, at the start or while a part is on the wire: a receipt that was given is never lost."""

from __future__ import annotations

import re
import resource
import sqlite3
from collections.abc import Callable

import pytest
from crashes import COMMITS, watch_wire
from fault_world import World, raw_orders

import sobatch.lifecycle.journal.opening

MEGABYTE = 1 << 20
WHILE_SENDING = [4096 * pages for pages in (*range(1, 12), 16, 20, 24, 28, 32, 48, 64)]


def no_file_beyond(size: int) -> None:
    """The system refuses to let any file of this process grow beyond a size (its signal for that is ignored)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.parametrize("size", [0, 512, 4096, 16_384, 65_536, 300_000, MEGABYTE - 1, MEGABYTE])
def test_a_disk_that_is_full_from_the_start(world: Callable[..., World], size: int) -> None:
    made = world(raw_orders(3))
    ran = made.submit(arm=lambda: no_file_beyond(size))
    made.verify(ran.code)
    assert (ran.code, made.erp.posts()) == ((0, 3) if size >= MEGABYTE else (12, 0)), ran.err
    assert "Traceback" not in ran.err
    assert made.finish() == [0]


def full_while_sending(make: Callable[..., World], moment: str, size: int) -> tuple[int, bool]:
    """The disk fills up at a moment of the second send. The exit code, and whether the receipt had to be spoken."""
    made = make(raw_orders(3), list_enabled=False)

    def tell(word: str) -> None:
        if word == moment:
            no_file_beyond(size)

    try:
        ran = made.submit(arm=lambda: watch_wire(tell))
        made.verify(ran.code)
        assert ran.code in (0, 12), ran.err
        spoken = '"code":"receipt-not-kept"' in ran.out
        if spoken:
            keep_what_was_spoken(made, ran.err)
        else:
            assert made.in_doubt() == [] or moment != "submit 2 headers", "a receipt is lost"
        assert made.finish()[-1] == 0
        return ran.code, spoken
    finally:
        made.close()


def keep_what_was_spoken(world: World, err: str) -> None:
    """Do as the last words say: the id in them is the true one, and taking it over makes the run whole."""
    command = re.search(r"sobatch resolve (?:--\S+ \S+ )*(\S+) (\d+) --accepted (\S+)", err)
    assert command is not None, err
    (doubt,) = world.in_doubt()
    run, number, digest = doubt
    assert command.groups() == (run, str(number), world.erp.batch_of(digest))
    ran = world.run("resolve", *command.groups()[:2], "--accepted", command[3], "--confirm", digest[:8])
    assert ran.code == 0, ran.err


@pytest.mark.parametrize("moment", ["submit 2 headers", "submit 2 sent"])
def test_a_disk_that_fills_up_while_a_part_is_on_the_wire(world: Callable[..., World], moment: str) -> None:
    ends = [full_while_sending(world, moment, size) for size in WHILE_SENDING[::4]]
    assert {spoken for _, spoken in ends} == {True, False}, "the sizes do not reach both ends"


@pytest.mark.full
@pytest.mark.parametrize(
    "moment",
    [
        "submit 2 asked",
        "submit 2 sent",
        "submit 2 headers",
        "submit 2 body",
        "status 2 headers",
        "results 2 body",
        "success 2 body",
    ],
)
def test_a_disk_that_fills_up_at_any_moment_to_any_size(world: Callable[..., World], moment: str) -> None:
    assert {full_while_sending(world, moment, size)[0] for size in WHILE_SENDING} <= {0, 12}


def test_the_room_held_back_is_given_up_for_a_receipt(world: Callable[..., World]) -> None:
    made = world(raw_orders(3))
    held, log = made.state / "reserve", made.folder / "held"
    full = False

    def tell(word: str) -> None:
        nonlocal full
        if word == "submit 2 headers":
            about = held.stat()
            log.write_text(f"{about.st_size} {about.st_blocks * 512}")
            full = True

    class Full(COMMITS):
        def commit(self, connection: sqlite3.Connection) -> None:
            if full and held.exists():
                raise sqlite3.OperationalError("database or disk is full")
            super().commit(connection)

    def arm() -> None:
        watch_wire(tell)
        sobatch.lifecycle.journal.opening.RealCommits = Full  # type: ignore[misc]

    ran = made.submit(arm=arm)
    made.verify(ran.code)
    size, really = map(int, log.read_text().split())
    assert size == MEGABYTE and really >= MEGABYTE, "the room is not really held"
    assert made.ask("SELECT state FROM part WHERE number = 2") == [("settled",)], "the receipt was lost"
