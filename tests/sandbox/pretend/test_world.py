"""What every pretend ERP that takes one order at a time has: a memory, a record, a rate, faults."""

import io
import json

import pytest

from sobatch.sandbox.pretend.answers import data, text
from sobatch.sandbox.pretend.calls import routes
from sobatch.sandbox.pretend.faults import Fault
from sobatch.sandbox.pretend.world import World, WorldOptions, body_of


class Tiny(World):
    routes = routes(("order", "POST", "/orders"), ("look", "GET", "/orders"), ("read", "GET", r"/orders/(?P<id>\d+)"))

    def answer(self, call, now):
        if call.place == "order":
            raw, body = body_of(call)
            if body is None:
                return data(400, {"message": "no JSON"})
            thing = self.things.add("order", body, raw, first=100, now=now, key=body.get("ref"), named="id", lag=5)
            return data(201, thing.body)
        if call.place == "read":
            thing = self.things.get("order", int(call.parts["id"]))
            return data(200, thing.body) if thing else text(404, "none")
        return data(200, [thing.body for thing in self.things.with_key("order", call.query["ref"], now)])

    def throttled(self, wait):
        return text(429, "slow down").with_headers(Retry_After=f"{wait:.0f}")

    def headers(self, left):
        return {"X-Left": str(left)}


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def world(tmp_path):
    with Tiny(tmp_path / "world.db", WorldOptions(), Clock()) as tiny:
        yield tiny


def ask(world, method, path, body=b"", query=""):
    heard = {}
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "HTTP_AUTHORIZATION": "Bearer hidden",
    }
    answer = b"".join(world(environ, lambda status, headers: heard.update(status=status, headers=dict(headers))))
    return int(heard["status"][:3]), heard["headers"], answer


def test_an_order_is_kept_as_it_came_and_found_after_its_lag(world):
    status, _, made = ask(world, "POST", "/gate/orders", b'{"ref": "A",  "x": 0.90}')
    assert (status, json.loads(made)["id"]) == (201, 100)
    assert [thing.raw for thing in world.made()] == [b'{"ref": "A",  "x": 0.90}']
    assert ask(world, "GET", "/orders", query="ref=A")[2] == b"[]"
    world.clock.now += 5
    assert len(json.loads(ask(world, "GET", "/orders", query="ref=A")[2])) == 1
    assert ask(world, "GET", "/orders/100")[0] == 200
    assert ask(world, "GET", "/orders/101")[0] == 404


def test_no_path_and_no_method_that_nobody_knows(world):
    assert ask(world, "GET", "/nothing")[0] == 404
    assert ask(world, "DELETE", "/orders")[0] == 405


def test_the_rate_is_counted_over_any_interval(world):
    world.options = WorldOptions(rate_limit=2, rate_seconds=1.0)
    assert [ask(world, "POST", "/orders", b"{}")[0] for _ in range(3)] == [201, 201, 429]
    world.clock.now += 1
    assert ask(world, "POST", "/orders", b"{}")[1]["X-Left"] == "1"


def test_a_fault_after_the_order_was_stored(world):
    world.set_faults([Fault("order", "error", saved=True)])
    assert ask(world, "POST", "/orders", b"{}")[0] == 500
    assert len(world.made()) == 1


def test_a_key_that_may_stand_alone_only(world):
    first = world.things.add("order", {}, b"", first=1, now=0.0, key="N1", alone=True)
    assert first is not None
    assert world.things.add("order", {}, b"", first=1, now=0.0, key="N1", alone=True) is None


def test_the_record_names_every_request_and_no_secret(world):
    ask(world, "POST", "/orders", b"{}")
    ask(world, "GET", "/_sandbox/created")
    record = world.requests()
    assert [(each["method"], each["place"], each["status"]) for each in record] == [("POST", "order", 201)]
    assert "hidden" not in str(record)


def test_another_process_sets_faults_and_options_and_reads_what_exists(world):
    assert ask(world, "POST", "/_sandbox/faults", b'[{"where": "order", "action": "throttle"}]')[0] == 200
    assert ask(world, "POST", "/orders", b"{}")[0] == 429
    assert ask(world, "POST", "/_sandbox/options", b'{"rate_limit": 7}')[2] == b'["rate_limit"]'
    assert ask(world, "POST", "/orders", b'{"ref": "B"}')[0] == 201
    assert json.loads(ask(world, "GET", "/_sandbox/created")[2])[0]["key"] == "B"
    assert ask(world, "POST", "/_sandbox/options", b'{"nothing": 7}')[0] == 400
