"""`sobatch cancel`: stop a run and tell the truth about what was created."""

from __future__ import annotations

from sobatch.cli import options
from sobatch.show.result import Result
from sobatch.work.bench import Look, Services
from sobatch.work.given import given


def command(
    run: options.RunId = None,
    timeout: options.Timeout = None,
    poll_interval: options.PollInterval = None,
    sandbox: options.Sandbox = False,
    profile: options.ProfileName = None,
    config: options.ConfigFile = None,
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

    Nothing more is sent, and remote work is asked to stop. Nothing is undone: pages of orders that the ERP saved stay.
    The rest is written to a file ready to submit.
    """
    from sobatch.lifecycle.cancel import cancel
    from sobatch.show.prose.runs import write_run
    from sobatch.work.runs import found_run, require_same_target, told_of

    settings = {"timeout": timeout, "poll_interval": poll_interval, "base_url": base_url, "company_id": company_id}
    where = {"state_dir": state_dir, "profile": profile, "config": config, "sandbox": sandbox}
    services = Services(given({**settings, **where}), Look(progress, color, quiet))
    services.signals.install()
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
