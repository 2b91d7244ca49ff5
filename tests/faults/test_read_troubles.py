"""Every way to fail a read of a submit: the orders are created once, and the exit code says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from crashes import killed_at
from fault_process import KILLED
from fault_world import World, raw_orders

READS = ("token", "status", "results", "success")
# A failure that passes by itself is never the operator's business.
PASSING: dict[str, tuple[str, dict[str, Any]]] = {
    "closed unread": ("refuse", {}),
    "closed": ("close", {}),
    "reset": ("reset", {}),
    "reset after": ("reset_after", {}),
    "silence": ("silence", {"seconds": 2.5}),
    "half a header": ("partial_header", {}),
    "cut body": ("cut_body", {}),
    "drip": ("drip", {"seconds": 0.0002}),
    "no HTTP": ("garbage", {}),
    "500": ("error", {}),
    "502": ("error", {"status": 502}),
    "503, later": ("error", {"status": 503, "retry_after": "2"}),
    "504": ("error", {"status": 504}),
    "408": ("error", {"status": 408}),
    "425": ("error", {"status": 425}),
    "429": ("throttle", {"retry_after": "1"}),
}
OF_AN_ANSWER: dict[str, tuple[str, dict[str, Any]]] = {
    "HTML with 200": ("html", {}),
    "half of the JSON": ("truncated", {}),
    "401 once": ("unauthorized", {}),
    "204": ("custom", {"status": 204}),
    "202": ("custom", {"status": 202, "body": "{}"}),
}
FORBIDDING: dict[str, tuple[str, dict[str, Any]]] = {
    "403": ("error", {"status": 403}),
    "307": ("redirect", {}),
    "301": ("redirect", {"status": 301}),
}
TROUBLES = {**PASSING, **OF_AN_ANSWER, **FORBIDDING}
ONCE = [
    *((where, name) for where in READS for name in PASSING),
    *((where, name) for where in READS[1:] for name in OF_AN_ANSWER),
]
MOMENTS = (
    "status 2 asked",
    "status 2 headers",
    "commit 2 finished before",
    "commit 2 finished after",
    "results 2 asked",
    "results 2 body",
    "success 2 headers",
    "success 2 body",
    "commit 2 settled before",
    "commit 2 settled after",
)


@pytest.mark.parametrize(("where", "name"), ONCE)
def test_a_read_that_fails_once_is_read_again(world: Callable[..., World], where: str, name: str) -> None:
    action, how = TROUBLES[name]
    made = world(raw_orders(2))
    made.erp.fault(where, action, **how)
    ran = made.submit()
    made.verify(ran.code)
    assert ran.code == 0 and made.erp.posts() == 2, ran.err


@pytest.mark.parametrize("where", READS)
@pytest.mark.parametrize("name", FORBIDDING)
def test_a_read_that_is_forbidden_ends_with_6_and_is_safe_to_repeat(
    world: Callable[..., World], where: str, name: str
) -> None:
    action, how = TROUBLES[name]
    made = world(raw_orders(2))
    made.erp.fault(where, action, **how)
    ran = made.submit()
    made.verify(ran.code)
    assert ran.code == 6 and made.erp.posts() == (0 if where == "token" else 1)
    assert made.finish() == [0]
    assert made.erp.posts() == 2


@pytest.mark.parametrize("where", READS)
def test_a_read_that_always_fails_ends_with_7_and_is_safe_to_repeat(world: Callable[..., World], where: str) -> None:
    made = world(raw_orders(2))
    made.configure(poll_interval="20s")
    made.erp.fault(where, "error", status=503, times=None)
    ran = made.submit()
    made.verify(ran.code)
    assert ran.code == 7, ran.err
    made.erp.no_faults()
    assert made.finish() == [0]
    assert made.erp.posts() == 2


@pytest.mark.full
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("where", READS[1:])
def test_a_crash_beside_every_read_trouble(world: Callable[..., World], moment: str, where: str) -> None:
    died = 0
    for name, (action, how) in TROUBLES.items():
        made = world(raw_orders(3), list_enabled=False)
        try:
            made.erp.fault(where, action, nth=2, **how)
            first = made.submit(arm=killed_at(moment))
            made.verify(first.code)
            died += first.code == KILLED
            # 0: the trouble kept this very moment from coming, and the read was repeated.
            assert first.code in (KILLED, 6, 0), name
            codes = made.finish()
            assert codes in ([0], [6, 0]) and made.erp.posts() == 3, f"{name}: {codes}"
        finally:
            made.close()
    assert died >= 10
