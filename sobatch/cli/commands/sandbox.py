"""`sobatch sandbox`: a pretend ERP on a loopback address, to rehearse with."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from sobatch.cli import options
from sobatch.errors import Interrupted, UsageError
from sobatch.show.human import say
from sobatch.work.bench import Services
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
A pretend Unit4 ERPx listens at {url} (Ctrl-C ends it). In another terminal:
  export SOBATCH_BASE_URL={url} SOBATCH_TOKEN_URL={url}/identity/connect/token
  export SOBATCH_CLIENT_ID=sandbox SOBATCH_CLIENT_SECRET=sandbox SOBATCH_COMPANY_ID=EN"""


def command(
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
      export SOBATCH_BASE_URL=http://127.0.0.1:8137
      export SOBATCH_CLIENT_ID=sandbox SOBATCH_CLIENT_SECRET=sandbox
      export SOBATCH_TOKEN_URL=http://127.0.0.1:8137/identity/connect/token
      sobatch submit orders.json --company-id EN

    It listens on this machine until Ctrl-C: token, submit, status, results, cancel and list, as Unit4 ERPx has them.
    """
    from sobatch.sandbox import Sandbox, serve

    services = Services(given({"sandbox": True, "state_dir": state_dir}))
    place = database or services.state / "served.sqlite"
    with Sandbox(place, _options(pace, world)) as pretend:
        try:
            server = serve(pretend, "127.0.0.1", port)
        except OSError as error:
            raise UsageError(
                f"port {port} cannot be used: {error.strerror}", next_step="Choose another --port."
            ) from None
        with server:
            say(sys.stdout, _BANNER.format(url=server.url))
            try:
                server.wait()
            except (KeyboardInterrupt, Interrupted):
                say(sys.stderr, "\nThe pretend ERP has ended; what it knows stays for the next time.")
    return 0


def _options(pace: float | None, world: str | None) -> Any:
    import orjson

    from sobatch.sandbox import Options

    try:
        values = orjson.loads(world) if world else {}
        if not isinstance(values, dict):
            raise ValueError("not an object")
        return Options().with_values({**values, **({} if pace is None else {"pace": pace})})
    except (ValueError, TypeError, AttributeError) as error:
        why = str(error) if isinstance(error, ValueError) else "a value is not of the kind that its option takes"
        known = ", ".join(each.name for each in fields(Options))
        raise UsageError(
            f"--options is not understood: {why}", next_step=f"Give a JSON object with any of: {known}."
        ) from None
