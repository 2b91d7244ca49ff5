"""Time, chance and the end of both, handed in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Clock(Protocol):
    """Time and chance. A signal (`errors.Interrupted`) or `--timeout` (`errors.TimeUp`) ends a `sleep` early, and what
    is done inside `may_end`."""

    def now(self) -> float:
        """Seconds since the epoch, local clock."""

    def monotonic(self) -> float:
        """Seconds on a clock that never jumps."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def may_end(self) -> AbstractContextManager[None]:
        """What is done inside loses nothing when it is given up at any moment."""

    def on_the_wire(self, cut: Callable[[], None]) -> AbstractContextManager[None]:
        """What is done inside is a send, which nothing gives up. `cut` ends it when a signal has waited for long."""

    def random(self) -> float:
        """A number in [0, 1)."""
