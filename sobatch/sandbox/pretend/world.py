"""A pretend ERP that takes one order at a time, as far as it is none in particular.

A world of its own says which endpoints there are and answers a call that has got past the faults and the rate.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from werkzeug.http import http_date

from . import control
from .answers import Answer, text
from .calls import Call, Routes, recorded_headers, recorded_query, understood
from .faults import Fault, Faults
from .mischief import Scene, spoil
from .store import Store
from .things import SCHEMA, Thing, Things


@dataclass(frozen=True, slots=True)
class WorldOptions:
    """What every such world may be told: how many requests it takes in how many seconds (0 is any number), how long it
    waits before each answer, how long after it came an order shows in look-ups, and the faults in force."""

    rate_limit: int = 0
    rate_seconds: float = 60.0
    latency: float = 0.0
    lag: float = 0.0
    faults: tuple[Fault, ...] = ()

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """These options with values from JSON laid over them; an unknown name is an error, never ignored."""
        unknown = sorted(set(values) - {each.name for each in fields(self)})
        if unknown:
            raise ValueError(f"no such sandbox option: {', '.join(unknown)}")
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        if "faults" in given:
            given["faults"] = tuple(Fault.from_json(each) for each in given["faults"])
        return replace(self, **given)


class World:
    """A WSGI application with a memory. A world of its own has options of its own, which begin with `WorldOptions`."""

    routes: ClassVar[Routes]
    by_place: ClassVar[bool] = False
    """Whether each endpoint has a rate of its own."""

    def __init__(
        self,
        database: Path,
        options: Any,
        clock: Callable[[], float] = time.time,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.options = options
        self.faults = Faults()
        self.faults.replace(options.faults)
        self.clock = clock
        self.sleep = sleep
        self.store = Store(Path(database), SCHEMA)
        self.things = Things(self.store)
        self._lock = threading.Lock()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the database go."""
        self.store.close()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """PEP 3333. `HungUp` is raised when a fault has ended the connection: there is no answer to give then."""
        call = understood(environ, self.routes)
        behind = call.path.startswith(control.PREFIX)
        answer = control.answer(self._deeds(), call) if behind else self._observed(call)
        start_response(answer.status_line, [(name, value.encode().decode("latin-1")) for name, value in answer.headers])
        return answer.body

    # -- what a world of its own says ----------------------------------------------------------------------------

    def answer(self, call: Call, now: float) -> Answer:
        """Answer a call to one of the endpoints."""
        raise NotImplementedError

    def throttled(self, wait: float) -> Answer:
        """The answer when the rate is exceeded."""
        raise NotImplementedError

    def headers(self, left: int) -> Mapping[str, str]:
        """The headers that every answer has; `left` are the requests left in this interval."""
        return {}

    # -- what tests ask ------------------------------------------------------------------------------------------

    def set_faults(self, faults: Iterable[Fault]) -> None:
        """Put these faults in force in place of the former ones."""
        self.faults.replace(faults)

    def made(self, kind: str = "order") -> list[Thing]:
        """Everything of a kind that exists."""
        return self.things.all(kind)

    def requests(self) -> list[dict[str, Any]]:
        """Every request seen, in order."""
        return [dict(row) for row in self.store.rows("SELECT * FROM requests ORDER BY id")]

    def _deeds(self) -> Mapping[tuple[str, str], Callable[[Any], Any]]:
        """What the back door offers."""
        return {
            ("POST", "faults"): self._told_faults,
            ("POST", "options"): self._told_options,
            ("GET", "created"): lambda _: [asdict(thing) | {"raw": thing.raw.decode()} for thing in self.made()],
            ("GET", "lines"): lambda _: [asdict(thing) | {"raw": thing.raw.decode()} for thing in self.made("line")],
            ("GET", "requests"): lambda _: self.requests(),
        }

    def _told_faults(self, wanted: Any) -> Any:
        self.set_faults([Fault.from_json(each) for each in wanted or ()])
        return [asdict(fault) | {"hits": hits} for fault, hits in self.faults.hits()]

    def _told_options(self, wanted: Any) -> Any:
        with self._lock:
            self.options = self.options.with_values(wanted or {})
        return sorted(wanted or {})

    # -- one request ---------------------------------------------------------------------------------------------

    def _observed(self, call: Call) -> Answer:
        """Answer a request and write it down; it stands in the record before it is answered."""
        now = self.clock()
        left, wait, number = self._register(call, now)
        fault = self.faults.pick(call.place) if call.place else None
        if self.options.latency:
            self.sleep(self.options.latency)

        def usual() -> Answer:
            return self.throttled(wait) if left < 0 else self._routed(call)

        def finish(answer: Answer) -> Answer:
            named = {"Date": http_date(self.clock()), "Server": "sandbox", **self.headers(max(0, left))}
            return answer.with_headers(**named)

        status = None
        try:
            answer = finish(usual() if fault is None else spoil(Scene(fault, call, usual, finish, self.sleep)))
            status = answer.status
            return answer
        finally:
            with self.store.write() as database:
                values = (call.body.count, status or call.notes.get("status"), fault.action if fault else None, number)
                database.execute("UPDATE requests SET body_bytes = ?, status = ?, fault = ? WHERE id = ?", values)

    def _routed(self, call: Call) -> Answer:
        if call.place is None:
            return text(405, "405 Method Not Allowed") if call.wrong_method else text(404, "404 Not Found")
        return self.answer(call, self.clock())

    def _register(self, call: Call, now: float) -> tuple[int, float, int]:
        """Write the request down and count it: calls left in this interval, seconds to wait, its row."""
        limit, seconds = self.options.rate_limit, self.options.rate_seconds
        counted = call.place != "token"
        with self.store.write() as database:
            used, oldest = 0, None
            if limit:
                query = "SELECT count(*), min(at) FROM requests WHERE counted = 1 AND at > ? AND at <= ?"
                query += " AND place IS ?" if self.by_place else ""
                values = (now - seconds, now, *([call.place] if self.by_place else []))
                used, oldest = database.execute(query, values).fetchone()
            left = limit - used - 1 if limit and counted else max(0, limit - used)
            cursor = database.execute(
                "INSERT INTO requests (at, method, path, query, headers, place, counted) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (now, call.method, call.path, recorded_query(call.environ),
                 json.dumps(recorded_headers(call.environ)), call.place, counted and left >= 0),
            )  # fmt: skip
        return left, seconds if oldest is None else oldest + seconds - now, int(cursor.lastrowid or 0)


def body_of(call: Call) -> tuple[bytes, Any]:
    """The request's body as it came, and as data; data is None for what is no JSON."""
    raw = call.body.read(int(call.environ.get("CONTENT_LENGTH") or 0))
    try:
        return raw, json.loads(raw)
    except ValueError:
        return raw, None


def small(value: Any) -> Any:
    """The same data with all names in small letters, for an ERP that takes any case."""
    if isinstance(value, dict):
        return {str(name).lower(): small(each) for name, each in value.items()}
    return [small(each) for each in value] if isinstance(value, list) else value
