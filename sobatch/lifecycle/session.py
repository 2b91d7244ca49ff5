"""Everything a verb over a target needs, in one value: handed in once, passed along."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from sobatch.core.cut.storage import Storage
from sobatch.core.order.spec import Spec
from sobatch.erp.ports import Clock, Target
from sobatch.lifecycle.events import Listen
from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.journal.rows import RunRow
from sobatch.lifecycle.mark import Marks


def run_folder(state: Path, run: str) -> Path:
    """Where a run keeps its staged parts and downloaded results."""
    return state / "runs" / run


@dataclass(slots=True)
class Session:
    """The ports of one command. `stop` raises `Interrupted` once a signal has asked for the end, `TimeUp` once the time
    given is over.

    `as_begun` gives the session that a run goes on in: what reaches the wire stays as it was when the run was begun.
    `clock_offset` is server minus local time in seconds, learnt from answers. `listed_before` are the remote ids (in
    small letters) that the ERP had before the run's first send: none of them can be its answer to a send.
    """

    journal: Journal
    storage: Storage
    target: Target
    clock: Clock
    spec: Spec
    state: Path
    listen: Listen
    stop: Callable[[], None]
    marks: Marks
    as_begun: Callable[[Session, RunRow], AbstractContextManager[Session]]
    clock_offset: float | None = field(default=None)
    listed_before: frozenset[str] = field(default=frozenset())
    ends: Callable[[], bool] = field(default=lambda: False)
    """Whether `stop` would raise: for whoever has orders in progress, which come to their own end first."""
    started: float = field(init=False)
    """When the command began, on the monotonic clock: from here `Pace.timeout` counts."""

    def __post_init__(self) -> None:
        self.started = self.clock.monotonic()

    def folder(self, run: str) -> Path:
        """The run's own folder."""
        return run_folder(self.state, run)

    def hear_time(self, server_time: float | None) -> None:
        """Learn the server's clock from an answer."""
        if server_time is not None:
            self.clock_offset = server_time - self.clock.now()


@dataclass(frozen=True, slots=True)
class Pace:
    """How a run is carried out. Times are seconds; `poll_interval` None means adaptive, `timeout` None means no end.

    `resend_not_listed`: a part that a thorough list does not show is sent again; nothing else ever is by itself.
    """

    wait: bool = True
    in_flight: int = 1
    timeout: float | None = None
    poll_interval: float | None = None
    settle: float = 600.0
    resend_not_listed: bool = False
    retry_throttled: bool = True
