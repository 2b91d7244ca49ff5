"""Carries out a dialect: one order, call by call, each journalled before and after, each status ruled on here.

A step whose answer proves nothing stays begun, and the order is in doubt: it is looked for before anything else of it
goes out. What the dialect says of a finished order comes home as a receipt that is final. (DESIGN.md sections 6 and 7)
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

from sobatch.core.place.safetext import clean
from sobatch.erp.exchange import Answer
from sobatch.erp.one_by_one import ORDER, Call, Dialect, Fate, Line, Made, Present
from sobatch.erp.ports import (
    Attempt,
    CannotTell,
    Clock,
    Found,
    GoesOn,
    InDoubt,
    Kind,
    Notify,
    NotListed,
    NotSent,
    Outcome,
    PartFile,
    Phase,
    Receipt,
    Refused,
    RemoteJob,
    SendError,
    Status,
    Steps,
    Throttled,
    TokenExpired,
    Traits,
)
from sobatch.erp.wire import rulings
from sobatch.erp.wire.client import message_of
from sobatch.erp.wire.rulings import Rules, Verdict, verdict
from sobatch.errors import Defect, RemoteFailed, SobatchError, Temporary

T = TypeVar("T")

_WRONG_DOOR = (404, 405, 415)
_NO_FILTERS: Mapping[str, str] = {}
_ONE_BY_ONE = Traits(remote_work=False, lists_jobs=False, unknown_stops_run=False)
_LONGEST_WORDS = 500


class OneByOne:
    """An ERP that takes one order at a time, as a `Target`: a part is one order.

    `unique`: the ERP refuses an order whose own number it has already. `lag`: the seconds until an order that was made
    is sure to be found by a look.
    """

    def __init__(
        self,
        name: str,
        address: str,
        dialect: Dialect,
        line: Line,
        clock: Clock,
        *,
        unique: bool = False,
        lag: float = 60.0,
    ) -> None:
        self._name = name
        self._address = address
        self._dialect = dialect
        self._line = line
        self._clock = clock
        self._unique = unique
        self._lag = lag
        self._own_rules: Rules = {
            rulings.Call.SUBMIT: (
                (tuple(dialect.doubtful), Verdict.IN_DOUBT),
                (tuple(dialect.refused), Verdict.REFUSED),
            )
        }

    @property
    def name(self) -> str:
        return self._name

    @property
    def address(self) -> str:
        return self._address

    @property
    def traits(self) -> Traits:
        return _ONE_BY_ONE

    def prepare(self) -> None:
        self._line.prepare()

    def send(self, part: PartFile, steps: Steps, notify: Notify) -> Receipt:
        """Make the order, or what is left of it. Raises a `SendError` about the step at hand: after `InDoubt` it stays
        begun, after all others it was not made. `Refused` is about every order: no access, or a wrong address."""
        order = part.order()
        made, answer = None, None
        calls = self._dialect.create(order, dict(steps.recorded()))
        while made is None:
            call, made = _next(calls, answer)
            if call is not None:
                answer = self._line.look(call.request) if call.step is None else self._make(call, call.step, steps)
                notify(len(call.request.body or b""))
        return self._receipt(made, steps.recorded(), answer)

    def _make(self, call: Call, step: str, steps: Steps) -> Answer:
        """Make a call that changes something. Returns a yes, or a no that is about this order."""
        self._line.ready(call.request)
        steps.begin(step)
        try:
            answer = self._line.exchange(call.request)
        except (NotSent, SobatchError) as error:
            steps.refused(step, error.message)
            raise
        ruling = verdict(rulings.Call.SUBMIT, answer.status, self._own_rules)
        if ruling is Verdict.ACCEPTED:
            value = call.keep(answer)
            if value is None:
                raise self._error(InDoubt, answer, "took it, and its answer does not name what it made")
            steps.done(step, value)
            return answer
        if ruling is Verdict.IN_DOUBT:
            raise self._error(InDoubt, answer)
        if ruling is not Verdict.REFUSED or self._about_all(answer):
            raise self._not_made(step, steps, answer, ruling)
        if steps.doubted(step):  # perhaps it was received the first time: then this says "I have it already"
            raise self._error(InDoubt, answer)
        steps.refused(step, self._words(answer))
        return answer

    def _about_all(self, answer: Answer) -> bool:
        """Whether a refusal is about every order: no access, or an address where this ERP is not."""
        if answer.status in self._dialect.refused:
            return False
        elsewhere = answer.status in _WRONG_DOOR and not isinstance(answer.json(), dict | list)
        return answer.status == 403 or elsewhere

    def _not_made(self, step: str, steps: Steps, answer: Answer, ruling: Verdict) -> SendError:
        """The error for a call that was turned away before anything was made."""
        kinds: dict[Verdict, type[SendError]] = {Verdict.THROTTLED: Throttled, Verdict.EXPIRED: TokenExpired}
        kind = kinds.get(ruling, Refused)
        if kind is TokenExpired and not self._line.renew():
            kind = Refused
        error = self._error(kind, answer)
        steps.refused(step, error.message)
        return error

    def _error(self, kind: type[SendError], answer: Answer, what: str = "") -> SendError:
        date = rulings.http_date(answer.headers.get("date"))
        return kind(
            (what and f"the server answered {answer.status}: it {what}") or self._words(answer),
            http_status=answer.status,
            retry_after=rulings.retry_after(answer.headers.get("retry-after"), date or self._clock.now()),
            server_time=date,
        )

    def _words(self, answer: Answer) -> str:
        words = message_of(answer.body, self._line.redacted)
        return f"the server answered {answer.status}" + (f" ({words})" if words else "")

    def _receipt(self, made: Made, done: Mapping[str, str], last: Answer | None = None) -> Receipt:
        """What is kept of the end. An order that others may add to as well is not the part's own."""
        messages = [(path, clean(self._line.redacted(words), _LONGEST_WORDS)) for path, words in made.messages]
        if made.note:
            messages.append(("", clean(self._line.redacted(made.note), _LONGEST_WORDS)))
        outcome = Outcome(
            Kind.FAILED if made.fate is Fate.REJECTED else Kind.CREATED,
            b"",
            index=0,
            number=made.number or made.remote_id,
            messages=tuple(messages),
            position=0,
            incomplete=made.fate is Fate.INCOMPLETE,
        )
        date = rulings.http_date(last.headers.get("date")) if last is not None else None
        status = last.status if last is not None else 200
        own = made.remote_id if ORDER in done else None
        return Receipt(own, status, server_time=date, note=made.note, final=(outcome,))

    def find(self, attempt: Attempt) -> Found | GoesOn | NotListed | CannotTell:
        """Look for the step whose answer was lost. Without one nothing is in doubt: what is done is known."""
        try:
            order = attempt.part.order()
        except OSError as error:
            return CannotTell(f"the staged order is gone ({error.strerror or error}), so it cannot be looked for.")
        if attempt.lost:
            return self._searched(order, dict(attempt.done))
        if attempt.pending is None:
            return self._left(order, attempt.done, None, "nothing was sent since the last step that is known")
        try:
            answer = self._run(self._dialect.look(order, dict(attempt.done), attempt.pending))
        except RemoteFailed as error:
            return CannotTell(f"the ERP cannot be asked about it: {error.message}.")
        early = max(0.0, self._lag - attempt.waited)
        if isinstance(answer, Present) and answer.partial and early:
            return NotListed(f"{answer.evidence}, and the rest may still come.", early=early)
        if isinstance(answer, Present):
            step = (attempt.pending, answer.value)
            return self._left(order, {**attempt.done, attempt.pending: answer.value}, step, answer.evidence)
        if isinstance(answer, NotListed):
            return self._not_listed(answer, attempt, early)
        return answer

    def _searched(self, order: bytes, done: dict[str, str]) -> Found | CannotTell:
        """Look for every step that is not known to be done: each of them may have been. Only a whole order is found."""
        evidence = "all of its steps were known"
        while True:
            calls = self._dialect.create(order, dict(done))
            call, made = _next(calls, None)
            calls.close()
            if made is not None:
                return Found(self._receipt(made, done), evidence)
            step = call.step if call is not None else None
            try:
                answer = step and self._run(self._dialect.look(order, dict(done), step))
            except RemoteFailed as error:
                return CannotTell(f"the ERP cannot be asked about it: {error.message}.")
            if step is None or not isinstance(answer, Present) or answer.partial:
                there = f" What is there of it is {', '.join(done.values())}." if done else ""
                return CannotTell(f"the journal may lack what was sent, and the ERP does not show all of it.{there}")
            done[step], evidence = answer.value, answer.evidence

    def _not_listed(self, answer: NotListed, attempt: Attempt, early: float) -> NotListed:
        once = self._unique and attempt.number is not None and attempt.pending == ORDER
        return replace(
            answer,
            thorough=answer.thorough and not early and attempt.waited >= attempt.settle,
            once_only=once and not early and not attempt.resent,
            early=early,
        )

    def _left(
        self, order: bytes, done: Mapping[str, str], step: tuple[str, str] | None, evidence: str
    ) -> Found | GoesOn:
        """What an order's durable steps amount to: all of it, or something is left to be made."""
        calls = self._dialect.create(order, dict(done))
        _, made = _next(calls, None)
        calls.close()
        return GoesOn(evidence, step) if made is None else Found(self._receipt(made, done), evidence, step)

    def _run(self, calls: Generator[Call, Answer, T]) -> T:
        """Carry out a generator that only reads."""
        answer, made = None, None
        while True:
            call, made = _next(calls, answer)
            if call is None:
                return cast("T", made)
            if call.step is not None:
                raise Defect(f"the dialect of {self._name} wants to change something while it looks")
            answer = self._line.look(call.request)

    def status(self, receipt: Receipt) -> Status:
        """How a created order stands today. Raises `Temporary` with the fact `http_status` 404 when it is not there."""
        seen = self._run(self._dialect.see(receipt.remote_id or ""))
        if seen.gone:
            raise Temporary(f"the ERP has no order {receipt.remote_id}", facts={"http_status": 404})
        raw = {"cancelled": seen.cancelled, "delivered": seen.delivered}
        word = clean(self._line.redacted(seen.word), _LONGEST_WORDS)
        return Status(Phase.CANCELLED if seen.cancelled else Phase.FINISHED, word, raw=raw)

    def results(self, receipt: Receipt, kind: Kind, save_to: Path) -> Iterator[Outcome]:
        """There are none: every receipt was final."""
        raise Defect("an ERP that takes one order at a time has no result lists")

    def cancel(self, receipt: Receipt) -> None:
        """Nothing goes on remotely that could stop."""

    def jobs(self, filters: Mapping[str, str] = _NO_FILTERS, *, seconds: float | None = None) -> Iterator[RemoteJob]:
        raise RemoteFailed(f"{self._name} has no list of jobs", facts={"http_status": 404})

    def redacted(self, text: str) -> str:
        return self._line.redacted(text)

    def close(self) -> None:
        self._line.close()


def _next(calls: Generator[Call, Answer, T], answer: Answer | None) -> tuple[Call | None, T | None]:
    """The next call of a generator, or what it ends with."""
    try:
        return (next(calls) if answer is None else calls.send(answer)), None
    except StopIteration as end:
        return None, end.value
