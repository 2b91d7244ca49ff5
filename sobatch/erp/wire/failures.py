"""What went wrong with a call, in words that hold no secret, and whether anything was sent by then."""

from __future__ import annotations

import re
import ssl

import httpx

from sobatch.core.place.safetext import clean
from sobatch.erp.ports import Clock
from sobatch.erp.wire.client import error_body, message_of
from sobatch.erp.wire.redactor import Redactor
from sobatch.erp.wire.rulings import http_date, retry_after
from sobatch.errors import NotAllowed


def answered(response: httpx.Response, clock: Clock, redact: Redactor) -> str:
    """ "the server answered 503 (Service unavailable)", with the server's own words when it has any."""
    status = response.status_code
    words = message_of(error_body(response, clock), redact)
    if 300 <= status < 400:
        target = clean(redact(response.headers.get("location", "nowhere")), 200)
        words = f"a redirect to {target}, which is never followed"
    return f"the server answered {status}" + (f" ({words})" if words else "")


def wait_asked(headers: httpx.Headers, clock: Clock) -> float | None:
    """The seconds that the server asks us to wait, dates being read against its own clock."""
    return retry_after(headers.get("retry-after"), http_date(headers.get("date")) or clock.now())


def network_words(error: Exception, redact: Redactor) -> str:
    """What went wrong on the wire, in words that hold no secret."""
    detail = clean(redact(str(error)), 200)
    return f"{type(error).__name__}: {detail}" if detail else type(error).__name__


def is_tls_failure(error: BaseException) -> bool:
    """Whether a connection was refused by ourselves because its TLS cannot be trusted."""
    if not isinstance(error, httpx.ConnectError):
        return False
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return not isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError))
        cause = cause.__cause__ or cause.__context__
    return False


def barred(host: str, error: Exception, redact: Redactor) -> NotAllowed | None:
    """The error for a connection that these settings cannot have, None for one that may come to be. Nothing was sent.

    A proxy that turns us away is asked once: a second wrong password may lock the account.
    """
    facts = {"unreached": True}
    if is_tls_failure(error):
        return NotAllowed(
            f"the TLS connection to {host} cannot be trusted: {clean(redact(str(error)), 200)}; nothing was sent",
            next_step="Check the address, or name your own certificate authority with ca_file.",
            facts=facts,
        )
    if isinstance(error, httpx.ProxyError) and re.match("40[137]", str(error)):
        return NotAllowed(
            f"the proxy lets nobody through to {host}: {clean(redact(str(error)), 200)}; nothing was sent",
            next_step="Check proxy, proxy_username and proxy_password.",
            facts=facts,
        )
    return None
