"""An end for a whole call. No time-out per read ends headers that drip, 1xx answers without end or an endless body."""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any


class Alarm:
    """Something to do at a moment of the monotonic clock, unless it is cancelled before."""

    def __init__(self, due: float, deed: Callable[[], None]) -> None:
        self.due = due
        self.deed = deed

    def cancel(self) -> None:
        """It is not to be done any more."""
        _WATCH.forget(self)


_IDLE = 1.0  # seconds without a call after which the watch ends; the next call begins it anew


class _Watch:
    """One thread for the ends of all calls: a timer of its own would cost each of them more than the call itself."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._set: set[Alarm] = set()
        self._next = math.inf
        self._thread: threading.Thread | None = None

    def within(self, seconds: float, deed: Callable[[], None]) -> Alarm:
        """Do something after so many seconds."""
        alarm = Alarm(time.monotonic() + seconds, deed)
        with self._news:
            self._set.add(alarm)
            if self._thread is None or not self._thread.is_alive():  # none yet, none any more, or this is a fork
                self._thread = threading.Thread(target=self._run, name="sobatch-deadlines", daemon=True)
                self._thread.start()
            elif alarm.due < self._next:
                self._news.notify()
        return alarm

    def forget(self, alarm: Alarm) -> None:
        """Do not do it."""
        with self._news:
            self._set.discard(alarm)

    def _run(self) -> None:
        while True:
            with self._news:
                now = time.monotonic()
                over = [alarm for alarm in self._set if alarm.due <= now]
                self._set.difference_update(over)
                if not over:
                    self._next = min((alarm.due for alarm in self._set), default=math.inf)
                    heard = self._news.wait(min(self._next - now, _IDLE))
                    if not heard and not self._set:
                        self._thread = None
                        return
            for alarm in over:
                alarm.deed()


_WATCH = _Watch()


class Deadline:
    """Cuts the connection of a call that takes longer than so many seconds in all, whatever the other side does.

    Needs a connection that is made for this call (see `build_client`). `passed` tells whether it was cut.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.passed = False
        self._socket: socket.socket | None = None
        self._timers: list[Alarm] = []

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

    def _started(self, seconds: float) -> Alarm:
        return _WATCH.within(seconds, self.cut)

    def _forget(self, timers: Iterable[Alarm]) -> None:
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
