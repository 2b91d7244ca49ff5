"""The command that goes on with a run makes it the same run, and lets its orders pass the check."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import pytest
from lifecycle_bench import Bench, order

from sobatch.sandbox import Fault


@pytest.mark.parametrize("key", [(), ("--run-key", "W47"), ("--run-key", "2026 W47")], ids=str)
@pytest.mark.parametrize("aside", [(), ("--set-aside-invalid",)], ids=str)
@pytest.mark.parametrize("workflow", [(), ("--skip-workflow",)], ids=str)
def test_the_command_that_goes_on_is_whole(
    bench: Callable[..., Bench], key: tuple[str, ...], aside: tuple[str, ...], workflow: tuple[str, ...]
) -> None:
    made = bench()
    made.erp.add_fault(Fault("submit", "throttle", retry_after="900"))
    name = made.file([order(1), order(2, **({"orderLines": []} if aside else {}))])
    assert made("submit", name, *key, *aside, *workflow).code == 7
    (words,) = [step for step in made("status").run["next"] if "submit" in step]
    command = shlex.split(words, comments=True)
    assert command[:2] == ["sobatch", "submit"]
    assert command[command.index("--run-key") + 1 :][:1] == [*key[1:]] if key else "--run-key" not in command
    assert ("--set-aside-invalid" in command, "--skip-workflow" in command) == (bool(aside), bool(workflow))
    ended = made(*command[1:])
    assert ended.code == (4 if aside else 0), ended.err
    assert made.posts() == 2 and made.created().total() == (1 if aside else 2)
