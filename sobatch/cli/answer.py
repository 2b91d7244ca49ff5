"""Gives a command's answer, or its failure, in the format that was asked for. Knows the format even of a command line that
could not be understood, because a program reads the failure too."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from typing import Any

from sobatch.errors import SobatchError
from sobatch.show.envelope import write_failure, write_json, write_ndjson
from sobatch.show.human import say_error, style_for
from sobatch.show.result import Result, Written


def asked_format(arguments: Sequence[str]) -> str:
    """`text`, `json` or `ndjson`, read from the raw arguments."""
    for place, argument in enumerate(arguments):
        if argument in ("--output", "-o") and place + 1 < len(arguments):
            return arguments[place + 1]
        for prefix in ("--output=", "-o=", "-o"):
            if argument.startswith(prefix) and not argument.startswith("--output-"):
                return argument.removeprefix(prefix)
    return "text"


def give(value: Any, arguments: Sequence[str]) -> int:
    """Write a `Result` and return the exit code."""
    if isinstance(value, Written):
        return value.exit_code
    if not isinstance(value, Result):
        return 0
    wanted = asked_format(arguments)
    try:
        if wanted == "json":
            return write_json(sys.stdout, value)
        if wanted == "ndjson":
            return write_ndjson(sys.stdout, value)
        value.text(sys.stdout)
        return value.exit_code()
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return value.exit_code() if value.items_name is None else 0


def fail(arguments: Sequence[str], error: SobatchError) -> None:
    """Say what went wrong: prose on standard error, and the envelope on standard output for programs."""
    say_error(sys.stderr, error, style_for(sys.stderr, "auto"))
    wanted = asked_format(arguments)
    if wanted in ("json", "ndjson"):
        command = next((argument for argument in arguments if not argument.startswith("-")), "")
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
