"""`sobatch resolve`: the operator decides about a part whose outcome is unknown."""

from __future__ import annotations

import getpass
import sys
import time
from typing import TYPE_CHECKING, Annotated, Optional, TextIO

import typer

from sobatch.cli import options
from sobatch.errors import UsageError
from sobatch.show.human import ask
from sobatch.show.result import Result
from sobatch.work.bench import Look, Services
from sobatch.work.given import given

if TYPE_CHECKING:
    from sobatch.lifecycle.resolve import Decision, Stake

Run = Annotated[
    Optional[str],  # noqa: UP045
    typer.Argument(help="The run, or the beginning of its id.", show_default=False),
]
Part = Annotated[
    Optional[int],  # noqa: UP045
    typer.Argument(help="The number of the part.", show_default=False),
]
Accepted = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--accepted", metavar="ID", help="The ERP has it, under this remote id."),
]
NotReceived = Annotated[
    bool, typer.Option("--not-received", help="The ERP never got it: the next submit sends it AGAIN.")
]
Abandon = Annotated[bool, typer.Option("--abandon", help="Nobody will ever know; its orders stay unknown.")]
Restored = Annotated[
    bool,
    typer.Option("--journal-restored", help="The journal is a copy; what it may lack of open runs becomes unknown."),
]
Confirm = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--confirm", metavar="SHA8", help="The first eight of the part's digest, instead of typing them."),
]


def command(
    run: Run = None,
    part: Part = None,
    accepted: Accepted = None,
    not_received: NotReceived = False,
    abandon: Abandon = False,
    journal_restored: Restored = False,
    confirm: Confirm = None,
    sandbox: options.Sandbox = False,
    profile: options.ProfileName = None,
    config: options.ConfigFile = None,
    erp: options.Erp = None,
    set: options.Set = None,
    base_url: options.BaseUrl = None,
    company_id: options.CompanyId = None,
    state_dir: options.StateDir = None,
    output: options.Output = options.Format.TEXT,
    color: options.Color = options.Colour.AUTO,
) -> Result:
    """Decide about a part whose fate is unknown.

    \b
    Examples:
      sobatch status --remote
      sobatch resolve 20261121-0831 3 --accepted 7b1e0b52-6c0f-4f5d-9f43-2c1a55d0a001
      sobatch resolve 20261121-0831 3 --not-received --confirm 9f2c01ab

    It was sent and never acknowledged, and sobatch never sends such a part again by itself. Look into the ERP first.
    A wrong --not-received ships orders twice; a wrong --accepted leaves them out, which shows.
    """
    from sobatch.lifecycle.events import silent
    from sobatch.lifecycle.resolve import Decision, decide, stake
    from sobatch.show.prose.runs import write_run
    from sobatch.work.runs import found_run, told_of

    settings = {"base_url": base_url, "company_id": company_id, "state_dir": state_dir, "profile": profile}
    services = Services(
        given({**settings, "config": config, "erp": erp, "set": set, "sandbox": sandbox}), Look(color=color)
    )
    decisions = sum((accepted is not None, not_received, abandon))
    if journal_restored and not decisions and run is None:
        return _restored(services)
    if decisions != 1 or journal_restored or run is None or part is None:
        raise UsageError(
            "exactly one decision about one part of a run is needed",
            next_step="RUN, PART and one of --accepted ID, --not-received, --abandon; or --journal-restored alone.",
        )
    decision = Decision(accepted, not_received, abandon)
    found, services = found_run(services, run)
    with services.session(silent) as session:
        at_stake = stake(session, found, part)
        with services.signals.may_end():
            _confirm(at_stake, decision, confirm)
        decide(session, at_stake, decision, _operator())
        facts = told_of(services, session.journal, found.id)
    return Result("resolve", lambda: facts, lambda out: write_run(out, facts, services.out_style))


def _restored(services: Services) -> Result:
    from sobatch.work.runs import accepted_as_restored

    facts = accepted_as_restored(services)

    def text(out: TextIO) -> None:
        parts = sum(len(numbers) for numbers in facts["doubted"].values())
        out.write(f"The journal lacked {facts['lacking']:,} sends and is accepted as it is. ")
        out.write(f"{parts:,} parts of {len(facts['doubted']):,} open runs are unknown now: sobatch status --list\n")
        for run in facts["runs_not_in_the_journal"]:
            out.write(f"Run {run} has a folder and is not in the journal: look into the ERP before sending its file.\n")

    return Result("resolve", lambda: facts, text)


def _operator() -> str:
    """Who decides, for the journal. In a container the user may be a number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "of no name"


def _confirm(at_stake: Stake, decision: Decision, given: str | None) -> None:
    """What is at stake, and the part's digest typed by a person (or given as a flag)."""
    wanted = at_stake.part.sha256[:8]
    if given is not None:
        if given != wanted:
            raise UsageError(f"--confirm {given} is not this part: its digest begins with {wanted}", next_step=_look())
        return
    if not (sys.stdin is not None and sys.stdin.isatty()):
        raise UsageError(
            f"this decision needs a confirmation: part {at_stake.part.number} has the digest {wanted}",
            next_step=f"Add --confirm {wanted} once you have looked into the ERP.",
        )
    if ask(sys.stderr, sys.stdin, _summary(at_stake, decision) + f"Type {wanted} to confirm: ") != wanted:
        raise UsageError("not confirmed; nothing was changed", next_step=_look())


def _look() -> str:
    return "Look at `sobatch status` once more."


def _summary(at_stake: Stake, decision: Decision) -> str:
    part, attempt, run = at_stake.part, at_stake.attempt, at_stake.run
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(attempt.started))
    consequence = (
        "its orders count as sent; the results are fetched from that id"
        if decision.accepted
        else "its orders without a verdict count as not created, in a file to submit: if the ERP does have them, "
        "sending that file ships and bills them twice"
        if decision.not_received and part.state in ("settled", "cancelled")
        else "its orders are sent AGAIN by the next submit: if the ERP does have them, they ship and are billed twice"
        if decision.not_received
        else "its orders without a verdict stay unknown for ever, and the run can be closed"
    )
    return (
        f"Part {part.number} of run {run.id}: {part.orders:,} orders, {part.rows:,} rows, type {part.group},\n"
        f"sent at {when} UTC to {run.address}, company {run.company or 'default'}; "
        f"{attempt.message or 'no answer was recorded'}.\nIf you go on, {consequence}.\n"
    )
