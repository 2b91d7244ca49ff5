"""Every crash point of a submit against every way the ERP can fail a send: the right exit code in each cell, and after
re-runs every order created once, or truthfully said not to be.

Four orders in four parts. The fault spoils the second send that reaches the ERP; the process dies at a moment in the
life of part 2, before it or after it. What has to come out follows from three facts alone: what the fault proves
(`Proof`), where in the life of the part the process died (`Place`), and whether the ERP shows a list of batches.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from enum import Enum
from typing import Any

import pytest
from crashes import killed_at
from fault_process import KILLED
from fault_troubles import TROUBLES, Trouble
from fault_world import World, raw_orders

PARTS = 4


class Place(Enum):
    """Where the process dies, as seen from part 2: what that leaves behind."""

    NEVER = "it does not die"
    BEFORE = "nothing of part 2 was tried"
    PART_1 = "part 1 was tried, and nothing was sent yet"
    UNSENT = "tried, and nothing was sent yet"
    ON_THE_WIRE = "tried, the request begun, and no answer is recorded"
    AFTER = "the answer is recorded"
    PART_3 = "part 3 was tried, and nothing was sent yet"


MOMENTS: dict[str, Place] = {
    "": Place.NEVER,
    "sync before": Place.BEFORE,
    "rename after": Place.BEFORE,
    "commit 2 planned before": Place.BEFORE,
    "commit 2 planned after": Place.BEFORE,
    "submit 1 asked": Place.PART_1,
    "commit 1 accepted after": Place.BEFORE,
    "commit 1 settled after": Place.BEFORE,
    "commit 2 sending before": Place.BEFORE,
    "commit 2 sending after": Place.UNSENT,
    "submit 2 asked": Place.UNSENT,
    "submit 2 piece 1": Place.ON_THE_WIRE,
    "submit 2 piece 2": Place.ON_THE_WIRE,
    "submit 2 sent": Place.ON_THE_WIRE,
    "submit 2 headers": Place.ON_THE_WIRE,
    "commit 2 accepted before": Place.ON_THE_WIRE,
    "commit 2 accepted after": Place.AFTER,
    "commit 2 unknown before": Place.ON_THE_WIRE,
    "commit 2 unknown after": Place.AFTER,
    "commit 2 refused before": Place.ON_THE_WIRE,
    "commit 2 refused after": Place.AFTER,
    "status 2 asked": Place.AFTER,
    "commit 2 finished before": Place.AFTER,
    "success 2 body": Place.AFTER,
    "commit 2 settled before": Place.AFTER,
    "commit 2 settled after": Place.AFTER,
    "commit 3 sending after": Place.PART_3,
    "commit run closed before": Place.AFTER,
    "commit run closed after": Place.AFTER,
}
LISTS: dict[str, dict[str, Any]] = {
    "no list": {"list_enabled": False},
    "list with file names": {"list_shows_file_name": True},
}
ROWS = list(itertools.product(LISTS, MOMENTS))
BEGUN = (Place.UNSENT, Place.ON_THE_WIRE)


def expected(place: Place, trouble: Trouble, *, shown: bool) -> list[int]:
    """The exit codes of the command and its re-runs.

    What the ERP has and its list shows, the next command finds; else an operator decides by what the ERP really has.
    """
    proof = trouble.proof
    codes: list[int] = [] if place is Place.NEVER else [KILLED]
    met = place in (Place.ON_THE_WIRE, Place.AFTER, Place.PART_3)
    recorded = place in (Place.AFTER, Place.PART_3)
    doubted = place in BEGUN or place in (Place.PART_1, Place.PART_3) or (recorded and proof.code == 10)
    if doubted and not shown:
        codes.append(10)
    if not met:
        codes.append(proof.code)
    if not met and proof.code in (0, 4):
        return codes
    return [*codes, proof.last if recorded or not met else 0]


def shown(world: World, *, has_list: bool) -> bool:
    """Whether a list shows every part that is in doubt."""
    world.erp.at_rest()
    return has_list and all(world.erp.batch_of(digest) for _, _, digest in world.in_doubt())


def lived_through(world: World, moment: str, *, has_list: bool) -> tuple[list[int], bool]:
    """Submit, die, and submit again until it is over. An operator helps only where no list can. The exit codes, and
    whether a list could help after the first."""
    codes = [world.submit(arm=killed_at(moment) if moment else None).code]
    world.verify(codes[-1])
    at_first = shown(world, has_list=has_list)
    while codes[-1] in (6, 7, 10, KILLED):
        if codes[-1] == 10 and not shown(world, has_list=has_list):
            world.resolve_by_truth()
        codes.append(world.submit().code)
        world.verify(codes[-1])
        assert len(codes) < 6, codes
    return codes, at_first


def check(make: Callable[..., World], listed: str, moment: str, trouble: Trouble) -> None:
    """One cell."""
    world = make(raw_orders(PARTS), **LISTS[listed])
    try:
        if trouble.action is not None:
            world.erp.fault("submit", trouble.action, nth=2, **trouble.how)
        codes, at_first = lived_through(world, moment, has_list=listed != "no list")
        place = MOMENTS[moment] if codes[0] == KILLED else Place.NEVER
        assert codes == expected(place, trouble, shown=at_first)
        posts = world.erp.posts()
        again = world.submit()
        assert (again.code, world.erp.posts()) == (codes[-1], posts), "a closed run was sent again"
    finally:
        world.close()


def diagonal(row: int) -> list[Trouble]:
    """A way through the matrix on which every moment and every trouble comes up, with and without a list."""
    return [TROUBLES[(row * 5 + column * 17) % len(TROUBLES)] for column in range(2)]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda each: each.name)
def test_a_trouble_without_a_crash(world: Callable[..., World], trouble: Trouble) -> None:
    check(world, "no list", "", trouble)


def test_the_matrix_is_large_and_the_diagonal_meets_every_trouble() -> None:
    assert len(ROWS) * len(TROUBLES) >= 2000
    assert {trouble.name for row in range(len(ROWS)) for trouble in diagonal(row)} == {each.name for each in TROUBLES}


@pytest.mark.parametrize("row", range(len(ROWS)), ids=[f"{moment or 'no death'}, {listed}" for listed, moment in ROWS])
def test_a_crash_beside_some_troubles(world: Callable[..., World], row: int) -> None:
    for trouble in diagonal(row):
        check(world, *ROWS[row], trouble)


@pytest.mark.full
@pytest.mark.parametrize(("listed", "moment"), ROWS)
def test_a_crash_beside_every_trouble(world: Callable[..., World], listed: str, moment: str) -> None:
    wrong = []
    for trouble in TROUBLES:
        try:
            check(world, listed, moment, trouble)
        except AssertionError as error:
            wrong.append(f"{trouble.name}: {error}")
    assert not wrong, "\n".join(wrong)
