"""`sobatch split`: cut checked files into parts an ERP accepts, with a manifest that can be proved afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from sobatch.cli import options
from sobatch.errors import UsageError
from sobatch.show.result import Result
from sobatch.work.cutting import Cutting, Wish
from sobatch.work.proving import prove
from sobatch.work.reading import known_codes, max_order_of, services_of

_SPLITTING = "Splitting"

Files = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Argument(
        help="Order files; `-` is standard input. With --verify: the file that was split.",
        show_default=False,
        metavar="FILE",
    ),
]
OutDir = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--out-dir", metavar="DIR", help="Where the parts and manifest.json go.", rich_help_panel=_SPLITTING),
]
Verify = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--verify", metavar="DIR", help="Prove the parts in a directory.", rich_help_panel=_SPLITTING),
]
Gzip = Annotated[bool, typer.Option("--gzip/--no-gzip", help="Compress the parts.", rich_help_panel=_SPLITTING)]
Force = Annotated[
    bool,
    typer.Option("--force", help="Write into a directory that holds files.", rich_help_panel=_SPLITTING),
]
SetAside = Annotated[
    bool,
    typer.Option(
        "--set-aside-invalid",
        help="Split the good orders, write the bad ones to set-aside.json.",
        rich_help_panel=_SPLITTING,
    ),
]


def command(
    files: Files = None,
    out_dir: OutDir = None,
    verify: Verify = None,
    gzip: Gzip = True,
    force: Force = False,
    set_aside_invalid: SetAside = False,
    declared: options.OwnFlags = None,
    headroom: options.Headroom = None,
    max_orders: options.MaxOrders = None,
    max_lines: options.MaxLines = None,
    max_rows: options.MaxRows = None,
    max_bytes: options.MaxBytes = None,
    max_order_size: options.MaxOrderSize = None,
    strict: options.Strict = False,
    ignore: options.Ignore = None,
    profile: options.ProfileName = None,
    config: options.ConfigFile = None,
    erp: options.Erp = None,
    set: options.Set = None,
    output: options.Output = options.Format.TEXT,
    progress: options.Progress = options.ProgressMode.AUTO,
    color: options.Color = options.Colour.AUTO,
    quiet: options.Quiet = False,
) -> Result:
    """\b
    Cut files into parts, offline.

    \b
    Examples:
      sobatch split orders.json --out-dir parts
      sobatch split orders.json --out-dir parts --skip-workflow --headroom 0
      zcat orders.json.gz | sobatch split - --out-dir parts --no-gzip
      sobatch split --verify parts

    The orders are checked first; if anything is an error it ends with 3 and writes nothing. Every part holds orders of
    one transaction type in their sequence, byte for byte. manifest.json says which orders went where, and --verify
    proves that none was lost, doubled or changed. Of several files, each gets a directory of its own in DIR.
    """
    services = services_of(locals())
    names, max_order = files or [], max_order_of(max_order_size)
    if verify is not None:
        if out_dir is not None or len(names) > 1:
            raise UsageError(
                "--verify takes one directory, and at most the file it was split from",
                next_step=f"sobatch split --verify {verify}",
            )
        return prove(services, verify, names, max_order)
    if not names or out_dir is None:
        raise UsageError(
            "name the files to split, and with --out-dir where the parts go",
            next_step="sobatch split orders.json --out-dir parts",
        )
    policy = services.policy(strict=strict, ignore=known_codes(ignore))
    told = output is options.Format.TEXT
    wish = Wish(out_dir, policy, max_order, compress=gzip, force=force, set_aside=set_aside_invalid, told=told)
    work = Cutting(services, services.sources(names), wish)
    work.run()
    return work.result()
