"""How a run is named, the same for every command that takes one: its id, a beginning, a remote id, or nothing."""

from __future__ import annotations

import pytest
from sending_door import orders

COMMANDS = {
    "status": ("status",),
    "results": ("results",),
    "cancel": ("cancel",),
    "export": ("status", "--export"),
}


def two_runs(door, pretend):
    """Two finished runs, the older one first, and the pretend ERP."""
    world = pretend()
    made = [door("submit", door.file(f"{n}.json", orders(2, f"S{n}")), "--output", "json").run["run"] for n in (1, 2)]
    return world, made


def told_run(told):
    result = told.document["result"]
    return result["run"] if "run" in result else result["rows"][0]["id"]


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_run_is_found_by_every_name_it_has(door, pretend, words):
    world, (older, newer) = two_runs(door, pretend)
    for run, batch in zip((older, newer), world.batches(), strict=True):
        other = newer if run == older else older
        unique = next(run[:size] for size in range(1, 30) if not other.startswith(run[:size]))
        for name in (run, unique, batch.id):
            assert told_run(door(*words, name, "--output", "json")) == run
    assert told_run(door(*words, "--output", "json")) == newer


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_beginning_that_fits_several_runs_is_no_name(door, pretend, words):
    _, runs = two_runs(door, pretend)
    told = door(*words, "2")
    assert (told.code, told.out) == (2, "")
    assert "2 fits 2 runs: " in told.err and all(run in told.err for run in runs)


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("name", ["nobody", "%", "_", ""], ids=repr)
def test_a_name_of_nothing_is_refused(door, pretend, words, name):
    pretend()
    door("submit", door.file("orders.json", orders(1)))
    told = door(*words, name)
    assert (told.code, told.out) == (2, "")
    assert "sobatch status --list" in told.err


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_where_there_are_no_runs_the_way_to_the_first_is_shown(door, pretend, words):
    pretend()
    told = door(*words)
    assert (told.code, told.out) == (2, "")
    assert "there are no runs yet" in told.err and "sobatch submit" in told.err


def test_the_runs_of_the_embedded_pretend_erp_are_apart(door, pretend):
    pretend()
    door("submit", door.file("orders.json", orders(1)))
    assert "there are no runs yet" in door("status", "--sandbox").err
    run = door("submit", "orders.json", "--sandbox", "--output", "json").run["run"]
    told = door("status", "--sandbox", "--output", "json").document["result"]
    assert told["run"] == run
    assert all("--sandbox" in step for step in told["next"])


@pytest.mark.parametrize("words", [("status",), ("results",)])
def test_the_next_command_names_the_place_and_works_as_it_stands(door, pretend, words):
    pretend(start_delay=600)
    state = door.folder / "a state"
    told = door(
        "submit", door.file("my orders.json", orders(1)), "--no-wait", "--state-dir", str(state), "--output", "json"
    )
    (step,) = told.run["next"]
    assert step == f"sobatch status --company-id EN --state-dir '{state}' {told.run['run']}"
    again = door(*words, "--state-dir", str(state), told.run["run"], "--output", "json")
    assert told_run(again) == told.run["run"]


def test_a_run_is_asked_about_in_its_own_company_and_goes_on_under_its_own_key(door, pretend, monkeypatch):
    pretend(start_delay=600)
    monkeypatch.delenv("SOBATCH_COMPANY_ID")
    name = door.file("orders.json", orders(3))
    words = ("--company-id", "EN", "--run-key", "W47", "--max-orders", "1")
    door.hurry()
    sent = door("submit", name, *words, "--timeout", "2m", "--output", "json")
    assert sent.code == 8
    again = f"sobatch submit --company-id EN orders.json --run-key W47   # goes on with run {sent.run['run']}"
    assert sent.run["next"] == [again]
    monkeypatch.setenv("SOBATCH_COMPANY_ID", "NO")
    told = door("status", "--output", "json")
    assert (told.code, told.err) == (0, "")
    assert told.document["result"]["next"] == [again]
    assert "there are no runs yet for company NO" in door("status", "--company-id", "NO").err


def test_the_same_content_under_a_new_name_is_told_by_the_name_that_was_given(door, pretend):
    pretend(start_delay=600)
    name = door.file("orders.json", orders(3))
    run = door("submit", name, "--max-orders", "1", "--timeout", "0.1s", "--output", "json").run["run"]
    (door.folder / name).rename(door.folder / "moved.json")
    told = door("submit", "moved.json", "--max-orders", "1", "--timeout", "0.1s", "--output", "json")
    assert (told.code, told.run["run"], told.run["input"], told.run["begun_as"]) == (
        8,
        run,
        "moved.json",
        "orders.json",
    )
    assert told.run["next"] == [f"sobatch submit --company-id EN moved.json   # goes on with run {run}"]
    assert f"moved.json was begun before as run {run}, from orders.json; going on with it." in told.err
    door("cancel")
    closed = door("submit", "moved.json")
    assert f"moved.json was submitted before as run {run}, from orders.json; nothing was sent again." in closed.err
    assert closed.out.startswith(f"Run {run} (closed, cancelled): moved.json (begun as orders.json) -> ")
    assert door("status", "--output", "json").document["result"]["input"] == "orders.json"


def test_other_bytes_under_a_new_name_are_refused_by_that_name(door, pretend):
    pretend()
    run = door("submit", door.file("orders.json", orders(2)), "--output", "json").run["run"]
    other = (door.folder / "orders.json").read_bytes() + b"\n"
    told = door("submit", door.file("other.json", other))
    assert told.code == 11
    assert (
        f"other.json: the same orders were submitted before in other bytes, as run {run}, from orders.json" in told.err
    )
