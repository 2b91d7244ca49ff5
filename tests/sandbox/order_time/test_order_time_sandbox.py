"""The pretend Order Time behaves as its document and its vendor's pages say, or as they are guessed to mean."""

import json

import httpx
import pytest

from sobatch.sandbox.order_time.app import Options, Sandbox
from sobatch.sandbox.pretend.faults import Fault

TYPE = "AOLib7.SalesOrderLineItem, AOLib7"
LINE = {"$type": TYPE, "ItemRef": {"Id": 37}, "Price": 42.5, "Quantity": 6}
ORDER = {"CustomerRef": {"Id": 21}, "CustomerPO": "6T56-97", "LineItems": [LINE]}
WHO = {"apiKey": "sandbox", "email": "sandbox@ordertime.example", "password": "sandbox"}


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


class Visitor:
    """Speaks plain HTTP to one pretend Order Time."""

    def __init__(self, world):
        self.world, self.who = world, dict(WHO)
        self.http = httpx.Client(transport=httpx.WSGITransport(app=world), base_url="http://sandbox.localhost/api")

    def __call__(self, method, path, body=None, **query):
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {**self.who, **({} if body is None else {"Content-Type": "application/json"})}
        return self.http.request(method, path, content=content, headers=headers, params=query)

    def post(self, **members):
        return self("POST", "/salesorder", {**ORDER, **members})

    def listed(self, *filters, **more):
        wanted = [dict(zip(("PropertyName", "Operator", "FilterValueArray"), each, strict=True)) for each in filters]
        return self("POST", "/list", {"Type": 7, "Filters": wanted, "PageNumber": 1, "NumberOfRecords": 100, **more})

    def numbers(self, *filters, **more):
        return [each["DocNo"] for each in self.listed(*filters, **more).json()]


@pytest.fixture
def visitor(tmp_path):
    with Sandbox(tmp_path / "world.db", Options(), Clock()) as world:
        yield Visitor(world)


def test_an_order_is_made_with_a_rising_number_and_what_it_left_out(visitor):
    answer = visitor.post()
    order = answer.json()
    assert answer.status_code == 200
    assert (order["DocNo"], order["StatusRef"]["Name"], order["Date"]) == (1001, "New", "2027-01-15T00:00:00")
    assert [line["LineNo"] for line in order["LineItems"]] == [1]
    assert visitor.post(DocNo=5).json()["DocNo"] == 1002
    assert visitor.world.made()[0].raw == json.dumps(ORDER).encode()


@pytest.mark.parametrize(
    "changed",
    [{"apiKey": "x"}, {"email": "x"}, {"password": "x"}, {"apiKey": ""}, {"DevKey": "x"}, {"DevKey": ""}],
)
def test_all_three_headers_have_to_be_right(visitor, changed):
    visitor.who.update(changed)
    assert visitor.post().status_code == 401
    assert visitor.world.made() == []


@pytest.mark.parametrize("name", ["apiKey", "email", "password"])
def test_none_may_be_missing(visitor, name):
    del visitor.who[name]
    assert visitor("GET", "/salesorder", docNo=1).status_code == 401


def test_a_developers_key_goes_in_place_of_the_password(visitor):
    del visitor.who["password"]
    visitor.who["DevKey"] = "sandbox-developer"
    assert visitor.post().status_code == 200


def test_no_secret_is_written_down(visitor):
    visitor.who = {"apiKey": "planted-1", "email": "a@b.example", "password": "planted-2", "DevKey": "planted-3"}
    visitor.post()
    assert "planted" not in str(visitor.world.requests())


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"17",
        {**ORDER, "LineItems": {}},
        {**ORDER, "LineItems": [17]},
        {**ORDER, "LineItems": [{"ItemRef": {"Id": 37}, "Price": 1, "Quantity": 1}]},
        {**ORDER, "LineItems": [{"ItemRef": {"Id": 37}, "$type": TYPE, "Price": 1, "Quantity": 1}]},
        {**ORDER, "LineItems": [{**LINE, "$type": "AOLib7.ShipDocLineItem, AOLib7"}]},
    ],
)
def test_what_cannot_be_read_is_a_400_with_a_message(visitor, body):
    answer = visitor("POST", "/salesorder", body)
    assert (answer.status_code, list(answer.json())) == (400, ["Message"])


