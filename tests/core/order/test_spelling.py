"""Names in any letter case, where the ERP takes them so."""

import json
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Struct, UnsetType

from sobatch.core.order.declared import documented


class Line(Struct):
    stockCode: str | UnsetType = UNSET


class Loose(Struct):
    __any_case__: ClassVar[bool] = True
    debtorId: int | UnsetType = UNSET
    lines: list[Line] | UnsetType = UNSET


class Strict(Struct):
    debtorId: int | UnsetType = UNSET


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ('{"DEBTORID": 2, "Lines": [{"stockcode": "x"}]}', '{"debtorId": 2, "lines": [{"stockCode": "x"}]}'),
        ('{"lines" :[ {"StockCode" \n: "LINES"} ]}', '{"lines" :[ {"stockCode" \n: "LINES"} ]}'),
        ('{"Other": "debtorid", "x": ["DebtorId", "a\\"DebtorId\\": 1"]}', None),
        ('{"DebtorId": 1, "debtorid": 2}', '{"debtorId": 1, "debtorId": 2}'),
        ('{"\\u0044ebtorId": 1}', None),
        ('{"é": 1, "DEBTORID": 1}', '{"é": 1, "debtorId": 1}'),
    ],
)
def test_only_the_case_of_declared_names_changes(written, understood):
    respelt = documented(written.encode(), Loose).decode()
    assert respelt == (understood or written)
    assert len(respelt.encode()) == len(written.encode())
    assert documented(written.encode(), Strict).decode() == written


NAMES = st.sampled_from(["debtorId", "DebtorID", "LINES", "stockcode", "x", ":", '"', "\\"])
VALUES = st.recursive(
    st.none() | st.integers() | NAMES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=9
)


def folded(value):
    if isinstance(value, list):
        return [folded(each) for each in value]
    return [(name.lower(), folded(each)) for name, each in value.items()] if isinstance(value, dict) else value


@given(st.dictionaries(NAMES, VALUES))
def test_the_values_and_the_order_of_members_stay(order):
    text = json.dumps(order).encode()
    pairs = json.loads(documented(text, Loose), object_pairs_hook=lambda found: dict(enumerate(found)))
    assert _plain(pairs) == folded(order)


def _plain(value):
    if isinstance(value, dict):
        return [(name.lower(), _plain(each)) for name, each in value.values()]
    return [_plain(each) for each in value] if isinstance(value, list) else value
