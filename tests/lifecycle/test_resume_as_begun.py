"""What a run was begun with stays with it: a differing flag is refused, a differing profile or environment is told."""

from __future__ import annotations

import tomllib
from collections.abc import Callable

import pytest
from lifecycle_bench import Bench, order

from sobatch.sandbox import Fault

LONG = [order(number, orderLines=[{"productCode": "1000", "price": 5.0, "quantity": 1}] * 20) for number in range(2)]
SHORT = [order(number) for number in range(2)]


def begun(made: Bench, raw: list[bytes], *flags: str) -> str:
    """A run of two parts of which the second was not sent for want of rights. The file."""
    made.erp.add_fault(Fault("submit", "custom", nth=2, times=1, status=403))
    name = made.file(raw)
    assert made("submit", name, "--max-orders", "1", *flags).code == 6
    return name


def asked_to_skip(made: Bench) -> list[bool]:
    """Whether each send asked the ERP to skip its workflow."""
    sent = [each for each in made.erp.requests() if each.place == "submit"]
    return ["skipWorkflow=true" in each.query for each in sent]


@pytest.mark.parametrize("raw", [SHORT, LONG], ids=["short", "over the limits with workflow"])
def test_without_the_flag_a_run_goes_on_as_it_was_begun(bench: Callable[..., Bench], raw: list[bytes]) -> None:
    made = bench()
    name = begun(made, raw, "--skip-workflow")
    told = made("submit", name)
    assert told.code == 0 and "skip_workflow = true" in told.err
    assert asked_to_skip(made) == [True, True, True] and set(made.created().values()) == {1}


@pytest.mark.parametrize(("first", "second"), [("--skip-workflow", "--workflow"), ((), "--skip-workflow")])
def test_a_flag_that_says_otherwise_is_refused(
    bench: Callable[..., Bench], first: str | tuple[()], second: str
) -> None:
    made = bench()
    name = begun(made, SHORT, *([first] if isinstance(first, str) else []))
    told = made("submit", name, second)
    assert told.code == 2 and "goes on with it" in told.err and made.posts() == 2
    assert made("submit", name).code == 0


@pytest.mark.parametrize("where", ["environment", "profile"])
def test_a_setting_that_says_otherwise_is_told_and_not_used(bench: Callable[..., Bench], where: str) -> None:
    made = bench()
    name = begun(made, SHORT)
    if where == "environment":
        made.settings(SKIP_WORKFLOW="true", SUBMIT_PATH="/v1/elsewhere", PART_NAME="orders")
    else:
        text = 'skip_workflow = true\nsubmit_path = "/v1/elsewhere"\npart_name = "orders"\n'
        assert tomllib.loads(text)
        (made.folder / "sobatch.toml").write_text(text)
    told = made("submit", name)
    assert told.code == 0, told.err
    for setting in ("skip_workflow = false", "submit_path = its default", "part_name = ''"):
        assert setting in told.err
    assert asked_to_skip(made) == [False, False, False] and set(made.created().values()) == {1}
