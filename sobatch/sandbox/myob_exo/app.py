"""The endpoints of the pretend MYOB EXO."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..pretend.answers import Answer, data, text
from ..pretend.calls import Call, routes
from ..pretend.world import World, WorldOptions, body_of
from .completing import completed, too_long

_FIRST_ID, _FIRST_LINE = 10_001, 1
_FILTER = re.compile(r"debtorid eq (\d+)", re.IGNORECASE)
_SEARCHED = ("reference", "customerordernumber", "accountname")
_LARGEST_PAGE, _USUAL_PAGE = 100, 10


@dataclass(frozen=True, slots=True)
class Options(WorldOptions):
    """`xml`: answer in XML unless the request says Accept: application/json. Debtors that are not known are refused."""

    username: str = "sandbox"
    password: str = "sandbox"
    api_key: str = "sandbox"
    access_token: str = "sandbox"
    xml: bool = True
    debtors: tuple[int, ...] = ()
    unknown_stock: tuple[str, ...] = ("NO-SUCH-STOCK",)


class Sandbox(World):
    """A pretend MYOB EXO."""

    routes = routes(
        ("order", "POST", r"/salesorder/?"),
        ("look", "GET", r"/salesorder/?"),
        ("look", "GET", r"/salesorder/search"),
        ("validate", "POST", r"/salesorder/validate/?"),
        ("read", "GET", r"/salesorder/(?P<id>\d+)/?"),
        ("change", "PUT", r"/salesorder/(?P<id>\d+)/?"),
        ("token", "GET", r"/token/?"),
    )

    def throttled(self, wait: float) -> Answer:
        """One client takes this for the rate limit, and the sister API names it so."""
        return data(403, {"Name": "RateLimitError", "Message": "Too many requests."})

    def answer(self, call: Call, now: float) -> Answer:
        """Answer one call, in the format that the request asks for."""
        if not self._known(call.environ):
            return self._shaped(call, 401, {"Message": "Access denied"})
        if call.method in ("POST", "PUT") and "json" not in str(call.environ.get("CONTENT_TYPE", "")):
            return self._shaped(call, 415, {"Message": "The request entity's media type is not supported."})
        deeds: Mapping[str, Callable[[Call, float], tuple[int, Any]]] = {
            "order": self._create,
            "look": self._list,
            "validate": self._validate,
            "read": self._read,
            "change": self._change,
            "token": lambda *_: (200, self.options.access_token),
        }
        return self._shaped(call, *deeds[call.place or ""](call, now))

    def _known(self, environ: Mapping[str, Any]) -> bool:
        options = self.options
        pair = base64.b64encode(f"{options.username}:{options.password}".encode()).decode()
        sent = (environ.get(f"HTTP_{name}") for name in ("AUTHORIZATION", "X_MYOBAPI_KEY", "X_MYOBAPI_EXOTOKEN"))
        return tuple(sent) == (f"Basic {pair}", options.api_key, options.access_token)

    def _shaped(self, call: Call, status: int, value: Any) -> Answer:
        if self.options.xml and "json" not in str(call.environ.get("HTTP_ACCEPT", "")):
            return text(status, f"<SalesOrder>{''.join(_xml(value))}</SalesOrder>", "application/xml; charset=utf-8")
        return data(status, value)

    def _create(self, call: Call, now: float) -> tuple[int, Any]:
        raw, given = body_of(call)
        refusal = self._refused(given)
        if refusal is not None:
            return refusal
        if too_long(given):
            return 500, {"Message": "An error has occurred."}
        order = completed(given)
        thing = self.things.add(
            "order", order, raw, first=_FIRST_ID, now=now, key=order.get("reference"), other=str(order["debtorid"]),
            lag=self.options.lag, named="id",
        )  # fmt: skip
        assert thing is not None
        for number, line in enumerate(order["lines"]):
            self.things.add("line", line, b"", first=_FIRST_LINE, now=now, parent=thing.id, key=str(number))
        return 201, thing.body | {"href": f"{call.host}{call.base}/salesorder/{thing.id}"}

    def _refused(self, given: Any) -> tuple[int, Any] | None:
        """A definite no before anything is stored, or nothing."""
        if not isinstance(given, dict):
            return 400, {"Message": "The request is invalid.", "ModelState": {"salesorder": ["No object was given."]}}
        small = {str(name).lower(): value for name, value in given.items()}
        wrong = {
            f"salesorder.{name}": [f"The {name} field is required."]
            for name in ("debtorid", "status")
            if not isinstance(small.get(name), int)
        }
        if self.options.debtors and small.get("debtorid") not in self.options.debtors:
            wrong["salesorder.debtorid"] = [f"Debtor {small.get('debtorid')} was not found."]
        for number, line in enumerate(small.get("lines") or []):
            code = {str(name).lower(): value for name, value in line.items()}.get("stockcode")
            if code in self.options.unknown_stock:
                wrong[f"salesorder.lines[{number}].stockcode"] = [f"Stock item {code} was not found."]
        return (400, {"Message": "The request is invalid.", "ModelState": wrong}) if wrong else None

    def _validate(self, call: Call, now: float) -> tuple[int, Any]:
        _, given = body_of(call)
        return self._refused(given) or (200, completed(given))

    def _list(self, call: Call, now: float) -> tuple[int, Any]:
        page = max(1, _number(call.query.get("page"), 1))
        size = min(_LARGEST_PAGE, max(1, _number(call.query.get("pagesize"), _USUAL_PAGE)))
        asked = _FILTER.search(call.query.get("$filter", ""))
        found = self.things.with_other("order", asked[1], now) if asked else self.things.all("order")
        wanted = call.query.get("q")
        rows = [
            thing.body
            for thing in reversed(found)
            if wanted is None or any(wanted in str(thing.body.get(name) or "") for name in _SEARCHED)
        ]
        shown = rows[(page - 1) * size : page * size]
        return (404, {"Message": "No such page."}) if page > 1 and not shown else (200, shown)

    def _read(self, call: Call, now: float) -> tuple[int, Any]:
        thing = self.things.get("order", int(call.parts["id"]))
        return (200, thing.body) if thing else (404, {"Message": "Not found"})

    def _change(self, call: Call, now: float) -> tuple[int, Any]:
        thing, (_, given) = self.things.get("order", int(call.parts["id"])), body_of(call)
        if thing is None or not isinstance(given, dict):
            return 404, {"Message": "Not found"}
        body = thing.body | {str(name).lower(): value for name, value in given.items()}
        self.things.change("order", thing.id, body)
        return 200, body


def _number(text_: str | None, usual: int) -> int:
    return int(text_) if text_ and text_.isdecimal() else usual


def _xml(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield f"<{name}>{''.join(_xml(each))}</{name}>"
    elif isinstance(value, list):
        for each in value:
            yield f"<Item>{''.join(_xml(each))}</Item>"
    else:
        yield str(value).replace("&", "&amp;").replace("<", "&lt;")
