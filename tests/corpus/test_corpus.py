"""Every faulty text of the corpus is found faulty, for the right reason and at the very place that is marked in it."""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import corpus_forms
import corpus_members
import corpus_rules
import corpus_syntax
import pytest
import zstandard
from corpus_case import GOOD, Case

from sobatch.cli.main import main
from sobatch.core.order.codes import Codebook
from sobatch.erp.unit4.order import SPEC

CODES = Codebook(SPEC.codes).codes
CASES = [*corpus_syntax.cases(), *corpus_forms.cases(), *corpus_members.cases(), *corpus_rules.cases()]
by_name = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name[:40])


def expected_of(case: Case) -> tuple[int, list[tuple[Any, ...]]]:
    """The exit code, and code, severity, pointer, offset, line and column of every problem, sorted."""
    wanted = []
    for row, place in zip(case.expected, case.places(), strict=True):
        code, pointer, severity = [*row.split(" "), "", ""][:3]
        wanted.append((code, severity or CODES[code].severity.value, pointer, *place))
    return (3 if any(row[1] == "error" for row in wanted) else 0), sorted(wanted)


def found_in(name: str, case: Case, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[tuple[Any, ...]]]:
    """The same, as `validate` tells it."""
    # The filler orders have no keys: a note that only cases about it ask for.
    quiet = () if any("SO-213" in row for row in case.expected) else ("--ignore", "SO-213")
    code = main(["validate", name, "--output", "json", *quiet, *case.arguments])
    problems = json.loads(capsys.readouterr().out)["result"]["problems"]
    members = ("code", "severity", "pointer", "offset", "line", "column")
    return code, sorted(tuple(problem[member] for member in members) for problem in problems)


@by_name
def test_each_problem_stands_where_it_is_marked(case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "orders.json"
    file.write_bytes(case.data)
    assert found_in(str(file), case, capsys) == expected_of(case)


class Pipe(io.BytesIO):
    """Standard input that gives a few bytes at a time and cannot go back."""

    @property
    def buffer(self) -> Pipe:
        return self

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(7)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise io.UnsupportedOperation("seek")


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=lambda value: getattr(value, "name", ""))
def test_places_are_those_of_the_text_however_it_comes(
    number: int, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Compressed one way or the other, or through a pipe: one of these for each case, in turn."""
    name = str(tmp_path / "orders")
    if number % 3 == 0:
        monkeypatch.setattr(sys, "stdin", Pipe(case.data))
        name = "-"
    elif number % 3 == 1:
        Path(name).write_bytes(gzip.compress(case.data, 1))
    else:
        Path(name).write_bytes(zstandard.compress(case.data))
    assert found_in(name, case, capsys) == expected_of(case)


def test_the_corpus_is_large_and_each_case_has_a_name() -> None:
    names = Counter(case.name for case in CASES)
    assert [name for name, count in names.items() if count > 1] == []
    assert sum(1 for case in CASES if case.expected) >= 250


COMPRESSED = f"[{GOOD}\n" + f",{GOOD}\n" * 20_000 + "]"
BROKEN_PACKAGES = [
    ("SO-017", gzip.compress(COMPRESSED.encode(), 1)[:-4000]),
    ("SO-017", gzip.compress(COMPRESSED.encode(), 1)[:-1]),
    ("SO-017", gzip.compress(COMPRESSED.encode(), 1)[:12]),
    ("SO-017", zstandard.compress(COMPRESSED.encode())[:-1]),
    ("SO-018", zstandard.compress(b"[" + b" " * (70 << 20) + b"]")),
    ("SO-019", gzip.compress(COMPRESSED.encode(), 1)[:-8] + b"\0\0\0\0\0\0\0\0"),
    ("SO-019", gzip.compress(COMPRESSED.encode(), 1)[:40] + b"\xff" * 40 + b"\0" * 400),
    ("SO-019", zstandard.compress(COMPRESSED.encode())[:40] + b"\xff" * 400),
]


@pytest.mark.parametrize(("code", "data"), BROKEN_PACKAGES, ids=lambda value: value if isinstance(value, str) else "")
def test_compressed_input_that_breaks_is_placed_no_later_than_its_text_goes(
    code: str, data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "orders.json.gz"
    file.write_bytes(data)
    assert main(["validate", str(file), "--output", "json"]) == 3
    (problem,) = json.loads(capsys.readouterr().out)["result"]["problems"]
    assert (problem["code"], problem["index"], problem["pointer"]) == (code, None, "")
    if code != "SO-018":
        before = COMPRESSED[: problem["offset"]]  # ASCII, so characters are bytes
        assert problem["offset"] <= len(COMPRESSED)
        assert problem["line"] == before.count("\n") + 1
        assert problem["column"] == len(before.rpartition("\n")[2]) + 1


def test_a_cut_file_is_explained_with_its_order_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The 4,812th order begins at line 90,133: 18 lines for each order before, and the rest are blank."""
    lines = ["[", *[""] * (90_133 - 4_811 * 18 - 2)]
    for _ in range(4_811):
        lines += [*[""] * 17, GOOD + ","]
    text = "\n".join(lines) + '\n{"customerId": "C1",\n "orderLi'
    assert text.split("\n")[90_132] == '{"customerId": "C1",'
    file = tmp_path / "orders.json"
    file.write_text(text)
    assert main(["validate", str(file)]) == 3
    assert "(inside the 4,812th order, which began at line 90,133)" in capsys.readouterr().out
    assert main(["validate", str(file), "--output", "json"]) == 3
    (problem,) = json.loads(capsys.readouterr().out)["result"]["problems"]
    assert (problem["code"], problem["line_of_order"]) == ("SO-038", 90_133)
    assert (problem["line"], problem["column"], problem["index"]) == (90_134, 2, 4_811)


# Compressed input is above; a file that changes while it is read is in tests/core/read/test_source.py.
ELSEWHERE = {code for code, _ in BROKEN_PACKAGES} | {"SO-021"}


def test_every_code_occurs() -> None:
    assert {row.split(" ")[0] for case in CASES for row in case.expected} | ELSEWHERE == set(CODES)
