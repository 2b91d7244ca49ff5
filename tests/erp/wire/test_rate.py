"""The gate: no second with more requests than it allows, from however many threads, and what a server states counts."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import httpx
import pytest
from erp_doubles import NOON, FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from sobatch.erp.wire.rate import Gate
from sobatch.errors import Interrupted

URL = "https://erp.example.com/erp/v1/salesOrders"


class SharedClock(FakeClock):
    """Whoever sleeps moves the time on for everybody. Each thread knows what time it was told last."""

    def __init__(self) -> None:
        super().__init__()
        self._moving = threading.Lock()
        self._told = threading.local()

    def sleep(self, seconds: float) -> None:
        with self._moving:
            super().sleep(seconds)

    def monotonic(self) -> float:
        self._told.time = super().monotonic()
        return self.last

    @property
    def last(self) -> float:
        time: float = self._told.time
        return time


def rush(gate: Gate, clock: SharedClock, gaps: list[list[float]], url: str = URL) -> list[float]:
    """When the requests were let in that so many threads made, each resting for its gaps in between."""
    let_in: list[float] = []

    def work(rests: list[float]) -> None:
        for rest in rests:
            clock.sleep(rest)
            gate.enter("POST", url)
            let_in.append(clock.last)

    threads = [threading.Thread(target=work, args=(rests,)) for rests in gaps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return let_in


def busiest(times: Iterable[float], seconds: float) -> int:
    """The most requests within any so many seconds."""
    times = sorted(times)
    return max((sum(begin <= each < begin + seconds - 1e-9 for each in times) for begin in times), default=0)


def told(gate: Gate, status: int = 200, method: str = "POST", url: str = URL, **headers: object) -> None:
    names = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    gate.heard(httpx.Response(status, headers=names, request=httpx.Request(method, url)))


GAPS = st.lists(st.lists(st.sampled_from([0.0, 0.0, 0.1, 0.7, 3.0]), min_size=1, max_size=12), min_size=1, max_size=4)


@settings(deadline=None, max_examples=60)
@given(gaps=GAPS, per_second=st.one_of(st.integers(1, 8), st.floats(0.1, 8)))
def test_no_second_has_more_than_allowed(gaps: list[list[float]], per_second: float) -> None:
    clock = SharedClock()
    times = rush(Gate(clock, per_second), clock, gaps)
    assert len(times) == sum(map(len, gaps))
    most, seconds = (int(per_second), 1.0) if per_second >= 1 else (1, 1.0 / per_second)
    assert busiest(times, seconds) <= most


@settings(deadline=None, max_examples=40)
@given(gaps=GAPS, limit=st.integers(1, 6), seconds=st.integers(1, 45))
def test_no_interval_of_the_server_has_more_than_it_states(gaps: list[list[float]], limit: int, seconds: int) -> None:
    clock = SharedClock()
    gate = Gate(clock)
    gate.enter("POST", URL)
    begun = clock.monotonic()
    told(gate, x_ratelimit_limit=limit, x_ratelimit_interval_length_seconds=seconds, x_ratelimit_remaining=limit - 1)
    assert busiest([begun, *rush(gate, clock, gaps)], seconds) <= limit


@settings(max_examples=50, deadline=None)
@given(limit=st.integers(1, 20), ways=st.lists(st.floats(0.0, 0.0999), min_size=60, max_size=60))
def test_no_second_of_the_server_has_more_however_unlike_the_ways_there(limit: int, ways: list[float]) -> None:
    """It counts requests as they come in, and the next one may be quicker on its way by a tenth of a second."""
    clock = SharedClock()
    left = rush(Gate(clock, limit), clock, [[0.0] * 60])
    assert busiest((at + way for at, way in zip(left, ways, strict=True)), 1.0) <= limit


def test_as_fast_as_it_may_be() -> None:
    clock = SharedClock()
    times = rush(Gate(clock, 5), clock, [[0.0] * 26])
    assert times[-1] - times[0] == pytest.approx(5.5, abs=0.01)  # a tenth of each second is for the way
    assert max(clock.slept) <= 0.25, "a signal would be heard late"
    clock = SharedClock()
    rush(Gate(clock, 0), clock, [[0.0] * 1000])
    assert clock.slept == []


JTL = {"x_ratelimit_limit": 10, "x_ratelimit_interval_length_seconds": 45}
WAITS = {
    "a stated wait": ({"status": 429, "retry_after": 30}, 30.0),
    "a stated wait of an overloaded server": ({"status": 503, "retry_after": 3}, 3.0),
    "a wait beyond belief": ({"status": 429, "retry_after": 86400}, 300.0),
    "a wait of an answer that is none": ({"status": 202, "retry_after": 30}, 0.0),
    "nothing left, by others": ({"x_ratelimit_remaining": 0, **JTL}, 45.0),
    "something left": ({"x_ratelimit_remaining": 1, **JTL}, 0.0),
    "nothing left at another place": ({"x_ratelimit_remaining": 0, **JTL, "method": "GET"}, 0.0),
    "nothing left for another order's lines": ({"x_ratelimit_remaining": 0, **JTL, "url": URL + "/7/lineitems"}, 0.0),
    "a wait asked for anywhere": ({"status": 429, "retry_after": 30, "method": "GET"}, 30.0),
    "no number": ({"x_ratelimit_remaining": 0, **JTL, "x_ratelimit_limit": "ten"}, 0.0),
    "no interval": ({"x_ratelimit_remaining": 0, "x_ratelimit_limit": 10}, 0.0),
    "an interval beyond belief": (
        {"x_ratelimit_remaining": 0, **JTL, "x_ratelimit_interval_length_seconds": 9999},
        0.0,
    ),
    "a limit of nothing": ({"x_ratelimit_remaining": 0, **JTL, "x_ratelimit_limit": 0}, 0.0),
    "a limit without end": ({"x_ratelimit_remaining": 9, **JTL, "x_ratelimit_limit": 99_999}, 0.0),
}


@pytest.mark.parametrize(("said", "wait"), WAITS.values(), ids=WAITS)
def test_what_a_server_says_is_waited_for(said: dict[str, object], wait: float) -> None:
    clock = SharedClock()
    gate = Gate(clock)
    told(gate, **said)  # type: ignore[arg-type]
    gate.enter("POST", URL)
    assert sum(clock.slept) == pytest.approx(wait)


def test_a_budget_is_for_one_kind_of_call_whatever_the_order() -> None:
    clock = SharedClock()
    gate = Gate(clock)
    for order in range(3):
        gate.enter("POST", f"{URL}/{order}/lineitems")
        told(gate, url=f"{URL}/{order}/lineitems", x_ratelimit_limit=3, x_ratelimit_interval_length_seconds=60)
    gate.enter("POST", URL)
    assert clock.slept == []
    gate.enter("POST", f"{URL}/a-9/lineitems")
    assert sum(clock.slept) == pytest.approx(61)  # a second for the way


def test_many_places_take_no_memory() -> None:
    clock = SharedClock()
    gate = Gate(clock)
    for place in range(5000):
        name = "".join(chr(97 + int(digit)) for digit in str(place))
        told(gate, url=f"{URL}/{name}", x_ratelimit_limit=1000, x_ratelimit_interval_length_seconds=1)
        gate.enter("POST", f"{URL}/{name}")
    assert len(gate._doors) <= 25


def test_a_signal_ends_the_wait() -> None:
    class Ringing(SharedClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if sum(self.slept) > 1:
                raise Interrupted(15, "stopped")

    clock = Ringing()
    gate = Gate(clock)
    told(gate, 429, retry_after=200)
    with pytest.raises(Interrupted):
        gate.enter("POST", URL)
    assert clock.time - NOON < 2


def test_who_only_waits_for_a_place_leaves_it_free() -> None:
    clock = FakeClock()
    gate, began = Gate(clock, 1.0), clock.monotonic()
    for _ in range(5):
        gate.wait("POST", URL)
    gate.enter("POST", URL)
    assert clock.monotonic() == began
    gate.wait("POST", URL)
    assert clock.monotonic() - began == pytest.approx(1.1, abs=0.01)
