"""`sobatch cancel`: stop a run and tell the truth about what was created."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sobatch.cli import options
from sobatch.errors import UsageError
from sobatch.show.human import agreed, say
from sobatch.show.result import Result
from sobatch.work.bench import Look, Services
from sobatch.work.given import given

if TYPE_CHECKING:
    from sobatch.lifecycle.told.lookup import NotHere

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Stop a job that belongs to no run here without being asked.")]


def command(
    run: options.RunId = None,
    timeout: options.Timeout = None,
    poll_interval: options.PollInterval = None,
    yes: Yes = False,
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
    """Stop a run, and say what was created until then.

    \b
    Examples:
      sobatch cancel
      sobatch cancel 20261121-0831 --timeout 10m
      sobatch cancel 7b1e0b52-6c0f-4f5d-9f43-2c1a55d0a001 --yes

    Nothing more is sent, and remote work is asked to stop. Nothing is undone: pages of orders that the ERP saved stay.
    The rest is written to a file ready to submit. A remote id that no run here has stops just that job, once confirmed.
    """
    from sobatch.lifecycle.told.lookup import NotHere

    settings = {"timeout": timeout, "poll_interval": poll_interval, "base_url": base_url, "company_id": company_id}
    where = {"state_dir": state_dir, "profile": profile, "config": config, "sandbox": sandbox, "erp": erp, "set": set}
    services = Services(given({**settings, **where}), Look(progress, color, quiet))
    services.signals.arm(services.profile.timeout)
    try:
        return _of_a_run(services, run)
    except NotHere as unknown:
        return _of_a_job(services, unknown, yes)


def _of_a_run(services: Services, run: str | None) -> Result:
    from sobatch.lifecycle.cancel import cancel
    from sobatch.show.prose.runs import write_run
    from sobatch.work.runs import found_run, require_same_target, told_of

    watcher = services.watcher()
    try:
        found, services = found_run(services, run)
        with services.session(watcher) as session:
            if found.state == "open":
                require_same_target(services, found)
            code = cancel(session, found, services.pace)
            facts = told_of(services, session.journal, found.id)
    finally:
        watcher.close()
    return Result(
        "cancel",
        facts=lambda: facts,
        text=lambda out: write_run(out, facts, services.out_style),
        exit_code=lambda: 8 if code is None else code,
    )


def _of_a_job(services: Services, unknown: NotHere, yes: bool) -> Result:
    """Stop a job that this journal has no run of: somebody else's, for all that is known here."""
    from sobatch.show.prose.runs import write_job
    from sobatch.work import remote

    job = remote.asked(services, unknown)
    if job.over:
        say(sys.stderr, f"{job.remote_id} has ended: there is nothing to cancel.")
        code = 0
    else:
        _confirm(job.remote_id, str(services.profile.base_url), yes)
        job = remote.cancelled(job, unknown)
        code = job.exit_code()
    facts = job.facts()
    return Result("cancel", lambda: facts, lambda out: write_job(out, facts, services.out_style), lambda: code)


def _confirm(remote_id: str, address: str, yes: bool) -> None:
    """Raises `UsageError` unless a person agreed, there or by a flag."""
    if yes:
        return
    if not (sys.stdin is not None and sys.stdin.isatty()):
        raise UsageError(
            f"{remote_id} belongs to no run of this journal: stopping it needs a confirmation",
            next_step=f"sobatch cancel {remote_id} --yes",
        )
    if not agreed(sys.stderr, sys.stdin, f"{remote_id} at {address} belongs to no run of this journal. Stop it?"):
        raise UsageError("not confirmed; nothing was changed", next_step=f"sobatch status {remote_id}")
