"""`sobatch status`: one run, all runs, the ERP's own list, what is forgotten and what is exported."""

from __future__ import annotations

import sqlite3
from urllib.parse import unquote

import pytest
from sending_door import order, orders

from sobatch.sandbox import Fault


def listed(door, *words):
    return door("status", "--list", *words, "--output", "json").document["result"]["runs"]


def begin(world):
    """Let the ERP begin with what it has put off."""
    with world.store.write() as database:
        database.execute("UPDATE batches SET begins = 0")


def test_the_ledger_stands_in_words_and_in_json(door, pretend):
    pretend()
    content = [order(), order(customerId="9999"), order(customerId=None), order(externalOrderId="A")]
    door("submit", door.file("orders.json", content), "--set-aside-invalid")
    ledger = door("status", "--output", "json").document["result"]["ledger"]
    places = ("set_aside", "not_created", "created", "incomplete", "rejected", "unknown", "pending")
    assert [ledger[place] for place in places] == [1, 0, 2, 0, 1, 0, 0]
    assert ledger["read"] == 4 == sum(ledger[place] for place in places) and ledger["adds_up"] is True
    words = "read 4 = set aside 1 + not created 0 + created 2 + incomplete 0 + rejected 1 + unknown 0   (adds up)"
    assert f"Ledger: {words}" in door("status").out


def test_the_ledger_adds_up_for_every_part_and_in_total(door, pretend):
    pretend()
    content = [order(transactionType=kind, customerId=customer) for kind in "AB" for customer in ("1", "9999")]
    told = door("submit", door.file("orders.json", content), "--output", "json").run
    parts = [part["ledger"] for part in told["parts"]]
    shares = [(part["read"], part["created"], part["rejected"], part["adds_up"]) for part in parts]
    assert shares == [(2, 1, 1, True)] * 2
    assert all(told["ledger"][name] == sum(part[name] for part in parts) for name in parts[0] if name != "adds_up")


def test_it_asks_once_and_brings_home_what_has_ended(door, pretend):
    world = pretend(start_delay=600)
    door("submit", door.file("orders.json", orders(2)), "--no-wait")
    open_still = door("status", "--output", "json").document["result"]
    asked = [each.place for each in world.requests()].count("status")
    begin(world)
    closed = door("status", "--output", "json").document["result"]
    assert (open_still["state"], open_still["parts"][0]["remote_phase"], asked) == ("open", "pending", 1)
    assert (closed["state"], closed["ledger"]["created"], closed["run_exit_code"]) == ("closed", 2, 0)


def test_offline_it_asks_nothing(door, pretend):
    world = pretend(start_delay=600)
    door("submit", door.file("orders.json", orders(2)), "--no-wait")
    before = len(world.requests())
    told = door("status", "--offline", "--output", "json")
    assert (told.code, told.document["result"]["state"], len(world.requests())) == (0, "open", before)


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (orders(1), {}, 0),
        ([order(customerId="9999")], {}, 5),
        (orders(1), {"start_delay": 600}, 8),
    ],
)
def test_the_runs_own_exit_code_is_given_when_asked_for(door, pretend, content, options, code):
    pretend(**options)
    door("submit", door.file("orders.json", content), "--no-wait")
    assert door("status").code == 0
    assert door("status", "--exit-code").code == code


def test_past_runs_are_listed_newest_first(door, pretend):
    pretend()
    for number in (1, 2, 3):
        door("submit", door.file(f"{number}.json", orders(2, f"S{number}")))
    assert [run["input"] for run in listed(door)] == ["3.json", "2.json", "1.json"]
    lines = door("status", "--list").out.splitlines()
    assert lines[0].split()[:2] == ["run", "when"] and [line.split()[-1] for line in lines[1:]] == [
        "3.json",
        "2.json",
        "1.json",
    ]


def age(door, run, days):
    with sqlite3.connect(door.state / "journal.sqlite") as journal:
        journal.execute(
            f"UPDATE run SET created = created - {days * 86400}, closed = closed - {days * 86400} WHERE id = ?", (run,)
        )
    journal.close()


def test_a_list_can_begin_later(door, pretend):
    pretend()
    runs = [door("submit", door.file(f"{n}.json", orders(2, f"S{n}")), "--output", "json").run["run"] for n in (1, 2)]
    age(door, runs[0], 3)
    assert [run["run"] for run in listed(door, "--since", "24h")] == [runs[1]]
    assert [run["run"] for run in listed(door, "--since", "4d")] == [runs[1], runs[0]]


def test_the_erps_own_list_names_our_runs(door, pretend):
    world = pretend()
    run = door("submit", door.file("orders.json", [order(), order(customerId="9999")]), "--output", "json").run["run"]
    told = door("status", "--remote", "--output", "json").document["result"]
    (job,) = told["jobs"]
    (batch,) = world.batches()
    assert (job["remote_id"], job["run"], job["phase"], job["processed"], job["failed"]) == (
        batch.id,
        run,
        "finished",
        2,
        1,
    )
    assert batch.id in door("status", "--remote").out
    assert world.requests()[-1].query == ""


