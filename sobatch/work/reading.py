"""What the commands that only read have in common: their settings, the codes to ignore, progress while reading."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sobatch.core.check.sources import Tap
from sobatch.core.order.spec import Code
from sobatch.core.read.scan import MAX_ORDER
from sobatch.core.read.source import Source
from sobatch.erp import codes as all_codes
from sobatch.errors import UsageError
from sobatch.work.bench import Look, Services
from sobatch.work.given import byte_size, given

_SETTINGS = (
    "erp", "set", "declared", "profile", "config", "sandbox", "company_id", "max_lines", "max_rows", "max_bytes",
    "max_orders", "headroom",
)  # fmt: skip
_STEP = 1 << 20


def services_of(parameters: Mapping[str, object]) -> Services:
    """Services for a command's parameters."""
    look = Look(str(parameters["progress"]), str(parameters["color"]), bool(parameters["quiet"]))
    return Services(given({name: parameters[name] for name in _SETTINGS if name in parameters}), look)


def max_order_of(text: str | None) -> int:
    """The cap on one order's size."""
    return byte_size(text) or MAX_ORDER


def known_codes(codes: Sequence[str] | None) -> list[str]:
    """The codes to ignore, each of which must exist and be about an order. Raises `UsageError`."""
    return [_ignorable(code) for code in codes or ()]


def _ignorable(word: str) -> str:
    code = word.strip().upper()
    if code not in all_codes():
        raise unknown_code(word)
    if code.startswith("SO-0") and code != "SO-012":
        raise UsageError(
            f"{code} cannot be ignored: text that cannot be read holds no orders to send",
            next_step=f"sobatch explain {code}",
        )
    return code


_MISTAKEN = str.maketrans("OIL", "011")


def every_code() -> Iterable[Code]:
    """All problem codes, ascending."""
    return all_codes().values()


def code_named(word: str) -> Code:
    """The entry of a code as a person may write it: `SO-104`, `so104`, `104`. Raises `UsageError`."""
    name = word.strip().upper()
    for candidate in (name, f"SO-{name.removeprefix('SO').lstrip('-_ ')}"):
        if candidate in all_codes():
            return all_codes()[candidate]
    raise unknown_code(word)


def unknown_code(word: str) -> UsageError:
    """The error for a code that does not exist, with the nearest ones."""
    name = word.strip().upper()
    likely = name[:3] + name[3:].translate(_MISTAKEN)  # the S and O in front are letters
    close = difflib.get_close_matches(likely, all_codes(), n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join(close)}? " if close else ""
    return UsageError(f"there is no problem code {word!r}", next_step=f"{hint}All of them: sobatch explain --list")


@contextmanager
def shown_reading(services: Services) -> Iterator[Tap]:
    """A tap for every source that shows how far it has been read; leaves the terminal as it was."""
    from sobatch.lifecycle.events import Reading

    watcher = services.watcher()

    def tap(source: Source) -> Callable[[bytes], object]:
        done = told = 0

        def hear(data: bytes) -> None:
            nonlocal done, told
            done += len(data)
            if done - told >= _STEP:
                told = done
                watcher(Reading(source.name, done, source.size))

        return hear

    try:
        yield tap
    finally:
        watcher.close()
