"""The settings that every ERP has. An ERP may declare one of them again, with another default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sobatch.core.order.setting import Setting, Where

_ACCESS, _CHECK, _READ = Where.ACCESS, Where.CHECK, Where.READ

FIRST: Sequence[Setting] = (
    Setting("erp", "text", None, "Which ERP.", _READ, in_environment=True),
    Setting("base_url", "url", None, "Where the ERP's API begins.", _ACCESS),
)
LAST: Sequence[Setting] = (
    Setting("max_bytes", "size", 30_000_000, "The largest part, after gzip.", _CHECK, example='"30MB"'),
    Setting("max_orders", "count", None, "Orders one part may hold.", _CHECK, example="1000"),
    Setting("in_flight", "count", None, "What is under way at a time.", _READ, in_environment=True, example="2"),
    Setting(
        "poll_interval",
        "some seconds",
        None,
        "How often to ask; left out, quick at first, then slower.",
        _READ,
        in_environment=True,
        example='"15s"',
    ),
    Setting("timeout", "seconds", None, "How long a submit waits for the ERP.", _READ, example='"2h"'),
    Setting(
        "settle",
        "seconds",
        600.0,
        "How long the ERP may take to show or know what it was sent.",
        _READ,
        in_environment=True,
        example='"10m"',
    ),
    Setting(
        "resend_not_listed",
        "boolean",
        False,
        "DANGER: send a lost part again when the ERP's list shows its other parts by file name and not this one after "
        "`settle`; never where the list leaves out what waits in the queue.",
        _READ,
        example="true",
    ),
    Setting("retry_429", "boolean", True, "Try again when the ERP says that it is too busy to take a part.", _READ),
    Setting(
        "severity",
        "severities",
        {},
        "What a problem code is worth here: error, warning, note or ignore.",
        _CHECK,
        example='{ "SO-103" = "note" }',
    ),
    Setting(
        "proxy",
        "url",
        None,
        "Only this is used; HTTPS_PROXY and the like are not read.",
        _ACCESS,
        in_environment=False,
        example='"http://proxy.example.com:3128"',
    ),
    Setting(
        "proxy_username",
        "text",
        None,
        "Who asks, where the proxy wants to know; with a `proxy_password`.",
        _ACCESS,
        in_environment=False,
        example='"ab1234"',
    ),
    Setting("proxy_password", "secret", None, "The password for the proxy.", _ACCESS, secret=True),
    Setting(
        "ca_file",
        "path",
        None,
        "Your own certificate authority; a path starts at the folder of the file it stands in.",
        _ACCESS,
        in_environment=False,
        example='"company-ca.pem"',
    ),
    Setting("connect_timeout", "some seconds", 10.0, "How long a connection may take.", _READ, example='"10s"'),
    Setting("read_timeout", "some seconds", 30.0, "How long an answer may take.", _READ, example='"30s"'),
    Setting("send_timeout", "some seconds", 120.0, "How long the answer to a send may take.", _READ, example='"120s"'),
    Setting(
        "state_dir", "path", None, "Where the journal lives.", _READ, in_environment=True, example='"~/orders/state"'
    ),
    Setting("allow_readable_secrets", "boolean", False, "For mounted secrets that are readable by design.", _READ),
)


def rows(own: Sequence[Setting]) -> Mapping[str, Setting]:
    """All settings of an ERP by name: where it is, its own, what every ERP has."""
    mine = {each.name: each for each in own}
    common = {each.name for each in (*FIRST, *LAST)}
    return {
        **{each.name: mine.get(each.name, each) for each in FIRST},
        **{name: each for name, each in mine.items() if name not in common},
        **{each.name: mine.get(each.name, each) for each in LAST},
    }
