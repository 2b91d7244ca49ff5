"""What comes back of the orders: the shapes, their order, the exact bytes."""

from __future__ import annotations

import json

import pytest

RAW = b'{ "customerId" : "9999",\n "orderLines":[{"price":0.90,"productCode":"1","quantity":5.0 }]}'


def text_of(visitor, batch):
    return visitor.get(f"/v1/batch-operations/{batch}/results").content


def test_the_echo_is_the_very_text_that_was_sent(erp):
    visitor = erp()
    batch = visitor.submit(b"[" + RAW + b"]")
    shown = text_of(visitor, batch)
    assert shown.startswith(b"[" + RAW[:-1].rstrip() + b',"notificationMessages":')
    note = json.loads(shown)[0]["notificationMessages"]["customerId"][0]
    assert note == {"code": 2010, "message": "Illegal value entered"}


def test_the_echo_of_an_empty_order_is_valid(erp):
    visitor = erp()
    assert list(visitor.failed(visitor.submit(b"[{ }]"))[0]) == ["notificationMessages"]


def test_a_normalised_echo_has_defaults_and_other_numbers(erp):
    visitor = erp(normalise_echo=True)
    shown = text_of(visitor, visitor.submit(b"[" + RAW + b"]"))
    assert b"0.90" not in shown and b"5.0" not in shown
    entry = json.loads(shown)[0]
    assert (entry["orderNumber"], entry["currencyCode"], entry["customerId"]) == (0, "", "9999")
    assert entry["orderLines"][0]["distributionKey"] == 0


def test_the_wrapper_has_index_errors_and_item(erp, order):
    visitor = erp(result_shape="wrapper")
    batch = visitor.submit([order(), order(customerId="9999"), order(3, customerId="BAD")])
    assert [
        (each["index"], each["errors"][0]["message"], each["item"]["customerId"]) for each in visitor.failed(batch)
    ] == [(1, "Illegal value entered", "9999"), (2, "Illegal value entered", "BAD")]


def test_the_flat_shape_has_number_and_message(erp, order):
    visitor = erp(result_shape="flat")
    batch = visitor.submit([order(transactionType="SM", orderNumber=7), order(transactionType="SM", orderNumber=7)])
    assert visitor.failed(batch) == [{"index": 1, "orderNumber": 7, "message": "Order number in use !"}]
    visitor.sandbox.options = visitor.sandbox.options.with_values({"result_index": False})
    assert visitor.failed(batch) == [{"orderNumber": 7, "message": "Order number in use !"}]


@pytest.mark.parametrize("kind", ["failed", "created"])
def test_results_may_come_in_another_order(erp, order, kind):
    visitor = erp(shuffle_seed=1)
    customer = "9999" if kind == "failed" else "1"
    batch = visitor.submit([order(customerId=customer, externalOrderId=str(number)) for number in range(50)])
    visitor.status(batch)
    shown = [int(each["externalOrderId"]) for each in getattr(visitor, kind)(batch)]
    assert sorted(shown) == list(range(50))
    assert shown != sorted(shown)
    assert shown == [int(each["externalOrderId"]) for each in getattr(visitor, kind)(batch)]


@pytest.mark.parametrize("count", [499, 500, 501, 1201])
def test_no_entry_is_lost_between_two_readings(erp, order, count):
    visitor = erp()
    batch = visitor.submit([order(customerId="9999", externalOrderId=str(number)) for number in range(count)])
    visitor.status(batch)
    assert [each["externalOrderId"] for each in visitor.failed(batch)] == [str(number) for number in range(count)]


def test_another_type_of_result_is_refused(erp, order):
    visitor = erp()
    batch = visitor.submit([order()])
    assert visitor.get(f"/v1/batch-operations/{batch}/results", type="error").status_code == 400


def test_uploads_without_failures_are_not_kept(erp, order):
    visitor = erp()
    good, bad = visitor.submit([order()]), visitor.submit([order(customerId="9999")])
    visitor.status(good), visitor.status(bad)
    assert [each.name for each in visitor.sandbox.store.uploads.iterdir()] == [f"{bad}.json"]
