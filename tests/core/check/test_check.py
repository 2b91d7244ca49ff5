"""Checking finds the same problems and counts the same sums, however the input is cut up and whoever helps."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_orders import Written, arrays, odd, orders, records, source_of

from sobatch.core.check.one_source import Check
from sobatch.core.check.tally import Tally
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import Policy, Problem, Severity
from sobatch.erp.unit4.order import SPEC

LIMITS = Limits(max_lines=2, max_rows=9)
WINDOWS = (1, 50, 700, 1 << 17)
PARTS: dict[str, str] = {"customerId": '"C1"', "transactionType": '"SO"', "responsible": '"R"', "salesPerson": '"S"'}
LINE = '{"productCode": "P1", "quantity": 2, "price": 1.50, "glAnalysis": [{}]}'
GOOD = "{" + ", ".join(f'"{name}": {value}' for name, value in PARTS.items()) + f', "orderLines": [{LINE}]}}'
FAULTS = [
    ("customerId", "17"), ("customerId", '""'), ("orderDate", '"2026-02-30"'), ("orderDate", '"1900-01-01"'),
    ("currencyCode", '"EURO"'), ("qty", "1"), ("orderNumber", "7"), ("orderNumber", "-7"), ("externalOrderId", '"W"'),
    ("externalReference", '"W"'), ("orderLines", "[]"), ("orderLines", f"[{LINE}, {LINE}, {LINE}]"),
    ("companyId", '"EN"'), ("notes", '"a", "notes": "b"'), ("period", "1e400"), ("transactionType", '"SR"'),
]  # fmt: skip


@st.composite
def suspects(draw: st.DrawFn) -> bytes:
    """An order with some things wrong, perhaps none."""
    parts = PARTS | {"orderLines": f"[{LINE}]"}
    parts.update(draw(st.lists(st.sampled_from(FAULTS), max_size=3)))
    if draw(st.integers(0, 5)) == 0:
        parts.pop(draw(st.sampled_from(sorted(parts))))
    return ("{" + ", ".join(f'"{name}": {value}' for name, value in parts.items()) + "}").encode()


mixed = st.one_of(suspects(), suspects(), orders(), odd)


def checked(
    text: bytes, *, size: int = 1 << 20, unknown_size: bool = False, **options: Any
) -> tuple[list[Problem], Tally, list[int]]:
    """All problems, the tally, and the faulty orders."""
    check = Check(SPEC, options.pop("limits", LIMITS), options.pop("policy", None), **options)
    source = source_of(text, size)
    if unknown_size:  # as of a pipe: nobody can tell that it is too small to be worth help
        source.size = None
    problems = list(check.problems(source))
    return problems, check.tally, list(check.faulty)


@settings(max_examples=80, deadline=None)
@given(arrays(mixed) | records())
def test_neither_window_nor_read_size_changes_what_is_found(written: Written) -> None:
    expected = checked(written.text)
    for window in WINDOWS:
        assert checked(written.text, window=window) == expected
    for size in (1, 3, 64):
        assert checked(written.text, size=size, window=100) == expected


@settings(max_examples=80, deadline=None)
@given(arrays(mixed))
def test_every_problem_lies_in_its_order_and_is_counted(written: Written) -> None:
    problems, tally, faulty = checked(written.text)
    starts, at = [], 0
    for element in written.elements:
        at = written.text.index(element, at)
        starts.append(at)
        at += len(element)
    for problem in problems:
        if problem.index is not None:
            assert problem.pointer.startswith(f"/{problem.index}")
            assert 0 <= problem.offset - starts[problem.index] < len(written.elements[problem.index])
    assert sum(tally.counts.values()) == sum(tally.kinds.values()) == len(problems)
    errors = {problem.index for problem in problems if problem.severity is Severity.ERROR} - {None}
    assert sorted(faulty) == sorted(errors)
    assert tally.faulty == len(errors)
    alone = [problem for problem in problems if problem.index is not None and problem.code not in ("SO-203", "SO-204")]
    assert [problem.offset for problem in alone] == sorted(problem.offset for problem in alone)


@settings(max_examples=80, deadline=None)
@given(arrays(mixed))
def test_the_sums_are_those_of_counting(written: Written) -> None:
    _, tally, _ = checked(written.text)
    lines = []
    for element in written.elements:
        value = json.loads(element)
        found = value.get("orderLines") if isinstance(value, dict) else None
        lines.append(len(found) if isinstance(found, list) else 0)
    assert (tally.orders, tally.lines) == (len(lines), sum(lines))
    assert tally.rows == sum(1 + 3 * count for count in lines)
    assert {count: times for count, times in tally.lines_per_order.items() if times} == {
        count: lines.count(count) for count in lines
    }
    assert tally.largest_lines == max(lines, default=0)
    assert tally.largest_index == (lines.index(max(lines)) if lines else None)
    assert sum(group.orders for group in tally.groups.values()) == len(lines)


@settings(max_examples=80, deadline=None)
@given(arrays(mixed), st.integers(1, 4))
def test_a_bound_keeps_problems_back_but_counts_them(written: Written, bound: int) -> None:
    everything, tally, faulty = checked(written.text, per_code=None)
    some, bounded_tally, bounded_faulty = checked(written.text, per_code=bound)
    assert (bounded_tally, bounded_faulty) == (tally, faulty)
    assert [problem for problem in everything if problem in some] == some
    for code, severity in {(problem.code, problem.severity) for problem in everything}:
        kept = [problem for problem in some if (problem.code, problem.severity) == (code, severity)]
        of_code = [problem for problem in everything if (problem.code, problem.severity) == (code, severity)]
        assert of_code[:bound] == kept[:bound]


@settings(max_examples=60, deadline=None)
@given(arrays(mixed))
def test_strict_makes_errors_of_warnings_and_of_nothing_else(written: Written) -> None:
    plain, _, _ = checked(written.text)
    strict, _, _ = checked(written.text, policy=Policy(strict=True))
    raised = [
        dataclasses.replace(each, severity=Severity.ERROR) if each.severity is Severity.WARNING else each
        for each in plain
    ]
    assert strict == raised


@settings(max_examples=60, deadline=None)
@given(arrays(mixed), st.sampled_from(["SO-102", "SO-104", "SO-110", "SO-201", "SO-203", "SO-211"]))
def test_what_is_ignored_is_as_if_it_were_not_there(written: Written, code: str) -> None:
    plain, _, _ = checked(written.text)
    ignoring, tally, _ = checked(written.text, policy=Policy(severities={code: None}))
    assert ignoring == [problem for problem in plain if problem.code != code]
    assert code not in {counted for counted, _ in tally.counts}


def test_a_broken_record_takes_an_index_but_is_no_order() -> None:
    problems, tally, faulty = checked("\n".join([GOOD, "{", GOOD, '{"customerId": 1}', GOOD]).encode())
    assert (tally.orders, tally.unreadable, tally.faulty) == (4, 1, 1)
    assert [(problem.index, problem.code) for problem in problems[:2]] == [(1, "SO-038"), (3, "SO-102")]
    assert faulty == [3]


def large(every: int) -> bytes:
    bad = GOOD.replace('"C1"', "17").replace("1.50", '"x"')
    twice = GOOD[:-1] + ', "orderNumber": 7}'
    rows = [twice if number % 997 == 5 else bad if number % every == every - 1 else GOOD for number in range(10_000)]
    return b"[" + ",\n".join(rows).encode() + b"]"


_HELPED = """
import sys
from test_check import GOOD, large, checked
from sobatch.core.read.ahead import usable
from sobatch.core.order.limits import Limits
assert usable()
text, limits = large(int(sys.argv[1])), Limits(max_lines=12, max_rows=37_000)
alone = checked(text, limits=limits)
for helpers in (1, 2):
    assert checked(text, limits=limits, unknown_size=True, helpers=helpers) == alone
