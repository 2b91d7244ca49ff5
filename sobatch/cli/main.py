"""The Typer application. `main(argv) -> int` is the only place where an error becomes an exit code."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.exceptions import TyperException

from sobatch import __version__
from sobatch.cli import streams
from sobatch.cli.options import ERP_PANEL
from sobatch.cli.own_flags import with_own_flags
from sobatch.errors import SobatchError, UsageError, exit_code_of
from sobatch.show.human import say
from sobatch.work.signals import PROCESS

EXIT_CODES = """
\b
Exit codes:
   0  all done
   1  a defect in sobatch
   2  usage or configuration: fix the command
   3  the input is at fault, nothing was sent: fix the file
   4  some orders were rejected: send the reject file
   5  all were rejected, or the remote job failed
   6  not allowed (401, 403, TLS): fix the access, then run it again
   7  temporary, nothing in doubt: run it again
   8  still running when the wait ended: run it again, it re-attaches
   9  cancelled: the ledger says what was created
  10  outcome unknown: do not run it again before `sobatch status`
  11  this content was submitted before
  12  local storage failed, or the counts do not add up
  129, 130, 143  stopped by a signal, state saved: run it again
"""

HELP = "Load sales orders into ERPs in bulk: check, split, send, follow, and account for every order."


def _version(wanted: bool) -> None:
    if wanted:
        say(sys.stdout, f"sobatch {__version__}")
        raise typer.Exit(0)


def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version and exit."
    ),
) -> None:
    """Load sales orders into ERPs in bulk: check, split, send, follow, and account for every order."""


_HELPERS = "Helpers"
COMMANDS: dict[str, str | None] = {
    "validate": None,
    "estimate-rows": None,
    "split": None,
    "submit": None,
    "status": None,
    "results": None,
    "cancel": None,
    "resolve": _HELPERS,
    "explain": _HELPERS,
    "config": _HELPERS,
    "sandbox": _HELPERS,
}
"""The commands in the order of the help, each with its panel there; the module of each is `cli/commands/<name>.py`."""


@cache
def application(only: str | None = None) -> typer.Typer:
    """The commands, or one of them: a command that is not run need not be imported."""
    app = typer.Typer(
        name="sobatch",
        help=HELP,
        epilog=EXIT_CODES,
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    )
    app.callback()(_root)
    for name, panel in COMMANDS.items():
        if only in (None, name):
            module = import_module(f"sobatch.cli.commands.{name.replace('-', '_')}")
            app.command(name, rich_help_panel=panel)(_with_flags(name, module.command))
    return app


def _with_flags(name: str, command: Callable[..., Any]) -> Callable[..., Any]:
    if "declared" not in inspect.signature(command).parameters:
        return command
    from sobatch.work.declared import own_flags

    return with_own_flags(command, own_flags(offline=name != "submit"), ERP_PANEL)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Never raises."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        with PROCESS.caught(), PROCESS.may_end():
            return _run(arguments)
    except SobatchError as error:
        return _failed(arguments, error)
    except TyperException as error:
        return _failed(arguments, _usage(error))
    except BrokenPipeError:
        streams.silence(sys.stdout)
        return 0
    except KeyboardInterrupt:
        from sobatch.cli.answer import interrupted

        return _failed(arguments, interrupted())
    except Exception as error:
        from sobatch.cli.answer import defect

        return _failed(arguments, defect(error))


def entry_point() -> None:
    """What the installed command runs."""
    with PROCESS.caught():
        code = main()
        streams.flush(sys.stdout)
        streams.flush(sys.stderr)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    from sobatch.cli.answer import asked_format, give

    streams.make_safe(machine=asked_format(arguments) in ("json", "ndjson", "sarif", "junit"))
    app = application(arguments[0] if arguments and arguments[0] in COMMANDS else None)
    value = app(args=arguments, standalone_mode=False, prog_name="sobatch")
    return value if isinstance(value, int) else give(value, arguments)


def _failed(arguments: list[str], error: SobatchError) -> int:
    from sobatch.cli.answer import fail

    try:
        fail(arguments, error)
    except OSError:
        streams.silence(sys.stdout)
    return exit_code_of(error)


def _usage(error: TyperException) -> SobatchError:
    formatted = error.format_message()
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "sobatch")
    if formatted.startswith("Usage:"):
        formatted = "no command is given"
    return UsageError(formatted or "the command is incomplete", next_step=f"{path} --help")
