"""Every status for every kind of call: by the table, and through a target against what the table promises."""

from __future__ import annotations

import itertools

import httpx
import pytest
from erp_doubles import NOON, TOKEN, FakeClock, Journal, connection

from sobatch.erp.ports import InDoubt, PartFile, Receipt, Refused, SendError, Throttled, TokenExpired
from sobatch.erp.unit4.api import build
from sobatch.erp.wire.rulings import (
    BUDGET,
    LONGEST_DELAY,
    Again,
    Call,
    Rules,
    Verdict,
    delay,
    repeated,
    retry_after,
    verdict,
)
from sobatch.errors import NotAllowed, RemoteFailed, SobatchError, Temporary

V = Verdict


def promised(call: Call, status: int) -> Verdict:
    """The rule of the design, written a second time and in other words."""
    timely = status in (408, 425, 429) or 500 <= status <= 599
    if call is Call.SUBMIT:
        named = {200: V.ACCEPTED, 201: V.ACCEPTED, 202: V.ACCEPTED, 401: V.EXPIRED, 429: V.THROTTLED}
        refused = dict.fromkeys((400, 403, 404, 405, 413, 415, 422), V.REFUSED)
        return {**named, **refused}.get(status, V.IN_DOUBT)
    if call is Call.TOKEN:
        return V.OK if status == 200 else V.RETRY if timely else V.NOT_ALLOWED
    good = status == 200 if call is Call.READ else 200 <= status <= 299
    if good:
        return V.OK
    if timely or 200 <= status <= 299:
        return V.RETRY
    if status == 403 or 300 <= status <= 399:
        return V.NOT_ALLOWED
    late = {404: V.ALREADY_OVER, 409: V.ALREADY_OVER} if call is Call.CANCEL else {404: V.NOT_YET}
    return {401: V.RENEW, **late}.get(status, V.FAILED)


@pytest.mark.parametrize("call", list(Call))
def test_the_table_says_what_the_design_says(call: Call) -> None:
    wrong = [(s, verdict(call, s), promised(call, s)) for s in range(100, 600) if verdict(call, s) != promised(call, s)]
    assert wrong == []


def test_a_status_outside_http_is_never_a_yes() -> None:
    anything: Rules = {call: (((range(-1, 1000),), V.ACCEPTED),) for call in Call}
    for call, status in itertools.product(Call, (-1, 0, 99, 600, 999)):
        assert verdict(call, status) in (V.IN_DOUBT, V.FAILED, V.NOT_ALLOWED)
        assert verdict(call, status, anything) == verdict(call, status)


def test_the_rules_of_an_erp_come_before_the_table_and_change_nothing_else() -> None:
    own: Rules = {Call.SUBMIT: (((409, 412), V.REFUSED), ((404, range(500, 502)), V.IN_DOUBT), ((409,), V.ACCEPTED))}
    ruled = {409: V.REFUSED, 412: V.REFUSED, 404: V.IN_DOUBT, 500: V.IN_DOUBT, 501: V.IN_DOUBT}
    for call, status in itertools.product(Call, range(100, 600)):
        expected = ruled.get(status) if call is Call.SUBMIT else None
        assert verdict(call, status, own) == (expected or promised(call, status))


def test_every_status_of_a_submit_ends_as_its_verdict_says(part: PartFile, clock: FakeClock) -> None:
    status = 0

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json=TOKEN)
        return httpx.Response(status, headers={"Location": "/v1/batch-operations/b-1/status"}, json={"message": "so"})

    kinds = {V.REFUSED: Refused, V.EXPIRED: TokenExpired, V.THROTTLED: Throttled, V.IN_DOUBT: InDoubt}
    made = connection(transport=httpx.MockTransport(answer))
    for status in range(100, 600):
        journal, target = Journal(), build(made, clock)
        expected = promised(Call.SUBMIT, status)
        if expected is V.ACCEPTED:
            receipt = target.send(part, journal, lambda _: None)
            assert receipt.remote_id == "b-1" and journal.receipts == [receipt]
            assert (receipt.note is None) == (status == 201)
            continue
        with pytest.raises(SendError) as caught:
            target.send(part, journal, lambda _: None)
        assert type(caught.value) is kinds[expected], status
        assert caught.value.http_status == status and caught.value.bytes_sent == part.size
        assert journal.receipts == []
    assert clock.slept == []


