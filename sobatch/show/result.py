"""What a command hands over to be shown: one value for people and for programs alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from sobatch.errors import SobatchError

Facts = Mapping[str, Any]


@dataclass(slots=True)
class Result:
    """A command's answer.

    `items` is streamed (it may be long and is consumed once) under the name `items_name`; `facts` and `exit_code` are
    asked for afterwards, so that they may depend on what was streamed. `text` writes the same for people, to standard
    output; it consumes the items itself. `error` is what went wrong although there is an answer.
    """

    command: str
    facts: Callable[[], Facts]
    text: Callable[[TextIO], None]
    exit_code: Callable[[], int] = lambda: 0
    items_name: str | None = None
    items: Callable[[], Iterable[Facts]] = field(default=lambda: iter(()))
    error: SobatchError | None = None

    def streamed(self) -> Iterator[Facts]:
        """The items, once."""
        return iter(self.items())
