"""Why an order was set aside: its errors with their places in the user's file, kept for the results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sobatch.core.check.sources import Placer
from sobatch.core.order.spec import Problem, Severity
from sobatch.core.read.source import Source


def reasons(source: Source, problems: Iterable[Problem]) -> Mapping[int, list[dict[str, Any]]]:
    """The errors of each order by its index, as messages like those of the ERP; reads the source as far as the last."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    placer = Placer(source)
    try:
        for problem in problems:
            if problem.index is not None and problem.severity is Severity.ERROR:
                found[problem.index].append(_message(placer, problem))
    finally:
        placer.close()
    return found


def _message(placer: Placer, problem: Problem) -> dict[str, Any]:
    placed = placer.placed(problem)
    message = {"text": f"{problem.message} [{problem.code}]", "pointer": problem.pointer, "offset": problem.offset}
    return message if placed.line is None else {**message, "line": placed.line, "column": placed.column}
