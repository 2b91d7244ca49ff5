"""Very many groups: parts are decided as for few, and what is told one by one is bounded, while the sums stay exact."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_orders import source_of

from sobatch.core.check import tally as tallying
from sobatch.core.check.one_source import Check
from sobatch.core.cut import estimate as estimating
from sobatch.core.cut import shelf
from sobatch.core.cut.packer import Packer
from sobatch.core.order.limits import Limits
from sobatch.erp.unit4.order import SPEC
from sobatch.show.prose.summary import groups_table, tally_facts

LIMITS = Limits(max_rows=12, max_orders=3)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 9)), max_size=60), st.integers(1, 4))
def test_loads_on_the_disk_are_packed_as_those_in_memory(orders: list[tuple[str, int]], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf, "_MOST", most)
        loads = shelf.Shelf()
        near, far = Packer(LIMITS), Packer(LIMITS, loads=loads)
        for group, rows in orders:
            expected, found = near.add(group, 1, rows), far.add(group, 1, rows)
            assert found == expected
            assert len(loads) <= most
        assert far.parts == near.parts
        loads.close()


def test_the_sums_stay_exact_where_groups_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallying, "MOST_GROUPS", 25)
    monkeypatch.setattr(estimating, "MOST_GROUPS", 25)
    line = {"productCode": "P", "quantity": 1, "price": 1, "glAnalysis": [{}]}
    head = {"customerId": "C", "responsible": "R", "salesPerson": "S", "orderLines": [line]}
    text = json.dumps([{**head, "transactionType": f"T{number % 40}"} for number in range(120)]).encode()
    check = Check(SPEC, LIMITS)
    list(check.problems(source_of(text)))
    counted = estimating.estimate(source_of(text), SPEC, [LIMITS])
    for tally in (check.tally, counted.tally):
        facts = tally_facts(tally)
        told = [*facts["types"].values(), facts["other_types"]]
        assert (len(facts["types"]), facts["other_types"]) == (25, {"orders": 45, "lines": 45, "rows": 180})
        assert sum(each["orders"] for each in told) == facts["orders"] == 120
        assert "and at least 5 more" in groups_table(tally, "transactionType", "rows")
    assert counted.plans[0].parts == 40
    assert len(counted.plans[0].groups) == 25
