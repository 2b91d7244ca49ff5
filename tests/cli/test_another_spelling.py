"""The same content for another spelling of the company: at a terminal it is asked about, and then its orders."""

from __future__ import annotations

import pytest
from sending_door import orders


@pytest.mark.parametrize(("typed", "code", "sends"), [("y\ny\n", 0, 2), ("y\nn\n", 11, 1), ("n\n", 11, 1), ("", 11, 1)])
def test_another_spelling_is_asked_about(door, pretend, typed, code, sends):
    world = pretend(companies=frozenset({"EN", "en"}))
    name = door.file("orders.json", orders(2))
    assert door("submit", name, "--company-id", "EN").code == 0
    told = door.at_terminal("submit", name, "--company-id", "en", typed=typed)
    assert told.code == code, told.err
    assert "Is company en another company?" in told.err
    assert sum(each.place == "submit" for each in world.requests()) == sends
