"""Several orders in progress at a time, for an ERP that takes them one by one.

The thread that runs the pool owns the journal: it hands out orders, writes what their senders hand in, and tells the
listener. With one order at a time it is the sender, too. An order that is unknown stops only itself; so many in a row
that no answer makes sense stop the run. What ends the run lets the orders in progress come to their own end first.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from queue import Empty, SimpleQueue

from sobatch.erp.ports import InDoubt
from sobatch.errors import Interrupted, SobatchError, TimeUp
from sobatch.lifecycle.events import Said, Tallied
from sobatch.lifecycle.journal.rows import PartState
from sobatch.lifecycle.send.desk import Closed, Desk, Slip
from sobatch.lifecycle.send.one_order import Ended, OneOrder
from sobatch.lifecycle.send.reserve import Reserve
from sobatch.lifecycle.session import Pace, Session

_MOMENT = 0.1
"""Seconds between two looks at whether the end was asked for."""
_NO_SENSE = 3
"""So many unknown orders in a row for each order in progress, and the ERP answers nothing sensible any more."""
_MOST_SAID = 20
_JOINED = 5.0
_SHOWN = 0.5


def most_unknown(session: Session, in_flight: int) -> int:
    """So many unknown orders stop a run."""
    return 1 if session.target.traits.unknown_stops_run else _NO_SENSE * in_flight


class Pool:
    """Sends the planned parts of a run, `in_flight` at a time, each of them one order."""

    def __init__(self, session: Session, pace: Pace, run: str, in_flight: int) -> None:
        self._session = session
        self._pace = pace
        self._run = run
        self._in_flight = in_flight
        self._reserve = Reserve(session.state, session.storage)
        self._desk = Desk(session, self._reserve, self._heard)
        self._tasks: SimpleQueue[OneOrder | None] = SimpleQueue()
        self._planned = session.journal.each_part(run, PartState.PLANNED)
        self._handed_out = 0
        """Orders that have not ended; some of them wait for a sender, and one for each that is broken never will."""
        self._stopping = False
        self._why: SobatchError | None = None
        self._broken: list[BaseException] = []
        self._senseless = 0
        self._counts = Counter[str]()
        self._shown = session.clock.monotonic()

    def send_all(self) -> None:
        """Send what is planned. Raises what ended it early: `Temporary`, `NotAllowed`, `RemoteFailed`, `StorageFailed`,
        `Interrupted` or `TimeUp`; by then no order is in progress any more."""
        self._reserve.hold()
        threads = [self._hired() for _ in range(self._in_flight if self._in_flight > 1 else 0)]
        try:
            while self._some_are_left():
                if threads:
                    self._desk.serve(_MOMENT)
                elif self._tasks.empty():
                    self._desk.serve(0.0)
                elif (order := self._tasks.get()) is not None:
                    order.send()
            self._desk.serve(0.0)
        finally:
            self._desk.close()
            for _ in threads:
                self._tasks.put(None)
            for thread in threads:
                thread.join(_JOINED)
        self._show(now=True)
        self._end()

    def _end(self) -> None:
        if self._broken:
            raise self._broken[0]
        self._session.stop()
        if self._why is not None:
            raise self._why

    def _some_are_left(self) -> bool:
        """Hand out orders, one in reserve for each sender. False when none is in progress and none is to come."""
        if any(not isinstance(error, Exception) for error in self._broken):
            raise self._broken[0]
        if self._broken or self._session.ends():
            self._stop()
        while not self._stopping and self._handed_out < 2 * self._in_flight:
            part = next(self._planned, None)
            if part is None:
                break
            self._tasks.put(OneOrder(self._session, self._pace, self._desk, part))
            self._handed_out += 1
        return self._handed_out > len(self._broken)  # what a broken sender had in hand never comes back

    def _stop(self, why: SobatchError | None = None) -> None:
        """No further order begins; those in progress come to their end."""
        self._stopping = True
        self._why = self._why or why
        with suppress(Empty):
            while True:
                self._tasks.get_nowait()
                self._handed_out -= 1

    # ---- senders --------------------------------------------------------------------------------------------------

    def _hired(self) -> threading.Thread:
        thread = threading.Thread(target=self._sender, name="sobatch-sender", daemon=True)
        thread.start()
        return thread

    def _sender(self) -> None:
        while (order := self._tasks.get()) is not None:
            try:
                order.send()
            except Closed:
                return
            except BaseException as error:
                self._broken.append(error)
                self._desk.wake()
                return

    # ---- what came of orders --------------------------------------------------------------------------------------

    def _heard(self, slip: Slip[Ended]) -> None:
        """At the desk: an order has ended, durably unless the journal failed."""
        self._handed_out -= 1
        if slip.error is not None:
            self._stop(slip.error if isinstance(slip.error, SobatchError) else None)
            return
        ended = slip.value()
        self._counts["unknown" if ended.verdict is None else ended.verdict.state] += ended.state != "planned"
        if isinstance(ended.came, InDoubt):
            self._unknown(ended)
        elif isinstance(ended.came, SobatchError):
            self._stop(None if isinstance(ended.came, Interrupted | TimeUp) else ended.came)
        else:
            self._senseless = 0
        self._show()

    def _unknown(self, ended: Ended) -> None:
        self._senseless += 1
        if self._counts["unknown"] <= _MOST_SAID:
            words = str(ended.came).rstrip(".")
            said = f"Part {ended.part.number}: {words}. Whether it was received is not known; it is looked for."
            self._session.listen(Said(said, True))
        if self._senseless >= most_unknown(self._session, self._in_flight) and not self._stopping:
            self._session.listen(Said(f"{self._senseless:,} orders in a row are unknown: no more are sent.", True))
            self._stop()

    def _show(self, *, now: bool = False) -> None:
        moment = self._session.clock.monotonic()
        if now or moment - self._shown >= _SHOWN:
            self._shown = moment
            counts = {state: self._counts[state] for state in ("created", "incomplete", "rejected", "unknown")}
            self._session.listen(Tallied(self._run, self._counts.total(), **counts))
