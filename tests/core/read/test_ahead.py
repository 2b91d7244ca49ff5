"""Helpers can only save time: what a check finds is the same with none, with several, and with some that die."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

import sobatch.core.check.one_source
import sobatch.core.read.ahead
from sobatch.core.check.one_source import Check
from sobatch.core.order.spec import Problem
from sobatch.core.read.source import open_sources
from sobatch.erp.unit4.order import SPEC

LINE = '{"productCode":"P1","quantity":2,"price":0.90,"glAnalysis":[{"percentageSplit":100}]}'


def order(number: int, more: str = "", lines: int = 1) -> str:
    rows = ",".join([LINE] * lines)
    return (
        f'{{"customerId":"{number}","transactionType":"S{number % 3}","responsible":"A","salesPerson":"B",{more}'
        f'"orderNumber":{number + 1},"orderLines":[{rows}]}}'
    )


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sobatch.core.check.one_source, "_WORTH_HELP", 0)
    monkeypatch.setattr(sobatch.core.read.ahead, "CHUNK", 4096)


def found(path: Path, helpers: int, per_code: int | None = 5) -> tuple[list[Problem], Any, list[int]]:
    check = Check(SPEC, SPEC.limits({}), helpers=helpers, per_code=per_code)
    source = open_sources([str(path)], lambda: pytest.fail("no pipe here"))[0]
    problems = list(check.problems(source))
    return problems, check.tally, list(check.faulty)


def faulty_orders(seed: int) -> list[str]:
    """Mostly good orders with all sorts of trouble among them, some of it text that looks like a boundary."""
    chance = random.Random(seed)
    kinds = (
        '"orderDate":"2026-02-30",',
        '"currencyCode":"XXL",',
        '"notes":"},\\n{\\"customerId\\"",',
        '"notes":"a },{ b",',
        '"responsible":"twice",',
        '"colour":{"unknown":[1,2]},',
        '"externalOrderId":"same",',
        '"companyId":"EN",',
    )
    made = []
    for number in range(400):
        more = chance.choice(kinds) if chance.random() < 0.1 else ""
        made.append(order(number if chance.random() > 0.01 else 7, more, chance.choice((1, 2, 13))))
    return made


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("joint", [",", ",\n", " , \r\n "])
def test_helpers_never_change_what_is_found(tmp_path: Path, seed: int, joint: str) -> None:
    path = tmp_path / "orders.json"
    path.write_text("[" + joint.join(faulty_orders(seed)) + "]")
    alone = found(path, 0)
    assert alone[1].faulty > 10 and alone[1].orders == 400
    for helpers in (1, 2, 3):
        assert found(path, helpers) == alone
    assert found(path, 2, None) == found(path, 0, None)


@pytest.mark.parametrize("wound", [",", "}", "\x00", '"', "é"])
@pytest.mark.parametrize("place", [0.01, 0.4, 0.97])
def test_helpers_never_change_where_broken_text_breaks(tmp_path: Path, wound: str, place: float) -> None:
    text = "[" + ",\n".join(faulty_orders(9)) + "]"
    at = int(len(text) * place)
    path = tmp_path / "orders.json"
    path.write_bytes((text[:at] + wound + text[at:]).encode("latin-1"))
    assert found(path, 2) == found(path, 0)


def test_a_boundary_inside_every_text_only_costs_time(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    trap = '"notes":"' + '},\\n{\\"customerId\\"' * 3 + '},{",'
    path.write_text("[" + ",".join(order(number, trap) for number in range(300)) + "]")
    assert found(path, 2) == found(path, 0)


def test_a_helper_that_dies_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "orders.json"
    path.write_text("[" + ",\n".join(faulty_orders(3)) + "]")
    alone = found(path, 0)
    fork, give, forked = os.fork, sobatch.core.read.ahead.Ahead.give, []

    def counted_fork() -> int:
        process = fork()
        if process:
            forked.append(process)
        return process

    def deadly_give(self: Any, chunk: Any) -> None:
        give(self, chunk)
        if len(forked) == 2:
            os.kill(forked.pop(), signal.SIGKILL)

    monkeypatch.setattr(os, "fork", counted_fork)
    monkeypatch.setattr(sobatch.core.read.ahead.Ahead, "give", deadly_give)
    assert found(path, 2) == alone
    assert len(forked) == 1, "one helper was killed"
