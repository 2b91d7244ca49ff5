"""Everything about the pretend ERP that a test or an operator may adjust.

The vendor's document leaves much open: field names, shapes, what a limit does to the rest of a call. Each open
question is one option here, so that a client can be tried against every answer. Numbers from the document stand
beside the sentence they came from. Nothing here does any work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from ..pretend.faults import Fault


def _default_clients() -> Mapping[str, str]:
    return {"sandbox": "sandbox", "forbidden": "forbidden"}


def _default_users() -> Mapping[str, str]:
    return {"sandbox": "sandbox"}


@dataclass(frozen=True, slots=True)
class Options:
    """How this pretend ERP behaves. The defaults follow the document, or else the likeliest guess."""

    # Pace. `None`: all work is done at the next look. A number: orders per second. 0: stuck while working.
    pace: float | None = None
    start_delay: float = 0.0
    # "Valid orders are saved per page (100 sales orders at a time)."
    page_size: int = 100
    crash_after_pages: int | None = None

    # "12 detail lines / 37,000 DB rows (skipWorkflow=false) or 1,000 detail lines / 1,550,000 DB rows".
    max_lines: int = 12
    max_rows: int = 37_000
    max_lines_skip_workflow: int = 1_000
    max_rows_skip_workflow: int = 1_550_000
    # "The formula above is an approximation": the hidden truth is this many times the formula.
    row_factor: float = 1.0
    overflow: Literal["all", "tail"] = "all"

    upload_cap: int | None = None
    part_name: str = ""
    location_form: Literal["relative", "absolute", "no-status-tail"] = "relative"
    status_field: str = "status"
    rate_limit: int = 500

    clients: Mapping[str, str] = field(default_factory=_default_clients)
    users: Mapping[str, str] = field(default_factory=_default_users)
    without_rights: frozenset[str] = frozenset({"forbidden"})
    token_lifetime: float = 4500.0
    companies: frozenset[str] = frozenset({"EN", "NO", "100"})
    default_company: str = "EN"

    # Any customer and product is known, except these and those that start with the bad prefix.
    unknown_customers: frozenset[str] = frozenset({"9999"})
    unknown_products: frozenset[str] = frozenset()
    bad_prefix: str = "BAD"
    # Types whose orders bring their own number. `automatic_types=None`: every other type numbers by itself.
    manual_types: frozenset[str] = frozenset({"SM"})
    automatic_types: frozenset[str] | None = None
    numbers_in_use: frozenset[int] = frozenset()
    # "Abnormal behavior in order number assignments when orders with different transactionType values are mixed".
    mixed_type_glitch: bool = False

    result_shape: Literal["echo", "wrapper", "flat"] = "echo"
    result_index: bool = True
    results_before_finish: Literal[404, 409, "partial"] = 409
    shuffle_seed: int | None = None
    normalise_echo: bool = False
    # Both lists are empty for so many seconds after the batch has ended.
    results_delay: float = 0.0
    # Letters that are told in place of the true ones: {"K": "C"} is a batch that says it is cancelled and still saves.
    told_as: Mapping[str, str] = field(default_factory=dict)
    cancel_reply: Literal[200, 202, 204] = 200

    list_enabled: bool = True
    list_scope: Literal["user", "tenant"] = "user"
    list_delay: float = 0.0
    list_shows_file_name: bool = False
    list_shows_total_items: bool = False
    # A list of the first so many rows, the oldest first, without those that wait, or in local time labelled Z.
    list_limit: int | None = None
    list_oldest_first: bool = False
    list_hides_waiting: bool = False
    list_hours_ahead: float = 0.0

    faults: tuple[Fault, ...] = ()

    def line_limit(self, skip_workflow: bool) -> int:
        """The most detail lines one order may have in this workflow mode (POST_003)."""
        return self.max_lines_skip_workflow if skip_workflow else self.max_lines

    def row_limit(self, skip_workflow: bool) -> int:
        """The most database rows one call may store in this workflow mode (POST_004)."""
        return self.max_rows_skip_workflow if skip_workflow else self.max_rows

    def with_values(self, values: Mapping[str, Any]) -> Options:
        """These options with values from JSON laid over them; an unknown name is an error, never ignored."""
        current: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        unknown = sorted(set(values) - set(current))
        if unknown:
            raise ValueError(f"no such sandbox option: {', '.join(unknown)}")
        current.update({name: _from_json(name, value) for name, value in values.items()})
        return Options(**current)


_SETS = {
    "without_rights",
    "companies",
    "unknown_customers",
    "unknown_products",
    "manual_types",
    "automatic_types",
    "numbers_in_use",
}


def _from_json(name: str, value: Any) -> Any:
    if name == "faults":
        return tuple(Fault.from_json(each) for each in value)
    if name in _SETS and value is not None:
        return frozenset(value)
    return value
