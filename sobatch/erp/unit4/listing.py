"""The ERP's own list of batches, and what it can prove about a send whose answer was lost.

Leans to "cannot tell": a wrong "absent" ships orders twice. The list is not part of the vendor's sales-order page, its
filters may be ignored and its rows may say little, so nothing here relies on any of that.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sobatch.erp.ports import Absent, Attempt, CannotTell, Found, Kind, Outcome, Phase, Receipt, RemoteJob
from sobatch.erp.unit4.answers import ID, count_of, status_of
from sobatch.erp.unit4.entries import entries
from sobatch.erp.wire.client import Redact
from sobatch.erp.wire.reading import Unreadable
from sobatch.errors import RemoteFailed

SLACK = 120.0
SLACK_WITHOUT_CLOCK = 900.0
LOOK_BACK = 86400.0
_TIME_ZONES = 14 * 3600.0
_PAGE_SIZES = frozenset({10, 20, 25, 30, 40, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000})
_ROWS_KEYS = ("items", "value", "data", "results", "batchoperations", "content")
_ID_KEYS = ("batchrequestid", "batchid", "requestid", "id")
_CREATED_KEYS = ("createdat", "created", "createdon", "createddate", "creationtime", "submittedat", "orderedat")
_NAME_KEYS = ("filename", "file", "originalfilename")
_TOTAL_KEYS = ("totalitems", "totalitemcount", "itemcount", "totalcount", "total")
_ORDER_KEYS = ("externalOrderId", "externalReference", "customerId", "transactionType")


@dataclass(frozen=True, slots=True)
class JobList:
    """One reading of the list. `complete` is False when rows may be missing: unreadable ones, or a cut page."""

    jobs: tuple[RemoteJob, ...]
    complete: bool


Look = Callable[[float, float], JobList]
"""Reads the list from a moment on for a number of seconds, both on the server's clock."""

Results = Callable[[Receipt, Kind, Path], Iterable[Outcome]]


def jobs_of(data: Any, total: str | None = None, redact: Redact = str) -> JobList:
    """The rows of a list answer, in any of the usual envelopes. Raises `Unreadable` when it is no list."""
    more = False
    if isinstance(data, dict):
        folded = {key.lower(): value for key, value in data.items()}
        more = any(folded.get(key) for key in ("nextlink", "@odata.nextlink", "next", "hasmore"))
        data = next((folded[key] for key in _ROWS_KEYS if isinstance(folded.get(key), list)), None)
    if not isinstance(data, list):
        raise Unreadable("the answer is not a list of batches")
    jobs = [job for row in data if isinstance(row, dict) and (job := _job(row, redact)) is not None]
    cut = more or len(data) in _PAGE_SIZES or (total is not None and count_of(total) != len(data))
    return JobList(tuple(jobs), complete=len(jobs) == len(data) and not cut)


def _job(row: Mapping[str, Any], redact: Redact) -> RemoteJob | None:
    words = {key.lower(): str(value) for key, value in row.items() if isinstance(value, (str, int))}
    remote_id = next((words[key] for key in _ID_KEYS if ID.fullmatch(words.get(key, ""))), None)
    if remote_id is None or redact(remote_id) != remote_id:
        return None
    created = next((words[key] for key in _CREATED_KEYS if words.get(key)), None)
    return RemoteJob(remote_id, status_of(row, redact=redact), created, row)


def seen_at(created: str | None) -> tuple[float, float] | None:
    """The earliest and latest moment that a creation time can mean; without a zone it may be anywhere on earth."""
    try:
        moment = datetime.fromisoformat(created or "")
    except ValueError:
        return None
    doubt = 0.0 if moment.tzinfo else _TIME_ZONES
    if moment.year < 2000:
        return None
    stamp = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return stamp - doubt, stamp + doubt


def find(attempt: Attempt, look: Look, results: Results) -> Found | Absent | CannotTell:
    """Whether the batch of a lost attempt exists."""
    slack = SLACK if attempt.clock_offset is not None else SLACK_WITHOUT_CLOCK
    offset = attempt.clock_offset or 0.0
    begin, end = attempt.started + offset - slack, attempt.ended + offset + slack
    near = look(begin, end - begin)
    candidates = _candidates(near, attempt, begin, end)
    if not candidates:
        return _absent(attempt, look, begin, end)
    ids = tuple(job.remote_id for job in candidates)
    if len(candidates) > 1:
        return CannotTell("the ERP lists several batches from that time that this journal does not know.", ids)
    if not near.complete:
        return CannotTell("one unknown batch is listed, but the ERP's list may be incomplete.", ids)
    if not _surely_within(candidates[0], near, look, begin, end):
        return CannotTell("one unknown batch is listed, but nothing says that it is from that time.", ids)
    return _judged(candidates[0], attempt, results)


def _candidates(listed: JobList, attempt: Attempt, begin: float, end: float) -> list[RemoteJob]:
    """Jobs that nobody here knows and that may have been created in the window."""
    found = {}
    for job in listed.jobs:
        when = seen_at(job.created)
        if job.remote_id not in attempt.known_ids and (when is None or (when[0] <= end and when[1] >= begin)):
            found[job.remote_id] = job
    return list(found.values())


