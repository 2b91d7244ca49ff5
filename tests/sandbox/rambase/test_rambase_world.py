"""The pretend RamBase: logging in, headers and items, and its errors."""

from __future__ import annotations

import pytest
from world_client import Client

from sobatch.sandbox.rambase.app import Options, Sandbox

LOGIN = b"grant_type=client_credentials&client_id=sandbox&client_secret=sandbox"
ITEM = {"salesOrderItem": {"Quantity": 2, "product": {"productId": 100017}}}
HEADER = {"salesOrder": {"customer": {"customerId": 10017}, "customersReferenceNumber": "O'Hara"}}


@pytest.fixture
def world(tmp_path):
    with Sandbox(tmp_path / "rambase.db", Options(), lambda: 1000.0, sleep=lambda seconds: None) as opened:
        yield opened


@pytest.fixture
def ask(world):
    token = Client(world).ask("POST", "/oauth2/access_token", raw=LOGIN)[1]["access_token"]
    client = Client(world, authorization=f"Bearer {token}", accept="application/json")
    return lambda method, path, value=None, **query: client.ask(method, path, value, **{"__db": "SANDBOX-NO", **query})


def test_a_login_says_which_kind_of_system_it_is(world):
    status, body = Client(world).ask("POST", "/oauth2/access_token", raw=LOGIN)
    assert (status, body["expires_in"], body["is_target_test_system"]) == (200, "3600", "true")
    assert Client(world).ask("POST", "/oauth2/access_token", raw=b"grant_type=password&client_id=x")[0] == 400
    assert Client(world).ask("POST", "/oauth2/access_token", raw=b"grant_type=magic")[0] == 400


def test_a_token_and_a_company_are_needed(world, ask):
    assert Client(world, accept="application/json").ask("GET", "/sales/orders", __db="SANDBOX-NO")[0] == 401
    assert ask("GET", "/sales/orders", __db="OTHER")[0] == 403


def test_headers_and_items_are_made_one_by_one(world, ask):
    status, made = ask("POST", "/sales/orders", HEADER)
    assert (status, made["salesOrder"]["salesOrderId"]) == (201, 100000)
    status, made = ask("POST", "/sales/orders/100000/items", ITEM)
    assert (status, made["salesOrderItem"]["salesOrderItemId"], made["salesOrderItem"]["lineNumber"]) == (201, 1, 1)
    assert len(ask("GET", "/sales/orders/100000/items")[1]["salesOrderItems"]) == 1
    assert ask("GET", "/sales/orders/100000")[1]["salesOrder"]["status"] == 0
    assert ask("GET", "/sales/orders/100000", __format="xml")[0] == 200


def test_it_speaks_xml_unless_json_is_asked_for(world, ask):
    token = Client(world).ask("POST", "/oauth2/access_token", raw=LOGIN)[1]["access_token"]
    plain = Client(world, authorization=f"Bearer {token}")
    assert plain.ask("GET", "/sales/orders", __db="SANDBOX-NO")[1] == b"<SalesOrder/>"
    assert plain.ask("GET", "/sales/orders", __db="SANDBOX-NO", __format="json")[1] == {"salesOrders": []}


def test_the_list_is_filtered_where_it_can_be(world, ask):
    ask("POST", "/sales/orders", HEADER)
    wanted = {"__filter": "customersReferenceNumber eq 'O''Hara'"}
    assert len(ask("GET", "/sales/orders", **wanted)[1]["salesOrders"]) == 1
    assert ask("GET", "/sales/orders", __filter="customersReferenceNumber eq 'X'")[1]["salesOrders"] == []
    world.options = Options(filterable=False, shows_customer=False, shows_numbers=False)
    assert ask("GET", "/sales/orders", **wanted)[0] == 400
    (row,) = ask("GET", "/sales/orders")[1]["salesOrders"]
    assert "customer" not in row
    assert "customersReferenceNumber" not in row


@pytest.mark.parametrize(
    ("path", "value", "status", "number"),
    [
        ("/sales/orders", {"salesOrder": {}}, 400, 100009),
        ("/sales/orders", {}, 400, 100009),
        ("/sales/orders", {"salesOrder": {"customer": {"customerId": 19999}}}, 400, 107812),
        ("/sales/orders/100000/items", {"salesOrderItem": {"quantity": 1}}, 400, 100009),
        ("/sales/orders/100000/items", {"salesOrderItem": {"product": {"productId": 100017}}}, 400, 100009),
        ("/sales/orders/100000/items", {"salesOrderItem": {"quantity": 1, "product": {"productId": 199999}}}, 400,
         105749),
        ("/sales/orders/100000/items", {}, 400, 100009),
        ("/sales/orders/100001/items", ITEM, 404, 101203),
    ],
)  # fmt: skip
def test_errors_have_the_vendors_shape(ask, path, value, status, number):
    ask("POST", "/sales/orders", HEADER)
    found, body = ask("POST", path, value)
    assert (found, body["errorMessage"]["errorMessageId"]) == (status, number)
    assert {"httpStatusCode", "message", "translatedMessage", "parameters", "innerErrors"} <= set(body)
