"""POST_001 to POST_008, with the codes and the words of the vendor's document."""

from __future__ import annotations

import gzip
import json

import pytest


def messages(entry):
    return [note["message"] for notes in entry["notificationMessages"].values() for note in notes]


def test_post_001_a_user_without_rights_is_turned_away(erp, order):
    visitor = erp()
    visitor.headers = {"Authorization": f"Bearer {visitor.token('forbidden', 'forbidden')}"}
    response = visitor.post([order()])
    assert (response.status_code, response.json()["message"]) == (401, "Unauthorized.")
    assert visitor.sandbox.batches() == []


def test_post_002_a_form_without_a_file_is_refused(erp):
    visitor = erp()
    for body in ({"data": {"": "no file"}}, {"content": b"[]"}, {"files": {"other": ("orders.json", b"[]")}}):
        response = visitor.http.post("/v1/batch/sales-orders", headers=visitor.headers, **body)
        assert response.status_code == 400
        assert response.json()["message"] == "File not present in MIME multipart content."
    assert visitor.sandbox.batches() == []


@pytest.mark.parametrize(("skip", "limit"), [("false", 12), (None, 12), ("true", 1000), ("True", 1000)])
def test_post_003_only_the_order_with_too_many_lines_fails(erp, order, skip, limit):
    visitor = erp()
    query = {} if skip is None else {"skipWorkflow": skip}
    batch = visitor.submit([order(limit), order(limit + 1)], **query)
    status = visitor.status(batch)
    assert (status["status"], status["processorResult"]) == ("T", "SuccessWithValidationErrors")
    assert (status["processedItems"], status["validationErrorCount"]) == (2, 1)
    text = f"The number of detail lines per order exceeds the maximum allowed limit of {limit}."
    assert [messages(each) for each in visitor.failed(batch)] == [[text]]
    assert [each.verdict for each in visitor.sandbox.received()] == ["created", "failed"]


def test_post_004_one_order_over_the_row_limit_fails_the_whole_call(erp, order):
    visitor = erp()
    batch = visitor.submit([order(12)] * 1000 + [order(1)])
    status = visitor.status(batch)
    assert (status["processorResult"], status["validationErrorCount"]) == ("SuccessWithValidationErrors", 1001)
    text = "The number of items to be saved will exceed the maximum allowed limit of 37000."
    assert {message for each in visitor.failed(batch) for message in messages(each)} == {text}
    assert visitor.sandbox.created() == []


def test_post_005_valid_orders_are_all_created(erp, order):
    visitor = erp()
    batch = visitor.submit([order(2, externalOrderId="WEB-1", period=202601), order(3)])
    status = visitor.status(batch)
    assert (status["status"], status["processorResult"]) == ("T", "Success")
    assert (status["processedItems"], status["validationErrorCount"]) == (2, 0)
    assert visitor.failed(batch) == []
    first, second = visitor.created(batch)
    assert (first["externalOrderId"], first["customerId"], first["transactionType"]) == ("WEB-1", "1000", "SO")
    assert (first["companyId"], first["period"]) == ("EN", 202601)
    assert "period" not in second
    assert second["orderNumber"] == first["orderNumber"] + 1


def test_post_006_bad_orders_come_back_and_the_others_are_created(erp, order):
    visitor = erp()
    orders = [
        order(),
        order(customerId="9999"),
        order(customerId="BAD-1"),
        order(customerId=None),
        order(orderLines=[{"productCode": "BAD", "quantity": 1}]),
        order(orderLines=[{"productCode": "1"}]),
        order(orderLines=[]),
        order(orderDate="29.04.2026"),
        5,
        order(),
    ]
    batch = visitor.submit(orders)
    status = visitor.status(batch)
    assert (status["processedItems"], status["validationErrorCount"]) == (10, 8)
    found = [
        (path, note["message"])
        for entry in visitor.failed(batch)
        for path, notes in entry["notificationMessages"].items()
        for note in notes
    ]
    assert found == [
        ("customerId", "Illegal value entered"),
        ("customerId", "Illegal value entered"),
        ("customerId", "The customerId field is required."),
        ("orderLines[0].productCode", "Illegal value entered"),
        ("orderLines[0].quantity", "The quantity field is required."),
        ("orderLines", "The orderLines field is required."),
        ("orderDate", "Invalid date time format in orderDate."),
        ("", "Error converting value 5 to type 'SalesOrder'."),
    ]
    assert len(visitor.created(batch)) == 2


