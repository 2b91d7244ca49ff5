"""Signals: the first asks for the end (what is in flight is finished and saved), the second ends at once."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from types import FrameType

from sobatch.errors import Interrupted

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Signals:
    """Catches INT, TERM and HUP from `install` on. `stop` raises once one has come; `sleep` ends early."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._number: int | None = None

    def install(self) -> None:
        """Take over the handlers; only the main thread may."""
        if threading.current_thread() is threading.main_thread():
            for name in _NAMES:
                number = getattr(signal, name, None)
                if number is not None:
                    signal.signal(number, self._heard)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self._number is not None:
            # Whatever is on the wire stays recorded as `sending`; the next command finds it unknown and looks for it.
            _say(b"\x1b[?25h\nsobatch: ended at once; the next command looks after what was in flight\n")
            os._exit(128 + number)
        self._number = number
        self._event.set()
        _say(b"\nsobatch: finishing the call in flight, then stopping (again: stop at once)\n")

    def stop(self) -> None:
        """Raise `Interrupted` if a signal has come."""
        if self._number is not None:
            raise Interrupted(
                self._number,
                "stopped by a signal; everything so far is saved",
                next_step="Run the same command again: it goes on from here.",
            )

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond a signal. Raises `Interrupted`."""
        if seconds > 0:
            self._event.wait(seconds)
        self.stop()


def _say(words: bytes) -> None:
    """Straight to standard error, which may have gone together with the terminal that sent the signal."""
    with contextlib.suppress(OSError):
        os.write(2, words)
