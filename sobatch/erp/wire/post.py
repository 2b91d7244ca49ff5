"""One request that is made once, and what its end means. Nothing is ever repeated here.

Only a failure of the connect phase with no byte handed over is "not sent"; the answer's status decides by the published
table and the ERP's own rules; everything else is doubt. (reliability.md E, DESIGN.md section 6)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, NoReturn

import httpx

from sobatch.erp.ports import Clock, InDoubt, Notify, NotSent, Refused, SendError, Throttled, TokenExpired
from sobatch.erp.wire.client import error_body, server_time, whole_body
from sobatch.erp.wire.deadline import Deadline
from sobatch.erp.wire.failures import answered, barred, network_words, wait_asked
from sobatch.erp.wire.redactor import Redactor
from sobatch.erp.wire.rulings import NO_RULES, Call, Rules, Verdict, verdict
from sobatch.errors import Interrupted

BODY_SECONDS = 30.0
_DRAINED = 64 << 10
_CONNECT_PHASE = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
_KINDS: Mapping[Verdict, type[SendError]] = {
    Verdict.REFUSED: Refused,
    Verdict.THROTTLED: Throttled,
    Verdict.EXPIRED: TokenExpired,
}


class CountedFile:
    """A file that counts what is read from it, and says when that is all of it. Keeps seek, tell and fileno, so that
    the length stays declared."""

    def __init__(self, file: IO[bytes], notify: Notify, size: int, all_read: Callable[[], None]) -> None:
        self._file = file
        self._notify = notify
        self._size = size
        self._all_read = all_read
        self.handed_over = 0

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.handed_over += len(block)
        if block:
            self._notify(len(block))
            if self.handed_over >= self._size:
                self._all_read()
        return block

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(64 << 10), b"")

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()


Wrap = Callable[[CountedFile], Mapping[str, Any]]
"""How a body goes into a request, in the HTTP library's own words: `files`, or `content`."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One request that is to be made once: where it goes, and what goes with it. The headers say who we are, too."""

    url: str
    headers: Mapping[str, str]
    wrap: Wrap
    params: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


class Post:
    """Makes requests, each of them once, on a client that opens a fresh connection every time.

    `seconds` is what a call may take in all. `own_rules` come before the published table.
    """

    def __init__(
        self, client: httpx.Client, clock: Clock, redact: Redactor, *, seconds: float, own_rules: Rules = NO_RULES
    ) -> None:
        self._client = client
        self._clock = clock
        self._redact = redact
        self._seconds = seconds
        self._own_rules = own_rules

    @contextmanager
    def sent(self, letter: Letter, file: IO[bytes], size: int, notify: Notify) -> Iterator[Arrival]:
        """The answer once its headers are in, its body unread. Raises a `SendError` when none came, or `NotAllowed`
        for a server whose TLS cannot be trusted (nothing was sent)."""
        with Deadline(self._seconds) as deadline, self._clock.on_the_wire(deadline.cut):
            body = CountedFile(file, notify, size, lambda: deadline.within(self._answer_seconds))
            response = self._posted(letter, body, deadline)
            deadline.within(BODY_SECONDS)
            ruling = verdict(Call.SUBMIT, response.status_code, self._own_rules)
            try:
                yield Arrival(response, ruling, body.handed_over, deadline, self._clock, self._redact)
            finally:
                _close_quietly(response)

    @property
    def _answer_seconds(self) -> float:
        """What an answer may take once all is handed over: the time-out of a read, and something for its parts."""
        return (self._client.timeout.read or self._seconds) + BODY_SECONDS

    def _posted(self, letter: Letter, body: CountedFile, deadline: Deadline) -> httpx.Response:
        """The response once its headers are in."""
        try:
            request = self._client.build_request(
                letter.method,
                letter.url,
                params=letter.params or None,
                headers=letter.headers,
                extensions={"trace": deadline.trace},
                **letter.wrap(body),
            )
        except Exception as error:
            raise NotSent(f"no request could be made: {network_words(error, self._redact)}") from None
        try:
            return self._client.send(request, stream=True, auth=None)
        except Interrupted:
            raise
        except Exception as error:
            self._lost(error, letter, body.handed_over, deadline)

    def _lost(self, error: Exception, letter: Letter, sent: int, deadline: Deadline) -> NoReturn:
        """No answer came. Both the byte count and the kind of failure have to prove that nothing left.

        The cause is not chained: it holds the request.
        """
        words = "no answer in the time it had" if deadline.passed else network_words(error, self._redact)
        if sent == 0 and (no := barred(httpx.URL(letter.url).host, error, self._redact)) is not None:
            raise no from None
        if sent == 0 and isinstance(error, _CONNECT_PHASE):
            raise NotSent(f"no connection: {words}; nothing was sent") from None
        raise InDoubt(f"the answer was lost after {sent:,} bytes: {words}", bytes_sent=sent) from None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An answer whose headers are in. `ruling` is what its status means; `sent` the bytes of the body handed over."""

    response: httpx.Response
    ruling: Verdict
    sent: int
    _deadline: Deadline
    _clock: Clock
    _redact: Redactor

    def no(self, lacking: str = "") -> SendError:
        """The error that this answer is. `lacking` is what a yes came without, which leaves it in doubt."""
        words = answered(self.response, self._clock, self._redact) + lacking
        return self._error(_KINDS.get(self.ruling, InDoubt), words)

    def drain(self) -> None:
        """Hear the server out, so that it does not see us hang up; what it says no longer matters."""
        try:
            whole_body(self.response, _DRAINED, self._clock, BODY_SECONDS)
        except Interrupted:
            raise
        except Exception:
            return

    def whole(self, cap: int) -> bytes:
        """The body of a yes. Raises `InDoubt` when it is cut, too large or too slow: what it would prove is unknown."""
        try:
            body = whole_body(self.response, cap, self._clock, BODY_SECONDS)
        except Interrupted:
            raise
        except Exception as error:
            words = network_words(error, self._redact)
        else:
            if not self._deadline.passed:  # the end of such a body may be only our cut
                return body
            words = "it did not end in the time it had"
        status = self.response.status_code
        raise self._error(InDoubt, f"the server answered {status}, but what it said was lost: {words}") from None

    def some(self) -> bytes:
        """As much as there is of the body of a no: the status alone has decided."""
        return error_body(self.response, self._clock)

    def _error(self, kind: type[SendError], words: str) -> SendError:
        return kind(
            words,
            http_status=self.response.status_code,
            bytes_sent=self.sent,
            retry_after=wait_asked(self.response.headers, self._clock),
            server_time=server_time(self.response),
        )


def _close_quietly(response: httpx.Response) -> None:
    """The end of a connection whose answer is known already must not replace that answer."""
    try:
        response.close()
    except Exception:
        return
