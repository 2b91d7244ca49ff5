"""Calls that may be repeated: reads, cancels and token requests. Turns their failures into the error family.

A send never passes through here. A status poll is an `Ask` with one attempt: the caller's next poll is its retry.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx
import orjson

from sobatch.core.place.safetext import clean
from sobatch.erp.exchange import Answer
from sobatch.erp.ports import Clock
from sobatch.erp.wire.client import STATUS_CAP, TooLarge, TooSlow, message_of, pieces, server_time, whole_body
from sobatch.erp.wire.deadline import Deadline
from sobatch.erp.wire.failures import answered, barred, network_words, wait_asked
from sobatch.erp.wire.redactor import Redactor
from sobatch.erp.wire.rulings import (
    ATTEMPTS,
    LONGEST_WAIT_ASKED,
    NO_RULES,
    UNREADABLE_ATTEMPTS,
    Again,
    Call,
    Rules,
    Verdict,
    repeated,
    verdict,
)
from sobatch.errors import NotAllowed, RemoteFailed, SobatchError, StorageFailed, Temporary

T = TypeVar("T")

DOWNLOAD_SECONDS = 3600.0
SMALL_SECONDS = 30.0
_LATER = "Run the same command again later."
_ACCESS = "Check the credentials and the rights of their user; `sobatch config` shows where each setting comes from."


class Authority(Protocol):
    """What proves who we are, attached to a request beforehand. Safe beside other threads."""

    def headers(self) -> Mapping[str, str]:
        """The headers that say who we are; a token in them is fetched or renewed when needed."""

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Forget the token in the headers that were turned away; False when there is nothing to renew."""


