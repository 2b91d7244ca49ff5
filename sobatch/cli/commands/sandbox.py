"""`sobatch sandbox`: a pretend ERP on a loopback address, to rehearse with."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Optional

import typer

from sobatch.cli import options
from sobatch.errors import Interrupted
from sobatch.show.human import say
from sobatch.work.given import given

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 picks a free one.")]
Pace = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option("--pace", min=0.0, help="Orders processed a second; left out: at once."),
]
Database = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--database", help="Where the pretend ERP keeps its orders [default: in the state folder]."),
]
World = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--options", metavar="JSON", help='More settings, such as {"max_lines": 5, "list_enabled": false}.'),
]

_BANNER = """\
A pretend {title} listens at {url} (Ctrl-C ends it). In another terminal:
  export {places}
  export {access}"""


def command(
    erp: options.Erp = None,
    port: Port = 8137,
    pace: Pace = None,
    database: Database = None,
    world: World = None,
    state_dir: options.StateDir = None,
) -> int:
    """Serve a pretend ERP to rehearse with.

    \b
    Examples:
      sobatch sandbox
      sobatch sandbox --port 0 --pace 200
      sobatch submit orders.json   # elsewhere, with the variables that it prints

    It listens on this machine until Ctrl-C, and answers as the ERP's own document says.
    """
    from sobatch.work.bench import Services
    from sobatch.work.rehearsing import rehearsal

    services = Services(given({"sandbox": True, "erp": erp, "state_dir": state_dir}))
    with rehearsal(services, port, database, world, pace) as told:
        say(
            sys.stdout,
            _BANNER.format(title=told.title, url=told.url, places=_set(told.places), access=_set(told.access)),
        )
        try:
            threading.Event().wait()
        except (KeyboardInterrupt, Interrupted):
            say(sys.stderr, "\nThe pretend ERP has ended; what it knows stays for the next time.")
    return 0


def _set(variables: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in variables.items())
