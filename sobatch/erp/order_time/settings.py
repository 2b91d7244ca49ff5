"""What can be set for Order Time: where it is and who asks, and what its documents leave open."""

from __future__ import annotations

from collections.abc import Sequence

from sobatch.core.order.setting import Measure, Setting, Where, company_label, in_flight, requests_per_second

_ACCESS, _CHECK, _READ = Where.ACCESS, Where.CHECK, Where.READ

BASE_URL = "https://services.ordertime.com/api"
# Neither number stands in a document of the vendor's; both are what several clients in use send.
RECORD_TYPE = 7
EQUALS = 1

SETTINGS: Sequence[Setting] = (
    Setting("base_url", "url", BASE_URL, "Where the API is.", _ACCESS),
    Setting("api_key", "secret", None, "The key of the company (header apiKey).", _ACCESS, secret=True),
    Setting("username", "text", None, "The user's e-mail address (header email).", _ACCESS),
    Setting("password", "secret", None, "The user's password (header password).", _ACCESS, secret=True),
    Setting("dev_key", "secret", None, "A developer's key in place of the password (DevKey).", _ACCESS, secret=True),
    company_label(),
    Setting(
        "strict_required",
        "boolean",
        False,
        "Refuse orders without the four members that the document's table requires and its text does not (SO-604).",
        _CHECK,
        example="true",
    ),
    Setting(
        "record_type",
        "count",
        RECORD_TYPE,
        "The number by which lists know sales orders (Type).",
        _READ,
        tenants=True,
    ),
    Setting(
        "equals_operator",
        "whole",
        EQUALS,
        "The number by which filters of lists know 'equals' (Operator).",
        _READ,
        tenants=True,
    ),
    in_flight(1),
    requests_per_second(1.0),
)
REQUESTS = Measure("requests", "Requests are 1 for every order, with all its lines.")
