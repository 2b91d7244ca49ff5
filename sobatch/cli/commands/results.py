"""`sobatch results`: what became of every order, with its place in the user's own file."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from sobatch.cli import options
from sobatch.show.result import Result
from sobatch.work.bench import Look, Services
from sobatch.work.given import given

if TYPE_CHECKING:
    from sobatch.lifecycle.told.lookup import NotHere


class Which(StrEnum):
    """Which orders to tell of."""

    FAILED = "failed"
    CREATED = "created"
    ALL = "all"


_STATES = {
    Which.FAILED: ("rejected", "set_aside", "not_created", "incomplete", "unknown"),
    Which.CREATED: ("created",),
    Which.ALL: (),
}
Type = Annotated[Which, typer.Option("--type", help="Which orders to tell of.")]
Offline = Annotated[bool, typer.Option("--offline", help="Read the journal only; ask the ERP nothing.")]


def command(
    run: options.RunId = None,
    which: Type = Which.FAILED,
    offline: Offline = False,
    sandbox: options.Sandbox = False,
    profile: options.ProfileName = None,
    config: options.ConfigFile = None,
    erp: options.Erp = None,
    set: options.Set = None,
    base_url: options.BaseUrl = None,
    company_id: options.CompanyId = None,
    state_dir: options.StateDir = None,
    output: options.Output = options.Format.TEXT,
    progress: options.Progress = options.ProgressMode.AUTO,
    color: options.Color = options.Colour.AUTO,
    quiet: options.Quiet = False,
) -> Result:
    """Show what became of every order.

    \b
    Examples:
      sobatch results
      sobatch results --type created --output ndjson > numbers.ndjson
      sobatch results 20261121-0831 --type all --output json
      sobatch results | head -1

    Why each was rejected, with the place in your own file; or the number it was created under.
    """
    settings = {"base_url": base_url, "company_id": company_id, "state_dir": state_dir, "profile": profile}
    services = Services(
        given({**settings, "config": config, "erp": erp, "set": set, "sandbox": sandbox}), Look(progress, color, quiet)
    )
    from sobatch.lifecycle.told.lookup import NotHere

    try:
        return _Results(services, run, which, offline).result()
    except NotHere as unknown:
        if offline:
            raise
        return _of_a_job(services, unknown, which)


def _of_a_job(services: Services, unknown: NotHere, which: Which) -> Result:
    """What the ERP tells of a job that this journal has no run of."""
    from sobatch.show.prose.runs import write_job, write_job_outcomes
    from sobatch.work import remote

    job = remote.asked(services, unknown)
    facts = job.facts()
    kinds = ("failed", "created") if which is Which.ALL else (which.value,)

    def text(out: TextIO) -> None:
        if not write_job_outcomes(out, remote.outcomes(job, kinds)) and job.over:
            out.write(f"{job.remote_id} has no {which} orders.\n")
        write_job(out, facts, services.out_style)

    outcomes = partial(remote.outcomes, job, kinds)
    return Result("results", lambda: facts, text, items_name="outcomes", items=outcomes)


class _Results:
    """Streams outcomes from the journal, so that a million of them cost no memory."""

    def __init__(self, services: Services, wanted: str | None, which: Which, offline: bool) -> None:
        from sobatch.work.runs import bring_up_to_date, found_run, told_of

        self._states = _STATES[which]
        self._which = which
        watcher = services.watcher()
        try:
            found, services = found_run(services, wanted)
            self._services = services
            with services.journal() as journal:
                if not offline:
                    bring_up_to_date(services, found, watcher)
                self._run = journal.run(found.id)
                self._told = told_of(services, journal, found.id)
        finally:
            watcher.close()

    def result(self) -> Result:
        """The answer, read from the journal as it is written."""
        facts = {
            "run": self._run.id,
            "state": self._run.state,
            "ledger": self._told["ledger"],
            "open_parts": self._open(),
            "open_by_state": self._open_by_state(),
            "rejects_file": self._run.rejects,
            "remaining_file": self._run.remaining,
            "next": self._next(),
        }
        return Result("results", lambda: facts, self._text, items_name="outcomes", items=self._outcomes)

    def _open(self) -> list[dict[str, Any]]:
        """The parts of an open run whose outcomes are still to come, or unknown."""
        names = ("part", "state", "remote_phase", "remote_id")
        found = []
        for part in self._told["parts"] if self._run.state != "closed" else ():
            orders = part["ledger"]["pending"] + part["ledger"]["unknown"]
            if orders:
                found.append({**{name: part[name] for name in names}, "orders": orders})
        return found

    def _open_by_state(self) -> list[dict[str, Any]]:
        """The same of a run with more parts than are told one by one, by state."""
        if self._run.state == "closed" or self._told["part_count"] == len(self._told["parts"]):
            return []
        ended = ("settled", "refused", "cancelled")
        return [each for each in self._told["parts_by_state"] if each["state"] not in ended]

    def _next(self) -> list[str]:
        """What to do next, besides asking the same again."""
        return [step for step in self._told["next"] if not step.startswith("sobatch results ")]

    def _outcomes(self) -> Iterator[dict[str, Any]]:
        from sobatch.lifecycle.told.report import outcome_facts

        with self._services.journal() as journal:
            for order in journal.orders(self._run.id, None, self._states):
                yield outcome_facts(self._run, order)

    def _text(self, out: TextIO) -> None:
        from sobatch.show.prose.runs import ledger_line, open_line, write_next, write_outcomes

        total = write_outcomes(out, self._outcomes())
        style = self._services.out_style
        if not total:
            out.write(
                f"Run {self._run.id} has no {self._which} orders{'' if self._run.state == 'closed' else ' yet'}.\n"
            )
        out.write(f"{style.bold('Ledger')}: {ledger_line(self._told['ledger'])}\n")
        if self._run.state != "closed":
            out.write(f"{style.bold('Still open')}: {open_line(self._open_by_state() or self._open())}\n")
        write_next(out, self._next(), style)