class Pace(Protocol):
    """How fast requests may be made."""

    def enter(self, method: str, url: str) -> None:
        """Wait until this request may be made."""

    def heard(self, response: httpx.Response) -> None:
        """Learn from an answer."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One repeatable call. `what` finishes the sentence "cannot ...". `patient`: a 404 may still become an answer.

    `seconds` is for the body; the time-outs of the connection come on top, unless `at_most` bounds the whole call.
    """

    call: Call
    method: str
    url: str
    what: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    content: bytes | None = None
    cap: int = STATUS_CAP
    attempts: int = ATTEMPTS
    patient: bool = False
    seconds: float = SMALL_SECONDS
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A readable answer: `data` is its JSON, None for an empty body."""

    headers: httpx.Headers
    server_time: float | None
    data: Any


class Unreadable(Exception):
    """A body that is not what it should be; asking again may help."""


class Reader:
    """Carries out `Ask`s on one client, with the retry rule."""

    def __init__(
        self,
        client: httpx.Client,
        clock: Clock,
        redact: Redactor,
        *,
        authority: Authority | None = None,
        notice: Callable[[httpx.Headers], None] = lambda _: None,
        pace: Pace | None = None,
        own_rules: Rules = NO_RULES,
    ) -> None:
        self._client = client
        self._clock = clock
        self._redact = redact
        self._authority = authority
        self._notice = notice
        self._pace = pace
        self._own_rules = own_rules

    def json(self, ask: Ask) -> Reply:
        """Ask, and read the answer as JSON."""
        return self._repeat(ask, lambda response: self._reply(response, ask.cap))

    def answer(self, ask: Ask) -> Answer:
        """Ask, and take the answer as it is. A 200 is asked for again while it is neither JSON nor empty."""
        return self._repeat(ask, lambda response: self._answer(response, ask.cap))

    def nothing(self, ask: Ask) -> None:
        """Ask, and look at the status only."""
        self._repeat(ask, lambda _: None)

    def download(self, ask: Ask, save_to: Path, check: Callable[[Path], None]) -> None:
        """Ask, and save the body as a private file that is durable when this returns.

        `check` sees the file before it gets its name; when it raises `Unreadable`, the download is repeated.
        """
        patient = replace(ask, seconds=DOWNLOAD_SECONDS)
        self._repeat(patient, lambda response: self._save(response, ask.cap, save_to, check))

    def _repeat(self, ask: Ask, take: Callable[[httpx.Response], T]) -> T:
        try:
            return repeated(lambda: self._once(ask, take), self._clock, ask.attempts)
        except Again as last:
            facts = {"http_status": last.status, "retry_after": last.asked, "unreached": last.unreached or None}
            raise Temporary(
                f"cannot {ask.what}: {last.reason}",
                next_step=_LATER,
                facts={name: value for name, value in facts.items() if value is not None},
            ) from None

    def _once(self, ask: Ask, take: Callable[[httpx.Response], T]) -> T:
        who = self._headers()
        with self._response(ask, who) as response:
            ruling = self._verdict(ask, response)
            if ruling is not Verdict.RENEW:
                return self._judged(ask, response, ruling, take)
            if self._authority is None or not self._authority.renew(who):
                raise self._failure(ask, response, ruling)
        with self._response(ask, self._headers()) as response:
            return self._judged(ask, response, self._verdict(ask, response), take)

    def _headers(self) -> Mapping[str, str]:
        return {} if self._authority is None else self._authority.headers()

    def _verdict(self, ask: Ask, response: httpx.Response) -> Verdict:
        return verdict(ask.call, response.status_code, self._own_rules)

    def _request(self, ask: Ask, who: Mapping[str, str], deadline: Deadline) -> httpx.Request:
        return self._client.build_request(
            ask.method,
            ask.url,
            params=ask.params or None,
            data=ask.form,
            content=ask.content,
            headers={**ask.headers, **who},
            extensions={"trace": deadline.trace},
        )

    @contextmanager
    def _response(self, ask: Ask, who: Mapping[str, str]) -> Iterator[httpx.Response]:
        deadline = Deadline(seconds := self._whole(ask))
        request = self._request(ask, who, deadline)
        if self._pace is not None:
            self._pace.enter(ask.method, ask.url)
        try:
            with self._clock.may_end(), deadline:
                response = self._client.send(request, stream=True, auth=None)
                try:
                    self._notice(response.headers)
                    if self._pace is not None:
                        self._pace.heard(response)
                    yield response
                finally:
                    response.close()
                if deadline.passed:  # the end of such a body may be only our cut
                    raise TooSlow(f"the answer did not end within {seconds:.0f} seconds")
        except httpx.HTTPError as error:
            if deadline.passed:
                raise Again(f"no whole answer within {seconds:.0f} seconds", most=UNREADABLE_ATTEMPTS) from None
            if (no := barred(request.url.host, error, self._redact)) is not None:
                raise no from None
            unreached = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)
            raise Again(network_words(error, self._redact), unreached=unreached) from None
        except (Unreadable, TooSlow) as error:
            raise Again(clean(self._redact(str(error))), most=UNREADABLE_ATTEMPTS) from error
        except TooLarge as error:
            words = clean(self._redact(str(error)))
            raise Temporary(f"cannot {ask.what}: {words}", next_step=_LATER, facts={"too_large": True}) from error

    def _whole(self, ask: Ask) -> float:
        """The seconds that a call may take in all: what the settings allow for single steps, and a body of its size."""
        steps = self._client.timeout
        return ask.at_most or (steps.connect or 0.0) + (steps.read or 0.0) + ask.seconds

    def _judged(self, ask: Ask, response: httpx.Response, ruling: Verdict, take: Callable[[httpx.Response], T]) -> T:
        if ruling in (Verdict.OK, Verdict.ALREADY_OVER):
            return take(response)
        raise self._failure(ask, response, ruling)

    def _failure(self, ask: Ask, response: httpx.Response, ruling: Verdict) -> Again | SobatchError:
        """The error that a status stands for."""
        status = response.status_code
        words = answered(response, self._clock, self._redact)
        facts = {"http_status": status}
        if ruling is Verdict.RETRY or (ruling is Verdict.NOT_YET and ask.patient):
            asked = wait_asked(response.headers, self._clock)
            if asked is not None and asked > LONGEST_WAIT_ASKED:
                return Temporary(
                    f"cannot {ask.what}: {words}; it asks for {asked:.0f} seconds of patience",
                    next_step=f"Run the same command again in {asked:.0f} seconds.",
                    facts={**facts, "retry_after": asked},
                )
            return Again(words, asked=asked, status=status)
        if ruling in (Verdict.RENEW, Verdict.NOT_ALLOWED):
            return NotAllowed(f"cannot {ask.what}: {words}", next_step=_ACCESS, facts=facts)
        return RemoteFailed(f"cannot {ask.what}: {words}", next_step=_next_after(status), facts=facts)

    def _reply(self, response: httpx.Response, cap: int) -> Reply:
        body = whole_body(response, cap, self._clock, SMALL_SECONDS).removeprefix(b"\xef\xbb\xbf").strip()
        try:
            data = orjson.loads(body) if body else None
        except orjson.JSONDecodeError:
            raise Unreadable(f"the answer is not JSON ({message_of(body[:2000], self._redact) or 'empty'})") from None
        return Reply(response.headers, server_time(response), data)

    def _answer(self, response: httpx.Response, cap: int) -> Answer:
        body = whole_body(response, cap, self._clock, SMALL_SECONDS)
        found = answer_of(response, body)
        if response.status_code == 200 and body.strip() and found.json() is None and body.strip() != b"null":
            raise Unreadable(f"the answer is not JSON ({message_of(body[:2000], self._redact)})")
        return found

    def _save(self, response: httpx.Response, cap: int, save_to: Path, check: Callable[[Path], None]) -> None:
        temporary = save_to.with_name(f".{save_to.name}.part")
        try:
            temporary.unlink(missing_ok=True)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
            try:
                with os.fdopen(handle, "wb") as file:
                    for piece in pieces(response, cap, self._clock, DOWNLOAD_SECONDS):
                        file.write(piece)
                    file.flush()
                    os.fsync(file.fileno())
                check(temporary)
                temporary.replace(save_to)
            finally:
                temporary.unlink(missing_ok=True)
            _fsync_folder(save_to.parent)
        except OSError as error:
            raise StorageFailed(
                f"cannot save {save_to}: {error.strerror or error}",
                next_step="Make room or fix the folder, then look again: sobatch status",
            ) from error


def answer_of(response: httpx.Response, body: bytes) -> Answer:
    """An answer as a plain value, with this body."""
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def _next_after(status: int) -> str:
    if status == 404:
        return "Check base_url and the batch id; the ERP may have cleaned up old results."
    return "Read the server's words above; the same call would fail again."


def _fsync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
