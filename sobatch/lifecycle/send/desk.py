"""The journal's desk: whoever sends hands in what is to be written, and waits until it is durable.

One thread owns the journal. It takes all that waits and makes it durable by one commit, so that many senders pay for
one; what is handed in first is written first. In the desk's own thread a wait is the work itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from sobatch.erp.ports import SendError
from sobatch.errors import SobatchError, StorageFailed
from sobatch.lifecycle.events import Event, Said
from sobatch.lifecycle.mark import keep_mark
from sobatch.lifecycle.send.reserve import Reserve
from sobatch.lifecycle.session import Session

T = TypeVar("T")


class Closed(BaseException):
    """The desk is gone: nothing is written any more, so nothing may be sent. Ends a sender's thread."""


class Slip(Generic[T]):
    """Something that is to be written. `after`: what has to be written before; when that fails, this fails with it."""

    def __init__(self, write: Callable[[], T], after: Slip[Any] | None, *, begins: bool, ends: bool) -> None:
        self._write = write
        self._after = after
        self._value: T | None = None
        self._over = threading.Event()
        self.error: BaseException | None = None
        self.begins = begins
        """Whether it begins a send, which is counted outside the journal, too."""
        self.ends = ends
        """Whether it is the last word about an order."""

    @property
    def over(self) -> bool:
        """Whether it is durable, or has failed."""
        return self._over.is_set()

    def make(self) -> None:
        """Write it; what is wrong with it alone is kept."""
        self.error = self._after.error if self._after is not None else None
        if self.error is None:
            try:
                self._value = self._write()
            except (SobatchError, SendError) as error:
                self.error = error

    def end(self, error: BaseException | None = None) -> None:
        """It is durable, or all that was written with it failed."""
        self.error = error or self.error
        self._after = None
        self._over.set()

    def wait(self) -> None:
        """Wait in another thread than the desk's."""
        self._over.wait()

    def value(self) -> T:
        """What writing it gave. Raises what was wrong."""
        if self.error is not None:
            raise self.error
        return self._value  # type: ignore[return-value]


class Desk:
    """Where writes are handed in. Made, served and closed in the thread that owns the journal."""

    def __init__(self, session: Session, reserve: Reserve, heard: Callable[[Slip[Any]], None]) -> None:
        """`heard` is told of each slip that ends an order, before whoever waits for it."""
        self._session = session
        self._heard = heard
        self._reserve = reserve
        self._inbox: SimpleQueue[Slip[Any] | Event | None] = SimpleQueue()
        self._owner = threading.get_ident()
        self._closed = False
        self._unkept = False

    def post(
        self, write: Callable[[], T], after: Slip[Any] | None = None, *, begins: bool = False, ends: bool = False
    ) -> Slip[T]:
        """Hand in what is to be written, and go on."""
        slip = Slip(write, after, begins=begins, ends=ends)
        self._inbox.put(slip)
        if self._closed:
            slip.end(Closed())
        return slip

    def do(self, write: Callable[[], T], after: Slip[Any] | None = None, *, begins: bool = False) -> T:
        """Hand in what is to be written, and wait until it is durable. Raises what was wrong with it."""
        slip = self.post(write, after, begins=begins)
        self.wait(slip)
        return slip.value()

    def wait(self, slip: Slip[Any]) -> None:
        """Wait until a slip is durable, or has failed."""
        if threading.get_ident() == self._owner:
            while not slip.over:
                self.serve(0.0)
        slip.wait()

    def say(self, event: Event) -> None:
        """Tell the listener, who hears everything in the desk's own thread."""
        self._inbox.put(event)

    def wake(self) -> None:
        """Something has happened that is not to be written."""
        self._inbox.put(None)

    def serve(self, seconds: float) -> None:
        """Wait so long for something to write, then make all that waits durable."""
        slips: list[Slip[Any]] = []
        events: list[Event] = []
        waiting = seconds
        while True:
            try:
                got = self._inbox.get(timeout=waiting) if waiting else self._inbox.get_nowait()
            except Empty:
                break
            waiting = 0.0
            if isinstance(got, Slip):
                slips.append(got)
            elif got is not None:
                events.append(got)
        try:
            self._written(slips)
        except BaseException:
            for slip in slips:
                slip.end(Closed())
            raise
        for event in events:
            self._session.listen(event)

    def close(self) -> None:
        """Whoever still waits, waits in vain."""
        self._closed = True
        while not self._inbox.empty():
            got = self._inbox.get_nowait()
            if isinstance(got, Slip):
                got.end(Closed())

    def _written(self, slips: list[Slip[Any]]) -> None:
        """Make slips durable; what the disk refuses gets a second chance in the room that was held back."""
        left = self._commit(slips) if slips else []
        if left:
            self._reserve.free()
            self._commit(left)
        if any(slip.begins and slip.error is None for slip in slips):
            self._keep_mark()
        for slip in slips:
            if slip.ends:
                self._heard(slip)
            slip.end()

    def _commit(self, slips: list[Slip[Any]]) -> list[Slip[Any]]:
        """One commit for all. Returns those that the disk refused."""
        try:
            with self._session.journal.together():
                for slip in slips:
                    slip.make()
        except StorageFailed as error:
            for slip in slips:
                slip.error = error
        return [slip for slip in slips if isinstance(slip.error, StorageFailed)]

    def _keep_mark(self) -> None:
        trouble = keep_mark(self._session.journal, self._session.marks)
        if trouble and not self._unkept:
            self._unkept = True
            self._session.listen(Said(f"No mark of this send could be kept beside the journal ({trouble})."))
