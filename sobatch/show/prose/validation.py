"""The answer of `validate` for people: the problems, the sums, and last the verdict with the next command."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, TextIO

from sobatch.core.check.sources import Placed, Report
from sobatch.core.order.spec import Spec
from sobatch.core.place.safetext import clean
from sobatch.core.read.source import typed
from sobatch.show.human import Style, count
from sobatch.show.prose.problems import Groups, counts_of, told, write_groups, write_one
from sobatch.show.prose.summary import severities, total_of, write_summary


def write_validation(
    out: TextIO,
    problems: Iterable[Placed],
    reports: Sequence[Report],
    *,
    style: Style,
    shown: int | None,
    spec: Spec,
    company: str,
    ignored: str,
    flags: str,
    again: str = "",
    written: Callable[[], Mapping[str, Any]],
) -> None:
    """Everything; consumes the problems. `shown` of each kind, or None for all of them as they come. `ignored` is the
    code of an order that names a company itself; `flags` are what the next command needs to be about the same ERP,
    `again` what another check needs besides."""
    groups = Groups(shown or 0)
    for placed in problems:
        if shown is None:
            write_one(out, placed, style)
            out.write("\n")
        else:
            groups.add(placed)
    write_groups(out, groups, counts_of(reports), style)
    write_summary(out, reports, spec.group_member, spec.measures.name)
    _write_company(out, reports, company, ignored, style)
    for name, fact in written().items():
        out.write(f"  {name} orders written: {count(fact['orders'], 'order')} to {clean(fact['file'], 1000)}\n")
    _write_verdict(out, reports, written(), (flags, again), style)


def _write_company(out: TextIO, reports: Sequence[Report], company: str, ignored: str, style: Style) -> None:
    told = sum(number for each in reports for (code, _), number in each.tally.counts.items() if code == ignored)
    if told and company:
        named = f"{count(told, 'order names', 'orders name')} a company, which the ERP ignores"
        out.write(f"  {style.yellow('note')}: {named}: all would go to {clean(company, 60)}\n")


def _write_verdict(
    out: TextIO, reports: Sequence[Report], written: Mapping[str, Any], flags: tuple[str, str], style: Style
) -> None:
    total = total_of(report.tally for report in reports)
    sums = severities(total)
    inputs = [clean(report.file, 1000) for report in reports[:20]]
    more = ["..."] if reports[20:] else []
    if not any(report.failed for report in reports):
        warned = f", {count(sums['warnings'], 'warning')}" if sums["warnings"] else ""
        out.write(f"\n{style.bold('ok')}: {count(total.orders, 'order')} can be sent{warned}. Next:\n")
        out.write(f"  {typed(f'sobatch submit{flags[0]}', inputs, *more)}\n")
        return
    extent = _extent(reports, total.orders, total.faulty)
    out.write(f"\n{style.red('not fit to send')}: {told(sums['errors'], sums['warnings'])}{extent}. Next:\n")
    out.write(f"  {_next(reports, inputs, more, written, flags)}\n")


def _extent(reports: Sequence[Report], orders: int, faulty: int) -> str:
    broken = sum(report.broken for report in reports)
    ends = f", {count(broken, 'input')} cannot be read to the end" if broken else ""
    return f" in {faulty:,} of {count(orders, 'order')}{ends}"


def _next(
    reports: Sequence[Report], inputs: list[str], more: list[str], written: Mapping[str, Any], flags: tuple[str, str]
) -> str:
    worst = [code for report in reports for code, severity in report.tally.counts if severity == "error"]
    broken = [code for code in worst if code.startswith("SO-0")]
    if broken:
        return f"sobatch explain {broken[0]}"
    if written.get("valid", {}).get("orders"):
        return typed(f"sobatch submit{flags[0]}", [clean(written["valid"]["file"], 1000)])
    if not written and any(report.tally.faulty < report.tally.orders for report in reports):
        stem = _stem(reports[0].file)
        options = [*more, f"--write-valid {stem}.valid.json", f"--write-invalid {stem}.invalid.json"]
        return typed(f"sobatch validate{''.join(flags)}", inputs, *options)
    return f"sobatch explain {worst[0]}" if worst else typed(f"sobatch validate{''.join(flags)}", inputs, *more)


def _stem(name: str) -> str:
    """What the files made from an input are called: the input's name up to its first dot."""
    return shlex.quote(clean(PurePath(name).name, 100).strip("-").split(".")[0] or "orders")
