"""The sums of a check: one table of the inputs, one of the transaction types, the largest order; facts and prose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from sobatch.core.check.sources import Report, writable
from sobatch.core.check.tally import Tally
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import Severity
from sobatch.core.place.safetext import clean
from sobatch.show.human import table

_MOST_GROUPS = 20


def report_facts(report: Report) -> dict[str, Any]:
    """One source's sums as plain data."""
    facts = {"file": writable(report.file), **tally_facts(report.tally), "broken": report.broken}
    if facts["largest"] is not None:
        facts["largest"]["line"] = report.line_of_largest
    return facts


def tally_facts(tally: Tally) -> dict[str, Any]:
    """Sums as plain data."""
    problems: dict[str, dict[str, int]] = {}
    for (code, severity), number in sorted(tally.counts.items()):
        problems.setdefault(code, {})[severity.value] = number
    largest = None
    if tally.largest_index is not None:
        largest = {"index": tally.largest_index, "offset": tally.largest_offset, "lines": tally.largest_lines}
    return {
        "orders": tally.orders,
        "lines": tally.lines,
        "rows": tally.rows,
        "faulty": tally.faulty,
        "unreadable": tally.unreadable,
        "types": {
            writable(name): {"orders": group.orders, "lines": group.lines, "rows": group.rows}
            for name, group in sorted(tally.groups.items())
        },
        **_other_types(tally),
        "largest": largest,
        "problems": problems,
        **severities(tally),
    }


def _other_types(tally: Tally) -> dict[str, dict[str, int]]:
    """The sums of all types beyond those that are told one by one; nothing where there are none."""
    other = tally.other_groups
    return {"other_types": {"orders": other.orders, "lines": other.lines, "rows": other.rows}} if other.orders else {}


def severities(tally: Tally) -> dict[str, int]:
    """`errors`, `warnings` and `notes`."""
    return {f"{wanted.value}s": _with(tally, wanted) for wanted in Severity}


def _with(tally: Tally, wanted: Severity) -> int:
    return sum(number for (_, severity), number in tally.counts.items() if severity is wanted)


def limit_facts(limits: Limits) -> dict[str, Any]:
    """The limits in force as plain data."""
    return {
        "max_lines": limits.max_lines,
        "max_rows": limits.max_rows,
        "max_bytes": limits.max_bytes,
        "max_orders": limits.max_orders,
        "headroom": limits.headroom,
    }


def total_of(tallies: Iterable[Tally]) -> Tally:
    """The sums of several sources; the largest order of all has no index, since each source counts from 0."""
    total = Tally()
    for tally in tallies:
        total.orders += tally.orders
        total.faulty += tally.faulty
        total.unreadable += tally.unreadable
        total.largest_lines = max(total.largest_lines, tally.largest_lines)
        total.counts.update(tally.counts)
        total.lines_per_order.update(tally.lines_per_order)
        for name, group in tally.groups.items():
            total.add_group(name, group)
        total.add_group(None, tally.other_groups)
    return total


def write_summary(out: TextIO, reports: Sequence[Report], member: str | None, measure: str) -> None:
    """The tables. `member` is what the orders are grouped by, `measure` what their sizes are told in."""
    total = total_of(report.tally for report in reports)
    rows = [["input", "orders", "lines", measure, "faulty", "errors", "warnings"]]
    rows += [_row(clean(report.file, 60), report.tally) for report in reports]
    if len(reports) > 1:
        rows.append(_row("total", total))
    out.write(table(rows, right=range(1, 7)))
    if member is not None and total.orders:
        out.write("\n" + groups_table(total, member, measure))
    _write_largest(out, reports)


def _row(name: str, tally: Tally) -> list[str]:
    sums = severities(tally)
    numbers = (tally.orders, tally.lines, tally.rows, tally.faulty, sums["errors"], sums["warnings"])
    return [name, *(f"{number:,}" for number in numbers)]


def groups_table(tally: Tally, member: str, measure: str) -> str:
    """Orders, lines and rows of each group, the largest groups first."""
    rows = [[member, "orders", "lines", measure]]
    ranked = sorted(tally.groups.items(), key=lambda item: (-item[1].orders, item[0]))
    for name, group in ranked[:_MOST_GROUPS]:
        rows.append([clean(name, 40) or "(none)", f"{group.orders:,}", f"{group.lines:,}", f"{group.rows:,}"])
    least = "at least " if tally.other_groups.orders else ""
    more = f"  ... and {least}{len(ranked) - _MOST_GROUPS:,} more\n" if len(ranked) > _MOST_GROUPS else ""
    return table(rows, right=(1, 2, 3)) + more


def _write_largest(out: TextIO, reports: Sequence[Report]) -> None:
    some = [report for report in reports if report.tally.largest_index is not None]
    if not some:
        return
    report = max(some, key=lambda each: each.tally.largest_lines)
    at = f"{clean(report.file, 200)}:{report.line_of_largest}" if report.line_of_largest else clean(report.file, 200)
    tally = report.tally
    lines = f"{tally.largest_lines:,} line{'' if tally.largest_lines == 1 else 's'}"
    out.write(f"\n  largest order: {lines}, order {tally.largest_index} at {at}\n")
