"""Progress on standard error: bars on a terminal, a plain line now and then elsewhere, or events as JSON lines.

A stream that is gone never stops the work: progress falls silent instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol, TextIO

import orjson

from sobatch.core.place.safetext import clean
from sobatch.lifecycle.events import (
    Accepted,
    Event,
    Following,
    Planned,
    Reading,
    Said,
    Sending,
    Settled,
    Tallied,
    Waiting,
)
from sobatch.show.human import Style, count, size

_FRAME = 0.1  # seconds between two drawings of the bars
_PLAIN_INTERVAL = 15.0


class Watcher(Protocol):
    """Hears events; closed at the end."""

    def __call__(self, event: Event) -> None:
        """Show an event."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def watcher(mode: str, err: TextIO, style: Style, *, quiet: bool, terminal: bool) -> Watcher:
    """The watcher for a mode: `auto` means bars on a terminal and plain lines elsewhere."""
    if mode == "json":
        return _Lines(err)
    if mode == "none" or quiet:
        return _Plain(err, style, only_warnings=True)
    if mode == "auto" and terminal:
        return _Bars(err, style)
    return _Plain(err, style)


class _Quietly:
    """Writes until the stream is gone."""

    def __init__(self, err: TextIO) -> None:
        self._err: TextIO | None = err

    def write(self, text: str) -> None:
        if self._err is None:
            return
        try:
            self._err.write(text)
            self._err.flush()
        except (OSError, ValueError):
            self._err = None


class _Lines:
    """Events as JSON lines, for dashboards."""

    def __init__(self, err: TextIO) -> None:
        self._out = _Quietly(err)

    def __call__(self, event: Event) -> None:
        name = type(event).__name__.lower()
        self._out.write(orjson.dumps({"event": name, **asdict(event)}).decode() + "\n")

    def close(self) -> None:
        """Nothing to leave behind."""


class _Plain:
    """A line for what matters, and one now and then for what only takes long."""

    def __init__(self, err: TextIO, style: Style, *, only_warnings: bool = False) -> None:
        self._out = _Quietly(err)
        self._style = style
        self._only_warnings = only_warnings
        self._last = time.monotonic()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Said):
            if event.warning:
                self._out.write(f"{self._style.yellow('warning')}: {clean(event.text, 4000)}\n")
            elif not self._only_warnings:
                self._out.write(f"{clean(event.text, 4000)}\n")
            return
        if self._only_warnings:
            return
        now = time.monotonic()
        if isinstance(event, Planned | Accepted | Settled) or now - self._last >= _PLAIN_INTERVAL:
            text = sentence(event)
            if text:
                self._last = now
                self._out.write(text + "\n")

    def close(self) -> None:
        """Nothing to leave behind."""


class _Bars:
    """Bars of the rich library: reading, then for each part its upload and the remote work."""

    def __init__(self, err: TextIO, style: Style) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        console = Console(file=err, no_color=not style.colour, highlight=False, markup=False, force_terminal=True)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[figure]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            auto_refresh=False,  # a thread that draws would forbid forking, and could draw between two words of ours
        )
        self._drawn = 0.0
        self._tasks: dict[str, Any] = {}
        self._style = style
        self._console = console
        self._handlers: dict[type, Callable[[Any], None]] = {
            Reading: lambda e: self._bar(f"Reading {e.source}", e.done, e.total, size(e.done)),
            Sending: lambda e: self._bar(f"Sending part {e.part}", e.done, e.total, size(e.done)),
            Following: lambda e: self._bar(
                f"Part {e.part} {e.phase}",
                e.processed or 0,
                e.orders,
                f"{e.processed or 0:,} of {count(e.orders, 'order')}",
            ),
            Tallied: lambda e: self._bar("Sending orders", e.ended, None, sentence(e)),
        }
        self._progress.start()

    def __call__(self, event: Event) -> None:
        try:
            self._show(event)
        except (OSError, ValueError):
            self._handlers = {}

    def _show(self, event: Event) -> None:
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)
            return
        text = clean(event.text, 4000) if isinstance(event, Said) else sentence(event)
        if text and not isinstance(event, Waiting):
            mark = "warning: " if isinstance(event, Said) and event.warning else ""
            self._console.print(mark + text, style="yellow" if mark and self._style.colour else None)

    def _bar(self, name: str, done: int, total: int | None, figure: str) -> None:
        if name not in self._tasks:
            for other in self._tasks.values():
                self._progress.remove_task(other)
            self._tasks = {name: self._progress.add_task(clean(name, 80), total=total, figure=figure)}
        self._progress.update(self._tasks[name], completed=done, total=total, figure=figure)
        now = time.monotonic()
        if now - self._drawn >= _FRAME or done == total:
            self._drawn = now
            self._progress.refresh()

    def close(self) -> None:
        try:
            self._progress.stop()
        except (OSError, ValueError):
            return


def sentence(event: Event) -> str:
    """An event in words."""
    match event:
        case Reading(source, done, total):
            share = f" of {size(total)}" if total else ""
            return f"Reading {clean(source, 200)}: {size(done)}{share}"
        case Planned(run, parts, orders, rows):
            return f"Run {run}: {count(orders, 'order')} in {count(parts, 'part')}, {count(rows, 'row')}"
        case Sending(part, done, total):
            return f"Sending part {part}: {size(done)} of {size(total)}"
        case Accepted(part, remote_id):
            return f"Part {part} was accepted as {clean(remote_id or '(no id given)', 200)}"
        case Following(part, phase, processed, orders):
            return f"Part {part} is {phase}: {processed or 0:,} of {count(orders, 'order')}"
        case Settled(part, _, created, rejected):
            return f"Part {part}: {created:,} created, {rejected:,} rejected"
        case Tallied(_, ended, created, incomplete, rejected, unknown):
            rest = {"incomplete": incomplete, "rejected": rejected, "unknown": unknown}
            said = "".join(f", {number:,} {word}" for word, number in rest.items() if number)
            return f"{count(ended, 'order')} sent: {created:,} created{said}"
        case Waiting(seconds, why):
            return f"Waiting {seconds:.0f} s: {why}"
        case Said(text, _):
            return clean(text, 4000)
