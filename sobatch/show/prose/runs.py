"""Runs, ledgers and outcomes in prose, and the ERP's own jobs that belong to no run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from sobatch.core.place.safetext import clean
from sobatch.show.human import Style, count, table

_PLACES = ("set_aside", "not_created", "created", "incomplete", "rejected", "unknown")


def ledger_line(ledger: Mapping[str, Any]) -> str:
    """`read 12 = set aside 0 + ... (adds up)`; what is still pending is named only while there is some."""
    places = [f"{name.replace('_', ' ')} {ledger[name]:,}" for name in _PLACES]
    if ledger["pending"]:
        places.append(f"pending {ledger['pending']:,}")
    verdict = "adds up" if ledger["adds_up"] else "DOES NOT ADD UP"
    return f"read {ledger['read']:,} = {' + '.join(places)}   ({verdict})"


def open_line(parts: Iterable[Mapping[str, Any]]) -> str:
    """`1 part unknown (2 orders), 12 parts planned (1,200 orders)`: what has no outcome yet, by state. What is told by
    state already says how many `parts` it is."""
    sums: dict[str, tuple[int, int]] = {}
    for part in parts:
        number, orders = sums.get(part["state"], (0, 0))
        sums[part["state"]] = number + part.get("parts", 1), orders + part["orders"]
    told = [f"{count(number, 'part')} {state} ({count(orders, 'order')})" for state, (number, orders) in sums.items()]
    return ", ".join(told) or "only the end of the run itself"


def write_next(out: TextIO, steps: Iterable[str], style: Style) -> None:
    """The next commands, ready to paste."""
    for step in steps:
        out.write(f"{style.bold('next')}: {clean(step, 1000)}\n")


def write_run(out: TextIO, facts: Mapping[str, Any], style: Style) -> None:
    """A run: heading, parts, ledger, order numbers, next steps."""
    company = clean(facts["company"] or "the user's default company", 80)
    heading = f"Run {facts['run']} ({facts['state']}{', cancelled' if facts['cancelled'] else ''})"
    begun = "" if facts["begun_as"] == facts["input"] else f" (begun as {clean(facts['begun_as'], 200)})"
    where = f"{clean(facts['address'], 200)}, {company}"
    out.write(f"{style.bold(heading)}: {clean(facts['input'], 200)}{begun} -> {where}\n")
    if facts["run_key"]:
        out.write(f"  run key {clean(facts['run_key'], 80)}\n")
    if facts["part_count"] > len(facts["parts"]):
        _write_sums(out, facts)
    _write_parts(out, facts["parts"])
    out.write(f"{style.bold('Ledger')}: {ledger_line(facts['ledger'])}\n")
    _write_numbers(out, facts)
    if "refreshed" in facts:
        out.write(f"{style.bold('Read back')}: {_read_back(facts['refreshed'])}\n")
    write_next(out, facts["next"], style)


def _read_back(seen: Mapping[str, Any]) -> str:
    """How the created orders stand today, by the ERP's own words."""
    said = [f"{number:,} {clean(word, 60)}" for word, number in seen["states"].items()]
    for word in ("cancelled", "delivered", "gone"):
        if seen[word]:
            said.append(
                f"{seen[word]:,} {word}" + (f" ({clean(', '.join(seen['gone_ids']), 400)})" if word == "gone" else "")
            )
    return f"{count(seen['asked'], 'order')}" + (f": {', '.join(said)}" if said else "")


def _write_parts(out: TextIO, parts: list[Mapping[str, Any]]) -> None:
    rows = [["part", "type", "orders", "rows", "state", "created", "rejected", "remote id"]]
    for part in parts:
        ledger = part["ledger"]
        rows.append(
            [
                str(part["part"]),
                clean(part["group"], 24),
                f"{part['orders']:,}",
                f"{part['rows']:,}",
                _state(part),
                f"{ledger['created']:,}",
                f"{ledger['rejected']:,}",
                clean(part["remote_id"] or "-", 64),
            ]
        )
    if len(rows) > 1:
        out.write(table(rows, right=(0, 2, 3, 5, 6)))
    for part in parts:
        if part["message"]:
            out.write(f"  part {part['part']}: {clean(part['message'], 500)}\n")


def _write_sums(out: TextIO, facts: Mapping[str, Any]) -> None:
    rows = [["parts", "state", "orders", "rows"]]
    for each in facts["parts_by_state"]:
        rows.append([f"{each['parts']:,}", each["state"], f"{each['orders']:,}", f"{each['rows']:,}"])
    out.write(table(rows, right=(0, 2, 3)))
    if facts["parts"]:
        out.write("  Those that need a look:\n")


