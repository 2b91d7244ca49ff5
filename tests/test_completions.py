"""The completion files are those the command line library makes, and what they ask the program is answered.

Make them anew with: pytest tests/test_completions.py --snapshot-update
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.completion import get_completion_script

ROOT = Path(__file__).parents[1]
FILES = {"bash": "sobatch.bash", "zsh": "_sobatch", "fish": "sobatch.fish", "powershell": "sobatch.ps1"}
VARIABLE = "_SOBATCH_COMPLETE"
COMMANDS = [
    "validate",
    "estimate-rows",
    "split",
    "submit",
    "status",
    "results",
    "cancel",
    "resolve",
    "explain",
    "config",
    "sandbox",
]


@pytest.mark.parametrize("shell", FILES)
def test_the_file_is_the_one_the_library_makes(shell, snapshot):
    snapshot.snapshot_dir = ROOT / "completions"
    script = get_completion_script(prog_name="sobatch", complete_var=VARIABLE, shell=shell)
    snapshot.assert_match(script + "\n", FILES[shell])


def test_there_is_no_other_file():
    assert sorted(path.name for path in (ROOT / "completions").iterdir()) == sorted(FILES.values())


def asked(shell: str, typed: str) -> list[str]:
    """What the program offers when a shell's file asks it, as far as the words go."""
    words = typed.split(" ")
    variables = {
        "bash": {"COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1)},
        "fish": {"_TYPER_COMPLETE_ARGS": typed, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
        "powershell": {"_TYPER_COMPLETE_ARGS": typed, "_TYPER_COMPLETE_WORD_TO_COMPLETE": words[-1]},
        "zsh": {"_TYPER_COMPLETE_ARGS": typed},
    }[shell]
    done = subprocess.run(
        [sys.executable, "-m", "sobatch"],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(ROOT), VARIABLE: f"complete_{shell}", **variables},
    )
    assert done.stderr == ""
    if shell == "zsh":
        return [line.split('"')[1] for line in done.stdout.splitlines() if '"' in line]
    return [line.partition("\t")[0].partition(":::")[0] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("shell", FILES)
def test_commands_options_and_values_are_offered(shell):
    assert asked(shell, "sobatch ") == COMMANDS
    assert asked(shell, "sobatch su") == ["submit"]
    assert asked(shell, "sobatch status --output nd") == ["ndjson"]
    assert "--set-aside-invalid" in asked(shell, "sobatch submit --set")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_the_bash_file_works_when_sourced(tmp_path):
    program = tmp_path / "sobatch"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sobatch "$@"\n')
    program.chmod(0o755)
    script = (
        f'source "{ROOT / "completions" / FILES["bash"]}"; complete -p sobatch; COMP_WORDS=(sobatch re); COMP_CWORD=1;'
        '_sobatch_completion sobatch; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["complete -o default -F _sobatch_completion sobatch", "results", "resolve"]


@pytest.mark.parametrize(
    ("shell", "words"),
    [
        ("zsh", ["zsh", "-f", "-n"]),
        ("fish", ["fish", "--no-config", "--no-execute"]),
    ],
)
def test_other_shells_that_are_here_understand_their_file(shell, words):
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    subprocess.run([*words, str(ROOT / "completions" / FILES[shell])], check=True, timeout=60)
