"""The pages of `explain`, and the list of all codes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any, TextIO

from sobatch.core.order.spec import Code
from sobatch.show.human import Style

_WIDTH = 88


def code_facts(entry: Code) -> dict[str, Any]:
    """A code as plain data."""
    return {
        "code": entry.code,
        "title": entry.title,
        "severity": entry.severity.value,
        "meaning": entry.meaning,
        "rule": entry.rule,
        "example": entry.example,
        "fix": entry.fix,
    }


def write_page(out: TextIO, entry: Code, style: Style) -> None:
    """One code's page."""
    out.write(f"{style.bold(f'{entry.code}  {entry.title}')}  ({entry.severity.value})\n\n")
    out.write(_wrapped(entry.meaning) + "\n\n")
    out.write(f"{style.bold('Rule')}\n{_wrapped(entry.rule)}\n\n")
    if entry.example:
        out.write(f"{style.bold('Example')}\n{_indented(entry.example)}\n\n")
    out.write(f"{style.bold('Instead')}\n{_indented(entry.fix)}\n")


def write_list(out: TextIO, codes: Iterable[Code]) -> None:
    """These codes, one a line."""
    for entry in codes:
        out.write(f"{entry.code}  {entry.severity.value:<8} {entry.title}\n")


def codes_markdown(codes: Iterable[Code]) -> str:
    """The table of these codes as the README has it."""
    rows = ["| code | severity | what | rule |", "|---|---|---|---|"]
    for entry in codes:
        cells = (entry.code, entry.severity.value, entry.title, entry.rule)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _indented(text: str) -> str:
    return textwrap.indent(text, "  ", lambda line: True)
