"""`sobatch validate`: check every order of some files, offline, and show each problem at its place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from sobatch.cli import options
from sobatch.show.reports.table import ReportFormat
from sobatch.show.result import Result
from sobatch.work.reading import known_codes, max_order_of, services_of
from sobatch.work.validating import Validation

_FIRST = 3  # places shown of each kind of problem
_MOST = 1_000  # problems of each code in the formats for programs


Output = Annotated[ReportFormat, typer.Option("--output", "-o", help="How the answer is written.")]
Every = Annotated[bool, typer.Option("--all", help="Show every problem, not the first few of each kind.")]
MaxProblems = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(
        "--max-problems",
        min=1,
        help="Problems to show of each code; all are counted. [default: 3 of each kind as text, else 1,000]",
    ),
]
WriteValid = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--write-valid", metavar="FILE", help="Write the good orders there, byte for byte."),
]
WriteInvalid = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--write-invalid", metavar="FILE", help="Write the orders that have errors there, byte for byte."),
]
Online = Annotated[
    bool,
    typer.Option("--online", help="Also ask the ERP's own validation: it gets the orders and stores nothing."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]


def command(
    files: options.Files,
    output: Output = ReportFormat.TEXT,
    strict: options.Strict = False,
    ignore: options.Ignore = None,
    every: Every = False,
    max_problems: MaxProblems = None,
    write_valid: WriteValid = None,
    write_invalid: WriteInvalid = None,
    force: Force = False,
    online: Online = False,
    declared: options.OwnFlags = None,
    company_id: options.CompanyId = None,
    max_lines: options.MaxLines = None,
    max_rows: options.MaxRows = None,
    max_order_size: options.MaxOrderSize = None,
    profile: options.ProfileName = None,
    config: options.ConfigFile = None,
    erp: options.Erp = None,
    set: options.Set = None,
    sandbox: options.Sandbox = False,
    progress: options.Progress = options.ProgressMode.AUTO,
    color: options.Color = options.Colour.AUTO,
    quiet: options.Quiet = False,
) -> Result:
    """\b
    Check every order, offline unless --online is given.

    \b
    Examples:
      sobatch validate orders.json
      sobatch validate 'exports/*.json.gz' --skip-workflow
      zcat orders.json.gz | sobatch validate - --output ndjson | jq -r .code
      sobatch validate orders.json --write-valid good.json --write-invalid bad.json
      sobatch validate orders.json --output sarif > sobatch.sarif

    Every problem is shown with its line and column and a code that `sobatch explain` describes. Problems of one kind
    are shown together, with their count. Ends with 3 if anything is an error, else with 0. Nothing is sent, unless
    --online has the ERP look at each order that is good so far; it stores nothing.
    """
    services = services_of(locals())
    if max_problems is None and not every:
        max_problems = _FIRST if output in (ReportFormat.TEXT, ReportFormat.GITHUB) else _MOST
    run = Validation(services, services.sources(files), write_valid, write_invalid)
    run.check_outlets(force=force)
    largest = max_order_of(max_order_size)
    run.prepare(known_codes(ignore), strict=strict, per_code=max_problems, max_order=largest, online=online)
    return run.result(output, None if every else max_problems)
