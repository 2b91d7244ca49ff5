"""The one thread that ends calls: there while there are calls, and not for the rest of a program's life."""

import threading

from sobatch.erp.wire import deadline


def test_the_watch_ends_when_nothing_is_left_and_begins_anew(monkeypatch):
    monkeypatch.setattr(deadline, "_IDLE", 0.01)
    watch, rung = deadline._Watch(), threading.Event()
    alarm = watch.within(600, rung.set)
    thread = watch._thread
    assert thread is not None
    watch.forget(alarm)
    thread.join(60)
    assert not thread.is_alive()
    watch.within(0, rung.set)
    assert rung.wait(60)
