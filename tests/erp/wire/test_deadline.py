"""The ends of calls: rung in time, unless cancelled, by one thread however many calls there are."""

from __future__ import annotations

import threading

from sobatch.erp.wire.deadline import Deadline, _Watch


def test_alarms_ring_in_their_order_and_a_cancelled_one_never() -> None:
    watch, rung, over = _Watch(), list[str](), threading.Event()
    watch.within(0.03, over.set)
    watch.within(0.02, lambda: rung.append("second"))
    watch.within(0.01, lambda: rung.append("first"))
    watch.forget(watch.within(0.015, lambda: rung.append("never")))
    assert over.wait(30.0) and rung == ["first", "second"]
    assert not watch._set
    again = threading.Event()
    watch.within(0.001, again.set)  # the thread waits for further ones
    assert again.wait(30.0)


def test_many_calls_share_one_thread() -> None:
    def watching() -> int:
        return sum(thread.name == "sobatch-deadlines" for thread in threading.enumerate())

    before = watching()
    calls = [Deadline(900.0).__enter__() for _ in range(50)]
    for call in calls:
        call.within(800.0)
    assert watching() <= before + 1
    for call in calls:
        call.__exit__(None, None, None)
    assert not any(call.passed for call in calls)
