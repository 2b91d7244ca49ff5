"""Another ERP is a folder, a line in the table of ERPs, a world with its line, and samples. Nothing else changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ORDERS = str(HERE / "samples" / "sixth" / "orders.json")


def command(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """One command of sobatch with the sixth ERP, in a folder and home of its own."""
    return subprocess.run(
        [sys.executable, str(HERE / "with_sixth.py"), *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def answer(folder: Path, *arguments: str) -> Any:
    return json.loads(command(folder, *arguments, "--output", "json").stdout)


def test_it_is_offered_and_explained(tmp_path: Path) -> None:
    told = command(tmp_path, "validate", "--help").stdout
    assert ", sixth." in told and "--most-of-one" in told
    offered = command(
        tmp_path, _SOBATCH_COMPLETE="complete_bash", COMP_WORDS="sobatch validate --erp si", COMP_CWORD="3"
    ).stdout
    assert offered.split() == ["sixth"]
    listed = command(tmp_path, "explain", "--list").stdout
    assert "SO-801  error    Reference used twice\nSO-802  warning  Too many of one item\n" in listed
    assert command(tmp_path, "explain", "802").returncode == 0


def test_its_settings_come_from_wherever_settings_come_from(tmp_path: Path) -> None:
    (tmp_path / "sobatch.toml").write_text('[profiles.x]\nerp = "sixth"\nmost_of_one = 7\nsixth_key_file = "key"\n')
    told = command(tmp_path, "config", "show", "--profile", "x", "--origin", "--output", "json", SOBATCH_BRANCH="west")
    settings = json.loads(told.stdout)["result"]["settings"]
    assert settings["branch"] == {"value": "west", "origin": "environment SOBATCH_BRANCH"}
    assert (settings["most_of_one"]["value"], settings["in_flight"]["value"]) == (7, 2)
    assert settings["sixth_key"]["value"] == "********" and "skip_workflow" not in settings
    refused = command(tmp_path, "config", "show", "--profile", "x", "--set", "company_id=EN")
    assert refused.returncode == 2 and "sixth has no setting 'company_id'" in refused.stderr
    assert "It is one of unit4" in refused.stderr and "branch" in refused.stderr


def test_its_orders_go_all_the_way(tmp_path: Path) -> None:
    found = answer(tmp_path, "validate", ORDERS, "--erp", "sixth")["result"]["problems"]
    assert [(each["code"], each["pointer"], each["rule"]) for each in found] == [("SO-802", "/1/items/0/count", "none")]
    assert answer(tmp_path, "validate", ORDERS, "--erp", "sixth", "--most-of-one", "300")["result"]["problems"] == []
    assert answer(tmp_path, "estimate-rows", ORDERS, "--erp", "sixth")["result"]["measure"] == "requests"
    (run,) = answer(tmp_path, "submit", ORDERS, "--erp", "sixth", "--sandbox")["result"]["runs"]
    assert (run["ledger"]["created"], run["company"], sorted(run["first_order_numbers"])) == (2, "north", ["1", "2"])
    status = command(tmp_path, "status", "--sandbox").stdout
    assert "created 2" in status, "a run is followed as its own ERP's"


def test_what_is_made_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from with_sixth import WORLD

    import sobatch.erp
    import sobatch.sandbox
    from sobatch.config.common import rows
    from sobatch.config.sample import sample
    from sobatch.erp import names, spec_of
    from sobatch.sandbox.worlds import WORLDS
    from sobatch.show.prose.declarations import environment_markdown, erps_markdown
    from sobatch.work.declared import declared

    monkeypatch.setattr(sobatch.erp, "__path__", [*sobatch.erp.__path__, str(HERE / "erp")])
    monkeypatch.setitem(sobatch.erp._FOLDERS, "sixth", "sobatch.erp.sixth")
    monkeypatch.setitem(WORLDS, "sixth", WORLD)
    assert "| `sixth` | The Sixth | requests | one | SO-801 to SO-802 |" in erps_markdown(map(spec_of, names()))
    variables = environment_markdown({erp: [*rows(spec_of(erp).settings).values()] for erp in names()})
    assert "| `SOBATCH_BRANCH` | sixth | The branch whose orders these are. |" in variables
    text = sample(declared(), {erp: spec_of(erp).title for erp in names()})
    assert '[profiles.sixth]\nerp = "sixth"' in text and "#most_of_one = 100" in text
