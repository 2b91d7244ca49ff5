"""Every sample does what its name says, through the command a user would type."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sobatch.cli.main import main

SAMPLES = Path(__file__).resolve().parents[1] / "samples"

# Exit code and all codes of each file.
UNIT4: dict[str, tuple[int, set[str]]] = {
    "minimal.json": (0, set()),
    "complete.json": (0, {"SO-212"}),
    "orders.json": (0, {"SO-211"}),
    "orders.json.gz": (0, {"SO-211"}),
    "orders.ndjson": (0, {"SO-211"}),
    "order-number-twice.json": (3, {"SO-203"}),
}
FAULTY: dict[str, tuple[int, set[str]]] = {
    "empty-input.json": (3, {"SO-010"}),
    "one-order-without-array.json": (3, {"SO-011"}),
    "empty-array.json": (3, {"SO-012"}),
    "utf-16.json": (3, {"SO-013"}),
    "byte-order-mark.json": (3, {"SO-014"}),
    "latin-1.json": (3, {"SO-015"}),
    "nul-byte.json": (3, {"SO-016"}),
    "gzip-cut.json.gz": (3, {"SO-017"}),
    "zstd-bomb.json.zst": (3, {"SO-018"}),
    "gzip-damaged.json.gz": (3, {"SO-019"}),
    "order-too-large.json.gz": (3, {"SO-020"}),
    "stray-character.json": (3, {"SO-030"}),
    "trailing-comma.json": (3, {"SO-031"}),
    "missing-comma.json": (3, {"SO-032"}),
    "bad-record.ndjson": (3, {"SO-032"}),
    "single-quotes.json": (3, {"SO-033"}),
    "comment.json": (3, {"SO-034"}),
    "nan.json": (3, {"SO-035"}),
    "two-arrays-glued.json": (3, {"SO-036"}),
    "line-break-in-text.json": (3, {"SO-037"}),
    "cut-file.json": (3, {"SO-038"}),
    "bad-escape.json": (3, {"SO-039"}),
    "decimal-comma.json": (3, {"SO-040"}),
    "python-words.json": (3, {"SO-041"}),
    "name-without-quotes.json": (3, {"SO-042"}),
    "half-a-character.json": (3, {"SO-043"}),
    "missing-colon.json": (3, {"SO-044"}),
    "nested-too-deeply.json": (3, {"SO-045"}),
    "wrong-bracket.json": (3, {"SO-046"}),
    "two-commas.json": (3, {"SO-047"}),
    "number-too-large.json": (3, {"SO-048"}),
    "typographic-quotes.json": (3, {"SO-049"}),
    "csv-not-json.json": (3, {"SO-050"}),
    "quotation-mark-lost.json": (3, {"SO-051"}),
    "member-without-value.json": (3, {"SO-052"}),
    "order-is-a-number.json": (3, {"SO-101"}),
    "customer-missing.json": (3, {"SO-102"}),
    "price-missing.json": (0, {"SO-103"}),
    "customer-as-number.json": (3, {"SO-104"}),
    "no-lines.json": (3, {"SO-105"}),
    "text-too-long.json": (0, {"SO-106"}),
    "discount-out-of-range.json": (0, {"SO-107"}),
    "impossible-date.json": (3, {"SO-108"}),
    "date-in-another-format.json": (3, {"SO-109"}),
    "unknown-member.json": (0, {"SO-110"}),
    "name-used-twice.json": (0, {"SO-111"}),
    "lines-used-twice.json": (3, {"SO-112"}),
    "too-many-lines.json": (3, {"SO-201"}),
    "above-the-row-limit.json.gz": (3, {"SO-201", "SO-202"}),
    "order-number-twice.json": (3, {"SO-203"}),
    "external-id-twice.json": (0, {"SO-204"}),
    "split-not-100.json": (0, {"SO-205"}),
    "unknown-currency.json": (0, {"SO-206"}),
    "unusual-period.json": (0, {"SO-207"}),
    "company-inside-an-order.json": (0, {"SO-208"}),
    "date-in-1900.json": (0, {"SO-209"}),
    "amount-disagrees.json": (0, {"SO-210"}),
    "several-transaction-types.json": (0, {"SO-211"}),
    "only-one-order.json": (0, {"SO-212"}),
    "quantity-zero.json": (0, {"SO-214"}),
    "delivery-before-order.json": (0, {"SO-215"}),
    "reference-shared.json": (0, {"SO-217"}),
    "order-number-missing.json": (0, set()),  # only a profile knows which types want one, see below
}


def validated(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["validate", *arguments, "--output", "json"])
    return code, json.loads(capsys.readouterr().out)


def codes(answer: dict[str, Any]) -> set[str]:
    return {problem["code"] for problem in answer["result"]["problems"]}


@pytest.mark.parametrize(("folder", "table"), [("unit4", UNIT4), ("faulty", FAULTY)])
def test_every_sample_is_in_the_table(folder: str, table: dict[str, Any]) -> None:
    assert {path.name for path in (SAMPLES / folder).iterdir()} == set(table)


@pytest.mark.parametrize(
    ("file", "exit_code", "expected"),
    [
        (f"{folder}/{name}", *row)
        for folder, table in (("unit4", UNIT4), ("faulty", FAULTY))
        for name, row in table.items()
    ],
)
def test_a_sample_is_wrong_in_the_way_of_its_name(
    file: str, exit_code: int, expected: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = validated(capsys, str(SAMPLES / file))
    assert (code, codes(answer)) == (exit_code, expected)
    assert answer["exit_code"] == code


def test_what_is_only_suspicious_is_an_error_when_strict(capsys: pytest.CaptureFixture[str]) -> None:
    for name, (exit_code, expected) in FAULTY.items():
        if exit_code == 0:
            code, answer = validated(capsys, str(SAMPLES / "faulty" / name), "--strict")
            assert (name, code) == (name, 0 if expected <= {"SO-211", "SO-212", "SO-217"} else 3)
            assert codes(answer) == expected


def test_a_type_with_numbers_of_its_own_wants_one_in_each_order(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(SAMPLES / "faulty" / "order-number-missing.json")
    code, answer = validated(capsys, file, "--set", "manual_number_types=SM")
    assert (code, [(each["code"], each["pointer"]) for each in answer["result"]["problems"]]) == (
        3,
        [("SO-216", "/1/orderNumber"), ("SO-216", "/2/orderNumber")],
    )


def test_a_good_sample_holds_the_same_orders_in_every_form(capsys: pytest.CaptureFixture[str]) -> None:
    sums = [
        {**validated(capsys, str(SAMPLES / "unit4" / name))[1]["result"]["files"][0], "file": "", "largest": {}}
        for name in ("orders.json", "orders.json.gz", "orders.ndjson")
    ]
    assert sums[0]["orders"] == 12
    assert sums[0] == sums[1] == sums[2]


def test_the_sample_configuration_loads_with_every_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (SAMPLES / "sobatch.toml").read_text(encoding="utf-8")
    (tmp_path / "sobatch.toml").write_text(re.sub("(?m)^#(severity|skip_workflow) ", r"\1 ", text))
    monkeypatch.chdir(tmp_path)
    suspicious, long = (str(SAMPLES / "faulty" / f"{name}.json") for name in ("price-missing", "too-many-lines"))
    for profile in ("default", "unit4"):
        code, answer = validated(capsys, suspicious, "--profile", profile)
        severities = {problem["severity"] for problem in answer["result"]["problems"]}
        assert (code, severities) == (0, {"note"}), "the file makes a note of SO-103"
        # The profile skips the workflow, which allows 13 lines.
        assert validated(capsys, long, "--profile", profile)[0] == (0 if profile == "unit4" else 3)
