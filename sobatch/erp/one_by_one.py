"""ERPs that take one order at a time: what such an ERP's dialect is, and the values it speaks in.

A dialect holds no input or output. It is a set of generators that yield calls, are sent the answers, and return what
came of it, as `httpx.Auth` does. So its test is: look at the request, send a canned answer, look at the outcome. What
carries the calls out (`erp/wire/carrier.py`) journals each step before and after its call, and rules on each status.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sobatch.erp.exchange import Answer, Request
from sobatch.erp.ports import CannotTell, NotListed

ORDER = "order"
"""The step that makes the order itself. What is kept of it names the order, so no two orders can have the same: an
answer that names what is known already is no yes. An order that only adds to one that exists has no such step."""


def _nothing(answer: Answer) -> str | None:
    return ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an order.

    `step` is its name in the journal, such as `order` (`ORDER`), `lines` or `item 3`: a step is durable as begun before
    its call, as done before anything else goes out, and is never made twice. None is a read, which may be repeated.
    `keep` gives what is to be remembered of a yes (the created id, as text); None when the answer does not prove it,
    and then the step is unknown: never made again before somebody has looked. It may hold more than the id, but a bare
    id has to be understood in its place: an operator can name one (`resolve --accepted`).
    """

    request: Request
    step: str | None = None
    keep: Callable[[Answer], str | None] = _nothing


class Fate(StrEnum):
    """What came of an order: all of it is there, a part of it, or nothing."""

    CREATED = "created"
    INCOMPLETE = "incomplete"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Made:
    """The end of one order. `remote_id` names it in later calls, `number` is what its users call it.

    `messages` are the server's words, each with its JSON pointer inside the order ("" for the whole). `note` is one
    sentence for the operator, such as `3 of 5 lines`; None when there is nothing to say.
    """

    fate: Fate
    remote_id: str | None = None
    number: str | None = None
    messages: tuple[tuple[str, str], ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """A step whose answer was lost did happen, beyond doubt. `value` is what `Call.keep` would have given.

    `partial`: only some of what it makes is there, and the value says which; it counts when the ERP has had its time.
    """

    value: str
    evidence: str
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """How a created order stands at the ERP today, in the ERP's own words; `gone` when it is there no more."""

    word: str
    cancelled: bool = False
    delivered: bool = False
    gone: bool = False


Creating = Generator[Call, Answer, Made]
Looking = Generator[Call, Answer, "Present | NotListed | CannotTell"]
Seeing = Generator[Call, Answer, Seen]


class Dialect(Protocol):
    """How one ERP is spoken to. `order` is the order as the user wrote it; values go out in that spelling.

    `done` maps the steps that are durable already to what was kept of them: they are not yielded again. With nothing
    left to do `create` ends without a call, so that an order whose last answer was lost needs no request to be told.
    A generator is pure: it may be run ahead of the wire, or left unfinished.
    """

    @property
    def refused(self) -> frozenset[int]:
        """Statuses that are a definite no to a step beside the usual ones (400, 403, 404, 405, 413, 415, 422).

        403, 404, 405 or 415 here says that this ERP means the one order by it. Otherwise 403 stops the run, and so do
        the others when their body is no JSON: that is not the ERP's own word, but a wrong address."""

    @property
    def doubtful(self) -> frozenset[int]:
        """Statuses that are usually a definite no, and are none here."""

    def create(self, order: bytes, done: Mapping[str, str]) -> Creating:
        """Make the order, or what is left of it. A refused step's answer is sent in like any other; so is that of a
        read, but for what passes by itself (429, 5xx) and for 401 and 403."""

    def look(self, order: bytes, done: Mapping[str, str], pending: str) -> Looking:
        """Whether the step `pending`, whose answer was lost, happened. Yields reads only. `NotListed` is no proof."""

    def see(self, remote_id: str) -> Seeing:
        """How a created order stands now. Yields reads only."""


class Line(Protocol):
    """The wire as one ERP needs it: who we are, where it is, how fast it may be asked."""

    def prepare(self) -> None:
        """Fetch whatever a call needs beforehand (a token)."""

    def ready(self, request: Request) -> None:
        """Wait until the ERP's pace allows a call. What waits is not begun yet, and in no doubt if the process dies."""

    def exchange(self, request: Request) -> Answer:
        """Make a call that changes something, once. Any answer is one. Raises `InDoubt` without one, and `NotSent` or a
        `SobatchError` when nothing was sent."""

    def look(self, request: Request) -> Answer:
        """Make a read, repeated as reads are. Raises `Temporary` or `NotAllowed`."""

    def renew(self) -> bool:
        """Forget a token that was turned away; False when there is nothing to renew."""

    def redacted(self, text: str) -> str:
        """Text from the ERP without any secret of this connection."""

    def close(self) -> None:
        """Release connections."""
