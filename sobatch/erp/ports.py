"""What the lifecycle knows of an ERP: the `Target` port and the values that cross it. Speaks of no ERP and no wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from sobatch.erp.clock import Clock as Clock
from sobatch.erp.sends import InDoubt as InDoubt
from sobatch.erp.sends import NotSent as NotSent
from sobatch.erp.sends import PartFile as PartFile
from sobatch.erp.sends import Refused as Refused
from sobatch.erp.sends import SendError as SendError
from sobatch.erp.sends import Throttled as Throttled
from sobatch.erp.sends import TokenExpired as TokenExpired


@dataclass(frozen=True, slots=True)
class Traits:
    """What kind of ERP it is, as far as the verbs have to know.

    `remote_work`: an accepted part is worked on remotely, so it is followed; else its receipt is final.
    `lists_jobs`: the ERP has a list in which a lost part may be looked for. `unknown_stops_run`: no later part of a run
    is sent while one is unknown.
    """

    remote_work: bool = True
    lists_jobs: bool = True
    unknown_stops_run: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the ERP gave back for a part. `remote_id` is None when the answer carried no usable id.

    `http_status` and `location` are kept as they came (`location` cut to 2,000 characters); `server_time` is the
    `Date` header as seconds since the epoch, or None. `note` tells anything unusual ("200 in place of 201"). `final` is
    not empty where nothing is left to follow: one outcome per order, by `position` (a single one needs none).
    """

    remote_id: str | None
    http_status: int = 201
    location: str | None = None
    server_time: float | None = None
    note: str | None = None
    final: tuple[Outcome, ...] = ()


class Phase(StrEnum):
    """Where the remote work stands."""

    PENDING = "pending"
    RUNNING = "running"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    FINISHED = "finished"
    FAILED = "failed"
    CLAIMED = "claimed"
    """It sounds like the end, and is no documented word for it: an end only when the lists account for every order."""
    UNRECOGNISED = "unrecognised"

    @property
    def terminal(self) -> bool:
        """Whether nothing more will happen remotely."""
        return self in (Phase.CANCELLED, Phase.FINISHED, Phase.FAILED)


@dataclass(frozen=True, slots=True)
class Status:
    """One answer to "how far is it?". Counts are None where the server gave none that make sense.

    `processed` counts orders looked at, good and bad; `failed` those with errors. `result` is the server's own word.
    `retry_after` is what the server asked for, in seconds.
    """

    phase: Phase
    result: str | None = None
    processed: int | None = None
    failed: int | None = None
    message: str | None = None
    retry_after: float | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


