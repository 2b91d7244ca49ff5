"""`sobatch explain`: what a problem code means, which rule it comes from, and how a mended order looks."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from sobatch.cli import options
from sobatch.errors import UsageError
from sobatch.show.result import Result
from sobatch.work.bench import Look, Services
from sobatch.work.reading import code_named, every_code

CodeName = Annotated[
    Optional[str],  # noqa: UP045
    typer.Argument(metavar="CODE", help="A problem code such as SO-104; 104 will do.", show_default=False),
]
Listed = Annotated[bool, typer.Option("--list", help="List all codes with their titles.")]


def command(
    code: CodeName = None,
    listed: Listed = False,
    output: options.Output = options.Format.TEXT,
    color: options.Color = options.Colour.AUTO,
) -> Result:
    """\b
    Explain a problem code.

    \b
    Examples:
      sobatch explain SO-104
      sobatch explain --list
      sobatch explain SO-104 --output json | jq -r .result.fix
    """
    from sobatch.show.prose import explanation

    if listed == (code is not None):
        raise UsageError("name one code, or ask for --list", next_step="sobatch explain --list")
    if code is None:
        return Result(
            "explain",
            facts=dict,
            text=lambda out: explanation.write_list(out, every_code()),
            items_name="codes",
            items=lambda: (explanation.code_facts(entry) for entry in every_code()),
        )
    entry = code_named(code)
    return Result(
        "explain",
        facts=lambda: explanation.code_facts(entry),
        text=lambda out: explanation.write_page(out, entry, Services({}, Look(color=color)).out_style),
    )
