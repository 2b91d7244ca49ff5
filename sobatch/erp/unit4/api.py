"""Talks to Unit4 ERPx: its asynchronous sales-order batch API as a `Target`, one request per method.

Decides nothing about what to send or when; remembers a token and the server's warnings, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from sobatch.core.place.safetext import clean
from sobatch.erp.ports import (
    Attempt,
    CannotTell,
    Clock,
    Connection,
    Found,
    Kind,
    Notify,
    NotListed,
    Outcome,
    PartFile,
    Receipt,
    Refused,
    RemoteJob,
    Status,
    Steps,
    Throttled,
    TokenExpired,
    Traits,
)
from sobatch.erp.unit4 import listing
from sobatch.erp.unit4.answers import ID, names_another, status_of
from sobatch.erp.unit4.entries import outcome_of
from sobatch.erp.unit4.filters import moment, query_of, span
from sobatch.erp.unit4.lists import entries, verify
from sobatch.erp.unit4.sending import Envelope, Sender
from sobatch.erp.wire.authority import authority_for, redactor_for
from sobatch.erp.wire.client import LIST_CAP, RESULTS_CAP, build_client, tls_context
from sobatch.erp.wire.failures import wait_asked
from sobatch.erp.wire.reading import Ask, Authority, Reader, Unreadable
from sobatch.erp.wire.rulings import Call
from sobatch.errors import Defect, NotAllowed, RemoteFailed, Temporary

SCOPE = "u4erp"
# The document's method table says /v1/batch/sales-orders, its company example /v1/sales-orders/batch: a setting.
SUBMIT_PATH = "/v1/batch/sales-orders"
OPERATIONS_PATH = "/v1/batch-operations"
_MOST_WARNINGS = 20
_NO_FILTERS: Mapping[str, str] = {}
# A batch may not be known everywhere at once: a 404 this soon after it was accepted is no verdict.
_NEW_BATCH_SECONDS = 120.0


def build(connection: Connection, clock: Clock) -> Unit4:
    """A target for this connection. Raises `UsageError` when an address or credential is missing or unfit."""
    return Unit4(connection, clock)


class Unit4:
    """Unit4 ERPx. Holds two connection pools: one for reads, one that is fresh for every send."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        trust = None if connection.transport is not None else tls_context(connection)
        self._base = connection.base_url.rstrip("/")
        self._company = connection.company
        self._options = connection.options
        self._clock = clock
        self._results_cap = int(self._options.get("max_results") or RESULTS_CAP)
        self._first_index = self._options.get("result_index")
        self._refused_tokens = 0
        self.warnings: list[str] = []
        self._announce = connection.announce
        self._client = build_client(connection, verify=trust)
        self._sending_client = build_client(connection, sending=True, verify=trust)
        self._redact = redactor_for(connection)
        plain = Reader(self._client, clock, self._redact)
        self._authority = authority_for(connection, plain, clock, self._redact, SCOPE)
        self._reader = Reader(self._client, clock, self._redact, authority=self._authority, notice=self._notice)
        self._sender = Sender(self._sending_client, clock, self._redact)

    @property
    def name(self) -> str:
        return "unit4"

    @property
    def address(self) -> str:
        return self._base

    @property
    def traits(self) -> Traits:
        return Traits()

    def prepare(self) -> None:
        self._authority.headers()

    def close(self) -> None:
        self._client.close()
        self._sending_client.close()

    def send(self, part: PartFile, steps: Steps, notify: Notify) -> Receipt:
        """Send a part. A token that ran out is renewed first; what that raises means that nothing was sent."""
        envelope = Envelope(
            url=self._url("/" + str(self._options.get("submit_path") or SUBMIT_PATH).lstrip("/")),
            base_url=self._base,
            params=self._params(),
            part_name=str(self._options.get("part_name") or ""),
            headers=self._authority.headers(),
        )
        try:
            receipt, headers = self._sender.send(part, envelope, steps, notify)
        except TokenExpired as error:
            self._refused_tokens += 1
            if self._refused_tokens == 1 and self._authority.renew(envelope.headers):
                raise
            raise Refused(
                error.message, http_status=error.http_status, bytes_sent=error.bytes_sent, server_time=error.server_time
            ) from error
        except (Throttled, Refused):
            self._refused_tokens = 0
            raise
        self._refused_tokens = 0
        self._notice(headers)
        return receipt

    def status(self, receipt: Receipt) -> Status:
        remote_id = _id_of(receipt)
        ask = Ask(
            Call.READ,
            "GET",
            self._operation(remote_id, "status"),
            f"read the status of batch {remote_id}",
            attempts=1,
            patient=True,
        )
        reply = self._reader.json(ask)
        data = reply.data
        if not isinstance(data, dict) or names_another(data, remote_id):
            raise Temporary(
                f"the answer about batch {remote_id} is not its status", next_step="Run the same command again later."
            )
        return status_of(data, wait_asked(reply.headers, self._clock), self._redact)

    def results(self, receipt: Receipt, kind: Kind, save_to: Path) -> Iterator[Outcome]:
        """Download at once, then stream, once. "type=success" is the only documented type; failures are the default."""
        remote_id = _id_of(receipt)
        ask = Ask(
            Call.READ,
            "GET",
            self._operation(remote_id, "results"),
            f"read the {kind} orders of batch {remote_id}",
            params={"type": "success"} if kind is Kind.CREATED else {},
            cap=self._results_cap,
            patient=receipt.server_time is not None and self._clock.now() - receipt.server_time < _NEW_BATCH_SECONDS,
        )
        self._reader.download(ask, save_to, lambda path: verify(path, self._results_cap))
        return self._told(kind, save_to)

    def _told(self, kind: Kind, saved: Path) -> Iterator[Outcome]:
        """The entries of a list, which is not kept once it is read: it is raw, and may hold anything."""
        try:
            for raw, value in entries(saved, self._results_cap):
                yield outcome_of(kind, raw, value, self._redact, first=self._first_index)
        finally:
            saved.unlink(missing_ok=True)

    def cancel(self, receipt: Receipt) -> None:
        remote_id = _id_of(receipt)
        self._reader.nothing(
            Ask(Call.CANCEL, "POST", self._operation(remote_id, "cancel"), f"cancel batch {remote_id}")
        )

    def jobs(self, filters: Mapping[str, str] = _NO_FILTERS, *, seconds: float | None = None) -> Iterator[RemoteJob]:
        params = query_of(filters)
        try:
            listed = self._list(self._reader, params) if seconds is None else self._list_once(params, seconds)
            return (self._shown(job) for job in listed.jobs)
        except Unreadable as error:
            raise RemoteFailed(
                f"cannot read the list of batches: {error}",
                next_step="This ERP may offer no such list; ask for single batches instead.",
            ) from error

    def _shown(self, job: RemoteJob) -> RemoteJob:
        return replace(job, created=None if job.created is None else clean(self._redact(job.created), 40))

    def redacted(self, text: str) -> str:
        return self._redact(text)

    def find(self, attempt: Attempt) -> Found | NotListed | CannotTell:
        """Look for a lost part; any failure to look is a reason, not an error, unless it will pass by itself."""
        try:
            return listing.find(attempt, self._look, self.results)
        except RemoteFailed as error:
            if error.facts.get("http_status") in (404, 405):
                return CannotTell("this ERP offers no list of batches.")
            return CannotTell(f"the ERP's list of batches cannot be read: {error.message}.")
        except NotAllowed as error:
            if error.facts.get("http_status") != 403:
                raise
            return CannotTell("this ERP offers no list of batches to this user (403).")
        except Unreadable as error:
            return CannotTell(f"what the ERP answers cannot be compared: {error}.")

    def _look(self, window: listing.Window | None) -> listing.JobList:
        """The list; when the whole of it is too long or not given without a filter, nothing that could count as all."""
        if window is not None:
            begin, end = window
            return self._list(self._reader, {"timeFrom": moment(begin), "timeWindow": span(end - begin + 1)})
        try:
            return self._list(self._reader, {})
        except RemoteFailed as error:
            if error.facts.get("http_status") != 400:
                raise
        except Temporary as error:
            if not error.facts.get("too_large"):
                raise
        return listing.JobList((), complete=False)

    def _list(self, reader: Reader, params: Mapping[str, str], **how: Any) -> listing.JobList:
        reply = reader.json(
            Ask(
                Call.READ,
                "GET",
                self._url(OPERATIONS_PATH),
                "read the list of batches",
                params=params,
                cap=LIST_CAP,
                **how,
            )
        )
        offset = None if reply.server_time is None else reply.server_time - self._clock.now()
        listed = listing.jobs_of(reply.data, reply.headers.get("x-u4-totalcount"), self._redact)
        return replace(listed, clock_offset=offset)

    def _list_once(self, params: Mapping[str, str], seconds: float) -> listing.JobList:
        """One request, which is cut when the time is over; a refusal stays one."""
        reader = Reader(self._client, self._clock, self._redact, authority=_Unrenewed(self._authority))
        return self._list(reader, params, attempts=1, at_most=seconds)

    def _params(self) -> dict[str, str]:
        params = {} if self._company is None else {"companyId": self._company}
        skip = self._options.get("skip_workflow")
        if skip is not None:
            params["skipWorkflow"] = "true" if skip else "false"
        return params

    def _url(self, path: str) -> str:
        return self._base + path

    def _operation(self, remote_id: str, tail: str) -> str:
        return self._url(f"{OPERATIONS_PATH}/{quote(remote_id, safe='')}/{tail}")

    def _notice(self, headers: httpx.Headers) -> None:
        """Deprecation is announced in a header; the operator should hear of it."""
        warning = headers.get("x-u4-warning")
        if warning:
            text = clean(self._redact(warning))
            if text not in self.warnings and len(self.warnings) < _MOST_WARNINGS:
                self.warnings.append(text)
                self._announce(f"The ERP warns: {text}")


@dataclass(frozen=True, slots=True)
class _Unrenewed:
    """An authority for a request that is not to be repeated, not even with a fresh token."""

    authority: Authority

    def headers(self) -> Mapping[str, str]:
        return self.authority.headers()

    def renew(self, refused: Mapping[str, str]) -> bool:
        return False


def _id_of(receipt: Receipt) -> str:
    if receipt.remote_id is None or not ID.fullmatch(receipt.remote_id):
        raise Defect("a receipt without a usable batch id was asked about")
    return receipt.remote_id
