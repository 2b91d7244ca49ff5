"""A cancel that dies at any moment, or whose requests fail: what was created and what remains are still the input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from crashes import killed_at
from fault_disk import Failure, failing
from fault_process import KILLED
from fault_world import World, raw_orders

ORDERS, PAGE = 40, 5
MOMENTS = (
    "commit 1 accepted after",
    "cancel 1 asked",
    "cancel 1 sent",
    "cancel 1 headers",
    "status 1 headers",
    "commit 1 finished after",
    "results 1 body",
    "success 1 body",
    "commit 1 cancelled before",
    "commit 1 cancelled after",
    "commit run closed before",
    "commit run closed after",
)


def half_done(make: Callable[..., World]) -> World:
    """A run whose first part is being worked on, and whose others may or may not have been sent."""
    made = make(raw_orders(ORDERS), pace=200.0, page_size=PAGE)
    made.parts_of = ORDERS
    assert made.submit("--no-wait").code == 0
    return made


def all_told(world: World) -> None:
    """The truth after a cancel."""
    world.erp.at_rest()
    ((state, code, path),) = world.ask("SELECT state, exit_code, remaining FROM run")
    assert (state, code) == ("closed", 9)
    lines = Path(path).read_bytes().splitlines()[1:-1] if path else []
    remaining = Counter(sha256(line.removesuffix(b",")).hexdigest() for line in lines)
    assert world.erp.created() + remaining == Counter(world.fingerprints)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_cancel_that_dies_is_finished_by_the_next(world: Callable[..., World], moment: str) -> None:
    made = half_done(world)
    died = made.run("cancel", "--progress", "none", arm=killed_at(moment))
    assert died.code == KILLED, died.err
    assert made.run("cancel", "--progress", "none").code == 9
    all_told(made)
    assert made.run("cancel").code == 9 and made.erp.posts() == 1


@pytest.mark.parametrize("how", [pytest.param("kill", marks=pytest.mark.full), "ENOSPC"])
def test_any_durable_operation_of_a_cancel_may_fail(world: Callable[..., World], how: str) -> None:
    nth = 0
    while True:
        nth += 1
        made = half_done(world)
        try:
            mark = made.folder / "failed"
            first = made.run("cancel", arm=failing(Failure(nth, how, mark)))
            if mark.exists():
                # 9: where the user's folder takes no file, the state folder does.
                assert first.code in ((KILLED,) if how == "kill" else (9, 12)), f"operation {nth}: {first.err}"
                assert made.run("cancel").code == 9
                assert not list(made.folder.glob(".*.tmp")) or how == "kill", "a draft is left behind"
            all_told(made)
            if not mark.exists():
                break
        finally:
            made.close()
    assert nth > 10


@pytest.mark.parametrize(
    ("action", "how"),
    [
        ("close", {"saved": True}),
        ("close", {}),
        ("reset", {}),
        ("error", {"status": 500, "saved": True}),
        ("error", {"status": 503}),
        ("error", {"status": 409, "saved": True}),
        ("error", {"status": 404, "saved": True}),
        ("garbage", {"saved": True}),
        ("html", {"saved": True}),
        ("throttle", {"retry_after": "1"}),
        ("unauthorized", {}),
    ],
)
def test_a_cancel_whose_answer_is_spoilt_tells_the_truth_all_the_same(
    world: Callable[..., World], action: str, how: dict[str, object]
) -> None:
    made = half_done(world)
    made.erp.fault("cancel", action, **how)
    assert made.run("cancel").code == 9
    all_told(made)
