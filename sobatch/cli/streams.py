"""The standard streams, made safe: there even when the caller closed them, fit for any text, deaf to a lost reader."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO


def make_safe(*, machine: bool) -> None:
    """Called once before anything is opened. `machine`: standard output carries JSON, which is UTF-8 everywhere."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            _stand_in(number, name)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if machine and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def _stand_in(number: int, name: str) -> None:
    """Put the null device where a closed stream was: a file opened later must not get its number, for then a message
    would be written into that file."""
    try:
        os.fstat(number)
    except OSError:
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))


class Patient(io.TextIOBase):
    """A stream whose lost reader does not stop the writer: the rest leads nowhere, and the exit code stays true."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str, /) -> int:
        """Write on, if need be to nowhere."""
        try:
            self._stream.write(text)
        except BrokenPipeError:
            silence(self._stream)
        return len(text)

    def flush(self) -> None:
        """Write out what is left."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            silence(self._stream)


def flush(stream: TextIO) -> None:
    """Write out what is left; a reader who has gone is no error, and the interpreter must not try again at exit."""
    try:
        stream.flush()
    except (OSError, ValueError):
        silence(stream)


def silence(stream: TextIO) -> None:
    """From now on the stream leads nowhere."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
