"""The JTL target against the pretend one: what is sent, what exists afterwards, what a lost answer leads to."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from jtl_bench import ACCESS, ORDERS, Bench, Steps, outcome

from sobatch.erp.jtl.api import LAG
from sobatch.erp.ports import CannotTell, Found, GoesOn, InDoubt, Kind, NotListed, Phase, Receipt, TokenExpired
from sobatch.erp.slices import elements, members
from sobatch.errors import NotAllowed, Temporary, UsageError
from sobatch.sandbox.jtl.app import Sandbox
from sobatch.sandbox.jtl.options import TENANT, Options
from sobatch.sandbox.pretend.faults import Fault


@pytest.fixture
def bench(tmp_path, clock):
    with Sandbox(tmp_path / "jtl.sqlite", Options(), clock.now, sleep=clock.sleep) as world:
        yield Bench(tmp_path, world, clock)


@pytest.mark.parametrize("order", ORDERS)
def test_every_sample_is_made_in_the_spelling_of_the_user(bench, order):
    bench.order = order
    receipt = bench.send()
    (header,) = bench.world.made()
    lines = bench.world.made("line")
    sent = members(order)
    written = elements(sent.pop("LineItems"))
    assert members(header.raw) == sent
    assert [line.raw for line in lines] == written
    assert (receipt.remote_id, outcome(receipt).number) == (str(header.id), header.body["Number"])
    assert (outcome(receipt).kind, outcome(receipt).incomplete, outcome(receipt).messages) == (Kind.CREATED, False, ())


def test_who_we_are_goes_with_every_request(bench):
    bench.send()
    token, *requests = [json.loads(each["headers"]) for each in bench.world.requests()]
    assert token["Authorization"].startswith("Basic ")
    assert all(each["Authorization"].startswith("Bearer ") and each["X-Api-Key"] == "***" for each in requests)
    assert {each["X-Tenant-Id"] for each in requests} == {TENANT}
    assert {each["X-Appid"] for each in requests} == {"test/1.0"}
    assert {each["Api-Version"] for each in requests} == {"1.1"}


def test_an_installation_of_ones_own(bench):
    bench.access = {"client_id": None, "client_secret": None, "token_url": None}
    bench.settings = {"api_key": lambda: "sandbox", "tenant_id": "whatever the run is to be known by"}
    bench.target = bench.built()
    bench.send()
    assert [each["place"] for each in bench.world.requests()] == ["order", "lines"]
    assert all("X-Tenant-Id" not in json.loads(each["headers"]) for each in bench.world.requests())
    assert bench.target.redacted("the key sandbox") != "the key sandbox"


@pytest.mark.parametrize(
    ("settings", "access", "words"),
    [
        ({"tenant_id": None}, {}, "tenant_id"),
        ({"api_key": None}, {"client_id": None}, "no access"),
        ({}, {"client_secret": None}, "client_secret"),
    ],
)
def test_what_is_missing_is_named(bench, settings, access, words):
    bench.settings, bench.access = settings, {**ACCESS, **access}
    with pytest.raises(UsageError, match=words):
        bench.built().prepare()


def test_a_token_that_ended_is_renewed(bench):
    bench.send()
    with bench.world.store.write() as database:
        database.execute("DELETE FROM tokens")
    bench.steps, bench.order = Steps(), ORDERS[1]
    with pytest.raises(TokenExpired):
        bench.send()
    assert bench.truth() == (1, 2)
    assert outcome(bench.send()).kind is Kind.CREATED


@pytest.mark.parametrize(("options", "status"), [({"licensed": False}, 402), ({"no_tenant_status": 412}, 412)])
def test_a_no_for_every_order_stops_and_leaves_the_order_as_it_was(bench, options, status):
    if status == 412:
        bench.settings = {"tenant_id": "another"}
        bench.target = bench.built()
    bench.tell(**options)
    with pytest.raises(NotAllowed, match=str(status)):
        bench.send()
    assert (bench.steps.pending, bench.truth()) == (None, (0, 0))


def test_a_number_that_is_taken(bench):
    bench.send()
    bench.steps = Steps()
    refused = outcome(bench.send())
    assert (refused.kind, bench.truth()) == (Kind.FAILED, (1, 2))
    assert "already exists" in refused.messages[0][1]
    assert "another Number" in refused.messages[-1][1]
    bench.settings, bench.steps = {"rename_existing": True}, Steps()
    bench.target = bench.built()
    renamed = outcome(bench.send())
    assert (renamed.kind, renamed.number) == (Kind.CREATED, "A1004465-1")
    assert "in place of A1004465" in renamed.messages[-1][1]


def test_the_flags_reach_the_wire(bench):
    bench.settings = {"rename_existing": True, "disable_workflows": True, "api_version": "1.4"}
    bench.target = bench.built()
    bench.send()
    request = next(each for each in bench.world.requests() if each["place"] == "order")
    assert request["query"] == "renameSalesOrderNumberWhenAlreadyExists=true&disableAutomaticWorkflows=true"
    assert json.loads(request["headers"])["Api-Version"] == "1.4"


def test_faults_come_home_with_their_place(bench):
    bench.order = b'{"CompanyId": 1, "CustomerId": 404404, "ExternalNumber": "W"}'
    assert outcome(bench.send()).messages == (
        ("", "The order cannot be created. (Business)"),
        ("/CustomerId", "Customer 404404 was not found."),
    )
    bench.order, bench.steps = b'{"CompanyId": 1, "CustomerId": 1, "LineItems": [{"SKU": "NO-SUCH-ITEM"}]}', Steps()
    half = outcome(bench.send())
    assert (half.kind, half.incomplete) == (Kind.CREATED, True)
    assert {pointer for pointer, _ in half.messages} == {"", "/LineItems/0/SKU", "/LineItems/0/Quantity"}
    assert "0 of 1 lines are there" in half.messages[-1][1]


LOST = [
    Fault("order", action, saved=saved, status=status)
    for action, status in (("error", 500), ("error", 503), ("html", 200), ("custom", 201), ("redirect", 307))
    for saved in (True, False)
]


@pytest.mark.parametrize("place", ["order", "lines"])
@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.action}-{fault.status}-{fault.saved}")
def test_a_lost_answer_never_makes_two_and_never_loses_one(bench, place, fault):
    bench.world.set_faults([replace(fault, where=place)])
    with pytest.raises(InDoubt):
        bench.send()
    assert bench.steps.pending == place
    end = bench.settled()
    if fault.saved:
        assert isinstance(end, Receipt | Found)
        final = end.final[0] if isinstance(end, Receipt) else end.receipt.final[0]
        assert (final.kind, final.number, final.incomplete) == (Kind.CREATED, "A1004465", False)
        assert bench.truth() == (1, 2)
    else:
        assert isinstance(end, NotListed)
        assert not end.once_only
        assert bench.truth() == ((0, 0) if place == "order" else (1, 0))


def test_a_pending_order_is_looked_for_again(bench):
    bench.tell(lag=30.0)
    bench.world.set_faults([Fault("order", "error", saved=True)])
    with pytest.raises(InDoubt):
        bench.send()
    found = bench.find(waited=10.0)
    assert (isinstance(found, NotListed), found.early, found.once_only) == (True, LAG - 10.0, False)
    bench.clock.sleep(31.0)
    assert isinstance(bench.find(waited=10.0), GoesOn)


@pytest.mark.parametrize("renames", [False, True])
def test_a_number_that_is_unique_makes_a_second_send_safe(bench, renames):
    bench.settings = {"number_unique": True, "rename_existing": renames}
    bench.target = bench.built()
    bench.tell(lag=1e9)
    bench.world.set_faults([Fault("order", "error", saved=True)])
    with pytest.raises(InDoubt):
        bench.send()
    assert bench.find().once_only is not renames
    bench.steps = Steps(again=frozenset({"order"}))
    if not renames:
        with pytest.raises(InDoubt, match="409"):
            bench.send()
        assert bench.truth() == (1, 0)


def test_half_of_the_lines_are_completed_only_when_the_rest_cannot_still_come(bench):
    bench.tell(partial_lines=True)
    bench.order = ORDERS[1]
    bench.world.set_faults([Fault("lines", "error", saved=True)])
    lines = json.loads(ORDERS[1])["LineItems"]
    bench.order = ORDERS[1].replace(b'"SKU": "BALL-T", "Quantity": 24', b'"SKU": "NO-SUCH-ITEM", "Quantity": 24', 1)
    with pytest.raises(InDoubt):
        bench.send()
    assert (len(lines), bench.truth()) == (3, (1, 1))
    early = bench.find(waited=1.0)
    assert (isinstance(early, NotListed), early.early) == (True, LAG - 1.0)
    bench.tell(unknown_items=())
    end = bench.settled()
    assert (outcome(end).kind, outcome(end).incomplete) == (Kind.CREATED, False)
    assert bench.truth() == (1, 3)
    assert [line.raw for line in bench.world.made("line")] == elements(members(bench.order)["LineItems"])
    assert set(bench.steps.recorded()) == {"order", "lines", "lines 2"}


@pytest.mark.parametrize(
    "stranger",
    [
        b'{"CompanyId": 1, "CustomerId": 7, "ExternalNumber": "WEB-30418"}',
        b'{"CompanyId": 2, "CustomerId": 20533, "ExternalNumber": "WEB-30418"}',
    ],
)
def test_a_stranger_with_our_reference_is_not_adopted(bench, stranger):
    bench.order = stranger
    bench.send()
    bench.order, bench.steps = ORDERS[1], Steps()
    bench.world.set_faults([Fault("order", "error")])
    with pytest.raises(InDoubt):
        bench.send()
    found = bench.find()
    assert (isinstance(found, CannotTell), found.candidates) == (True, ("4001",))


@pytest.mark.parametrize("options", [{"partial_match": True}, {"ignore_filter": True}, {"camel_case": True}])
def test_ours_is_found_among_whatever_is_listed(bench, options):
    for number in range(130):
        body = {"CompanyId": 1, "CustomerId": 20533, "ExternalNumber": f"WEB-30418{number}"}
        bench.world.things.add(
            "order", body, b"", first=1, now=0.0, key=f"X{number}", other=f"WEB-30418{number}", named="Id"
        )
    bench.tell(**options)
    bench.order = ORDERS[1]
    bench.world.set_faults([Fault("order", "error", saved=True)])
    with pytest.raises(InDoubt):
        bench.send()
    assert outcome(bench.settled()).kind is Kind.CREATED
    assert bench.truth() == (131, 3)


def test_how_an_order_stands_today(bench):
    receipt = bench.send()
    assert bench.target.status(receipt).phase is Phase.FINISHED
    order = bench.world.made()[0]
    bench.world.things.change("order", order.id, order.body | {"IsCancelled": True})
    assert bench.target.status(receipt).phase is Phase.CANCELLED
    bench.world.things.remove("order", order.id)
    with pytest.raises(Temporary):
        bench.target.status(receipt)
