"""Results of every shape: read tolerantly, within bounds, and again when they were cut."""

from __future__ import annotations

import gzip
import json
import os
import stat
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from erp_doubles import NOON, TOKEN, FakeClock, connection
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_server import Peer, answer, serving

from sobatch.erp.ports import Kind, Outcome, Receipt
from sobatch.erp.unit4.api import build
from sobatch.erp.unit4.entries import outcome_of
from sobatch.erp.unit4.lists import entries
from sobatch.erp.wire.reading import Unreadable
from sobatch.errors import RemoteFailed, StorageFailed, Temporary

B1 = Receipt("b-1")


def fetch(target, folder: Path, kind: Kind = Kind.FAILED, receipt: Receipt = B1) -> list[Outcome]:
    return list(target.results(receipt, kind, folder / "results.json"))


ECHO = {
    "customerId": "9999",
    "orderLines": [{"productCode": "P", "notificationMessages": {"quantity": ["too few"]}}],
    "notificationMessages": {"customerId": [{"code": 2010, "message": "Illegal value entered"}]},
}
STRIPPED = {"customerId": "9999", "orderLines": [{"productCode": "P"}]}
ECHOED = (("/orderLines/0/quantity", "too few"), ("/customerId", "Illegal value entered"))


class TestResults:
    @pytest.mark.parametrize(
        ("entry", "index", "number", "order", "messages"),
        [
            (
                ECHO,
                None,
                None,
                STRIPPED,
                (("/orderLines/0/quantity", "too few"), ("/customerId", "Illegal value entered")),
            ),
            (
                {
                    "index": 17,
                    "errors": [{"code": 0, "message": "Too many."}],
                    "item": {"customerId": "1", "orderNumber": 5},
                },
                17,
                "5",
                {"customerId": "1", "orderNumber": 5},
                (("", "Too many."),),
            ),
            (
                {"itemIndex": "3", "errors": [{"field": "orderLines[2].quantity", "message": "Bad."}], "item": ECHO},
                3,
                None,
                STRIPPED,
                (
                    ("/orderLines/2/quantity", "Bad."),
                    ("/orderLines/0/quantity", "too few"),
                    ("/customerId", "Illegal value entered"),
                ),
            ),
            (
                {"index": 2, "orderNumber": "21990055", "message": "Order number in use !"},
                2,
                "21990055",
                {"orderNumber": "21990055"},
                (("", "Order number in use !"),),
            ),
            ({"OrderNumber": 7, "ErrorMessage": "No."}, None, "7", {"OrderNumber": 7}, (("", "No."),)),
            ({"orderNumber": 0, "error": {"message": "No."}}, None, None, {"orderNumber": 0}, (("", "No."),)),
            ({"a/b": {"x~y": {"errors": ["deep"]}}}, None, None, {"a/b": {"x~y": {}}}, (("/a~1b/x~0y", "deep"),)),
            (
                {"notificationMessages": {"": [{"message": "whole"}], "$.customerId": "c", "/orderLines/1": "l"}},
                None,
                None,
                {},
                (("", "whole"), ("/customerId", "c"), ("/orderLines/1", "l")),
            ),
            ({"notificationMessages": None, "customerId": "1"}, None, None, {"customerId": "1"}, ()),
            ({"index": -1, "message": "m"}, None, None, {}, (("", "m"),)),
            (ECHO | {"index": 5}, None, None, STRIPPED | {"index": 5}, ECHOED),
            (ECHO | {"itemIndex": 5}, None, None, STRIPPED | {"itemIndex": 5}, ECHOED),
            ({"index": 4, "item": ECHO | {"index": 5}}, 4, None, STRIPPED | {"index": 5}, ECHOED),
            (ECHO | {"index": 5, "item": {"a": 1}}, None, None, STRIPPED | {"index": 5, "item": {"a": 1}}, ECHOED),
            ({"index": 5, "customerId": "1"}, None, None, {"index": 5, "customerId": "1"}, ()),
            ("just words", None, None, {}, (("", "just words"),)),
            (None, None, None, {}, ()),
            (12, None, None, {}, ()),
            (["a", "b"], None, None, {}, (("", "a"), ("", "b"))),
        ],
    )
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
        saved = tmp_path / "results.json"
        outcomes = target.results(Receipt("b-1"), Kind.CREATED, saved)
        assert saved.read_bytes() == body and stat.S_IMODE(saved.stat().st_mode) == 0o600
        assert [each.name for each in tmp_path.iterdir()] == ["results.json"]
        raws = [outcome.raw for outcome in outcomes]
        snowman = '{"t":"æ\\ud800 ☃","d":1.10000000000000000001}'.encode()
        assert raws == [b'{"price":0.90,"n":1e400}', snowman, b"3", b'"x"']
        assert world.calls[0].url.query == b"type=success"
        assert list(tmp_path.iterdir()) == []

    def test_failures_are_asked_for_without_a_type_and_gzip_is_told_by_its_bytes(self, target_of, tmp_path) -> None:
        target, world = target_of(lambda _: httpx.Response(200, content=gzip.compress(b"[{},{}]")))
        assert len(fetch(target, tmp_path)) == 2 and world.calls[0].url.query == b""

    @pytest.mark.parametrize("block", [1, 7, 4096])
    def test_entries_are_cut_wherever_the_windows_end(self, block: int, tmp_path: Path) -> None:
        body = json.dumps(
            [{"n": n, "t": "é" * (n % 9), "l": [n, {"x": "]}"}]} for n in range(300)] + [123, 4567.5],
            ensure_ascii=False,
        )
        path = tmp_path / "list.json"
        path.write_text(body, encoding="utf-8")
        assert [json.loads(raw) for raw, _ in entries(path, window=block)] == json.loads(body)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{}",
            b"null",
            b"<html>busy</html>",
            b"[",
            b"[{}",
            b"[{},",
            b"[{},]",
            b"[{} {}]",
            b"[{}]x",
            b"[{}][]",
            b'[{"a":1]',
            b'[{"a":NaN}]',
            b"[\xff]",
            b'["\xc3',
            b"[1",
            b"[" * 100_000,
            b"[" + b'{"a":' * 100_000,
            gzip.compress(b"[{},{}]" * 100, mtime=0)[:-20],
            b"\x1f\x8bnot gzip at all",
            b'[{"a":"' + b"x" * 70_000,
        ],
    )
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
        target, _ = target_of(
            lambda _: httpx.Response(200, content=b"[" + b" " * 5000 + b"]"), options={"max_results": 5000}
        )
        with pytest.raises(Temporary, match="5,000"):
            fetch(target, tmp_path)
        bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
        target, _ = target_of(lambda _: httpx.Response(200, content=bomb), options={"max_results": 100_000})
        with pytest.raises(Temporary, match="max_results"):
            fetch(target, tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_what_a_crash_left_half_saved_stands_in_nobodys_way(self, target_of, tmp_path: Path) -> None:
        (tmp_path / ".results.json.part").write_bytes(b"[{")
        target, _ = target_of(lambda _: httpx.Response(200, content=b"[{},{}]"))
        assert len(fetch(target, tmp_path)) == 2
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

    @given(
        st.lists(
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text(),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(
                        st.sampled_from(["index", "item", "errors", "message", "x", "orderNumber", ""]),
                        inner,
                        max_size=4,
                    )
                ),
                max_leaves=12,
            ),
            max_size=5,
        )
    )
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


def test_an_endless_entry_is_refused_without_much_memory(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    with path.open("wb") as file:
        file.write(b'[{"message": "')
        file.writelines(b"x" * (1 << 20) for _ in range(60))
        file.write(b'"}]')
    tracemalloc.start()
    with pytest.raises(Unreadable, match="an entry is larger"):
        list(entries(path))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50 << 20
