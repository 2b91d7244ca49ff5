"""A clock that only moves when told to sleep, a journal that only remembers, and targets over canned answers."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from sobatch.erp.ports import Connection, PartFile, Receipt

TOKEN = {"access_token": "token-1", "expires_in": 4500, "token_type": "Bearer"}
NOON = 1_795_251_600.0


@dataclass
class FakeClock:
    time: float = NOON
    chance: float = 0.5
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time - NOON + 1000.0

    def sleep(self, seconds: float) -> None:
        if seconds:  # nothing but a chance for a signal otherwise
            self.slept.append(seconds)
            self.time += seconds

    def may_end(self) -> AbstractContextManager[None]:
        return nullcontext()

    def on_the_wire(self, cut: Callable[[], None]) -> AbstractContextManager[None]:
        return nullcontext()

    def random(self) -> float:
        return self.chance


class Journal:
    """The steps port, kept in a list."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.receipts: list[Receipt] = []
        self.failure = failure

    def acknowledged(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)
        if self.failure:
            raise self.failure

    def recorded(self) -> Mapping[str, str]:
        return {}

    def begin(self, step: str) -> None:
        raise AssertionError("not used")

    def done(self, step: str, value: str) -> None:
        raise AssertionError("not used")

    def refused(self, step: str, words: str) -> None:
        raise AssertionError("not used")


Answerer = Callable[[httpx.Request], httpx.Response]


@dataclass
class World:
    """A target whose every request is answered by `answer`, except that tokens are handed out."""

    clock: FakeClock
    answer: Answerer
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json=TOKEN)
        return self.answer(request)

    @property
    def calls(self) -> list[httpx.Request]:
        return [each for each in self.requests if not each.url.path.endswith("/token")]


def connection(base_url: str = "https://erp.example.com", **changes: Any) -> Connection:
    values: dict[str, Any] = {
        "token_url": f"{base_url}/token",
        "client_id": "me",
        "client_secret": lambda: "planted-secret-1",
    }
    return Connection(base_url, **{**values, **changes})


def part_at(folder: Path, orders: bytes = b'[{"customerId":"1"},{"customerId":"2"}]', count: int = 2) -> PartFile:
    path = folder / "0001-SO-abcdef12.json.gz"
    path.write_bytes(gzip.compress(orders, mtime=0))
    return PartFile("r1", 1, "SO", count, path, path.name, "abcdef12" * 8, path.stat().st_size)