@pytest.mark.parametrize("call", [Call.READ, Call.CANCEL, Call.TOKEN])
def test_every_status_of_a_repeatable_call_ends_as_its_verdict_says(call: Call, clock: FakeClock) -> None:
    status, requests = 0, 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal requests
        token = request.url.path == "/token"
        requests += token == (call is Call.TOKEN)
        if token and call is not Call.TOKEN:
            return httpx.Response(200, json=TOKEN)
        return httpx.Response(status, json=TOKEN if token else [])

    ends: dict[Verdict, type[SobatchError] | None] = {
        V.OK: None,
        V.ALREADY_OVER: None,
        V.RETRY: Temporary,
        V.RENEW: NotAllowed,
        V.NOT_ALLOWED: NotAllowed,
        V.NOT_YET: RemoteFailed,
        V.FAILED: RemoteFailed,
    }
    made = connection(transport=httpx.MockTransport(answer))
    for status in range(100, 600):
        target, requests = build(made, clock), 0
        caught: SobatchError | None = None
        try:
            if call is Call.READ:
                list(target.jobs())
            elif call is Call.CANCEL:
                target.cancel(Receipt("b-1"))
            else:
                target.prepare()
        except SobatchError as error:
            caught = error
        ruling = promised(call, status)
        expected = ends[ruling]
        assert type(caught) is (expected or type(None)), (status, caught)
        assert caught is None or caught.next_step
        assert requests == {V.RETRY: 4 if call is Call.TOKEN else 8, V.RENEW: 2}.get(ruling, 1), status


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("32", 32.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("300", 300.0),
        ("301", 301.0),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("1000000000", None),
        ("٣", None),
        ("", None),
        ("soon", None),
        ("+5", None),
        ("0x10", None),
        ("1,5", None),
        ("9" * 400, None),
        (None, None),
        ("Sat, 21 Nov 2026 09:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 08:00:00 GMT", 0.0),
        ("Sat, 21 Nov 2099 09:00:30 GMT", None),
        ("Sat, 99 Nov 2026 09:00:30 GMT", None),
    ],
)
def test_retry_after(text: str | None, seconds: float | None) -> None:
    assert retry_after(text, NOON) == seconds


def test_a_wait_that_the_server_asks_for_is_honoured_by_its_own_clock(target_of, clock: FakeClock) -> None:
    dated = {"Date": "Wed, 01 Jan 2020 00:00:00 GMT", "Retry-After": "Wed, 01 Jan 2020 00:00:20 GMT"}
    answers = iter([httpx.Response(503, headers=dated), httpx.Response(200, json=[])])
    target, _ = target_of(lambda _: next(answers))
    assert list(target.jobs()) == []
    assert clock.slept == [20.5]


def test_a_wait_beyond_five_minutes_is_left_to_the_user(target_of, clock: FakeClock) -> None:
    target, world = target_of(httpx.Response(429, headers={"Retry-After": "301"}))
    with pytest.raises(Temporary, match="301 seconds") as caught:
        list(target.jobs())
    assert caught.value.facts == {"http_status": 429, "retry_after": 301.0}
    assert clock.slept == [] and len(world.calls) == 1


def test_the_delay_is_jittered_and_capped() -> None:
    steps = [n / 1000 for n in range(1000)]
    for attempt in range(1, 40):
        delays = [delay(attempt, None, chance) for chance in steps]
        assert min(delays) == 0 and max(delays) < LONGEST_DELAY
        mean = min(LONGEST_DELAY, 2 ** (attempt - 1)) / 2
        assert abs(sum(delays) / len(delays) - mean) <= 0.05 * mean
    assert delay(3, 40.0, 0.5) == 42.0


def test_repeating_ends_with_the_budget(clock: FakeClock) -> None:
    def never() -> None:
        raise Again("no", asked=250.0)

    with pytest.raises(Again):
        repeated(never, clock, 8)
    assert len(clock.slept) == 2 and sum(clock.slept) <= BUDGET


def test_a_crowd_that_starts_together_spreads_out() -> None:
    arrivals = [delay(5, None, n / 200) for n in range(200)]
    busiest = max(sum(1 for each in arrivals if second <= each < second + 1) for second in range(20))
    assert busiest <= 20


@pytest.mark.parametrize(
    ("status", "words"), [(404, "Check base_url"), (410, "server's words"), (422, "server's words")]
)
def test_a_definite_no_says_what_to_look_at(status: int, words: str, clock: FakeClock) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=TOKEN) if request.url.path == "/token" else httpx.Response(status)

    target = build(connection(transport=httpx.MockTransport(answer)), clock)
    with pytest.raises(RemoteFailed) as caught:
        list(target.jobs())
    assert words in (caught.value.next_step or "")
