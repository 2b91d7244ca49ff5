"""What a helper says of a chunk of orders: a sum when every order is flawless, nothing otherwise. Plain data, so that it
crosses a pipe cheaply."""

from __future__ import annotations

import io
import marshal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sobatch.core.limits import Limits
from sobatch.core.scan import Scanner
from sobatch.core.spec import Spec
from sobatch.core.stretch import Stretch


@dataclass(slots=True)
class Sums:
    """A chunk in figures. Positions count from the chunk's beginning; the keys stand in the order of the orders."""

    orders: int = 0
    groups: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    lines_per_order: dict[int, int] = field(default_factory=Counter)
    largest: tuple[int, int, int] = (-1, 0, 0)
    """Lines, index and byte offset of the largest order."""
    numbers: list[str | None] = field(default_factory=list)
    externals: list[str | None] = field(default_factory=list)
    references: list[str | None] = field(default_factory=list)

    @staticmethod
    def of(packed: Any) -> Sums:
        """From the form that crossed the pipe."""
        return Sums(*packed)

    def packed(self) -> tuple[Any, ...]:
        """The form that crosses the pipe."""
        return (
            self.orders,
            self.groups,
            dict(self.lines_per_order),
            self.largest,
            self.numbers,
            self.externals,
            self.references,
        )


def digest_for(
    spec: Spec, limits: Limits, keys_kept: Callable[[Stretch[Any]], bool], max_order: int
) -> Callable[[bytes], bytes | None]:
    """The function that helpers run. `keys_kept` tells whether a decoded stretch lost no duplicate key."""

    def digest(text: bytes) -> bytes | None:
        sums = Sums()
        for piece in Scanner(io.BytesIO(b"[" + text + b"]"), spec.order_type, max_order=max_order):
            if not isinstance(piece, Stretch) or piece.orders is None or not keys_kept(piece):
                return None
            if not _add(sums, piece, piece.orders, spec, limits):
                return None
        return marshal.dumps(sums.packed())

    return digest


def _add(sums: Sums, stretch: Stretch[Any], orders: list[Any], spec: Spec, limits: Limits) -> bool:
    largest = -1
    for position, order in enumerate(orders):
        if spec.suspicious(order, limits):
            return False
        facts = spec.facts(order)
        count, lines, rows = sums.groups.get(facts.group, (0, 0, 0))
        sums.groups[facts.group] = (count + 1, lines + facts.lines, rows + facts.rows)
        sums.lines_per_order[facts.lines] += 1
        sums.numbers.append(facts.number)
        sums.externals.append(facts.external)
        sums.references.append(facts.reference)
        if facts.lines > max(largest, sums.largest[0]):
            largest, at = facts.lines, position
    if largest >= 0:
        # One byte less: the scanner was given a bracket in front.
        sums.largest = (largest, sums.orders + at, stretch.offset + stretch.cut()[at][0] - 1)
    sums.orders += len(orders)
    return True
