"""Which order goes into which part: grouped, packed under the budgets, order kept inside a group, deterministic.

Greedy and in one pass: an order joins its group's open part if it fits, else a new part is opened. Parts are numbered
from 1 as they are opened. Knows nothing of files; `parts` writes what is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sobatch.core.order.limits import Limits


@dataclass(slots=True)
class Load:
    """An open part: what it holds so far."""

    number: int
    group: str
    orders: int = 0
    lines: int = 0
    rows: int = 0


class Packer:
    """Decides parts order by order."""

    def __init__(self, limits: Limits, first_number: int = 1, loads: dict[str, Load] | None = None) -> None:
        self._limits = limits
        self._open = {} if loads is None else loads
        self._next = first_number
        self.parts = 0

    def load(self, group: str) -> Load | None:
        """The group's open part."""
        return self._open.get(group)

    def fits(self, group: str, rows: int) -> bool:
        """Whether an order of so many rows still fits the group's open part by count and rows (bytes: see `parts`).

        An empty part takes any order: one that is over the budget by itself stands alone.
        """
        load = self._open.get(group)
        if load is None or load.orders == 0:
            return load is not None
        limits = self._limits
        if limits.max_orders is not None and load.orders >= limits.max_orders:
            return False
        budget = limits.packed_rows
        return budget is None or load.rows + rows <= budget

    def open(self, group: str) -> Load:
        """Begin a new part for the group; the former one is closed."""
        load = self._open[group] = Load(self._next, group)
        self._next += 1
        self.parts += 1
        return load

    def add(self, group: str, lines: int, rows: int) -> Load:
        """Count an order into its group's part, opening one where needed."""
        load = self._open[group] if self.fits(group, rows) else self.open(group)
        load.orders += 1
        load.lines += lines
        load.rows += rows
        return load
