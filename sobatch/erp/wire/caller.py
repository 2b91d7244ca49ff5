"""Single small requests to an ERP that takes orders one by one: `exchange` makes one once, `look` may ask again.

Knows no ERP: the address, who we are, the ERP's own rules and its pace are handed in. Safe beside other threads.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Mapping

from sobatch.erp.exchange import Answer, Request
from sobatch.erp.ports import Clock, Connection
from sobatch.erp.wire.authority import redactor_for
from sobatch.erp.wire.client import LIST_CAP, build_client, tls_context
from sobatch.erp.wire.post import BODY_SECONDS, Letter, Post
from sobatch.erp.wire.rate import Gate
from sobatch.erp.wire.reading import Ask, Authority, Reader, answer_of
from sobatch.erp.wire.redactor import Redactor
from sobatch.erp.wire.rulings import Call, Rules, Verdict
from sobatch.errors import Defect

# A path is put together from what the ERP gave us, too: each step is plain, or quoted, and none climbs.
_STEP = r"(?!\.{1,2}(?:/|$))(?:[A-Za-z0-9._~$@:!,;=+()'*&-]|%[0-9A-Fa-f]{2})*"
_PATH = re.compile(f"(?:/{_STEP})+")
_JSON = {"Content-Type": "application/json"}
NO_HEADERS: Mapping[str, str] = {}
# Whoever reads is told of every answer that says something: what passes by itself is asked for again.
_LOOKING: Rules = {
    Call.READ: (((408, 425, 429), Verdict.RETRY), ((range(200, 300), range(404, 500), 400, 402), Verdict.OK)),
}

Introduced = Callable[[Reader, Redactor], Authority]
"""Makes the authority out of a reader for its token requests, and the redactor that hears of every secret."""


class Caller:
    """Carries out single requests. `headers` go with each of them; `per_second` 0 means no pace of our own."""

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        introduced: Introduced,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        per_second: float = 0.0,
    ) -> None:
        trust = None if connection.transport is not None else tls_context(connection)
        self._base = connection.base_url.rstrip("/")
        self._always = headers
        self._client = build_client(connection, verify=trust)
        self._sending_client = build_client(connection, sending=True, verify=trust)
        redact = self._redact = redactor_for(connection)
        self._gate = Gate(clock, per_second)
        self._authority = introduced(Reader(self._client, clock, redact, pace=self._gate), redact)
        self._reader = Reader(
            self._client, clock, redact, authority=self._authority, pace=self._gate, own_rules=_LOOKING
        )
        seconds = connection.connect_timeout + connection.send_timeout + 2 * BODY_SECONDS
        self._post = Post(self._sending_client, clock, redact, seconds=seconds)
        self._used = threading.local()

    @property
    def address(self) -> str:
        """The base address, without a slash at its end."""
        return self._base

    def prepare(self) -> None:
        """Fetch a token if one is needed, so that a send is one request."""
        self._authority.headers()

    def ready(self, request: Request) -> None:
        """Wait until the pace allows this request, as far as can be told before it is made. Raises as a wait does."""
        self._gate.wait(request.method, self._url(request))

    def exchange(self, request: Request) -> Answer:
        """Make a request that changes something, once, and return the answer, whatever its status. Of a body that is no
        part of a yes (2xx) there is as much as came.

        Raises `NotSent` while nothing was sent, also `NotAllowed` and what a token request raises; and `InDoubt` when
        there is no answer, or the body of a yes is cut, too large or too slow: what it would prove is unknown.
        """
        who = self._used.headers = self._authority.headers()
        letter = Letter(
            self._url(request),
            self._headers(request, who),
            lambda body: {} if request.body is None else {"content": body},
            request.params,
            request.method,
        )
        content = request.body or b""
        self._gate.enter(request.method, letter.url)
        with self._post.sent(letter, io.BytesIO(content), len(content), lambda _: None) as came:
            self._gate.heard(came.response)
            yes = 200 <= came.response.status_code < 300
            return answer_of(came.response, came.whole(LIST_CAP) if yes else came.some())

    def look(self, request: Request) -> Answer:
        """Make a request that only reads, with the retry rule; a 200 has JSON for its body, or none.

        Returns the answer whatever its status, but for what passes by itself (408, 425, 429, 5xx, an unreadable body:
        `Temporary` in the end) and what concerns access (401, 403, a redirect: `NotAllowed`).
        """
        return self._reader.answer(
            Ask(
                Call.READ,
                request.method,
                self._url(request),
                f"read {request.path}",
                params=request.params,
                headers=self._headers(request, NO_HEADERS),
                content=request.body,
                cap=LIST_CAP,
            )
        )

    def renew(self) -> bool:
        """Forget the token of this thread's last `exchange`; False when there is nothing to renew."""
        return self._authority.renew(getattr(self._used, "headers", NO_HEADERS))

    def redacted(self, text: str) -> str:
        """Text from the ERP without any secret of this connection."""
        return self._redact(text)

    def close(self) -> None:
        """Release connections."""
        self._client.close()
        self._sending_client.close()

    def _url(self, request: Request) -> str:
        if not _PATH.fullmatch(request.path):
            raise Defect(f"a path was made of something unfit for one: {request.path[:200]!r}")
        return self._base + request.path

    def _headers(self, request: Request, who: Mapping[str, str]) -> dict[str, str]:
        kind = _JSON if request.body is not None else NO_HEADERS
        return {**kind, **self._always, **request.headers, **who}
