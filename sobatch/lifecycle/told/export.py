"""A run's journal as plain rows, for archives and for people who want to see everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sobatch.lifecycle.journal.moves import Journal
from sobatch.lifecycle.journal.rows import AttemptRow, OrderRow, PartRow, RunRow


def export(journal: Journal, run: RunRow) -> Iterator[dict[str, Any]]:
    """The run, its parts, attempts, orders and events, each with a `type`."""
    yield {"type": "run", **_plain(run)}
    for part in journal.each_part(run.id):
        yield {"type": "part", **_plain(part)}
    for attempt in journal.attempts(run.id):
        yield {"type": "attempt", **_plain(attempt)}
    for order in journal.orders(run.id):
        yield {"type": "order", **_plain(order)}
    for event in journal.events(run.id):
        yield {"type": "event", **event}


def _plain(row: RunRow | PartRow | AttemptRow | OrderRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in row.__slots__}
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()}
