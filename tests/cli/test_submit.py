"""The options of `sobatch submit`, by what the ERP got and what the user was told."""

from __future__ import annotations

import pytest
from sending_door import order, orders

from sobatch.sandbox import Fault

NO_CUSTOMER = order(customerId=None)


def places(world):
    return [each.place for each in world.requests()]


def test_a_dry_run_shows_the_parts_and_sends_nothing(door, pretend):
    world = pretend()
    content = [*orders(3), order(2, transactionType="XX")]
    told = door("submit", door.file("orders.json", content), "--dry-run", "--max-orders", "2", "--output", "json")
    assert told.code == 0
    parts = [(part["part"], part["group"], part["orders"], part["lines"], part["rows"]) for part in told.run["parts"]]
    assert parts == [(1, "SO", 2, 2, 8), (2, "SO", 1, 1, 4), (3, "XX", 1, 2, 7)]
    assert (told.run["orders"], told.run["rows"], told.run["set_aside"]) == (4, 19, 0)
    assert places(world) == []


def test_a_dry_run_leaves_no_trace(door, pretend):
    pretend()
    told = door("submit", door.file("orders.json", orders(3)), "--dry-run")
    assert "3 orders would go out in 1 part. Nothing was sent." in told.out
    assert door("status", "--list", "--output", "json").document["result"]["runs"] == []
    assert not list((door.state / "runs").glob("*"))


def test_a_dry_run_needs_no_company_and_finds_the_same_faults(door, pretend, monkeypatch):
    pretend()
    monkeypatch.delenv("SOBATCH_COMPANY_ID")
    assert door("submit", door.file("good.json", orders(1)), "--dry-run").code == 0
    assert door("submit", door.file("bad.json", [NO_CUSTOMER]), "--dry-run").code == 3


def test_a_dry_run_of_something_sent_says_so(door, pretend):
    pretend()
    name = door.file("orders.json", orders(1))
    sent = door("submit", name, "--output", "json").run
    told = door("submit", name, "--dry-run", "--output", "json").run
    assert (told["run"], told["submitted_before"]) == (sent["run"], True)


def test_invalid_orders_can_be_set_aside(door, pretend):
    world = pretend()
    content = [order(externalOrderId="A"), NO_CUSTOMER, order(externalOrderId="B"), order(13)]
    told = door("submit", door.file("orders.json", content), "--set-aside-invalid", "--output", "json")
    assert told.code == 4
    assert [each.external_order_id for each in world.created()] == ["A", "B"]
    ledger = told.run["ledger"]
    assert (ledger["read"], ledger["set_aside"], ledger["created"], ledger["adds_up"]) == (4, 2, 2, True)
    kept = door("results", "--output", "json").document["result"]["outcomes"]
    assert [(each["index"], each["state"]) for each in kept] == [(1, "set_aside"), (3, "set_aside")]


def test_nothing_is_sent_when_all_orders_are_set_aside(door, pretend):
    world = pretend()
    told = door("submit", door.file("orders.json", [NO_CUSTOMER]), "--set-aside-invalid", "--output", "json")
    assert (told.code, told.run["ledger"]["set_aside"]) == (5, 1)
    assert places(world) == []


def test_the_company_of_the_flag_is_where_the_orders_go(door, pretend):
    world = pretend()
    told = door("submit", door.file("orders.json", orders(1)), "--company-id", "NO")
    assert told.code == 0
    assert [batch.company for batch in world.batches()] == ["NO"]
    (sent,) = [each for each in world.requests() if each.place == "submit"]
    assert sent.query == "companyId=NO&skipWorkflow=false"


def test_the_default_company_is_asked_for_by_name(door, pretend):
    world = pretend(default_company="100")
    told = door("submit", door.file("orders.json", orders(1)), "--company-id", "default")
    assert told.code == 0
    assert "companyId" not in world.requests()[1].query
    assert [batch.company for batch in world.batches()] == ["100"]


def test_without_a_terminal_a_company_must_be_named(door, pretend, monkeypatch):
    world = pretend()
    monkeypatch.delenv("SOBATCH_COMPANY_ID")
    name = door.file("orders.json", orders(1))
    told = door("submit", name)
    assert (told.code, told.out) == (2, "")
    assert "no company is named" in told.err and "--company-id" in told.err
    assert places(world) == []
    assert door("submit", name, "--yes").code == 0


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("yes", 0), ("", 2), ("n", 2), ("later", 2)])
def test_at_a_terminal_the_default_company_is_a_question(door, pretend, monkeypatch, answer, code):
    world = pretend()
    monkeypatch.delenv("SOBATCH_COMPANY_ID")
    told = door.at_terminal("submit", door.file("orders.json", orders(1)), typed=f"{answer}\n")
    assert told.code == code
    assert "No company is named" in told.err and "[y/N]" in told.err
    assert len(world.created()) == (code == 0)


