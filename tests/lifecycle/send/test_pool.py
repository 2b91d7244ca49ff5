"""Several orders in progress: whatever is answered and whenever the process dies, each order and line is made once."""

from __future__ import annotations

import time
from itertools import product
from pathlib import Path
from shutil import copytree

import pytest
from made_up_erp import ANSWERS, Killed, Life, MadeUpErp
from pool_world import World, mind_the_truth, to_the_end

from sobatch.erp.exchange import Answer
from sobatch.erp.ports import NotSent
from sobatch.errors import Interrupted, NotAllowed, OutcomeUnknown, RemoteFailed, StorageFailed, Temporary

CALLS = tuple(("call", number) for number in range(1, 17))
COMMITS = tuple(("commit", number) for number in range(1, 15))
DEATHS = tuple(product((*CALLS, *COMMITS), (False, True)))
CELLS = tuple(product(DEATHS, ANSWERS))
SHARE = 29
"""Every so many cells are in the gate; all of them in the long suite."""


def test_orders_go_out_several_at_a_time(tmp_path: Path) -> None:
    world = World(tmp_path, MadeUpErp(latency=0.01), orders=20).plan()
    assert world.carry(in_flight=4) == 0
    assert mind_the_truth(world).created == 20 and world.erp.most_at_once == 4
    assert world.carry() == 0 and world.erp.calls == 40  # a closed run sends nothing


@pytest.mark.parametrize("in_flight", [1, 4])
@pytest.mark.parametrize("answer", ANSWERS)
def test_every_answer_to_every_call(tmp_path: Path, in_flight: int, answer: str) -> None:
    """Headers and lines are answered so: each of them once where one order goes out after the other."""
    for nth in range(1, 17, 1 if in_flight == 1 else 5):
        world = World(tmp_path / str(nth), MadeUpErp(faults={nth: answer})).plan()
        code = to_the_end(world)
        ledger = mind_the_truth(world)
        rest = ledger.rejected + ledger.incomplete
        assert (rest, code) == ((1, 4) if answer == "no" else (0, 0)) and ledger.created == 8 - rest


def died_and_went_on(folder: Path, death: tuple[tuple[str, int], bool], answer: str) -> None:
    world = World(folder, MadeUpErp(faults={3: answer, 10: answer})).plan()
    try:
        world.carry(Life(*death))
    except (Killed, OutcomeUnknown, Temporary, NotAllowed):
        pass
    to_the_end(world)
    ledger = mind_the_truth(world)
    assert ledger.created + ledger.rejected + ledger.incomplete == 8 and (answer == "no" or ledger.created == 8)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_process_that_dies_anywhere(tmp_path: Path, answer: str) -> None:
    for number, (death, which) in enumerate(CELLS):
        if which == answer and number % SHARE == 0:
            died_and_went_on(tmp_path / str(number), death, answer)


def test_what_waits_for_its_turn_is_in_no_doubt(tmp_path: Path) -> None:
    """The process dies while an order waits for the ERP's pace: nothing of it was sent, so nobody has to decide."""
    for number in range(1, 17):
        world = World(tmp_path / str(number)).plan()
        with pytest.raises(Killed):
            world.carry(Life(("wait", number)), in_flight=1)
        assert world.carry(in_flight=1) == 0 and "That proves nothing" not in world.said()
        assert mind_the_truth(world).created == 8


@pytest.mark.full
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_process_that_dies_everywhere(tmp_path: Path, answer: str) -> None:
    for number, death in enumerate(DEATHS):
        died_and_went_on(tmp_path / str(number), death, answer)


@pytest.mark.parametrize("in_flight", [1, 4])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(403, body=b"no rights"), NotAllowed),
        (Answer(401), NotAllowed),
        (Answer(404, body=b"<html>no such page</html>"), RemoteFailed),
        (Answer(405), RemoteFailed),
        (Answer(429, {"retry-after": "3600"}), Temporary),
        (Answer(429), Temporary),
        (NotSent("no connection"), Temporary),
    ],
)
def test_what_concerns_all_orders_stops_the_run(
    tmp_path: Path, in_flight: int, answer: Answer | Exception, error: type[Exception]
) -> None:
    """Nobody is asked any more, the steps done stand, and the same command goes on."""
    world = World(tmp_path, MadeUpErp(faults={number: answer for number in range(6, 100)}), orders=30).plan()
    with pytest.raises(error):
        world.carry(in_flight=in_flight)
    assert world.erp.calls < 6 + 8 * in_flight
    assert world.ledger().pending + world.ledger().created == 30
    made = len(world.erp.orders)
    world.erp.faults = {}
    assert world.carry(in_flight=in_flight) == 0
    assert made and mind_the_truth(world).created == 30 and world.erp.line_counts() == {2}


def test_a_refusal_in_the_erps_own_words_is_about_one_order(tmp_path: Path) -> None:
    world = World(tmp_path, MadeUpErp(faults={5: Answer(404, body=b'{"error": "no such customer"}')})).plan()
    assert world.carry() == 4
    assert mind_the_truth(world).created == 7


@pytest.mark.parametrize("in_flight", [1, 4])
def test_an_erp_that_never_makes_sense_is_left_alone(tmp_path: Path, in_flight: int) -> None:
    world = World(tmp_path, MadeUpErp(always="broken before"), orders=100).plan()
    with pytest.raises(OutcomeUnknown):
        world.carry(in_flight=in_flight)
    assert 3 * in_flight <= world.ledger().unknown <= 5 * in_flight
    calls = world.erp.calls
    with pytest.raises(OutcomeUnknown):  # no order goes out while so many are unknown
        world.carry(in_flight=in_flight)
    assert world.ledger().unknown <= 10 * in_flight and world.erp.calls <= calls + 5 * in_flight


