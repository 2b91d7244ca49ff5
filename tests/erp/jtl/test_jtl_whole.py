"""Whole commands for JTL: a first run, half-made orders, and every fault inside and between the calls of an order."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from contract_bench import Contract, opened_with

from sobatch.cli.main import main
from sobatch.erp.slices import elements, members
from sobatch.sandbox.jtl.app import Sandbox
from sobatch.sandbox.jtl.options import Options
from sobatch.sandbox.pretend.faults import Fault

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "jtl"


@pytest.fixture
def jtl(tmp_path, capsys, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("SOBATCH_", "XDG_"))]:
        monkeypatch.delenv(name)
    values = {"ERP": "jtl", "STATE_DIR": str(tmp_path / "state"), "SETTLE": "0"}
    for name, value in values.items():
        monkeypatch.setenv(f"SOBATCH_{name}", value)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    made = Contract("jtl", tmp_path, capsys)
    made.file.write_bytes((SAMPLES / "orders.json").read_bytes())
    with opened_with(made, monkeypatch):
        yield made


def offline(jtl: Contract, command: str, *arguments: str) -> tuple[int, Any]:
    """A command that talks to nobody: its exit code and its result."""
    jtl.capture.readouterr()
    code = main([command, *arguments, "--output", "json"])
    return code, json.loads(jtl.capture.readouterr().out)["result"]


def world(jtl: Contract) -> Any:
    return Sandbox(jtl.folder / "state" / "sandbox" / "jtl.sqlite", Options())


def truth(jtl: Contract) -> tuple[Counter[bytes], dict[int, list[bytes]]]:
    """The headers that exist, by their bytes, and the lines of each order."""
    with world(jtl) as sandbox:
        made, lines = sandbox.made(), sandbox.made("line")
    found = {order.id: [line.raw for line in lines if line.parent == order.id] for order in made}
    return Counter(order.raw for order in made), found


def wanted(jtl: Contract) -> Counter[tuple[bytes, ...]]:
    """The lines of each order of the file."""
    return Counter(tuple(elements(members(each)["LineItems"])) for each in elements(jtl.file.read_bytes()))


def test_a_first_run(jtl):
    assert offline(jtl, "validate", str(jtl.file))[0] == 0
    assert offline(jtl, "estimate-rows", str(jtl.file))[1]["total"]["rows"] == 10
    assert jtl.submit() == 0, jtl.told
    ledger = jtl.ledger()
    assert (ledger["read"], ledger["created"]) == (5, 5)
    code, told = jtl("results", "--type", "created")
    numbers = [each["order_number"] for each in told["result"]["outcomes"]]
    assert code == 0
    assert (numbers[0], numbers[4], len(set(numbers))) == ("A1004465", "A1004466", 5)
    headers, lines = truth(jtl)
    assert set(headers.values()) == {1}
    assert Counter(map(tuple, lines.values())) == wanted(jtl)
    assert jtl.submit() == 0
    assert truth(jtl) == (headers, lines)


def test_every_faulty_sample_through_the_command(jtl):
    for path in sorted((SAMPLES / "faulty").iterdir()):
        code, told = offline(jtl, "validate", str(path))
        problems = told["problems"]
        worst = {each["severity"] for each in problems}
        assert (code, len(problems)) == (3 if "error" in worst else 0, 1), path.name
        assert all(each["line"] and each["message"] for each in problems if each["pointer"])


def test_refused_orders_and_refused_lines_come_home(jtl):
    orders = [
        '{"CompanyId": 1, "CustomerId": 404404, "ExternalNumber": "W-1", "LineItems": [{"SKU": "A", "Quantity": 1}]}',
        '{"CompanyId": 1, "CustomerId": 7, "ExternalNumber": "W-2",\n "LineItems": [{"SKU": "A", "Quantity": 1},\n'
        '  {"SKU": "NO-SUCH-ITEM", "Quantity": 2.50}]}',
        '{"CompanyId": 1, "CustomerId": 7, "ExternalNumber": "W-3", "LineItems": [{"SKU": "A", "Quantity": 1}]}',
    ]
    jtl.file.write_text("[" + ",\n".join(orders) + "]")
    assert jtl.submit() in (4, 5), jtl.told
    ledger = jtl.ledger()
    assert {name: ledger[name] for name in ("created", "incomplete", "rejected", "unknown")} == {
        "created": 1,
        "incomplete": 1,
        "rejected": 1,
        "unknown": 0,
    }
    _, told = jtl("results")
    text = json.dumps(told)
    assert "Customer 404404 was not found." in text
    assert "The item NO-SUCH-ITEM was not found." in text
    assert "0 of 2 lines are there" in text
    assert "/1/LineItems/1/SKU" in text


def test_settings_reach_the_wire_and_stay_with_the_run(jtl):
    flags = ("--set", "rename_existing=true", "--set", "disable_workflows=true", "--set", "api_version=1.4")
    assert jtl.submit(*flags, faults=[Fault("order", "custom", nth=3, times=None, status=403, body="no")]) == 6, (
        jtl.told
    )
    assert jtl.submit() == 0, jtl.told
    with world(jtl) as sandbox:
        orders = [each for each in sandbox.requests() if each["place"] == "order"]
    assert {each["query"] for each in orders} == {
        "renameSalesOrderNumberWhenAlreadyExists=true&disableAutomaticWorkflows=true"
    }
    assert {json.loads(each["headers"])["Api-Version"] for each in orders} == {"1.4"}


def test_a_run_whose_access_ends_between_the_calls_of_an_order_goes_on(jtl):
    assert jtl.submit(faults=[Fault("lines", "custom", nth=2, times=None, status=403, body="no")]) == 6, jtl.told
    with world(jtl) as sandbox:
        assert len(sandbox.made()) > len({line.parent for line in sandbox.made("line")})
    assert jtl.submit() == 0, jtl.told
    headers, lines = truth(jtl)
    assert (set(headers.values()), Counter(map(tuple, lines.values()))) == ({1}, wanted(jtl))


@pytest.mark.parametrize(("times", "code", "incomplete"), [(1, 0, 0), (None, 4, 5)])
def test_a_concurrent_change_of_an_order_passes_or_is_told(jtl, times, code, incomplete):
    body = '{"ErrorCode": "Concurrency", "ErrorMessage": "Changed by another user."}'
    assert jtl.submit(faults=[Fault("lines", "custom", times=times, status=409, body=body)]) == code, jtl.told
    assert jtl.ledger()["incomplete"] == incomplete
    assert jtl.submit() == code
    headers, lines = truth(jtl)
    assert set(headers.values()) == {1}
    assert sum(map(len, lines.values())) == (0 if incomplete else 9)


ACTIONS = [
    ("error", 500), ("error", 503), ("html", 200), ("custom", 201), ("custom", 204), ("redirect", 307),
    ("truncated", None), ("throttle", None), ("unauthorized", None),
]  # fmt: skip
CELLS = [
    Fault(place, action, nth=nth, times=times, saved=saved, status=status, retry_after="0")
    for place in ("order", "lines", "look", "item")
    for action, status in ACTIONS
    for nth, times, saved in ((1, 1, False), (2, 1, True), (1, 3, True))
    if not (saved and place in ("look", "item")) and not (saved and action in ("throttle", "unauthorized"))
]
SOME = [cell for at, cell in enumerate(CELLS) if at % 7 == 0]


def held(jtl: Contract, fault: Fault) -> str:
    """Live through one fault: what the ledger ends with. Nothing is there twice, and every order has a name."""
    faults = [fault] if fault.where in ("order", "lines") else [Fault("order", "error", saved=True), fault]
    codes = [jtl.submit(faults=faults), jtl.submit(), jtl.submit()]
    assert codes[0] in (0, 7, 10) or (codes[0] == 6 and fault.action == "redirect"), (codes, jtl.told)
    ledger = jtl.ledger()
    headers, lines = truth(jtl)
    assert set(headers.values()) <= {1}, "an order stands there twice"
    expected = wanted(jtl)
    for found in lines.values():
        assert not found or tuple(found) in expected, "lines stand there twice, or in half"
    whole = Counter(tuple(found) for found in lines.values() if found)
    assert ledger["created"] <= whole.total(), "an order is told that is not there"
    assert ledger["created"] + ledger["unknown"] + ledger["incomplete"] == 5
    assert (codes[2] == 0) == (ledger["created"] == 5)
    return f"{ledger['created']} created, {ledger['unknown']} unknown"


def name_of(fault: Fault) -> str:
    return f"{fault.where}-{fault.action}-{fault.status}-{fault.nth}-{fault.times}-{fault.saved}"


@pytest.mark.parametrize("fault", SOME, ids=name_of)
def test_no_fault_makes_two_or_loses_one(jtl, fault):
    held(jtl, fault)


@pytest.mark.full
@pytest.mark.parametrize("fault", [cell for cell in CELLS if cell not in SOME], ids=name_of)
def test_no_fault_at_all_makes_two_or_loses_one(jtl, fault):
    held(jtl, fault)
