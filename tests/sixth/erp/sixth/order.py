"""What an order of the sixth ERP is, and all that it declares of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct
from sobatch.erp.sixth.settings import SETTINGS

from sobatch.core.order.codes import Codebook
from sobatch.core.order.limits import Limits
from sobatch.core.order.setting import Measure
from sobatch.core.order.spec import Code, Finding, OrderFacts, Severity

CODES = (
    Code("SO-801", "Reference used twice", Severity.ERROR, "Two orders have one reference.", "none", "…", "…"),
    Code("SO-802", "Too many of one item", Severity.WARNING, "Nobody orders so many.", "none", "…", "…"),
)
BOOK = Codebook(CODES)


class Item(Struct, forbid_unknown_fields=True):
    """One line."""

    sku: Annotated[str, Meta(min_length=1)]
    count: Annotated[int, Meta(gt=0)]


class Order(Struct, forbid_unknown_fields=True):
    """One order."""

    ref: Annotated[str, Meta(min_length=1)]
    items: Annotated[list[Item], Meta(min_length=1)]


class SixthSpec:
    """The sixth ERP's side of `core.order.spec.Spec`."""

    name = "sixth"
    title = "The Sixth"
    settings = SETTINGS
    codes: Sequence[Code] = CODES
    modes = ()
    measures = Measure("requests", "One for each order.")
    sandbox = "sixth"
    order_type: type[Struct] = Order
    group_member = None
    keys: Mapping[str, tuple[str, str]] = {"reference": ("ref", "SO-801")}
    overruled = ()
    heavy_keys = ("items",)
    suspicious = None

    def limits(self, options: Mapping[str, Any]) -> Limits:
        """The only limit is a suspicion, kept as the lines an order may have."""
        return Limits(max_orders=options["max_orders"], wider_lines=options["most_of_one"])

    def facts(self, order: Any) -> OrderFacts:
        """Size and key."""
        ref, items = (order.ref, order.items) if isinstance(order, Order) else (order.get("ref"), order.get("items"))
        return OrderFacts("", len(items) if isinstance(items, list) else 0, 1, reference=ref or None)

    def rules(self, order: dict[str, Any], limits: Limits) -> Iterator[Finding]:
        """More of one item than is usual."""
        items = order.get("items")
        for at, item in enumerate(items if isinstance(items, list) else ()):
            count = item["count"] if isinstance(item, dict) else item.count
            if isinstance(count, int) and count > (limits.wider_lines or 0):
                yield BOOK.finding("SO-802", f"/items/{at}/count", f"{count} of one item.")

    def input_notes(self, groups: Sequence[str], orders: int, keyless: int) -> Iterator[tuple[str, Severity, str, str]]:
        """Nothing."""
        yield from ()


SPEC = SixthSpec()
