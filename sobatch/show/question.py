"""Questions to a person at a terminal. Asked on standard error, so that standard output stays the answer."""

from __future__ import annotations

from typing import TextIO


def ask(err: TextIO, answers: TextIO, question: str) -> str:
    """Put a question and return what was typed, without the blanks around it."""
    err.write(question)
    err.flush()
    return answers.readline().strip()


def agreed(err: TextIO, answers: TextIO, question: str) -> bool:
    """Whether a yes-or-no question got a yes; anything else is a no."""
    return ask(err, answers, f"{question} [y/N] ").lower() in ("y", "yes")