@pytest.mark.parametrize(
    ("members", "name"),
    [
        ({"CustomerRef": {}}, "CustomerRef"),
        ({"CustomerRef": {"Id": 9999}}, "CustomerRef"),
        ({"CustomerPO": "x" * 26}, "CustomerPO"),
        ({"Memo": "x" * 4001}, "Memo"),
        ({"ShipAmount": 15}, "ShipAmount"),
        ({"ExchangeRate": 2}, "ExchangeRate"),
        ({"DiscountAmount": 2}, "DiscountAmount"),
        ({"LineItems": [LINE, {**LINE, "ItemRef": {"Id": 9999}}]}, "LineItems[1].ItemRef"),
        ({"LineItems": [{**LINE, "Quantity": None}]}, "LineItems[0].Quantity"),
        ({"LineItems": [{**LINE, "UomConversionRate": 2}]}, "LineItems[0].UomConversionRate"),
        ({"LineItems": [{**LINE, "CustomerPartNo": "x" * 51}]}, "LineItems[0].CustomerPartNo"),
    ],
)
def test_what_breaks_a_rule_is_a_409_with_validation_results(visitor, members, name):
    answer = visitor.post(**members)
    [result] = answer.json()
    assert (answer.status_code, result["MemberNames"]) == (409, [name])
    assert result["ErrorMessage"]
    assert visitor.world.made() == []


def test_the_same_reference_is_taken_twice(visitor):
    assert [visitor.post().status_code for _ in range(2)] == [200, 200]
    assert visitor.numbers(("CustomerPO", 1, "6T56-97")) == [1001, 1002]


def test_a_list_has_what_passes_all_filters(visitor):
    visitor.post()
    visitor.post(CustomerPO="6T56-970", CustomerRef={"Id": 22})
    assert visitor.numbers(("CustomerPO", 1, "6T56-97")) == [1001]
    assert visitor.numbers(("CustomerPO", 12, "6t56%")) == [1001, 1002]
    assert visitor.numbers(("CustomerPO", 12, "6T56"), ("CustomerRef.Id", 1, "22")) == [1002]
    assert visitor.numbers(("CustomerPO", 1, "6T56")) == []
    assert visitor.numbers(("Memo", 1, "x")) == []
    assert visitor.numbers() == [1001, 1002]
    assert visitor.numbers(Type=130) == []
    assert visitor("PUT", "/list", {"Type": 7}).json() == 2


@pytest.mark.parametrize("body", [b"{", [], {"Type": 7, "Filters": [17]}, {"Type": 7, "Filters": [{"Operator": 99}]}])
def test_a_list_that_is_not_understood_is_a_400(visitor, body):
    assert visitor("POST", "/list", body).status_code == 400


def test_a_list_comes_in_pages_of_a_thousand_at_most(visitor):
    for number in range(1005):
        visitor.world.things.add("order", {}, b"", first=1, now=0.0, named="DocNo", key=str(number))
    assert len(visitor.numbers(NumberOfRecords=5000)) == 1000
    assert visitor.numbers(NumberOfRecords=5000, PageNumber=2) == list(range(1001, 1006))
    assert visitor.numbers(NumberOfRecords=2, PageNumber=3) == [5, 6]


def test_a_list_may_be_late(visitor):
    visitor.world.options = Options(lag=5)
    visitor.post()
    assert visitor.numbers(("CustomerPO", 1, "6T56-97")) == visitor.numbers() == []
    assert visitor("GET", "/salesorder", docNo=1001).status_code == 200
    visitor.world.clock.now += 5
    assert visitor.numbers(("CustomerPO", 1, "6T56-97")) == visitor.numbers() == [1001]


def test_an_order_is_read_changed_and_deleted(visitor):
    order = visitor.post().json()
    changed = visitor("PUT", "/salesorder", {**order, "Memo": "x", "CustomerRef": {"Id": 5}}).json()
    assert (changed["Memo"], changed["CustomerRef"]) == ("x", {"Id": 21})
    assert visitor("GET", "/salesorder", docNo=1001).json() == changed
    assert visitor("DELETE", "/salesorder", docNo=1001).json() is True
    for method in ("GET", "DELETE"):
        assert visitor(method, "/salesorder", docNo=1001).status_code == 400
    assert visitor("PUT", "/salesorder", order).status_code == 400
    assert visitor("GET", "/salesorder", docNo="x").status_code == 400


def test_a_role_that_may_only_read(visitor):
    visitor.world.options = Options(read_only=True)
    assert visitor.post().status_code == 403
    assert visitor.listed().status_code == 200


def test_the_rate_is_kept_and_said(visitor):
    visitor.world.options = Options(rate_limit=2, rate_seconds=1.0)
    answers = [visitor.post() for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "1"
    assert len(visitor.world.made()) == 2


def test_a_body_that_is_no_json_by_its_name_is_refused(visitor):
    answer = visitor.http.post("/salesorder", content=b"{}", headers={**visitor.who, "Content-Type": "text/plain"})
    assert answer.status_code == 415


def test_a_fault_may_come_after_the_order_was_stored(visitor):
    visitor.world.set_faults([Fault("order", "error", saved=True), Fault("look", "throttle")])
    assert visitor.post().status_code == 500
    assert visitor.listed().status_code == 429
    assert visitor.numbers(("CustomerPO", 1, "6T56-97")) == [1001]


def test_another_path_or_method_is_nobodys(visitor):
    assert visitor("GET", "/purchaseorder").status_code == 404
    assert visitor("PATCH", "/salesorder", {}).status_code == 405
