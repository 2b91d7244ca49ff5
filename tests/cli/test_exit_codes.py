"""Each exit code of the table, by a way a user can meet it, and the words that go with it."""

from __future__ import annotations

import signal
import socket
import tempfile

import pytest
from sending_door import order, orders

from sobatch.sandbox import Fault

BAD = {"customerId": "9999"}


def test_0_all_done(door, pretend):
    pretend()
    told = door("submit", door.file("orders.json", orders(2)))
    assert told.code == 0
    assert "sobatch results" in told.out


def test_1_a_defect_leaves_a_report_without_any_value(door, pretend, monkeypatch, tmp_path):
    pretend()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def broken(*_):
        planted = "planted-value"
        raise RuntimeError(f"something with {planted}")

    monkeypatch.setattr("sobatch.lifecycle.submit.submit", broken)
    told = door("submit", door.file("orders.json", orders(1)), "--output", "json")
    assert told.code == told.document["exit_code"] == 1
    (report,) = tmp_path.glob("sobatch-report-*.txt")
    assert str(report) in told.err
    assert "RuntimeError" in report.read_text()
    assert "planted-value" not in told.out + told.err + report.read_text()


def test_2_a_command_that_cannot_be_carried_out(door, pretend):
    world = pretend()
    told = door("submit", "nowhere.json")
    assert (told.code, told.out) == (2, "")
    assert "there is no file nowhere.json" in told.err
    assert world.requests() == []


def test_3_the_input_is_at_fault(door, pretend):
    world = pretend()
    told = door("submit", door.file("orders.json", [order(customerId=None)]))
    assert (told.code, told.out) == (3, "")
    assert "customerId is missing" in told.err
    assert world.requests() == []


def test_4_some_orders_rejected_and_a_file_to_send_next(door, pretend):
    pretend()
    told = door("submit", door.file("orders.json", [order(), order(**BAD)]), "--output", "json")
    assert told.code == 4
    assert (door.folder / told.run["rejects_file"]).is_file()


def test_4_mending_that_file_and_sending_it_ends_with_0(door, pretend):
    world = pretend()
    told = door("submit", door.file("orders.json", [order(), order(**BAD)]), "--output", "json")
    rejects = told.run["rejects_file"]
    text = (door.folder / rejects).read_text().replace("9999", "1015")
    (door.folder / rejects).write_text(text)
    again = door("submit", rejects)
    assert again.code == 0
    assert [each.customer for each in world.created()] == ["1000", "1015"]


def test_5_all_rejected(door, pretend):
    pretend()
    told = door("submit", door.file("orders.json", [order(**BAD)]))
    assert told.code == 5
    assert "rejected 1" in told.out and "(adds up)" in told.out


def test_5_the_remote_job_failed_before_it_saved_anything(door, pretend):
    world = pretend(crash_after_pages=0)
    told = door("submit", door.file("orders.json", orders(2)), "--output", "json")
    assert (told.code, told.run["ledger"]["not_created"]) == (5, 2)
    world.options = world.options.with_values({"crash_after_pages": None})
    assert door("submit", told.run["remaining_file"]).code == 0
    assert len(world.created()) == 2


def test_6_access_refused(door, pretend):
    world = pretend()
    door.set(SOBATCH_CLIENT_SECRET="wrong")
    told = door("submit", door.file("orders.json", orders(1)))
    assert told.code == 6
    assert "next: " in told.err
    assert [each.place for each in world.requests()] == ["token"]


def test_7_the_erp_cannot_be_reached(door, pretend):
    pretend()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        door.set(SOBATCH_BASE_URL=f"http://127.0.0.1:{unused.getsockname()[1]}")
        told = door("submit", door.file("orders.json", orders(1)), "--output", "json")
    assert (told.code, told.document["error"]["kind"]) == (7, "temporary")
    assert door("status", "--list", "--output", "json").document["result"]["runs"] == [], "no run is left behind"


