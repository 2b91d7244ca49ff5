"""What can be set for JTL-Wawi Cloud: where it is and who asks, and what a send looks like."""

from __future__ import annotations

from collections.abc import Sequence

from sobatch.core.order.setting import Measure, Setting, Where, in_flight, number_unique, requests_per_second

_ACCESS, _SEND, _READ = Where.ACCESS, Where.SEND, Where.READ

BASE_URL = "https://api.jtl-cloud.com/erp"
TOKEN_URL = "https://auth.jtl-cloud.com/oauth2/token"
API_VERSION = "1.1"  # "If not provided, the last available version is set", and that one has another order

SETTINGS: Sequence[Setting] = (
    Setting("base_url", "url", BASE_URL, "The root of the ERP's API, as the document writes it.", _ACCESS),
    Setting("token_url", "url", TOKEN_URL, "Where the identity service gives out tokens.", _ACCESS),
    Setting("client_id", "text", None, "The client's name at the identity service.", _ACCESS),
    Setting("client_secret", "secret", None, "The client's secret.", _ACCESS, secret=True),
    Setting("scope", "text", None, "What the token is asked for; nothing, if the service does not mind.", _ACCESS),
    Setting("tenant_id", "text", None, "The tenant whose ERP it is (x-tenant-id, a uuid).", _ACCESS, identity=True),
    Setting("app_id", "text", "sobatch/1.0", "The name of your application (x-appid).", _ACCESS),
    Setting("app_version", "text", "1.0", "The version of your application (x-appversion).", _ACCESS),
    Setting(
        "api_key",
        "secret",
        None,
        "The API key (x-api-key); without client_id it is the whole access, as an on-premise JTL-Wawi takes it.",
        _ACCESS,
        secret=True,
    ),
    Setting("run_as", "text", None, "The user on whose behalf it is done (x-runas, an int or a uuid).", _ACCESS),
    Setting(
        "api_version",
        "text",
        API_VERSION,
        "The version of the API (api-version); without one the service takes its newest.",
        _SEND,
    ),
    Setting(
        "rename_existing",
        "boolean",
        False,
        "Let JTL give an order another Number when its own is taken (renameSalesOrderNumberWhenAlreadyExists).",
        _SEND,
    ),
    Setting(
        "disable_workflows",
        "boolean",
        False,
        "Let JTL start no automatic workflows (disableAutomaticWorkflows).",
        _SEND,
    ),
    Setting(
        "tag_orders",
        "boolean",
        False,
        "Give an order without an ExternalNumber one of sobatch's own, by which it is found when its answer is lost.",
        _SEND,
    ),
    in_flight(4),
    requests_per_second(0),
    number_unique(),
)
REQUESTS = Measure("requests", "Requests are 1 for every order and 1 for all its lines together.")
