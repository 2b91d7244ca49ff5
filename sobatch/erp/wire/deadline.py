"""An end for a whole call. No time-out per read ends headers that drip, 1xx answers without end or an endless body."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any


class Deadline:
    """Cuts the connection of a call that takes longer than so many seconds in all, whatever the other side does.

    Needs a connection that is made for this call (see `build_client`). `passed` tells whether it was cut.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.passed = False
        self._socket: socket.socket | None = None
        self._timers: list[threading.Timer] = []

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Told by the HTTP library what it does. Takes a second handle on the socket, which TLS will not take over."""
        if event.endswith(".connect_tcp.complete"):
            self._socket = info["return_value"].get_extra_info("socket").dup()
            if self.passed:
                self.cut()

    def within(self, seconds: float) -> None:
        """What is left of the call has so many seconds from now, but never more than the call as a whole."""
        self._forget(self._timers[1:])
        self._timers[1:] = [self._started(seconds)]

    def cut(self) -> None:
        """End the connection now."""
        self.passed = True
        try:
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def _started(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self.cut)
        timer.daemon = True
        timer.start()
        return timer

    def _forget(self, timers: Iterable[threading.Timer]) -> None:
        for timer in timers:
            timer.cancel()

    def __enter__(self) -> Deadline:
        self._timers = [self._started(self._seconds)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._forget(self._timers)
        if self._socket is not None:
            self._socket.close()
