"""What a command loads: an offline one nothing of the network or the journal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = (
    "httpx",
    "werkzeug",
    "tenacity",
    "filelock",
    "ijson",
    "keyring",
    "rich.progress",
    "sobatch.lifecycle.journal.moves",
)
OFFLINE_COMMANDS = (
    "--version",
    "--help",
    "submit --help",
    "validate orders.json",
    "explain SO-102",
    "estimate-rows orders.json",
    "config show",
    "split orders.json --out-dir parts",
)
SMALL = b'[{"customerId":"1","transactionType":"SO","orderLines":[{"productCode":"1","quantity":1}]}]'


@pytest.mark.parametrize("words", OFFLINE_COMMANDS)
def test_an_offline_command_loads_nothing_of_the_network_or_the_journal(words, tmp_path):
    (tmp_path / "orders.json").write_bytes(SMALL)
    code = (
        "import sys; from sobatch.cli.main import main; code = main(sys.argv[1:]);"
        f"loaded = [name for name in {HEAVY} if name in sys.modules];"
        "sys.stderr.write(f'{code} {loaded}')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PATH": "", "SOBATCH_STATE_DIR": str(tmp_path / "state")},
    )
    assert done.stderr.splitlines()[-1] == "0 []", done.stdout
    assert not (tmp_path / "state").exists()
