"""Inputs that grow in one dimension each, for the promise that memory grows in none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

Orders = Callable[[int], Iterator[str]]
"""The orders of a shape as JSON texts; about so many bytes of them."""


LINE = {"productCode": "P-1", "quantity": 1, "price": 2, "glAnalysis": [{"account": "3000"}]}


def plain_order(**more: Any) -> dict[str, Any]:
    """A flawless order, with more members or others."""
    people = {"responsible": "R", "salesPerson": "S"}
    return {"customerId": "C-1", "transactionType": "42", **people, "orderLines": [LINE], **more}


def _numbered(size: int, order: Callable[[int], dict[str, Any]]) -> Iterator[str]:
    written = index = 0
    while written < size:
        text = json.dumps(order(index))
        yield text
        written += len(text)
        index += 1


def _with(member: Callable[[int], dict[str, Any]]) -> Orders:
    return lambda size: _numbered(size, lambda index: plain_order(**member(index)))


def _long_numbers(size: int) -> Iterator[str]:
    """Numbers of 40,000 digits, all different; the strange ones are only read as what they are."""
    for index in range(size // 40_000):
        line = json.dumps(LINE).replace('"price": 2', f'"price": {index}.{"1" * 40_000}')
        yield json.dumps(plain_order(orderLines=[0])).replace("[0]", f"[{line}]")


def _many_lines(size: int) -> Iterator[str]:
    line = {**LINE, "productText": "x" * 200}
    return _numbered(size, lambda index: plain_order(orderLines=[line] * 3_000))


def _bad_lines(size: int) -> Iterator[str]:
    """One order of nothing but lines that have everything wrong, 5 MB of them at most."""
    yield json.dumps(plain_order(orderLines=[{"quantity": "1"}] * min(size // 16, 300_000)))


def _deep(size: int) -> Iterator[str]:
    nested: Any = 1
    for _ in range(100):
        nested = [nested]
    return _numbered(size, lambda index: plain_order(**{f"deep{index}": [nested] * 40}))


SHAPES: Mapping[str, Orders] = {
    "clean": _with(lambda index: {"orderNumber": index + 1, "externalOrderId": f"E-{index}"}),
    "long names": _with(lambda index: {f"{index}{'n' * 50_000}": 1}),
    "long known texts": _with(lambda index: {"externalOrderId": f"{index}{'x' * 50_000}"}),
    "long references": _with(lambda index: {"externalReference": f"{index}{'x' * 50_000}", "customerId": "c" * 50_000}),
    "long groups": _with(lambda index: {"transactionType": f"{index % 400}{'t' * 50_000}"}),
    "long numbers": _long_numbers,
    "large orders": _many_lines,
    "bad lines": _bad_lines,
    "deep": _deep,
    "many groups": _with(lambda index: {"transactionType": f"T{index}"}),
    "many names": _with(lambda index: {f"member{index}": 1}),
    "many problems": _with(lambda index: {"orderLines": [{"quantity": "1"}] * 5}),
    "many warnings": _with(lambda index: {"orderDate": "2026-04-29T00:00:00", "unknown": 1}),
    "shared references": _with(lambda index: {"externalReference": "PO-1", "externalOrderId": f"E-{index // 2}"}),
}
"""What each grows in. All are valid JSON; some are no flawless orders."""


def write(path: Path, shape: str, size: int) -> Path:
    """Write an array of orders of about `size` bytes."""
    with path.open("w") as file:
        for number, text in enumerate(SHAPES[shape](size)):
            file.write("[" if number == 0 else ",\n")
            file.write(text)
        file.write("]\n")
    return path
