"""How a command ends before its time: by a signal, or because the time given with `--timeout` is over.

Work stands in one of two places. Where nothing is lost (reading, checking, waiting, asking the ERP) the first signal
raises `Interrupted` at once, also out of a call that blocks. Between a send and the record of its answer nothing is
raised: the work looks at `stop` when it is through. A second signal ends the process at once, and so does an alarm when
the end that was asked for does not come: what is on the wire stays recorded as `sending`, so neither loses anything.
"""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

from sobatch.errors import Interrupted, TimeUp

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_ALARM = getattr(signal, "SIGALRM", None)  # Windows has none: there the looks at `stop` have to do
TO_LEAVE = 1.9
"""Seconds for leaving in good order, once nothing is on the wire any more."""
TO_ANSWER = 17.0
"""Seconds that a send on the wire has for its answer once a signal has come."""
TO_FINISH = 8.0
"""Seconds in which an order that takes several calls may go on to its next one once a signal has come."""
SHORTEST = 10.0
_SLICE = 0.2
_LATER = 0.3  # a wait that ends by itself at its time says more than an alarm


class Signals:
    """The end of one command. One a process is enough (`PROCESS`); without `caught` nothing is ever asked of it."""

    def __init__(self) -> None:
        self._catching = False
        self._reset()

    def _reset(self) -> None:
        self._number: int | None = None
        self._until: float | None = None
        self._open = True
        self._leaving = False
        self._kept = "nothing was changed"
        self._heard_at = 0.0
        self._cuts: list[Callable[[], None]] = []

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        """Take over the handlers while a command runs; only in the main thread. What is ignored (nohup) stays so."""
        if self._catching or not _in_main():
            yield
            return
        self._reset()
        self._catching = True
        before = {number: signal.getsignal(number) for number in _numbers()}
        before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
        try:
            for number in before:
                signal.signal(number, self._rung if number == _ALARM else self._heard)
            yield
        finally:
            _alarm(0.0)
            for number, handler in before.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
            self._catching = False

    def arm(self, seconds: float | None) -> None:
        """The time that the command has from now on, in seconds; None for all the time there is.

        At least ten seconds: a shorter time bounds the wait for remote work, not the call that is to begin it.
        """
        given = None if seconds is None else max(seconds, SHORTEST)
        self._until = None if given is None else time.monotonic() + given
        if given is not None and self._catching:
            _alarm(given + _LATER)

    @property
    def ending(self) -> bool:
        """Whether the end was asked for, or the time is over: whether `stop` would raise."""
        return self._number is not None or self._late

    @property
    def asked(self) -> bool:
        """Whether the work at hand is to be given up now; for long calls that can be asked to (SQLite)."""
        return self._open and self.ending

    def stop(self) -> None:
        """Raise `Interrupted` if a signal has come, `TimeUp` if the time is over."""
        if self._number is not None:
            if not self._leaving and _in_main():
                self._leaving = True
                _alarm(TO_LEAVE)
            raise Interrupted(self._number, f"stopped by a signal; {self._kept}")
        if self._late:
            self._leaving = self._leaving or _in_main()
            raise TimeUp(f"the time given with --timeout is over; {self._kept}")

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond a signal or the time given. Raises what `stop` raises."""
        with self.may_end():
            if _in_main() and seconds > 0:
                time.sleep(seconds)
            until = time.monotonic() + seconds
            while not _in_main() and (left := until - time.monotonic()) > 0:
                self.stop()
                time.sleep(min(left, _SLICE))
        self.stop()

    @contextlib.contextmanager
    def may_end(self) -> Iterator[None]:
        """What is done inside may be given up at any moment; whatever a signal breaks there is the signal's doing."""
        with self._opened(True):
            try:
                self.stop()
                yield
            except (Interrupted, TimeUp):
                raise
            except Exception:
                self.stop()
                raise

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """What is done inside is finished first, but for what `may_end` covers again."""
        with self._opened(False):
            self._kept = "everything so far is saved"
            yield

    @contextlib.contextmanager
    def _opened(self, state: bool) -> Iterator[None]:
        """Whether a signal may raise, where signals are heard: in another thread nothing of it changes."""
        if not _in_main():
            yield
            return
        before = self._open
        self._open = state
        try:
            yield
        finally:
            self._open = before

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Heard as well while a call that lets no handler run takes its time: a name that no server resolves."""
        if not self._catching:
            yield
            return
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        threading.Thread(target=self._watch, args=(reader,), daemon=True).start()
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            os.close(writer)  # the watch hears it, and ends

    def _watch(self, reader: int) -> None:
        """Ends the process at the second signal, or when the first was not heeded in time."""
        first = _told(reader, None)
        second = _told(reader, TO_LEAVE) if first else b""
        if second is None and (self._number is not None or self._cuts):
            second = _told(reader, TO_ANSWER)  # it was heard, or a send is on the wire
        if first and second != b"":
            _leave((second or first)[0])
        os.close(reader)

    @contextlib.contextmanager
    def on_the_wire(self, cut: Callable[[], None]) -> Iterator[None]:
        """A send that nothing may break off. After a signal its answer gets 17 seconds; then `cut` ends it.

        In another thread than the main one it may be a step of an order that was begun before the signal: such an order
        is given some seconds to come to its end."""
        if _in_main() or not self._some_time_left:
            self.stop()
        with self.held():
            self._cuts.append(cut)
            try:
                yield
            finally:
                if cut in self._cuts:
                    self._cuts.remove(cut)

    @property
    def _some_time_left(self) -> bool:
        """Whether a signal, or the end of the time, came only now."""
        since = [self._heard_at] if self._number is not None else []
        since += [self._until] if self._late and self._until is not None else []
        return not since or time.monotonic() - min(since) < TO_FINISH

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self._number is not None:
            _leave(number)
        self._heard_at = time.monotonic()
        self._number = number
        if self._open and not self._leaving:
            self.stop()
        _say(b"\nsobatch: finishing the call in flight, then stopping (again: stop at once)\n")
        _alarm(TO_ANSWER)

    def _rung(self, number: int, frame: FrameType | None) -> None:
        """The alarm: the time is over, or what a signal asked for did not come."""
        if self._number is None:
            if self._open and not self._leaving:
                self.stop()
        elif self._cuts and not self._leaving:
            for cut in list(self._cuts):
                cut()
            self._cuts.clear()
            _alarm(TO_LEAVE)
        else:
            _leave(self._number)

    @property
    def _late(self) -> bool:
        return self._until is not None and time.monotonic() >= self._until


class RealClock:
    """Wall clock, monotonic clock, chance, and a sleep that a signal ends."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds on a clock that never jumps."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; raises `Interrupted` on a signal, `TimeUp` when the time is over."""
        self._signals.sleep(seconds)

    def may_end(self) -> contextlib.AbstractContextManager[None]:
        """See `Signals.may_end`."""
        return self._signals.may_end()

    def on_the_wire(self, cut: Callable[[], None]) -> contextlib.AbstractContextManager[None]:
        """See `Signals.on_the_wire`."""
        return self._signals.on_the_wire(cut)

    def random(self) -> float:
        """A number in [0, 1)."""
        return random.random()


PROCESS = Signals()
"""The end of whatever this process does."""


def _told(reader: int, seconds: float | None) -> bytes | None:
    """The number of the next signal but the alarm, as a byte; empty at the end, None when none came in time."""
    until = None if seconds is None else time.monotonic() + seconds
    while True:
        left = None if until is None else max(0.0, until - time.monotonic())
        if not select.select([reader], [], [], left)[0]:
            return None
        byte = os.read(reader, 1)
        if not byte or byte[0] != _ALARM:
            return byte


def _numbers() -> list[int]:
    found = [getattr(signal, name, None) for name in (*_NAMES, "SIGALRM")]
    return [number for number in found if number is not None]


def _in_main() -> bool:
    """Only there a signal is heard; what other threads do for a command ends when they look."""
    return threading.current_thread() is threading.main_thread()


def _alarm(seconds: float) -> None:
    if _ALARM is not None and _in_main():
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _leave(number: int) -> None:
    """Whatever is on the wire stays recorded as `sending`; the next command finds it unknown and looks for it."""
    with contextlib.suppress(OSError):
        if os.isatty(2):
            _say(b"\x1b[?25h")
    _say(b"\nsobatch: ended at once; the next command looks after what was in flight\n")
    os._exit(128 + number)


def _say(words: bytes) -> None:
    """Straight to standard error, which may have gone together with the terminal that sent the signal."""
    with contextlib.suppress(OSError):
        os.write(2, words)
