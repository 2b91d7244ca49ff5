"""Canned answers for a dialect: look at the requests, send answers in, look at what it ends with."""

from __future__ import annotations

import json

from sobatch.erp.exchange import Answer


def answer(status, value=None):
    return Answer(status, {}, b"" if value is None else json.dumps(value).encode())


def carried(calls, *answers):
    """The requests of a generator that is given these answers, and what it ends with; None while it wants more."""
    asked, left = [], list(answers)
    try:
        call = next(calls)
        while True:
            asked.append(call)
            if not left:
                return asked, None
            call = calls.send(left.pop(0))
    except StopIteration as end:
        assert not left
        return asked, end.value
