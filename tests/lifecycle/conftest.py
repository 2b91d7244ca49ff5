"""Fixtures of the lifecycle tests; what they are made of is in `lifecycle_bench.py`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from lifecycle_bench import Bench, Clock

from sobatch.sandbox import Options, Sandbox, serve


@pytest.fixture
def bench(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Bench]]:
    """Set up a bench; its arguments are the options of the pretend ERP."""
    for name in [name for name in os.environ if name.startswith(("SOBATCH_", "XDG_"))]:
        monkeypatch.delenv(name)
    with ExitStack() as stack:

        def made(**options: Any) -> Bench:
            clock, folder = Clock(), tmp_path / "work"
            folder.mkdir()
            monkeypatch.chdir(folder)
            monkeypatch.setenv("HOME", str(tmp_path))
            erp = stack.enter_context(
                Sandbox(tmp_path / "erp.sqlite", Options(**{"rate_limit": 10**9, **options}), clock.now)
            )
            url = stack.enter_context(serve(erp)).url
            bench = Bench(folder, clock, erp, capsys, monkeypatch)
            bench.settings(
                BASE_URL=url,
                TOKEN_URL=f"{url}/identity/connect/token",
                CLIENT_ID="sandbox",
                CLIENT_SECRET="sandbox",
                COMPANY_ID="EN",
                STATE_DIR=str(bench.state),
            )
            return bench

        yield made
