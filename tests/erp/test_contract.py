"""The same promises whatever the ERP: sending, what is unknown, finding it, cancelling, going on."""

from __future__ import annotations

import json
from pathlib import Path

from contract_bench import BATCHES, LATER_CALLS, Contract
from contract_bench import contract as contract

from sobatch.sandbox.pretend.faults import Fault


def once_each(contract: Contract, many: int | None = None) -> bool:
    """Whether the ERP has so many orders (all of them), none of them twice."""
    made = contract.made()
    return len(made) == len(set(made)) == (contract.orders if many is None else many)


def test_a_file_is_sent_once(contract: Contract) -> None:
    assert contract.submit() == 0, contract.told
    assert contract.ledger()["created"] == contract.orders and once_each(contract)
    assert contract.submit() == 0 and once_each(contract)  # the same content again sends nothing
    code, document = contract("results", "--type", "created")
    assert code == 0 and all(each["order_number"] for each in document["result"]["outcomes"])


def test_created_orders_are_read_back(contract: Contract) -> None:
    """Where an ERP works on single orders; one that is not asked about any more is said to be gone, not to be fine."""
    assert contract.submit() == 0, contract.told
    code, document = contract("status", "--refresh")
    if contract.erp == BATCHES:
        assert code == 2
    else:
        seen = document["result"]["refreshed"]
        assert code == 0 and seen["asked"] == contract.orders == sum(seen["states"].values()) and not seen["gone"]


def test_an_order_whose_answer_was_lost_is_found(contract: Contract) -> None:
    """It was received; the look finds it, now or at the next command, and nothing of it is made again."""
    code = contract.submit(faults=[Fault(contract.place, "error", saved=True)])
    assert code in (0, 10), contract.told
    assert code == 0 or contract.submit() == 0, contract.told
    assert contract.ledger()["created"] == contract.orders and once_each(contract)


def test_an_order_that_was_perhaps_never_received_is_not_sent_again_by_itself(contract: Contract) -> None:
    assert contract.submit(faults=[Fault(contract.place, "error")]) == 10, contract.told
    lost = len(contract.made())
    assert contract.submit() == 10 and len(contract.made()) == lost
    assert contract.ledger()["unknown"] >= 1
    for part in contract.unknown_parts():
        decision = ("--not-received", "--confirm", part["sha256"][:8])
        assert contract("resolve", contract.run, str(part["part"]), *decision)[0] == 0, contract.told
    assert contract.submit() == 0, contract.told
    assert contract.ledger()["created"] == contract.orders and once_each(contract)


def test_an_operator_names_the_order_that_no_look_finds(contract: Contract) -> None:
    if contract.erp == BATCHES:
        return  # its batches are named in a suite of their own
    lost = [
        Fault(contract.place, "error", nth=contract.orders, saved=True),
        Fault("look", "custom", times=None, status=403),
    ]
    assert contract.submit("--in-flight", "1", faults=lost) == 10, contract.told
    ((part),) = contract.unknown_parts()
    decision = ("--accepted", contract.last_id(), "--confirm", part["sha256"][:8])
    assert contract("resolve", contract.run, str(part["part"]), *decision)[0] == 0, contract.told
    assert contract.submit() == 0 and contract.ledger()["created"] == contract.orders, contract.told
    assert once_each(contract)


def test_a_half_made_order_is_named_and_nothing_of_it_is_made_again(contract: Contract) -> None:
    if contract.erp not in LATER_CALLS:
        return  # an order is there as a whole, or not at all
    words = '{"ErrorCode": "X", "errors": [{"message": "no such product"}]}'
    fault = Fault(LATER_CALLS[contract.erp], "custom", times=1, status=400, body=words)
    assert contract.submit(faults=[fault]) == 4, contract.told
    ledger = contract.ledger()
    assert ledger["incomplete"] == 1 and ledger["created"] == contract.orders - 1 and once_each(contract)
    _, document = contract("results")
    (told,) = [each for each in document["result"]["outcomes"] if each["state"] == "incomplete"]
    assert told["order_number"] and told["messages"] and told["line"]
    rejects = contract("status", "--offline")[1]["result"]["rejects_file"]
    assert len(json.loads(Path(rejects).read_bytes())) == 1
    assert contract.submit() == 4 and once_each(contract)


def test_a_run_without_access_goes_on_where_it_was(contract: Contract) -> None:
    nth = 1 if contract.erp == BATCHES else 3
    fault = Fault(contract.place, "custom", nth=nth, times=None, status=403, body="no")
    assert contract.submit(faults=[fault]) == 6, contract.told
    made = len(contract.made())
    assert made < contract.orders
    assert contract.submit() == 0, contract.told
    assert contract.ledger()["created"] == contract.orders and once_each(contract)


def test_a_run_that_is_cancelled_in_the_middle_says_what_is_there(contract: Contract) -> None:
    nth = 1 if contract.erp == BATCHES else 3
    fault = Fault(contract.place, "custom", nth=nth, times=None, status=403, body="no")
    assert contract.submit(faults=[fault]) == 6, contract.told
    assert contract("cancel", contract.run)[0] == 9, contract.told
    ledger = contract.ledger()
    there = ledger["created"] + ledger["incomplete"]
    assert there + ledger["not_created"] == contract.orders and once_each(contract, there)
