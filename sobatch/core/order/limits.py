"""Limits of one call. The numbers live with each ERP, beside the sentence they come from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Limits:
    """The budgets of one call; None means no such limit. `headroom` is the fraction of the rows kept free when packing.

    `max_bytes` counts the bytes of a part as sent, after gzip. `wider_lines` is the `max_lines` of the ERP's wider
    mode, None when that is chosen already or would not help. `own_numbers` names the groups whose orders must bring
    their own number, because the ERP gives them none. `repeatable` names the keys that two orders may have alike.
    """

    max_lines: int | None = None
    max_rows: int | None = None
    max_bytes: int | None = None
    max_orders: int | None = None
    headroom: float = 0.0
    wider_lines: int | None = None
    own_numbers: frozenset[str] = frozenset()
    repeatable: frozenset[str] = frozenset()

    @property
    def packed_rows(self) -> int | None:
        """The rows a part may hold: the limit less the headroom, rounded down; exactly at the limit is allowed."""
        if self.max_rows is None:
            return None
        return _packed(self.max_rows, self.headroom)


@lru_cache
def _packed(rows: int, headroom: float) -> int:
    return max(1, int(rows * (1 - Fraction(str(headroom)))))
