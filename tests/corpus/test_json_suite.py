"""The public JSON test suite through `validate`: each text as a file of its own, and as an unknown member of an order.

A valid text (y_) has no syntax problem, though most are no array of orders; as a member it earns warnings. A broken
one (n_) is an error either way. What the standard leaves open (i_) is pinned.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from corpus_case import GOOD, order

from sobatch.cli.main import main

SUITE = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "json-test-suite"
FILES = sorted(SUITE.glob("*.json")) if SUITE.is_dir() else []
pytestmark = pytest.mark.skipif(not FILES, reason="the JSON test suite is not beside the checkout")

NOT_SYNTAX = {"SO-011", "SO-012", "SO-048"}
PEAK = 150 << 20
SLOWEST = 2.0

# Beyond a double: valid, and as a member nobody reads it is sent as written. All others are refused either way.
BEYOND_DOUBLE = {
    "i_number_huge_exp.json",
    "i_number_neg_int_huge_exp.json",
    "i_number_pos_double_huge_exp.json",
    "i_number_real_neg_overflow.json",
    "i_number_real_pos_overflow.json",
}
BIG_OR_SMALL = {
    "i_number_double_huge_neg_exp.json",
    "i_number_real_underflow.json",
    "i_number_too_big_neg_int.json",
    "i_number_too_big_pos_int.json",
    "i_number_very_big_negative_int.json",
}
# (code as a file, code as a member)
REFUSED = {
    "i_object_key_lone_2nd_surrogate.json": ("SO-043", "SO-043"),
    "i_string_1st_surrogate_but_2nd_missing.json": ("SO-043", "SO-043"),
    "i_string_1st_valid_surrogate_2nd_invalid.json": ("SO-043", "SO-043"),
    "i_string_UTF-16LE_with_BOM.json": ("SO-013", "SO-015"),
    "i_string_UTF-8_invalid_sequence.json": ("SO-015", "SO-015"),
    "i_string_UTF8_surrogate_U+D800.json": ("SO-015", "SO-015"),
    "i_string_incomplete_surrogate_and_escape_valid.json": ("SO-043", "SO-043"),
    "i_string_incomplete_surrogate_pair.json": ("SO-043", "SO-043"),
    "i_string_incomplete_surrogates_escape_valid.json": ("SO-043", "SO-043"),
    "i_string_invalid_lonely_surrogate.json": ("SO-043", "SO-043"),
    "i_string_invalid_surrogate.json": ("SO-043", "SO-043"),
    "i_string_invalid_utf-8.json": ("SO-015", "SO-015"),
    "i_string_inverted_surrogates_U+1D11E.json": ("SO-043", "SO-043"),
    "i_string_iso_latin_1.json": ("SO-015", "SO-015"),
    "i_string_lone_second_surrogate.json": ("SO-043", "SO-043"),
    "i_string_lone_utf8_continuation_byte.json": ("SO-015", "SO-015"),
    "i_string_not_in_unicode_range.json": ("SO-015", "SO-015"),
    "i_string_overlong_sequence_2_bytes.json": ("SO-015", "SO-015"),
    "i_string_overlong_sequence_6_bytes.json": ("SO-015", "SO-015"),
    "i_string_overlong_sequence_6_bytes_null.json": ("SO-015", "SO-015"),
    "i_string_truncated-utf-8.json": ("SO-015", "SO-015"),
    "i_string_utf16BE_no_BOM.json": ("SO-013", "SO-016"),
    "i_string_utf16LE_no_BOM.json": ("SO-013", "SO-016"),
    "i_structure_500_nested_arrays.json": ("SO-045", "SO-045"),
    "i_structure_UTF-8_BOM_empty_object.json": ("SO-014", "SO-014"),
}


def named(prefix: str) -> pytest.MarkDecorator:
    """All texts of one kind."""
    found = [path for path in FILES if path.name.startswith(prefix)]
    return pytest.mark.parametrize("path", found, ids=lambda path: path.name)


def wrapped(text: bytes) -> bytes:
    """Two orders, the second of which has the text as its last member, one that nobody knows."""
    return f"[{GOOD},\n{order()[:-1]}, ".encode() + b'"x": ' + text + b"}]"


def validated(file: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Exit code, and the codes of all problems; within the time."""
    began = time.process_time()
    code = main(["validate", str(file), "--output", "json"])
    assert time.process_time() - began < SLOWEST
    return code, [problem["code"] for problem in json.loads(capsys.readouterr().out)["result"]["problems"]]


@pytest.fixture
def as_member(tmp_path: Path, path: Path) -> Path:
    file = tmp_path / "member.json"
    file.write_bytes(wrapped(path.read_bytes()))
    return file


def test_the_suite_is_whole() -> None:
    assert [sum(path.name.startswith(kind) for path in FILES) for kind in ("y_", "n_", "i_")] == [95, 188, 35]
    assert {path.name for path in FILES if path.name.startswith("i_")} == BEYOND_DOUBLE | BIG_OR_SMALL | set(REFUSED)


@named("y_")
def test_a_valid_text_has_no_syntax_problem(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, codes = validated(path, capsys)
    assert [code for code in codes if code < "SO-100" and code not in NOT_SYNTAX] == []


@named("y_")
def test_a_valid_member_is_let_pass(as_member: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code, codes = validated(as_member, capsys)
    assert exit_code == 0
    assert "SO-110" in codes


@named("n_")
def test_a_broken_text_is_an_error(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validated(path, capsys)[0] == 3


@named("n_")
def test_a_broken_member_is_an_error_of_syntax(as_member: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code, codes = validated(as_member, capsys)
    assert exit_code == 3
    assert any(code < "SO-100" and code not in NOT_SYNTAX for code in codes)


@named("i_")
def test_an_open_choice_is_pinned(path: Path, as_member: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw, member = validated(path, capsys), validated(as_member, capsys)
    if path.name in REFUSED:
        assert (raw, member) == tuple((3, [code]) for code in REFUSED[path.name])
    else:
        assert raw == (3, ["SO-101", "SO-212"])  # an array with one number
        assert member == (0, ["SO-110"])


_MEASURED = """
import sys
from sobatch.cli.main import main
code = main(["validate", *sys.argv[1:], "--output", "json"])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
sys.stderr.write(peak)
sys.exit(code)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_all_of_them_in_one_process_stay_within_the_memory(tmp_path: Path) -> None:
    members = []
    for path in FILES:
        members.append(tmp_path / path.name)
        members[-1].write_bytes(wrapped(path.read_bytes()))
    names = [str(path) for path in (*FILES, *members)]
    done = subprocess.run([sys.executable, "-c", _MEASURED, *names], capture_output=True, check=False)
    assert done.returncode == 3
    assert len(json.loads(done.stdout)["result"]["files"]) == len(names)
    assert int(done.stderr.split()[1]) * 1024 < PEAK
