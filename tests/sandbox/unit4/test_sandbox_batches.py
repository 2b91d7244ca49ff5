"""How a batch gets on with time: paging, cancelling, crashing."""

from __future__ import annotations

import sqlite3
import threading

import pytest


@pytest.fixture
def working(erp, order):
    """A batch of 250 orders at 100 orders per second, pending for 5 seconds."""

    def make(**options):
        visitor = erp(**{"pace": 100, "start_delay": 5} | options)
        return visitor, visitor.submit([order()] * 250)

    return make


def view(visitor, batch):
    status = visitor.status(batch)
    return status["status"], status["processedItems"]


def test_a_batch_waits_works_page_by_page_and_finishes(working):
    visitor, batch = working()
    seen = []
    for step in (0, 4.99, 0.01, 0.99, 0.01, 0.99, 0.01, 0.49, 0.01):
        visitor.clock.tick(step)
        seen.append(view(visitor, batch))
    assert seen == [("N", 0), ("N", 0), ("W", 0), ("W", 0), ("W", 100), ("W", 100), ("W", 200), ("W", 200), ("T", 250)]


@pytest.mark.parametrize("page", [100, 200, 250])
def test_exactly_the_pages_done_are_saved(working, page):
    visitor, batch = working()
    visitor.clock.tick(5 + page / 100)
    visitor.status(batch)
    assert [each.index for each in visitor.sandbox.created()] == list(range(page))
    assert [each.verdict for each in visitor.sandbox.received()].count("pending") == 250 - page


def test_progress_does_not_depend_on_who_looks_and_how_often(working):
    visitor, batch = working()
    visitor.clock.tick(6.2)
    visitor.listed()
    assert len(visitor.sandbox.created()) == 100
    visitor.clock.tick(100)
    visitor.sandbox.settle()
    assert len(visitor.sandbox.created()) == 250
    assert view(visitor, batch) == ("T", 250)


def test_without_a_pace_all_is_done_at_the_first_look(erp, order):
    visitor = erp()
    batch = visitor.submit([order()] * 250)
    assert visitor.sandbox.created() == []
    assert view(visitor, batch) == ("T", 250)


def test_errors_are_counted_as_the_pages_go(erp, order):
    visitor = erp(pace=100)
    batch = visitor.submit([order(customerId="9999"), *[order()] * 198, order(customerId="9999")])
    visitor.clock.tick(1)
    status = visitor.status(batch)
    assert (status["status"], status["validationErrorCount"], status["processorResult"]) == ("W", 1, None)
    visitor.clock.tick(1)
    assert visitor.status(batch)["validationErrorCount"] == 2


def test_a_pending_batch_is_cancelled_at_once(working):
    visitor, batch = working()
    assert visitor.cancel(batch).status_code == 200
    visitor.clock.tick(1000)
    assert view(visitor, batch) == ("C", 0)
    assert visitor.status(batch)["processorResult"] is None
    assert visitor.sandbox.created() == []


def test_a_batch_nobody_has_looked_at_is_still_pending_when_it_is_cancelled(erp, order):
    visitor = erp()
    batch = visitor.submit([order()] * 250)
    assert visitor.cancel(batch).status_code == 200
    assert view(visitor, batch) == ("C", 0)


@pytest.mark.parametrize(
    ("at", "border", "kept"),
    [
        (5.0, 6.0, 100),
        (5.5, 6.0, 100),
        (5.99, 6.0, 100),
        (6.0, 7.0, 200),
        (6.5, 7.0, 200),
        (7.0, 7.5, 250),
        (7.49, 7.5, 250),
    ],
)
def test_a_working_batch_is_cancelled_at_the_next_border(working, at, border, kept):
    visitor, batch = working()
    visitor.clock.tick(at)
    saved_before = view(visitor, batch)[1]
    assert visitor.cancel(batch).status_code == 200
    assert view(visitor, batch) == ("K", saved_before)
    visitor.clock.tick(border - at - 0.005)
    assert view(visitor, batch) == ("K", saved_before)
    assert visitor.cancel(batch).status_code == 200
    visitor.clock.tick(0.005)
    assert view(visitor, batch) == ("C", kept)
    visitor.clock.tick(1000)
    assert view(visitor, batch) == ("C", kept)
    assert len(visitor.sandbox.created()) == len(visitor.created(batch)) == kept


