"""What came of each file of a submit, in prose: the run, the plan of a dry run, or the problems that kept it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TextIO

from sobatch.core.check.sources import Placer
from sobatch.core.check.tally import Kind
from sobatch.core.order.spec import Problem, Severity
from sobatch.core.place.safetext import clean
from sobatch.core.read.source import Source
from sobatch.show.human import Style, count, size, table
from sobatch.show.prose.problems import Groups, write_groups
from sobatch.show.prose.runs import write_run

_FIRST = 3  # places shown of each kind of problem
_MOST_PARTS = 20


def write_outcome(out: TextIO, facts: Mapping[str, Any], style: Style) -> None:
    """One file's outcome; one that failed before it became a run has none."""
    if "run" in facts:
        advised = bool((facts.get("error") or {}).get("next_step"))  # said under the error, and once is enough
        write_run(out, {**facts, "next": []} if advised else facts, style)
    elif facts.get("dry_run"):
        _write_plan(out, facts)
    elif facts.get("not_started"):
        out.write(f"{clean(facts['input'], 1000)}: not started\n")
    out.flush()


class Part(Protocol):
    """A planned part."""

    @property
    def number(self) -> int: ...
    @property
    def group(self) -> str: ...
    @property
    def orders(self) -> int: ...
    @property
    def lines(self) -> int: ...
    @property
    def rows(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...


def part_facts(part: Part) -> dict[str, Any]:
    """A planned part as plain data."""
    return {
        "part": part.number, "group": part.group, "orders": part.orders, "lines": part.lines, "rows": part.rows,
        "bytes": part.size, "sha256": part.sha256,
    }  # fmt: skip


def _write_plan(out: TextIO, facts: Mapping[str, Any]) -> None:
    parts = facts["parts"]
    rows = [["part", "type", "orders", "lines", "rows", "size"]]
    for part in parts[:_MOST_PARTS]:
        counts = [f"{part[name]:,}" for name in ("orders", "lines", "rows")]
        rows.append([str(part["part"]), clean(part["group"], 24), *counts, size(part["bytes"])])
    out.write(table(rows, right=(0, 2, 3, 4, 5)))
    if facts["part_count"] > _MOST_PARTS:
        out.write(f"  ... and {facts['part_count'] - _MOST_PARTS:,} more\n")
    aside = f"; {count(facts['set_aside'], 'order')} would be set aside" if facts["set_aside"] else ""
    going = count(facts["orders"] - facts["set_aside"], "order")
    out.write(f"{clean(facts['input'], 1000)}: {going} would go out in {count(facts['part_count'], 'part')}{aside}. ")
    out.write("Nothing was sent.\n")


def write_errors(err: TextIO, source: Source, problems: Iterable[Problem], kinds: Counter[Kind], style: Style) -> None:
    """The errors that kept a file back, each with its place; warnings are for `validate` to tell."""
    groups = Groups(_FIRST)
    placer = Placer(source, excerpts=True)
    try:
        for problem in problems:
            if problem.severity is Severity.ERROR:
                groups.add(placer.placed(problem))
    finally:
        placer.close()
    write_groups(err, groups, kinds, style)
