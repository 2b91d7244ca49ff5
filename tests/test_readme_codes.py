"""The README's table of problem codes is the one that `sobatch explain` is made from."""

from __future__ import annotations

from pathlib import Path

from sobatch.show.prose.explanation import codes_markdown

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- codes -->", "<!-- /codes -->"


def test_the_readme_lists_the_codes_of_the_table():
    text = README.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    table = text.split(BEGIN)[1].split(END)[0].strip() + "\n"
    assert table == codes_markdown(), (
        "paste what sobatch.show.prose.explanation.codes_markdown() returns between the marks"
    )