@pytest.mark.parametrize("finished_by", ["look", "time"])
def test_a_finished_batch_cannot_be_cancelled(working, finished_by):
    visitor, batch = working()
    visitor.clock.tick(7.5)
    if finished_by == "look":
        visitor.status(batch)
    assert visitor.cancel(batch).status_code == 409
    assert view(visitor, batch) == ("T", 250)


@pytest.mark.parametrize("code", [200, 202, 204])
def test_the_reply_to_a_cancel_is_an_option(working, code):
    visitor, batch = working(cancel_reply=code)
    response = visitor.cancel(batch)
    assert (response.status_code, response.content) == (code, b"")


@pytest.mark.parametrize(
    ("pages", "letter", "kept"), [(0, "E", 0), (1, "E", 100), (2, "E", 200), (3, "E", 250), (4, "T", 250)]
)
def test_a_crash_keeps_the_pages_saved_before_it(erp, order, pages, letter, kept):
    visitor = erp(crash_after_pages=pages)
    batch = visitor.submit([order()] * 250)
    assert view(visitor, batch) == (letter, kept)
    assert len(visitor.created(batch)) == len(visitor.sandbox.created()) == kept
    assert visitor.cancel(batch).status_code == 409


def test_a_crash_comes_when_its_page_is_reached(working):
    visitor, batch = working(crash_after_pages=2)
    visitor.clock.tick(6.99)
    assert view(visitor, batch) == ("W", 100)
    visitor.clock.tick(0.01)
    assert view(visitor, batch) == ("E", 200)


def test_a_batch_can_be_stuck(erp, order):
    visitor = erp(pace=0)
    batch = visitor.submit([order()])
    visitor.clock.tick(4000)
    assert view(visitor, batch) == ("W", 0)


@pytest.mark.parametrize(("early", "code"), [(409, 409), (404, 404), ("partial", 200)])
def test_results_before_the_end_are_an_option(working, early, code):
    visitor, batch = working(results_before_finish=early)
    visitor.clock.tick(6)
    response = visitor.get(f"/v1/batch-operations/{batch}/results", type="success")
    assert response.status_code == code
    if code == 200:
        assert len(response.json()) == 100
    visitor.clock.tick(2)
    assert len(visitor.created(batch)) == 250


def test_an_unknown_batch_is_not_found(erp):
    visitor = erp()
    answers = [visitor.get(f"/v1/batch-operations/none/{what}") for what in ("status", "results")]
    answers.append(visitor.cancel("none"))
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(404, 1040)] * 3


def test_two_servers_on_one_database_never_give_a_number_twice(erp, order):
    visitors, failures = [erp(rate_limit=10_000), erp(rate_limit=10_000)], []

    def work(visitor):
        try:
            for _ in range(25):
                assert visitor.letter(visitor.submit([order()] * 20)) == "T"
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=work, args=(each,)) for each in visitors]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    assert len({each.order_number for each in visitors[0].sandbox.created()}) == 1000


def test_a_transaction_keeps_other_writers_out_from_its_first_moment(erp):
    sandbox = erp().sandbox
    stranger = sqlite3.connect(sandbox.database, timeout=0, isolation_level=None)
    with sandbox.store.write(), pytest.raises(sqlite3.OperationalError, match="locked"):
        stranger.execute("BEGIN IMMEDIATE")
    stranger.execute("BEGIN IMMEDIATE")
    stranger.close()


def test_two_servers_on_one_database_save_each_order_once(erp, order, tmp_path):
    one, two = erp(pace=100), erp(pace=100)
    batch = one.submit([order(externalOrderId=str(number)) for number in range(300)])
    for visitor in (one, two, one, two):
        visitor.clock.tick(1)
        visitor.status(batch)
    assert view(two, batch) == ("T", 300)
    assert len({each.order_number for each in one.sandbox.created()}) == 300
    assert one.sandbox.doubles() == {}
