"""How the corpus is written down: a faulty text in which a mark stands at every place where a problem must be shown.

The mark is taken out before the run; offset, line and column are counted from where it stood, and code and pointer are
written beside the text by hand. So nothing that is expected here was copied from what sobatch says.
"""

from __future__ import annotations

from dataclasses import dataclass

MARK = "‸"
_MARK = MARK.encode()

HEADER = {"customerId": '"C1"', "transactionType": '"SO"', "responsible": '"R"', "salesPerson": '"S"'}
LINE = {"productCode": '"P1"', "quantity": "2", "price": "10.50", "glAnalysis": '[{"account": "3000"}]'}


@dataclass(frozen=True)
class Case:
    """A text with its marks, and for each mark in turn `CODE pointer` or `CODE pointer severity`."""

    name: str
    text: str | bytes
    expected: tuple[str, ...]
    arguments: tuple[str, ...] = ()

    @property
    def raw(self) -> bytes:
        """The text as bytes, with its marks."""
        return self.text if isinstance(self.text, bytes) else self.text.encode()

    @property
    def data(self) -> bytes:
        """The text as sobatch gets it."""
        return self.raw.replace(_MARK, b"")

    def places(self) -> list[tuple[int, int, int]]:
        """Offset, line and column of every mark."""
        found = []
        before, *rest = self.raw.split(_MARK)
        for piece in rest:
            row = before.rpartition(b"\n")[2].decode("utf-8", "surrogateescape")
            found.append((len(before), before.count(b"\n") + 1, len(row) + 1))
            before += piece
        return found


def members(parts: dict[str, str | None], more: str) -> str:
    """An object of such members, given as text; None leaves one out."""
    texts = [f'"{name}": {value}' for name, value in parts.items() if value is not None]
    return "{" + ", ".join([*texts, *([more] if more else [])]) + "}"


def line(more: str = "", **changed: str | None) -> str:
    """A flawless line, some members of which are other text."""
    return members({**LINE, **changed}, more)


def order(more: str = "", **changed: str | None) -> str:
    """A flawless order on one line, some members of which are other text."""
    return members({**HEADER, "orderLines": f"[{line()}]", **changed}, more)


GOOD = order()


def second(text: str) -> str:
    """An array in which this order is the second, on a line of its own."""
    return f"[{GOOD},\n  {text}\n]\n"


def with_line(text: str) -> str:
    """An array whose second order has this line as its second."""
    return second(order(orderLines=f"[{line()},\n    {text}]"))
