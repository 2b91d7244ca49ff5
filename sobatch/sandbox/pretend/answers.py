"""What the pretend ERP says back: a plain value, so that a fault can take it and spoil it before it is sent.

Not a framework response on purpose: a framework repairs odd status codes and `Location` values, and oddness is what
the faults are for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import orjson

Headers = tuple[tuple[str, str], ...]


class HungUp(Exception):
    """The connection was spoilt on purpose, or lost: there is nobody left to answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response. A body without `Content-Length` is streamed."""

    status: int
    headers: Headers = ()
    body: Iterable[bytes] = ()

    @property
    def status_line(self) -> str:
        """The code and its usual words; codes nobody has named get a placeholder."""
        return f"{self.status} {phrase(self.status)}"

    def header(self, name: str) -> str | None:
        """The value of a header, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def with_headers(self, **changes: str | None) -> Answer:
        """The same answer with headers replaced; `None` removes. Underscores stand for dashes."""
        named = {key.replace("_", "-"): value for key, value in changes.items()}
        dropped = {key.lower() for key in named}
        kept = tuple(pair for pair in self.headers if pair[0].lower() not in dropped)
        return replace(self, headers=kept + tuple((key, value) for key, value in named.items() if value is not None))

    def gathered(self) -> Answer:
        """The same answer with its body in one piece and its length declared."""
        body = b"".join(self.body)
        return replace(self, body=(body,)).with_headers(Content_Length=str(len(body)))


def phrase(status: int) -> str:
    """The reason phrase of a status code."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unnamed"


def data(status: int, value: Any) -> Answer:
    """A JSON answer."""
    body = orjson.dumps(value)
    return Answer(status, (("Content-Type", "application/json"), ("Content-Length", str(len(body)))), (body,))


def text(status: int, words: str, content_type: str = "text/plain; charset=utf-8") -> Answer:
    """A plain answer."""
    body = words.encode()
    return Answer(status, (("Content-Type", content_type), ("Content-Length", str(len(body)))), (body,))


def empty(status: int) -> Answer:
    """An answer without a body."""
    return Answer(status, () if status == 204 else (("Content-Length", "0"),))


def gateway(status: int, message: str) -> Answer:
    """An error in the shape of the gateway in front of the API."""
    return data(status, {"statusCode": status, "message": message})


def refusal(status: int, code: int, message: str) -> Answer:
    """An error in the shape of the application itself."""
    return data(status, {"code": code, "message": message})


def not_found(batch: str) -> Answer:
    """No such batch. 1040 is the vendor's code for an entity that is not there."""
    return refusal(404, 1040, f"The entity of the following parameters [BatchRequestId: {batch}] was not found.")
