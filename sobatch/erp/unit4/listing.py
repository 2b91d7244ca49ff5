"""The ERP's own list of batches, and what it can prove about a send whose answer was lost: presence, never absence.

The list is not part of the vendor's sales-order page: its filters may be ignored, its rows may say little, it may be
cut, late, in local time, or leave out what is queued. So a batch is ours by our own file name, wherever and whenever it
is listed, or by results that tell of every order of ours; and one that is not listed is only that.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sobatch.erp.ports import Attempt, CannotTell, Found, Kind, NotListed, Outcome, Phase, Receipt, RemoteJob
from sobatch.erp.unit4.agreement import disagreement
from sobatch.erp.unit4.answers import ID, count_of, status_of
from sobatch.erp.unit4.lists import entries
from sobatch.erp.wire.client import RESULTS_CAP, Redact
from sobatch.erp.wire.reading import Unreadable
from sobatch.errors import RemoteFailed

SLACK = 120.0
SLACK_WITHOUT_CLOCK = 900.0
_TIME_ZONES = 14 * 3600.0
_ROWS_KEYS = ("items", "value", "data", "results", "batchoperations", "content")
_ID_KEYS = ("batchrequestid", "batchid", "requestid", "id")
_CREATED_KEYS = ("createdat", "created", "createdon", "createddate", "creationtime", "submittedat", "orderedat")
_NAME_KEYS = ("filename", "file", "originalfilename")
_TOTAL_KEYS = ("totalitems", "totalitemcount", "itemcount", "totalcount", "total")


@dataclass(frozen=True, slots=True)
class JobList:
    """One reading of the list. `complete` is False when rows may be missing: unreadable ones, or a cut page.
    `clock_offset` is server minus local time in seconds, None when the answer had no date."""

    jobs: tuple[RemoteJob, ...]
    complete: bool
    clock_offset: float | None = None


Window = tuple[float, float]
"""From when to when, in seconds since the epoch on the server's clock."""

Look = Callable[[Window | None], JobList]
"""Reads the list, the whole of it or what its filters leave of a window."""

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
    cut = more or _page_like(len(data)) or (total is not None and count_of(total) != len(data))
    return JobList(tuple(jobs), complete=len(jobs) == len(data) and not cut)


def _page_like(rows: int) -> bool:
    """Whether a list of that length may be one page of a longer one: people choose round numbers, and powers of two."""
    return rows >= 8 and (rows % 5 == 0 or rows & (rows - 1) == 0)


def _job(row: Mapping[str, Any], redact: Redact) -> RemoteJob | None:
    folded = {key.lower(): value for key, value in row.items()}
    words = {key: str(value) for key, value in folded.items() if isinstance(value, (str, int))}
    remote_id = next((words[key] for key in _ID_KEYS if ID.fullmatch(words.get(key, ""))), None)
    if remote_id is None or redact(remote_id) != remote_id:
        return None
    created = next((words[key] for key in _CREATED_KEYS if words.get(key)), None)
    orders = next((found for key in _TOTAL_KEYS if (found := count_of(folded.get(key))) is not None), None)
    company = folded.get("companyid")
    company = company.strip() or None if isinstance(company, str) else None
    return RemoteJob(remote_id, status_of(row, redact=redact), created, orders, company, row)


def seen_at(created: str | None) -> Window | None:
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


def find(attempt: Attempt, look: Look, results: Results) -> Found | NotListed | CannotTell:
    """Whether the batch of a lost attempt is listed: by its file name first, else by its orders."""
    listed = _read(attempt, look)
    named = [job for job in listed.jobs if _bears(job, attempt.part.file_name)]
    if len(named) > 1:
        return CannotTell("the ERP lists several batches under the part's own file name.", _ids(named))
    if named:
        return _by_name(named[0], attempt)
    known = {remote_id.lower() for remote_id in attempt.known_ids}
    strangers = [job for job in listed.jobs if job.remote_id.lower() not in known and _perhaps_then(job, attempt)]
    shown = tuple(
        job.remote_id
        for job in listed.jobs
        if (witness := attempt.witnesses.get(job.remote_id)) is not None and _bears(job, witness[0])
    )
    if shown:  # this list keeps the names of files, so whatever has another name is not ours
        strangers = [job for job in strangers if _name(job) is None]
    if strangers:
        return _by_content(strangers, listed, attempt, results)
    return _not_listed(listed, shown, attempt)


