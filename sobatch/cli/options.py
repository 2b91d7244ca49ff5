"""The options that several commands share: the same flag, the same meaning everywhere. None of them reads the
environment; `config` does."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

from sobatch.work.declared import erps, setting_names

_INPUT = "What to read"
ERP_PANEL = "ERP and limits"
_OUTPUT = "Output"
_SENDING = "Sending"


class Format(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"


class ProgressMode(StrEnum):
    """How progress is shown on the standard error stream."""

    AUTO = "auto"
    PLAIN = "plain"
    JSON = "json"
    NONE = "none"


class Colour(StrEnum):
    """When to use colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


Files = Annotated[
    list[str],
    typer.Argument(
        help="Order files: a JSON array or NDJSON, plain, gzip or zstd; `-` is standard input.",
        show_default=False,
        metavar="FILE",
    ),
]
RunId = Annotated[
    Optional[str],  # noqa: UP045  (read by the command line library at run time)
    typer.Argument(
        help="A run id, the beginning of one, or a remote batch id. Left out: the latest run.",
        show_default=False,
        metavar="RUN",
    ),
]
MaxOrderSize = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--max-order-size", help="The most one order may take, such as 32MiB.", rich_help_panel=_INPUT),
]
Erp = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--erp", help=f"Which ERP: {', '.join(erps())}.", autocompletion=erps, rich_help_panel=ERP_PANEL),
]
Set = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Any setting of the ERP; may be repeated.",
        autocompletion=lambda: [f"{name}=" for name in setting_names()],
        rich_help_panel=ERP_PANEL,
    ),
]
OwnFlags = Optional[Mapping[str, object]]  # noqa: UP045  (replaced by the ERPs' own flags: `own_flags`)
ProfileName = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--profile", help="A profile of the configuration file.", rich_help_panel=ERP_PANEL),
]
ConfigFile = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--config", help="Configuration file instead of ./sobatch.toml.", rich_help_panel=ERP_PANEL),
]
Sandbox = Annotated[
    bool,
    typer.Option(
        "--sandbox", help="Use the embedded pretend ERP; nothing leaves this machine.", rich_help_panel=ERP_PANEL
    ),
]
BaseUrl = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--base-url", help="Where the ERP's API begins.", rich_help_panel=ERP_PANEL),
]
CompanyId = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--company-id", help='The company; "default" is the user\'s own.', rich_help_panel=ERP_PANEL),
]
MaxLines = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--max-lines", min=1, help="Lines one order may have.", rich_help_panel=ERP_PANEL),
]
MaxRows = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--max-rows", min=4, help="Rows one call may make.", rich_help_panel=ERP_PANEL),
]
MaxBytes = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--max-bytes", help="The most one part may weigh after gzip, such as 20MB.", rich_help_panel=ERP_PANEL
    ),
]
MaxOrders = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--max-orders", min=1, help="Orders one part may hold.", rich_help_panel=ERP_PANEL),
]
Headroom = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option(
        "--headroom", min=0.0, max=0.9, help="Share of the rows kept free [default: 0.05].", rich_help_panel=ERP_PANEL
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.", rich_help_panel=_INPUT)]
Ignore = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--ignore", help="A problem code not to report; may be repeated.", rich_help_panel=_INPUT),
]
StateDir = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--state-dir", help="Where the journal lives.", rich_help_panel=ERP_PANEL),
]
Output = Annotated[Format, typer.Option("--output", "-o", help="How the answer is written.", rich_help_panel=_OUTPUT)]
Progress = Annotated[
    ProgressMode, typer.Option("--progress", help="How progress is shown on standard error.", rich_help_panel=_OUTPUT)
]
Color = Annotated[Colour, typer.Option("--color", help="When to use colour.", rich_help_panel=_OUTPUT)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say only what matters.", rich_help_panel=_OUTPUT)]
Timeout = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--timeout", help="End after so long (90s, 15m, 2h): with 8, unsent with 7.", rich_help_panel=_SENDING
    ),
]
PollInterval = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--poll-interval", help="Ask this often instead of 2 s growing to 30 s.", rich_help_panel=_SENDING),
]
Wait = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Wait for the remote work to end.", rich_help_panel=_SENDING)
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Answer yes where a person would be asked.", rich_help_panel=_SENDING)
]
