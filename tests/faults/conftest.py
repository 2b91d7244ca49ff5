"""Worlds to break things in. They live on a memory disk where there is one: a killed process needs no real disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

if hasattr(os, "fork"):
    from fault_erp import Erp
    from fault_world import World
else:
    collect_ignore_glob = ["test_*.py"]

MEMORY = Path("/dev/shm")


@pytest.fixture
def room() -> Iterator[Path]:
    """A fast folder of one's own."""
    quick = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="sobatch-faults-", dir=quick) as folder:
        yield Path(folder)


@pytest.fixture
def world(room: Path) -> Iterator[Callable[..., World]]:
    """Make a world: its orders, and the options of its ERP."""
    with ExitStack() as stack:
        count = 0

        def make(raw: list[bytes], **options: Any) -> World:
            nonlocal count
            count += 1
            folder = room / f"world-{count}"
            folder.mkdir()
            made = World(folder, Erp(folder))
            stack.callback(made.close)
            made.erp.open(**options)
            made.configure()
            made.write(raw)
            return made

        yield make