def test_company_and_address_are_shown_before_the_first_byte(door, pretend):
    world = pretend(Fault("submit", "close"))
    told = door("submit", door.file("orders.json", orders(1)))
    address = next(line for line in told.err.splitlines() if line.startswith("Sending to"))
    base = world.requests()[0].headers["Host"]
    assert address == f"Sending to http://{base}, company EN"
    assert told.err.index("Sending to") < told.err.index("Whether it was received is not known")


def test_a_repeat_is_declared_with_a_key(door, pretend):
    world = pretend()
    name = door.file("orders.json", orders(2))
    runs = [door("submit", name, *key, "--output", "json").run for key in ([], ["--run-key", "2026-W47"], [])]
    assert [run["run_key"] for run in runs] == [None, "2026-W47", None]
    assert [run["submitted_before"] for run in runs] == [False, False, True]
    assert runs[0]["run"] == runs[2]["run"] != runs[1]["run"]
    assert len(world.created()) == 4


def test_without_waiting_all_parts_go_out_and_the_same_command_brings_the_outcome(door, pretend):
    world = pretend(start_delay=600)
    name = door.file("orders.json", orders(4))
    told = door("submit", name, "--max-orders", "1", "--no-wait", "--output", "json")
    assert told.code == 0
    assert (len(world.batches()), told.run["state"], told.run["ledger"]["pending"]) == (4, "open", 4)
    begin(world)
    again = door("submit", name, "--output", "json")
    assert (again.code, again.run["run"], again.run["ledger"]["created"]) == (0, told.run["run"], 4)
    assert len(world.batches()) == 4


def test_a_wait_that_ended_is_taken_up_again(door, pretend):
    world = pretend(start_delay=600)
    name = door.file("orders.json", orders(2))
    door.hurry()
    first = door("submit", name, "--timeout", "2m", "--output", "json")
    begin(world)
    second = door("submit", name, "--timeout", "2m", "--output", "json")
    assert (first.code, second.code) == (8, 0)
    assert first.run["run"] == second.run["run"]
    assert len(world.batches()) == 1


def begin(world):
    """Let the ERP begin with what it has put off."""
    with world.store.write() as database:
        database.execute("UPDATE batches SET begins = 0")


@pytest.mark.parametrize("most", [1, 2])
def test_so_many_parts_are_under_way_at_a_time(door, pretend, most):
    world = pretend()
    name = door.file("orders.json", orders(4))
    told = door("submit", name, "--max-orders", "1", "--in-flight", str(most))
    assert told.code == 0
    calls = [place for place in places(world) if place in ("submit", "status")]
    assert calls[: most + 1] == ["submit"] * most + ["status"]


def test_several_files_are_several_runs(door, pretend):
    world = pretend()
    names = [door.file(f"{number}.json", [order(externalOrderId=f"F{number}")]) for number in (1, 2)]
    told = door("submit", *names, "--output", "json")
    runs = told.document["result"]["runs"]
    assert [run["input"] for run in runs] == names
    assert len({run["run"] for run in runs}) == len(world.batches()) == 2


def test_a_file_at_fault_does_not_keep_the_others_back(door, pretend):
    world = pretend()
    names = [door.file("a.json", [NO_CUSTOMER]), door.file("b.json", orders(1))]
    told = door("submit", *names, "--output", "json")
    assert told.code == 3
    first, second = told.document["result"]["runs"]
    assert first["error"]["problems"][0]["pointer"] == "/0/customerId"
    assert second["ledger"]["created"] == len(world.created()) == 1


def test_what_makes_the_next_send_pointless_ends_the_row(door, pretend):
    world = pretend()
    door.set(SOBATCH_CLIENT_SECRET="wrong")
    names = [door.file(f"{number}.json", [order(externalOrderId=f"F{number}")]) for number in (1, 2, 3)]
    told = door("submit", *names, "--output", "json")
    assert told.code == 6
    first, *rest = told.document["result"]["runs"]
    assert first["error"]["kind"] == "access"
    assert rest == [{"input": name, "not_started": True} for name in names[1:]]
    assert "2.json: not started" in door("submit", *names).out
    assert world.batches() == []


def test_standard_input_is_a_file_like_any_other(door, pretend):
    world = pretend()
    content = (door.folder / door.file("orders.json", orders(2))).read_bytes()
    told = door("submit", "-", "--output", "json", stdin=content)
    assert (told.code, told.run["input"], len(world.created())) == (0, "-", 2)


def test_a_strict_submit_sends_nothing_that_has_a_warning(door, pretend):
    world = pretend()
    name = door.file("orders.json", orders(1))
    assert door("submit", name, "--strict").code == 3
    assert places(world) == []
    assert door("submit", name, "--strict", "--ignore", "SO-103").code == 0


def test_a_terminal_as_input_is_not_waited_for(door, pretend):
    pretend()
    told = door.at_terminal("submit", "-", typed="")
    assert told.code == 2
    assert "standard input is a terminal" in told.err