def _read(attempt: Attempt, look: Look) -> JobList:
    """The whole list; when that seems cut and does not show the part, also what the filters bring to view."""
    whole = look(None)
    if whole.complete or any(_bears(job, attempt.part.file_name) for job in whole.jobs):
        return whole
    try:
        near = look(_window(attempt, whole))
    except RemoteFailed:
        if not whole.jobs:
            raise
        return whole
    rows = {job.remote_id: job for job in (*whole.jobs, *near.jobs)}
    return replace(whole, jobs=tuple(rows.values()))


def _window(attempt: Attempt, listed: JobList) -> Window:
    offset = attempt.clock_offset if attempt.clock_offset is not None else listed.clock_offset
    slack = SLACK if offset is not None else SLACK_WITHOUT_CLOCK
    return attempt.started + (offset or 0.0) - slack, attempt.ended + (offset or 0.0) + slack


def _bears(job: RemoteJob, file_name: str) -> bool:
    """Whether a row says this file name, in whatever member. The name is like no other, so what surrounds it may be a
    path, a prefix or another ending."""
    name = _name(job)
    said = json.dumps(dict(job.raw)) if name is None else name
    return file_name.split(".", 1)[0].lower() in said.lower()


def _name(job: RemoteJob) -> str | None:
    """The file name that a row states."""
    folded = {key.lower(): value for key, value in job.raw.items()}
    return next((folded[key] for key in _NAME_KEYS if isinstance(folded.get(key), str) and folded[key].strip()), None)


def _perhaps_then(job: RemoteJob, attempt: Attempt) -> bool:
    """Whether a row may be from the time of the attempt, if its date is in any zone, labelled as whatever."""
    when = seen_at(job.created)
    if when is None:
        return True
    slack = _TIME_ZONES + SLACK_WITHOUT_CLOCK
    return when[0] <= attempt.ended + slack and when[1] >= attempt.started - slack


def _by_name(job: RemoteJob, attempt: Attempt) -> Found | CannotTell:
    """A row with our own file name is ours, unless it contradicts itself or the journal."""
    if job.remote_id.lower() in {remote_id.lower() for remote_id in attempt.known_ids}:
        return CannotTell(
            f"the ERP lists the part's file name for batch {job.remote_id}, which is another part's already.",
            (job.remote_id,),
        )
    against = _against(job, attempt)
    if against:
        return CannotTell(f"a batch is listed under the part's own file name, but {against}.", (job.remote_id,))
    return Found(_receipt(job), f"the ERP lists its file name, {attempt.part.file_name}.")


def _against(job: RemoteJob, attempt: Attempt) -> str | None:
    """What a row says that cannot be true of our part."""
    part, processed, phase = attempt.part, job.status.processed, job.status.phase
    if _other_company(job.raw.items(), attempt):
        return "for another company"
    if job.orders is not None and job.orders != part.orders and (job.orders > 0 or phase.terminal):
        return f"with {job.orders} orders in place of {part.orders}"
    if processed is not None and (processed > part.orders or (processed != part.orders and phase is Phase.FINISHED)):
        return f"it processed {processed} orders of {part.orders}"
    return None


def _other_company(members: Iterable[tuple[str, Any]], attempt: Attempt) -> bool:
    """Whether a row or an order says that it is of another company than the part."""
    said = next((value for key, value in members if key.lower() == "companyid"), None)
    mine = (attempt.company or "").strip().lower()
    return bool(mine) and isinstance(said, str) and said.strip().lower() not in ("", mine)


