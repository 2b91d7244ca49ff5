"""The endpoints of the pretend JTL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from ..pretend.answers import Answer, data
from ..pretend.calls import Call, routes
from ..pretend.things import Thing
from ..pretend.world import World, body_of
from .access import issue, turned_away
from .options import Options
from .orders import (
    Faults,
    against_the_rules,
    completed,
    completed_line,
    faults_of,
    faults_of_line,
    raw_lines,
)

__all__ = ["Options", "Sandbox"]

_FIRST_ORDER, _FIRST_LINE = 4001, 1
_ORDERS = r"(?:/v1)?/salesOrders"
_ONE = rf"{_ORDERS}/(?P<id>\d+)"


class Sandbox(World):
    """A pretend JTL-Wawi Cloud."""

    by_place = True  # "per endpoint"

    routes = routes(
        ("token", "POST", "/oauth2/token"),
        ("order", "POST", _ORDERS),
        ("look", "GET", _ORDERS),
        ("read", "GET", _ONE),
        ("lines", "POST", f"{_ONE}/lineitems"),
        ("item", "GET", f"{_ONE}/lineitems"),
        ("cancel", "POST", f"{_ONE}/cancel"),
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._numbers = count(len(self.things.all("order")) + 1)

    def throttled(self, wait: float) -> Answer:
        """The vendor's page on limits names headers, and no `Retry-After`."""
        return self._no(429, "RateLimitExceeded", "Too many requests.")

    def headers(self, left: int) -> Mapping[str, str]:
        """The rate headers that every answer has, where there is a limit."""
        if not self.options.rate_limit:
            return {}
        return {
            "X-RateLimit-Limit": str(self.options.rate_limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Interval-Length-Seconds": f"{self.options.rate_seconds:.0f}",
        }

    def answer(self, call: Call, now: float) -> Answer:
        """Answer one call."""
        if call.place == "token":
            return issue(call, self.store, self.options, now)
        away = turned_away(call.environ, self.store, self.options, now)
        if away is not None:
            return self._no(away[0], "Access", away[1])
        if call.method == "POST" and "json" not in str(call.environ.get("CONTENT_TYPE", "")):
            return self._no(415, "MediaType", "The media type is not supported.")
        deeds: Mapping[str, Callable[[Call, float], Answer]] = {
            "order": self._create,
            "look": self._list,
            "read": self._read,
            "lines": self._add_lines,
            "item": self._read_lines,
            "cancel": self._cancel,
        }
        return deeds[call.place or ""](call, now)

    # -- the calls -----------------------------------------------------------------------------------------------

    def _create(self, call: Call, now: float) -> Answer:
        raw, order = body_of(call)
        if self.options.needs_version and not call.environ.get("HTTP_API_VERSION"):
            return self._no(400, "Validation", "The order is not one of version 3.0.", {"$": ["The newest version."]})
        faults = faults_of(order, self.options)
        if faults:
            return self._no(400, "Validation", "One or more validation errors occurred.", faults)
        faults = against_the_rules(order, self.options)
        if faults:
            return self._no(422, "Business", "The order cannot be created.", faults)
        renames = call.query.get("renameSalesOrderNumberWhenAlreadyExists", "").lower() == "true"
        thing = self._stored(order, raw, renames, now)
        if thing is None:
            words = f"A sales order with the number {order['Number']} already exists."
            return self._no(409, "SalesOrderNumberAlreadyExists", words)
        return self._shown(self.options.create_status, thing.body)

    def _stored(self, order: dict[str, Any], raw: bytes, renames: bool, now: float) -> Thing | None:
        """The order under its own number, a number of JTL's choice, or another one where it may be renamed."""
        own = order.get("Number") or None
        for attempt in count():
            number = (f"{own}-{attempt}" if attempt else own) if own else f"AU-{next(self._numbers):06}"
            thing = self.things.add(
                "order", completed(order, number), raw, first=_FIRST_ORDER, now=now, key=number,
                other=order.get("ExternalNumber"), lag=self.options.lag, named="Id", alone=True,
            )  # fmt: skip
            if thing is not None or (own and not renames):
                return thing
        raise AssertionError("there are numbers enough")

    def _add_lines(self, call: Call, now: float) -> Answer:
        order = self._order(call)
        if order is None:
            return self._nothing(call)
        raw, lines = body_of(call)
        if not isinstance(lines, list):
            return self._no(400, "Validation", "The lines are no array.", {"$": ["It is no array."]})
        faults: Faults = {}
        good = len(lines)
        for at, line in enumerate(lines):
            found = faults_of_line(line, at, self.options)
            good = min(good, at) if found else good
            faults.update(found)
        made = []
        if not faults or self.options.partial_lines:
            for line, text in zip(lines[:good], raw_lines(raw), strict=False):
                body = completed_line(line, order.id)
                thing = self.things.add("line", body, text, first=_FIRST_LINE, now=now, parent=order.id, named="Id")
                made.append(thing.body if thing else None)
        if faults:
            return self._no(400, "Validation", "One or more validation errors occurred.", faults)
        return self._shown(self.options.create_status, made)

    def _list(self, call: Call, now: float) -> Answer:
        number, external = call.query.get("salesOrderNumber"), call.query.get("externalOrderNumber")
        found = self._found(number, external, now)
        size = min(self.options.largest_page, max(1, _whole(call.query.get("pageSize"), 20)))
        page, pages = max(1, _whole(call.query.get("pageNumber"), 1)), -(-len(found) // size)
        return self._shown(
            200,
            {
                "Items": [thing.body for thing in found[(page - 1) * size : page * size]],
                "TotalItems": len(found),
                "PageNumber": page,
                "PageSize": size,
                "TotalPages": pages,
                "HasPreviousPage": page > 1,
                "HasNextPage": page < pages,
                "NextPageNumber": page + 1,
                "PreviousPageNumber": page - 1,
            },
        )

    def _found(self, number: str | None, external: str | None, now: float) -> list[Thing]:
        """The orders that a look-up shows by now; those that are pending are left out."""
        if (number is None and external is None) or self.options.ignore_filter:
            return [thing for thing in self.things.all("order") if thing.shown <= now]
        if not self.options.partial_match:
            if external is not None:
                return self.things.with_other("order", external, now)
            return self.things.with_key("order", number or "", now)
        wanted = external if external is not None else number or ""
        return [
            thing
            for thing in self.things.all("order")
            if thing.shown <= now and wanted in ((thing.other if external is not None else thing.key) or "")
        ]

    def _read(self, call: Call, now: float) -> Answer:
        order = self._order(call)
        return self._nothing(call) if order is None else self._shown(200, order.body)

    def _read_lines(self, call: Call, now: float) -> Answer:
        order = self._order(call)
        if order is None:
            return self._nothing(call)
        return self._shown(200, [line.body for line in self.things.of("line", order.id)])

    def _cancel(self, call: Call, now: float) -> Answer:
        order, (_, reason) = self._order(call), body_of(call)
        if order is None:
            return self._nothing(call)
        details = {name: reason.get(name) for name in ("CancellationReasonId", "CancellationComment")}
        self.things.change("order", order.id, order.body | {"IsCancelled": True, "CancellationDetails": details})
        return Answer(204)

    # -- what they have in common --------------------------------------------------------------------------------

    def _order(self, call: Call) -> Thing | None:
        return self.things.get("order", int(call.parts["id"]))

    def _nothing(self, call: Call) -> Answer:
        return self._no(404, "NotFound", f"There is no sales order {call.parts['id']}.")

    def _shown(self, status: int, value: Any) -> Answer:
        return data(status, _camel(value) if self.options.camel_case else value)

    def _no(self, status: int, code: str, words: str, faults: Faults | None = None) -> Answer:
        return self._shown(
            status,
            {
                "ErrorCode": code,
                "ErrorMessage": words,
                "ValidationErrors": faults or {},
                "Errors": {},
                "Stacktrace": None,
            },
        )


def _camel(value: Any) -> Any:
    """As version 2 of the API writes names."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _camel(each) for name, each in value.items()}
    return [_camel(each) for each in value] if isinstance(value, list) else value


def _whole(text: str | None, usual: int) -> int:
    return int(text) if text and text.isdecimal() else usual