def test_an_order_that_is_refused_for_its_number_may_be_the_one_that_was_lost(tmp_path: Path) -> None:
    """With numbers that the ERP takes once, a lost order goes out again; "I have it" is looked up, never believed."""
    world = World(tmp_path, MadeUpErp(faults={3: "lost before", 5: "lost after"}, unique=True), numbers=True).plan()
    assert world.carry(in_flight=1) == 0  # so that both are headers
    assert mind_the_truth(world).created == 8 and "number_unique" in world.said()

    late = World(tmp_path / "late", MadeUpErp(faults={3: "lost after"}, unique=True, blind=2), numbers=True).plan()
    assert late.carry(in_flight=1) == 0
    assert mind_the_truth(late).created == 8 and "this number exists" in late.said()


@pytest.mark.parametrize("in_flight", [1, 4])
def test_a_defect_ends_the_command_and_the_next_one_looks(tmp_path: Path, in_flight: int) -> None:
    world = World(tmp_path, MadeUpErp(faults={5: ValueError("a defect")}), orders=30).plan()
    with pytest.raises(ValueError, match="a defect"):
        world.carry(in_flight=in_flight)
    assert world.erp.calls < 5 + 4 * in_flight
    to_the_end(world)
    assert mind_the_truth(world).created == 30


def test_a_journal_that_cannot_be_written_stops_everybody(tmp_path: Path) -> None:
    world = World(tmp_path, orders=30).plan()
    with pytest.raises(StorageFailed):
        world.carry(Life(full_at=9))
    assert world.erp.calls < 60 and world.erp.life.counts["commit"] > 9
    to_the_end(world)
    assert mind_the_truth(world).created == 30


@pytest.mark.parametrize("in_flight", [1, 4])
def test_the_end_that_was_asked_for_lets_orders_in_progress_end(tmp_path: Path, in_flight: int) -> None:
    world = World(tmp_path, MadeUpErp(latency=0.005), orders=30, end_after=7).plan()
    with pytest.raises(Interrupted):
        world.carry(in_flight=in_flight)
    ledger = world.ledger()
    assert ledger.unknown == 0 and ledger.created + ledger.pending == 30 and 0 < ledger.created < 30
    assert world.erp.line_counts() == {2}
    world.end_after = None
    assert world.carry() == 0
    mind_the_truth(world)


def test_a_cancelled_run_names_what_is_half_made(tmp_path: Path) -> None:
    world = World(tmp_path, MadeUpErp(faults={number: Answer(403) for number in range(6, 100)}), orders=30).plan()
    with pytest.raises(NotAllowed):
        world.carry()
    world.cancel()
    assert world.carry(send=False) == 9
    ledger = mind_the_truth(world)
    assert ledger.not_created + ledger.incomplete + ledger.created == 30 and ledger.incomplete


def test_what_a_late_list_does_not_show_is_not_sent_again(tmp_path: Path) -> None:
    world = World(tmp_path, MadeUpErp(faults={3: "lost after"}, blind=3)).plan()
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            world.carry()
        assert set(world.erp.refs().values()) == {1} and world.ledger().unknown == 1
    assert world.carry() == 0
    assert mind_the_truth(world).created == 8


def test_a_profile_may_believe_a_list_that_was_late_enough(tmp_path: Path) -> None:
    world = World(tmp_path, MadeUpErp(faults={3: "lost before"})).plan()
    with pytest.raises(OutcomeUnknown):
        world.carry(settle=60.0)
    with pytest.raises(OutcomeUnknown):  # the settle time is not over
        world.carry(settle=60.0, resend_not_listed=True)
    world.clock.sleep(60.0)
    assert world.carry(settle=60.0, resend_not_listed=True) == 0
    assert mind_the_truth(world).created == 8


@pytest.mark.parametrize("behind", range(0, 17, 2))
def test_a_journal_that_was_restored_sends_nothing_that_may_have_been_sent(tmp_path: Path, behind: int) -> None:
    """An early copy comes back when the ERP has all: every step is looked for, none is made."""
    world = World(tmp_path).plan()
    try:
        world.carry(Life(("call", behind) if behind else ("commit", 1), after=bool(behind)), in_flight=1)
    except Killed:
        pass
    copytree(tmp_path, tmp_path / "copy")
    world.carry(in_flight=1)
    copytree(tmp_path / "copy", tmp_path, dirs_exist_ok=True)
    world.restored()
    calls = world.erp.calls
    assert world.carry() == 0
    assert world.erp.calls == calls and mind_the_truth(world).created == 8


def test_what_a_restored_journal_cannot_find_is_not_made_again(tmp_path: Path) -> None:
    world = World(tmp_path, MadeUpErp(faults={number: Answer(403) for number in range(8, 99)})).plan()
    copy = (tmp_path / "journal.sqlite").read_bytes()
    with pytest.raises(NotAllowed):
        world.carry(in_flight=1)
    (tmp_path / "journal.sqlite").write_bytes(copy)
    world.restored()
    calls = world.erp.calls
    with pytest.raises(OutcomeUnknown):
        world.carry()
    assert world.erp.calls == calls and "R00004" in world.said()  # its header is there, its lines are not
    assert world.ledger().created == 3 and world.ledger().unknown == 5


@pytest.mark.full
def test_an_order_costs_the_same_among_many(tmp_path: Path) -> None:
    """CPU of this process per order, the made-up ERP's share included; the loads differ by ten."""

    def cost(orders: int) -> float:
        world = World(tmp_path / str(orders), orders=orders).plan()
        began = time.process_time()
        assert world.carry(in_flight=8) == 0
        return (time.process_time() - began) / orders

    cost(200)  # what is imported and made once
    assert cost(10_000) < 1.2 * cost(1_000)
