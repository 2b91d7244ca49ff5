"""The table of problem codes is whole, speaks plainly, and its examples of broken JSON are broken as it says."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from sobatch.core.order.codes import Code, code_of
from sobatch.core.order.spec import Severity
from sobatch.core.syntax.strict import first_fault, opening_fault
from sobatch.erp import codes, names, spec_of

CODES = codes()
PACKAGE = Path(__file__).resolve().parents[3] / "sobatch"
BROKEN = [f"SO-{number:03}" for number in (*range(30, 45), 46, 47, 49, 51, 52)]


def _used() -> set[str]:
    """Every code that the package's own source names."""
    texts = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    return {code for text in texts for code in re.findall(r'"(SO-\d{3})"', text)}


def _of_erps() -> set[str]:
    """The codes that ERPs declare for themselves, in the table or on their way into it."""
    specs = [import_module(f"sobatch.erp.{file.parent.name}.order").SPEC for file in PACKAGE.glob("erp/*/order.py")]
    return {entry.code for spec in specs for entry in spec.codes}


def test_every_code_in_use_is_in_the_table() -> None:
    assert _used() <= {*CODES, *_of_erps()}


def test_the_table_is_keyed_by_its_codes_in_order() -> None:
    assert [entry.code for entry in CODES.values()] == list(CODES)
    assert sorted(CODES) == list(CODES)


@pytest.mark.parametrize("entry", CODES.values(), ids=lambda entry: entry.code)
def test_every_entry_is_complete_and_plain(entry: Code) -> None:
    assert re.fullmatch(r"SO-\d{3}", entry.code)
    assert entry.title
    assert not entry.title.endswith(".")
    assert entry.meaning.endswith(".")
    assert 1 <= len(re.findall(r"[.?!](?:\s|$)", entry.meaning)) <= 3
    assert entry.rule
    assert entry.fix
    assert entry.example or entry.code == "SO-010"


@pytest.mark.parametrize("erp", names())
def test_an_erp_has_a_hundred_of_its_own_and_its_titles_differ(erp: str) -> None:
    own = spec_of(erp).codes
    assert len({entry.code[:4] for entry in own}) == 1 and [entry.code for entry in own] == sorted(
        {entry.code for entry in own}
    )
    assert all(spec_of(other).codes[0].code[:4] != own[0].code[:4] for other in names() if other != erp)
    every = [*(entry.title for code, entry in CODES.items() if code < "SO-200"), *(entry.title for entry in own)]
    assert len(set(every)) == len(every)


def test_what_cannot_be_read_is_an_error() -> None:
    assert {entry.severity for code, entry in CODES.items() if code < "SO-100"} == {Severity.ERROR}


@pytest.mark.parametrize("code", ["SO-211", "SO-212", "SO-213"])
def test_mere_advice_is_a_note(code: str) -> None:
    assert CODES[code].severity is Severity.NOTE


@pytest.mark.parametrize(
    ("code", "rule"), [("SO-201", "POST_003"), ("SO-202", "POST_004"), ("SO-203", "POST_007"), ("SO-206", "ISO 4217")]
)
def test_a_rule_of_the_document_is_named(code: str, rule: str) -> None:
    assert rule in CODES[code].rule


@pytest.mark.parametrize("code", BROKEN)
def test_the_example_has_the_fault_and_the_fix_has_none(code: str) -> None:
    entry = code_of(code)
    fault = first_fault(entry.example.encode())
    assert fault is not None
    assert fault.code == code
    if entry.fix.startswith("["):
        assert first_fault(entry.fix.encode()) is None


def test_the_example_of_another_format_is_recognised() -> None:
    fault = opening_fault(code_of("SO-050").example.encode())
    assert fault is not None
    assert fault.code == "SO-050"


def test_an_unknown_code_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        code_of("SO-999")
