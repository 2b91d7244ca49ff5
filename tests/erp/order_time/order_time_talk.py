"""A conversation with the dialect: the order that goes out, canned answers, and what comes of them."""

from __future__ import annotations

import json
from typing import Any

from order_time_orders import ORDER

from sobatch.erp.exchange import Answer

# Spelt as nobody's encoder would, to be seen again.
TEXT = json.dumps(ORDER).replace("42.5", "42.50").replace(": ", " :  ").encode()
MADE: dict[str, Any] = {**ORDER, "DocNo": 1042, "StatusRef": {"Id": 8, "Name": "Processing"}}


def yes(data: Any, status: int = 200) -> Answer:
    """An answer with this JSON; with another status it is no yes."""
    return Answer(status, body=json.dumps(data).encode())


def changed(**members: Any) -> Answer:
    """The order as Order Time shows it, with other members."""
    return yes({**MADE, **members})


def played(calls: Any, *answers: Answer) -> tuple[list[Any], list[str | None], Any]:
    """What a generator asks for when it is given these answers, what it kept of each, and what it ends with."""
    asked: list[Any] = []
    kept: list[str | None] = []
    answer, given = None, iter(answers)
    while True:
        try:
            call = next(calls) if answer is None else calls.send(answer)
        except StopIteration as end:
            assert next(given, None) is None, "an answer that nobody asked for"
            return asked, kept, end.value
        asked.append(call)
        answer = next(given)
        if call.step:
            kept.append(call.keep(answer))
