"""An order of the user's beside one that Order Time shows: whether they are the same, differ, or cannot be compared."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Any

from sobatch.erp.exchange import Answer
from sobatch.erp.order_time.answers import docno_of

_CLOSE = 1e-9


class Likeness(StrEnum):
    """What comparing came to."""

    SAME = "same"
    """Reference, customer and lines are shown and agree, and nothing that is shown beside them differs."""
    SIMILAR = "similar"
    """It has our reference, and something differs or is not shown."""
    FOREIGN = "foreign"
    """It has another reference, or another customer."""


class Ours:
    """One order as the user wrote it, as data."""

    def __init__(self, order: bytes) -> None:
        self.data = Answer(200, body=order).json()

    @property
    def reference(self) -> str | None:
        """Its CustomerPO; None when it has none."""
        value = _member(self.data, "CustomerPO")
        return value if isinstance(value, str) and value.strip() else None

    @property
    def customer(self) -> int | None:
        """The Id of its customer; None when it is known by name only."""
        return _id(_member(self.data, "CustomerRef"))

    def number_in(self, answer: Answer) -> str | None:
        """The DocNo that an answer to the order gives it; None when the answer may be about another one.

        A reference or a customer that is shown has to be ours. Lines may be more: Order Time may add some.
        """
        shown = answer.json()
        po, theirs = self.reference, _member(shown, "CustomerPO")
        other_po = po is not None and isinstance(theirs, str) and theirs.strip() != po.strip()
        other = _same_ref(_member(self.data, "CustomerRef"), _member(shown, "CustomerRef")) is False
        return None if other_po or other else docno_of(shown)

    def likeness(self, shown: Any) -> Likeness:
        """Whether an order that Order Time shows is this one."""
        theirs = _member(shown, "CustomerPO")
        customer = _same_ref(_member(self.data, "CustomerRef"), _member(shown, "CustomerRef"))
        reference = self.reference or ""
        if customer is False or (isinstance(theirs, str) and _bare(theirs) != _bare(reference)):
            return Likeness.FOREIGN
        said = [
            customer,
            theirs == reference,
            self._lines_agree(_member(shown, "LineItems")),
            *(_unless_hidden(_same_ref, self.data, shown, each) for each in ("ShipToRef",)),
            *(_unless_hidden(_same_moment, self.data, shown, each) for each in ("Date", "PromiseDate")),
        ]
        return Likeness.SAME if all(said) else Likeness.SIMILAR

    def _lines_agree(self, shown: Any) -> bool:
        lines = _member(self.data, "LineItems")
        lines = lines if isinstance(lines, list) else []
        if not isinstance(shown, list) or len(shown) != len(lines):
            return False
        return all(_same_line(mine, theirs) for mine, theirs in zip(lines, shown, strict=True))


def _unless_hidden(same: Any, mine: Any, theirs: Any, member: str) -> bool:
    """Whether a member does not differ; one that is not shown, or that the order leaves to Order Time, does not."""
    wanted, shown = _member(mine, member), _member(theirs, member)
    return wanted is None or shown is None or same(wanted, shown) is not False


def _same_line(mine: Any, theirs: Any) -> bool:
    item = _same_ref(_member(mine, "ItemRef"), _member(theirs, "ItemRef"))
    figures = all(_same_figure(_member(mine, each), _member(theirs, each)) for each in ("Quantity", "Price"))
    return item is True and figures


def _same_ref(mine: Any, theirs: Any) -> bool | None:
    """Whether two references mean one record: by Id, else by Name; None when they have nothing in common to tell."""
    first, second = _id(mine), _id(theirs)
    if first is not None and second is not None:
        return first == second
    names = [_member(each, "Name") for each in (mine, theirs)]
    if all(isinstance(name, str) and name.strip() for name in names):
        return bool(_bare(names[0]) == _bare(names[1]))
    return None


def _same_figure(mine: Any, theirs: Any) -> bool:
    figures = [each for each in (mine, theirs) if isinstance(each, int | float) and not isinstance(each, bool)]
    return len(figures) == 2 and math.isclose(figures[0], figures[1], rel_tol=_CLOSE)


def _same_moment(mine: Any, theirs: Any) -> bool:
    """Whether two times name the same day: the time of day may be cut off."""
    return isinstance(mine, str) and isinstance(theirs, str) and mine[:10] == theirs[:10]


def _id(ref: Any) -> int | None:
    number = _member(ref, "Id")
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None


def _member(data: Any, name: str) -> Any:
    return data.get(name) if isinstance(data, dict) else None


def _bare(text: str) -> str:
    return text.strip().casefold()
