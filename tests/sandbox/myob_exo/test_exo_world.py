"""The pretend MYOB EXO and its traps."""

from __future__ import annotations

import base64

import pytest
from world_client import Client

from sobatch.sandbox.myob_exo.app import Options, Sandbox

BASIC = "Basic " + base64.b64encode(b"sandbox:sandbox").decode()
KEYS = {"authorization": BASIC, "x_myobapi_key": "sandbox", "x_myobapi_exotoken": "sandbox"}
ORDER = {"DebtorId": 2, "status": 0, "reference": "W1", "lines": [{"stockcode": "DIFF01", "orderquantity": 1}]}


@pytest.fixture
def world(tmp_path):
    with Sandbox(tmp_path / "exo.db", Options(), lambda: 1000.0, sleep=lambda seconds: None) as opened:
        yield opened


@pytest.fixture
def client(world):
    return Client(world, accept="application/json", **KEYS)


@pytest.mark.parametrize("missing", KEYS)
def test_all_three_headers_are_needed(world, missing):
    others = {name: value for name, value in KEYS.items() if name != missing}
    assert Client(world, accept="application/json", **others).ask("GET", "/salesorder")[0] == 401
    assert Client(world, accept="application/json", **{**KEYS, missing: "wrong"}).ask("GET", "/salesorder")[0] == 401


def test_it_answers_in_xml_unless_json_is_asked_for(world, client):
    status, body = Client(world, **KEYS).ask("POST", "/salesorder", ORDER)
    assert (status, body[:12]) == (201, b"<SalesOrder>")
    assert client.ask("GET", "/salesorder/10001")[1]["reference"] == "W1"


def test_an_order_is_completed_stored_and_found(world, client):
    status, made = client.ask("POST", "/gateway/salesorder/", ORDER)
    assert (status, made["id"], made["ordertotal"], made["lines"][0]["unitprice"]) == (201, 10001, 2684.95, 2386.62)
    assert [thing.raw[:11] for thing in world.made()] == [b'{"DebtorId"']
    assert [row["id"] for row in client.ask("GET", "/salesorder", __filter="debtorid eq 2")[1]] == [10001]
    assert client.ask("GET", "/salesorder", __filter="debtorid eq 3")[1] == []
    assert client.ask("GET", "/salesorder/search", q="W1")[1][0]["id"] == 10001
    assert client.ask("GET", "/salesorder", page="2") == (404, {"Message": "No such page."})
    assert client.ask("GET", "/salesorder/77")[0] == 404


def test_validating_stores_nothing_and_expands_a_bill_of_materials(world, client):
    kit = {**ORDER, "lines": [{"bomcode": "DEMOKIT", "orderquantity": 2}]}
    status, whole = client.ask("POST", "/salesorder/validate", kit)
    assert (status, [line["stockcode"] for line in whole["lines"]]) == (200, ["DEMOKIT", "DIFF01", "GASKET01"])
    assert world.made() == []


@pytest.mark.parametrize(
    "change",
    [
        {"reference": "r" * 21},
        {"deliveryaddress": {"line1": "a" * 31}},
        {"deliveryaddress": [{"line2": "a" * 31}]},
        {"lines": [{"stockcode": "s" * 24, "orderquantity": 1}]},
    ],
)
def test_over_long_text_is_a_bare_500(world, client, change):
    assert client.ask("POST", "/salesorder", {**ORDER, **change}) == (500, {"Message": "An error has occurred."})
    assert world.made() == []


def test_what_it_refuses_has_a_path(world, client):
    status, body = client.ask("POST", "/salesorder", {"lines": [{"stockcode": "NO-SUCH-STOCK"}]})
    assert status == 400
    assert set(body["ModelState"]) == {"salesorder.debtorid", "salesorder.status", "salesorder.lines[0].stockcode"}
    assert client.ask("POST", "/salesorder", raw=b"no json")[0] == 400


def test_pages_have_ten_rows_and_at_most_a_hundred(world, client):
    for _ in range(101):
        client.ask("POST", "/salesorder", ORDER)
    assert len(client.ask("GET", "/salesorder")[1]) == 10
    assert len(client.ask("GET", "/salesorder", pagesize="1000")[1]) == 100
    assert len(client.ask("GET", "/salesorder", pagesize="100", page="2")[1]) == 1


def test_the_rate_limit_is_a_403_of_its_own_name(world, client):
    world.options = Options(rate_limit=1)
    assert client.ask("GET", "/salesorder")[0] == 200
    status, body = client.ask("GET", "/salesorder")
    assert (status, body["Name"]) == (403, "RateLimitError")


def test_an_order_changes_by_put(client):
    client.ask("POST", "/salesorder", ORDER)
    assert client.ask("PUT", "/salesorder/10001", {"finalised": 1})[1]["finalised"] == 1
    assert client.ask("GET", "/salesorder/10001")[1]["finalised"] == 1
