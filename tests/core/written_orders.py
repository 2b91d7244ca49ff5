"""Orders as people and programs write them: the bytes of each element known, in texts of every layout, and streams that
give these texts in pieces of any size."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from sobatch.core.read.source import Source

PRICES = [
    "50.0",
    "0.90",
    "1e2",
    "1E+2",
    "123456789012345678901234567890",
    "0.1000000000000000000000000000001",
    "7",
    "0",
]
TEXTS = [
    '"a"', '"Ås"', '"\\u00c5s"', '"漢字"', '"😀"', '"\\ud83d\\ude00"', '"a\\"b"', '"c\\\\"', '"line\\r\\nbreak"',
    '"},{"', '"}]"', '"[{"', '"\\/"', '"e\u0301"', '"\u2028"', '" "', '""',
]  # fmt: skip
TYPES = ["SO", "SR", "SM", "Å"]
READ_SIZES = (1, 2, 3, 7, 64, 4096, 1 << 20)
BLANKS = ["", " ", "\n", "\r\n", "\t", "  \n  "]

blanks = st.sampled_from(BLANKS)
texts = st.sampled_from(TEXTS)


class Pieces(io.BytesIO):
    """A stream that gives at most so many bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._size if size is None or size < 0 else min(size, self._size))


def source_of(data: bytes, size: int = 1 << 20) -> Source:
    """A source that is read in pieces of this size."""
    return Source("orders", lambda: Pieces(data, size), len(data), None)


@st.composite
def lines(draw: st.DrawFn) -> str:
    """One flawless line."""
    colon = draw(st.sampled_from([":", ": ", " : "]))
    members = [
        f'"productCode"{colon}"P{draw(st.integers(0, 9))}"',
        f'"quantity"{colon}{draw(st.sampled_from(["1", "2.50", "1e1", "12345678901234567890"]))}',
        f'"price"{colon}{draw(st.sampled_from(PRICES))}',
        f'"glAnalysis"{colon}[{{"account"{colon}{draw(texts)}}}]',
        f'"productText"{colon}{draw(texts)}',
    ]
    return "{" + ", ".join(draw(st.permutations(members))) + "}"


@st.composite
def orders(draw: st.DrawFn) -> bytes:
    """One flawless order."""
    space = draw(blanks)
    members = [
        '"customerId": "C1"',
        f'"transactionType": "{draw(st.sampled_from(TYPES))}"',
        '"responsible": "R"',
        '"salesPerson": "S"',
        f'"notes": {draw(texts)}',
        f'"orderLines": [{", ".join(draw(st.lists(lines(), min_size=1, max_size=3)))}]',
    ]
    return ("{" + space + f",{space}".join(draw(st.permutations(members))) + space + "}").encode()


# Elements that are no orders, or no sound ones.
odd = st.sampled_from(
    [
        b"17",
        b"null",
        b'"}, {"',
        b"[]",
        b"[[{}], 1]",
        b"{}",
        b'{"customerId": 1}',
        b'{"a": "}]"}',
        b"-0.5e3",
        b'{"a": {}}',
    ]
)


@dataclass(frozen=True)
class Written:
    """A text and its elements, byte for byte."""

    text: bytes
    elements: list[bytes]


@st.composite
def arrays(draw: st.DrawFn, element: st.SearchStrategy[bytes] | None = None) -> Written:
    """An array of elements with blanks of any kind between."""
    elements = draw(st.lists(element if element is not None else orders(), max_size=12))
    gap: Callable[[], str] = lambda: draw(blanks)  # noqa: E731
    regular = draw(st.none() | st.sampled_from([",", ", ", ",\n", " ,\r\n"]))
    text = gap() + "["
    parts = [text.encode()]
    for number, each in enumerate(elements):
        parts.append((gap() if regular is None else "").encode())
        parts.append(each)
        if number < len(elements) - 1:
            parts.append((regular if regular is not None else gap() + ",").encode())
    parts.append((gap() + "]" + gap()).encode())
    return Written(b"".join(parts), elements)


@st.composite
def records(draw: st.DrawFn) -> Written:
    """One order a line, with blank lines between."""
    found = [
        each.replace(b"\r", b" ").replace(b"\n", b" ") for each in draw(st.lists(orders(), min_size=1, max_size=12))
    ]
    ends = [draw(st.sampled_from(["\n", "\r\n", "\n\n", " \n \n"])) for _ in found]
    ends[-1] = draw(st.sampled_from(["", "\n", "\r\n\n"]))
    return Written(b"".join(each + end.encode() for each, end in zip(found, ends, strict=True)), found)
