"""One HTTP request and its answer as plain values: what a dialect yields, and what it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` begins with `/` and is added to the ERP's root; `body` is JSON text, or None for none.

    Headers of authentication and of the content type are added where it is carried out.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status, its headers with names in small letters, and its body, whole and bounded."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body as data; None when it is no JSON. Numbers with a fraction are floats: only for reading answers."""
        try:
            return json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return None


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
