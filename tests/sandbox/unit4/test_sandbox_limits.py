"""The limits at their exact borders: on the limit is allowed, one above is not."""

from __future__ import annotations

import pytest


def verdicts(visitor, batch):
    visitor.status(batch)
    return [each.verdict for each in visitor.sandbox.received() if each.batch == batch]


def test_the_documents_example_counts_29_rows(erp, order):
    visitor = erp()
    visitor.submit([order(4), order(5)])
    assert visitor.sandbox.batches()[0].rows == 29


@pytest.mark.parametrize(("limit", "verdict"), [(30, "created"), (29, "created"), (28, "failed")])
def test_the_row_limit_itself_is_allowed(erp, order, limit, verdict):
    visitor = erp(max_rows=limit)
    assert verdicts(visitor, visitor.submit([order(4), order(5)])) == [verdict] * 2


def test_a_thousand_orders_of_twelve_lines_are_exactly_the_limit(erp, order):
    visitor = erp()
    batch = visitor.submit([order(12)] * 1000)
    assert (visitor.status(batch)["processorResult"], visitor.sandbox.batches()[0].rows) == ("Success", 37_000)


@pytest.mark.parametrize(("orders", "result"), [(516, "Success"), (517, "SuccessWithValidationErrors")])
def test_516_orders_of_a_thousand_lines_are_the_most_without_workflow(erp, orders, result):
    line = b'{"productCode":"1","quantity":1}'
    order = b'{"customerId":"1","transactionType":"SO","orderLines":[' + b",".join([line] * 100) + b"]}"
    visitor = erp(max_lines_skip_workflow=100, max_rows_skip_workflow=155_316)
    batch = visitor.submit(b"[" + b",".join([order] * orders) + b"]", skipWorkflow="true")
    assert visitor.status(batch)["processorResult"] == result


def test_the_tail_fails_from_the_order_that_goes_over(erp, order):
    visitor = erp(max_rows=12, overflow="tail")
    assert verdicts(visitor, visitor.submit([order()] * 3)) == ["created"] * 3
    assert verdicts(visitor, visitor.submit([order()] * 2 + [order(2)] + [order()])) == ["created"] * 2 + ["failed"] * 2


def test_the_hidden_truth_may_be_more_rows_than_the_formula_says(erp, order):
    visitor = erp(max_rows=16, row_factor=1.5)
    assert verdicts(visitor, visitor.submit([order()] * 2)) == ["created"] * 2
    assert verdicts(visitor, visitor.submit([order()] * 3)) == ["failed"] * 3


def test_workflow_modes_have_limits_of_their_own(erp, order):
    visitor = erp(max_lines=1, max_lines_skip_workflow=2)
    assert verdicts(visitor, visitor.submit([order(2)])) == ["failed"]
    assert verdicts(visitor, visitor.submit([order(2)], skipWorkflow="true")) == ["created"]


def test_an_upload_over_the_cap_is_refused(erp, order):
    visitor = erp()
    size = int(visitor.post([order()]).request.headers["Content-Length"])
    visitor.sandbox.options = visitor.sandbox.options.with_values({"upload_cap": size})
    assert visitor.post([order()]).status_code == 201
    visitor.sandbox.options = visitor.sandbox.options.with_values({"upload_cap": size - 1})
    assert visitor.post([order()]).status_code == 413
    assert len(visitor.sandbox.batches()) == 2


def test_the_part_name_is_empty_unless_told_otherwise(erp, order):
    visitor = erp()
    assert [visitor.post([order()], part=name).status_code for name in ("", "file")] == [201, 400]
    visitor.sandbox.options = visitor.sandbox.options.with_values({"part_name": "file"})
    assert [visitor.post([order()], part=name).status_code for name in ("", "file")] == [400, 201]
    visitor.sandbox.options = visitor.sandbox.options.with_values({"part_name": "*"})
    assert [visitor.post([order()], part=name).status_code for name in ("", "file")] == [201, 201]


def test_the_rate_limit_slides_with_the_minute(erp):
    visitor = erp(rate_limit=3)
    answers = []
    for _ in range(3):
        answers.append(visitor.get("/v1/batch-operations"))
        visitor.clock.tick(10)
    assert [each.headers["X-U4-RemainingLimit"] for each in answers] == ["2", "1", "0"]
    refused = visitor.get("/v1/batch-operations")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    assert "30 seconds" in refused.json()["message"]
    visitor.clock.tick(29.5)
    assert visitor.get("/v1/batch-operations").status_code == 429
    visitor.clock.tick(0.5)
    assert visitor.get("/v1/batch-operations").status_code == 200
    assert visitor.get("/v1/batch-operations").status_code == 429


def test_nothing_is_accepted_over_the_rate_limit(erp, order):
    visitor = erp(rate_limit=0)
    assert visitor.post([order()]).status_code == 429
    assert visitor.sandbox.batches() == []