class Kind(StrEnum):
    """Which result list: the orders that failed, or those that were created."""

    FAILED = "failed"
    CREATED = "created"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One entry of a result list, tolerantly read; `raw` is the entry as it came, as JSON bytes.

    `index` is what the server gives outside the order it echoes: a position, from 0 or 1, or the list's own count;
    `position` is the position, from 0, where that is known. `order` holds the members that the entry echoes, by which
    it is matched. `messages` are the server's words, redacted, each with its path ("" for the whole order).
    """

    kind: Kind
    raw: bytes
    index: int | None = None
    number: str | None = None
    order: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[tuple[str, str], ...] = ()
    over_budget: bool = False
    """Refused only because the call as a whole made too many rows (POST_004): it may go out again in a smaller part."""
    position: int | None = None
    incomplete: bool = False
    """A created order that lacks some of its lines."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A send whose answer was lost. Times are seconds since the epoch, local clock; `clock_offset` is server minus
    local. `known_ids` are all remote ids the journal has; `witnesses` those that an honest list shows as well (the
    run's other parts, and all sent since), with file name and whether sent since. `waited`: since the attempt ended.

    Where a part is one order made in steps: `done` are those that are durable (name to what was kept), `pending` the
    one whose answer was lost; None when nothing was sent since the last one. `number` is the order's own; `resent`:
    the pending step was in doubt before, and was made again. `lost`: a restored journal, which may lack steps."""

    part: PartFile
    company: str | None
    started: float
    ended: float
    clock_offset: float | None
    known_ids: frozenset[str]
    witnesses: Mapping[str, tuple[str, bool]]
    waited: float
    settle: float
    done: Mapping[str, str] = field(default_factory=dict)
    pending: str | None = None
    number: str | None = None
    resent: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The remote work of a lost attempt, beyond doubt. `step`: the pending step that did happen, and its value."""

    receipt: Receipt
    evidence: str
    step: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class GoesOn:
    """What of an order is there is known beyond doubt, and something is left to be made. `step` as in `Found`."""

    evidence: str
    step: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class NotListed:
    """A list without the lost attempt: never proof, for it may be filtered, cut or late. `evidence` says what list it
    was. `thorough`: it shows all witnesses by file name, seems uncut, and the settle time is over. `once_only`: the ERP
    refuses a second one by its number, so that sending it again makes it at most once. `early`: the seconds until what
    was made would surely be listed."""

    evidence: str
    thorough: bool = False
    once_only: bool = False
    early: float = 0.0


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Neither; `reason` is a sentence for the operator, `candidates` remote ids that might be the one."""

    reason: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """One row of the ERP's own list of jobs; `orders` and `company` are None where it does not state them."""

    remote_id: str
    status: Status
    created: str | None = None
    orders: int | None = None
    company: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


class Steps(Protocol):
    """The journal as a target sees it while sending one part. A step is one call that changes something remotely."""

    def acknowledged(self, receipt: Receipt) -> None:
        """Make the receipt durable, and with it the outcomes of a final one. Called when the response headers are in,
        before the body is read."""

    def recorded(self) -> Mapping[str, str]:
        """What was kept of the steps of this part that are done, by name: they are not made again."""

    def begin(self, step: str) -> None:
        """Make durable that a step is begun: before its call. Raises `errors.StorageFailed` for one that is done, under
        way or unknown."""

    def done(self, step: str, value: str) -> None:
        """Make durable that a step is done, and what is to be kept of it (a created id): before the next call."""

    def refused(self, step: str, words: str) -> None:
        """Make durable that a step was refused for certain: it may be begun again."""

    def doubted(self, step: str) -> bool:
        """Whether a step was sent before, and is made again although nothing proves that it was not received."""


Notify = Callable[[int], None]
"""Called with the number of body bytes handed to the wire since the last call."""


class Target(Protocol):
    """An ERP one can send parts to. One request per method; retries of reads are the HTTP layer's business."""

    @property
    def name(self) -> str:
        """The ERP's name, such as `unit4`."""

    @property
    def address(self) -> str:
        """The base URL without credentials: half of a run's identity, and shown before the first byte goes out."""

    @property
    def traits(self) -> Traits:
        """What kind of ERP it is."""

    def prepare(self) -> None:
        """Fetch whatever a send needs beforehand (a token), so that the send itself is one request."""

    def send(self, part: PartFile, steps: Steps, notify: Notify) -> Receipt:
        """Send one part, once. Raises a `SendError`; nothing else after the first byte."""

    def find(self, attempt: Attempt) -> Found | GoesOn | NotListed | CannotTell:
        """Look for the remote work of an attempt whose answer was lost."""

    def status(self, receipt: Receipt) -> Status:
        """Ask once how far a part is; raises `errors.Temporary`, `errors.NotAllowed` or `errors.RemoteFailed`."""

    def results(self, receipt: Receipt, kind: Kind, save_to: Path) -> Iterator[Outcome]:
        """Download one result list to `save_to` (durable before the first outcome is yielded), stream it, remove it."""

    def cancel(self, receipt: Receipt) -> None:
        """Ask for the remote work to stop. Repeating it is harmless; the truth comes from `status` and `results`."""

    def jobs(self, filters: Mapping[str, str] = ..., *, seconds: float | None = None) -> Iterator[RemoteJob]:
        """The ERP's own list of jobs, by its own filters as they are typed (`UsageError` for one that means nothing).
        With `seconds` it is one request that takes no longer. An ERP without a list raises `errors.RemoteFailed` with
        the fact `http_status` 404."""

    def redacted(self, text: str) -> str:
        """Text that came from the ERP, without any secret of this connection: for what was kept raw to be matched."""

    def close(self) -> None:
        """Release connections."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach an ERP, as understood from the profile. Secrets are functions, so that no `repr` shows one.

    `company` None means the user's default company. `options` holds every setting of the ERP by its name, a secret as
    a function or None. `transport` is an `httpx.BaseTransport` in place of the network, for the embedded sandbox.
    `secrets` are all that can be opened without asking anybody, used or not: none may be shown. Times are seconds.
    `announce` is told what the ERP says by the way, such as that something ends soon: redacted, each sentence once.
    """

    base_url: str
    token_url: str | None = None
    client_id: str | None = None
    client_secret: Callable[[], str] | None = None
    scope: str | None = None
    username: str | None = None
    password: Callable[[], str] | None = None
    company: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    proxy: str | None = None
    proxy_username: str | None = None
    proxy_password: Callable[[], str] | None = None
    ca_file: Path | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    send_timeout: float = 120.0
    transport: Any = None
    secrets: Sequence[Callable[[], str]] = ()
    announce: Callable[[str], None] = lambda _: None
