"""What is made from the ERPs' declarations stands as it would be made now: README tables, the sample configuration.

Make them anew with: pytest tests/test_made_texts.py --snapshot-update
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from sobatch.config.common import rows
from sobatch.config.sample import sample
from sobatch.erp import codes, names, spec_of
from sobatch.show.prose.declarations import environment_markdown, erps_markdown
from sobatch.show.prose.explanation import codes_markdown
from sobatch.work.declared import declared

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
SAMPLE = ROOT / "samples" / "sobatch.toml"
MADE: dict[str, Callable[[], str]] = {
    "codes": lambda: codes_markdown(codes().values()),
    "erps": lambda: erps_markdown(map(spec_of, names())),
    "environment": lambda: environment_markdown({erp: [*rows(spec_of(erp).settings).values()] for erp in names()}),
}


def made_sample() -> str:
    return sample(declared(), {erp: spec_of(erp).title for erp in names()})


def compared(path: Path, wanted: str, request: pytest.FixtureRequest) -> None:
    text = path.read_text(encoding="utf-8")
    if request.config.getoption("--snapshot-update"):
        path.write_text(wanted, encoding="utf-8")
    assert text == wanted, "make it anew with --snapshot-update"


@pytest.mark.parametrize("name", MADE)
def test_the_readme_has_the_table_that_would_be_made_now(name: str, request: pytest.FixtureRequest) -> None:
    text = README.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    assert text.count(begin) == text.count(end) == 1
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    compared(README, f"{before}{begin}{MADE[name]()}{end}{after}", request)


def test_the_sample_configuration_is_the_one_that_would_be_made_now(request: pytest.FixtureRequest) -> None:
    compared(SAMPLE, made_sample(), request)


def test_the_sample_shows_every_setting_of_every_erp() -> None:
    shown = tomllib.loads(re.sub(r"(?m)^#(?! )(?=\w)", "", SAMPLE.read_text(encoding="utf-8")))
    for erp in names():
        found = {*shown, *shown["profiles"][erp]}
        wanted = {row.name + ("_file" if row.secret else "") for row in rows(spec_of(erp).settings).values()}
        assert wanted - found == set()
