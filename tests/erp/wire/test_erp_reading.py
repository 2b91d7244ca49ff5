"""Status, cancel, addresses and words: tolerant reading, bounded reading, and reading again."""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from erp_doubles import FakeClock, connection
from hypothesis import given, settings
from hypothesis import strategies as st

from sobatch.core.place.safetext import clean
from sobatch.erp.ports import Phase, Receipt
from sobatch.erp.unit4.answers import count_of, status_of
from sobatch.erp.unit4.api import build
from sobatch.erp.wire.client import STATUS_CAP, build_client, check_address, is_loopback, message_of
from sobatch.errors import Defect, Temporary, UsageError

B1 = Receipt("b-1")


class TestStatus:
    @pytest.mark.parametrize(
        ("body", "phase"),
        [
            ({"status": "N"}, Phase.PENDING),
            ({"status": "w"}, Phase.RUNNING),
            ({"Status": "K"}, Phase.CANCELLING),
            ({"state": "C"}, Phase.CANCELLED),
            ({"statusCode": "T"}, Phase.FINISHED),
            ({"STATUS": "E"}, Phase.FAILED),
            ({"status": "In progress"}, Phase.RUNNING),
            ({"status": "CANCELED"}, Phase.CANCELLED),
            ({"status": " Success "}, Phase.FINISHED),
            ({"status": "Error"}, Phase.FAILED),
            ({"status": "Archived"}, Phase.UNRECOGNISED),
            ({"status": "Archived", "processorResult": "Success"}, Phase.UNRECOGNISED),
            ({"processorResult": "Success"}, Phase.CLAIMED),
            ({"status": "Done"}, Phase.CLAIMED),
            ({"status": "Completed"}, Phase.FINISHED),
            ({"ProcessorResult": "x"}, Phase.CLAIMED),
            ({"processorResult": ""}, Phase.UNRECOGNISED),
            ({"processorResult": None}, Phase.UNRECOGNISED),
            ({}, Phase.UNRECOGNISED),
            ({"status": 7}, Phase.UNRECOGNISED),
            ({"status": {"status": "T"}}, Phase.UNRECOGNISED),
            ({"status": "", "processorResult": "Success"}, Phase.UNRECOGNISED),
        ],
    )
    def test_phases(self, body: dict[str, object], phase: Phase) -> None:
        assert status_of(body).phase is phase

    @pytest.mark.parametrize(
        ("value", "count"),
        [
            (0, 0),
            (812, 812),
            (812.0, 812),
            ("812", 812),
            (" 7 ", 7),
            (-1, None),
            (1.5, None),
            (math.nan, None),
            (math.inf, None),
            (10**9, 10**9),
            (10**9 + 1, None),
            (10**400, None),
            (True, None),
            ("1e3", None),
            ("", None),
            ("-1", None),
            ("٣", None),
            (None, None),
            ([1], None),
        ],
    )
    def test_counts(self, value: object, count: int | None) -> None:
        assert count_of(value) == count
        assert status_of({"status": "T", "processedItems": value}).processed == count

    @given(
        st.dictionaries(
            st.sampled_from(["status", "state", "processorResult", "processedItems", "message"]) | st.text(max_size=5),
            st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.integers(), st.lists, max_leaves=5),
        )
    )
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

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"<html><title>Oops</title>",
            b"[]",
            b'"T"',
            b"\xff",
            b"[" * 100_000,
            b'{"batchRequestId":"other","status":"T"}',
        ],
    )
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


class TestCancel:
    @pytest.mark.parametrize("status", [200, 202, 204, 404, 409])
    def test_is_asked_for_and_may_come_too_late(self, status: int, target_of) -> None:
        target, world = target_of(httpx.Response(status))
        target.cancel(B1)
        assert [(each.method, each.url.path) for each in world.calls] == [("POST", "/v1/batch-operations/b-1/cancel")]


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "http://erp.example.com",
            "http://10.0.0.1",
            "http://localhost.evil.example",
            "http://127.evil.example",
            "ftp://localhost",
            "https://user:pw@erp.example.com",
            "http://2130706433",
            "//erp",
            "erp.example.com",
            "",
            "http://[::2]",
            "http://0.0.0.0",
            "http://[::ffff:10.0.0.1]",
        ],
    )
    def test_unsafe_ones_are_refused_before_a_credential_is_touched(self, url: str, clock: FakeClock) -> None:
        def never() -> str:
            raise AssertionError("the secret was touched")

        for made in (connection(url, client_secret=never), connection(token_url=url, client_secret=never)):
            with pytest.raises(UsageError) as caught:
                build(made, clock)
            assert "pw" not in str(caught.value)

    @pytest.mark.parametrize(
        "url", ["https://erp.example.com/a/b", "http://localhost:8080", "http://127.0.0.9", "http://[::1]:80"]
    )
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
    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b'{"statusCode":401,"message":"Invalid JWT."}', "Invalid JWT."),
            (b'{"code":2030,"Message":"User is not authorized"}', "User is not authorized"),
            (b'{"error":"invalid_client","error_description":"Unknown client"}', "Unknown client"),
            (b'{"error":{"message":"inside"}}', "inside"),
            (b'[{"message":"a"},{"message":"b"}]', "a; b"),
            (b'{"title":"Bad","status":400}', "Bad"),
            (b'"text"', "text"),
            (b"Unauthorized.", "Unauthorized."),
            (b"<!DOCTYPE html><html><head><title>413 Too\nLarge</title>", "an HTML page: 413 Too Large"),
            (b"  <html><body>", "an HTML page"),
            (b"", ""),
            (b"{}", ""),
            (b"\xff\xfe", "\ufffd\ufffd"),
            (b'{"message":"\\u001b[31mred\\u202e"}', "^[[31mred\\u202e"),
            (b'\xef\xbb\xbf{"message":"bom"}', "bom"),
            (b"[" * 70_000, None),
            (b'{"message":' * 900 + b"1" + b"}" * 900, ""),
            (b"<title" * 10_000, None),
        ],
    )
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
