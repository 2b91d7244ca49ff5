"""How fast requests may follow each other: our own limit, the budget that the ERP states, and what it asks to wait.

Only paces. A request that the ERP turns away all the same (429) is the business of whoever made it.
"""

from __future__ import annotations

import re
from collections import deque
from threading import Lock

import httpx

from sobatch.erp.ports import Clock
from sobatch.erp.wire.failures import wait_asked
from sobatch.erp.wire.rulings import LONGEST_WAIT_ASKED

_BUSY = (429, 503)
_LOOK_UP = 0.25  # a wait is made of short ones: a signal ends it in any thread, and news counts at once
_SHORTEST = 0.001
_MOST_REQUESTS = 10_000
_MOST_SECONDS = 3600.0
_MOST_DOORS = 20
_LONGEST_TRAVEL = 1.0
"""The ERP counts requests as they come in: one that travelled longer than the next ones stands closer to them there."""


class _Window:
    """The last requests; never more than `most` of them within any `seconds`."""

    def __init__(self, most: int, seconds: float, kept: int) -> None:
        self.most = most
        self.seconds = seconds
        self._times: deque[float] = deque(maxlen=kept)

    @property
    def free_at(self) -> float:
        """When the next one fits in."""
        full = 0 < self.most <= len(self._times)
        return self._times[-self.most] + self.seconds if full else 0.0

    def add(self, now: float) -> None:
        self._times.append(now)


def _with_travel(seconds: float) -> float:
    """The time in which so many are sent, so that no more of them come in within `seconds`."""
    return seconds + min(_LONGEST_TRAVEL, seconds / 10)


class Gate:
    """At most so many requests in any second (0: no limit of our own; below 1: one in so many seconds), from however
    many threads.

    A budget in the headers (`X-RateLimit-Limit`, `-Remaining`, `-Interval-Length-Seconds`) counts for the calls to the
    same place; a wait that is asked for with 429 or 503 counts for all, up to five minutes.
    """

    def __init__(self, clock: Clock, per_second: float = 0.0) -> None:
        most = int(per_second) if per_second >= 1 else 1 if per_second > 0 else 0
        self._clock = clock
        self._lock = Lock()
        seconds = 1.0 if per_second >= 1 or not most else 1.0 / per_second
        self._own = _Window(most, _with_travel(seconds), max(most, 1))
        self._doors: dict[str, _Window] = {}
        self._shut_until: dict[str, float] = {}

    def enter(self, method: str, url: str) -> None:
        """Wait until this request may be made. A signal or the end of the time ends the wait as it ends any other."""
        self._waited(_door(method, httpx.URL(url)), take=True)

    def wait(self, method: str, url: str) -> None:
        """Wait until there is a place for this request, and leave it free: another one may be quicker to take it."""
        self._waited(_door(method, httpx.URL(url)), take=False)

    def _waited(self, door: str, *, take: bool) -> None:
        while (wait := self._free(door, take=take)) > 0:
            self._clock.sleep(min(max(wait, _SHORTEST), _LOOK_UP))

    def heard(self, response: httpx.Response) -> None:
        """Learn from an answer."""
        headers, door = response.headers, _door(response.request.method, response.request.url)
        asked = wait_asked(headers, self._clock) if response.status_code in _BUSY else None
        limit = _whole(headers.get("x-ratelimit-limit"))
        left = _whole(headers.get("x-ratelimit-remaining"))
        seconds = _whole(headers.get("x-ratelimit-interval-length-seconds"))
        with self._lock:
            now = self._clock.monotonic()
            if asked is not None:
                self._shut("", now + min(asked, LONGEST_WAIT_ASKED))
            if limit and seconds and seconds <= _MOST_SECONDS:
                window = self._window(door)
                window.most = limit if limit <= _MOST_REQUESTS else 0
                window.seconds = _with_travel(seconds)
                if left == 0 and window.free_at <= now:  # others draw on the same budget
                    self._shut(door, now + seconds)

    def _free(self, door: str, *, take: bool) -> float:
        """0 if there is a place, which is taken if it shall be; else how long to wait for it."""
        with self._lock:
            now = self._clock.monotonic()
            windows = (self._own, self._window(door))
            free_at = max(
                *(window.free_at for window in windows), *(self._shut_until.get(each, 0.0) for each in ("", door))
            )
            if free_at > now:
                return free_at - now
            for window in windows if take else ():
                window.add(now)
            return 0.0

    def _shut(self, door: str, until: float) -> None:
        self._shut_until[door] = max(self._shut_until.get(door, 0.0), until)

    def _window(self, door: str) -> _Window:
        """What is known of the calls to one place; the places first heard of count, beyond all belief."""
        door = door if door in self._doors or len(self._doors) < _MOST_DOORS else ""
        return self._doors.setdefault(door, _Window(0, 0.0, _MOST_REQUESTS))


def _door(method: str, url: httpx.URL) -> str:
    """What a budget is for: the method and the path, whatever the ids in it."""
    return f"{method} {re.sub(r'/[^/]*[0-9][^/]*', '/*', url.path)}"


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,9}", text.strip()) else None
