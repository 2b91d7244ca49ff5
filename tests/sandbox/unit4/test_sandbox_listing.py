"""The list of batches and its five filters."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from werkzeug.http import parse_date


def iso(when):
    return datetime.fromtimestamp(when, UTC).isoformat()


@pytest.fixture
def three(erp, order):
    """Three batches an hour apart; the clock stands at the third."""
    visitor = erp()
    batches = []
    for _ in range(3):
        visitor.headers = {"Authorization": f"Bearer {visitor.token()}"}
        batches.append(visitor.submit([order()]))
        visitor.clock.tick(3600)
    visitor.clock.tick(-3600)
    return visitor, batches


def test_the_newest_stands_first(three):
    visitor, batches = three
    assert visitor.listed() == batches[::-1]


def test_time_from_is_inclusive(three):
    visitor, batches = three
    start = visitor.clock.now - 3600
    assert visitor.listed(timeFrom=iso(start)) == [batches[2], batches[1]]
    assert visitor.listed(timeFrom=iso(start + 1)) == [batches[2]]
    assert visitor.listed(timeFrom=iso(start).replace("+00:00", "Z")) == [batches[2], batches[1]]
    assert visitor.listed(timeFrom=iso(start).replace("+00:00", "")) == [batches[2], batches[1]]


def test_a_window_reaches_forward_from_its_start(three):
    visitor, batches = three
    start = iso(visitor.clock.now - 7200)
    assert visitor.listed(timeFrom=start, timeWindow="00:59:59") == [batches[0]]
    assert visitor.listed(timeFrom=start, timeWindow="01:00:00") == [batches[1], batches[0]]
    assert visitor.listed(timeFrom=start, timeWindow="1.00:00:00") == batches[::-1]


def test_a_window_alone_reaches_back_from_now(three):
    visitor, batches = three
    assert visitor.listed(timeWindow="00:30:00") == [batches[2]]
    assert visitor.listed(timeWindow="01:00:00.5") == [batches[2], batches[1]]


@pytest.mark.parametrize(
    "query",
    [
        {"timeFrom": "yesterday"},
        {"timeFrom": "2026-13-01"},
        {"timeWindow": "2"},
        {"timeWindow": "25:00:00"},
        {"timeWindow": "00:60:00"},
        {"timeWindow": "PT1H"},
        {"timeWindow": "00:10:00 "},
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(three, query):
    response = three[0].get("/v1/batch-operations", **query)
    assert (response.status_code, response.json()["code"]) == (400, 1020)


def test_the_status_filter_follows_the_work(erp, order):
    visitor = erp(pace=100, start_delay=5)
    batch = visitor.submit([order()] * 100)
    for letter in "NWT":
        assert {each: visitor.listed(status=each) for each in "NWKCTE"} == {
            each: [batch] if each == letter else [] for each in "NWKCTE"
        }
        visitor.clock.tick({"N": 5, "W": 1, "T": 0}[letter])


def test_controller_and_method_filter(three):
    visitor, batches = three
    assert visitor.listed(controller="salesorders", method="post") == batches[::-1]
    assert visitor.listed(controller="Customers") == visitor.listed(method="GET") == []


def test_a_user_sees_only_their_own_batches_unless_the_whole_tenant_is_shown(erp, order):
    visitor = erp(clients={"sandbox": "sandbox", "other": "secret"})
    batch = visitor.submit([order()])
    visitor.headers = {"Authorization": f"Bearer {visitor.token('other', 'secret')}"}
    assert visitor.listed() == []
    visitor.sandbox.options = visitor.sandbox.options.with_values({"list_scope": "tenant"})
    assert visitor.listed() == [batch]


def test_a_batch_may_show_up_late(erp, order):
    visitor = erp(list_delay=30)
    batch = visitor.submit([order()])
    visitor.clock.tick(29.9)
    assert (visitor.listed(), visitor.letter(batch)) == ([], "T")
    visitor.clock.tick(0.1)
    assert visitor.listed() == [batch]


def test_the_list_may_be_missing(erp, order):
    visitor = erp(list_enabled=False)
    batch = visitor.submit([order()])
    assert visitor.get("/v1/batch-operations").status_code == 404
    assert visitor.letter(batch) == "T"


def test_file_name_and_number_of_orders_are_shown_on_demand(erp, order):
    visitor = erp()
    visitor.submit([order()] * 3)
    assert not {"fileName", "totalItems"} & set(visitor.get("/v1/batch-operations").json()[0])
    visitor.sandbox.options = visitor.sandbox.options.with_values(
        {"list_shows_file_name": True, "list_shows_total_items": True}
    )
    shown = visitor.get("/v1/batch-operations").json()[0]
    assert (shown["fileName"], shown["totalItems"]) == ("orders.json", 3)


def test_the_letter_may_have_another_name(erp, order):
    visitor = erp(status_field="state")
    batch = visitor.submit([order()])
    assert visitor.status(batch)["state"] == "T"
    assert "status" not in visitor.status(batch)
    assert visitor.listed(status="T") == [batch]


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("relative", "/erp/v1/batch-operations/{}/status"),
        ("no-status-tail", "/erp/v1/batch-operations/{}"),
        ("absolute", "http://erp.example/erp/v1/batch-operations/{}/status"),
    ],
)
def test_location_has_the_chosen_form(erp, order, form, pattern):
    visitor = erp(location_form=form)
    location = visitor.post([order()], path="/erp/v1/batch/sales-orders").headers["Location"]
    assert location == pattern.format(visitor.sandbox.batches()[0].id)


def test_every_answer_carries_the_date_of_the_clock(erp):
    visitor = erp()
    for path in ("/v1/batch-operations", "/nowhere", "/v1/batch/sales-orders"):
        visitor.clock.tick(1)
        assert parse_date(visitor.get(path).headers["Date"]).timestamp() == visitor.clock.now


def test_a_wrong_method_and_a_wrong_path_differ(erp):
    visitor = erp()
    assert visitor.get("/v1/batch/sales-orders").status_code == 405
    assert visitor.get("/v1/nothing").status_code == 404
