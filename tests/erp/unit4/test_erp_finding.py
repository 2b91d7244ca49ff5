"""Looking for a part whose answer was lost: found by proof, not listed (with what the list was), or "cannot tell"."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from erp_doubles import NOON, FakeClock
from listing_doubles import AT_NOON, EARLIER, ECHO, LONG_AGO, OURS, job, lost, world_of

from sobatch.erp.ports import Attempt, CannotTell, Found, NotListed
from sobatch.erp.unit4.listing import jobs_of, seen_at
from sobatch.errors import NotAllowed, RemoteFailed, Temporary


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    return lost(tmp_path)


NAMED = {
    "while it runs": job("b-9", status="W", processedItems=0, fileName=OURS),
    "long ago": job("b-9", createdAt=LONG_AGO, fileName=OURS),
    "in local time, labelled as if it were not": job("b-9", createdAt="2026-11-21T14:00:01Z", fileName=OURS),
    "without a date": job("b-9", createdAt=None, fileName=OURS),
    "with a path": job("b-9", fileName=f"C:\\uploads\\{OURS}"),
    "in other letters": job("b-9", fileName=OURS.upper()),
    "without its ending": job("b-9", fileName=OURS.removesuffix(".gz")),
    "in another member": job("b-9", parameters={"upload": [OURS]}),
    "in another spelling of the company": job("b-9", fileName=OURS, companyId="en"),
}


class TestFound:
    @pytest.mark.parametrize("row", NAMED.values(), ids=NAMED)
    @pytest.mark.parametrize("beside", [[], [EARLIER], [job("b-8"), job("b-7", fileName="theirs.json")]])
    def test_by_the_file_name_whatever_else_is_listed(self, row, beside, target_of, attempt: Attempt) -> None:
        target, world = target_of(world_of([*beside, row]))
        found = target.find(attempt)
        assert isinstance(found, Found) and found.receipt.remote_id == "b-9" and OURS in found.evidence
        assert [call.url.query for call in world.calls] == [b""], "one look, without a filter"

    def test_by_the_orders_it_echoes_all_of_them_with_their_lines(self, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([job("b-9"), EARLIER], failed=[ECHO[0]], created=[ECHO[1]]))
        found = target.find(attempt)
        assert isinstance(found, Found) and "2 orders" in found.evidence
        assert sorted(each.name for each in attempt.part.path.parent.iterdir()) == [attempt.part.path.name]

    @pytest.mark.parametrize("more", [{"companyId": "NO"}, {"totalItems": 3}, {"processedItems": 1}])
    def test_by_its_orders_beside_one_that_cannot_be_ours(self, more, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([job("b-8", **more), job("b-9")]))
        found = target.find(attempt)
        assert isinstance(found, Found) and found.receipt.remote_id == "b-9"

    def test_on_the_clock_of_the_server(self, target_of, attempt: Attempt) -> None:
        rows = [job("b-9", createdAt="2026-11-21T10:00:01+00:00")]
        target, _ = target_of(world_of(rows))
        assert isinstance(target.find(replace(attempt, clock_offset=3600.0)), Found)
        assert isinstance(target.find(attempt), CannotTell)

    def test_on_the_clock_that_the_list_itself_tells(self, target_of, attempt: Attempt) -> None:
        rows, date = [job("b-9", createdAt="2026-11-21T10:00:01Z")], {"Date": "Sat, 21 Nov 2026 10:00:00 GMT"}
        target, _ = target_of(world_of(rows, headers=date))
        assert isinstance(target.find(replace(attempt, clock_offset=None)), Found)

    @pytest.mark.parametrize("envelope", ["items", "value", "Data"])
    def test_in_an_envelope(self, envelope: str, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of({envelope: [job("b-9")]}))
        assert isinstance(target.find(attempt), Found)

    @pytest.mark.parametrize("refusal", [httpx.Response(400), httpx.Response(200, content=b"[" + b" " * (9 << 20))])
    def test_through_the_filter_when_the_whole_cannot_be_had(self, refusal, target_of, attempt: Attempt) -> None:
        def reply(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json=[job("b-9", fileName=OURS)]) if request.url.query else refusal

        target, world = target_of(reply)
        assert isinstance(target.find(attempt), Found)
        query = world.calls[1].url.params
        assert query["timeFrom"] == "2026-11-21T08:58:00Z" and query["timeWindow"] == "00:04:06"

    def test_through_the_filter_when_the_whole_is_cut(self, target_of, attempt: Attempt) -> None:
        old = [job(f"b-{number}", createdAt=LONG_AGO) for number in range(15)]

        def reply(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json=[job("b-99", fileName=OURS)] if request.url.query else old)

        target, _ = target_of(reply)
        assert isinstance(target.find(attempt), Found)


# Members laid over the row of the only unknown batch, whether that is named like the part or not.
CONTRADICTIONS = [
    ({"totalItems": 3}, "3 orders"),
    ({"processedItems": 3}, "processed 3"),
    ({"processedItems": 1}, "processed 1"),
    ({"companyId": "NO"}, "another company"),
]
DOUBTFUL = [
    *CONTRADICTIONS,
    *(({"fileName": OURS, **more}, reason) for more, reason in CONTRADICTIONS),
    ({"fileName": "somebody-elses.json.gz"}, "another file name"),
    ({"fileName": "somebody-elses.json.gz", "note": OURS}, "another file name"),
    ({"status": "W", "processedItems": 1}, "still runs"),
    ({"createdAt": None}, "nothing says that it is from that time"),
    ({"createdAt": "no date"}, "nothing says that it is from that time"),
    ({"createdAt": "2026-11-21T17:00:00"}, "nothing says that it is from that time"),
    ({"createdAt": "2026-11-21T10:00:01Z"}, "nothing says that it is from that time"),
]


class TestCannotTell:
    @pytest.mark.parametrize(("more", "reason"), DOUBTFUL)
    def test_when_the_only_candidate_does_not_fit(self, more, reason, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([job("b-9", **more), {**EARLIER, "fileName": None}]))
        told = target.find(attempt)
        assert isinstance(told, CannotTell) and reason in told.reason and told.candidates == ("b-9",)

    def test_when_the_results_are_gone(self, target_of, attempt: Attempt) -> None:
        def reply(request: httpx.Request) -> httpx.Response:
            gone = request.url.path.endswith("/results")
            return httpx.Response(404) if gone else httpx.Response(200, json=[job("b-9")])

        target, _ = target_of(reply)
        told = target.find(attempt)
        assert isinstance(told, CannotTell) and "results cannot be had" in told.reason

    @pytest.mark.parametrize("names", [{}, {"fileName": OURS}])
    def test_when_there_are_several_candidates(self, names, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([job("b-9", **names), job("b-8", **names)]))
        told = target.find(attempt)
        assert isinstance(told, CannotTell) and told.candidates == ("b-9", "b-8")

    def test_when_the_part_s_name_is_listed_for_another_part_s_batch(self, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([job("OTHER-run", fileName=OURS)]))
        told = target.find(attempt)
        assert isinstance(told, CannotTell) and "another part's" in told.reason

    def test_when_a_cut_list_shows_one_candidate(self, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of({"items": [job("b-9")], "nextLink": "/more"}))
        told = target.find(attempt)
        assert isinstance(told, CannotTell) and "incomplete" in told.reason

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

    def test_a_list_that_fails_as_a_whole_is_not_taken_for_one_that_is_too_long(self, target_of, attempt) -> None:
        target, _ = target_of(
            lambda request: httpx.Response(200, json=[]) if request.url.params else httpx.Response(503)
        )
        with pytest.raises(Temporary):
            target.find(attempt)


FAR = "2026-11-23T09:00:00Z"


class TestNotListed:
    @pytest.mark.parametrize(
        "others",
        [
            [job("other-run")],
            [job("OTHER-RUN")],
            [job("other-run"), job("b-8", createdAt="2026-11-21T09:00:00Z", fileName="theirs.json")],
            [job("b-8", createdAt="2026-11-23T09:00:00Z"), job("other-run")],
        ],
    )
    def test_a_thorough_list_shows_every_other_part_by_its_name(self, others, target_of, attempt: Attempt) -> None:
        target, world = target_of(world_of([*others, EARLIER]))
        told = target.find(attempt)
        assert isinstance(told, NotListed) and told.thorough and "1 of the 1 parts" in told.evidence
        assert f"({1 + len(others)} rows)" in told.evidence and len(world.calls) == 1

    def test_one_that_begins_with_the_oldest_shows_a_part_that_was_sent_since(self, target_of, attempt) -> None:
        since = "sobatch-20261121-100000-bcdf-0001-00000000.json.gz"
        target, _ = target_of(world_of([EARLIER, job("since", createdAt="2026-11-21T10:00:00Z", fileName=since)]))
        known = attempt.known_ids | {"since"}
        two = replace(attempt, known_ids=known, witnesses={**attempt.witnesses, "since": (since, True)})
        told = target.find(two)
        assert isinstance(told, NotListed) and told.thorough
        told = target.find(replace(two, witnesses={**attempt.witnesses, "since": (since, False)}))
        assert isinstance(told, NotListed) and not told.thorough

    @pytest.mark.parametrize(
        ("rows", "headers"),
        [
            ([], {}),
            ([EARLIER], {}),
            ([EARLIER, job("other-run")], {}),
            ([job("other-run", createdAt=None), EARLIER], {}),
            ([job("other-run")], {}),
            ([{**EARLIER, "fileName": None}], {}),
            ([{**EARLIER, "fileName": OURS.replace("0002", "0003")}], {}),
            ([job("other-run"), EARLIER, {"controller": "SalesOrders"}], {}),
            ([job("other-run"), EARLIER, "text"], {}),
            *(([*(job(f"b-{n}", createdAt=FAR) for n in range(size - 1)), EARLIER], {}) for size in (15, 16, 100)),
            ([job("other-run"), EARLIER], {"X-U4-TotalCount": "3"}),
            ({"items": [job("other-run"), EARLIER], "nextLink": "/more"}, {}),
        ],
    )
    def test_a_list_that_may_leave_something_out_is_not_thorough(self, rows, headers, target_of, attempt) -> None:
        target, _ = target_of(world_of(rows, headers=headers))
        told = target.find(attempt)
        assert isinstance(told, NotListed) and not told.thorough

    def test_nor_is_one_that_leaves_out_one_of_our_parts(self, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([job("other-run"), EARLIER]))
        two = {**attempt.witnesses, "since": ("sobatch-20261121-100000-bcdf-0001-00000000.json.gz", True)}
        told = target.find(replace(attempt, witnesses=two))
        assert isinstance(told, NotListed) and not told.thorough and "1 of the 2 parts" in told.evidence

    def test_nor_is_any_without_other_parts_to_show(self, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([job("other-run"), EARLIER]))
        told = target.find(replace(attempt, witnesses={}))
        assert isinstance(told, NotListed) and not told.thorough

    def test_nor_is_any_before_the_settle_time(self, target_of, attempt: Attempt) -> None:
        target, _ = target_of(world_of([job("other-run"), EARLIER]))
        told = target.find(replace(attempt, waited=599.0))
        assert isinstance(told, NotListed) and not told.thorough and "599 seconds ago" in told.evidence
        told = target.find(replace(attempt, waited=600.0))
        assert isinstance(told, NotListed) and told.thorough and "ago" not in told.evidence


def test_jobs_are_listed_as_the_server_gives_them(target_of) -> None:
    rows = [job("b-2", totalItems="7", companyId="EN"), {"no": "id"}, job("b-1", createdAt=None), {"id": 17}]
    target, world = target_of(world_of(rows))
    listed = target.jobs({"time_from": "2026-11-21T09:00:00Z"})
    assert [(each.remote_id, each.created, each.orders, each.company) for each in listed] == [
        ("b-2", AT_NOON, 7, "EN"),
        ("b-1", None, None, None),
        ("17", None, None, None),
    ]
    assert world.calls[0].url.params["timeFrom"] == "2026-11-21T09:00:00Z"


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_look_with_a_limit_is_one_request_whatever_the_answer(status: int, target_of, clock: FakeClock) -> None:
    target, world = target_of(httpx.Response(status, headers={"Retry-After": "7"}))
    target.prepare()
    with pytest.raises((NotAllowed, RemoteFailed, Temporary)):
        list(target.jobs(seconds=10.0))
    assert len(world.calls) == 1 and len(world.requests) == 2 and clock.slept == []


def test_a_time_without_a_zone_may_be_anywhere() -> None:
    assert seen_at("2026-11-21T09:00:00Z") == (NOON, NOON)
    assert seen_at("2026-11-21T09:00:00") == (NOON - 14 * 3600, NOON + 14 * 3600)
    assert seen_at("1900-01-01T00:00:00.000") is None and seen_at("yesterday") is None and seen_at(None) is None


def test_a_page_of_a_usual_size_may_be_cut() -> None:
    lengths = [size for size in range(1, 70) if not jobs_of([job(f"b-{n}") for n in range(size)]).complete]
    assert lengths == [8, 10, 15, 16, 20, 25, 30, 32, 35, 40, 45, 50, 55, 60, 64, 65]
    assert not jobs_of([job("../x")]).complete