def test_post_007_a_manual_number_can_be_used_once(erp, order):
    visitor = erp(numbers_in_use=frozenset({3}))
    first = visitor.submit([order(transactionType="SM", orderNumber=number) for number in (1, 2, 1, 3)])
    assert visitor.status(first)["validationErrorCount"] == 2
    assert [messages(each) for each in visitor.failed(first)] == [["Order number in use !"]] * 2
    again = visitor.submit([order(transactionType="SM", orderNumber=2), order(transactionType="SM")])
    assert visitor.status(again)["processorResult"] == "SuccessWithValidationErrors"
    assert [messages(each) for each in visitor.failed(again)] == [
        ["Order number in use !"],
        ["A value must be entered for orderNumber."],
    ]
    other = visitor.submit([order(transactionType="SM", orderNumber=2)], companyId="NO")
    assert visitor.status(other)["processorResult"] == "Success"


def test_post_008_a_company_out_of_reach_is_forbidden(erp, order):
    visitor = erp()
    response = visitor.post([order()], companyId="SECRET")
    assert (response.status_code, response.json()["message"]) == (403, "User is not authorized")
    assert visitor.sandbox.batches() == []


def test_the_company_of_the_query_counts_and_the_one_in_the_order_does_not(erp, order):
    visitor = erp()
    visitor.status(visitor.submit([order(companyId="NO")], companyId="100"))
    visitor.status(visitor.submit([order(companyId="NO")]))
    assert [each.company for each in visitor.sandbox.created()] == ["100", "EN"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/batch/sales-orders",
        "/v1/sales-orders/batch",
        "/tenant_webapi/v1/batch/sales-orders",
        "/a/b/v1/sales-orders/batch",
    ],
)
def test_both_paths_take_orders_with_any_base_before_them(erp, order, path):
    visitor = erp()
    response = visitor.post([order()], path=path)
    assert response.status_code == 201
    assert response.content == b""
    base = path.partition("/v1/")[0]
    assert response.headers["Location"].startswith(f"{base}/v1/batch-operations/")
    assert visitor.get(response.headers["Location"]).json()["processorResult"] == "Success"


@pytest.mark.parametrize(
    "body",
    [
        b'[{"customerId": "1"',
        b"{}",
        b"[]",
        b"",
        b"[1,]",
        b"[{}] x",
        b"\xff\xfe[]",
        b"\xef\xbb\xbf[{}]",
        b"[NaN]",
        b'["\x01"]',
        b"[" * 20_000,
        gzip.compress(b"[{}]")[:-6],
        b"\x1f\x8bnot gzip",
    ],
    ids=[
        "cut",
        "object",
        "empty array",
        "nothing",
        "comma",
        "tail",
        "not utf-8",
        "bom",
        "nan",
        "control character",
        "nesting",
        "cut gzip",
        "bad gzip",
    ],
)
def test_a_broken_file_is_accepted_and_the_batch_fails(erp, body):
    visitor = erp()
    batch = visitor.submit(body)
    status = visitor.status(batch)
    assert (status["status"], status["processorResult"], status["processedItems"]) == ("E", "Error", 0)
    assert visitor.failed(batch) == visitor.created(batch) == []
    assert visitor.sandbox.received() == []
    assert visitor.sandbox.batches()[0].broken


def test_gzip_is_told_by_its_content(erp, order):
    visitor = erp()
    batch = visitor.submit(gzip.compress(json.dumps([order(), order(customerId="9999")]).encode()))
    assert (visitor.status(batch)["processedItems"], visitor.failed(batch)[0]["customerId"]) == (2, "9999")


def test_only_automatic_types_that_are_known_are_taken_when_they_are_listed(erp, order):
    visitor = erp(automatic_types=frozenset({"SO"}))
    batch = visitor.submit([order(), order(transactionType="XX")])
    assert visitor.failed(batch)[0]["notificationMessages"]["transactionType"][0]["message"] == "Illegal value entered"
    assert visitor.status(batch)["validationErrorCount"] == 1


@pytest.mark.parametrize(("glitch", "ranges"), [(False, [21, 22, 21]), (True, [21, 21, 21])])
def test_mixed_types_get_numbers_of_the_wrong_series_on_demand(erp, order, glitch, ranges):
    visitor = erp(mixed_type_glitch=glitch)
    batch = visitor.submit([order(), order(transactionType="VO"), order()])
    assert [each["orderNumber"] // 1_000_000 for each in visitor.created(batch)] == ranges


def test_each_type_keeps_a_series_of_its_own_from_batch_to_batch(erp, order):
    visitor = erp()
    for kinds in (["SO"], ["SO", "VO"], ["XO", "VO", "SO"]):
        visitor.status(visitor.submit([order(transactionType=kind) for kind in kinds]))
    numbers = [(each.transaction_type, each.order_number) for each in visitor.sandbox.created()]
    assert numbers == [
        ("SO", 21_000_001),
        ("SO", 21_000_002),
        ("VO", 22_000_001),
        ("XO", 23_000_001),
        ("VO", 22_000_002),
        ("SO", 21_000_003),
    ]


def test_a_switch_that_is_no_boolean_is_refused(erp, order):
    assert erp().post([order()], skipWorkflow="perhaps").status_code == 400