def _by_content(strangers: list[RemoteJob], listed: JobList, attempt: Attempt, results: Results) -> Found | CannotTell:
    """Batches that nobody here knows: one of them is ours only when its results say so, order by order."""
    begin, end = _window(attempt, listed)
    against = {job.remote_id: _unlike(job, attempt) for job in strangers}
    fitting = [job for job in strangers if against[job.remote_id] is None]
    then = [job for job in fitting if (when := seen_at(job.created)) and begin <= when[0] and when[1] <= end]
    if not fitting:
        first = against[strangers[0].remote_id]
        return CannotTell(f"a batch that this journal does not know is listed, but {first}.", _ids(strangers))
    if len(then) > 1 or (len(fitting) > 1 and not then):
        return CannotTell("the ERP lists several batches that this journal does not know.", _ids(fitting))
    if not then:
        return CannotTell("one unknown batch is listed, but nothing says that it is from that time.", _ids(fitting))
    if not listed.complete:
        return CannotTell("one unknown batch is listed, but the ERP's list may be incomplete.", _ids(then))
    if not then[0].status.phase.terminal:
        return CannotTell("one unknown batch is listed and still runs; its results may tell whose it is.", _ids(then))
    why = _compared(_receipt(then[0]), attempt, results)
    if why:
        return CannotTell(f"one unknown batch is listed, but {why}.", _ids(then))
    return Found(_receipt(then[0]), f"an unknown batch of that time holds its {attempt.part.orders} orders, all alike.")


def _unlike(job: RemoteJob, attempt: Attempt) -> str | None:
    """Why a row without our file name is not ours, from what it says itself."""
    return "under another file name" if _name(job) is not None else _against(job, attempt)


def _compared(receipt: Receipt, attempt: Attempt, results: Results) -> str | None:
    """Why the results are not those of the part: None when they tell of all its orders, and of no others."""
    try:
        with tempfile.TemporaryDirectory(prefix=".look-", dir=attempt.part.path.parent) as folder:
            with (Path(folder) / "told").open("w+") as told:
                strange = 0
                for kind in Kind:
                    for outcome in results(receipt, kind, Path(folder) / f"{kind}.json"):
                        strange += _other_company(outcome.order.items(), attempt)
                        told.write(json.dumps(outcome.order) + "\n")
                if strange:
                    return "its results are those of another company"
                return disagreement(lambda: _sent(attempt), lambda: _again(told))
    except RemoteFailed as error:
        return f"its results cannot be had: {error.message}"


def _again(file: IO[str]) -> Iterator[Mapping[str, Any]]:
    file.seek(0)
    return (json.loads(line) for line in file)


def _sent(attempt: Attempt) -> Iterator[Mapping[str, Any]]:
    if attempt.part.start is not None:  # one of the small parts of a page
        return iter(json.loads(attempt.part.text()))
    return (order for _, order in entries(attempt.part.path, largest=RESULTS_CAP) if isinstance(order, dict))


def _not_listed(listed: JobList, shown: tuple[str, ...], attempt: Attempt) -> NotListed:
    rows, missing = len(listed.jobs), len(attempt.witnesses) - len(shown)
    early = attempt.waited < attempt.settle
    words = [
        f"the ERP's list ({rows} rows{'' if listed.complete else ', perhaps not all'}) does not show it",
        f"it shows {len(shown)} of the {len(attempt.witnesses)} parts sent before or since"
        if attempt.witnesses
        else "no other part was sent that it could show",
    ]
    if early:
        words.append(f"it was sent only {attempt.waited:.0f} seconds ago")
    thorough = not missing and not early and _reaches(listed, shown, attempt)
    return NotListed("; ".join(words) + ".", thorough)


def _reaches(listed: JobList, shown: tuple[str, ...], attempt: Attempt) -> bool:
    """Whether the list would reach the lost part, as far as can be told: it seems whole, and shows a part sent since,
    or an earlier one in a list that begins with the newest (one that begins with the oldest may end before ours)."""
    if not shown or not listed.complete:
        return False
    times = [when[0] for job in listed.jobs if (when := seen_at(job.created))]
    newest_first = len(times) == len(listed.jobs) and times == sorted(times, reverse=True) and times[0] > times[-1]
    return newest_first or any(attempt.witnesses[remote_id][1] for remote_id in shown)


def _receipt(job: RemoteJob) -> Receipt:
    return Receipt(job.remote_id, note="found in the ERP's list of batches")


def _ids(jobs: Iterable[RemoteJob]) -> tuple[str, ...]:
    return tuple(job.remote_id for job in jobs)
