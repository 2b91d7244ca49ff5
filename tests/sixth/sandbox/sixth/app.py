"""The endpoints of the pretend sixth ERP."""

from __future__ import annotations

from dataclasses import dataclass

from sobatch.sandbox.pretend.answers import Answer, data
from sobatch.sandbox.pretend.calls import Call, routes
from sobatch.sandbox.pretend.world import World, WorldOptions, body_of


@dataclass(frozen=True, slots=True)
class Options(WorldOptions):
    """`key` lets in."""

    key: str = "sandbox"


class Sandbox(World):
    """A pretend sixth ERP."""

    routes = routes(("order", "POST", r"/orders"), ("look", "GET", r"/orders"))

    def throttled(self, wait: float) -> Answer:
        """Too many."""
        return data(429, {})

    def answer(self, call: Call, now: float) -> Answer:
        """Create an order, or find one."""
        if call.environ.get("HTTP_X_KEY") != self.options.key:
            return data(401, {})
        if call.place == "order":
            raw, given = body_of(call)
            thing = self.things.add("order", given, raw, first=1, now=now, key=given["ref"], named="no")
            return data(409, {}) if thing is None else data(201, thing.body)
        found = [each for each in self.things.all("order") if call.query.get("ref") in (None, each.key)]
        return data(200, found[0].body if found else {})
