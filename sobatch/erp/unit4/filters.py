"""The filters of the ERP's own list of batches: what a person types becomes what the list understands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from sobatch.erp.ports import Phase
from sobatch.errors import UsageError

_LETTERS = {
    Phase.PENDING: "N",
    Phase.RUNNING: "W",
    Phase.CANCELLING: "K",
    Phase.CANCELLED: "C",
    Phase.FINISHED: "T",
    Phase.FAILED: "E",
}
_TIME_SPAN = re.compile(r"(?:\d{1,7}\.)?(?:[01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d(?:\.\d{1,7})?")
_DURATION = re.compile(r"(\d{1,9})\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def query_of(filters: Mapping[str, str]) -> dict[str, str]:
    """The query for these filters: `controller`, `method`, `time_from`, `time_window`, `status`. Raises `UsageError`
    for a time that is none."""
    query = {name: filters[name] for name in ("controller", "method") if name in filters}
    if "time_from" in filters:
        query["timeFrom"] = _time(filters["time_from"])
    if "time_window" in filters:
        query["timeWindow"] = _window(filters["time_window"])
    if "status" in filters:
        word = filters["status"]
        query["status"] = _LETTERS.get(Phase(word.lower()), word) if word.lower() in set(Phase) else word
    return query


def moment(seconds: float) -> str:
    """A `DateTime` as the list's filter wants it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def span(seconds: float) -> str:
    """A .NET `TimeSpan` that holds so many seconds: [d.]hh:mm:ss."""
    days, rest = divmod(int(seconds), 86400)
    text = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days}.{text}" if days else text


def _time(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is no date and time", next_step="Write it as 2026-11-24T08:00:00Z, or use --since 24h."
        ) from None
    return text


def _window(text: str) -> str:
    if _TIME_SPAN.fullmatch(text):
        return text
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no length of time", next_step="Write it as 2h, 3d or 02:00:00.")
    return span(int(found[1]) * _SECONDS[found[2]])
