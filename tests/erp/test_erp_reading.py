"""Tokens, status, results and cancel: tolerant reading, bounded reading, and reading again."""

from __future__ import annotations

import gzip
import json
import math
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from erp_doubles import NOON, TOKEN, FakeClock, connection
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_server import Peer, answer, serving

from sobatch.core.safetext import clean
from sobatch.erp.http import STATUS_CAP, build_client, check_address, is_loopback, message_of
from sobatch.erp.ports import Kind, Outcome, Phase, Receipt
from sobatch.erp.unit4.answers import count_of, status_of
from sobatch.erp.unit4.api import build
from sobatch.erp.unit4.entries import entries, outcome_of
from sobatch.errors import Defect, NotAllowed, RemoteFailed, StorageFailed, Temporary, UsageError

B1 = Receipt("b-1")


def fetch(target, folder: Path, kind: Kind = Kind.FAILED, receipt: Receipt = B1) -> list[Outcome]:
    return list(target.results(receipt, kind, folder / "results.json"))


class TestToken:
    def test_is_asked_for_as_the_identity_service_wants_it_and_only_when_needed(self, target_of) -> None:
        target, world = target_of(httpx.Response(200, json=[]))
        target.prepare()
        list(target.jobs())
        asked = [request for request in world.requests if request.url.path == "/token"]
        assert len(asked) == 1
        assert asked[0].content == (
            b"client_id=me&client_secret=planted-secret-1&grant_type=client_credentials&scope=u4erp"
        )
        assert "authorization" not in asked[0].headers
        assert world.calls[0].headers["authorization"] == "Bearer token-1"

    @pytest.mark.parametrize(("waited", "asked"), [(0, 1), (4439, 1), (4440, 2), (9000, 2)])
    def test_is_renewed_sixty_seconds_before_it_ends(self, waited, asked, target_of, clock: FakeClock) -> None:
        target, world = target_of(httpx.Response(200, json=[]))
        target.prepare()
        clock.time += waited
        target.prepare()
        assert len(world.requests) == asked

    @pytest.mark.parametrize(("expires", "lasts"), [
        ("4500", 4440), (None, 3540), ("soon", 3540), (-5, 3540), (40, 20), (float("1e300"), 3540), ([], 3540),
    ])
    def test_a_strange_lifetime_does_no_harm(self, expires, lasts, clock: FakeClock) -> None:
        asked = 0

        def reply(request: httpx.Request) -> httpx.Response:
            nonlocal asked
            asked += 1
            return httpx.Response(200, json={"access_token": "t", "expires_in": expires})

        target = build(connection(transport=httpx.MockTransport(reply)), clock)
        target.prepare()
        clock.time += lasts - 1
        target.prepare()
        assert asked == 1
        clock.time += 1
        target.prepare()
        assert asked == 2

    def test_is_renewed_once_after_a_read_was_turned_away(self, target_of) -> None:
        answers = iter([httpx.Response(401), httpx.Response(200, json=[])])
        target, world = target_of(lambda _: next(answers))
        assert list(target.jobs()) == []
        assert [request.url.path for request in world.requests].count("/token") == 2

    @pytest.mark.parametrize("body", [
        {}, {"access_token": ""}, {"access_token": 7}, {"access_token": "a\nb"}, [], None,
    ])
    def test_without_a_usable_token_there_is_no_access(self, body, clock: FakeClock) -> None:
        made = connection(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body)))
        with pytest.raises(NotAllowed, match="without a usable access token"):
            build(made, clock).prepare()

    @pytest.mark.parametrize("missing", ["token_url", "client_secret"])
    def test_a_missing_credential_is_named(self, missing: str, clock: FakeClock) -> None:
        with pytest.raises(UsageError, match=missing):
            build(connection(**{missing: None}), clock)


