"""A visitor to the pretend ERP, in process and on a socket, with a clock in hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from sobatch.sandbox import Options, Sandbox, Server, serve

NOON = 1_800_000_000.0


class Clock:
    """A clock that moves only when told to, and a sleep that costs nothing but is remembered."""

    def __init__(self) -> None:
        self.now = NOON
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Visitor:
    """Speaks plain HTTP to one sandbox."""

    def __init__(self, sandbox: Sandbox, http: httpx.Client, clock: Clock, server: Server | None = None) -> None:
        self.sandbox, self.http, self.clock, self.server = sandbox, http, clock, server
        self.headers = {"Authorization": f"Bearer {self.token()}"}

    def token(self, client: str = "sandbox", secret: str = "sandbox") -> str:
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret, "scope": "u4erp"}
        return str(self.http.post("/identity/connect/token", data=form).json()["access_token"])

    def post(self, orders: Any, path: str = "/v1/batch/sales-orders", part: str = "", **query: Any) -> httpx.Response:
        body = orders if isinstance(orders, bytes) else json.dumps(orders).encode()
        return self.http.post(path, params=query, headers=self.headers, files={part: ("orders.json", body)})

    def submit(self, orders: Any, **query: Any) -> str:
        response = self.post(orders, **query)
        assert response.status_code == 201, response.text
        return batch_of(response)

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(path, params=query, headers=self.headers)

    def status(self, batch: str) -> dict[str, Any]:
        return dict(self.get(f"/v1/batch-operations/{batch}/status").json())

    def letter(self, batch: str) -> str:
        return str(self.status(batch)["status"])

    def failed(self, batch: str) -> list[Any]:
        return list(self.get(f"/v1/batch-operations/{batch}/results").json())

    def created(self, batch: str) -> list[Any]:
        return list(self.get(f"/v1/batch-operations/{batch}/results", type="success").json())

    def cancel(self, batch: str) -> httpx.Response:
        return self.http.post(f"/v1/batch-operations/{batch}/cancel", headers=self.headers)

    def listed(self, **query: Any) -> list[str]:
        return [each["batchRequestId"] for each in self.get("/v1/batch-operations", **query).json()]


def batch_of(response: httpx.Response) -> str:
    return response.headers["Location"].split("batch-operations/")[1].partition("/")[0]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def erp(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Visitor]]:
    """Make a visitor to a sandbox in process."""
    with ExitStack() as stack:

        def make(database: Path = tmp_path / "erp.db", **options: Any) -> Visitor:
            sandbox = stack.enter_context(Sandbox(database, Options(**options), clock, sleep=clock.sleep))
            transport = httpx.WSGITransport(sandbox)
            http = stack.enter_context(httpx.Client(transport=transport, base_url="http://erp.example"))
            return Visitor(sandbox, http, clock)

        yield make


@pytest.fixture
def wired(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Visitor]]:
    """Make a visitor to a sandbox on a socket."""
    with ExitStack() as stack:

        def make(**options: Any) -> Visitor:
            sandbox = stack.enter_context(Sandbox(tmp_path / "wired.db", Options(**options), clock, sleep=clock.sleep))
            server = stack.enter_context(serve(sandbox))
            http = stack.enter_context(httpx.Client(base_url=server.url, timeout=10))
            return Visitor(sandbox, http, clock, server)

        yield make


@pytest.fixture
def order() -> Callable[..., dict[str, Any]]:
    """Make an order with so many lines; members by name."""

    def make(lines: int = 1, **members: Any) -> dict[str, Any]:
        line = {"productCode": "1000", "price": 50.0, "quantity": 1}
        return {
            "customerId": "1000",
            "transactionType": "SO",
            "responsible": "FRED",
            "salesPerson": "SYSEN",
            "orderLines": [dict(line) for _ in range(lines)],
        } | members

    return make
