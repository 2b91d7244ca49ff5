"""What is made from the ERPs' declarations: the README's tables stand as they would be made now.

Make them anew with: pytest tests/test_made_texts.py --snapshot-update
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sobatch.erp import codes
from sobatch.show.prose.explanation import codes_markdown

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
MADE: dict[str, Callable[[], str]] = {
    "codes": lambda: codes_markdown(codes().values()),
}


@pytest.mark.parametrize("name", MADE)
def test_the_readme_has_the_table_that_would_be_made_now(name: str, request: pytest.FixtureRequest) -> None:
    text = README.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    assert text.count(begin) == text.count(end) == 1
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    wanted = f"{before}{begin}{MADE[name]()}{end}{after}"
    if request.config.getoption("--snapshot-update"):
        README.write_text(wanted, encoding="utf-8")
    assert text == wanted, "make it anew with --snapshot-update"
