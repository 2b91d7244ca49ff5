"""One HTTP request as the sandbox sees it: which endpoint it is for, and what of it may be written down."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast
from urllib.parse import parse_qsl

_ENDPOINTS = (
    ("token", "POST", r"/identity/connect/token"),
    ("submit", "POST", r"/v1/(?:batch/sales-orders|sales-orders/batch)"),
    ("list", "GET", r"/v1/batch-operations"),
    ("status", "GET", r"/v1/batch-operations/(?P<batch>[^/]+)/status"),
    ("results", "GET", r"/v1/batch-operations/(?P<batch>[^/]+)/results"),
    ("cancel", "POST", r"/v1/batch-operations/(?P<batch>[^/]+)/cancel"),
)
Routes = Sequence[tuple[str, str, re.Pattern[str]]]
"""Endpoints: the name of each, its method, and its path with any base path in front, as in `/tenant_webapi/v1/…`."""


def routes(*endpoints: tuple[str, str, str]) -> Routes:
    """Endpoints from their name, method and path; named groups of the path stand in `Call.parts`."""
    return [(place, method, re.compile(f"(?P<base>.*?){path}")) for place, method, path in endpoints]


_ROUTES = routes(*_ENDPOINTS)
_SECRET_NAME = re.compile("secret|token|password|(?:api|dev)-?key|cookie", re.IGNORECASE)
_SECRET_QUERY = re.compile(r"(?i)((?:^|&)[^=&]*(?:secret|token|password|key)[^=&]*=)[^&]*")
PIECE = 1 << 16


class Counted:
    """The request body, counting what has been read of it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        """Read and count."""
        block = self._source.read(size)
        self.count += len(block)
        return block

    def readline(self, size: int = -1) -> bytes:
        """Read a line and count."""
        line = self._source.readline(size)
        self.count += len(line)
        return line


@dataclass(frozen=True, slots=True)
class Call:
    """A request on its way through the sandbox. `notes` gathers what the record wants to know afterwards."""

    environ: dict[str, Any]
    method: str
    path: str
    place: str | None
    base: str
    batch: str
    query: Mapping[str, str]
    body: Counted
    wrong_method: bool = False
    parts: Mapping[str, str] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Scheme and host as the client wrote them."""
        name = self.environ.get("HTTP_HOST") or f"{self.environ['SERVER_NAME']}:{self.environ['SERVER_PORT']}"
        return f"{self.environ['wsgi.url_scheme']}://{name}"

    def drain(self) -> None:
        """Read the body to its end."""
        left = self._declared() - self.body.count
        while left > 0:
            block = self.body.read(min(PIECE, left))
            if not block:
                return
            left -= len(block)

    def _declared(self) -> int:
        if self.environ.get("wsgi.input_terminated"):
            return 1 << 62
        return int(self.environ.get("CONTENT_LENGTH") or 0)


def understood(environ: dict[str, Any], known: Routes = _ROUTES) -> Call:
    """Find the endpoint of a request. Two routes with one path and two methods are two endpoints."""
    body = Counted(cast(BinaryIO, environ["wsgi.input"]))
    environ["wsgi.input"] = body
    method, path = environ["REQUEST_METHOD"], environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    fitting = [(place, wanted, found) for place, wanted, route in known if (found := route.fullmatch(path))]
    fitting.sort(key=lambda each: each[1] != method)
    place, wanted, found = fitting[0] if fitting else (None, method, None)
    parts = found.groupdict() if found else {}
    if place == "results" and query.get("type") == "success":
        place = "success"
    right = method == wanted
    return Call(
        environ,
        method,
        path,
        place if right else None,
        parts.get("base", ""),
        parts.get("batch", ""),
        query,
        body,
        wrong_method=not right,
        parts=parts,
    )


def recorded_headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """The request headers, secrets left out: of a credential only its kind is kept."""
    names = [name for name in environ if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")]
    plain = {name.removeprefix("HTTP_").replace("_", "-").title(): str(environ[name]) for name in names}
    return {name: _without_secret(name, value) for name, value in plain.items()}


def _without_secret(name: str, value: str) -> str:
    if name.endswith("Authorization"):
        return f"{value.partition(' ')[0]} ***"
    return "***" if _SECRET_NAME.search(name) else value


def recorded_query(environ: Mapping[str, Any]) -> str:
    """The query string, secrets left out."""
    return _SECRET_QUERY.sub(r"\1***", environ.get("QUERY_STRING", ""))
