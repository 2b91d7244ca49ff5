"""The strict reading agrees with the public JSON test suite, and with orjson where the suite leaves the choice open."""

from __future__ import annotations

import time
from pathlib import Path

import orjson
import pytest

from sobatch.core.syntax.strict import first_fault

SUITE = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "json-test-suite"
FILES = sorted(SUITE.glob("*.json")) if SUITE.is_dir() else []
needs_suite = pytest.mark.skipif(not FILES, reason="the JSON test suite is not beside the checkout")

# Where the standard leaves the choice to the reader: the code given, or None for accepted.
CHOICES = {
    "i_number_double_huge_neg_exp.json": None,
    "i_number_huge_exp.json": None,
    "i_number_neg_int_huge_exp.json": None,
    "i_number_pos_double_huge_exp.json": None,
    "i_number_real_neg_overflow.json": None,
    "i_number_real_pos_overflow.json": None,
    "i_number_real_underflow.json": None,
    "i_number_too_big_neg_int.json": None,
    "i_number_too_big_pos_int.json": None,
    "i_number_very_big_negative_int.json": None,
    "i_object_key_lone_2nd_surrogate.json": "SO-043",
    "i_string_1st_surrogate_but_2nd_missing.json": "SO-043",
    "i_string_1st_valid_surrogate_2nd_invalid.json": "SO-043",
    "i_string_UTF-16LE_with_BOM.json": "SO-015",
    "i_string_UTF-8_invalid_sequence.json": "SO-015",
    "i_string_UTF8_surrogate_U+D800.json": "SO-015",
    "i_string_incomplete_surrogate_and_escape_valid.json": "SO-043",
    "i_string_incomplete_surrogate_pair.json": "SO-043",
    "i_string_incomplete_surrogates_escape_valid.json": "SO-043",
    "i_string_invalid_lonely_surrogate.json": "SO-043",
    "i_string_invalid_surrogate.json": "SO-043",
    "i_string_invalid_utf-8.json": "SO-015",
    "i_string_inverted_surrogates_U+1D11E.json": "SO-043",
    "i_string_iso_latin_1.json": "SO-015",
    "i_string_lone_second_surrogate.json": "SO-043",
    "i_string_lone_utf8_continuation_byte.json": "SO-015",
    "i_string_not_in_unicode_range.json": "SO-015",
    "i_string_overlong_sequence_2_bytes.json": "SO-015",
    "i_string_overlong_sequence_6_bytes.json": "SO-015",
    "i_string_overlong_sequence_6_bytes_null.json": "SO-015",
    "i_string_truncated-utf-8.json": "SO-015",
    "i_string_utf16BE_no_BOM.json": "SO-016",
    "i_string_utf16LE_no_BOM.json": "SO-016",
    "i_structure_500_nested_arrays.json": "SO-045",
    "i_structure_UTF-8_BOM_empty_object.json": "SO-014",
}
BEYOND_DOUBLE = {
    "i_number_huge_exp.json",
    "i_number_neg_int_huge_exp.json",
    "i_number_pos_double_huge_exp.json",
    "i_number_real_neg_overflow.json",
    "i_number_real_pos_overflow.json",
}


def _named(prefix: str) -> list[Path]:
    return [path for path in FILES if path.name.startswith(prefix)]


def _orjson_accepts(data: bytes) -> bool:
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return True


@needs_suite
@pytest.mark.parametrize("path", _named("y_"), ids=lambda path: path.name)
def test_valid_json_has_no_fault(path: Path) -> None:
    assert first_fault(path.read_bytes()) is None


@needs_suite
@pytest.mark.parametrize("path", _named("n_"), ids=lambda path: path.name)
def test_broken_json_has_a_fault_in_words(path: Path) -> None:
    data = path.read_bytes()
    began = time.process_time()
    fault = first_fault(data)
    assert time.process_time() - began < 2
    assert fault is not None
    assert 0 <= fault.offset <= len(data)
    assert fault.message.endswith(".")
    assert fault.message.isprintable()


@needs_suite
@pytest.mark.parametrize("path", _named("i_"), ids=lambda path: path.name)
def test_open_choices_are_pinned_and_are_those_of_orjson(path: Path) -> None:
    data = path.read_bytes()
    fault = first_fault(data)
    assert (fault.code if fault else None) == CHOICES[path.name]
    if path.name not in BEYOND_DOUBLE and "500_nested" not in path.name:
        assert (fault is None) == _orjson_accepts(data)


def test_five_hundred_levels_pass_when_they_are_allowed() -> None:
    assert first_fault(b"[" * 500 + b"]" * 500, max_depth=500) is None
