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

    @property
    def is_yes(self) -> bool:
        """Whether it is a success, as far as the status says."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as data; None when it is no JSON. Numbers with a fraction are floats: only for reading answers."""
        try:
            return json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return None


def small(value: Any) -> Any:
    """The same data with all names in small letters, for ERPs that care for no case."""
    if isinstance(value, dict):
        return {str(name).lower(): small(each) for name, each in value.items()}
    return [small(each) for each in value] if isinstance(value, list) else value


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
