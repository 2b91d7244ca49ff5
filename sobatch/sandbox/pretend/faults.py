"""Which request is to be spoilt, and how. What spoiling means on the wire is in `mischief`.

A fault names a place and an action and is counted from the moment it is set: `nth=2, times=3` hits the second, third
and fourth request to that place. A probability below one makes it a coin, with a seed so that a run can be repeated.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

BATCH_PLACES = ("token", "submit", "status", "results", "success", "list", "cancel")
ORDER_PLACES = ("order", "lines", "item", "validate", "look", "read")  # of ERPs that take one order at a time
PLACES = BATCH_PLACES + ORDER_PLACES

ACTIONS = {
    "refuse": "close at once, the body unread",
    "reset": "reset at once, the body unread",
    "close": "read everything, then close without a word",
    "reset_after": "read everything, then reset",
    "silence": "read everything, hold `seconds`, then close",
    "late": "hold `seconds`, then answer as usual",
    "partial_header": "break off within the response header",
    "cut_body": "announce more body than is sent",
    "no_location": "leave the Location header out",
    "foreign_location": "point Location at another host",
    "garbage_location": "fill Location with nonsense",
    "location": "put `location` into Location, `{usual}` in it standing for the usual one",
    "status": "answer as usual under another `status`",
    "throttle": "429 with `retry_after`",
    "error": "a server error `status`, by default 500",
    "unauthorized": "401 Invalid JWT",
    "redirect": "send away to `location` with `status`, by default 307",
    "drip": "one byte every `seconds`",
    "html": "an HTML page with 200 or `status`",
    "truncated": "half of the JSON, under its own correct length",
    "garbage": "bytes that are not HTTP",
    "early_413": "413 before the body is read",
    "custom": "any `status` with `body`",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong. `saved`: the request is carried out first, and then the answer is spoilt."""

    where: str
    action: str
    nth: int = 1
    times: int | None = 1
    saved: bool = False
    status: int | None = None
    seconds: float = 1.0
    retry_after: str | None = None
    location: str | None = None
    body: str | None = None
    content_type: str = "application/json"
    probability: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        """A misspelt fault would silently never happen, and its test would prove nothing."""
        if self.where not in PLACES:
            raise ValueError(f"no such place for a fault: {self.where}")
        if self.action not in ACTIONS:
            raise ValueError(f"no such fault: {self.action}")
        if self.action == "custom" and not 100 <= (self.status or 0) <= 599:
            raise ValueError("a custom fault needs a status from 100 to 599")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Fault:
        """A fault from a JSON object; an unknown member is an error."""
        unknown = sorted(set(values) - {each.name for each in fields(cls)})
        if unknown:
            raise ValueError(f"no such member of a fault: {', '.join(unknown)}")
        return cls(**values)


@dataclass(slots=True)
class _Watched:
    fault: Fault
    coin: random.Random
    seen: int = 0
    hits: int = 0

    def fires(self) -> bool:
        """Count one request to this place, and say whether it is to be spoilt."""
        self.seen += 1
        late = self.fault.times is not None and self.seen >= self.fault.nth + self.fault.times
        if self.seen < self.fault.nth or late:
            return False
        fired = self.fault.probability >= 1.0 or self.coin.random() < self.fault.probability
        self.hits += fired
        return fired


@dataclass(slots=True)
class Faults:
    """The faults in force, counted under one lock because requests arrive on many threads."""

    _watched: list[_Watched] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def replace(self, faults: Iterable[Fault]) -> None:
        """Forget the former faults and count anew."""
        watched = [_Watched(each, random.Random(each.seed)) for each in faults]
        with self._lock:
            self._watched[:] = watched

    def add(self, fault: Fault) -> None:
        """One more fault, counted from now."""
        with self._lock:
            self._watched.append(_Watched(fault, random.Random(fault.seed)))

    def pick(self, where: str) -> Fault | None:
        """The fault that spoils this request, if any. Every fault for the place counts it; the first to fire wins."""
        with self._lock:
            fired = [each.fault for each in self._watched if each.fault.where == where and each.fires()]
        return fired[0] if fired else None

    def hits(self) -> list[tuple[Fault, int]]:
        """Each fault in force and how often it has fired."""
        with self._lock:
            return [(each.fault, each.hits) for each in self._watched]
