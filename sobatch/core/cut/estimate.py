"""Count orders, lines and rows of a source and the parts they need, whatever else is wrong with the orders.

Needs no spec's rules: an order that could never be sent is counted too, and told apart only by its size. What the
bytes of a part weigh after gzip is not estimated; a limit on bytes can only add parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sobatch.core.check.sources import Placed, Placer, broken_problem, unreadable_problem
from sobatch.core.check.tally import Tally
from sobatch.core.cut.packer import Packer
from sobatch.core.cut.shelf import Shelf
from sobatch.core.order.limits import Limits
from sobatch.core.order.spec import MOST_GROUPS, OrderFacts, Spec
from sobatch.core.read.orders import facts
from sobatch.core.read.scan import MAX_ORDER, Broken
from sobatch.core.read.source import Source
from sobatch.errors import InputError


@dataclass(slots=True)
class Plan:
    """The parts needed under some limits. Orders that no part may hold are counted in `too_large` and left out.

    `groups` tells the parts of the first groups only, where there are more than `MOST_GROUPS`."""

    limits: Limits
    parts: int = 0
    groups: dict[str, int] = field(default_factory=dict)
    too_large: int = 0
    first_too_large: int | None = None


class _Planning:
    def __init__(self, limits: Limits) -> None:
        self.plan = Plan(limits)
        self._loads = Shelf()
        self._packer = Packer(limits, loads=self._loads)

    def add(self, index: int, facts: OrderFacts) -> None:
        limits, plan = self.plan.limits, self.plan
        over_lines = limits.max_lines is not None and facts.lines > limits.max_lines
        if over_lines or (limits.max_rows is not None and facts.rows > limits.max_rows):
            plan.too_large += 1
            plan.first_too_large = index if plan.first_too_large is None else plan.first_too_large
            return
        if self._packer.add(facts.group, facts.lines, facts.rows).orders == 1:
            plan.parts += 1
            if facts.group in plan.groups or len(plan.groups) < MOST_GROUPS:
                plan.groups[facts.group] = plan.groups.get(facts.group, 0) + 1

    def close(self) -> None:
        self._loads.close()


@dataclass(slots=True)
class Estimate:
    """The sums of one source and its plans, one for each set of limits; `broken` is where its text breaks."""

    file: str
    tally: Tally
    plans: list[Plan]
    broken: list[Placed] = field(default_factory=list)


def estimate(
    source: Source,
    spec: Spec,
    limits: list[Limits],
    tap: Callable[[bytes], object] | None = None,
    *,
    max_order: int = MAX_ORDER,
) -> Estimate:
    """Read a source to its end, or as far as it can be read."""
    plannings = [_Planning(each) for each in limits]
    done = Estimate(source.name, Tally(), [planning.plan for planning in plannings])
    placer = Placer(source, excerpts=True)
    try:
        for found in facts(source.open(tap), spec, max_order=max_order):
            if isinstance(found, Broken):
                _break(done, placer, found)
            else:
                _count(done.tally, plannings, found)
    except InputError as error:
        done.broken.append(placer.placed(unreadable_problem(source, error, done.tally)))
    finally:
        placer.close()
        for planning in plannings:
            planning.close()
    return done


def _count(tally: Tally, plannings: list[_Planning], found: OrderFacts) -> None:
    index = tally.elements
    tally.add(index, found)
    for planning in plannings:
        planning.add(index, found)


def _break(done: Estimate, placer: Placer, piece: Broken) -> None:
    tally = done.tally
    problem = broken_problem(piece, tally.elements)
    tally.unreadable += piece.recovered
    if len(done.broken) < 3:
        done.broken.append(placer.placed(problem))
