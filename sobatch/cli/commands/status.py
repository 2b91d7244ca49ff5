"""`sobatch status`: how far a run is; past runs; the ERP's own list."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Optional, TextIO

import typer

from sobatch.cli import options
from sobatch.errors import UsageError
from sobatch.show.human import agreed
from sobatch.show.result import Result
from sobatch.work.bench import Look, Services
from sobatch.work.given import given, seconds

if TYPE_CHECKING:
    from sobatch.lifecycle.told.lookup import NotHere

ListRuns = Annotated[bool, typer.Option("--list", help="Show past runs.")]
Remote = Annotated[bool, typer.Option("--remote", help="Show the ERP's own list of jobs.")]
Since = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--since", help="With --list or --remote: only what began so long ago at most (90m, 24h, 30d)."),
]
_FILTERS = "Filters of the ERP's list, with --remote"
Controller = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--controller", help="Only jobs of this controller, as the list shows it.", rich_help_panel=_FILTERS),
]
Method = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--method", help="Only jobs of this method, such as POST.", rich_help_panel=_FILTERS),
]
TimeFrom = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--time-from", help="Only jobs from this moment on (2026-11-24T08:00:00Z).", rich_help_panel=_FILTERS),
]
TimeWindow = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--time-window", help="Only jobs of so long a time (2h, or 02:00:00).", rich_help_panel=_FILTERS),
]
JobStatus = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--status", help="Only jobs of this phase (running, failed, or the ERP's own letter).", rich_help_panel=_FILTERS
    ),
]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="End with the run's own exit code (8 while it is open).")]
Refresh = Annotated[
    bool, typer.Option("--refresh", help="Read the created orders back, one by one: how each stands at the ERP today.")
]
Offline = Annotated[bool, typer.Option("--offline", help="Read the journal only; ask the ERP nothing.")]
Prune = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--prune",
        help="Forget closed runs older than this (400d); never one with rejects, doubts or more to do.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="With --prune: do not ask.")]
Export = Annotated[bool, typer.Option("--export", help="Write the run's journal as JSON lines.")]


def command(
    run: options.RunId = None,
    list_runs: ListRuns = False,
    remote: Remote = False,
    since: Since = None,
    controller: Controller = None,
    method: Method = None,
    time_from: TimeFrom = None,
    time_window: TimeWindow = None,
    status: JobStatus = None,
    exit_code: ExitCode = False,
    offline: Offline = False,
    refresh: Refresh = False,
    prune: Prune = None,
    yes: Yes = False,
    export: Export = False,
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
    """Show how far a run is.

    \b
    Examples:
      sobatch status
      sobatch status 20261121-0831 --output json
      sobatch status --list
      sobatch status --remote --since 24h --status failed
      sobatch status --exit-code --quiet && echo "all orders are in"

    Asks the ERP once. Shows past runs with --list, and the ERP's own list of jobs with --remote.
    """
    settings = {"base_url": base_url, "company_id": company_id, "state_dir": state_dir, "profile": profile}
    services = Services(
        given({**settings, "config": config, "erp": erp, "set": set, "sandbox": sandbox}), Look(progress, color, quiet)
    )
    begin = 0.0 if since is None else time.time() - seconds(since)
    times = {"time_from": time_from, "time_window": time_window}
    filters = _filters(remote, since, {"controller": controller, "method": method, **times, "status": status})
    if remote:
        return _remote(services, filters)
    if list_runs:
        return _list(services, begin)
    if since is not None:
        raise UsageError("--since belongs to --list or --remote", next_step="sobatch status --list --since 24h")
    if prune is not None:
        return _prune(services, seconds(prune), yes=yes)
    if export:
        return _export(services, run)
    return _one(services, run, exit_code, offline, refresh)


def _filters(remote: bool, since: str | None, asked: Mapping[str, str | None]) -> dict[str, str]:
    """The filters that were given. Raises `UsageError` where there is no list to filter, or two beginnings."""
    filters = {name: text for name, text in asked.items() if text is not None}
    flags = ", ".join(f"--{name.replace('_', '-')}" for name in filters)
    if filters and not remote:
        raise UsageError(f"{flags} belongs to --remote", next_step="sobatch status --remote --status failed")
    if since is not None and "time_from" in filters:
        raise UsageError("--since and --time-from both say where to begin", next_step="Give one of them.")
    if since is not None:
        filters["time_from"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds(since)))
    return filters


def _one(services: Services, wanted: str | None, exit_code: bool, offline: bool, refresh: bool) -> Result:
    from sobatch.lifecycle.told.lookup import NotHere
    from sobatch.show.prose.runs import write_run
    from sobatch.work.runs import bring_up_to_date, code_of_run, found_run, read_back, told_of

    watcher = services.watcher()
    try:
        try:
            found, services = found_run(services, wanted)
        except NotHere as unknown:
            if offline:
                raise
            return _remote_one(services, unknown, exit_code)
        with services.journal() as journal:
            if not offline:
                bring_up_to_date(services, found, watcher)
            seen = {"refreshed": read_back(services, found, watcher)} if refresh else {}
            facts = {**told_of(services, journal, found.id), **seen}
    finally:
        watcher.close()
    return Result(
        "status",
        facts=lambda: facts,
        text=lambda out: write_run(out, facts, services.out_style),
        exit_code=lambda: code_of_run(facts) if exit_code else 0,
    )


def _remote_one(services: Services, unknown: NotHere, exit_code: bool) -> Result:
    from sobatch.show.prose.runs import write_job
    from sobatch.work import remote

    job = remote.asked(services, unknown)
    facts = job.facts()
    return Result(
        "status",
        facts=lambda: facts,
        text=lambda out: write_job(out, facts, services.out_style),
        exit_code=lambda: job.exit_code() if exit_code else 0,
    )


def _list(services: Services, begin: float) -> Result:
    from sobatch.show.prose.runs import write_run_list
    from sobatch.work.runs import told_of

    with services.journal() as journal:
        rows = [told_of(services, journal, run.id) for run in journal.runs() if run.created >= begin]
    return Result("status", dict, lambda out: write_run_list(out, rows), items_name="runs", items=lambda: rows)


def _remote(services: Services, filters: Mapping[str, str]) -> Result:
    from sobatch.show.prose.runs import write_jobs

    with services.target() as target, services.journal() as journal:
        rows = [
            {
                "remote_id": job.remote_id,
                "phase": job.status.phase,
                "processor_result": job.status.result,
                "processed": job.status.processed,
                "failed": job.status.failed,
                "created": job.created,
                "run": next(iter(journal.runs_with(job.remote_id)), None),
            }
            for job in target.jobs(filters)
        ]
    return Result("status", dict, lambda out: write_jobs(out, rows), items_name="jobs", items=lambda: rows)


def _prune(services: Services, age: float, *, yes: bool) -> Result:
    from sobatch.lifecycle.told.prune import prunable, prune

    with services.journal() as journal:
        found = prunable(journal, time.time() - age)
        kept = [{"run": run.id, "why": why} for run, why in found.keep]
        if found.forget and not yes:
            _confirm_pruning([run.id for run in found.forget], kept)
        forgotten = prune(journal, services.state, found.forget)

    def text(out: TextIO) -> None:
        out.write(f"Forgot {len(forgotten)} runs.\n" if len(forgotten) != 1 else f"Forgot run {forgotten[0]}.\n")
        out.writelines(f"Kept run {each['run']}: {each['why']}.\n" for each in kept)

    return Result("status", lambda: {"forgotten": forgotten, "kept": kept}, text)


def _confirm_pruning(runs: list[str], kept: list[dict[str, str]]) -> None:
    """Show what would be forgotten, and ask; nobody who could be asked means no."""
    some = ", ".join(runs[:20]) + (f" and {len(runs) - 20:,} more" if len(runs) > 20 else "")
    preview = f"{len(runs):,} run{'s' if len(runs) != 1 else ''} would be forgotten ({some}), {len(kept):,} kept"
    if sys.stdin is not None and sys.stdin.isatty() and agreed(sys.stderr, sys.stdin, f"{preview}. Forget them?"):
        return
    raise UsageError(
        f"{preview}; nothing was forgotten",
        next_step="Add --yes to forget them.",
        facts={"would_forget": runs, "kept": kept},
    )


def _export(services: Services, wanted: str | None) -> Result:
    from sobatch.lifecycle.told.export import export
    from sobatch.show.envelope import write_line
    from sobatch.work.runs import found_run

    found, services = found_run(services, wanted)
    with services.journal() as journal:
        rows: list[dict[str, Any]] = list(export(journal, found))

    def text(out: TextIO) -> None:
        for row in rows:
            write_line(out, row)

    return Result("status", dict, text, items_name="rows", items=lambda: rows)