def _state(part: Mapping[str, Any]) -> str:
    """The part's own state; while the ERP works on it, what the ERP said of it last."""
    if part["state"] != "accepted" or not part["remote_phase"]:
        return str(part["state"])
    done = f", {part['processed']:,} done" if part["processed"] else ""
    return f"{clean(part['remote_phase'], 24)}{done}"


def _write_numbers(out: TextIO, facts: Mapping[str, Any]) -> None:
    numbers = [clean(number, 40) for number in facts["first_order_numbers"]]
    created = facts["ledger"]["created"]
    if numbers:
        more = f", ... ({count(created, 'order')} in all)" if created > len(numbers) else ""
        out.write(f"New order numbers: {', '.join(numbers)}{more}\n")


def write_run_list(out: TextIO, runs: Iterable[Mapping[str, Any]]) -> None:
    """Past runs, newest first."""
    rows = [["run", "when (UTC)", "state", "code", "orders", "created", "rejected", "unknown", "input"]]
    for run in runs:
        ledger = run["ledger"]
        rows.append(
            [
                run["run"],
                time.strftime("%Y-%m-%d %H:%M", time.gmtime(run["created_at"])),
                run["state"],
                "-" if run["run_exit_code"] is None else str(run["run_exit_code"]),
                f"{run['orders']:,}",
                f"{ledger['created']:,}",
                f"{ledger['rejected']:,}",
                f"{ledger['unknown']:,}",
                clean(run["input"], 60),
            ]
        )
    out.write(table(rows, right=(3, 4, 5, 6, 7), indent="") if len(rows) > 1 else "There are no runs yet.\n")


def write_outcomes(out: TextIO, outcomes: Iterable[Mapping[str, Any]]) -> int:
    """Outcomes as `file:line:column: state: why`; returns how many there were."""
    total = 0
    for outcome in outcomes:
        total += 1
        messages = outcome["messages"] or [{}]
        for message in messages:
            line = message.get("line", outcome["line"])
            column = message.get("column", outcome["column"])
            place = f"{clean(outcome['file'], 200)}:{line}:{column}"
            pointer = message.get("pointer", outcome["pointer"])
            out.write(f"{place}: {_verdict(outcome)} {clean(pointer, 200)}{_why(message, outcome)}\n")
    return total


def _verdict(outcome: Mapping[str, Any]) -> str:
    state = str(outcome["state"]).replace("_", " ")
    number = f" as {clean(outcome['order_number'], 40)}" if outcome["order_number"] else ""
    return f"{state}{number}"


def _why(message: Mapping[str, Any], outcome: Mapping[str, Any]) -> str:
    text = f": {clean(message['text'], 500)}" if message.get("text") else ""
    return text + (" (one of several equal orders)" if outcome["one_of_equal_orders"] else "")


def write_jobs(out: TextIO, jobs: Iterable[Mapping[str, Any]]) -> None:
    """The ERP's own list."""
    rows = [["remote id", "phase", "result", "processed", "failed", "created", "run"]]
    for job in jobs:
        rows.append([clean("-" if job[name] in (None, "") else str(job[name]), 64) for name in _JOB])
    out.write(table(rows, right=(3, 4), indent="") if len(rows) > 1 else "The ERP lists no jobs.\n")


_JOB = ("remote_id", "phase", "processor_result", "processed", "failed", "created", "run")


def write_job(out: TextIO, facts: Mapping[str, Any], style: Style) -> None:
    """One job that belongs to no run of this journal, and what to ask next."""
    result = f" ({clean(facts['processor_result'], 200)})" if facts["processor_result"] else ""
    heading = f"{clean(facts['remote_id'], 128)} at {clean(facts['address'], 200)}"
    out.write(f"{style.bold(heading)}: {facts['remote_phase']}{result}\n")
    counts = [f"{facts[name]:,} {name}" for name in ("processed", "failed") if facts[name] is not None]
    out.write(f"  {', '.join(counts) or 'no counts are told'}; this journal has no run of it\n")
    if facts["message"]:
        out.write(f"  {clean(facts['message'], 500)}\n")
    write_next(out, facts["next"], style)


def write_job_outcomes(out: TextIO, outcomes: Iterable[Mapping[str, Any]]) -> int:
    """Outcomes by the key that the ERP echoed, since there is no file to point at; returns how many there were."""
    total = 0
    for outcome in outcomes:
        total += 1
        key = next((outcome[name] for name in ("external_id", "reference") if outcome[name]), None)
        index = "?" if outcome["index"] is None else str(outcome["index"])
        number = f" as {clean(outcome['order_number'], 40)}" if outcome["order_number"] else ""
        for message in outcome["messages"] or [{"text": "", "pointer": ""}]:
            why = f": {clean(message['text'], 500)}" if message["text"] else ""
            where = f" {clean(message['pointer'], 200)}" if message["pointer"] else ""
            out.write(f"order {clean(key or index, 80)}: {outcome['state']}{number}{where}{why}\n")
    return total
