"""POST_001 to POST_008 of the vendor's document, through `sobatch submit`: the right exit code, and the right words."""

from __future__ import annotations

import pytest
from sending_door import order, orders


def verdicts(world):
    return [each.verdict for each in world.received()]


def test_post_001_a_user_without_rights_is_told_so_and_nothing_is_created(door, pretend):
    world = pretend()
    door.set(SOBATCH_CLIENT_ID="forbidden", SOBATCH_CLIENT_SECRET="forbidden")
    told = door("submit", door.file("orders.json", orders(2)), "--output", "json")
    assert told.code == 6
    assert "Unauthorized." in told.run["error"]["message"]
    assert told.run["error"]["kind"] == "access"
    assert "Unauthorized." in told.err
    assert world.batches() == []


def test_post_001_once_access_is_granted_the_same_command_goes_on(door, pretend):
    world = pretend()
    name = door.file("orders.json", orders(2))
    door.set(SOBATCH_CLIENT_ID="forbidden", SOBATCH_CLIENT_SECRET="forbidden")
    refused = door("submit", name, "--output", "json")
    door.set(SOBATCH_CLIENT_ID="sandbox", SOBATCH_CLIENT_SECRET="sandbox")
    told = door("submit", name, "--output", "json")
    assert (refused.code, told.code) == (6, 0)
    assert told.run["run"] == refused.run["run"]
    assert verdicts(world) == ["created", "created"]


def test_post_002_a_file_under_the_wrong_part_name_is_refused_in_the_servers_words(door, pretend):
    world = pretend()
    door.set(SOBATCH_PART_NAME="file")
    told = door("submit", door.file("orders.json", orders(2)))
    assert told.code == 5
    assert "File not present in MIME multipart content." in told.out
    assert "not created 2" in told.out and "(adds up)" in told.out
    assert world.batches() == []


def test_post_003_too_many_lines_for_the_erp_is_reported_in_its_words(door, pretend):
    world = pretend(max_lines=2)
    told = door("submit", door.file("orders.json", [order(2), order(3)]), "--output", "json")
    assert told.code == 4
    assert verdicts(world) == ["created", "failed"]
    assert "exceeds the maximum allowed limit of 2." in door("results").out


def test_post_003_too_many_lines_for_the_document_is_found_before_anything_is_sent(door, pretend):
    world = pretend()
    told = door("submit", door.file("orders.json", [order(12), order(13)]))
    assert told.code == 3
    assert world.requests() == []


@pytest.mark.parametrize(
    ("flags", "limits"),
    [
        ((), {"max_lines": 2}),
        (("--skip-workflow",), {"max_lines_skip_workflow": 2}),
    ],
)
def test_post_003_holds_in_both_workflow_modes(door, pretend, flags, limits):
    pretend(**limits)
    told = door("submit", door.file("orders.json", [order(3)]), *flags, "--output", "json")
    assert told.code == 5
    assert told.run["ledger"]["rejected"] == 1
    said = door("results").out
    assert "The number of detail lines per order exceeds the maximum allowed limit of 2." in said


@pytest.mark.parametrize("flags", [(), ("--skip-workflow",)])
@pytest.mark.parametrize("overflow", ["all", "tail"])
def test_post_004_too_many_rows_are_sent_again_in_smaller_parts(door, pretend, overflow, flags):
    world = pretend(max_rows=40, max_rows_skip_workflow=40, overflow=overflow)
    content = orders(12)
    told = door("submit", door.file("orders.json", content), *flags, "--output", "json")
    ledger = told.run["ledger"]
    assert (told.code, ledger["created"], ledger["adds_up"]) == (0, 12, True)
    assert len(world.created()) == 12
    assert not world.doubles()
    assert "too many rows for one call" in told.err


def test_post_004_an_order_too_big_by_itself_is_reported_in_the_servers_words(door, pretend):
    world = pretend(max_rows=10)
    told = door("submit", door.file("orders.json", [order(4), order(1, externalOrderId="W")]), "--output", "json")
    assert told.code == 4
    assert told.run["ledger"]["created"] == len(world.created()) == 1
    said = door("results").out
    assert said.count("The number of items to be saved will exceed the maximum allowed limit of 10.") == 1
    assert said.startswith("orders.json:2:2: rejected /0: ")


def test_post_005_valid_orders_are_all_created(door, pretend):
    world = pretend()
    told = door("submit", door.file("orders.json", orders(3)))
    assert told.code == 0
    assert "created 3" in told.out and "(adds up)" in told.out
    assert verdicts(world) == ["created"] * 3
    (status,) = [part["processor_result"] for part in door("status", "--output", "json").document["result"]["parts"]]
    assert status == "Success"


def test_post_006_bad_orders_are_rejected_one_by_one_and_the_good_ones_created(door, pretend):
    world = pretend()
    bad_line = {"productCode": "BAD-1", "quantity": 1}
    content = [order(), order(customerId="9999"), order(orderLines=[bad_line]), order(externalOrderId="WEB-9")]
    told = door("submit", door.file("orders.json", content), "--output", "json")
    assert told.code == 4
    assert verdicts(world) == ["created", "failed", "failed", "created"]
    assert (told.run["ledger"]["created"], told.run["ledger"]["rejected"]) == (2, 2)
    rejected = door("results", "--output", "json").document["result"]["outcomes"]
    assert [(each["index"], each["messages"][0]["text"]) for each in rejected] == [
        (1, "Illegal value entered"),
        (2, "Illegal value entered"),
    ]
    assert [each["messages"][0]["pointer"] for each in rejected] == ["/1/customerId", "/2/orderLines/0/productCode"]


def test_post_007_an_order_number_in_use_is_rejected_in_the_servers_words(door, pretend):
    world = pretend(numbers_in_use=frozenset({5001}))
    content = [order(transactionType="SM", orderNumber=5001), order(transactionType="SM", orderNumber=5002)]
    told = door("submit", door.file("orders.json", content))
    assert told.code == 4
    assert verdicts(world) == ["failed", "created"]
    assert "Order number in use !" in door("results").out


def test_post_008_a_company_out_of_reach_is_told_so_and_nothing_is_created(door, pretend):
    world = pretend()
    told = door("submit", door.file("orders.json", orders(2)), "--company-id", "ZZ")
    assert told.code == 6
    assert "User is not authorized" in told.err
    assert "403" in told.err
    assert world.batches() == []
