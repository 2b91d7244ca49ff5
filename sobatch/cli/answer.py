"""Gives a command's answer, or its failure, in the format that was asked for. Knows the format even of a command line
that could not be understood, because a program reads the failure too."""

from __future__ import annotations

import errno
import os
import shlex
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TextIO, cast

from sobatch.cli import streams
from sobatch.config.load import terminal_facts
from sobatch.errors import Defect, Interrupted, SobatchError, StorageFailed, TimeUp, run_named
from sobatch.show.envelope import write_failure, write_json, write_ndjson
from sobatch.show.human import say_error, style_for
from sobatch.show.result import Facts, Result
from sobatch.work.next_step import as_flags, given_in, ready

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def asked_format(arguments: Sequence[str]) -> str:
    """`text`, `json` or `ndjson`, read from the raw arguments; the last one counts."""
    asked = "text"
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument in ("--output", "-o") and place + 1 < len(arguments):
            asked = arguments[place + 1]
        elif argument.startswith("--output="):
            asked = argument.removeprefix("--output=")
        elif argument.startswith("-o") and len(argument) > 2:
            asked = argument[2:]
    return asked


def _asked_colour(arguments: Sequence[str]) -> str:
    """`always` or `never` if asked for, else `auto`."""
    words = [argument.removeprefix("--color=") for argument in arguments]
    asked = [word for word in words if word in ("always", "never")]
    return asked[-1] if asked and any(argument.startswith("--color") for argument in arguments) else "auto"


def give(value: Any, arguments: Sequence[str]) -> int:
    """Write a `Result` and return the exit code."""
    if not isinstance(value, Result):
        return 0
    out = cast(TextIO, streams.Patient(sys.stdout))
    try:
        code = _write(out, value, asked_format(arguments))
        out.flush()
        return code
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        streams.silence(sys.stdout)
        raise StorageFailed(
            f"the answer could not be written: {error.strerror}",
            code="output",
            next_step="Free some space, then look at what was done: sobatch status",
        ) from None


def _write(out: TextIO, value: Result, wanted: str) -> int:
    value.items = partial(_told_as_errors, value.items)
    if wanted == "json":
        return write_json(out, value)
    if wanted == "ndjson":
        return write_ndjson(out, value)
    value.text(out)
    return value.exit_code()


def _told_as_errors(items: Callable[[], Iterable[Facts]]) -> Iterator[Facts]:
    """The items; whatever ends them early is an error of ours, so that a document begun is also ended."""
    try:
        yield from items()
    except SobatchError:
        raise
    except KeyboardInterrupt:
        raise interrupted() from None
    except Exception as error:
        raise defect(error) from error


def interrupted() -> Interrupted:
    """The error that stands for Ctrl-C."""
    return Interrupted(signal.SIGINT, "interrupted")


def defect(error: Exception) -> Defect:
    """One line for the user; the details go to a report without values of variables, hence without secrets."""
    where, run = write_report(error), run_named(error)
    return Defect(
        f"sobatch failed in a way it should not: {type(error).__name__}",
        facts={} if run is None else {"run": run},
        next_step=f"Nothing is lost: the journal has every step. Please report {where}." if where else None,
    )


def fail(arguments: Sequence[str], error: SobatchError) -> None:
    """Say what went wrong: prose on standard error, and the envelope on standard output for programs."""
    if error.next_step:
        error.next_step = ready(error.next_step, as_flags(given_in(arguments)))
    elif isinstance(error, (Interrupted, TimeUp)):
        error.next_step = shlex.join(["sobatch", *arguments])
    say_error(sys.stderr, error, style_for(sys.stderr, _asked_colour(arguments), terminal_facts()))
    wanted = asked_format(arguments)
    if wanted in ("json", "ndjson"):
        command = next((argument for argument in arguments[:1] if not argument.startswith("-")), "")
        write_failure(sys.stdout, command, error, lines=wanted == "ndjson")
        sys.stdout.flush()


def write_report(error: Exception) -> str | None:
    """A report of a defect: the frames and the error's type, without its words and without any variable."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{type(error).__name__}\n", *(f"  {frame.filename}:{frame.lineno} {frame.name}\n" for frame in frames)]
    try:
        descriptor, path = tempfile.mkstemp(prefix="sobatch-report-", suffix=".txt")
        with os.fdopen(descriptor, "w") as file:
            file.writelines(lines)
    except OSError:
        return None
    return path
