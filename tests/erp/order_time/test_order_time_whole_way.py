"""Whole commands against the pretend Order Time: what is sent, what comes home, and what a lost answer leaves."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from order_time_orders import LINE, ORDER

from sobatch.cli.main import main
from sobatch.erp.slices import elements
from sobatch.sandbox.order_time.app import Options, Sandbox
from sobatch.sandbox.pretend.faults import Fault
from sobatch.sandbox.worlds import World

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "order-time" / "orders.json"


class Desk:
    """One person's commands, and the pretend ERP behind them."""

    def __init__(self, folder, capsys):
        self.folder, self.capsys = folder, capsys
        self.faults, self.options = [], {}
        self.file = folder / "orders.json"

    def __call__(self, *arguments, faults=()):
        self.faults = list(faults)
        self.capsys.readouterr()
        code = main([*arguments, "--erp", "order-time", "--sandbox", "--output", "json"])
        said = self.capsys.readouterr()
        assert "Traceback" not in said.err
        self.told = json.loads(said.out)
        return code

    def submit(self, orders=None, faults=()):
        """Send the sample, or these orders; what is unknown is looked for at once, and no more."""
        self.file.write_bytes(SAMPLE.read_bytes() if orders is None else json.dumps(orders).encode())
        return self("submit", str(self.file), "--no-wait", faults=faults)

    @property
    def ledger(self):
        assert self("status", "--offline") is not None
        ledger = self.told["result"]["ledger"]
        assert ledger.pop("adds_up") is True
        return {name: count for name, count in ledger.items() if count and name != "read"}

    def made(self):
        with Sandbox(self.folder / "state" / "sandbox" / "order-time.sqlite", Options()) as world:
            return world.made()


@pytest.fixture
def desk(tmp_path, capsys, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("SOBATCH_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SOBATCH_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path, capsys)
    plain = World.open

    def opened(self, database, values):
        world = plain(self, database, {**values, **made.options})
        world.set_faults(made.faults)
        return world

    monkeypatch.setattr(World, "open", opened)
    return made


def test_the_bytes_received_are_the_users(desk):
    assert desk.submit() == 0
    assert desk.ledger == {"created": 5}
    received = [hashlib.sha256(thing.raw).hexdigest() for thing in desk.made()]
    assert received == [hashlib.sha256(raw).hexdigest() for raw in elements(SAMPLE.read_bytes())]
    assert b'"Price": 0.90,' in desk.made()[3].raw


def test_created_numbers_come_home(desk):
    desk.submit()
    assert desk("results", "--type", "created") == 0
    assert [each["order_number"] for each in desk.told["result"]["outcomes"]] == [
        "1001",
        "1002",
        "1003",
        "1004",
        "1005",
    ]


def test_a_refusal_comes_home_to_its_place_in_the_users_file(desk):
    orders = [ORDER, {**ORDER, "CustomerPO": "B", "LineItems": [LINE, {**LINE, "ItemRef": {"Id": 9999}}]}]
    assert desk.submit(orders) == 4
    assert desk.ledger == {"created": 1, "rejected": 1}
    assert desk("results") == 0
    [outcome] = desk.told["result"]["outcomes"]
    assert outcome["index"] == 1
    assert ("/1/LineItems/1/ItemRef", "Item does not exist.") in [
        (each["pointer"], each["text"]) for each in outcome["messages"]
    ]


@pytest.mark.parametrize("denied", [400, 401, 403])
def test_wrong_credentials_stop_the_run_and_nothing_is_in_doubt(desk, denied):
    desk.options = {"password": "changed", "denied": denied}
    assert desk.submit() == 6
    assert desk.made() == []
    assert desk.ledger == {"pending": 5}
    desk.options = {}
    assert desk.submit() == 0
    assert desk.ledger == {"created": 5}


def test_a_role_that_may_not_create(desk):
    desk.options = {"read_only": True}
    assert desk.submit() == 6
    assert "role" in desk.told["error"]["message"]
    assert desk.ledger == {"pending": 5}


@pytest.mark.parametrize("action", ["error", "html", "truncated"])
def test_a_lost_answer_is_found_by_its_reference(desk, action):
    code = desk.submit(faults=[Fault("order", action, nth=2, saved=True)])
    assert code in (0, 10)
    assert code == 0 or desk.submit() == 0
    assert desk.ledger == {"created": 5}
    assert len(desk.made()) == 5


def test_an_order_that_never_arrived_is_not_sent_again_by_itself(desk):
    assert desk.submit(faults=[Fault("order", "error", nth=2)]) == 10
    assert desk.ledger == {"created": 4, "unknown": 1}
    assert desk.submit() == 10
    assert len(desk.made()) == 4


def test_equal_twins_are_not_taken_for_each_other(desk):
    """The second was never received; the look finds the first, which is known already."""
    twins = [ORDER, ORDER]
    assert desk.submit(twins, faults=[Fault("order", "error", nth=2)]) == 10
    assert desk.ledger == {"created": 1, "unknown": 1}
    assert desk.submit(twins) == 10
    assert len(desk.made()) == 1


def test_a_late_list_is_waited_for(desk):
    desk.options = {"lag": 3600}
    assert desk.submit(faults=[Fault("order", "error", nth=5, saved=True)]) == 10
    desk.options = {}
    assert desk.ledger == {"created": 4, "unknown": 1}
    assert len(desk.made()) == 5
