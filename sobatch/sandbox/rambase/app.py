"""The endpoints of the pretend RamBase."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from ..pretend.answers import Answer, data, text
from ..pretend.calls import Call, routes
from ..pretend.world import World, WorldOptions, body_of, small
from .errors import error, refused_header, refused_item

_FIRST_ORDER, _FIRST_ITEM = 100_000, 1
_FILTER = re.compile(r"customersReferenceNumber eq '((?:[^']|'')*)'", re.IGNORECASE)
_LARGEST_PAGE, _USUAL_PAGE = 80, 10


@dataclass(frozen=True, slots=True)
class Options(WorldOptions):
    """`filterable`: whether the list takes a filter on the customer's number; `shows_customer` and `shows_numbers`:
    whether this user's role sees them; `live`: what a login says of the system."""

    client_id: str = "sandbox"
    client_secret: str = "sandbox"
    companies: tuple[str, ...] = ("SANDBOX-NO",)
    token_lifetime: float = 3600.0
    live: bool = False
    filterable: bool = True
    shows_customer: bool = True
    shows_numbers: bool = True
    unknown_customers: tuple[int, ...] = (19_999,)
    wrong_products: tuple[int, ...] = (199_999,)


class Sandbox(World):
    """A pretend RamBase."""

    routes = routes(
        ("token", "POST", r"/oauth2/access_token"),
        ("order", "POST", r"/sales/orders"),
        ("look", "GET", r"/sales/orders"),
        ("read", "GET", r"/sales/orders/(?P<id>\d+)"),
        ("item", "POST", r"/sales/orders/(?P<id>\d+)/items"),
        ("lines", "GET", r"/sales/orders/(?P<id>\d+)/items"),
    )

    def throttled(self, wait: float) -> Answer:
        """No limit of RamBase's is published; this one says how long to wait."""
        return error(429, "Too many requests").with_headers(Retry_After=f"{max(1.0, wait):.0f}")

    def answer(self, call: Call, now: float) -> Answer:
        """Answer one call, in the format that the request asks for."""
        if call.place == "token":
            return self._login(call, now)
        if not self._known(call, now):
            return error(401, "Access token is missing, wrong or has expired")
        if call.query.get("$db") not in self.options.companies:
            return error(403, "No access to this company")
        wants_json = call.query.get("$format") == "json" or "json" in str(call.environ.get("HTTP_ACCEPT", ""))
        deeds: Mapping[str, Callable[[Call, float], Answer]] = {
            "order": self._create,
            "item": self._add,
            "look": self._list,
            "read": self._read,
            "lines": self._items,
        }
        answer = deeds[call.place or ""](call, now)
        return answer if wants_json else text(answer.status, "<SalesOrder/>", "application/xml; charset=utf-8")

    def _login(self, call: Call, now: float) -> Answer:
        raw, _ = body_of(call)
        form = dict(parse_qsl(raw.decode("utf-8", "replace")))
        if form.get("grant_type") not in ("client_credentials", "password"):
            return data(400, {"error_code": 1, "message": "Unknown grant type", "otp_required": False, "targets": []})
        if (form.get("client_id"), form.get("client_secret")) != (self.options.client_id, self.options.client_secret):
            return data(400, {"error_code": 2, "message": "Wrong client", "otp_required": False, "targets": []})
        token = secrets.token_urlsafe(48)
        with self.store.write() as database:
            row = (token, form["client_id"], now + self.options.token_lifetime)
            database.execute("INSERT INTO tokens VALUES (?, ?, ?)", row)
        # "expires_in (sent as a string)"
        lifetime, kind = str(int(self.options.token_lifetime)), str(not self.options.live).lower()
        return data(
            200, {"access_token": token, "refresh_token": "", "expires_in": lifetime, "is_target_test_system": kind}
        )

    def _known(self, call: Call, now: float) -> bool:
        kind, _, token = str(call.environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        if kind.lower() != "bearer":
            token = call.query.get("$access_token", "")
        return self.store.row("SELECT 1 FROM tokens WHERE token = ? AND expires > ?", (token.strip(), now)) is not None

    def _create(self, call: Call, now: float) -> Answer:
        raw, given = body_of(call)
        header = small(given).get("salesorder") if isinstance(given, dict) else None
        refusal = refused_header(header, self.options.unknown_customers)
        if refusal is not None:
            return refusal
        assert isinstance(header, dict)
        thing = self.things.add(
            "order", {**header, "status": 0}, raw, first=_FIRST_ORDER, now=now, lag=self.options.lag,
            key=header.get("customersreferencenumber"), named="salesorderid",
        )  # fmt: skip
        assert thing is not None
        return data(201, {"salesOrder": _spelt(thing.body)})

    def _add(self, call: Call, now: float) -> Answer:
        raw, given = body_of(call)
        order = self.things.get("order", int(call.parts["id"]))
        if order is None:
            return error(404, "Sales order {0} not found", 101_203, call.parts["id"])
        item = small(given).get("salesorderitem") if isinstance(given, dict) else None
        refusal = refused_item(item, self.options.wrong_products)
        if refusal is not None:
            return refusal
        assert isinstance(item, dict)
        line = len(self.things.of("line", order.id)) + 1
        thing = self.things.add(
            "line", {**item, "status": 0, "linenumber": line}, raw, first=_FIRST_ITEM, now=now, parent=order.id,
            named="salesorderitemid",
        )  # fmt: skip
        assert thing is not None
        return data(201, {"salesOrderItem": _spelt(thing.body)})

    def _list(self, call: Call, now: float) -> Answer:
        asked = _FILTER.search(call.query.get("$filter", ""))
        if call.query.get("$filter") and not self.options.filterable:
            return error(400, "Field {0} can not be used in filter", 100_150, "customersReferenceNumber")
        found = self.things.with_key("order", asked[1].replace("''", "'"), now) if asked else self.things.all("order")
        shown = [self._seen(thing.body) for thing in reversed(found) if thing.shown <= now]
        return data(200, {"salesOrders": shown[: _size(call)]})

    def _seen(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What this user's role sees of an order."""
        hidden = set() if self.options.shows_customer else {"customer"}
        hidden |= set() if self.options.shows_numbers else {"customersreferencenumber"}
        seen: dict[str, Any] = _spelt({name: value for name, value in body.items() if name not in hidden})
        return seen

    def _read(self, call: Call, now: float) -> Answer:
        order = self.things.get("order", int(call.parts["id"]))
        if order is None:
            return error(404, "Sales order {0} not found", 101_203, call.parts["id"])
        return data(200, {"salesOrder": self._seen(order.body)})

    def _items(self, call: Call, now: float) -> Answer:
        number = int(call.parts["id"])
        if self.things.get("order", number) is None:
            return error(404, "Sales order {0} not found", 101_203, call.parts["id"])
        found = [_spelt(thing.body) for thing in self.things.of("line", number)]
        return data(200, {"salesOrderItems": found[: _size(call)]})


def _size(call: Call) -> int:
    wanted = call.query.get("$top", "")
    return min(_LARGEST_PAGE, int(wanted)) if wanted.isdecimal() else _USUAL_PAGE


_NAMES = {
    name.lower(): name
    for name in "salesOrderId salesOrderItemId lineNumber customersReferenceNumber customersReference customerId "
    "productId customersProductName productDescription requestedDeliveryDate grossPrice discountPercent".split()
}


def _spelt(value: Any) -> Any:
    """Names as the real one spells them, as far as they are known."""
    if isinstance(value, dict):
        return {_NAMES.get(name, name): _spelt(each) for name, each in value.items()}
    return [_spelt(each) for each in value] if isinstance(value, list) else value
