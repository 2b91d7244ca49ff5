"""What really happened, for tests to hold a client against: every order received, every request seen.

Reads the database file only, so that a test can ask while, or after, the server runs in another process.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

ORDER_COLUMNS = """SELECT o.batch, o.position AS "index", o.sha256, o.verdict, o.message, o.order_number, o.company,
    o.customer, o.type AS transaction_type, o.external_order_id FROM orders o JOIN batches b ON b.id = o.batch"""


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One order as it arrived, and what became of it: pending, created or failed."""

    batch: str
    index: int
    sha256: str
    verdict: str
    message: str | None
    order_number: int | None
    company: str
    customer: str | None
    transaction_type: str | None
    external_order_id: str | None


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """One accepted upload as last looked at. `broken` says why a file could not be read."""

    id: str
    user: str
    company: str
    skip_workflow: bool
    file_name: str
    upload_sha256: str
    upload_bytes: int
    received: float
    status: str
    orders: int
    rows: int
    processed: int
    errors: int
    broken: str | None


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One HTTP request. `status` is the code answered; nothing where no answer went out whole enough to have one."""

    id: int
    at: float
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    place: str | None
    body_bytes: int | None
    upload_sha256: str | None
    file_name: str | None
    batch: str | None
    status: int | None
    fault: str | None


class Record:
    """A read-only view of a sandbox database."""

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(database, timeout=60, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA query_only = ON")
        self._connection.row_factory = sqlite3.Row

    def __enter__(self) -> Record:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def received(self) -> list[OrderRecord]:
        """Every order of every accepted and readable upload, in the order of arrival."""
        return self._orders("")

    def created(self) -> list[OrderRecord]:
        """Every order the ERP has saved."""
        return self._orders("WHERE o.verdict = 'created'")

    def batches(self) -> list[BatchRecord]:
        """Every accepted upload."""
        names = ", ".join(BatchRecord.__dataclass_fields__)
        rows = self._connection.execute(f"SELECT {names} FROM batches ORDER BY number").fetchall()
        return [BatchRecord(**dict(row) | {"skip_workflow": bool(row["skip_workflow"])}) for row in rows]

    def requests(self) -> list[RequestRecord]:
        """Every request, in the order of arrival."""
        names = ", ".join(RequestRecord.__dataclass_fields__)
        rows = self._connection.execute(f"SELECT {names} FROM requests ORDER BY id").fetchall()
        return [RequestRecord(**dict(row) | {"headers": json.loads(row["headers"])}) for row in rows]

    def doubles(self, fingerprints: Iterable[str] | None = None) -> dict[str, int]:
        """Orders saved more often than wanted: how many times too many, by fingerprint.

        Args:
            fingerprints: what should have been saved, one per order, so that equal orders may be meant;
                without it every order is expected once.
        """
        saved = self._saved()
        wanted = Counter(saved.keys()) if fingerprints is None else Counter(fingerprints)
        return dict(saved - wanted)

    def missing(self, fingerprints: Iterable[str]) -> dict[str, int]:
        """Orders saved less often than wanted: how many times too few, by fingerprint."""
        return dict(Counter(fingerprints) - self._saved())

    def _saved(self) -> Counter[str]:
        query = "SELECT sha256, count(*) AS times FROM orders WHERE verdict = 'created' GROUP BY sha256"
        return Counter({row["sha256"]: row["times"] for row in self._connection.execute(query)})

    def _orders(self, condition: str) -> list[OrderRecord]:
        rows: list[Any] = self._connection.execute(
            f"{ORDER_COLUMNS} {condition} ORDER BY b.number, o.position"
        ).fetchall()
        return [OrderRecord(**dict(row)) for row in rows]
