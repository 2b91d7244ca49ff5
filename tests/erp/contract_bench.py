"""Whole commands against each ERP's own rehearsal (`--sandbox`): the same verbs, whatever the ERP."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from sobatch.cli.main import main
from sobatch.erp import _FOLDERS, names, spec_of
from sobatch.sandbox.pretend.faults import Fault
from sobatch.sandbox.worlds import WORLDS, World

SAMPLES = Path(__file__).parents[2] / "samples"
ERPS = tuple(name for name in names() if find_spec(f"{_FOLDERS[name]}.api") and spec_of(name).sandbox in WORLDS)
"""Those that can be talked to, and have somebody who answers."""
LATER_CALLS = {"jtl": "lines", "rambase": "item"}
"""Where the lines of an order are made, for those that take them in a call of their own."""
BATCHES = "unit4"
"""The one that takes many orders at a time."""


@dataclass
class Contract:
    """One ERP, a file of its orders, and what its pretend server really has."""

    erp: str
    folder: Path
    capture: pytest.CaptureFixture[str]
    faults: list[Fault] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The sample's orders."""
        return self.folder / "orders.json"

    @property
    def orders(self) -> int:
        """How many there are."""
        return len(json.loads(self.file.read_bytes()))

    @property
    def place(self) -> str:
        """Where an order is made, as faults call it."""
        return "submit" if self.erp == BATCHES else "order"

    def __call__(self, command: str, *arguments: str, faults: Iterable[Fault] = ()) -> tuple[int, dict[str, Any]]:
        """Run a command: its exit code and its answer."""
        self.faults = list(faults)
        self.capture.readouterr()
        code = main([command, *arguments, "--sandbox", "--output", "json"])
        said = self.capture.readouterr()
        assert "Traceback" not in said.err, said.err
        document = json.loads(said.out)
        self.told = said.err + said.out
        return code, document

    def submit(self, *arguments: str, faults: Iterable[Fault] = ()) -> int:
        """Send the sample: the exit code."""
        return self("submit", str(self.file), *arguments, faults=faults)[0]

    def ledger(self) -> dict[str, int]:
        """What the journal says of the latest run."""
        _, document = self("status", "--offline")
        found: dict[str, int] = document["result"]["ledger"]
        assert found["adds_up"]
        return found

    @property
    def run(self) -> str:
        """The latest run."""
        return str(self("status", "--offline")[1]["result"]["run"])

    def unknown_parts(self) -> list[dict[str, Any]]:
        """The parts of the latest run that nobody knows about."""
        parts = self("status", "--offline")[1]["result"]["parts"]
        return [each for each in parts if each["state"] == "unknown"]

    def made(self) -> list[bytes]:
        """The orders that the pretend ERP has, as they came; one that was made twice stands there twice."""
        name = spec_of(self.erp).sandbox
        with WORLDS[name].open(self.folder / "state" / "sandbox" / f"{name}.sqlite", WORLDS[name].quick) as world:
            found: Any = world
            if self.erp == BATCHES:
                found.settle()
                return [each.sha256.encode() for each in found.created()]
            return [thing.raw for thing in found.made()]

    def last_id(self) -> str:
        """The id of the order that was made last."""
        name = spec_of(self.erp).sandbox
        with WORLDS[name].open(self.folder / "state" / "sandbox" / f"{name}.sqlite", WORLDS[name].quick) as world:
            found: Any = world
            return str(found.made()[-1].id)


@contextmanager
def opened_with(contract: Contract, patch: pytest.MonkeyPatch) -> Any:
    """Every world that a command opens has the contract's faults and options."""
    plain = World.open

    def opened(self: World, database: Path, values: Any) -> Any:
        world: Any = plain(self, database, {**values, **contract.options})
        world.set_faults(contract.faults)
        return world

    with patch.context() as patched:
        patched.setattr(World, "open", opened)
        yield


@pytest.fixture(params=ERPS)
def contract(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """An ERP with a fresh state folder."""
    for name in [name for name in os.environ if name.startswith(("SOBATCH_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SOBATCH_ERP", request.param)
    monkeypatch.setenv("SOBATCH_REQUESTS_PER_SECOND", "0")
    monkeypatch.setenv("SOBATCH_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    made = Contract(request.param, tmp_path, capsys)
    if made.erp == BATCHES:
        made.options = {"list_shows_file_name": True}
    made.file.write_bytes((SAMPLES / made.erp / "orders.json").read_bytes())
    with opened_with(made, monkeypatch):
        yield made
