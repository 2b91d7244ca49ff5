"""The settings of RamBase: where it is, who asks, and for which company."""

from __future__ import annotations

from collections.abc import Sequence

from sobatch.core.order.setting import Measure, Setting, Where, in_flight, requests_per_second

_ACCESS, _SEND = Where.ACCESS, Where.SEND

BASE_URL = "https://api.rambase.net"
TOKEN_URL = f"{BASE_URL}/oauth2/access_token"

SETTINGS: Sequence[Setting] = (
    Setting("base_url", "url", BASE_URL, "The root of the API, as the document writes it.", _ACCESS),
    Setting("token_url", "url", TOKEN_URL, "Where a login brings a token.", _ACCESS),
    Setting("client_id", "text", None, "The client's name.", _ACCESS),
    Setting("client_secret", "secret", None, "The client's secret.", _ACCESS, secret=True),
    Setting("username", "text", None, "The user who logs in; without one the client does.", _ACCESS),
    Setting("password", "secret", None, "The user's password.", _ACCESS, secret=True),
    Setting("login_target", "text", None, "The system to log in to, where there is a choice (target).", _ACCESS),
    Setting("company_id", "text", None, "The company, sent as $db.", _ACCESS, identity=True, example='"ABC-NO"'),
    Setting("test_system", "boolean", False, "Refuse to work when the login says that it is a live system.", _ACCESS),
    Setting("language", "text", None, "The language of answers, three letters ($lang).", _SEND, example='"eng"'),
    in_flight(4),
    requests_per_second(2.0),
)
REQUESTS = Measure("requests", "Requests are 1 for every order and 1 for each of its items.")