class TestStatus:
    @pytest.mark.parametrize(("body", "phase"), [
        ({"status": "N"}, Phase.PENDING), ({"status": "w"}, Phase.RUNNING), ({"Status": "K"}, Phase.CANCELLING),
        ({"state": "C"}, Phase.CANCELLED), ({"statusCode": "T"}, Phase.FINISHED), ({"STATUS": "E"}, Phase.FAILED),
        ({"status": "In progress"}, Phase.RUNNING), ({"status": "CANCELED"}, Phase.CANCELLED),
        ({"status": " Success "}, Phase.FINISHED), ({"status": "Error"}, Phase.FAILED),
        ({"status": "Archived"}, Phase.UNRECOGNISED), ({"status": "Archived", "processorResult": "Success"},
                                                       Phase.UNRECOGNISED),
        ({"processorResult": "Success"}, Phase.FINISHED), ({"ProcessorResult": "x"}, Phase.FINISHED),
        ({"processorResult": ""}, Phase.UNRECOGNISED), ({"processorResult": None}, Phase.UNRECOGNISED),
        ({}, Phase.UNRECOGNISED), ({"status": 7}, Phase.UNRECOGNISED), ({"status": {"status": "T"}},
                                                                        Phase.UNRECOGNISED),
        ({"status": "", "processorResult": "Success"}, Phase.UNRECOGNISED),
    ])
    def test_phases(self, body: dict[str, object], phase: Phase) -> None:
        assert status_of(body).phase is phase

    @pytest.mark.parametrize(("value", "count"), [
        (0, 0), (812, 812), (812.0, 812), ("812", 812), (" 7 ", 7), (-1, None), (1.5, None), (math.nan, None),
        (math.inf, None), (10**9, 10**9), (10**9 + 1, None), (10**400, None), (True, None), ("1e3", None), ("", None),
        ("-1", None), ("٣", None), (None, None), ([1], None),
    ])
    def test_counts(self, value: object, count: int | None) -> None:
        assert count_of(value) == count
        assert status_of({"status": "T", "processedItems": value}).processed == count

    @given(st.dictionaries(st.sampled_from(["status", "state", "processorResult", "processedItems", "message"])
                           | st.text(max_size=5), st.recursive(st.none() | st.booleans() | st.floats() | st.text()
                                                               | st.integers(), st.lists, max_leaves=5)))
    @settings(max_examples=100, deadline=None)
    def test_any_document_is_read(self, body: dict[str, object]) -> None:
        status_of(body)

    def test_a_poll_is_one_request_even_when_it_fails(self, target_of, clock: FakeClock) -> None:
        target, world = target_of(httpx.Response(503, headers={"Retry-After": "9"}))
        with pytest.raises(Temporary) as caught:
            target.status(B1)
        assert len(world.calls) == 1 and clock.slept == []
        assert caught.value.facts == {"http_status": 503, "retry_after": 9.0}

    def test_a_batch_that_is_not_known_yet_is_no_failure(self, target_of) -> None:
        target, _ = target_of(httpx.Response(404, json={"code": 1040, "message": "not found"}))
        with pytest.raises(Temporary, match="not found") as caught:
            target.status(B1)
        assert caught.value.facts["http_status"] == 404

    @pytest.mark.parametrize("body", [
        b"", b"{", b"<html><title>Oops</title>", b"[]", b'"T"', b"\xff", b"[" * 100_000,
        b'{"batchRequestId":"other","status":"T"}',
    ])
    def test_an_answer_that_is_no_status_is_temporary(self, body: bytes, target_of) -> None:
        target, _ = target_of(httpx.Response(200, content=body))
        with pytest.raises(Temporary):
            target.status(B1)

    def test_a_status_over_its_cap_is_not_read(self, target_of) -> None:
        def endless() -> Iterator[bytes]:
            while True:
                yield b" " * 65536

        target, _ = target_of(lambda _: httpx.Response(200, content=endless()))
        with pytest.raises(Temporary, match="larger than"):
            target.status(B1)

    def test_a_gzip_bomb_is_not_unpacked(self, target_of) -> None:
        bomb = gzip.compress(b"0" * (100 << 20))
        assert len(bomb) < STATUS_CAP
        target, _ = target_of(lambda _: httpx.Response(200, content=iter([bomb]), headers={"Content-Encoding": "gzip"}))
        with pytest.raises(Temporary, match="unpacks to more"):
            target.status(B1)

    def test_gzip_that_nobody_asked_for_is_read_all_the_same(self, target_of) -> None:
        packed = gzip.compress(b'\xef\xbb\xbf{"status":"T","retry":1}')
        headers = {"Content-Encoding": "gzip"}
        target, _ = target_of(lambda _: httpx.Response(200, content=iter([packed]), headers=headers))
        assert target.status(B1).phase is Phase.FINISHED

    def test_an_unknown_encoding_is_not_read(self, target_of) -> None:
        target, _ = target_of(lambda _: httpx.Response(200, content=iter([b"x"]), headers={"Content-Encoding": "br"}))
        with pytest.raises(Temporary, match="'br'"):
            target.status(B1)

    def test_a_dripping_answer_ends(self, target_of, clock: FakeClock) -> None:
        def drip() -> Iterator[bytes]:
            while True:
                clock.time += 29
                yield b" "

        target, _ = target_of(lambda _: httpx.Response(200, content=drip()))
        with pytest.raises(Temporary, match="did not end"):
            target.status(B1)

    def test_what_the_server_asks_for_is_passed_on(self, target_of) -> None:
        target, _ = target_of(httpx.Response(200, json={"status": "W"}, headers={"Retry-After": "12"}))
        assert target.status(B1).retry_after == 12.0

    def test_a_receipt_without_an_id_cannot_be_asked_about(self, target_of) -> None:
        target, world = target_of(httpx.Response(200))
        for bad in (None, "", "../x", "a" * 129):
            with pytest.raises(Defect):
                target.status(Receipt(bad))
        assert world.requests == []


