"""Canned answers for a dialect: look at the requests, send answers in, look at what it ends with."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

from sobatch.erp.exchange import Answer
from sobatch.erp.one_by_one import Call


def answer(status: int, value: Any = None) -> Answer:
    body = b"" if value is None else value if isinstance(value, bytes) else json.dumps(value).encode()
    return Answer(status, {}, body)


def carried(calls: Generator[Call, Answer, Any], *answers: Answer) -> tuple[list[Call], Any]:
    """The calls of a generator that is given these answers, and what it ends with; None while it wants more."""
    asked: list[Call] = []
    left = list(answers)
    try:
        call = next(calls)
        while True:
            asked.append(call)
            if not left:
                return asked, None
            call = calls.send(left.pop(0))
    except StopIteration as end:
        assert not left, "not every answer was asked for"
        return asked, end.value
