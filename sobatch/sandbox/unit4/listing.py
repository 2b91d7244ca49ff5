"""The list of batches with its five filters, and the members every view of a batch has in common."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ..pretend.store import Store
from .batches import look
from .options import Options

CONTROLLER, METHOD = "SalesOrders", "POST"
# A .NET TimeSpan: `[d.]hh:mm:ss[.fraction]`. Nothing shorter: "2" would mean two days there, and hardly to its sender.
_SPAN = re.compile(r"(?:(\d{1,7})\.)?([01]?\d|2[0-3]):([0-5]?\d):([0-5]?\d)(\.\d{1,7})?")


class BadFilter(Exception):
    """A filter of the list that cannot be read."""


def status_view(batch: sqlite3.Row, options: Options) -> dict[str, Any]:
    """A batch as the status endpoint shows it."""
    return {
        "batchRequestId": batch["id"],
        options.status_field: options.told_as.get(batch["status"], batch["status"]),
        "processorResult": _result(batch),
        "processedItems": batch["processed"],
        "validationErrorCount": batch["errors"],
        "controller": CONTROLLER,
        "method": METHOD,
        "createdAt": _stamp(batch["received"]),
    }


def _result(batch: sqlite3.Row) -> str | None:
    if batch["status"] == "E":
        return "Error"
    if batch["status"] != "T":
        return None
    return "SuccessWithValidationErrors" if batch["errors"] else "Success"


def _stamp(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def listed(store: Store, options: Options, user: str, query: Mapping[str, str], now: float) -> list[dict[str, Any]]:
    """The batches that pass the filters, newest first unless the options say otherwise."""
    ahead = options.list_hours_ahead * 3600
    earliest, latest = (moment - ahead for moment in _window(query, now + ahead))
    for row in store.rows("SELECT id FROM batches WHERE status IN ('N', 'W', 'K')"):
        look(store, options, row["id"], now)
    batches = store.rows(
        "SELECT * FROM batches WHERE received <= ? AND received >= ? AND received <= ? ORDER BY number DESC",
        (now - options.list_delay, earliest, latest),
    )
    wanted = [each for each in batches if options.list_scope == "tenant" or each["user"] == user]
    if options.list_oldest_first:
        wanted.reverse()
    if options.list_hides_waiting:
        wanted = [each for each in wanted if each["status"] != "N"]
    views = [view for view in (_list_view(each, options) for each in wanted) if _passes(view, options, query)]
    return views[: options.list_limit]


def _list_view(batch: sqlite3.Row, options: Options) -> dict[str, Any]:
    view = status_view(batch, options)
    view["createdAt"] = _stamp(batch["received"] + options.list_hours_ahead * 3600)
    if options.list_shows_file_name:
        view["fileName"] = batch["file_name"]
    if options.list_shows_total_items:
        view["totalItems"] = batch["orders"]
    return view


def _passes(view: dict[str, Any], options: Options, query: Mapping[str, str]) -> bool:
    shown = {"controller": view["controller"], "method": view["method"], "status": view[options.status_field]}
    return all(not query.get(name) or query[name].lower() == value.lower() for name, value in shown.items())


def _window(query: Mapping[str, str], now: float) -> tuple[float, float]:
    """From when to when. A window without a start reaches back from now."""
    span = _span(query["timeWindow"]) if query.get("timeWindow") else None
    if query.get("timeFrom"):
        start = _moment(query["timeFrom"])
        return start, start + span if span is not None else float("inf")
    return (now - span if span is not None else 0.0), float("inf")


def _moment(words: str) -> float:
    try:
        moment = datetime.fromisoformat(words)
    except ValueError as problem:
        raise BadFilter(f"The value '{words:.60}' is not valid for timeFrom. Invalid date time format.") from problem
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _span(words: str) -> float:
    found = _SPAN.fullmatch(words)
    if found is None:
        raise BadFilter(f"The value '{words:.60}' is not valid for timeWindow. Invalid time span format.")
    days, hours, minutes, seconds, fraction = (float(each or 0) for each in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds + fraction).total_seconds()