def _surely_within(job: RemoteJob, near: JobList, look: Look, begin: float, end: float) -> bool:
    """Whether a job is from the window: by its date, or because the list's own time filter demonstrably works."""
    when = seen_at(job.created)
    if when is not None and begin <= when[0] and when[1] <= end:
        return True
    wide = look(begin - LOOK_BACK, end - begin + LOOK_BACK)
    return bool({each.remote_id for each in wide.jobs} - {each.remote_id for each in near.jobs})


def _absent(attempt: Attempt, look: Look, begin: float, end: float) -> Absent | CannotTell:
    """Absence counts only in a complete list that demonstrably shows our batches, after the settle time."""
    if attempt.waited < attempt.settle:
        left = attempt.settle - attempt.waited
        return CannotTell(f"no such batch is listed yet; that counts in {left:.0f} seconds.")
    if not attempt.earlier_ids:
        return CannotTell("no such batch is listed, but nothing proves that the list would show it.")
    wide = look(begin - LOOK_BACK, end - begin + LOOK_BACK)
    strangers = _candidates(wide, attempt, begin, end)
    if strangers:
        return CannotTell(
            "the ERP lists batches that this journal does not know and that may be from that time.",
            tuple(job.remote_id for job in strangers),
        )
    if not wide.complete:
        return CannotTell("no such batch is listed, but the ERP's list may be incomplete.")
    shown = sorted({job.remote_id for job in wide.jobs} & attempt.earlier_ids)
    if not shown:
        return CannotTell("no such batch is listed, but neither is any earlier part, so the list proves nothing.")
    return Absent(f"the ERP's list shows the earlier batch {shown[0]} and none from the time of this part.")


def _judged(job: RemoteJob, attempt: Attempt, results: Results) -> Found | CannotTell:
    """The only unknown job of that time: it is ours when something says so and nothing speaks against it."""
    part, mine = attempt.part, (job.remote_id,)
    words = {key.lower(): value for key, value in job.raw.items()}
    name = next((words[key] for key in _NAME_KEYS if isinstance(words.get(key), str) and words[key]), None)
    total = next((found for key in _TOTAL_KEYS if (found := count_of(words.get(key))) is not None), None)
    company = words.get("companyid")
    over = job.status.phase.terminal
    if name is not None and name.replace("\\", "/").rsplit("/", 1)[-1] != part.file_name:
        return CannotTell("one unknown batch is listed, but under another file name.", mine)
    if total is not None and total != part.orders and (total > 0 or over):
        return CannotTell(f"one unknown batch is listed, but with {total} orders in place of {part.orders}.", mine)
    if isinstance(company, str) and company and attempt.company and company != attempt.company:
        return CannotTell("one unknown batch is listed, but for another company.", mine)
    processed = job.status.processed
    if processed is not None and (
        processed > part.orders or (processed != part.orders and job.status.phase is Phase.FINISHED)
    ):
        return CannotTell(f"one unknown batch is listed, but it processed {processed} orders of {part.orders}.", mine)
    receipt = Receipt(job.remote_id, note="found in the ERP's list of batches")
    if name is not None:
        return Found(receipt, f"the only unknown batch of that time, and its file is named {part.file_name}.")
    if not over:
        return CannotTell("one unknown batch is listed and still runs; its results will tell whether it is ours.", mine)
    if processed != part.orders and total != part.orders:
        return CannotTell("one unknown batch is listed, but it tells neither its file nor its number of orders.", mine)
    return _compared(receipt, attempt, results)


def _compared(receipt: Receipt, attempt: Attempt, results: Results) -> Found | CannotTell:
    """The results must echo the orders of the part: all of them, and no others."""
    mine = (receipt.remote_id or "",)
    echoed: list[Mapping[str, Any]] = []
    try:
        with tempfile.TemporaryDirectory(prefix=".look-", dir=attempt.part.path.parent) as folder:
            for kind in Kind:
                echoed += (outcome.order for outcome in results(receipt, kind, Path(folder) / f"{kind}.json"))
    except RemoteFailed as error:
        return CannotTell(f"one unknown batch is listed, but its results cannot be had: {error.message}.", mine)
    if len(echoed) != attempt.part.orders:
        return CannotTell(f"one unknown batch is listed, but its results hold {len(echoed)} orders.", mine)
    shared = [key for key in _ORDER_KEYS if all(_text(order.get(key)) for order in echoed)]
    if not set(shared) - {"transactionType"}:
        return CannotTell("one unknown batch is listed, with as many orders, but its results show no keys.", mine)
    ours = Counter(_key(order, shared) for _, order in entries(attempt.part.path) if isinstance(order, dict))
    if ours != Counter(_key(order, shared) for order in echoed):
        return CannotTell("one unknown batch is listed, but its results hold other orders.", mine)
    keys = ", ".join(shared)
    return Found(receipt, f"the only unknown batch of that time; its {len(echoed)} orders agree in {keys}.")


def _key(order: Mapping[str, Any], names: list[str]) -> tuple[str, ...]:
    return tuple(_text(order.get(name)) for name in names)


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else str(value).strip()
