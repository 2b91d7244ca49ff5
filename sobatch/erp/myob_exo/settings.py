"""The settings of MYOB EXO: how to reach it, and what one installation made of its lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sobatch.core.order.setting import Setting, Where, company_label, in_flight, requests_per_second

# The default database's lengths, by the setting that replaces each: the member it holds for, and the usual length.
LENGTHS: Mapping[str, tuple[str, int]] = {
    "stockcode_length": ("stockcode", 23),
    "description_length": ("description", 100),
    "batchcode_length": ("batchcode", 20),
    "reference_length": ("reference", 20),
    "customerordernumber_length": ("customerordernumber", 20),
    "instructions_length": ("instructions", 255),
    "address_length": ("line", 30),
}

SETTINGS: Sequence[Setting] = (
    Setting("base_url", "url", None, "The relay or the machine that hosts the API.", Where.ACCESS,
            example='"https://exo.api.myob.com"'),
    Setting("username", "text", None, "The EXO user.", Where.ACCESS),
    Setting("password", "secret", None, "The EXO user's password.", Where.ACCESS, secret=True),
    Setting("api_key", "secret", None, "The developer key, sent as x-myobapi-key.", Where.ACCESS, secret=True),
    Setting("access_token", "secret", None, "The access token, sent as x-myobapi-exotoken.", Where.ACCESS, secret=True),
    company_label(),
    Setting("validate_first", "boolean", False, "Ask the server to complete each order, and send what it gives back.",
            Where.SEND),
    in_flight(1),
    requests_per_second(2.0),
    *(
        Setting(name, "count", usual, f"The longest {member} that this installation's database takes.", Where.CHECK,
                tenants=True)
        for name, (member, usual) in LENGTHS.items()
    ),
)  # fmt: skip
