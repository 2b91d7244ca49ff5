"""Slices of an order keep every value as it was written."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sobatch.erp.slices import an_array, an_object, elements, members, spelt

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("spelt", [b"0.90", b"1e2", b"50.0", b"123456789012345678901234567890", b'"\\u00e9"', b"null"])
def test_a_value_keeps_its_spelling(spelt):
    text = b'{ "a" : ' + spelt + b' , "b": [ ' + spelt + b" ] }"
    assert members(text)["a"] == spelt
    assert elements(members(text)["b"]) == [spelt]


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4))
def test_taken_apart_and_put_together_it_says_the_same(order):
    assert json.loads(an_object(members(json.dumps(order).encode()))) == order


@given(st.lists(VALUES, max_size=4))
def test_arrays_too(array):
    assert json.loads(an_array(elements(json.dumps(array).encode()))) == array


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"a" 1}'])
def test_what_is_no_object_is_refused(text):
    with pytest.raises(msgspec.DecodeError):
        members(text)


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", ""),
        ("/lines/0/stockcode", "/Lines/0/StockCode"),
        ("/LINES/1", "/Lines/1"),
        ("/lines/2/stockcode", "/lines/2/stockcode"),
        ("/lines/0/stockcode/x", "/lines/0/stockcode/x"),
        ("/A~1B", "/a~1b"),
        ("/nothing", "/nothing"),
        ("/lines/x", "/lines/x"),
    ],
)
def test_a_pointer_is_spelt_as_the_order_is(pointer, found):
    assert spelt(pointer, {"Lines": [{"StockCode": "X"}, None], "a/b": 1}) == found