def test_the_erps_own_list_can_begin_later(door, pretend):
    world = pretend()
    door("submit", door.file("orders.json", orders(1)))
    with world.store.write() as database:
        database.execute("UPDATE batches SET received = received - 7200")
    assert door("status", "--remote", "--since", "1h", "--output", "json").document["result"]["jobs"] == []
    assert len(door("status", "--remote", "--since", "3h", "--output", "json").document["result"]["jobs"]) == 1
    assert "timeFrom=" in world.requests()[-1].query


@pytest.mark.parametrize(
    ("flags", "query"),
    [
        (("--controller", "SalesOrders", "--method", "POST"), "controller=SalesOrders&method=POST"),
        (("--time-from", "2026-11-24T08:00:00"), "timeFrom=2026-11-24T08:00:00"),
        (("--time-from", "2026-11-24T08:00:00+02:00"), "timeFrom=2026-11-24T08:00:00+02:00"),
        (("--time-window", "90m"), "timeWindow=01:30:00"),
        (("--time-window", "3d"), "timeWindow=3.00:00:00"),
        (("--time-window", "1.02:03:04"), "timeWindow=1.02:03:04"),
        (("--status", "failed"), "status=E"),
        (("--status", "T"), "status=T"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_erps_own_list_takes_the_documents_filters(door, pretend, flags, query):
    world = pretend()
    assert door("status", "--remote", *flags).code == 0
    assert unquote(world.requests()[-1].query) == query


def test_a_filter_picks_among_the_jobs(door, pretend):
    pretend()
    door("submit", door.file("orders.json", orders(1)))
    count = {
        word: len(door("status", "--remote", "--status", word, "--output", "json").document["result"]["jobs"])
        for word in ("finished", "T", "running", "failed")
    }
    assert count == {"finished": 1, "T": 1, "running": 0, "failed": 0}


@pytest.mark.parametrize(
    "flags",
    [
        ("--status", "failed"),
        ("--list", "--method", "POST"),
        ("--remote", "--since", "1h", "--time-from", "2026-11-24"),
        ("--remote", "--time-from", "yesterday"),
        ("--remote", "--time-window", "long"),
    ],
    ids=str,
)
def test_a_filter_that_means_nothing_is_refused(door, pretend, flags):
    world = pretend()
    told = door("status", *flags)
    assert (told.code, told.out, world.requests()) == (2, "", [])
    assert "next: " in told.err


def test_an_erp_without_a_list_says_so(door, pretend):
    pretend(list_enabled=False)
    told = door("status", "--remote")
    assert (told.code, told.out) == (5, "")
    assert "next: " in told.err


def test_since_alone_is_refused(door, pretend):
    pretend()
    assert door("status", "--since", "24h").code == 2


def test_old_closed_runs_are_forgotten_and_nothing_else(door, pretend):
    world = pretend()
    old = door("submit", door.file("old.json", orders(1, "A")), "--output", "json").run["run"]
    young = door("submit", door.file("young.json", orders(2)), "--output", "json").run["run"]
    world.options = world.options.with_values({"start_delay": 600})
    running = door("submit", door.file("open.json", orders(3, "C")), "--no-wait", "--output", "json").run["run"]
    for run in (old, running):
        age(door, run, 401)
    told = door("status", "--prune", "400d", "--yes", "--output", "json")
    assert told.document["result"] == {"forgotten": [old], "kept": []}
    assert {run["run"] for run in listed(door)} == {young, running}
    assert door("status", old).code == 2
    assert not (door.state / "runs" / old).exists()


def test_a_run_with_a_doubt_is_never_forgotten(door, pretend):
    pretend(Fault("submit", "close"), list_enabled=False)
    run = door("submit", door.file("orders.json", orders(1)), "--output", "json").run["run"]
    digest = door("status", "--output", "json").document["result"]["parts"][0]["sha256"][:8]
    assert door("resolve", run, "1", "--abandon", "--confirm", digest).code == 0
    age(door, run, 500)
    told = door("status", "--prune", "400d", "--yes", "--output", "json").document["result"]
    assert told == {"forgotten": [], "kept": [{"run": run, "why": "some of its orders are unknown"}]}


def test_the_export_is_the_journal_as_lines(door, pretend):
    pretend()
    run = door("submit", door.file("orders.json", orders(2)), "--output", "json").run["run"]
    rows = [row for row in door("status", "--export", "--output", "ndjson").lines if row["type"] != "result"]
    kinds = [row["type"] for row in rows]
    assert kinds[:5] == ["run", "part", "attempt", "order", "order"] and set(kinds[5:]) == {"event"}
    assert rows[0]["id"] == run
    assert [row["remote_number"] for row in rows if row["type"] == "order"] == ["21000001", "21000002"]
    text = door("status", "--export").out.splitlines()
    assert len(text) == len(rows) and all(line.startswith("{") for line in text)
