"""Builds every HTTP client, and reads what servers send within bounds. The only module that knows how clients are made.

Environment proxies and netrc are not used, redirects are not followed, the transport repeats nothing: each request is
one that our own code decided on. Retries are in `rulings.py`, the reads that use them in `reading.py`.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import ssl
import sys
import zlib
from collections.abc import Callable, Iterator

import certifi
import httpx
import orjson

from sobatch import __version__
from sobatch.core.place.safetext import clean
from sobatch.erp.ports import Clock, Connection
from sobatch.erp.wire.rulings import http_date
from sobatch.errors import UsageError

STATUS_CAP = 1 << 20
ERROR_CAP = 64 << 10
LIST_CAP = 8 << 20
RESULTS_CAP = 2 << 30
_WRITE_TIMEOUT = 60.0
_POOL_TIMEOUT = 5.0
_MESSAGE_LENGTH = 500
_MESSAGE_KEYS = ("message", "error_description", "error", "title", "detail", "errormessage")

Redact = Callable[[str], str]


def build_client(
    connection: Connection, *, sending: bool = False, verify: ssl.SSLContext | None = None
) -> httpx.Client:
    """A client for reads, or with `sending` for sends. Every request opens a connection of its own: a deadline can
    then end just that call, and none meets a connection that the server has given up.

    Raises `UsageError` when an address may not be used, before any credential is touched.
    """
    _quiet_loggers()
    for url in (connection.base_url, connection.token_url):
        if url is not None:
            check_address(url, in_process=connection.transport is not None)
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "User-Agent": f"sobatch/{__version__}",
    }
    return httpx.Client(
        trust_env=False,
        follow_redirects=False,
        headers=headers,
        timeout=httpx.Timeout(
            connect=connection.connect_timeout,
            read=connection.send_timeout if sending else connection.read_timeout,
            write=_WRITE_TIMEOUT,
            pool=_POOL_TIMEOUT,
        ),
        transport=_transport(connection, verify),
    )


def tls_context(connection: Connection) -> ssl.SSLContext:
    """The trust that TLS connections are checked against: the profile's CA file, or the usual public roots.

    Put together here because `ssl.create_default_context` writes every connection's keys to where SSLKEYLOGFILE says.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificate and host name
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    try:
        context.load_verify_locations(str(connection.ca_file or certifi.where()))
        return context
    except OSError as error:
        reason = error.strerror or "it holds no certificate"
        raise UsageError(
            f"the CA file {connection.ca_file} cannot be used: {reason}",
            next_step="Point ca_file at a PEM file with the certificates to trust.",
        ) from None


def check_address(url: str, *, in_process: bool = False) -> None:
    """Refuse an address that would show credentials to others: no TLS and not this machine, or a password inside."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise UsageError("the address of the ERP is not a URL", next_step="Check base_url and token_url.") from None
    if parsed.userinfo:
        raise UsageError(
            f"the address of {parsed.host} holds a user name or password",
            next_step="Use client_id and client_secret, or username and password, instead.",
        )
    plain = parsed.scheme == "http" and (in_process or is_loopback(parsed.host))
    if not parsed.host or not (parsed.scheme == "https" or plain):
        raise UsageError(
            f"{clean(url, 200)} is not protected by TLS; credentials are never sent in the clear",
            next_step="Use an https:// address. Plain http is for this machine only.",
        )


def is_loopback(host: str) -> bool:
    """Whether a host name means this very machine, judged without asking the network."""
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address in ipaddress.ip_network("127.0.0.0/8") if address.version == 4 else str(address) == "::1"


def _transport(connection: Connection, verify: ssl.SSLContext | None) -> httpx.BaseTransport:
    """Plain http is loopback only (see `check_address`), so it never goes through the proxy."""
    if connection.transport is not None:
        transport: httpx.BaseTransport = connection.transport
        return transport
    limits = httpx.Limits(max_connections=10, max_keepalive_connections=0)
    context = verify or tls_context(connection)
    plain = httpx.HTTPTransport(verify=context, trust_env=False, retries=0, limits=limits)
    try:
        secure = (
            plain
            if connection.proxy is None
            else httpx.HTTPTransport(
                verify=context,
                trust_env=False,
                retries=0,
                limits=limits,
                proxy=_proxy(connection.proxy, connection, context),
            )
        )
    except (ValueError, ImportError, httpx.InvalidURL):
        raise UsageError(
            "the proxy address cannot be used", next_step="Use http://host:port or https://host:port."
        ) from None
    return _ByScheme(plain, secure)


def _proxy(address: str, connection: Connection, context: ssl.SSLContext) -> httpx.Proxy:
    """The proxy, and the trust in it when it is spoken to over TLS itself."""
    trust = context if httpx.URL(address).scheme == "https" else None
    return httpx.Proxy(address, ssl_context=trust, auth=_proxy_auth(connection))


def _proxy_auth(connection: Connection) -> tuple[str, str] | None:
    """Who the proxy is asked as."""
    name, password = connection.proxy_username, connection.proxy_password
    if name is None and password is None:
        return None
    if name is None or password is None:
        missing = "proxy_username" if name is None else "proxy_password"
        raise UsageError(f"{missing} is not set", next_step="A proxy that wants to know who asks needs both.")
    return name, password()


class _ByScheme(httpx.BaseTransport):
    """Two transports behind one door."""

    def __init__(self, plain: httpx.BaseTransport, secure: httpx.BaseTransport) -> None:
        self._plain, self._secure = plain, secure

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return (self._secure if request.url.scheme == "https" else self._plain).handle_request(request)

    def close(self) -> None:
        self._plain.close()
        self._secure.close()


def _quiet_loggers() -> None:
    """The HTTP libraries log addresses and response headers; nothing of that belongs in a log of ours."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


