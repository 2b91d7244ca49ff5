"""A run as one value to be shown: its row, its parts, its ledger, and what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sobatch.core.order.setting import Mode, mode_of
from sobatch.core.read.source import typed
from sobatch.lifecycle.journal.asked import Sum
from sobatch.lifecycle.journal.ledger import Ledger
from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.journal.rows import OrderRow, PartRow, PartState, RunRow

_MOST_NUMBERS = 10
MOST_TOLD = 50
"""Parts told one by one; a run with more is told by state."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a person or a program wants to know of a run."""

    run: RunRow
    parts: list[PartRow]
    """All parts, up to fifty; of a run with more only those that have something to say, up to fifty."""
    sums: list[Sum]
    ledgers: dict[int, Ledger]
    ledger: Ledger
    numbers: list[str]
    next_steps: list[str]
    given: str

    def facts(self) -> dict[str, Any]:
        """The report as plain data."""
        run = self.run
        return {
            "run": run.id,
            "input": self.given,
            "begun_as": run.source,
            "erp": run.erp,
            "address": run.address,
            "company": run.company or None,
            "run_key": run.run_key or None,
            "created_at": run.created,
            "state": run.state,
            "cancelled": run.cancelled,
            "run_exit_code": run.exit_code,
            "orders": run.orders,
            "lines": run.lines,
            "rows": run.rows,
            "ledger": ledger_facts(self.ledger),
            "part_count": sum(each.parts for each in self.sums),
            "parts_by_state": [{name: getattr(each, name) for name in Sum.__slots__} for each in self.sums],
            "parts": [self._part(part) for part in self.parts],
            "first_order_numbers": self.numbers,
            "rejects_file": run.rejects,
            "remaining_file": run.remaining,
            "next": self.next_steps,
        }

    def _part(self, part: PartRow) -> dict[str, Any]:
        return {
            "part": part.number,
            "cut_from": part.parent,
            "group": part.group,
            "orders": part.orders,
            "lines": part.lines,
            "rows": part.rows,
            "bytes": part.size,
            "sha256": part.sha256,
            "state": part.state,
            "remote_id": part.remote_id,
            "remote_phase": part.phase,
            "processor_result": part.result,
            "processed": part.processed,
            "failed": part.failed,
            "adds_up": bool(part.adds_up),
            "message": part.message,
            "ledger": ledger_facts(self.ledgers[part.number]),
        }


def ledger_facts(ledger: Ledger) -> dict[str, Any]:
    """The counts by name, and whether they add up."""
    return {**{name: getattr(ledger, name) for name in Ledger.__slots__}, "adds_up": ledger.adds_up}


def report(journal: Journal, run: str, given: str | None = None, modes: Sequence[Mode] = ()) -> RunReport:
    """The report of a run as the journal has it now. `given` is what the file is called today, if the run's content
    was just found in it: the command that goes on has to name a file that is there, and the run's mode of `modes`."""
    row = journal.run(run)
    given = given or row.source
    sums = journal.sums(run)
    parts = _told(journal, run, sum(each.parts for each in sums))
    ledger = journal.ledger(run)
    numbers = journal.first_numbers(run, _MOST_NUMBERS) if ledger.created else []
    ledgers = {part.number: journal.ledger(run, part.number) for part in parts}
    mode = mode_of(modes, row.settings)
    steps = _next(journal, row, ledger, _again(row, ledger, given, mode.flags if mode is not None else ""))
    return RunReport(row, parts, sums, ledgers, ledger, numbers, steps, given)


def _told(journal: Journal, run: str, count: int) -> list[PartRow]:
    """The parts to be told one by one."""
    if count <= MOST_TOLD:
        return list(journal.each_part(run))
    found = journal.first_parts(run, (PartState.UNKNOWN, PartState.REFUSED), MOST_TOLD) + journal.in_doubt(run)
    nameless = journal.first_nameless(run)
    found += [] if nameless is None else [nameless]
    return sorted(found, key=lambda part: part.number)[:MOST_TOLD]


def _next(journal: Journal, run: RunRow, ledger: Ledger, again: str) -> list[str]:
    steps = list(_next_steps(journal, run, ledger, again))
    held = [part.number for part in journal.unsettled_ends(run.id)] if ledger.unknown and run.state == "closed" else []
    return [*_decide(run.id, held[0]), *steps] if held else steps


def _decide(run: str, part: int) -> Iterator[str]:
    yield f"sobatch status {run}   # looks again"
    yield f"sobatch resolve {run} {part}   # with --accepted ID, --not-received or --abandon"


def _next_steps(journal: Journal, run: RunRow, ledger: Ledger, again: str) -> Iterator[str]:
    unknown, nameless = journal.next_part(run.id, PartState.UNKNOWN), journal.first_nameless(run.id)
    part = unknown or nameless or journal.next_part(run.id, PartState.FINISHED)
    if part is not None:
        yield from _decide(run.id, part.number)
        return
    if run.state == "open":
        planned = journal.next_part(run.id, PartState.PLANNED)
        yield again if planned else f"sobatch status {run.id}"
    if ledger.rejected or ledger.set_aside:
        yield f"sobatch results {run.id}   # why each order was rejected, and where it stands"
    if run.rejects:
        yield f"{typed('sobatch submit', [run.rejects])}   # once you have mended it"
    if run.remaining:
        yield f"{typed('sobatch submit', [run.remaining])}   # the orders that were not created"
    if run.state == "closed" and not (ledger.rejected or ledger.set_aside or run.remaining):
        yield f"sobatch results --type created {run.id}   # the new order numbers"


def _again(run: RunRow, ledger: Ledger, given: str, flags: str) -> str:
    """The command that goes on with a run: what makes it the same run, and what its orders need to pass the check."""
    words = []
    if run.run_key:
        words.append(f"--run-key {shlex.quote(run.run_key)}")
    if flags:
        words.append(flags)
    if ledger.set_aside:
        words.append("--set-aside-invalid")
    return f"{typed('sobatch submit', [given], *words)}   # goes on with run {run.id}"


def outcome_facts(run: RunRow, order: OrderRow) -> dict[str, Any]:
    """One order's verdict as plain data, with its place in the user's own file."""
    return {
        "file": run.source,
        "index": order.idx,
        "offset": order.offset,
        "line": order.line,
        "column": order.col,
        "pointer": f"/{order.idx}",
        "state": order.state,
        "part": order.part,
        "order_number": order.remote_number,
        "own_number": order.number,
        "external_id": order.external,
        "reference": order.reference,
        "one_of_equal_orders": order.twins is not None,
        "messages": order.messages,
    }
