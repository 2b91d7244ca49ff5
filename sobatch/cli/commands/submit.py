"""`sobatch submit`: the main job."""

from __future__ import annotations

from typing import Annotated, Optional, TextIO

import typer

from sobatch.cli import options
from sobatch.errors import worst
from sobatch.show.result import Result
from sobatch.work.bench import Look, Services
from sobatch.work.given import given
from sobatch.work.reading import known_codes, max_order_of
from sobatch.work.sending import Asked, Outcome, Sender

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
    typer.Option(
        "--in-flight",
        min=1,
        help="Accepted but unfinished parts, or single orders in progress, at a time.",
        rich_help_panel="Sending",
    ),
]


def command(
    files: options.Files,
    company_id: options.CompanyId = None,
    run_key: RunKey = None,
    declared: options.OwnFlags = None,
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
    set: options.Set = None,
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

    \b
    Examples:
      sobatch submit --sandbox orders.json
      sobatch submit orders.json --company-id EN
      sobatch submit orders.json --company-id EN --skip-workflow --no-wait
      zcat orders.json.gz | sobatch submit - --company-id EN --output json
      sobatch submit standing-orders.json --company-id EN --run-key 2026-W47

    The file is checked, cut into parts the ERP accepts, sent and followed; each outcome is brought home to its place.
    Running the same command again is always safe: it goes on with what is left, or reports what was done.
    """
    services = Services(given(locals()), Look(progress, color, quiet))
    largest = max_order_of(max_order_size)
    asked = Asked(run_key, wait, dry_run, set_aside_invalid, allow_duplicate, yes, strict, known_codes(ignore), largest)
    outcomes = Sender(services, asked).send_all(files)
    if len(outcomes) == 1 and outcomes[0].error is not None and "run" not in outcomes[0].facts:
        _explain(outcomes[0], services)
        raise outcomes[0].error
    if output is not options.Format.TEXT:
        for outcome in outcomes:
            _say_error(outcome, services)
    code = worst([outcome.code for outcome in outcomes])
    return Result(
        "submit",
        facts=lambda: {"runs": [outcome.facts for outcome in outcomes]},
        text=lambda out: _write(out, outcomes, services),
        exit_code=lambda: code,
        error=next((outcome.error for outcome in outcomes if outcome.code == code), None),
    )


def _write(out: TextIO, outcomes: list[Outcome], services: Services) -> None:
    from sobatch.show.prose.submission import write_outcome

    for outcome in outcomes:
        write_outcome(out, outcome.facts, services.out_style)
        _say_error(outcome, services)


def _say_error(outcome: Outcome, services: Services) -> None:
    from sobatch.show.human import say_error

    if outcome.error is not None:
        _explain(outcome, services)
        say_error(services.err, outcome.error, services.err_style)


def _explain(outcome: Outcome, services: Services) -> None:
    """For orders that are wrong: where, above the sentence that says how many."""
    from sobatch.lifecycle.submit import InvalidOrders
    from sobatch.show.prose.submission import write_errors

    if isinstance(outcome.error, InvalidOrders):
        error = outcome.error
        write_errors(services.err, outcome.source, error.found, error.tally.kinds, services.err_style)
