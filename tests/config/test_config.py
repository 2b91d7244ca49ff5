"""Where settings come from, which one counts, and what is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from config_setup import Setup, setup

from sobatch.errors import UsageError

__all__ = ["setup"]


def test_without_anything_the_defaults_hold(setup: Setup) -> None:
    profile = setup.load()
    assert (profile.name, profile.erp, profile.max_bytes, profile["headroom"]) == ("default", "unit4", 30_000_000, 0.05)
    assert profile.state_dir == Path("/state") and not profile.sandbox and profile.warnings == ()
    assert set(profile.origin.values()) == {"default"} and profile["client_secret"] is None


PLACES = ["flag", "environment", "project profile", "project", "user profile", "user", "default"]


@pytest.mark.parametrize("first", range(len(PLACES)))
def test_the_nearest_place_counts_and_is_remembered(first: int, setup: Setup) -> None:
    given = PLACES[first:]
    flags = {"max_lines": 1} if "flag" in given else {}
    if "environment" in given:
        setup.environ["SOBATCH_MAX_LINES"] = "2"
    setup.project(
        ("max_lines = 4\n" if "project" in given else "")
        + "[profiles.p]\n"
        + ("max_lines = 3\n" if "project profile" in given else "")
    )
    setup.user(
        ("max_lines = 6\n" if "user" in given else "")
        + "[profiles.p]\n"
        + ("max_lines = 5\n" if "user profile" in given else "")
    )
    profile = setup.load(profile="p", **flags)
    assert profile["max_lines"] == (None if first == 6 else first + 1)
    origins = [
        "flag --max-lines",
        "environment SOBATCH_MAX_LINES",
        f"project file {setup.cwd / 'sobatch.toml'}",
        f"project file {setup.cwd / 'sobatch.toml'}",
        f"user file {setup.user_file}",
        f"user file {setup.user_file}",
        "default",
    ]
    assert profile.origin["max_lines"] == origins[first]


def test_every_setting_has_an_origin(setup: Setup) -> None:
    profile = setup.load()
    assert set(profile.origin) == set(profile.rows) and {profile[name] for name in ("erp", "base_url")} == {
        "unit4",
        None,
    }


FIXED = {
    "erp": ("unit4", "unit4"),
    "base_url": ("https://x/", "https://x"),
    "token_url": ("https://t/token", "https://t/token"),
    "client_id": ("me", "me"),
    "scope": ("api", "api"),
    "username": ("u", "u"),
    "company_id": ("007", "007"),
    "skip_workflow": ("true", True),
    "submit_path": ("/v1/x", "/v1/x"),
    "part_name": ("file", "file"),
    "max_lines": ("5", 5),
    "max_rows": ("9", 9),
    "in_flight": ("3", 3),
    "poll_interval": ("15s", 15.0),
    "settle": ("1m", 60.0),
}


def test_the_fixed_environment_names(setup: Setup) -> None:
    setup.environ |= {f"SOBATCH_{name.upper()}": text for name, (text, _) in FIXED.items()}
    setup.environ |= {"SOBATCH_CLIENT_SECRET": "s", "SOBATCH_PASSWORD": "p", "SOBATCH_PROXY_PASSWORD": "q"}
    setup.environ |= {"SOBATCH_STATE_DIR": "here"}
    profile = setup.load()
    assert profile.warnings == ()
    assert {name: profile[name] for name in FIXED} == {name: meaning for name, (_, meaning) in FIXED.items()}
    assert profile["client_secret"].reveal() == "s" and profile["password"].reveal() == "p"
    assert profile.state_dir == setup.cwd / "here"
    told = {name for name, origin in profile.origin.items() if origin.startswith("environment SOBATCH_")}
    assert told == {*FIXED, "client_secret", "password", "proxy_password", "state_dir"}
    assert {row.environment for row in profile.rows.values()} - {None} == {f"SOBATCH_{name.upper()}" for name in told}


def test_an_empty_variable_is_not_set(setup: Setup) -> None:
    setup.environ |= {"SOBATCH_MAX_LINES": "", "SOBATCH_PROFILE": "", "SOBATCH_CONFIG": ""}
    assert setup.load()["max_lines"] is None


def test_an_unknown_variable_is_pointed_out(setup: Setup) -> None:
    setup.environ |= {"SOBATCH_CLIENT_SECRT": "hidden", "SOBATCH_ZZZZZZ": "1", "OTHER": "1"}
    first, second = setup.load().warnings
    assert "SOBATCH_CLIENT_SECRT" in first and "did you mean SOBATCH_CLIENT_SECRET?" in first and "hidden" not in first
    assert "SOBATCH_ZZZZZZ" in second


class TestProfiles:
    def test_are_chosen_by_flag_then_environment_then_file(self, setup: Setup) -> None:
        setup.project('default_profile = "c"\n[profiles.a]\n[profiles.b]\n[profiles.c]\n')
        setup.user('default_profile = "d"\n[profiles.d]\n')
        assert setup.load().name == "c"
        setup.environ["SOBATCH_PROFILE"] = "b"
        assert setup.load().name == "b"
        assert setup.load(profile="a").name == "a"
        assert setup.load(profile="d").name == "d"

    def test_an_unknown_one_is_refused_with_a_hint(self, setup: Setup) -> None:
        setup.project("[profiles.live]\n")
        with pytest.raises(UsageError, match="'life'") as caught:
            setup.load(profile="life")
        assert "'live'" in (caught.value.next_step or "")

    def test_another_file_can_take_the_place_of_the_project_file(self, setup: Setup, tmp_path: Path) -> None:
        setup.project("max_lines = 1\n")
        setup.user("max_rows = 7\n")
        (tmp_path / "other.toml").write_text("max_lines = 2\n")
        setup.environ["SOBATCH_CONFIG"] = str(tmp_path / "other.toml")
        assert (setup.load()["max_lines"], setup.load()["max_rows"]) == (2, 7)
        (setup.cwd / "third.toml").write_text("max_lines = 3\n")
        assert setup.load(config="third.toml")["max_lines"] == 3
        with pytest.raises(UsageError, match="there is no configuration file"):
            setup.load(config="missing.toml")


REAL = {
    "base_url": "https://real",
    "token_url": "https://real/t",
    "client_id": "real",
    "scope": "real",
    "username": "real",
    "company_id": "real",
    "submit_path": "/real",
    "part_name": "real",
}


class TestSandbox:
    @pytest.mark.parametrize("how", ["flag", "profile", "environment"])
    def test_nothing_of_a_real_tenant_reaches_it(self, how: str, setup: Setup) -> None:
        setup.environ |= {f"SOBATCH_{key.upper()}": value for key, value in REAL.items()}
        setup.environ |= {"SOBATCH_CLIENT_SECRET": "real", "SOBATCH_PASSWORD": "real", "SOBATCH_MAX_LINES": "3"}
        text = "".join(f'{key} = "{value}"\n' for key, value in REAL.items())
        setup.project(text + 'proxy = "http://real"\nca_file = "real.pem"\nclient_secret_file = "real"\n')
        setup.user(text + 'client_secret = "real"\npassword_command = ["real"]\n')
        if how == "environment":
            setup.environ["SOBATCH_PROFILE"] = "sandbox"
        profile = setup.load(**{"flag": {"sandbox": True}, "profile": {"profile": "sandbox"}}.get(how, {}))
        assert profile.sandbox and profile.name == "sandbox"
        assert (profile.base_url, profile["token_url"], profile["client_id"], profile["company_id"]) == (
            "http://sandbox.localhost",
            "http://sandbox.localhost/identity/connect/token",
            "sandbox",
            "default",
        )
        assert profile["client_secret"] and profile["client_secret"].reveal() == "sandbox"
        assert profile["password"] is None and profile.proxy is None and profile["max_lines"] == 3
        assert "real" not in repr(dataclasses.replace(profile, origin={}))
        assert profile.origin["base_url"] == "built-in profile sandbox"

    def test_a_company_may_be_chosen_and_an_address_may_not(self, setup: Setup) -> None:
        assert setup.load(sandbox=True, company_id="NO")["company_id"] == "NO"
        with pytest.raises(UsageError, match="its own base_url"):
            setup.load(sandbox=True, base_url="https://x")

    def test_it_excludes_another_profile_and_cannot_be_redefined(self, setup: Setup) -> None:
        setup.project("[profiles.live]\n")
        with pytest.raises(UsageError, match="exclude"):
            setup.load(sandbox=True, profile="live")
        setup.project("[profiles.sandbox]\n")
        with pytest.raises(UsageError, match="built in"):
            setup.load()


@pytest.mark.parametrize(
    ("key", "value", "meaning"),
    [
        ("timeout", "90s", 90.0),
        ("timeout", "15m", 900.0),
        ("timeout", "2h", 7200.0),
        ("timeout", 45, 45.0),
        ("timeout", "1.5h", 5400.0),
        ("timeout", "0", 0.0),
        ("settle", "1d", 86400.0),
        ("max_bytes", "50MiB", 50 << 20),
        ("max_bytes", "30MB", 30_000_000),
        ("max_bytes", 30_000_000, 30_000_000),
        ("max_bytes", "30_000_000", 30_000_000),
        ("max_bytes", "2 GiB", 2 << 30),
        ("headroom", 0, 0.0),
        ("headroom", "5%", 0.05),
        ("skip_workflow", "yes", True),
        ("skip_workflow", "0", False),
        ("manual_number_types", "SM, SX", ("SM", "SX")),
        ("manual_number_types", ["SM"], ("SM",)),
        ("base_url", "https://h/a/b//", "https://h/a/b"),
        ("base_url", "HTTPS://ERP.Example.COM:0443/a/./x/../%62/", "https://erp.example.com/a/b"),
        ("base_url", "http://LOCALHOST:08080/%2e", "http://localhost:8080"),
        ("base_url", "http://[::1]:80/a%20b", "http://[::1]/a%20b"),
        ("severity", {"SO-104": "ignore"}, {"SO-104": "ignore"}),
        ("ca_file", Path("/x/ca.pem"), Path("/x/ca.pem")),
        ("part_name", "", ""),
        ("poll_interval", 0.5, 0.5),
    ],
)
def test_values_are_understood(key: str, value: object, meaning: object, setup: Setup) -> None:
    assert setup.load(**{key: value})[key] == meaning


BAD = [
    ("timeout", '"soon"'),
    ("timeout", '"-5s"'),
    ("timeout", "-5"),
    ("timeout", "true"),
    ("timeout", "nan"),
    ("timeout", "inf"),
    ("timeout", '"5 weeks"'),
    ("timeout", "[]"),
    ("poll_interval", "0"),
    ("max_bytes", "0"),
    ("max_bytes", '"30 MX"'),
    ("max_bytes", '""'),
    ("max_bytes", "-1"),
    ("max_lines", "0"),
    ("max_lines", "1.5"),
    ("max_lines", "true"),
    ("max_lines", '"x"'),
    ("in_flight", "0"),
    ("headroom", "1"),
    ("headroom", "-0.1"),
    ("headroom", '"100%"'),
    ("skip_workflow", '"maybe"'),
    ("skip_workflow", "1"),
    ("company_id", "7"),
    ("company_id", '""'),
    ("erp", '" "'),
    ("base_url", '"erp.example.com"'),
    ("base_url", '"ftp://x"'),
    ("base_url", '"https://"'),
    ("base_url", '"https://x:99999"'),
    ("base_url", '"https://x?y=1"'),
    ("base_url", '"https://u:hunter2@x"'),
    ("token_url", '"https://u:hunter2@x:bad"'),
    ("proxy", '"http://u:hunter2@p:1"'),
    ("submit_path", '"v1/x"'),
    ("submit_path", '"/v1/../x"'),
    ("submit_path", '"//evil/x"'),
    ("submit_path", '"/v1?x=1"'),
    ("part_name", '"a\\nb"'),
    ("manual_number_types", "[1]"),
    ("manual_number_types", "7"),
    ("severity", '{ "SO-104" = "fatal" }'),
    ("severity", '"error"'),
    ("client_secret_command", '"pass show x"'),
    ("client_secret_command", "[]"),
    ("client_secret_keyring", '"noslash"'),
    ("password_file", "7"),
    ("client_secret", "1234"),
]


@pytest.mark.parametrize(("key", "text"), BAD)
def test_bad_values_are_refused_with_their_place(key: str, text: str, setup: Setup) -> None:
    setup.user(f"{key} = {text}\n")
    with pytest.raises(UsageError) as caught:
        setup.load()
    assert key in caught.value.message and f"user file {setup.user_file}" in caught.value.message
    assert "must" in caught.value.message and caught.value.next_step
    assert "hunter2" not in caught.value.message and "1234" not in caught.value.message