print(alone[1].orders, alone[1].faulty)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="helpers are forked processes")
@pytest.mark.parametrize(("every", "faulty"), [(1, 9_999), (2, 5_004), (1000, 19), (1_000_000, 10)])
def test_helpers_change_nothing(every: int, faulty: int) -> None:
    """In a process of its own: one with more than one thread cannot be forked safely, so it would go without help."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", _HELPED, str(every)], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout) == ("", f"10000 {faulty}\n")


def test_thousands_of_long_unknown_names_are_counted_together() -> None:
    """What is counted by its name is counted by the beginning of it, and told by a little more of it."""
    text = b",".join(b'{"%d%s": 1}' % (number, b"n" * 50_000) for number in range(200))
    check = Check(SPEC, SPEC.limits({}), per_code=3)
    tracemalloc.start()
    problems = 0
    for problem in check.problems(source_of(b"[" + text + b"]")):
        problems += problem.code == "SO-110"
        assert problem.code != "SO-110" or (len(problem.pointer) < 1_100 and problem.pointer.endswith("n…"))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert problems >= 3 and held < 3 << 20


def test_all_problems_of_one_order_are_counted_and_not_kept() -> None:
    text = b'[{"orderLines": [' + b",".join([b"{}"] * 10_000) + b"]}]"
    check = Check(SPEC, SPEC.limits({}), per_code=10)
    tracemalloc.start()
    reported = sum(1 for _ in check.problems(source_of(text)))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert check.tally.errors >= 20_000 and reported < 200
    assert most < 6 << 20