class TooLarge(Exception):
    """A response went over its cap, or came in an encoding that was not asked for. May quote the server: redact it."""


class TooSlow(Exception):
    """A response dripped in for longer than it may."""


def pieces(response: httpx.Response, cap: int, clock: Clock, seconds: float) -> Iterator[bytes]:
    """The bytes of a body as they came over the wire, at most `cap` of them, for at most `seconds`."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise TooLarge(f"the server answered in the encoding {encoding!r}, which was not asked for")
    stream = response.stream
    assert isinstance(stream, httpx.SyncByteStream)
    received, started = 0, clock.monotonic()
    for piece in stream:
        received += len(piece)
        if received > cap:
            raise TooLarge(f"the answer is larger than {cap:,} bytes")
        yield piece
        if clock.monotonic() - started > seconds:
            raise TooSlow(f"the answer did not end within {seconds:.0f} seconds")


def whole_body(response: httpx.Response, cap: int, clock: Clock, seconds: float = 120.0) -> bytes:
    """A small body in one piece; gzip, asked for or not, is unpacked up to the same cap."""
    body = b"".join(pieces(response, cap, clock, seconds))
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(31)
    try:
        plain = unpacker.decompress(body, cap + 1)
    except zlib.error:
        return body
    if len(plain) > cap:
        raise TooLarge(f"the answer unpacks to more than {cap:,} bytes")
    return plain


def error_body(response: httpx.Response, clock: Clock) -> bytes:
    """As much of an error's body as there is; its status already says what matters, so a cut body is no failure."""
    gathered = bytearray()
    try:
        for piece in pieces(response, ERROR_CAP, clock, 30.0):
            gathered += piece
    except (TooLarge, TooSlow, httpx.HTTPError):
        pass
    return bytes(gathered)


def server_time(response: httpx.Response) -> float | None:
    """The server's own clock, from the `Date` header, as seconds since the epoch."""
    return http_date(response.headers.get("date"))


def message_of(body: bytes, redact: Redact = str) -> str:
    """The human words in an error body of any shape, safe to show, at most 500 characters; empty if there are none."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        words = _words(orjson.loads(text.encode("utf-8", "replace")), 0)
    except orjson.JSONDecodeError:
        words = _page_title(text) if re.match(r"\s*<", text) else text
    return clean(redact(words), _MESSAGE_LENGTH)


def _words(value: object, depth: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, (_words(each, depth + 1) for each in value[:5]))) if depth < 4 else ""
    if not isinstance(value, dict) or depth >= 4:
        return ""
    folded = {key.lower(): each for key, each in value.items()}
    found = (_words(folded[key], depth + 1) for key in _MESSAGE_KEYS if key in folded)
    return next(filter(None, found), "")


def _page_title(text: str) -> str:
    title = re.search(r"<title[^>]{0,200}>([^<]+)", text[:20_000], re.IGNORECASE)
    return f"an HTML page: {title[1].strip()}" if title else "an HTML page"
