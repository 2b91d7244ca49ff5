"""A result list in a wrapper is the list itself; what is no list, several, a page, or cut anywhere is none at all."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sobatch.erp.unit4.lists import entries
from sobatch.erp.wire.reading import Unreadable

LIST = '[ {"price":0.90,"n":1e400},{"t":"æ\\ud800 ]}","next":"x","items":[[1],{}]} ,\t3 , "x", [[]] ]'
RAWS = ['{"price":0.90,"n":1e400}', '{"t":"æ\\ud800 ]}","next":"x","items":[[1],{}]}', "3", '"x"', "[[]]"]

WRAPPERS = {
    "none": "{}",
    "a byte order mark": "\ufeff{}",
    "items": '{{"items":{}}}',
    "in another case": ' {{ "Items" :{}}}\r\n',
    "data and items": '{{"data":{{"items":{},"total":5}},"ok":true}}',
    "other members": '{{"total":5,"errors":[],"note":"items [","big":123456789012345678901234567890,"value":{}}}',
    "arrays of other names": '{{"links":[{{"items":[1]}}],"results":{},"warnings":[[2]]}}',
    "the last page": '{{"nextLink":null,"hasMore":false,"next":"","orders":{}}}',
    "a word of the same name": '{{"result":"ok","data":{}}}',
}


def told(folder: Path, text: str | bytes, **how: int) -> list[str]:
    path = folder / "list.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return [raw.decode() for raw, _ in entries(path, **how)]


@pytest.mark.parametrize("window", [1, 5, 1 << 20])
@pytest.mark.parametrize("wrapper", WRAPPERS.values(), ids=WRAPPERS)
def test_every_entry_is_told_whatever_surrounds_the_list(wrapper: str, window: int, tmp_path: Path) -> None:
    text = wrapper.format(LIST)
    assert told(tmp_path, text, window=window) == RAWS
    assert told(tmp_path, gzip.compress(text.encode()), window=window) == RAWS
    assert told(tmp_path, wrapper.format(" [ ]")) == []
    assert told(tmp_path, wrapper.format("[7]")) == ["7"]


@pytest.mark.parametrize("wrapper", WRAPPERS.values(), ids=WRAPPERS)
def test_a_list_that_is_cut_anywhere_or_goes_on_is_none(wrapper: str, tmp_path: Path) -> None:
    text = wrapper.format(LIST)
    whole = len(text.rstrip())
    for end in range(whole):
        with pytest.raises(Unreadable):
            told(tmp_path, text[:end])
    for more in ("x", "]", "}", "[]", ",", "0", '""', "\x00", "{}"):
        with pytest.raises(Unreadable):
            told(tmp_path, text + more)


NONE = {
    "an error": '{"message":"No.","code":5}',
    "an error with a list": '{"errors":[{"message":"No."}]}',
    "a list inside another": '{"pages":[{"items":[1]}]}',
    "far down": '{"data":{"data":{"data":{"data":[1]}}}}',
    "null": '{"items":null}',
    "an object for a list": '{"items":{"a":1}}',
    "a text": '"[1]"',
    "two lists": '{"items":[1],"data":[2]}',
    "the same name twice": '{"items":[1],"items":[2]}',
    "two lists, one empty": '{"items":[],"results":[2]}',
    "a page": '{"items":[1],"nextLink":"/v1?page=2"}',
    "a page, told before": '{"hasMore":true,"items":[1]}',
    "a page, told in a record": '{"items":[1],"paging":{"next":{"href":"/2"}}}',
    "a comma too many": '{"items":[1,]}',
    "a number that goes on": '{"items":[1].5}',
    "two values": '{"items":[1 2]}',
    "a wrapper that is no JSON": '{"items":[1],"n":NaN}',
    "a name without quotes": "{items:[1]}",
    "a comment": '{"items":[1]/**/}',
    "a head without end": '{"a":"' + "x" * 70_000 + '","items":[1]}',
    "a tail without end": '{"items":[1],"a":"' + "x" * (2 << 20) + '"}',
    "a deep head": '{"a":' * 10_000 + "[1]" + "}" * 10_000,
    "a deep tail": '{"items":[1],"a":' + '{"a":' * 150_000 + "1" + "}" * 150_000 + "}x",
    "a deep entry": '{"items":[' + "[" * 100_000 + "]" * 100_000 + "]}",
}


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_what_is_not_one_whole_list_is_unreadable(text: str, tmp_path: Path) -> None:
    before = time.process_time()
    with pytest.raises(Unreadable):
        told(tmp_path, text)
    assert time.process_time() - before < 5, "what is hostile costs little"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(VALUES, max_size=4),
    before=st.dictionaries(st.sampled_from(["total", "errors", "é", ""]), VALUES),
    behind=st.dictionaries(st.sampled_from(["count", "warnings", "link"]), VALUES),
    indent=st.sampled_from([None, 1]),
    plain=st.booleans(),
    window=st.sampled_from([1, 3, 64]),
)
def test_any_list_in_any_wrapper(tmp_path, values, before, behind, indent, plain, window) -> None:
    text = json.dumps({**before, "items": values, **behind}, indent=indent, ensure_ascii=plain)
    found = told(tmp_path, text, window=window)
    assert [json.loads(each) for each in found] == values
