"""Rows of the journal as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sobatch.core.cut.staging import PartFacts


class PartState(StrEnum):
    """`planned -> sending -> accepted -> finished -> settled`, or `refused`, `cancelled`, `unknown`."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    FINISHED = "finished"
    SETTLED = "settled"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


OPEN_STATES = (PartState.PLANNED, PartState.SENDING, PartState.ACCEPTED, PartState.FINISHED, PartState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes two submits the same: never the flags, the plan or the file's name."""

    erp: str
    address: str
    company: str
    run_key: str = ""


def one_spelling(company: str) -> str:
    """A company however it is spelt: case and blanks aside. '' stays the user's default one."""
    return " ".join(company.casefold().split())


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run."""

    id: str
    created: float
    source: str
    folder: str | None
    erp: str
    address: str
    company: str
    run_key: str
    content: str
    stored: str
    settings: Mapping[str, Any]
    version: str
    orders: int
    lines: int
    rows: int
    state: str
    cancelled: bool
    exit_code: int | None
    closed: float | None
    rejects: str | None
    remaining: str | None
    restored: float | None


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part."""

    run: str
    number: int
    parent: int | None
    group: str
    orders: int
    lines: int
    rows: int
    file: str
    size: int
    sha256: str
    text_sha256: str
    state: PartState
    remote_id: str | None
    phase: str | None
    result: str | None
    processed: int | None
    failed: int | None
    message: str | None
    adds_up: bool
    accepted: float | None
    start: int | None
    ended: float | None
    lists: str | None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One POST on the wire."""

    id: int
    run: str
    part: int
    state: str
    started: float
    ended: float | None
    clock_offset: float | None
    http_status: int | None
    location: str | None
    remote_id: str | None
    bytes_sent: int | None
    message: str | None
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class StepRow:
    """One call of a part that changes something remotely; `value` is what is kept of a yes, or why it is none."""

    id: int
    run: str
    part: int
    attempt: int
    name: str
    state: str
    value: str | None
    at: float


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as staged."""

    idx: int
    part: int | None
    position: int | None
    part_offset: int | None
    offset: int
    length: int
    line: int
    col: int
    rows: int
    lines: int
    content: bytes
    number: str | None
    external: str | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with its verdict."""

    idx: int
    part: int | None
    position: int | None
    part_offset: int | None
    offset: int
    length: int
    line: int
    col: int
    rows: int
    lines: int
    content: bytes
    number: str | None
    external: str | None
    reference: str | None
    state: str
    remote_number: str | None
    twins: int | None
    messages: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one order."""

    idx: int
    state: str
    remote_number: str | None = None
    twins: int | None = None
    messages: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """Orders of a settled part that go into new parts: `moves` are (idx, part, position, part_offset)."""

    parts: tuple[PartFacts, ...]
    moves: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """An order of a new file that an earlier run may have created already."""

    idx: int
    line: int
    run: str
    other_idx: int | None
    by: str
    state: str
    remote_number: str | None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is kept of a run that was pruned, so that its content is still recognised."""

    run: str
    company: str
    run_key: str
