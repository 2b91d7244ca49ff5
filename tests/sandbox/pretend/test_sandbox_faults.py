"""Each fault does what it claims, seen by a bare socket; and each tells the truth about what was saved."""

from __future__ import annotations

import json
import socket
import time

import httpx
import pytest

from sobatch.sandbox import ACTIONS, Fault, NeedsSocket
from sobatch.sandbox.pretend import mischief

SOCKET_ONLY = {"refuse", "reset", "close", "reset_after", "silence", "partial_header", "cut_body", "drip", "garbage"}


@pytest.fixture
def spoilt(wired, order):
    """Submit one order under one fault over a bare socket: what was heard, and how it ended."""

    def make(action, where="submit", **members):
        visitor = wired()
        visitor.sandbox.set_faults([Fault(where, action, **members)])
        body = (
            b'--x\r\nContent-Disposition: form-data; name=""; filename="a.json"\r\n\r\n'
            + json.dumps([order()]).encode()
            + b"\r\n--x--\r\n"
        )
        head = (
            "POST /v1/batch/sales-orders HTTP/1.1\r\nHost: erp.example\r\nConnection: close\r\n"
            f"Authorization: {visitor.headers['Authorization']}\r\n"
            f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        return visitor, *listen(visitor.server.port, head + body)

    return make


def listen(port, text):
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(text)
        try:
            while block := connection.recv(1 << 16):
                heard += block
        except ConnectionResetError:
            return heard, "reset"
    return heard, "closed"


def parts(heard):
    head, _, body = heard.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
    return int(first.split()[1]), headers, body


def saved(visitor):
    visitor.sandbox.settle()
    return len(visitor.sandbox.created())


def last(visitor):
    """The record of the spoilt request; its thread may still be writing when the client is already gone."""
    deadline = time.monotonic() + 60
    while (seen := visitor.sandbox.requests()[-1]).fault is None and time.monotonic() < deadline:
        time.sleep(0.005)
    return seen


def test_every_action_is_a_deed():
    assert set(ACTIONS) == set(mischief._DEEDS)


@pytest.mark.parametrize(("action", "end"), [("reset", "reset"), ("refuse", "closed")])
def test_the_connection_ends_unread(spoilt, action, end):
    visitor, heard, ended = spoilt(action)
    assert (heard, ended) == (b"", end)
    assert (last(visitor).body_bytes, last(visitor).status, saved(visitor)) == (0, None, 0)


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize(("action", "end"), [("close", "closed"), ("reset_after", "reset"), ("silence", "closed")])
def test_all_is_read_and_no_word_said(spoilt, action, end, keep):
    visitor, heard, ended = spoilt(action, saved=keep, seconds=7)
    assert (heard, ended) == (b"", end)
    seen = last(visitor)
    assert (seen.body_bytes, seen.status, seen.fault) == (int(seen.headers["Content-Length"]), None, action)
    assert saved(visitor) == keep
    assert (seen.batch is not None) == keep
    assert visitor.clock.slept == ([7] if action == "silence" else [])


@pytest.mark.parametrize("keep", [True, False])
def test_the_header_breaks_off(spoilt, keep):
    visitor, heard, ended = spoilt("partial_header", saved=keep)
    assert (heard, ended) == (b"HTTP/1.1 201 Created\r\nLocat", "closed")
    assert saved(visitor) == keep


def test_the_body_is_shorter_than_announced_but_location_arrives(spoilt):
    visitor, heard, ended = spoilt("cut_body")
    status, headers, body = parts(heard)
    assert (status, ended, saved(visitor)) == (201, "closed", 1)
    assert int(headers["content-length"]) == len(body) + 100
    assert headers["location"].endswith("/status")
    assert last(visitor).status == 201


def test_one_byte_follows_the_other(spoilt):
    visitor, heard, _ = spoilt("drip", seconds=1.0)
    assert parts(heard)[0] == 201
    assert visitor.clock.slept == [1.0] * len(heard)


def test_what_comes_is_not_http(spoilt):
    visitor, heard, _ = spoilt("garbage")
    assert heard and not heard.startswith(b"HTTP/")
    assert saved(visitor) == 0


@pytest.mark.parametrize(
    ("action", "members", "location"),
    [
        ("no_location", {}, None),
        ("foreign_location", {}, mischief.EVIL),
        ("garbage_location", {}, mischief.GARBAGE_LOCATION),
        ("location", {"location": "/v1/../../admin"}, "/v1/../../admin"),
        ("location", {"location": ""}, ""),
        ("location", {"location": "x" * 65_000}, "x" * 65_000),
        ("location", {"location": "//user@evil.example:1/\u202e"}, "//user@evil.example:1/\xe2\x80\xae"),
    ],
)
def test_location_says_what_it_should_not(spoilt, action, members, location):
    visitor, heard, _ = spoilt(action, **members)
    status, headers, _ = parts(heard)
    assert (status, headers.get("location"), saved(visitor)) == (201, location, 1)


def test_location_may_smuggle_a_header_in(spoilt):
    _, heard, _ = spoilt("location", location="/a\r\nX-Smuggled: yes")
    assert parts(heard)[1]["x-smuggled"] == "yes"


@pytest.mark.parametrize("status", [200, 202])
def test_another_status_may_stand_for_201(spoilt, status):
    visitor, heard, _ = spoilt("status", status=status)
    assert parts(heard)[0] == status
    assert parts(heard)[1]["location"]
    assert saved(visitor) == 1


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize(
    ("action", "members", "status", "header"),
    [
        ("throttle", {"retry_after": "32"}, 429, ("retry-after", "32")),
        (
            "throttle",
            {"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"},
            429,
            ("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"),
        ),
        ("throttle", {"retry_after": "1e99"}, 429, ("retry-after", "1e99")),
        ("throttle", {}, 429, None),
        ("error", {}, 500, None),
        ("error", {"status": 502}, 502, None),
        ("error", {"status": 504}, 504, None),
        ("error", {"status": 503, "retry_after": "5"}, 503, ("retry-after", "5")),
        ("unauthorized", {}, 401, None),
        *[
            ("redirect", {"status": code}, code, ("location", "http://evil.example/v1/batch/sales-orders"))
            for code in (301, 302, 303, 307, 308)
        ],
        ("html", {}, 200, ("content-type", "text/html; charset=utf-8")),
        ("custom", {"status": 418, "body": "{}"}, 418, None),
        ("custom", {"status": 599}, 599, None),
        ("custom", {"status": 204}, 204, None),
    ],
)
def test_another_answer_is_given_before_or_after_saving(spoilt, action, members, status, header, keep):
    visitor, heard, _ = spoilt(action, saved=keep, **members)
    found, headers, _ = parts(heard)
    assert (found, saved(visitor)) == (status, keep)
    if header:
        assert headers[header[0]] == header[1]
    assert "date" in headers
    assert (last(visitor).status, last(visitor).fault) == (status, action)


def test_a_status_below_200_goes_out_as_it_is(spoilt):
    _, heard, _ = spoilt("custom", status=102)
    assert heard.startswith(b"HTTP/1.1 102 ")


def test_413_comes_before_the_body_is_read(spoilt):
    visitor, heard, _ = spoilt("early_413")
    assert parts(heard)[0] == 413
    assert (last(visitor).body_bytes, saved(visitor)) == (0, 0)


def test_late_is_the_usual_answer_after_a_while(spoilt):
    visitor, heard, _ = spoilt("late", seconds=60)
    assert (parts(heard)[0], visitor.clock.slept, saved(visitor)) == (201, [60], 1)


def test_truncated_json_has_the_right_length_and_is_no_json(wired, order):
    visitor = wired()
    batch = visitor.submit([order(customerId="9999")])
    for where, path, query in (
        ("status", "status", {}),
        ("results", "results", {}),
        ("success", "results", {"type": "success"}),
    ):
        visitor.sandbox.set_faults([Fault(where, "truncated")])
        broken, whole = (visitor.get(f"/v1/batch-operations/{batch}/{path}", **query) for _ in range(2))
        assert (broken.status_code, len(broken.content)) == (200, len(whole.content) // 2)
        with pytest.raises(ValueError):
            broken.json()
        whole.json()


@pytest.mark.parametrize("where", ["token", "submit", "status", "results", "success", "list", "cancel"])
def test_a_fault_hits_its_place_and_no_other(wired, order, where):
    visitor = wired(start_delay=10, results_before_finish="partial")
    batch = visitor.submit([order()])
    visitor.sandbox.set_faults([Fault(where, "error", status=503, times=None)])
    answers = {
        "token": visitor.http.post("/identity/connect/token"),
        "submit": visitor.post([order()]),
        "status": visitor.get(f"/v1/batch-operations/{batch}/status"),
        "results": visitor.get(f"/v1/batch-operations/{batch}/results"),
        "success": visitor.get(f"/v1/batch-operations/{batch}/results", type="success"),
        "list": visitor.get("/v1/batch-operations"),
        "cancel": visitor.cancel(batch),
    }
    assert [name for name, answer in answers.items() if answer.status_code == 503] == [where]


def test_nth_and_times_choose_which_requests_are_hit(erp):
    visitor = erp()
    visitor.sandbox.set_faults([Fault("list", "error", nth=2, times=2), Fault("list", "error", nth=5, status=502)])
    codes = [visitor.get("/v1/batch-operations").status_code for _ in range(6)]
    assert codes == [200, 500, 500, 200, 502, 200]
    assert [hits for _, hits in visitor.sandbox.faults.hits()] == [2, 1]


def test_a_fault_can_be_a_coin_that_falls_the_same_way_again(erp):
    visitor = erp(rate_limit=10_000)
    runs = []
    for seed in (1, 1, 2):
        visitor.sandbox.set_faults([Fault("list", "error", times=None, probability=0.3, seed=seed)])
        runs.append([visitor.get("/v1/batch-operations").status_code for _ in range(100)])
    assert runs[0] == runs[1] != runs[2]
    assert 15 <= runs[0].count(500) <= 45


@pytest.mark.parametrize("action", sorted(SOCKET_ONLY))
def test_in_process_a_fault_of_the_connection_is_refused_loudly(erp, order, action):
    visitor = erp(faults=(Fault("submit", action),))
    with pytest.raises(NeedsSocket, match=action):
        visitor.post([order()])
    assert visitor.sandbox.batches() == []


@pytest.mark.parametrize(
    "members",
    [
        {"where": "nowhere", "action": "error"},
        {"where": "submit", "action": "mistake"},
        {"where": "submit", "action": "custom"},
        {"where": "submit", "action": "custom", "status": 600},
        {"where": "submit", "action": "error", "nht": 2},
    ],
)
def test_a_misspelt_fault_is_refused(members):
    with pytest.raises(ValueError):
        Fault.from_json(members)


@pytest.mark.parametrize(
    ("action", "keep", "error"),
    [
        ("reset", False, httpx.TransportError),
        ("close", True, httpx.RemoteProtocolError),
        ("reset_after", True, httpx.ReadError),
        ("garbage", False, httpx.RemoteProtocolError),
        ("partial_header", True, httpx.RemoteProtocolError),
        ("cut_body", True, httpx.RemoteProtocolError),
    ],
)
def test_an_ordinary_client_fails_and_the_next_call_works(wired, order, action, keep, error):
    visitor = wired()
    visitor.sandbox.set_faults([Fault("submit", action, saved=keep)])
    with pytest.raises(error):
        visitor.post([order()] * 2000)
    assert visitor.post([order()]).status_code == 201
    assert saved(visitor) == 1 + 2000 * keep
