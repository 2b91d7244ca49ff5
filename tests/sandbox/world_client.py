"""Asks a pretend ERP as a WSGI client does."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode


class Client:
    """Requests to one world, with the same headers each time."""

    def __init__(self, world: Any, **headers: str) -> None:
        self.world = world
        self.headers = headers

    def ask(self, method: str, path: str, value: Any = None, *, raw: bytes | None = None, **query: str) -> Any:
        """Status, headers and body of the answer; the body as data where it is JSON."""
        body = raw if raw is not None else b"" if value is None else json.dumps(value).encode()
        heard: dict[str, Any] = {}
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": urlencode({name.replace("__", "$"): each for name, each in query.items()}),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json",
            "SERVER_NAME": "sandbox",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            **{f"HTTP_{name.upper()}": each for name, each in self.headers.items()},
        }

        def start(status: str, headers: list[tuple[str, str]]) -> None:
            heard.update(status=int(status[:3]), headers=dict(headers))

        answer = b"".join(self.world(environ, start))
        try:
            return heard["status"], json.loads(answer)
        except ValueError:
            return heard["status"], answer
