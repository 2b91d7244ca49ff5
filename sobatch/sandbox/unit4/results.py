"""What a finished batch has to tell: the failed orders, or the short records of those created.

Streamed a few hundred at a time: a batch may have failed 50,000 times over. A failed order is shown with the very
bytes that came in, unless the echo is to be normalised as a server with typed fields would.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from ..pretend.store import Store
from .options import Options

AT_ONCE = 500

ORDER_DEFAULTS: dict[str, Any] = {
    "isBackToBackOrderUsed": False,
    "isBilledAtProject": False,
    "isPartOfConsolidatedInvoice": False,
    "currencyCode": "",
    "externalReference": "",
    "externalOrderId": "",
    "notes": "",
    "orderNumber": 0,
    "period": 0,
    "orderStatus": "N",
}
LINE_DEFAULTS: dict[str, Any] = {
    "distributionKey": 0,
    "isBackToBackOrderUsedOnLine": False,
    "lineDiscountPercent": 0,
    "status": "N",
    "unit": "",
}


def created(store: Store, options: Options, batch: str) -> Iterator[bytes]:
    """The array of short records."""
    return _array(_short(order) for order in _orders(store, options, batch, "created"))


def failed(store: Store, options: Options, batch: str) -> Iterator[bytes]:
    """The array of failed orders, each with its own error."""
    shape = _SHAPES[options.result_shape]
    payload = store.payload(batch)
    return _array(
        shape(order, _submitted(payload, order, options), options) for order in _orders(store, options, batch, "failed")
    )


def _array(entries: Iterator[bytes]) -> Iterator[bytes]:
    """A JSON array in pieces of a useful size."""
    piece, separator = bytearray(b"["), b""
    for entry in entries:
        piece += separator + entry
        separator = b","
        if len(piece) > 1 << 16:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece + b"]")


def _orders(store: Store, options: Options, batch: str, verdict: str) -> Iterator[sqlite3.Row]:
    if options.shuffle_seed is not None:
        yield from _shuffled(store, options.shuffle_seed, batch, verdict)
        return
    last = -1
    while some := store.rows(
        "SELECT * FROM orders WHERE batch = ? AND position > ? AND verdict = ? ORDER BY position LIMIT ?",
        (batch, last, verdict, AT_ONCE),
    ):
        yield from some
        last = some[-1]["position"]


def _shuffled(store: Store, seed: int, batch: str, verdict: str) -> Iterator[sqlite3.Row]:
    found = store.rows("SELECT position FROM orders WHERE batch = ? AND verdict = ?", (batch, verdict))
    positions = [row["position"] for row in found]
    random.Random(seed).shuffle(positions)
    for position in positions:
        yield from store.rows("SELECT * FROM orders WHERE batch = ? AND position = ?", (batch, position))


def _short(order: sqlite3.Row) -> bytes:
    known = {
        "orderNumber": order["order_number"],
        "customerId": order["customer"],
        "transactionType": order["type"],
        "externalOrderId": order["external_order_id"] or "",
        "externalReference": order["external_reference"] or "",
        "companyId": order["company"],
        "period": order["period"],
    }
    if known["period"] is None:
        del known["period"]
    return orjson.dumps(known)


def _submitted(payload: Path, order: sqlite3.Row, options: Options) -> bytes:
    with payload.open("rb") as file:
        file.seek(order["start"])
        raw = file.read(order["length"])
    return _normalised(raw) if options.normalise_echo else raw


def _normalised(raw: bytes) -> bytes:
    """As typed fields would give it back: members in another order, defaults filled in, `50.0` as `50`."""
    order = json.loads(raw)
    if isinstance(order, dict):
        order = ORDER_DEFAULTS | order
        lines = order.get("orderLines")
        if isinstance(lines, list):
            order["orderLines"] = [LINE_DEFAULTS | line if isinstance(line, dict) else line for line in lines]
    return json.dumps(_plain(order), ensure_ascii=False).encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(value[name]) for name in sorted(value)}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _echo(order: sqlite3.Row, submitted: bytes, _options: Options) -> bytes:
    """The submitted order with `notificationMessages` added as its last member."""
    notes: dict[str, list[dict[str, Any]]] = {}
    for path, code, message in json.loads(order["problems"]):
        notes.setdefault(path, []).append({"code": code, "message": message})
    addition = b'"notificationMessages":' + orjson.dumps(notes) + b"}"
    if not submitted.startswith(b"{"):
        return b"{" + addition
    head = submitted[:-1].rstrip()
    return head + (b"" if head == b"{" else b",") + addition


def _wrapper(order: sqlite3.Row, submitted: bytes, options: Options) -> bytes:
    errors = [{"code": code, "message": message} for _, code, message in json.loads(order["problems"])]
    head = orjson.dumps(_index(order, options) | {"errors": errors})
    return head[:-1] + b',"item":' + submitted + b"}"


def _flat(order: sqlite3.Row, _submitted: bytes, options: Options) -> bytes:
    return orjson.dumps(_index(order, options) | {"orderNumber": order["number"], "message": order["message"]})


def _index(order: sqlite3.Row, options: Options) -> dict[str, int]:
    return {"index": order["position"]} if options.result_index else {}


_SHAPES: dict[str, Callable[[sqlite3.Row, bytes, Options], bytes]] = {
    "echo": _echo,
    "wrapper": _wrapper,
    "flat": _flat,
}
