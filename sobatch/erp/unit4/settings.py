"""What can be set for Unit4 ERPx: where it is and who asks, what a send looks like, and its limits."""

from __future__ import annotations

from collections.abc import Sequence

from sobatch.core.order.setting import Measure, Mode, Setting, Where

_ACCESS, _CHECK, _SEND, _READ = Where.ACCESS, Where.CHECK, Where.SEND, Where.READ

SETTINGS: Sequence[Setting] = (
    Setting("token_url", "url", None, "Where the identity service gives out tokens.", _ACCESS),
    Setting("client_id", "text", None, "The client's name at the identity service.", _ACCESS),
    Setting("client_secret", "secret", None, "The client's secret.", _ACCESS, secret=True),
    Setting("scope", "text", None, "What the token is asked for.", _ACCESS, example='"u4erp"'),
    Setting("username", "text", None, "Basic auth, for installations without the identity service.", _ACCESS),
    Setting("password", "secret", None, "The password that goes with it.", _ACCESS, secret=True),
    Setting(
        "company_id",
        "text",
        None,
        'The company; "default" is the user\'s own.',
        _ACCESS,
        identity=True,
        flag="--company-id",
        ignored="SO-208",
        example='"EN"',
    ),
    Setting(
        "skip_workflow",
        "boolean",
        False,
        "Create no workflow tasks; allows 1,000 lines an order.",
        _SEND,
        flag="--skip-workflow/--workflow",
        example="true",
    ),
    Setting(
        "submit_path",
        "url path",
        None,
        "The path of the batch endpoint, of which the vendor's document has two spellings.",
        _SEND,
        tenants=True,
        example='"/v1/sales-orders/batch"',
    ),
    Setting(
        "part_name", "any text", "", "The form part's name; the vendor asks for an empty one.", _SEND, tenants=True
    ),
    Setting("max_lines", "count", None, "Lines one order may have.", _CHECK, in_environment=True, example="12"),
    Setting("max_rows", "count", None, "Rows one call may make.", _CHECK, in_environment=True, example="37000"),
    Setting("headroom", "share", 0.05, "Share of the rows kept free.", _CHECK),
    Setting(
        "manual_number_types",
        "list",
        (),
        "Transaction types whose orders must bring their own number (SO-216).",
        _CHECK,
        example='["SM"]',
    ),
    Setting(
        "in_flight", "count", 1, "Parts that may be accepted but unfinished at a time.", _READ, in_environment=True
    ),
    Setting("max_results", "size", 2 << 30, "The largest list of results that is downloaded.", _READ, example='"2GiB"'),
    Setting(
        "result_index",
        "first index",
        None,
        "0 or 1: the index of a call's first order, where result lists give one.",
        _READ,
        tenants=True,
        example="0",
    ),
)
MODES: Sequence[Mode] = (
    Mode("workflow", "with workflow", {"skip_workflow": False}),
    Mode("skip", "--skip-workflow", {"skip_workflow": True}, flags="--skip-workflow"),
)
ROWS = Measure("rows", "Rows are 1 for every order and 3 for every line.")


def rows_of(lines: int) -> int:
    """Estimated database items of one order: 1 + 3 per line (the document's `Database_Rows = SUM(1 + details * 3)`)."""
    return 1 + 3 * lines
