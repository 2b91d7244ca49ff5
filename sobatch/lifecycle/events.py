"""What the lifecycle tells its listener while it works. Values only; who listens decides how to show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # an offline command shows how far it has read, and needs no port
    from sobatch.erp.ports import Phase


@dataclass(frozen=True, slots=True)
class Reading:
    """Stored bytes of the input read so far; `total` None for a pipe."""

    source: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan is durable; nothing has been sent."""

    run: str
    parts: int
    orders: int
    rows: int


@dataclass(frozen=True, slots=True)
class Sending:
    """Body bytes of a part handed to the wire so far."""

    part: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """A part was acknowledged and the receipt is durable."""

    part: int
    remote_id: str | None


@dataclass(frozen=True, slots=True)
class Following:
    """An answer about a part's remote work."""

    part: int
    phase: Phase
    processed: int | None
    orders: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A part's outcomes are in the journal."""

    part: int
    orders: int
    created: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Tallied:
    """How many orders of a run have ended in this command, where they go out one by one, and how."""

    run: str
    ended: int
    created: int
    incomplete: int
    rejected: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pause before another try."""

    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for the operator. `warning` sentences are shown even when quiet."""

    text: str
    warning: bool = False


Event = Reading | Planned | Sending | Accepted | Following | Settled | Tallied | Waiting | Said
Listen = Callable[[Event], None]


def silent(event: Event) -> None:
    """A listener that does nothing."""
