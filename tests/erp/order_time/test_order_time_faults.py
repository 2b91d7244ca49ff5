"""One order on its way over a real socket, and everything that may go wrong with it: nothing is said that is not so."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from erp_doubles import NOON, FakeClock, connection, part_at
from order_time_orders import ORDER

from sobatch.erp.order_time.api import build
from sobatch.erp.order_time.settings import SETTINGS
from sobatch.erp.ports import Attempt, CannotTell, Found, InDoubt, Kind, NotListed, Receipt, SendError
from sobatch.errors import NotAllowed, Temporary, UsageError
from sobatch.sandbox.order_time.app import Options, Sandbox
from sobatch.sandbox.pretend.faults import ACTIONS, Fault
from sobatch.sandbox.server import serve

TEXT = json.dumps(ORDER).encode()
WHO = {"username": "sandbox@ordertime.example", "password": lambda: "sandbox", "client_id": None}
# What says no: an honest server has stored nothing then. The others may have.
SAYS_NO = {"throttle", "unauthorized", "early_413"}
ABOUT_LOCATION = {"no_location", "foreign_location", "garbage_location", "location"}  # there is none


@dataclass
class Steps:
    """The steps of one order, as a journal would have them."""

    made: dict[str, str] = field(default_factory=dict)
    pending: str | None = None

    def recorded(self) -> dict[str, str]:
        return dict(self.made)

    def begin(self, step: str) -> None:
        assert self.pending is None and step not in self.made
        self.pending = step

    def done(self, step: str, value: str) -> None:
        self.pending, self.made[step] = None, value

    def refused(self, step: str, words: str) -> None:
        self.pending = None

    def doubted(self, step: str) -> bool:
        return False

    def acknowledged(self, receipt: Receipt) -> None:
        raise AssertionError("a receipt of a single order is final")


def target_for(url: str, clock: FakeClock, **options: Any) -> Any:
    own = {row.name: row.default for row in SETTINGS} | {"api_key": lambda: "sandbox"} | options
    who = {name: options.pop(name, value) for name, value in WHO.items()}
    return build(connection(url, options=own, read_timeout=0.5, send_timeout=0.5, connect_timeout=2.0, **who), clock)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("world") / "world.db", Options()) as world, serve(world) as server:
        yield world, f"{server.url}/api"


def sent(target, steps, folder):
    try:
        return target.send(part_at(folder, b"[" + TEXT + b"]", 1), steps, lambda _: None)
    except (SendError, NotAllowed, Temporary) as error:
        return error


def found(target, steps, folder):
    part = part_at(folder, b"[" + TEXT + b"]", 1)
    return target.find(
        Attempt(part, None, NOON, NOON, None, frozenset(), {}, 99.0, 0.0, done={}, pending=steps.pending)
    )


CASES = [
    (action, saved)
    for action in ACTIONS
    for saved in (False, True)
    if action not in ABOUT_LOCATION and not (saved and action in SAYS_NO)
]


@pytest.mark.parametrize(("action", "saved"), CASES)
def test_what_is_said_of_an_order_is_so(served, tmp_path, action, saved):
    world, url = served
    for thing in world.made():
        world.things.remove("order", thing.id)
    status = {"status": 503, "custom": 502, "html": 200, "redirect": 307}.get(action)
    world.set_faults([Fault("order", action, saved=saved, seconds=0.001, status=status, body="{}")])
    steps, target = Steps(), target_for(url, FakeClock())
    said = sent(target, steps, tmp_path)
    made = [str(thing.id) for thing in world.made()]
    if isinstance(said, Receipt) and said.final[0].kind is Kind.CREATED:
        assert [outcome.number for outcome in said.final] == made
        assert steps.made == {"order": made[0]}
    elif not isinstance(said, InDoubt):
        assert made == []
    assert (steps.pending is not None) == isinstance(said, InDoubt)
    if steps.pending is not None:
        look = found(target, steps, tmp_path)
        assert isinstance(look, Found) == bool(made), look
        assert isinstance(look, NotListed) != bool(made)
        assert not isinstance(look, Found) or [each.number for each in look.receipt.final] == made
    assert len(made) <= 1
    target.close()


@pytest.mark.parametrize("action", ["reset_after", "cut_body", "error", "garbage", "truncated", "html", "throttle"])
def test_a_look_that_is_spoilt_once_is_made_again(served, tmp_path, action):
    world, url = served
    for thing in world.made():
        world.things.remove("order", thing.id)
    world.set_faults([Fault("order", "error", saved=True), Fault("look", action), Fault("read", action)])
    steps, target = Steps(), target_for(url, FakeClock())
    assert isinstance(sent(target, steps, tmp_path), InDoubt)
    assert isinstance(found(target, steps, tmp_path), Found | CannotTell)
    assert isinstance(found(target, steps, tmp_path), Found)
    target.close()


# -- who asks --------------------------------------------------------------------------------------------------------


def seen_headers(**changes):
    seen = []

    def answer(request):
        seen.append(request.headers)
        return httpx.Response(200, json={**ORDER, "DocNo": 7})

    options = {row.name: row.default for row in SETTINGS} | {"api_key": lambda: "planted-key-1"} | changes
    made = connection(transport=httpx.MockTransport(answer), options=options, **WHO)
    return build(made, FakeClock()), seen


def test_three_headers_go_with_every_request(tmp_path):
    target, seen = seen_headers()
    assert sent(target, Steps(), tmp_path).final[0].number == "7"
    [headers] = seen
    assert (headers["apikey"], headers["email"], headers["password"]) == ("planted-key-1", WHO["username"], "sandbox")
    assert (headers["content-type"], headers["accept"]) == ("application/json", "application/json")
    assert "authorization" not in headers and "devkey" not in headers
    assert "planted" not in target.redacted("the key planted-key-1 is wrong")


def test_a_developers_key_goes_in_place_of_the_password(tmp_path):
    target, seen = seen_headers(dev_key=lambda: "planted-key-2")
    sent(target, Steps(), tmp_path)
    assert seen[0]["devkey"] == "planted-key-2" and "password" not in seen[0]
    assert "planted" not in target.redacted("the key planted-key-2 is wrong")


@pytest.mark.parametrize("missing", ["api_key", "username", "password"])
def test_what_is_missing_is_named(missing):
    options = {row.name: row.default for row in SETTINGS} | {"api_key": lambda: "sandbox"}
    who = {**WHO, missing: None} if missing in WHO else WHO
    with pytest.raises(UsageError, match=missing):
        build(connection(options={**options, missing: None}, **who), FakeClock())


def test_one_order_at_a_time_and_one_request_a_second(tmp_path):
    target, _ = seen_headers()
    assert next(row.default for row in SETTINGS if row.name == "in_flight") == 1
    assert target.traits.remote_work is False
    clock = target._clock
    for _ in range(3):
        sent(target, Steps(), tmp_path)
    assert 2.0 <= sum(clock.slept) <= 2.6
