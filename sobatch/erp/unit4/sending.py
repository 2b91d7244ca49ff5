"""One send, once: the multipart request, and what its end means. The receipt is handed over from the response headers.

Only a failure of the connect phase with no byte handed over is "not sent"; the answer's status decides by the published
table; everything else is doubt. Nothing is ever repeated here. (reliability.md E, DESIGN.md section 6)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

import httpx

from sobatch.erp.ports import (
    Clock,
    InDoubt,
    Notify,
    NotSent,
    PartFile,
    Receipt,
    Refused,
    SendError,
    Steps,
    Throttled,
    TokenExpired,
)
from sobatch.erp.unit4.answers import receipt_of
from sobatch.erp.wire.client import server_time, whole_body
from sobatch.erp.wire.deadline import Deadline
from sobatch.erp.wire.reading import answered, is_tls_failure, network_words, tls_failure, wait_asked
from sobatch.erp.wire.redactor import Redactor
from sobatch.erp.wire.rulings import Call, Verdict, verdict
from sobatch.errors import Interrupted, StorageFailed

_BODY_SECONDS = 30.0
# "API call timeout 220 s" is the vendor's own limit once the upload is in; the rest is for slow lines.
WHOLE_SEND_SECONDS = 900.0
_CONNECT_PHASE = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


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

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()


@dataclass(frozen=True, slots=True)
class Letter:
    """Where a part goes, and under which names."""

    url: str
    base_url: str
    params: Mapping[str, str]
    part_name: str
    authorization: str


class Sender:
    """Sends parts, one request each, on a client that opens a fresh connection every time."""

    def __init__(
        self, client: httpx.Client, clock: Clock, redact: Redactor, *, seconds: float = WHOLE_SEND_SECONDS
    ) -> None:
        self._client = client
        self._clock = clock
        self._redact = redact
        self._seconds = seconds

    def send(self, part: PartFile, letter: Letter, steps: Steps, notify: Notify) -> tuple[Receipt, httpx.Headers]:
        """Send a part. Raises a `SendError`, or `NotAllowed` or `StorageFailed` while nothing was sent yet."""
        with (
            _opened(part.path) as file,
            Deadline(self._seconds) as deadline,
            self._clock.on_the_wire(deadline.cut),
        ):
            body = CountedFile(file, notify, part.size, lambda: deadline.within(self._answer_seconds))
            response = self._posted(part, letter, body, deadline)
            deadline.within(_BODY_SECONDS)
            try:
                return self._received(response, letter, steps, body.handed_over), response.headers
            finally:
                _close_quietly(response)

    @property
    def _answer_seconds(self) -> float:
        """What an answer may take once all is handed over: the time-out of a read, and something for its parts."""
        return (self._client.timeout.read or self._seconds) + _BODY_SECONDS

    def _posted(self, part: PartFile, letter: Letter, body: CountedFile, deadline: Deadline) -> httpx.Response:
        """The response once its headers are in."""
        kind = "application/gzip" if part.file_name.endswith(".gz") else "application/json"
        try:
            request = self._client.build_request(
                "POST",
                letter.url,
                params=letter.params or None,
                headers={"Authorization": letter.authorization},
                files={letter.part_name: (part.file_name, body, kind)},  # type: ignore[dict-item]
                extensions={"trace": deadline.trace},
            )
        except Exception as error:
            raise NotSent(f"no request could be made: {self._words(error)}") from None
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
        words = "no answer in the time it had" if deadline.passed else self._words(error)
        if sent == 0 and is_tls_failure(error):
            raise tls_failure(httpx.URL(letter.url).host, error, self._redact) from None
        if sent == 0 and isinstance(error, _CONNECT_PHASE):
            raise NotSent(f"no connection: {words}; nothing was sent") from None
        raise InDoubt(f"the answer was lost after {sent:,} bytes: {words}", bytes_sent=sent) from None

    def _words(self, error: Exception) -> str:
        return network_words(error, self._redact)

    def _received(self, response: httpx.Response, letter: Letter, steps: Steps, sent: int) -> Receipt:
        ruling = verdict(Call.SUBMIT, response.status_code)
        if ruling is Verdict.ACCEPTED:
            receipt = receipt_of(response, letter.base_url, self._redact)
            if receipt.remote_id is not None or response.status_code == 201:
                steps.acknowledged(receipt)
                self._drain(response)
                return receipt
        raise self._no(response, ruling, sent)

    def _drain(self, response: httpx.Response) -> None:
        """Hear the server out, so that it does not see us hang up; what it says no longer matters."""
        try:
            whole_body(response, 64 << 10, self._clock, _BODY_SECONDS)
        except Interrupted:
            raise
        except Exception:
            return

    def _no(self, response: httpx.Response, ruling: Verdict, sent: int) -> SendError:
        kinds: dict[Verdict, type[SendError]] = {
            Verdict.REFUSED: Refused,
            Verdict.THROTTLED: Throttled,
            Verdict.EXPIRED: TokenExpired,
        }
        words = answered(response, self._clock, self._redact)
        if ruling is Verdict.ACCEPTED:
            words += " without naming a batch"
        return kinds.get(ruling, InDoubt)(
            words,
            http_status=response.status_code,
            bytes_sent=sent,
            retry_after=wait_asked(response.headers, self._clock),
            server_time=server_time(response),
        )


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise StorageFailed(
            f"the staged part {path} cannot be read: {error.strerror or error}; nothing was sent",
            next_step="Bring the state folder back as it was, then look at the run: sobatch status",
        ) from error


def _close_quietly(response: httpx.Response) -> None:
    """The end of a connection whose answer is known already must not replace that answer."""
    try:
        response.close()
    except Exception:
        return
