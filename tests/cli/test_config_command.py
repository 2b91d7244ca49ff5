"""`sobatch config show`: every setting in force, where it came from, and no secret."""

from __future__ import annotations

import pytest

SECRET = "hunter2-correct-horse"


def settings(door, *options):
    told = door("config", "show", *options, "--output", "json")
    assert told.code == 0, told.err
    return told.document["result"]["settings"]


def test_the_first_place_that_has_a_setting_wins_and_is_named(door, tmp_path):
    assert settings(door)["company_id"] == {"value": None, "origin": "default"}
    user = tmp_path / "home" / ".config" / "sobatch"
    user.mkdir(parents=True)
    (user / "config.toml").write_text('[profiles.default]\ncompany_id = "USER"\nmax_lines = 5\n')
    assert settings(door)["company_id"]["value"] == "USER"
    door.file("sobatch.toml", b'[profiles.default]\ncompany_id = "PROJECT"\n')
    found = settings(door)
    assert (found["company_id"]["value"], found["max_lines"]["value"]) == ("PROJECT", 5)
    assert "sobatch.toml" in found["company_id"]["origin"]
    assert "config.toml" in found["max_lines"]["origin"]
    door.set(SOBATCH_COMPANY_ID="ENV")
    found = settings(door)["company_id"]
    assert (found["value"], "SOBATCH_COMPANY_ID" in found["origin"]) == ("ENV", True)


def test_a_profile_is_chosen_by_name(door):
    door.file("sobatch.toml", b'[profiles.live]\nbase_url = "https://erp.example"\n')
    told = door("config", "show", "--profile", "live", "--output", "json").document["result"]
    assert (told["profile"], told["settings"]["base_url"]["value"]) == ("live", "https://erp.example")
    assert "profile live" in door("config", "show", "--profile", "live").out


def test_a_secret_is_never_shown(door):
    door.set(SOBATCH_CLIENT_SECRET=SECRET, SOBATCH_PASSWORD=SECRET)
    for form in ("text", "json", "ndjson"):
        told = door("config", "show", "--origin", "--output", form)
        assert told.code == 0
        assert SECRET not in told.out + told.err
        assert "***" in told.out
        assert "SOBATCH_CLIENT_SECRET" in told.out


def test_the_table_names_every_setting_and_its_origin(door):
    door.set(SOBATCH_MAX_LINES="7")
    plain, full = door("config", "show"), door("config", "show", "--origin")
    rows = {line.split()[0]: line.split()[1:] for line in full.out.splitlines()[2:]}
    assert rows.keys() == settings(door).keys()
    assert rows["max_lines"][0] == "7" and "SOBATCH_MAX_LINES" in " ".join(rows["max_lines"])
    assert rows["skip_workflow"] == ["false", "default"]
    assert "default" not in plain.out.split("\n", 1)[1]


def test_show_is_what_it_does_when_nothing_is_said(door):
    assert door("config").out == door("config", "show").out


@pytest.mark.parametrize("arguments", [
    ["edit"], ["show", "x"], ["show", "--profile", "absent"], ["show", "--config", "absent"], ["show", "--nonsense"],
])  # fmt: skip
def test_every_usage_error_ends_with_2_and_says_what_to_do(door, arguments):
    told = door("config", *arguments)
    assert (told.code, told.out) == (2, "")
    assert "error: " in told.err and "next: " in told.err
    assert door("config", *arguments, "-o", "json").document["error"]["kind"] == "usage"


@pytest.mark.parametrize("text", [b"[profiles", b"\xff", b"[profiles.default]\nmax_lines = 'many'", b"profiles = 1"])
def test_a_broken_file_ends_with_2_and_names_it(door, text):
    door.file("sobatch.toml", text)
    told = door("config", "show")
    assert (told.code, told.out) == (2, "")
    assert "sobatch.toml" in told.err
