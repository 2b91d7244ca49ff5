"""The pretend JTL, through its own door: access, errors, duplicates, lines, look-ups, rates and faults."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import httpx
import pytest

from sobatch.sandbox.jtl.app import Sandbox
from sobatch.sandbox.jtl.options import TENANT, Options
from sobatch.sandbox.pretend.faults import Fault

ORDER = (
    b'{"CompanyId": 1,  "CustomerId": 1042, "ExternalNumber": "W-1", "Number": "A1", "ShipmentAddress": {"City": "x"}}'
)
LINES = b'[ {"SKU": "A", "Quantity": 0.90},{"SKU":"B","Quantity":1e2, "SalesPriceNet": 12345678901234567890} ]'


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def world(tmp_path):
    with Sandbox(tmp_path / "jtl.sqlite", Options(), Clock(), sleep=lambda _: None) as sandbox:
        yield sandbox


@pytest.fixture
def http(world):
    transport = httpx.WSGITransport(app=world)
    with httpx.Client(transport=transport, base_url="http://sandbox.localhost") as client:
        answer = client.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=("sandbox", "sandbox"))
        client.headers = {
            "Authorization": f"Bearer {answer.json()['access_token']}",
            "x-tenant-id": TENANT,
            "x-appid": "test/1.0",
            "x-appversion": "1.0",
            "api-version": "1.1",
            "Content-Type": "application/json",
        }
        yield client


def tell(world, **options):
    world.options = replace(world.options, **options)


def post(http, content=ORDER, path="/erp/salesOrders", **more):
    return http.post(path, content=content, **more)


def test_a_token_needs_its_client_and_its_grant(world):
    with httpx.Client(transport=httpx.WSGITransport(app=world), base_url="http://sandbox.localhost") as client:
        grant = {"grant_type": "client_credentials"}
        assert client.post("/oauth2/token", data=grant, auth=("sandbox", "wrong")).status_code == 401
        assert client.post("/oauth2/token", data=grant).status_code == 401
        assert (
            client.post("/oauth2/token", data={"grant_type": "password"}, auth=("sandbox", "sandbox")).status_code
            == 400
        )
        assert client.post("/oauth2/token", data=grant, auth=("sandbox", "sandbox")).json()["expires_in"] == 86_400


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Authorization", None, 401),
        ("Authorization", "Bearer other", 401),
        ("Authorization", "Wawi other", 401),
        ("x-tenant-id", None, 401),
        ("x-tenant-id", "b2", 401),
        ("x-appid", None, 412),
        ("x-appversion", None, 412),
        ("Content-Type", "text/plain", 415),
        ("api-version", None, 400),
    ],
)
def test_every_header_counts(world, http, header, value, status):
    headers = {name: each for name, each in http.headers.items() if name.lower() != header.lower()}
    http.headers = headers | ({header: value} if value else {})
    answer = post(http)
    assert answer.status_code == status
    assert set(answer.json()) == {"ErrorCode", "ErrorMessage", "ValidationErrors", "Errors", "Stacktrace"}
    assert world.made() == []


def test_a_token_ends(world, http):
    world.clock.now += 86_401
    assert post(http).status_code == 401


@pytest.mark.parametrize(("options", "status"), [({"no_tenant_status": 412}, 412), ({"licensed": False}, 402)])
def test_other_ways_to_be_turned_away(world, http, options, status):
    tell(world, **options)
    if status == 412:
        del http.headers["x-tenant-id"]
    assert post(http).status_code == status


def test_an_installation_of_ones_own_takes_the_key_alone(world, http):
    http.headers = {"Authorization": "Wawi sandbox", "Content-Type": "application/json", "api-version": "1.1"}
    assert post(http, path="/api/eazybusiness/v1/salesOrders").status_code == 201


def test_an_order_is_kept_as_it_came_and_shown_as_jtl_has_it(world, http):
    made = post(http).json()
    assert (made["Id"], made["Number"], made["ExternalNumber"], made["IsCancelled"]) == (4001, "A1", "W-1", False)
    assert "ShipmentAddress" not in made
    assert made["Shipmentaddress"] is None
    assert [thing.raw for thing in world.made()] == [ORDER]
    assert http.get("/erp/salesOrders/4001").json() == made
    assert http.get("/erp/salesOrders/4002").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        (b'{"CustomerId": 1}', 400, "CompanyId"),
        (b'{"CompanyId": 1, "CustomerId": "1"}', 400, "CustomerId"),
        (b'{"CompanyId": 4294967296, "CustomerId": 1}', 400, "CompanyId"),
        (b'{"CompanyId": 1, "CustomerId": 1, "SalesOrderDate": "2026-01-01T00:00:00"}', 400, "SalesOrderDate"),
        (b'{"CompanyId": 1, "CustomerId": 404404}', 422, "CustomerId"),
        (b"[]", 400, "$"),
        (b"{", 400, "$"),
    ],
)
def test_a_faulty_order_is_told_by_member(world, http, body, status, fault):
    answer = post(http, body)
    assert (answer.status_code, list(answer.json()["ValidationErrors"])) == (status, [fault])
    assert world.made() == []


def test_a_number_is_taken_once_unless_it_may_be_renamed(world, http):
    assert post(http).status_code == 201
    assert post(http).status_code == 409
    flag = {"renameSalesOrderNumberWhenAlreadyExists": "true"}
    assert [post(http, params=flag).json()["Number"] for _ in range(2)] == ["A1-1", "A1-2"]
    own = [post(http, b'{"CompanyId": 1, "CustomerId": 1}').json()["Number"] for _ in range(2)]
    assert len(set(own)) == 2
    assert len(world.made()) == 5


def test_lines_are_kept_in_their_own_spelling(world, http):
    post(http)
    answer = post(http, LINES, "/erp/salesOrders/4001/lineitems")
    assert (answer.status_code, [line["SalesOrderId"] for line in answer.json()]) == (201, [4001, 4001])
    kept = [line.raw for line in world.made("line")]
    assert kept == [b'{"SKU": "A", "Quantity": 0.90}', LINES[LINES.index(b'{"SKU":"B"') : -2]]
    assert hashlib.sha256(kept[0]).hexdigest() == hashlib.sha256(b'{"SKU": "A", "Quantity": 0.90}').hexdigest()
    assert [line["SKU"] for line in http.get("/erp/salesOrders/4001/lineitems").json()] == ["A", "B"]
    assert post(http, LINES, "/erp/salesOrders/4002/lineitems").status_code == 404
    assert post(http, b"{}", "/erp/salesOrders/4001/lineitems").status_code == 400


@pytest.mark.parametrize(("partial", "stored"), [(False, 0), (True, 1)])
def test_a_bad_line_takes_the_others_along_or_only_those_behind_it(world, http, partial, stored):
    tell(world, partial_lines=partial)
    post(http)
    lines = b'[{"SKU": "A", "Quantity": 1}, {"SKU": "NO-SUCH-ITEM", "Quantity": -1}, {"SKU": "C", "Quantity": 1}]'
    answer = post(http, lines, "/erp/salesOrders/4001/lineitems")
    assert (answer.status_code, set(answer.json()["ValidationErrors"])) == (400, {"[1].Quantity", "[1].SKU"})
    assert len(world.made("line")) == stored


@pytest.mark.parametrize(
    ("query", "options", "ids"),
    [
        ({"externalOrderNumber": "W-1"}, {}, [4001]),
        ({"externalOrderNumber": "w-1"}, {}, []),
        ({"externalOrderNumber": "W-1"}, {"partial_match": True}, [4001, 4002]),
        ({"externalOrderNumber": "W-1"}, {"ignore_filter": True}, [4001, 4002, 4003]),
        ({"salesOrderNumber": "A1"}, {}, [4001]),
        ({"salesOrderNumber": "A1"}, {"partial_match": True}, [4001]),
        ({}, {}, [4001, 4002, 4003]),
        ({"pageSize": "2", "pageNumber": "2"}, {}, [4003]),
    ],
)
def test_a_look_up_finds_what_it_is_told_to(world, http, query, options, ids):
    post(http)
    for external in ("W-10", "V-1"):
        post(http, json.dumps({"CompanyId": 1, "CustomerId": 1, "ExternalNumber": external}).encode())
    tell(world, **options)
    listed = http.get("/erp/salesOrders", params=query).json()
    assert [row["Id"] for row in listed["Items"]] == ids
    assert listed["HasNextPage"] is False


def test_a_pending_order_is_left_out_of_look_ups(world, http):
    tell(world, lag=30.0)
    post(http)
    query = {"externalOrderNumber": "W-1"}
    assert http.get("/erp/salesOrders", params=query).json()["TotalItems"] == 0
    assert http.get("/erp/salesOrders/4001").status_code == 200
    world.clock.now += 31
    assert http.get("/erp/salesOrders", params=query).json()["TotalItems"] == 1


def test_a_cancelled_order_says_so(world, http):
    post(http)
    reason = b'{"CancellationReasonId": 3, "CancellationComment": "x"}'
    assert post(http, reason, "/erp/salesOrders/4001/cancel").status_code == 204
    order = http.get("/erp/salesOrders/4001").json()
    assert (order["IsCancelled"], order["CancellationDetails"]["CancellationReasonId"]) == (True, 3)


def test_each_endpoint_has_its_rate_and_says_so(world, http):
    tell(world, rate_limit=2, rate_seconds=45.0)
    answers = [post(http, b'{"CompanyId": 1, "CustomerId": 1}') for _ in range(3)]
    assert [each.status_code for each in answers] == [201, 201, 429]
    assert [each.headers["X-RateLimit-Remaining"] for each in answers] == ["1", "0", "0"]
    assert answers[0].headers["X-RateLimit-Limit"] == "2"
    assert answers[0].headers["X-RateLimit-Interval-Length-Seconds"] == "45"
    assert http.get("/erp/salesOrders/4001").status_code == 200
    world.clock.now += 46
    assert post(http).status_code == 201


def test_version_two_writes_its_names_in_another_way(world, http):
    tell(world, camel_case=True)
    assert post(http).json()["externalNumber"] == "W-1"


@pytest.mark.parametrize("place", ["order", "lines"])
def test_a_fault_after_it_was_stored(world, http, place):
    post(http, b'{"CompanyId": 1, "CustomerId": 1}')
    world.set_faults([Fault(place, "error", saved=True)])
    path = "/erp/salesOrders" + ("/4001/lineitems" if place == "lines" else "")
    assert post(http, LINES if place == "lines" else ORDER, path).status_code == 500
    assert (len(world.made()), len(world.made("line"))) == ((2, 0) if place == "order" else (1, 2))


def test_the_record_has_no_secret(world, http):
    http.headers["x-api-key"] = "hidden-key"
    post(http)
    record = world.requests()
    assert [(each["place"], each["status"]) for each in record] == [("token", 200), ("order", 201)]
    assert "hidden-key" not in str(record)
    assert http.headers["Authorization"].split()[1] not in str(record)
