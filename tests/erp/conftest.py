"""Fixtures of the ERP tests; what they are made of is in `erp_doubles.py`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from erp_doubles import Answerer, FakeClock, Journal, World, connection, part_at

from sobatch.erp.ports import PartFile
from sobatch.erp.unit4.api import Unit4, build


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def target_of(clock: FakeClock) -> Callable[..., tuple[Unit4, World]]:
    """Builds a target over canned answers."""

    def made(answer: Answerer | httpx.Response, **changes: Any) -> tuple[Unit4, World]:
        world = World(clock, (lambda _: answer) if isinstance(answer, httpx.Response) else answer)
        return build(connection(transport=httpx.MockTransport(world), **changes), clock), world

    return made


@pytest.fixture
def part(tmp_path: Path) -> PartFile:
    return part_at(tmp_path)
