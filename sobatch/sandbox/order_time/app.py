"""The endpoints of the pretend Order Time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..pretend.answers import Answer, data
from ..pretend.calls import Call, routes
from ..pretend.things import Thing
from ..pretend.world import World, WorldOptions, body_of
from .checking import completed, unreadable, wrong

_FIRST_NUMBER = 1001
_MOST_ROWS = 1000  # "list queries are capped at 1,000 rows per request"
_USUAL_ROWS = 100
_EQUALS, _LIKE = 1, 12


@dataclass(frozen=True, slots=True)
class Options(WorldOptions):
    """`email`, `password` and the keys let in, all others get `denied`; `read_only` is a role that may not create.
    `record_type` is the number of sales orders in lists. Customers and items with these Ids do not exist."""

    api_key: str = "sandbox"
    email: str = "sandbox@ordertime.example"
    password: str = "sandbox"
    dev_key: str = "sandbox-developer"
    denied: int = 401
    read_only: bool = False
    record_type: int = 7
    unknown_customers: tuple[int, ...] = (9999,)
    unknown_items: tuple[int, ...] = (9999,)


class Sandbox(World):
    """A pretend Order Time."""

    routes = routes(
        ("order", "POST", r"/salesorder/?"),
        ("read", "GET", r"/salesorder/?"),
        ("change", "PUT", r"/salesorder/?"),
        ("delete", "DELETE", r"/salesorder/?"),
        ("look", "POST", r"/list/?"),
        ("count", "PUT", r"/list/?"),
    )

    def throttled(self, wait: float) -> Answer:
        """No document mentions a limit; this is what others say."""
        return data(429, {"Message": "Too many requests."}).with_headers(Retry_After=str(max(1, math.ceil(wait))))

    def answer(self, call: Call, now: float) -> Answer:
        """Answer one call: who asks, what may be asked, and then what there is."""
        if not self._known(call.environ):
            return data(self.options.denied, {"Message": "Invalid credentials."})
        if call.method in ("POST", "PUT") and "json" not in str(call.environ.get("CONTENT_TYPE", "")):
            return data(415, {"Message": "The request entity's media type is not supported for this resource."})
        if self.options.read_only and call.place in ("order", "change", "delete"):
            return data(403, {"Message": "Your role does not allow this action."})
        deeds: Mapping[str, Callable[[Call, float], Answer]] = {
            "order": self._create,
            "read": self._read,
            "change": self._change,
            "delete": self._delete,
            "look": self._list,
            "count": self._count,
        }
        return deeds[call.place or ""](call, now)

    def _known(self, environ: Mapping[str, Any]) -> bool:
        options = self.options
        key, email, password, developer = (
            environ.get(f"HTTP_{name}") for name in ("APIKEY", "EMAIL", "PASSWORD", "DEVKEY")
        )
        secret = developer == options.dev_key if developer is not None else password == options.password
        return (key, email) == (options.api_key, options.email) and secret

    def _create(self, call: Call, now: float) -> Answer:
        raw, given = body_of(call)
        fault = unreadable(given)
        if fault is not None:
            return data(400, {"Message": fault})
        results = wrong(given, self.options.unknown_customers, self.options.unknown_items)
        if results:
            return data(409, results)
        order = completed(given, now)
        customer = order["CustomerRef"].get("Id")
        thing = self.things.add(
            "order", order, raw, first=_FIRST_NUMBER, now=now, key=order.get("CustomerPO"), named="DocNo",
            other=None if customer is None else str(customer), lag=self.options.lag,
        )  # fmt: skip
        assert thing is not None
        return data(200, thing.body)

    def _found(self, call: Call) -> Thing | None:
        number = call.query.get("docNo", "")
        return self.things.get("order", int(number)) if number.isdecimal() and number.isascii() else None

    def _read(self, call: Call, now: float) -> Answer:
        thing = self._found(call)
        return data(200, thing.body) if thing else data(400, {"Message": "The sales order does not exist."})

    def _change(self, call: Call, now: float) -> Answer:
        """The whole record is written, as it was read and changed. Its lines and its customer stay."""
        _, given = body_of(call)
        number = given.get("DocNo") if isinstance(given, dict) else None
        thing = self.things.get("order", number) if isinstance(number, int) else None
        if thing is None:
            return data(400, {"Message": "The sales order does not exist."})
        body = {**thing.body, **{name: value for name, value in given.items() if name not in ("CustomerRef", "DocNo")}}
        self.things.change("order", thing.id, body)
        return data(200, body)

    def _delete(self, call: Call, now: float) -> Answer:
        thing = self._found(call)
        if thing is None:
            return data(400, {"Message": "The sales order does not exist."})
        self.things.remove("order", thing.id)
        return data(200, True)

    def _list(self, call: Call, now: float) -> Answer:
        asked, rows = self._asked(call, now)
        if rows is None:
            return data(400, {"Message": "The list request is invalid."})
        size = min(_MOST_ROWS, _whole(asked.get("NumberOfRecords"), _USUAL_ROWS))
        first = (_whole(asked.get("PageNumber"), 1) - 1) * size
        return data(200, [thing.body for thing in rows[first : first + size]])

    def _count(self, call: Call, now: float) -> Answer:
        _, rows = self._asked(call, now)
        return data(400, {"Message": "The list request is invalid."}) if rows is None else data(200, len(rows))

    def _asked(self, call: Call, now: float) -> tuple[Any, list[Thing] | None]:
        """What a list request says, and what is found; nothing for one that is not understood."""
        _, asked = body_of(call)
        filters = asked.get("Filters") or [] if isinstance(asked, dict) else None
        if not isinstance(filters, list) or not all(isinstance(each, dict) for each in filters):
            return asked, None
        if asked.get("Type") != self.options.record_type:
            return asked, []  # another kind of record, of which there are none
        tests = [(each.get("PropertyName"), each.get("Operator"), each.get("FilterValueArray")) for each in filters]
        if any(operator not in (_EQUALS, _LIKE) or not isinstance(value, str) for _, operator, value in tests):
            return asked, None
        keyed = next((value for name, operator, value in tests if name == "CustomerPO" and operator == _EQUALS), None)
        things = self.things.all("order") if keyed is None else self.things.with_key("order", keyed, now)
        return asked, [
            thing for thing in things if thing.shown <= now and all(_passes(thing.body, *each) for each in tests)
        ]


def _passes(body: Mapping[str, Any], name: Any, operator: int, wanted: str) -> bool:
    value: Any = body
    for step in str(name).split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if value is None:
        return False
    return str(value) == wanted if operator == _EQUALS else wanted.strip("%").lower() in str(value).lower()


def _whole(value: Any, usual: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else usual