ECHO = {"customerId": "9999", "orderLines": [{"productCode": "P", "notificationMessages": {"quantity": ["too few"]}}],
        "notificationMessages": {"customerId": [{"code": 2010, "message": "Illegal value entered"}]}}
STRIPPED = {"customerId": "9999", "orderLines": [{"productCode": "P"}]}


class TestResults:
    @pytest.mark.parametrize(("entry", "index", "number", "order", "messages"), [
        (ECHO, None, None, STRIPPED,
         (("/orderLines/0/quantity", "too few"), ("/customerId", "Illegal value entered"))),
        ({"index": 17, "errors": [{"code": 0, "message": "Too many."}], "item": {"customerId": "1", "orderNumber": 5}},
         17, "5", {"customerId": "1", "orderNumber": 5}, (("", "Too many."),)),
        ({"itemIndex": "3", "errors": [{"field": "orderLines[2].quantity", "message": "Bad."}], "item": ECHO},
         3, None, STRIPPED, (("/orderLines/2/quantity", "Bad."), ("/orderLines/0/quantity", "too few"),
                             ("/customerId", "Illegal value entered"))),
        ({"index": 2, "orderNumber": "21990055", "message": "Order number in use !"},
         2, "21990055", {"orderNumber": "21990055"}, (("", "Order number in use !"),)),
        ({"OrderNumber": 7, "ErrorMessage": "No."}, None, "7", {"OrderNumber": 7}, (("", "No."),)),
        ({"orderNumber": 0, "error": {"message": "No."}}, None, None, {"orderNumber": 0}, (("", "No."),)),
        ({"a/b": {"x~y": {"errors": ["deep"]}}}, None, None, {"a/b": {"x~y": {}}}, (("/a~1b/x~0y", "deep"),)),
        ({"notificationMessages": {"": [{"message": "whole"}], "$.customerId": "c", "/orderLines/1": "l"}},
         None, None, {}, (("", "whole"), ("/customerId", "c"), ("/orderLines/1", "l"))),
        ({"notificationMessages": None, "customerId": "1"}, None, None, {"customerId": "1"}, ()),
        ({"index": -1, "message": "m"}, None, None, {}, (("", "m"),)),
        ("just words", None, None, {}, (("", "just words"),)),
        (None, None, None, {}, ()),
        (12, None, None, {}, ()),
        (["a", "b"], None, None, {}, (("", "a"), ("", "b"))),
    ])
    def test_shapes(self, entry, index, number, order, messages) -> None:
        raw = json.dumps(entry).encode()
        assert outcome_of(Kind.FAILED, raw, entry) == Outcome(Kind.FAILED, raw, index, number, order, messages)

    def test_an_entry_nested_too_deeply_still_counts(self) -> None:
        entry: dict[str, object] = {}
        for _ in range(500):
            entry = {"item2": entry}
        outcome = outcome_of(Kind.FAILED, b"raw", entry)
        assert outcome.raw == b"raw" and "nested deeper" in outcome.messages[0][1]

    def test_every_entry_keeps_its_bytes(self, target_of, tmp_path: Path) -> None:
        body = '\n[ {"price":0.90,"n":1e400},{"t":"æ\\ud800 ☃","d":1.10000000000000000001} ,\t3 , "x"]\r\n'.encode()
        target, world = target_of(lambda _: httpx.Response(200, content=body))
        raws = [outcome.raw for outcome in fetch(target, tmp_path, Kind.CREATED)]
        snowman = '{"t":"æ\\ud800 ☃","d":1.10000000000000000001}'.encode()
        assert raws == [b'{"price":0.90,"n":1e400}', snowman, b"3", b'"x"']
        assert world.calls[0].url.query == b"type=success"
        saved = tmp_path / "results.json"
        assert saved.read_bytes() == body and stat.S_IMODE(saved.stat().st_mode) == 0o600
        assert [each.name for each in tmp_path.iterdir()] == ["results.json"]

    def test_failures_are_asked_for_without_a_type_and_gzip_is_told_by_its_bytes(self, target_of, tmp_path) -> None:
        target, world = target_of(lambda _: httpx.Response(200, content=gzip.compress(b"[{},{}]")))
        assert len(fetch(target, tmp_path)) == 2 and world.calls[0].url.query == b""

    @pytest.mark.parametrize("block", [1, 7, 4096])
    def test_entries_are_cut_wherever_the_windows_end(self, block: int, tmp_path: Path) -> None:
        body = json.dumps([{"n": n, "t": "é" * (n % 9), "l": [n, {"x": "]}"}]} for n in range(300)] + [123, 4567.5],
                          ensure_ascii=False)
        path = tmp_path / "list.json"
        path.write_text(body, encoding="utf-8")
        assert [json.loads(raw) for raw, _ in entries(path, window=block)] == json.loads(body)

    @pytest.mark.parametrize("body", [
        b"", b"{}", b"null", b"<html>busy</html>", b"[", b"[{}", b"[{},", b"[{},]", b"[{} {}]", b"[{}]x", b"[{}][]",
        b'[{"a":1]', b'[{"a":NaN}]', b"[\xff]", b'["\xc3', b"[1", b"[" * 100_000, b"[" + b'{"a":' * 100_000,
        gzip.compress(b"[{},{}]" * 100, mtime=0)[:-20], b"\x1f\x8bnot gzip at all", b'[{"a":"' + b"x" * 70_000,
    ])
    def test_a_broken_list_is_asked_for_three_times(self, body, target_of, tmp_path, clock: FakeClock) -> None:
        target, world = target_of(lambda _: httpx.Response(200, content=body))
        with pytest.raises(Temporary):
            fetch(target, tmp_path)
        assert len(world.calls) == 3 and len(clock.slept) == 2
        assert list(tmp_path.iterdir()) == []

    def test_a_list_that_was_broken_once_is_good_the_next_time(self, target_of, tmp_path: Path) -> None:
        answers = iter([b"[{},", b"[{}]"])
        target, _ = target_of(lambda _: httpx.Response(200, content=next(answers)))
        assert len(fetch(target, tmp_path)) == 1

    def test_a_list_cut_on_the_wire_is_asked_for_again(self, tmp_path: Path, clock: FakeClock) -> None:
        def cut(peer: Peer) -> None:
            peer.read_all()
            peer.send(answer("200 OK", body=b"[{},{}", length=7))

        def whole(peer: Peer) -> None:
            peer.read_all()
            peer.send(answer("200 OK", body=b"[{},{}]"))

        def token(peer: Peer) -> None:
            peer.read_all()
            peer.send(answer("200 OK", "Connection: close", body=json.dumps(TOKEN).encode()))

        with serving(token, cut, whole) as server:
            target = build(connection(server.url), clock)
            assert len(fetch(target, tmp_path)) == 2
            target.close()

    def test_a_list_over_the_cap_is_not_kept(self, target_of, tmp_path: Path) -> None:
        target, _ = target_of(lambda _: httpx.Response(200, content=b"[" + b" " * 5000 + b"]"),
                              options={"max_results": 5000})
        with pytest.raises(Temporary, match="5,000"):
            fetch(target, tmp_path)
        bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
        target, _ = target_of(lambda _: httpx.Response(200, content=bomb), options={"max_results": 100_000})
        with pytest.raises(Temporary, match="max_results"):
            fetch(target, tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_is_gone_is_a_storage_failure(self, target_of, tmp_path: Path) -> None:
        target, _ = target_of(lambda _: httpx.Response(200, content=b"[]"))
        with pytest.raises(StorageFailed):
            fetch(target, tmp_path / "gone")

    def test_a_404_is_patience_when_the_batch_is_young_and_a_failure_later(self, target_of, tmp_path, clock) -> None:
        target, world = target_of(httpx.Response(404))
        with pytest.raises(Temporary):
            fetch(target, tmp_path, receipt=Receipt("b-1", server_time=NOON - 10))
        assert len(world.calls) > 1
        with pytest.raises(RemoteFailed):
            fetch(target, tmp_path, receipt=Receipt("b-1", server_time=NOON - 1000))

    @given(st.lists(st.recursive(st.none() | st.booleans() | st.integers() | st.text(),
                                 lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                                     st.sampled_from(["index", "item", "errors", "message", "x", "orderNumber", ""]),
                                     inner, max_size=4), max_leaves=12), max_size=5))
    @settings(max_examples=150, deadline=None)
    def test_any_entry_is_read(self, values: list[object]) -> None:
        for value in values:
            outcome = outcome_of(Kind.FAILED, b"", value)
            assert all(isinstance(text, str) for pair in outcome.messages for text in pair)


    def test_memory_stays_flat_for_many_failures(self, target_of, tmp_path: Path) -> None:
        statm = Path("/proc/self/statm")
        if not statm.exists():
            pytest.skip("needs /proc")
        entry = json.dumps(ECHO).encode()

        def body() -> Iterator[bytes]:
            yield b"[" + entry
            for _ in range(400):
                yield (b"," + entry) * 100
            yield b"]"

        target, _ = target_of(lambda _: httpx.Response(200, content=body()))
        seen, count = [], 0
        for count, _ in enumerate(target.results(B1, Kind.FAILED, tmp_path / "results.json"), 1):
            if count % 4000 == 1:
                seen.append(int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
        assert count == 40_001 and max(seen) - seen[0] <= 10 << 20


class TestCancel:
    @pytest.mark.parametrize("status", [200, 202, 204, 404, 409])
    def test_is_asked_for_and_may_come_too_late(self, status: int, target_of) -> None:
        target, world = target_of(httpx.Response(status))
        target.cancel(B1)
        assert [(each.method, each.url.path) for each in world.calls] == [("POST", "/v1/batch-operations/b-1/cancel")]


class TestAddresses:
    @pytest.mark.parametrize("url", [
        "http://erp.example.com", "http://10.0.0.1", "http://localhost.evil.example", "http://127.evil.example",
        "ftp://localhost", "https://user:pw@erp.example.com", "http://2130706433", "//erp", "erp.example.com", "",
        "http://[::2]", "http://0.0.0.0", "http://[::ffff:10.0.0.1]",
    ])
    def test_unsafe_ones_are_refused_before_a_credential_is_touched(self, url: str, clock: FakeClock) -> None:
        def never() -> str:
            raise AssertionError("the secret was touched")

        for made in (connection(url, client_secret=never),
                     connection(token_url=url, client_secret=never)):
            with pytest.raises(UsageError) as caught:
                build(made, clock)
            assert "pw" not in str(caught.value)

    @pytest.mark.parametrize("url", ["https://erp.example.com/a/b", "http://localhost:8080", "http://127.0.0.9",
                                     "http://[::1]:80"])
    def test_safe_ones_pass(self, url: str) -> None:
        check_address(url)

    def test_the_sandbox_in_this_process_counts_as_this_machine(self) -> None:
        check_address("http://sandbox.localhost", in_process=True)
        assert not is_loopback("sandbox.localhost")

    def test_the_environment_is_not_asked_for_a_proxy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:1")
        monkeypatch.setenv("ALL_PROXY", "http://proxy.example:1")
        with build_client(connection()) as client:
            assert client.trust_env is False and client.follow_redirects is False
            assert client._mounts == {}

    def test_a_proxy_that_makes_no_sense_is_a_usage_error(self) -> None:
        with pytest.raises(UsageError, match="proxy"):
            build_client(connection(proxy="gopher://user:pw@x"))

    def test_a_ca_file_that_is_none_is_a_usage_error(self, tmp_path: Path, clock: FakeClock) -> None:
        (tmp_path / "ca.pem").write_text("nothing")
        for name in ("ca.pem", "missing.pem"):
            with pytest.raises(UsageError, match="CA file"):
                build(connection(ca_file=tmp_path / name), clock)


class TestWords:
    @pytest.mark.parametrize(("body", "words"), [
        (b'{"statusCode":401,"message":"Invalid JWT."}', "Invalid JWT."),
        (b'{"code":2030,"Message":"User is not authorized"}', "User is not authorized"),
        (b'{"error":"invalid_client","error_description":"Unknown client"}', "Unknown client"),
        (b'{"error":{"message":"inside"}}', "inside"), (b'[{"message":"a"},{"message":"b"}]', "a; b"),
        (b'{"title":"Bad","status":400}', "Bad"), (b'"text"', "text"), (b"Unauthorized.", "Unauthorized."),
        (b"<!DOCTYPE html><html><head><title>413 Too\nLarge</title>", "an HTML page: 413 Too Large"),
        (b"  <html><body>", "an HTML page"), (b"", ""), (b"{}", ""), (b"\xff\xfe", "\ufffd\ufffd"),
        (b'{"message":"\\u001b[31mred\\u202e"}', "^[[31mred\\u202e"), (b'\xef\xbb\xbf{"message":"bom"}', "bom"),
        (b"[" * 70_000, None), (b'{"message":' * 900 + b"1" + b"}" * 900, ""), (b"<title" * 10_000, None),
    ])
    def test_of_an_error_in_any_shape(self, body: bytes, words: str | None) -> None:
        found = message_of(body)
        assert len(found) <= 500 and (words is None or found == words)

    @given(st.text(max_size=300), st.integers(1, 200))
    @settings(max_examples=300)
    def test_nothing_that_steers_a_terminal_gets_through(self, text: str, limit: int) -> None:
        shown = clean(text, limit)
        assert len(shown) <= limit
        marks = "\u2028\u2029\u202e\u2066\u200f\ufeff"
        assert not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 or letter in marks for letter in shown)
        assert clean(shown, limit) == shown

    def test_long_text_is_cut_visibly(self) -> None:
        assert clean("x" * 10, 5) == "xxxx…" and clean("\x1b]0;t\x07\x9b", 50) == "^[]0;t^G\\u009b"
