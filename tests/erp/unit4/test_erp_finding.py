"""Looking for a part whose answer was lost: found, absent with proof, or an honest "cannot tell"."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from erp_doubles import NOON, FakeClock

from sobatch.erp.ports import Absent, Attempt, CannotTell, Found, PartFile
from sobatch.erp.unit4.listing import jobs_of, seen_at
from sobatch.errors import NotAllowed, RemoteFailed, Temporary

AT_NOON = "2026-11-21T09:00:01Z"
LONG_AGO = "2026-11-21T04:00:00Z"
ECHO = [
    {"orderNumber": 501, "customerId": "1", "transactionType": "SO"},
    {"orderNumber": 502, "customerId": "2", "transactionType": "SO"},
]


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    path = tmp_path / "0002-SO-abcdef12.json"
    path.write_text(
        json.dumps([{"customerId": "1", "transactionType": "SO"}, {"customerId": "2", "transactionType": "SO"}])
    )
    part = PartFile("r1", 2, "SO", 2, path, path.name, "", path.stat().st_size)
    return Attempt(
        part,
        "EN",
        NOON,
        NOON + 5,
        0.0,
        frozenset({"earlier", "other-run"}),
        frozenset({"earlier"}),
        waited=700.0,
        settle=600.0,
    )


def job(remote_id: str, **more: Any) -> dict[str, Any]:
    return {"batchRequestId": remote_id, "status": "T", "createdAt": AT_NOON, "processedItems": 2, **more}


EARLIER = job("earlier", createdAt=LONG_AGO)


def world_of(rows: Any, failed: Any = (), created: Any = ECHO, headers: dict[str, str] | None = None):
    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/results"):
            return httpx.Response(200, json=list(created if request.url.query else failed))
        return httpx.Response(200, json=rows, headers=headers)

    return reply


class TestFound:
    def test_by_the_file_name_even_while_it_runs(self, target_of, attempt: Attempt) -> None:
        rows = [job("b-9", status="W", processedItems=0, fileName=attempt.part.file_name), EARLIER]
        target, world = target_of(world_of(rows))
        found = target.find(attempt)
        assert isinstance(found, Found) and found.receipt.remote_id == "b-9" and "file" in found.evidence
        query = world.calls[0].url.params
        assert query["timeFrom"] == "2026-11-21T08:58:00Z" and query["timeWindow"] == "00:04:06"

    def test_by_its_counts_and_the_orders_it_echoes(self, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([job("b-9"), EARLIER], failed=[ECHO[0]], created=[ECHO[1]]))
        found = target.find(attempt)
        assert isinstance(found, Found) and "customerId" in found.evidence
        assert sorted(each.name for each in attempt.part.path.parent.iterdir()) == [attempt.part.file_name]

    def test_on_the_clock_of_the_server(self, target_of, attempt: Attempt) -> None:
        rows = [job("b-9", createdAt="2026-11-21T10:00:01+00:00", fileName=attempt.part.file_name)]
        target, _ = target_of(world_of(rows))
        assert isinstance(target.find(replace(attempt, clock_offset=3600.0)), Found)
        assert not isinstance(target.find(attempt), Found)

    @pytest.mark.parametrize("envelope", ["items", "value", "Data"])
    def test_in_an_envelope(self, envelope: str, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of({envelope: [job("b-9")]}))
        assert isinstance(target.find(attempt), Found)


def test_a_batch_without_a_date_counts_when_the_time_filter_demonstrably_works(target_of, attempt: Attempt) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/results"):
            return world_of([])(request)
        far = request.url.params["timeFrom"] < "2026-11-21T08"
        return httpx.Response(200, json=[job("b-9", createdAt=None), *([job("old", createdAt=None)] if far else [])])

    target, _ = target_of(reply)
    assert isinstance(target.find(attempt), Found)
    target, _ = target_of(world_of([job("b-9", createdAt=None)]))
    assert isinstance(target.find(attempt), CannotTell)


CONTRADICTIONS = [
    ({"fileName": "somebody-elses.json.gz"}, "another file name"),
    ({"totalItems": 3}, "3 orders"),
    ({"processedItems": 3}, "processed 3"),
    ({"processedItems": 1}, "processed 1"),
    ({"companyId": "NO"}, "another company"),
    ({"status": "W", "processedItems": 1}, "still runs"),
    ({"processedItems": None}, "neither its file nor"),
]


class TestCannotTell:
    @pytest.mark.parametrize(("more", "reason"), CONTRADICTIONS)
    def test_when_the_only_candidate_does_not_fit(self, more, reason, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([job("b-9", **more), EARLIER]))
        told = target.find(attempt)
        assert isinstance(told, CannotTell) and reason in told.reason and told.candidates == ("b-9",)

    @pytest.mark.parametrize(
        ("failed", "created", "reason"),
        [
            ([], [ECHO[0]], "hold 1 orders"),
            ([], [ECHO[0], ECHO[0]], "other orders"),
            ([], [ECHO[0], {**ECHO[1], "customerId": "3"}], "other orders"),
            ([], [{"orderNumber": 1}, {"orderNumber": 2}], "no keys"),
            ([{"message": "m"}], [ECHO[0]], "no keys"),
        ],
    )
    def test_when_the_echoed_orders_are_not_ours(self, failed, created, reason, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([job("b-9"), EARLIER], failed, created))
        told = target.find(attempt)
        assert isinstance(told, CannotTell) and reason in told.reason

    def test_when_the_results_are_gone(self, target_of, attempt: Attempt) -> None:
        def reply(request: httpx.Request) -> httpx.Response:
            gone = request.url.path.endswith("/results")
            return httpx.Response(404) if gone else httpx.Response(200, json=[job("b-9")])

        target, _ = target_of(reply)
        told = target.find(attempt)
        assert isinstance(told, CannotTell) and "results cannot be had" in told.reason

    def test_when_there_are_several_candidates(self, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([job("b-9", fileName=attempt.part.file_name), job("b-8", createdAt=None)]))
        told = target.find(attempt)
        assert isinstance(told, CannotTell) and told.candidates == ("b-9", "b-8")

    @pytest.mark.parametrize("status", [400, 403, 404, 405, 410])
    def test_when_there_is_no_list(self, status: int, target_of, attempt: Attempt) -> None:
        target, _ = target_of(httpx.Response(status))
        told = target.find(attempt)
        assert isinstance(told, CannotTell) and ("no list" in told.reason) == (status in (403, 404, 405))

    @pytest.mark.parametrize("rows", [{}, "x", 7, {"items": {}}])
    def test_when_the_list_is_none(self, rows: Any, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of(rows))
        assert isinstance(target.find(attempt), CannotTell)
        with pytest.raises(RemoteFailed):
            list(target.jobs())

    def test_failures_that_pass_stay_failures(self, target_of, attempt: Attempt) -> None:
        for status, error in ((503, Temporary), (401, NotAllowed), (302, NotAllowed)):
            target, _ = target_of(httpx.Response(status))
            with pytest.raises(error):
                target.find(attempt)


class TestAbsent:
    def test_when_the_list_shows_an_earlier_part_and_nothing_else(self, target_of, attempt: Attempt) -> None:
        target, world = target_of(world_of([EARLIER, job("other-run"), job("old", createdAt="2026-11-20T01:00:00Z")]))
        told = target.find(attempt)
        assert isinstance(told, Absent) and "earlier" in told.evidence
        assert [call.url.params["timeFrom"] for call in world.calls] == ["2026-11-21T08:58:00Z", "2026-11-20T08:58:00Z"]

    def test_never_before_the_settle_time(self, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([EARLIER]))
        told = target.find(replace(attempt, waited=599.0))
        assert isinstance(told, CannotTell) and "1 seconds" in told.reason

    @pytest.mark.parametrize(
        ("rows", "headers"),
        [
            ([], {}),
            ([job("other-run")], {}),
            ([EARLIER, job("b-9", createdAt=None, status="W")], {}),
            ([EARLIER, job("b-9", createdAt="no date")], {}),
            ([EARLIER, job("b-9", createdAt="2026-11-21T17:00:00")], {}),
            ([EARLIER, {"controller": "SalesOrders"}], {}),
            ([EARLIER, "text"], {}),
            ([EARLIER, *(job(f"b-{n}", createdAt=LONG_AGO) for n in range(99))], {}),
            ([EARLIER], {"X-U4-TotalCount": "2"}),
            ({"items": [EARLIER], "nextLink": "/more"}, {}),
        ],
    )
    def test_never_without_proof(self, rows: Any, headers: dict[str, str], target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of(rows, headers=headers))
        assert isinstance(target.find(attempt), CannotTell)

    def test_never_without_an_earlier_part(self, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([EARLIER]))
        assert isinstance(target.find(replace(attempt, earlier_ids=frozenset())), CannotTell)

    def test_a_list_that_ignores_or_refuses_the_filters_serves_as_well(self, target_of, attempt: Attempt) -> None:
        def reply(request: httpx.Request) -> httpx.Response:
            return httpx.Response(400) if request.url.query else httpx.Response(200, json=[EARLIER])

        target, _ = target_of(reply)
        assert isinstance(target.find(attempt), Absent)


def test_an_unknown_clock_widens_the_window(target_of, attempt: Attempt, clock: FakeClock) -> None:
    target, world = target_of(world_of([job("b-9", createdAt="2026-11-21T08:46:00Z")]))
    assert isinstance(target.find(replace(attempt, clock_offset=None)), Found)
    assert world.calls[0].url.params["timeFrom"] == "2026-11-21T08:45:00Z"


def test_jobs_are_listed_as_the_server_gives_them(target_of) -> None:
    target, world = target_of(world_of([job("b-2"), {"no": "id"}, job("b-1", createdAt=None), {"id": 17}]))
    assert [(each.remote_id, each.created) for each in target.jobs(NOON)] == [
        ("b-2", AT_NOON),
        ("b-1", None),
        ("17", None),
    ]
    assert world.calls[0].url.params["timeFrom"] == "2026-11-21T09:00:00Z"


def test_a_time_without_a_zone_may_be_anywhere() -> None:
    assert seen_at("2026-11-21T09:00:00Z") == (NOON, NOON)
    assert seen_at("2026-11-21T09:00:00") == (NOON - 14 * 3600, NOON + 14 * 3600)
    assert seen_at("1900-01-01T00:00:00.000") is None and seen_at("yesterday") is None and seen_at(None) is None


def test_a_page_of_a_usual_size_may_be_cut() -> None:
    assert not jobs_of([job(f"b-{n}") for n in range(50)]).complete
    assert jobs_of([job(f"b-{n}") for n in range(51)]).complete
    assert not jobs_of([job("../x")]).complete
