"""The batch endpoints themselves: what each answers to a caller who has got past the gateway.

The codes and texts of POST_001 to POST_008 are the document's own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..pretend.answers import Answer, data, empty, gateway, not_found, refusal, text
from ..pretend.calls import Call
from ..pretend.store import Store
from . import batches, listing, results
from .identity import caller
from .intake import NoFile, Terms, TooLarge, accept, received_upload
from .options import Options

_SWITCH = {None: False, "": False, "false": False, "true": True}


@dataclass(frozen=True, slots=True)
class Visit:
    """A call together with everything needed to answer it."""

    call: Call
    store: Store
    options: Options
    now: float
    user: str


def answer(call: Call, store: Store, options: Options, now: float) -> Answer:
    """Answer one call to a batch endpoint."""
    user = caller(call.environ, store, options, now)
    if user is None:
        return gateway(401, "Invalid JWT.")
    return _ENDPOINTS[call.place or ""](Visit(call, store, options, now, user))


def _submit(visit: Visit) -> Answer:
    options, query = visit.options, visit.call.query
    if visit.user in options.without_rights:
        return gateway(401, "Unauthorized.")  # POST_001
    company = query.get("companyId") or options.default_company
    if company not in options.companies | {options.default_company}:
        return refusal(403, 2030, "User is not authorized")  # POST_008
    switch = query.get("skipWorkflow")
    skip = _SWITCH.get(switch.lower() if switch else switch)
    if skip is None:
        return refusal(400, 1020, f"The value '{switch:.60}' is not valid for skipWorkflow.")
    return _take_in(visit, Terms(visit.user, company, skip))


def _take_in(visit: Visit, terms: Terms) -> Answer:
    call, store = visit.call, visit.store
    try:
        with received_upload(call.environ, visit.options, store.uploads) as upload:
            call.notes.update(upload_sha256=upload.sha256, file_name=upload.file_name)
            batch = accept(store, visit.options, terms, upload, visit.now)
    except NoFile:
        return refusal(400, 1020, "File not present in MIME multipart content.")  # POST_002
    except TooLarge:
        return text(413, "<html><body><h1>413 Request Entity Too Large</h1></body></html>", "text/html")
    call.notes["batch"] = batch
    return empty(201).with_headers(Location=_location(visit, batch))


def _location(visit: Visit, batch: str) -> str:
    form = visit.options.location_form
    host = visit.call.host if form == "absolute" else ""
    tail = "" if form == "no-status-tail" else "/status"
    return f"{host}{visit.call.base}/v1/batch-operations/{batch}{tail}"


def _list(visit: Visit) -> Answer:
    if not visit.options.list_enabled:
        return gateway(404, "Resource not found")
    try:
        return data(200, listing.listed(visit.store, visit.options, visit.user, visit.call.query, visit.now))
    except listing.BadFilter as problem:
        return refusal(400, 1020, str(problem))


def _looked_at(visit: Visit) -> sqlite3.Row | None:
    return batches.look(visit.store, visit.options, visit.call.batch, visit.now)


def _status(visit: Visit) -> Answer:
    batch = _looked_at(visit)
    return not_found(visit.call.batch) if batch is None else data(200, listing.status_view(batch, visit.options))


def _results(visit: Visit) -> Answer:
    kind = visit.call.query.get("type")
    if kind not in (None, "success"):
        return refusal(400, 1020, f"The value '{kind:.60}' is not valid for type.")
    batch = _looked_at(visit)
    if batch is None:
        return not_found(visit.call.batch)
    early = visit.options.results_before_finish
    if batch["status"] not in batches.TERMINAL and early != "partial":
        return refusal(early, 1040 if early == 404 else 1050, "The batch operation is not finished.")
    if batch["ended"] is not None and visit.now < batch["ended"] + visit.options.results_delay:
        return _streamed((b"[]",))
    tell = results.created if kind == "success" else results.failed
    return _streamed(tell(visit.store, visit.options, visit.call.batch))


def _streamed(body: Iterable[bytes]) -> Answer:
    return Answer(200, (("Content-Type", "application/json"),), body)


def _cancel(visit: Visit) -> Answer:
    batch = batches.cancel(visit.store, visit.options, visit.call.batch, visit.now)
    if batch is None:
        return not_found(visit.call.batch)
    if batch["status"] in batches.TERMINAL:
        return refusal(409, 1050, "The batch operation is already finished.")
    return empty(visit.options.cancel_reply)


_ENDPOINTS: dict[str, Callable[[Visit], Answer]] = {
    "submit": _submit,
    "list": _list,
    "status": _status,
    "results": _results,
    "success": _results,
    "cancel": _cancel,
}
