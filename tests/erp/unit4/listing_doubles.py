"""A lost part, the list it may stand in, and the results that may tell of its orders: what looking for it needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
from erp_doubles import NOON

from sobatch.erp.ports import Attempt, PartFile

AT_NOON = "2026-11-21T09:00:01Z"
LONG_AGO = "2026-11-20T04:00:00Z"
OURS = "sobatch-20261121-090000-bcdf-0002-abcdef12.json.gz"
BEFORE = "sobatch-20261121-090000-bcdf-0001-12345678.json.gz"


def order(customer: str) -> dict[str, Any]:
    lines = [{"productCode": "P1", "quantity": 2, "price": 0.9}, {"productCode": "P2", "quantity": 1.0, "price": 3}]
    return {"customerId": customer, "transactionType": "SO", "externalReference": f"R{customer}", "orderLines": lines}


SENT = [order("1"), order("2")]
ECHO = [{"orderNumber": 501, "status": "N", **SENT[0]}, {"orderNumber": 502, "status": "N", **SENT[1]}]


def job(remote_id: str, **more: Any) -> dict[str, Any]:
    return {"batchRequestId": remote_id, "status": "T", "createdAt": AT_NOON, "processedItems": 2, **more}


EARLIER = job("earlier", createdAt=LONG_AGO, fileName=BEFORE)


def world_of(rows: Any, failed: Any = (), created: Any = ECHO, headers: dict[str, str] | None = None):
    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/results"):
            return httpx.Response(200, json=list(created if request.url.query else failed))
        return httpx.Response(200, json=rows, headers=headers)

    return reply


def lost(folder: Path) -> Attempt:
    """A send whose answer was lost, with its staged part."""
    path = folder / "0002-SO-abcdef12.json"
    path.write_text(json.dumps(SENT))
    part = PartFile("20261121-090000-bcdf", 2, "SO", 2, path, OURS, "abcdef12" * 8, path.stat().st_size)
    known = frozenset({"earlier", "other-run"})
    return Attempt(part, "EN", NOON, NOON + 5, 0.0, known, {"earlier": (BEFORE, False)}, waited=700.0, settle=600.0)
