"""`sobatch results`: what became of every order, at its place in the user's own file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sending_door import order, orders

from sobatch.sandbox import Fault

CONTENT = [
    order(externalOrderId="A"),
    order(externalOrderId="B", customerId="9999"),
    order(externalOrderId="C", customerId=None),
    order(2, externalOrderId="D", responsible=None),
]


def settled(door, pretend, **options):
    world = pretend(**options)
    door("submit", door.file("orders.json", CONTENT), "--set-aside-invalid")
    return world


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (None, [(1, "rejected"), (2, "set_aside")]),
        ("failed", [(1, "rejected"), (2, "set_aside")]),
        ("created", [(0, "created"), (3, "created")]),
        ("all", [(0, "created"), (1, "rejected"), (2, "set_aside"), (3, "created")]),
    ],
)
def test_each_kind_in_each_form(door, pretend, kind, wanted):
    settled(door, pretend)
    words = ["results", *(["--type", kind] if kind else [])]
    told = door(*words, "--output", "json").document["result"]
    rows = [row for row in door(*words, "--output", "ndjson").lines if row["type"] == "outcome"]
    assert [(each["index"], each["state"]) for each in told["outcomes"]] == wanted
    assert [{"type": "outcome", **each} for each in told["outcomes"]] == rows
    text = door(*words).out.splitlines()
    assert [line.split(": ")[1].split(" as ")[0].split(" /")[0] for line in text[: len(wanted)]] == [
        state.replace("_", " ") for _, state in wanted
    ]
    assert text[len(wanted)].startswith("Ledger: read 4 = ")


def test_places_are_those_of_the_users_file(door, pretend):
    settled(door, pretend)
    data = (door.folder / "orders.json").read_bytes()
    for each in door("results", "--type", "all", "--output", "json").document["result"]["outcomes"]:
        before = data[: each["offset"]]
        assert data[each["offset"] :].startswith(b"{")
        assert (each["line"], each["pointer"]) == (before.count(b"\n") + 1, f"/{each['index']}")
        assert each["column"] == len(before) - before.rfind(b"\n")
        for message in each["messages"]:
            before = data[: message["offset"]]
            assert (message["line"], message["column"]) == (before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
            assert message["pointer"] == f"/{each['index']}/customerId"
            assert data[message["offset"] :].startswith(b'"9999"' if each["index"] == 1 else b"{")


@pytest.mark.parametrize(
    "options",
    [
        {"result_shape": "wrapper"},
        {"result_shape": "flat"},
        {"result_index": False},
        {"shuffle_seed": 7},
        {"normalise_echo": True, "result_index": False, "shuffle_seed": 7},
    ],
    ids=str,
)
def test_whatever_the_shape_of_the_answer_the_orders_are_the_right_ones(door, pretend, options):
    world = settled(door, pretend, **options)
    told = door("results", "--type", "all", "--output", "json").document["result"]["outcomes"]
    numbers = {each.external_order_id: each.order_number for each in world.received()}
    assert [(each["external_id"], each["state"]) for each in told] == [
        ("A", "created"),
        ("B", "rejected"),
        ("C", "set_aside"),
        ("D", "created"),
    ]
    told_numbers = [each["order_number"] for each in told if each["state"] == "created"]
    assert told_numbers == [str(numbers["A"]), str(numbers["D"])]


def test_why_an_order_was_set_aside_is_told_with_its_code(door, pretend):
    settled(door, pretend)
    line = next(line for line in door("results").out.splitlines() if "set aside" in line)
    assert line.endswith(": set aside /2/customerId: customerId is missing. [SO-102]")


def test_equal_orders_are_told_as_one_of_several_and_never_guessed(door, pretend):
    pretend()
    door("submit", door.file("orders.json", [order(), order(), order(externalOrderId="X")]))
    told = door("results", "--type", "created", "--output", "json").document["result"]["outcomes"]
    assert [each["one_of_equal_orders"] for each in told] == [True, True, False]
    assert door("results", "--type", "created").out.count("(one of several equal orders)") == 2


def test_with_nothing_of_the_kind_it_says_so(door, pretend):
    pretend()
    door("submit", door.file("orders.json", orders(1)))
    told = door("results")
    assert (told.code, told.out.splitlines()[0][-22:]) == (0, " has no failed orders.")


def test_the_next_step_is_the_reject_file(door, pretend):
    settled(door, pretend)
    told = door("results")
    (rejects,) = door.folder.glob("orders.*.rejects.json")
    assert told.out.splitlines()[-1] == f"next: sobatch submit --company-id EN {rejects}   # once you have mended it"


def test_results_of_a_run_that_is_still_open_are_what_is_known(door, pretend):
    world = pretend(start_delay=600)
    door("submit", door.file("orders.json", orders(2)), "--no-wait")
    told = door("results", "--type", "all", "--output", "json").document["result"]
    assert (told["state"], [each["state"] for each in told["outcomes"]]) == ("open", ["pending", "pending"])
    before = len(world.requests())
    assert door("results", "--offline").code == 0
    assert len(world.requests()) == before


def test_results_of_an_open_run_say_what_is_still_open_and_how_to_go_on(door, pretend):
    pretend(Fault("submit", "throttle", nth=2, retry_after="900"), start_delay=600)
    name = door.file("orders.json", orders(5))
    sent = door("submit", name, "--max-orders", "2", "--no-wait", "--output", "json")
    assert sent.code == 7
    run = sent.run["run"]
    told = door("results", "--output", "json").document["result"]
    assert [(each["part"], each["state"], each["orders"]) for each in told["open_parts"]] == [
        (1, "accepted", 2),
        (2, "planned", 2),
        (3, "planned", 1),
    ]
    assert told["next"] == [f"sobatch submit --company-id EN orders.json   # goes on with run {run}"]
    lines = door("results").out.splitlines()
    assert lines[0] == f"Run {run} has no failed orders yet."
    assert lines[2:] == [
        "Still open: 1 part accepted (2 orders), 2 parts planned (3 orders)",
        f"next: {told['next'][0]}",
    ]


def test_results_of_a_run_in_doubt_name_the_part_to_decide_about(door, pretend):
    pretend(Fault("submit", "close"), list_enabled=False)
    run = door("submit", door.file("orders.json", orders(2)), "--output", "json").run["run"]
    told = door("results")
    assert told.code == 0
    assert "Still open: 1 part unknown (2 orders)" in told.out
    assert f"next: sobatch resolve --company-id EN {run} 1" in told.out


def test_results_of_a_closed_run_have_nothing_open(door, pretend):
    settled(door, pretend)
    told = door("results", "--output", "json").document["result"]
    assert told["open_parts"] == [] and "Still open" not in door("results").out
    (rejects,) = door.folder.glob("orders.*.rejects.json")
    assert told["next"] == [f"sobatch submit --company-id EN {rejects}   # once you have mended it"]


def test_what_cannot_be_asked_is_said_and_the_journal_answers(door, pretend):
    pretend(Fault("status", "error", times=None), start_delay=600)
    door("submit", door.file("orders.json", orders(2)), "--no-wait")
    told = door("results", "--type", "all")
    assert told.code == 0
    assert "pending" in told.out


def test_the_reject_file_and_its_reasons_are_in_the_order_of_the_users_file(door, pretend):
    """Types interleave in the file, parts do not; and what was set aside never was in a part."""
    pretend()
    types = ("SO", "SX", "SY")
    content = [order(externalOrderId=f"R{n}", customerId="9999", transactionType=types[n % 3]) for n in range(12)]
    content[4] |= {"customerId": None}
    told = door("submit", door.file("mixed.json", content), "--set-aside-invalid", "--output", "json")
    rejects = Path(told.run["rejects_file"])
    assert [each["externalOrderId"] for each in json.loads(rejects.read_text())] == [f"R{n}" for n in range(12)]
    reasons = [json.loads(line) for line in rejects.with_suffix(".ndjson").read_text().splitlines()]
    assert [(each["position"], each["index"]) for each in reasons] == [(n, n) for n in range(12)]
