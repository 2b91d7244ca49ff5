"""`sobatch cancel` and `sobatch resolve`, at a terminal and without one, and the truth they tell afterwards."""

from __future__ import annotations

import pytest
from sending_door import orders

from sobatch.sandbox import Fault


def begin(world):
    """Let the ERP begin with what it has put off."""
    with world.store.write() as database:
        database.execute("UPDATE batches SET begins = 0")


def doubt(door, pretend, *, saved):
    """A part that was sent and never acknowledged. Gives the world, the run and the beginning of the part's digest."""
    world = pretend(Fault("submit", "close", saved=saved), list_enabled=False)
    run = door("submit", door.file("orders.json", orders(2)), "--output", "json").run
    return world, run["run"], run["parts"][0]["sha256"][:8]


def test_a_cancelled_run_tells_what_was_saved_and_keeps_the_rest(door, pretend):
    world = pretend(start_delay=600)
    door("submit", door.file("orders.json", orders(3)), "--no-wait")
    told = door("cancel")
    assert told.code == 9
    assert "(closed, cancelled)" in told.out and "not created 3" in told.out and "(adds up)" in told.out
    (rest,) = door.folder.glob("orders.*.remaining.json")
    assert f"sobatch submit --company-id EN {rest}" in told.out
    world.options = world.options.with_values({"start_delay": 0})
    assert door("submit", rest.name).code == 0
    assert len(world.created()) == 3 and not world.doubles()


def test_the_same_cancel_again_gives_the_same_answer(door, pretend):
    world = pretend(start_delay=600)
    door("submit", door.file("orders.json", orders(3)), "--no-wait")
    first = door("cancel", "--output", "json")
    before = len(world.requests())
    again = door("cancel", "--output", "json")
    assert (first.code, again.code, again.out) == (9, 9, first.out)
    assert "was cancelled already" in again.err
    assert len(world.requests()) == before


def test_a_cancel_that_comes_too_late_tells_that_all_were_created(door, pretend):
    world = pretend(start_delay=600)
    door("submit", door.file("orders.json", orders(3)), "--no-wait")
    begin(world)
    world.settle()
    told = door("cancel", "--output", "json").document
    assert told["result"]["ledger"]["created"] == len(world.created()) == 3


def test_parts_that_were_not_sent_are_not_sent_any_more(door, pretend):
    world = pretend(Fault("submit", "throttle", nth=2, retry_after="900"), start_delay=600)
    name = door.file("orders.json", orders(3))
    assert door("submit", name, "--max-orders", "1", "--no-wait").code == 7
    told = door("cancel", "--output", "json")
    assert told.code == 9
    assert len(world.batches()) == 1
    assert told.document["result"]["ledger"]["not_created"] == 3


@pytest.mark.parametrize(("products", "code"), [(("P", "P"), 0), (("P", "BAD"), 4), (("BAD", "BAD"), 5)])
def test_a_closed_run_is_left_as_it_is(door, pretend, products, code):
    world = pretend()
    content = orders(2)
    for each, product in zip(content, products, strict=True):
        each["orderLines"][0]["productCode"] = product
    run = door("submit", door.file("orders.json", content), "--output", "json")
    assert run.code == code
    before = len(world.requests())
    told = door("cancel", "--output", "json")
    assert (told.code, told.document["result"]["cancelled"]) == (0, False)
    assert f"Run {run.run['run']} has ended: there is nothing to cancel." in told.err
    assert len(world.requests()) == before
    assert door("status", "--exit-code").code == code


def test_a_cancel_can_be_given_up_waiting_for(door, pretend):
    world = pretend(pace=0)
    name = door.file("orders.json", orders(2))
    door("submit", name, "--no-wait")
    world.settle()
    door.hurry()
    told = door("cancel", "--timeout", "2m", "--output", "json")
    assert (told.code, told.document["error"]["kind"]) == (8, "running")
    assert [each.place for each in world.requests()].count("cancel") == 1


@pytest.mark.parametrize("words", [["--abandon"], ["--not-received"], ["--accepted", "some-id"]])
def test_without_a_terminal_a_decision_needs_the_digest(door, pretend, words):
    _, run, digest = doubt(door, pretend, saved=True)
    told = door("resolve", run, "1", *words)
    assert (told.code, told.out) == (2, "")
    assert f"--confirm {digest}" in told.err
    wrong = door("resolve", run, "1", *words, "--confirm", "00000000")
    assert wrong.code == 2
    assert door("status", run, "--output", "json").document["result"]["parts"][0]["state"] == "unknown"


def test_at_a_terminal_what_is_at_stake_is_shown_and_the_digest_typed(door, pretend):
    _, run, digest = doubt(door, pretend, saved=True)
    refused = door.at_terminal("resolve", run, "1", "--not-received", typed="yes\n")
    assert refused.code == 2 and "nothing was changed" in refused.err
    assert "2 orders, 8 rows, type SO" in refused.err and "AGAIN" in refused.err and "company EN" in refused.err
    agreed = door.at_terminal("resolve", run, "1", "--not-received", typed=f"{digest}\n")
    assert agreed.code == 0
    assert door("status", "--offline", "--output", "json").document["result"]["parts"][0]["state"] == "planned"


def test_what_the_erp_has_is_followed_under_the_id_the_operator_gives(door, pretend):
    world, run, digest = doubt(door, pretend, saved=True)
    (batch,) = world.batches()
    assert door("resolve", run, "1", "--accepted", batch.id, "--confirm", digest).code == 0
    told = door("submit", "orders.json", "--output", "json")
    assert (told.code, told.run["ledger"]["created"]) == (0, 2)
    assert len(world.created()) == 2 and not world.doubles()


def test_what_never_arrived_is_sent_by_the_next_submit(door, pretend):
    world, run, digest = doubt(door, pretend, saved=False)
    assert door("resolve", run, "1", "--not-received", "--confirm", digest).code == 0
    told = door("submit", "orders.json", "--output", "json")
    assert (told.code, told.run["run"], len(world.created())) == (0, run, 2)


def test_what_nobody_can_know_stays_unknown(door, pretend):
    _, run, digest = doubt(door, pretend, saved=True)
    told = door("resolve", run, "1", "--abandon", "--confirm", digest, "--output", "json")
    result = told.document["result"]
    assert (told.code, result["state"], result["ledger"]["unknown"], result["run_exit_code"]) == (0, "closed", 2, 10)
    assert door("status", run, "--exit-code").code == 10


def test_only_what_is_in_doubt_is_decided(door, pretend):
    pretend()
    run = door("submit", door.file("orders.json", orders(1)), "--output", "json").run["run"]
    told = door("resolve", run, "1", "--abandon", "--confirm", "00000000")
    assert told.code == 2 and "not unknown" in told.err
    assert door("resolve", run, "7", "--abandon").code == 2


@pytest.mark.parametrize("words", [[], ["--abandon", "--not-received"], ["--abandon", "--accepted", "x"]])
def test_exactly_one_decision_is_needed(door, pretend, words):
    _, run, _ = doubt(door, pretend, saved=True)
    told = door("resolve", run, "1", *words)
    assert told.code == 2 and "exactly one decision" in told.err