def test_7_and_the_same_command_sends_once_it_can(door, pretend):
    world = pretend(Fault("submit", "throttle", retry_after="900"))
    name = door.file("orders.json", orders(1))
    assert door("submit", name).code == 7
    assert door("submit", name).code == 0
    assert len(world.created()) == 1


def test_8_still_running_when_the_wait_ends(door, pretend):
    world = pretend(start_delay=600)
    name = door.file("orders.json", orders(2))
    door.hurry()
    told = door("submit", name, "--timeout", "2m", "--output", "json")
    assert (told.code, told.run["error"]["kind"]) == (8, "running")
    assert told.run["state"] == "open"
    assert told.run["run"] in told.run["error"]["next_step"]
    assert len(world.batches()) == 1


def test_9_cancelled(door, pretend):
    world = pretend(start_delay=600)
    assert door("submit", door.file("orders.json", orders(2)), "--no-wait").code == 0
    told = door("cancel", "--output", "json")
    assert told.code == 9
    assert told.document["result"]["ledger"]["not_created"] == 2
    assert world.created() == []


def test_10_sent_and_never_acknowledged(door, pretend):
    world = pretend(Fault("submit", "close", saved=True), list_enabled=False)
    told = door("submit", door.file("orders.json", orders(2)), "--output", "json")
    assert (told.code, told.run["error"]["kind"]) == (10, "unknown")
    assert told.run["ledger"]["unknown"] + told.run["ledger"]["pending"] == 2
    assert "sobatch resolve" in told.err
    assert len(world.batches()) == 1


def test_10_is_never_sent_again_by_the_same_command(door, pretend):
    world = pretend(Fault("submit", "close", saved=True), list_enabled=False)
    name = door.file("orders.json", orders(2))
    assert [door("submit", name).code for _ in range(3)] == [10, 10, 10]
    assert len(world.batches()) == 1


def test_11_the_same_content_in_other_bytes(door, pretend):
    world = pretend()
    assert door("submit", door.file("orders.json", orders(2))).code == 0
    again = b"[" + (door.folder / "orders.json").read_bytes().strip()[1:-1].replace(b"\n", b" ") + b"]"
    told = door("submit", door.file("copy.json", again), "--output", "json")
    assert (told.code, told.document["error"]["kind"]) == (11, "duplicate")
    assert "--run-key" in told.err and "--allow-duplicate" in told.err
    assert len(world.created()) == 2


def test_12_the_state_folder_cannot_be_made(door, pretend):
    world = pretend()
    door.state.write_text("a file where the folder should be")
    told = door("submit", door.file("orders.json", orders(1)))
    assert told.code == 12
    assert "--state-dir" in told.err
    assert world.requests() == []


def test_12_the_counts_do_not_add_up(door, pretend):
    pretend(Fault("success", "custom", status=200, body="[]", times=None))
    told = door("submit", door.file("orders.json", orders(2)), "--output", "json")
    assert told.code == 12
    assert not told.run["parts"][0]["adds_up"]
    assert "does not add up" in told.err


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_128_and_more_a_signal_and_the_state_is_saved(door, pretend, number):
    world = pretend(start_delay=600)
    name = door.file("orders.json", orders(2))
    with door.start("submit", name, "--output", "json") as child:
        heard = b""
        while b"accepted" not in heard:
            heard += child.stderr.readline() or pytest.fail(f"it ended with {heard!r}")
        child.send_signal(number)
        child.communicate(timeout=30)
    assert child.returncode == 128 + number
    world.options = world.options.with_values({"start_delay": 0})
    told = door("status", "--output", "json")
    assert told.document["result"]["parts"][0]["state"] == "accepted"
    assert len(world.batches()) == 1


def test_of_several_files_the_worst_counts(door, pretend):
    pretend()
    names = [door.file("good.json", orders(1)), door.file("bad.json", [order(**BAD), order(externalOrderId="A")])]
    told = door("submit", *names, door.file("worse.json", [order(**BAD)]), "--output", "json")
    assert told.code == told.document["exit_code"] == 5
    assert [run["run_exit_code"] for run in told.document["result"]["runs"]] == [0, 4, 5]
