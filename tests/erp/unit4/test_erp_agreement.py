"""Whether the results of an unknown batch are the orders of a lost part: all of them, lines included, and no others."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from listing_doubles import EARLIER, ECHO, SENT, job, lost, world_of

from sobatch.erp.ports import Attempt, CannotTell, Found


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    return lost(tmp_path)


def changed(path: tuple[Any, ...], value: Any) -> list[dict[str, Any]]:
    """What was echoed, with one thing other than it was sent."""
    echo = copy.deepcopy(ECHO)
    place: Any = echo
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return echo


FOREIGN = {
    "one order fewer": [ECHO[0]],
    "one order more": [*ECHO, ECHO[1]],
    "one order twice": [ECHO[0], ECHO[0]],
    "another customer": changed((1, "customerId"), "3"),
    "another reference": changed((0, "externalReference"), "R9"),
    "an id of theirs": changed((0, "externalOrderId"), "T1"),
    "another product": changed((1, "orderLines", 1, "productCode"), "P3"),
    "another quantity": changed((0, "orderLines", 0, "quantity"), 3),
    "another price": changed((0, "orderLines", 0, "price"), 0.91),
    "one line more": changed((0, "orderLines"), [*SENT[0]["orderLines"], SENT[0]["orderLines"][0]]),
    "lines the other way round": changed((0, "orderLines"), SENT[0]["orderLines"][::-1]),
    "lines of one order only": changed((0, "orderLines"), None),
    "no lines": [{name: each[name] for name in each if name != "orderLines"} for each in ECHO],
    "no products": [{**each, "orderLines": [{"quantity": 2}, {"quantity": 1}]} for each in ECHO],
    "nothing but numbers": [{"orderNumber": 1}, {"orderNumber": 2}],
    "another company": [{**each, "companyId": "NO"} for each in ECHO],
}


@pytest.mark.parametrize("created", FOREIGN.values(), ids=FOREIGN)
def test_a_batch_of_other_orders_is_not_adopted(created: Any, target_of, attempt: Attempt) -> None:
    target, _ = target_of(world_of([job("b-9"), EARLIER], created=created))
    told = target.find(attempt)
    assert isinstance(told, CannotTell) and told.candidates == ("b-9",)


SAME = {
    "as it was sent": ECHO,
    "in another order": ECHO[::-1],
    "with typed numbers": changed((0, "orderLines", 0, "price"), 0.90),
    "with what an ERP fills in": [{**each, "notes": "", "period": 0, "currencyCode": "EUR"} for each in ECHO],
    "in other letters": [{name.upper(): value for name, value in each.items()} for each in ECHO],
}


@pytest.mark.parametrize("created", SAME.values(), ids=SAME)
def test_a_batch_of_our_orders_is_ours_however_it_is_told(created: Any, target_of, attempt: Attempt) -> None:
    target, _ = target_of(world_of([job("b-9"), EARLIER], created=created))
    assert isinstance(target.find(attempt), Found)


def test_a_number_that_the_erp_gave_anew_is_no_difference(target_of, attempt: Attempt) -> None:
    attempt.part.path.write_text(json.dumps([{**each, "orderNumber": 7} for each in SENT]))
    target, _ = target_of(world_of([job("b-9"), EARLIER]))
    assert isinstance(target.find(attempt), Found)
