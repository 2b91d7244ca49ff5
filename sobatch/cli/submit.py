"""`sobatch submit`: the main job."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Optional, TextIO

import typer

from sobatch.cli import options
from sobatch.cli.services import Look, Services
from sobatch.errors import AlreadySubmitted, InputError, SobatchError, UsageError, exit_code_of, worst
from sobatch.show.result import Result

RunKey = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--run-key", help="Declare a wanted repeat, such as 2026-W47.", rich_help_panel="Sending"),
]
SetAside = Annotated[
    bool,
    typer.Option(
        "--set-aside-invalid", help="Send the good orders, keep the bad ones back.", rich_help_panel="Sending"
    ),
]
AllowDuplicate = Annotated[
    bool,
    typer.Option("--allow-duplicate", help="Send content again that was submitted before.", rich_help_panel="Sending"),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and plan, send nothing.", rich_help_panel="Sending")]
InFlight = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--in-flight", min=1, help="Accepted but unfinished parts at a time.", rich_help_panel="Sending"),
]


def command(
    files: options.Files,
    company_id: options.CompanyId = None,
    run_key: RunKey = None,
    skip_workflow: options.SkipWorkflow = None,
    wait: options.Wait = True,
    dry_run: DryRun = False,
    set_aside_invalid: SetAside = False,
    allow_duplicate: AllowDuplicate = False,
    in_flight: InFlight = None,
    timeout: options.Timeout = None,
    poll_interval: options.PollInterval = None,
    yes: options.Yes = False,
    strict: options.Strict = False,
    ignore: options.Ignore = None,
    max_order_size: options.MaxOrderSize = None,
    sandbox: options.Sandbox = False,
    profile: options.ProfileName = None,
    config: options.ConfigFile = None,
    erp: options.Erp = None,
    base_url: options.BaseUrl = None,
    max_lines: options.MaxLines = None,
    max_rows: options.MaxRows = None,
    max_bytes: options.MaxBytes = None,
    max_orders: options.MaxOrders = None,
    headroom: options.Headroom = None,
    state_dir: options.StateDir = None,
    output: options.Output = options.Format.TEXT,
    progress: options.Progress = options.ProgressMode.AUTO,
    color: options.Color = options.Colour.AUTO,
    quiet: options.Quiet = False,
) -> Result:
    """Send a file of orders, and account for every one.

    The file is checked, cut into parts the ERP accepts, sent and followed; each outcome is brought home to its place.

    \b
    Examples:
      sobatch submit --sandbox orders.json
      sobatch submit orders.json --company-id EN
      sobatch submit orders.json --company-id EN --skip-workflow --no-wait
      zcat orders.json.gz | sobatch submit - --company-id EN --output json
      sobatch submit standing-orders.json --company-id EN --run-key 2026-W47

    Running the same command again is always safe: it goes on with what is left, or reports what was done.
    """
    services = Services(
        options.given(locals()),
        Look(progress, color, quiet),
    )
    sender = _Sender(services, run_key, wait, dry_run, set_aside_invalid, allow_duplicate, yes)
    outcomes = sender.send_all(files, strict, ignore or [], options.byte_size(max_order_size))
    if output is not options.Format.TEXT:
        _say_errors(outcomes, services)
    return Result(
        "submit",
        facts=lambda: {"runs": [outcome.facts for outcome in outcomes]},
        text=lambda out: _write(out, outcomes, services),
        exit_code=lambda: worst([outcome.code for outcome in outcomes]),
    )


class _Outcome:
    """What came of one file."""

    def __init__(self, code: int, facts: dict[str, Any], error: SobatchError | None = None) -> None:
        self.code = code
        self.facts = facts
        self.error = error


class _Sender:
    def __init__(
        self,
        services: Services,
        run_key: str | None,
        wait: bool,
        dry_run: bool,
        set_aside: bool,
        allow_duplicate: bool,
        yes: bool,
    ) -> None:
        self._services = services
        self._run_key = run_key
        self._wait = wait
        self._dry_run = dry_run
        self._set_aside = set_aside
        self._allow_duplicate = allow_duplicate
        self._yes = yes

    def send_all(self, files: list[str], strict: bool, ignore: list[str], max_order: int | None) -> list[_Outcome]:
        """Every file is a run of its own; what would make the next send unsafe or pointless ends the row."""
        services = self._services
        sources = services.sources(files)
        self._mind_company()
        services.signals.install()
        watcher = services.watcher()
        outcomes: list[_Outcome] = []
        try:
            with services.session(watcher) as session:
                wish = self._wish(session, strict, ignore, max_order)
                for place, source in enumerate(sources):
                    outcome = self._send(session, source, wish)
                    outcomes.append(outcome)
                    if outcome.error is not None and not isinstance(outcome.error, InputError | AlreadySubmitted):
                        outcomes.extend(
                            _Outcome(0, {"input": rest.name, "not_started": True}) for rest in sources[place + 1 :]
                        )
                        break
        finally:
            watcher.close()
        if len(outcomes) == 1 and outcomes[0].error is not None and "run" not in outcomes[0].facts:
            raise outcomes[0].error
        return outcomes

    def _mind_company(self) -> None:
        profile = self._services.profile
        if profile.company_id or self._dry_run or self._yes:
            return
        if not _interactive():
            raise UsageError(
                "no company is named",
                next_step='Add --company-id NAME, or company_id = "default" to the profile for the user\'s own company.',
            )
        if not _ask(f"No company is named: {profile.base_url} will use the user's default company. Go on? [y/N] "):
            raise UsageError("stopped before anything was read", next_step="Name the company with --company-id.")

    def _wish(self, session: Any, strict: bool, ignore: list[str], max_order: int | None) -> Any:
        from dataclasses import replace

        from sobatch.lifecycle.overflow import workflow_of
        from sobatch.lifecycle.submit import Wish, with_learnt_rows

        services = self._services
        identity = services.identity(self._run_key)
        profile = services.profile
        limits = services.limits
        ratio = session.journal.learnt_ratio(identity, workflow_of(profile.skip_workflow))
        return Wish(
            identity=identity,
            limits=with_learnt_rows(limits, ratio),
            policy=services.policy(strict=strict, ignore=ignore),
            pace=replace(services.pace, wait=self._wait),
            settings={
                "profile": profile.name,
                "skip_workflow": profile.skip_workflow,
                "headroom": limits.headroom,
                "max_lines": limits.max_lines,
                "max_rows": limits.max_rows,
                "max_bytes": limits.max_bytes,
            },
            version=services.version,
            set_aside_invalid=self._set_aside,
            allow_duplicate=self._allow_duplicate,
            dry_run=self._dry_run,
            max_order=max_order or 16 << 20,
            confirm=self._confirm,
        )

    def _confirm(self, earlier: list[Any], total: int) -> bool:
        if self._yes or not _interactive():
            return False
        return _ask(f"{total:,} orders of this file were created before. Send them AGAIN? [y/N] ")

    def _send(self, session: Any, source: Any, wish: Any) -> _Outcome:
        from sobatch.cli.next_step import ready
        from sobatch.cli.runs import told_of
        from sobatch.lifecycle.submit import InvalidOrders, submit

        before = {run.id for run in session.journal.runs()}
        try:
            done = submit(session, source, wish)
        except SobatchError as error:
            if error.next_step:
                error.next_step = ready(error.next_step, self._services.place_flags)
            facts: dict[str, Any] = {"input": source.name}
            fresh = [run.id for run in session.journal.runs() if run.id not in before]
            named = error.facts.get("run")
            run_id = fresh[0] if fresh else named if isinstance(named, str) else None
            if run_id is not None and not isinstance(error, AlreadySubmitted):
                facts = told_of(self._services, session.journal, run_id)
            if isinstance(error, InvalidOrders):
                from sobatch.show.problems import problem_facts

                error.facts["problems"] = problem_facts(source, error.found)
            facts["error"] = _error(error)
            return _Outcome(exit_code_of(error), facts, error)
        if done.run is None:
            tally = done.tally
            facts = {"input": source.name, "dry_run": True, "orders": tally.orders, "lines": tally.lines}
            return _Outcome(0, {**facts, "rows": tally.rows, "parts": done.parts, "faulty": tally.faulty})
        facts = {**told_of(self._services, session.journal, done.run.id), "submitted_before": done.known, "error": None}
        return _Outcome(done.exit_code or 0, facts)


def _error(error: SobatchError) -> dict[str, Any]:
    from sobatch.show.envelope import error_facts

    return error_facts(error)


def _interactive() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _ask(question: str) -> bool:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _write(out: TextIO, outcomes: list[_Outcome], services: Services) -> None:
    from sobatch.show.human import count
    from sobatch.show.runs import write_run

    for outcome in outcomes:
        facts = outcome.facts
        if "run" in facts:
            write_run(out, facts, services.out_style)
        elif facts.get("dry_run"):
            out.write(
                f"{facts['input']}: {count(facts['orders'], 'order')}, {count(facts['lines'], 'line')}, "
                f"{count(facts['rows'], 'row')} would go out in {count(facts['parts'], 'part')}. Nothing was sent.\n"
            )
        elif facts.get("not_started"):
            out.write(f"{facts['input']}: not started\n")
        out.flush()
        _say_errors([outcome], services)


def _say_errors(outcomes: list[_Outcome], services: Services) -> None:
    from sobatch.show.human import say_error

    for outcome in outcomes:
        if outcome.error is not None:
            say_error(services.err, outcome.error, services.err_style)
