"""A pretend ERP that listens on this machine, for the ERP in force, and what another process sets to reach it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sobatch.erp import names
from sobatch.errors import UsageError
from sobatch.sandbox.worlds import WORLDS, World
from sobatch.work.bench import Services


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A world that listens. `places` and `access` are the variables that say where it is, and who asks."""

    title: str
    url: str
    places: Mapping[str, str]
    access: Mapping[str, str]


@contextmanager
def rehearsal(
    services: Services, port: int, database: Path | None, options: str | None, pace: float | None
) -> Iterator[Rehearsal]:
    """Serve until the block ends. `options` is a JSON object. Raises `UsageError` for an option that the world does not
    have or a port in use."""
    from sobatch.sandbox.server import serve

    name = services.spec.sandbox
    world, place = WORLDS[name], database or services.state / f"served-{name}.sqlite"
    with _opened(world, place, options, pace) as application:
        try:
            server = serve(application, "127.0.0.1", port)
        except OSError as error:
            raise UsageError(
                f"port {port} cannot be used: {error.strerror}", next_step="Choose another --port."
            ) from None
        with server:
            yield _told(services.profile.erp, world, server.url)


def _opened(world: World, place: Path, options: str | None, pace: float | None) -> AbstractContextManager[Any]:
    try:
        values = json.loads(options) if options else {}
        if not isinstance(values, dict):
            raise ValueError("not an object")
        return world.open(place, {**values, **({} if pace is None else {"pace": pace})})
    except (ValueError, TypeError, AttributeError) as error:
        why = str(error) if isinstance(error, ValueError) else "a value is not of the kind that its option takes"
        raise UsageError(
            f"--options is not understood: {why}",
            next_step=f"Give a JSON object with any of: {', '.join(world.options())}.",
        ) from None


def _told(erp: str, world: World, url: str) -> Rehearsal:
    reached = world.reached(url)
    if erp != names()[0]:
        reached = {"erp": erp, **reached}
    at = {name for name, value in reached.items() if url in value or name == "erp"}
    variables = {name: f"SOBATCH_{name.upper()}" for name in reached}
    return Rehearsal(
        world.title,
        url,
        {variables[name]: value for name, value in reached.items() if name in at},
        {variables[name]: value for name, value in reached.items() if name not in at},
    )
