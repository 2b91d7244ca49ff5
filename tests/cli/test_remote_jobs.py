"""A remote id that no run of this journal has: `status`, `results` and `cancel` speak about just that job."""

from __future__ import annotations

import shutil

import pytest
from sending_door import order, orders

from sobatch.sandbox import Fault

CONTENT = [order(externalOrderId="A"), order(externalOrderId="B", customerId="9999"), order(externalReference="R")]
WORDS = [("status",), ("results",), ("cancel", "--yes")]


def elsewhere(door, pretend, *faults, content=CONTENT, **options):
    """A job that another machine sent: the ERP has it, and this one has no journal any more."""
    world = pretend(*faults, **options)
    door("submit", door.file("orders.json", content), "--no-wait")
    shutil.rmtree(door.state)
    (batch,) = world.batches()
    return world, batch.id


def ended(door, remote):
    """Wait for the ERP: asking moves it on."""
    for _ in range(100):
        if door("status", remote, "--output", "json").document["result"]["remote_phase"] == "finished":
            return
    raise AssertionError("it never ends")


def test_status_tells_how_far_it_is_and_what_to_ask_next(door, pretend):
    _, remote = elsewhere(door, pretend, start_delay=600)
    told = door("status", remote)
    assert (told.code, told.err) == (0, "")
    assert f"{remote} at {door.base_url}: pending" in told.out and "this journal has no run of it" in told.out
    assert f"next: sobatch cancel {remote}" in told.out
    assert door("status", remote, "--exit-code").code == 8
    facts = door("status", remote, "--output", "json").document["result"]
    assert (facts["run"], facts["remote_id"], facts["remote_phase"]) == (None, remote, "pending")


def test_results_are_told_without_places_in_files(door, pretend):
    _, remote = elsewhere(door, pretend)
    ended(door, remote)
    told = door("results", remote, "--type", "all", "--output", "json")
    outcomes = told.document["result"]["outcomes"]
    assert told.code == 0
    assert [(each["state"], each["external_id"], each["reference"], each["order_number"]) for each in outcomes] == [
        ("rejected", "B", None, None),
        ("created", "A", None, "21000001"),
        ("created", None, "R", "21000002"),
    ]
    assert {each["file"] for each in outcomes} == {None} and outcomes[0]["messages"][0]["text"]
    rows = [row for row in door("results", remote, "--output", "ndjson").lines if row["type"] == "outcome"]
    assert rows == [{"type": "outcome", **outcomes[0]}]
    text = door("results", remote).out.splitlines()
    assert text[0].startswith("order B: rejected") and text[1].startswith(f"{remote} at ")
    assert door("status", remote, "--exit-code").code == 4
    assert not list(door.state.glob("**/.look-*"))


def test_results_of_one_that_still_runs_are_none_yet(door, pretend):
    _, remote = elsewhere(door, pretend, start_delay=600)
    told = door("results", remote)
    assert told.code == 0 and "pending" in told.out and f"next: sobatch status {remote}" in told.out
    assert door("results", remote, "--output", "json").document["result"]["outcomes"] == []


def test_a_cancel_asks_first(door, pretend):
    world, remote = elsewhere(door, pretend, start_delay=600)
    told = door("cancel", remote)
    assert (told.code, told.out) == (2, "") and f"next: sobatch cancel {remote} --yes" in told.err
    assert door.at_terminal("cancel", remote, typed="n\n").code == 2
    assert [each.place for each in world.requests()].count("cancel") == 0
    told = door.at_terminal("cancel", remote, typed="y\n")
    assert (told.code, [each.place for each in world.requests()].count("cancel")) == (9, 1)
    assert ": cancelled" in told.out
    again = door("cancel", remote)
    assert again.code == 0 and "there is nothing to cancel" in again.err


def test_a_cancel_that_is_waited_for_no_longer_ends_with_8(door, pretend):
    _, remote = elsewhere(door, pretend, pace=0)
    door("status", remote)
    told = door("cancel", remote, "--yes", "--timeout", "0.2s", "--output", "json")
    assert (told.code, told.document["error"]["kind"]) == (8, "running")


@pytest.mark.parametrize("words", WORDS, ids=str)
def test_what_neither_the_journal_nor_the_erp_knows_is_refused(door, pretend, words):
    elsewhere(door, pretend)
    told = door(*words, "no-such-job")
    assert (told.code, told.out) == (2, "")
    assert f"neither this journal nor {door.base_url} knows 'no-such-job'" in told.err and "next: " in told.err


@pytest.mark.parametrize("words", WORDS, ids=str)
def test_an_erp_that_cannot_be_asked_is_no_answer(door, pretend, words):
    _, remote = elsewhere(door, pretend, Fault("status", "error", times=None))
    assert door(*words, remote).code == 7


def test_a_run_is_what_its_id_means(door, pretend):
    world = pretend(start_delay=600)
    run = door("submit", door.file("orders.json", orders(1)), "--no-wait", "--output", "json").run
    remote = run["parts"][0]["remote_id"]
    assert door("status", remote, "--output", "json").document["result"]["run"] == run["run"]
    assert door("cancel", remote, "--output", "json").document["result"]["run"] == run["run"]
    assert len(world.batches()) == 1


def test_offline_nobody_is_asked(door, pretend):
    world, remote = elsewhere(door, pretend)
    before = len(world.requests())
    for words in (("status",), ("results",)):
        assert door(*words, remote, "--offline").code == 2
    assert len(world.requests()) == before
