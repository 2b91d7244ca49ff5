"""The WSGI application: authenticates, routes, spoils where a fault says so, and writes down every request."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from werkzeug.http import http_date

from .pretend import control
from .pretend.answers import Answer, gateway, text
from .pretend.calls import Call, recorded_headers, recorded_query, understood
from .pretend.faults import Fault, Faults
from .pretend.mischief import Scene, spoil
from .pretend.record import BatchRecord, OrderRecord, Record, RequestRecord
from .pretend.store import Store
from .unit4 import batches, endpoints
from .unit4.identity import issue
from .unit4.options import Options

MINUTE = 60.0
DEFAULTS = Options()


class Sandbox:
    """A pretend ERP. Call it as a WSGI application, in process or through `serve`."""

    def __init__(
        self,
        database: Path,
        options: Options = DEFAULTS,
        clock: Callable[[], float] = time.time,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.database = Path(database)
        self.options = options
        self.faults = Faults()
        self.faults.replace(options.faults)
        self.clock = clock
        self.store = Store(self.database)
        self._sleep = sleep
        self._record = Record(self.database)
        self._counting = threading.Lock()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the database go."""
        self._record.close()
        self.store.close()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """PEP 3333. `HungUp` is raised when a fault has ended the connection: there is no answer to give then."""
        call = understood(environ)
        if call.path.startswith(control.PREFIX):
            answer = control.answer(self._deeds(), call)
        else:
            answer = self._observed(call)
        headers = [(name, value.encode().decode("latin-1")) for name, value in answer.headers]
        start_response(answer.status_line, headers)
        return answer.body

    def _deeds(self) -> control.Deeds:
        """What the back door offers."""
        return {
            ("POST", "faults"): self._told_faults,
            ("GET", "faults"): lambda _: self._faults(),
            ("POST", "options"): self._told_options,
            ("POST", "settle"): self._told_to_settle,
            ("GET", "created"): lambda _: self.created(),
            ("GET", "received"): lambda _: self.received(),
            ("GET", "requests"): lambda _: self.requests(),
            ("GET", "batches"): lambda _: self.batches(),
        }

    def _told_faults(self, wanted: Any) -> Any:
        """Replace the faults by a list, or add the one that is given alone."""
        if isinstance(wanted, dict):
            self.add_fault(Fault.from_json(wanted))
        else:
            self.set_faults([Fault.from_json(each) for each in wanted or ()])
        return self._faults()

    def _faults(self) -> Any:
        return [asdict(fault) | {"hits": hits} for fault, hits in self.faults.hits()]

    def _told_options(self, wanted: Any) -> Any:
        """Lay some options over those in force."""
        self.options = self.options.with_values(wanted or {})
        if "faults" in (wanted or {}):
            self.set_faults(self.options.faults)
        return sorted(wanted or {})

    def _told_to_settle(self, _body: Any) -> Any:
        self.settle()
        return self.batches()

    # -- what tests ask ------------------------------------------------------------------------------------------

    def set_faults(self, faults: Iterable[Fault]) -> None:
        """Put these faults in force in place of the former ones."""
        self.faults.replace(faults)

    def add_fault(self, fault: Fault) -> None:
        """Put one more fault in force."""
        self.faults.add(fault)

    def settle(self) -> None:
        """Move every batch to where it would be by now, as if somebody had looked."""
        for row in self.store.rows("SELECT id FROM batches WHERE status IN ('N', 'W', 'K')"):
            batches.look(self.store, self.options, row["id"], self.clock())

    def received(self) -> list[OrderRecord]:
        """Every order that arrived."""
        return self._record.received()

    def created(self) -> list[OrderRecord]:
        """Every order saved so far."""
        return self._record.created()

    def batches(self) -> list[BatchRecord]:
        """Every accepted upload."""
        return self._record.batches()

    def requests(self) -> list[RequestRecord]:
        """Every request seen."""
        return self._record.requests()

    def doubles(self, fingerprints: Iterable[str] | None = None) -> dict[str, int]:
        """Orders saved more often than wanted; see `Record.doubles`."""
        return self._record.doubles(fingerprints)

    def missing(self, fingerprints: Iterable[str]) -> dict[str, int]:
        """Orders saved less often than wanted; see `Record.missing`."""
        return self._record.missing(fingerprints)

    # -- one request ---------------------------------------------------------------------------------------------

    def _observed(self, call: Call) -> Answer:
        """Answer a request and write it down; it stands in the record before it is answered."""
        now = self.clock()
        left, wait, number = self._register(call, now)
        fault = self.faults.pick(call.place) if call.place else None

        def usual() -> Answer:
            return self._throttled(wait) if left < 0 else self._answer(call)

        def finish(answer: Answer) -> Answer:
            return answer.with_headers(**self._common_headers(call, left))

        try:
            answer = finish(usual() if fault is None else spoil(Scene(fault, call, usual, finish, self._sleep)))
            call.notes["status"] = answer.status
            return answer
        finally:
            self._note(number, call, fault)

    def _answer(self, call: Call) -> Answer:
        now = self.clock()
        if call.place == "token":
            return issue(call.environ, self.store, self.options, now)
        if call.place is None:
            return text(405, "405 Method Not Allowed") if call.wrong_method else gateway(404, "Resource not found")
        return endpoints.answer(call, self.store, self.options, now)

    def _register(self, call: Call, now: float) -> tuple[int, float, int]:
        """Write the request down and count it: calls left in this minute, seconds to wait, its row.

        Counting and writing are one transaction, so that two processes share one limit. Tokens come from another
        service and are not counted.
        """
        limited = call.place != "token"
        with self.store.write() as database:
            used, oldest = database.execute(
                "SELECT count(*), min(at) FROM requests WHERE counted = 1 AND at > ? AND at <= ?", (now - MINUTE, now)
            ).fetchone()
            left = self.options.rate_limit - used - 1 if limited else self.options.rate_limit - used
            cursor = database.execute(
                "INSERT INTO requests (at, method, path, query, headers, place, counted) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    now,
                    call.method,
                    call.path,
                    recorded_query(call.environ),
                    json.dumps(recorded_headers(call.environ)),
                    call.place,
                    limited and left >= 0,
                ),
            )
        wait = MINUTE if oldest is None else oldest + MINUTE - now
        return left, wait, int(cursor.lastrowid or 0)

    def _throttled(self, wait: float) -> Answer:
        seconds = max(1, math.ceil(wait))
        message = f"Rate limit is exceeded. Try again in {seconds} seconds."
        return gateway(429, message).with_headers(Retry_After=str(seconds))

    def _common_headers(self, call: Call, left: int) -> Mapping[str, str]:
        kind = "INBOUND" if call.method == "POST" else "OUTBOUND"
        return {
            "Date": http_date(self.clock()),
            "Server": "sandbox",
            "X_U4_RemainingLimit": str(max(0, left)),
            "X_U4_QuotaType": kind,
            "X_U4_SubscriptionClaim": "sandbox",
        }

    def _note(self, number: int, call: Call, fault: Fault | None) -> None:
        with self.store.write() as database:
            database.execute(
                "UPDATE requests SET body_bytes = ?, upload_sha256 = ?, file_name = ?, batch = ?, status = ?, fault = ?"
                " WHERE id = ?",
                (
                    call.body.count,
                    call.notes.get("upload_sha256"),
                    call.notes.get("file_name"),
                    call.notes.get("batch") or call.batch or None,
                    call.notes.get("status"),
                    fault.action if fault else None,
                    number,
                ),
            )
