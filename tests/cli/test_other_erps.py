"""Orders of another ERP than the one in force are recognised, and a setting of another one is told to be that."""

from __future__ import annotations

from pathlib import Path

import pytest

from sobatch.erp import names

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.parametrize("erp", [name for name in names() if (SAMPLES / name / "orders.json").is_file()])
def test_orders_of_another_erp_are_recognised(door, erp):
    file = str(SAMPLES / erp / "orders.json")
    for other in names():
        told = door("validate", file, "--erp", other, "--output", "json")
        if other == erp:
            assert told.code == 0 and "looks_like" not in told.document["result"]
        else:
            assert (told.code, told.document["result"]["looks_like"]) == (3, erp)
    wrong = next(name for name in names() if name != erp)
    assert f"add --erp {erp}" in door("validate", file, "--erp", wrong).err
    refused = door("submit", file, "--erp", wrong, "--sandbox")
    assert refused.code == 3 and f"add --erp {erp}" in refused.err


def test_faulty_orders_of_the_erp_in_force_are_no_other_ones(door):
    for file in sorted((SAMPLES / "faulty").glob("*.json"))[:20]:
        assert "looks like" not in door("validate", str(file)).err


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["--set", "max_line=3"], "unit4 has no setting 'max_line'", "Did you mean 'max_lines'?"),
        (["--set", "zzz=3"], "unit4 has no setting 'zzz'", "Known are: "),
        (["--erp", "jtl", "--set", "submit_path=/x"], "jtl has no setting 'submit_path'", "It is one of unit4."),
        (["--erp", "nobody"], "there is no ERP named 'nobody'", "unit4"),
        (["--set", "max_lines"], "--set max_lines is not understood", "NAME=VALUE"),
        (["--set", "client_secret=x"], "there is no flag for 'client_secret'", "SOBATCH_CLIENT_SECRET"),
        (["--set", "max_lines=3", "--set", "max_lines=4"], "max_lines is given twice", "Keep one"),
    ],
)
def test_a_setting_that_is_none_is_refused_with_those_that_are(door, words, message, hint):
    told = door("config", "show", *words)
    assert (told.code, told.out) == (2, "")
    assert message in told.err and hint in told.err


def test_set_gives_any_setting_and_is_told_as_a_flag(door):
    told = door("config", "show", "--set", "max-lines=5", "--set", "timeout=2m", "--output", "json")
    settings = told.document["result"]["settings"]
    assert settings["max_lines"] == {"value": 5, "origin": "flag --set max_lines"}
    assert settings["timeout"]["value"] == 120.0
