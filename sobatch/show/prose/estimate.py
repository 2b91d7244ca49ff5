"""The answer of `estimate-rows`: sums, parts per mode, and a histogram of lines per order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from sobatch.core.check.sources import writable
from sobatch.core.check.tally import Tally
from sobatch.core.cut.estimate import Estimate, Plan
from sobatch.core.order.setting import Mode
from sobatch.core.place.safetext import clean
from sobatch.core.read.source import typed
from sobatch.show.human import Style, count, table
from sobatch.show.prose.problems import write_one
from sobatch.show.prose.summary import groups_table, limit_facts, tally_facts, total_of

_BAR = 40
_EDGES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
_SUMS = ("orders", "lines", "rows", "unreadable", "types", "other_types", "largest")


@dataclass(frozen=True, slots=True)
class Measured:
    """How the sizes are told: in what, and where these are requests, how many a second at most (0: any number)."""

    measure: str
    per_second: float = 0.0

    def seconds(self, requests: int) -> float | None:
        """The least time that so many requests take, None where nothing bounds it."""
        return requests / self.per_second if self.per_second else None


def estimate_facts(estimates: Sequence[Estimate], modes: Sequence[Mode], told: Measured) -> dict[str, Any]:
    """Everything as plain data. `measure` is there where the rows are something else."""
    total = _sums(total_of(each.tally for each in estimates))
    total.pop("largest")
    requests = total_of(each.tally for each in estimates).rows
    measure = {"measure": told.measure, "seconds_at_least": told.seconds(requests)}
    return {
        **({} if told.measure == "rows" else measure),
        "files": [_facts(each, modes) for each in estimates],
        "total": {**total, "plans": [_total_plan(estimates, at, mode) for at, mode in enumerate(modes)]},
    }


def _facts(estimate: Estimate, modes: Sequence[Mode]) -> dict[str, Any]:
    return {
        "file": writable(estimate.file),
        **_sums(estimate.tally),
        "plans": [_plan_facts(plan, mode) for plan, mode in zip(estimate.plans, modes, strict=True)],
        "lines_per_order": {str(lines): number for lines, number in sorted(estimate.tally.lines_per_order.items())},
        "broken": [placed.facts() for placed in estimate.broken],
    }


def _sums(tally: Tally) -> dict[str, Any]:
    facts = tally_facts(tally)
    if facts["largest"] is not None:
        del facts["largest"]["offset"]
    return {name: facts[name] for name in _SUMS if name in facts}


def _plan_facts(plan: Plan, mode: Mode) -> dict[str, Any]:
    return {
        **mode.settings,
        "parts": plan.parts,
        "parts_by_type": {writable(name): parts for name, parts in sorted(plan.groups.items())},
        "too_large": plan.too_large,
        "first_too_large": plan.first_too_large,
        "limits": limit_facts(plan.limits),
    }


def _total_plan(estimates: Sequence[Estimate], at: int, mode: Mode) -> dict[str, Any]:
    plans = [each.plans[at] for each in estimates]
    parts, too_large = sum(plan.parts for plan in plans), sum(plan.too_large for plan in plans)
    return {**mode.settings, "parts": parts, "too_large": too_large}


def write_estimates(
    out: TextIO,
    estimates: Sequence[Estimate],
    modes: Sequence[Mode],
    told: Measured,
    member: str | None,
    flags: str,
    style: Style,
) -> None:
    """Everything as prose, in the ERP's own measure, the parts last. `flags` keep the next command with the ERP."""
    measure = told.measure
    for each in estimates:
        for placed in each.broken:
            write_one(out, placed, style)
            out.write("\n")
    rows = [["input", "orders", "lines", measure]]
    rows += [_row(clean(each.file, 60), each.tally) for each in estimates]
    total = total_of(each.tally for each in estimates)
    if len(estimates) > 1:
        rows.append(_row("total", total))
    out.write(table(rows, right=(1, 2, 3)))
    if total.orders:
        limits = [plan.limits.max_lines for plan in estimates[0].plans]
        groups = "\n" + groups_table(total, member, measure) if member is not None else ""
        out.write(groups + "\n" + histogram(total, [each for each in limits if each]))
    out.write("\n")
    for at, mode in enumerate(modes if measure == "rows" else ()):
        _write_plan(out, estimates, at, mode, style)
    if measure != "rows":
        _write_requests(out, total, told, style)
    if any(each.broken for each in estimates):
        out.write(f"\n{style.red('incomplete')}: text that cannot be read was not counted\n")
    names = [clean(each.file, 1000) for each in estimates[:3]]
    out.write(f"\nNext:\n  {typed(f'sobatch validate{flags}', names)}\n")


def _row(name: str, tally: Tally) -> list[str]:
    return [name, f"{tally.orders:,}", f"{tally.lines:,}", f"{tally.rows:,}"]


def _write_plan(out: TextIO, estimates: Sequence[Estimate], at: int, mode: Mode, style: Style) -> None:
    plans = [each.plans[at] for each in estimates]
    limits = plans[0].limits
    held = f"of at most {limits.packed_rows:,} rows" if limits.packed_rows is not None else "of any size"
    if limits.max_rows and limits.headroom:
        held += f", {limits.headroom * 100:.3g} % of {limits.max_rows:,} kept free"
    parts = count(sum(plan.parts for plan in plans), "part")
    title = f"{mode.title + ':':<17}" if mode.title else ""
    out.write(f"  {title}{style.bold(parts)} {held}\n")
    too_large = sum(plan.too_large for plan in plans)
    if too_large:
        first = next(each for each in estimates if each.plans[at].too_large)
        budgets = ((limits.max_lines, "line"), (limits.max_rows, "row"))
        bounds = " or ".join(count(bound, what) for bound, what in budgets if bound is not None)
        out.write(
            f"    {style.yellow('left out')}: {count(too_large, 'order has', 'orders have')} more than {bounds}, "
            f"first order {first.plans[at].first_too_large} of {clean(first.file, 200)}\n"
        )


def _write_requests(out: TextIO, total: Tally, told: Measured, style: Style) -> None:
    seconds = told.seconds(total.rows)
    pace = "" if seconds is None else f"; at {told.per_second:g} a second it takes {_time(seconds)} or more"
    out.write(f"  {style.bold(count(total.rows, told.measure.removesuffix('s')))}, one order at a time{pace}\n")


def _time(seconds: float) -> str:
    minutes = seconds / 60
    return f"{seconds:.3g} s" if minutes < 2 else f"{minutes:.3g} min" if minutes < 120 else f"{minutes / 60:.3g} h"


def histogram(tally: Tally, limits: Sequence[int]) -> str:
    """Orders by their number of lines; the limits are edges of the steps."""
    edges = sorted({*_EDGES, *limits})
    steps = [0] * (len(edges) + 1)
    for lines, number in tally.lines_per_order.items():
        steps[bisect_left(edges, lines)] += number
    used = [at for at, number in enumerate(steps) if number]
    most = max(steps)
    rows = [["lines", "orders", ""]]
    for at in range(used[0], used[-1] + 1):
        bar = "#" * max(round(_BAR * steps[at] / most), 1 if steps[at] else 0)
        rows.append([_step(edges, at), f"{steps[at]:,}", bar])
    return table(rows, right=(0, 1))


def _step(edges: Sequence[int], at: int) -> str:
    if at == len(edges):
        return f"over {edges[-1]:,}"
    least = edges[at - 1] + 1 if at else 0
    return f"{edges[at]:,}" if least >= edges[at] else f"{least:,}-{edges[at]:,}"
