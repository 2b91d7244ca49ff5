"""Prose for people: tables, errors, next steps. Everything from files and servers is shown as text, never as markup."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from sobatch.core.place.safetext import clean
from sobatch.errors import SobatchError

_BOLD, _RED, _YELLOW, _DIM, _PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Style:
    """Whether a stream gets colour. Decided per stream, once."""

    colour: bool = False

    def bold(self, text: str) -> str:
        """Strong text."""
        return f"{_BOLD}{text}{_PLAIN}" if self.colour else text

    def red(self, text: str) -> str:
        """Text about an error."""
        return f"{_RED}{text}{_PLAIN}" if self.colour else text

    def yellow(self, text: str) -> str:
        """Text about a warning."""
        return f"{_YELLOW}{text}{_PLAIN}" if self.colour else text

    def dim(self, text: str) -> str:
        """Text that steps back."""
        return f"{_DIM}{text}{_PLAIN}" if self.colour else text


def style_for(stream: TextIO, choice: str, environ: Mapping[str, str]) -> Style:
    """Colour for a stream: the choice, else NO_COLOR and TERM=dumb, else whether it is a terminal."""
    if choice in ("always", "never"):
        return Style(choice == "always")
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return Style(False)
    return Style(stream.isatty())


def say(out: TextIO, text: str) -> None:
    """Plain lines of our own, at once."""
    out.write(text + "\n")
    out.flush()


def say_error(err: TextIO, error: SobatchError, style: Style) -> None:
    """What went wrong, then what to do next."""
    first, *rest = clean_lines(error.message)
    code = f" [{error.code}]" if error.code and error.code.startswith("SO-") else ""
    lines = [f"{style.red(style.bold('error'))}{code}: {first}", *rest]
    if error.next_step:
        lines += [f"{style.bold('next')}: {line}" for line in clean_lines(error.next_step)]
    _say(err, lines)


def say_warning(err: TextIO, text: str, style: Style) -> None:
    """Something that deserves a look, and stops nothing."""
    _say(err, [f"{style.yellow('warning')}: {clean(text, 4000)}"])


def _say(err: TextIO, lines: Sequence[str]) -> None:
    """Nobody listening is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        err.write("\n".join(lines) + "\n")
        err.flush()


def clean_lines(text: str) -> list[str]:
    """Text as printable lines."""
    return [clean(line, 4000) for line in text.split("\n")] or [""]


def table(rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), indent: str = "  ") -> str:
    """Columns of equal width, the named ones flush right. The first row is the heading."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append((indent + "  ".join(cells)).rstrip())
    return "\n".join(lines) + "\n"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 order`, `1,234 orders`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: float) -> str:
    """Bytes as a person reads them."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            return f"{number:,.0f} {unit}" if unit == "bytes" else f"{number:,.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} GB"


def ask(err: TextIO, answers: TextIO, question: str) -> str:
    """Put a question and return what was typed, without the blanks around it."""
    err.write(question)
    err.flush()
    return answers.readline().strip()


def agreed(err: TextIO, answers: TextIO, question: str) -> bool:
    """Whether a yes-or-no question got a yes; anything else is a no."""
    return ask(err, answers, f"{question} [y/N] ").lower() in ("y", "yes")
