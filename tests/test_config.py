"""Where settings come from, which one counts, what is refused, and that secrets stay secret."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest

from sobatch.config import Profile, load
from sobatch.errors import UsageError
from sobatch.secrets_source import Secret

SAMPLE = Path(__file__).parent.parent / "samples" / "sobatch.toml"


class Setup:
    """A user with a project folder, a configuration folder and an environment."""

    def __init__(self, root: Path) -> None:
        self.cwd = root / "project"
        self.user_file = root / "home" / "config.toml"
        self.environ: dict[str, str] = {"HOME": str(root / "home"), "PATH": "/usr/bin:/bin"}
        self.cwd.mkdir()
        self.user_file.parent.mkdir()

    def project(self, text: str) -> None:
        (self.cwd / "sobatch.toml").write_text(text, encoding="utf-8")

    def user(self, text: str, mode: int = 0o600) -> None:
        self.user_file.write_text(text, encoding="utf-8")
        self.user_file.chmod(mode)

    def load(self, **flags: Any) -> Profile:
        return load(flags, environ=self.environ, cwd=self.cwd, user_config=self.user_file,
                    default_state_dir=Path("/state"))


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path)


def test_without_anything_the_defaults_hold(setup: Setup) -> None:
    profile = setup.load()
    assert (profile.name, profile.erp, profile.max_bytes, profile.headroom) == ("default", "unit4", 30_000_000, 0.05)
    assert profile.state_dir == Path("/state") and not profile.sandbox and profile.warnings == ()
    assert set(profile.origin.values()) == {"default"} and profile.client_secret is None


PLACES = ["flag", "environment", "project profile", "project", "user profile", "user", "default"]


@pytest.mark.parametrize("first", range(len(PLACES)))
def test_the_nearest_place_counts_and_is_remembered(first: int, setup: Setup) -> None:
    given = PLACES[first:]
    flags = {"max_lines": 1} if "flag" in given else {}
    if "environment" in given:
        setup.environ["SOBATCH_MAX_LINES"] = "2"
    setup.project(("max_lines = 4\n" if "project" in given else "") + "[profiles.p]\n"
                  + ("max_lines = 3\n" if "project profile" in given else ""))
    setup.user(("max_lines = 6\n" if "user" in given else "") + "[profiles.p]\n"
               + ("max_lines = 5\n" if "user profile" in given else ""))
    profile = setup.load(profile="p", **flags)
    assert profile.max_lines == (None if first == 6 else first + 1)
    origins = ["flag --max-lines", "environment SOBATCH_MAX_LINES", f"project file {setup.cwd / 'sobatch.toml'}",
               f"project file {setup.cwd / 'sobatch.toml'}", f"user file {setup.user_file}",
               f"user file {setup.user_file}", "default"]
    assert profile.origin["max_lines"] == origins[first]


def test_every_setting_has_an_origin(setup: Setup) -> None:
    names = {each.name for each in dataclasses.fields(Profile)} - {"name", "sandbox", "origin", "warnings"}
    assert set(setup.load().origin) == names


def test_the_fixed_environment_names(setup: Setup) -> None:
    setup.environ |= {
        "SOBATCH_ERP": "rambase", "SOBATCH_BASE_URL": "https://x/", "SOBATCH_TOKEN_URL": "https://t/token",
        "SOBATCH_CLIENT_ID": "me", "SOBATCH_CLIENT_SECRET": "s", "SOBATCH_SCOPE": "api", "SOBATCH_USERNAME": "u",
        "SOBATCH_PASSWORD": "p", "SOBATCH_COMPANY_ID": "007", "SOBATCH_SKIP_WORKFLOW": "true",
        "SOBATCH_SUBMIT_PATH": "/v1/x", "SOBATCH_PART_NAME": "file", "SOBATCH_MAX_LINES": "5",
        "SOBATCH_MAX_ROWS": "9", "SOBATCH_POLL_INTERVAL": "15s", "SOBATCH_STATE_DIR": "here",
    }
    profile = setup.load()
    assert profile.warnings == ()
    assert (profile.erp, profile.base_url, profile.token_url, profile.client_id) == (
        "rambase", "https://x", "https://t/token", "me")
    assert profile.client_secret and profile.client_secret.reveal() == "s"
    assert profile.password and profile.password.reveal() == "p"
    assert (profile.scope, profile.username, profile.company_id, profile.skip_workflow) == ("api", "u", "007", True)
    assert (profile.submit_path, profile.part_name, profile.max_lines, profile.max_rows) == ("/v1/x", "file", 5, 9)
    assert profile.poll_interval == 15.0 and profile.state_dir == setup.cwd / "here"
    assert sum(origin.startswith("environment SOBATCH_") for origin in profile.origin.values()) == 16


def test_an_empty_variable_is_not_set(setup: Setup) -> None:
    setup.environ |= {"SOBATCH_MAX_LINES": "", "SOBATCH_PROFILE": "", "SOBATCH_CONFIG": ""}
    assert setup.load().max_lines is None


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
        assert (setup.load().max_lines, setup.load().max_rows) == (2, 7)
        (setup.cwd / "third.toml").write_text("max_lines = 3\n")
        assert setup.load(config="third.toml").max_lines == 3
        with pytest.raises(UsageError, match="there is no configuration file"):
            setup.load(config="missing.toml")


REAL = {"base_url": "https://real", "token_url": "https://real/t", "client_id": "real", "scope": "real",
        "username": "real", "company_id": "real", "submit_path": "/real", "part_name": "real"}


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
        assert (profile.base_url, profile.token_url, profile.client_id, profile.company_id) == (
            "http://sandbox.localhost", "http://sandbox.localhost/identity/connect/token", "sandbox", "default")
        assert profile.client_secret and profile.client_secret.reveal() == "sandbox"
        assert profile.password is None and profile.proxy is None and profile.max_lines == 3
        assert "real" not in repr(dataclasses.replace(profile, origin={}))
        assert profile.origin["base_url"] == "built-in profile sandbox"

    def test_a_company_may_be_chosen_and_an_address_may_not(self, setup: Setup) -> None:
        assert setup.load(sandbox=True, company_id="NO").company_id == "NO"
        with pytest.raises(UsageError, match="its own base_url"):
            setup.load(sandbox=True, base_url="https://x")

    def test_it_excludes_another_profile_and_cannot_be_redefined(self, setup: Setup) -> None:
        setup.project("[profiles.live]\n")
        with pytest.raises(UsageError, match="exclude"):
            setup.load(sandbox=True, profile="live")
        setup.project("[profiles.sandbox]\n")
        with pytest.raises(UsageError, match="built in"):
            setup.load()


@pytest.mark.parametrize(("key", "value", "meaning"), [
    ("timeout", "90s", 90.0), ("timeout", "15m", 900.0), ("timeout", "2h", 7200.0), ("timeout", 45, 45.0),
    ("timeout", "1.5h", 5400.0), ("timeout", "0", 0.0), ("settle", "1d", 86400.0), ("max_bytes", "50MiB", 50 << 20),
    ("max_bytes", "30MB", 30_000_000), ("max_bytes", 30_000_000, 30_000_000), ("max_bytes", "30_000_000", 30_000_000),
    ("max_bytes", "2 GiB", 2 << 30), ("headroom", 0, 0.0), ("headroom", "5%", 0.05), ("skip_workflow", "yes", True),
    ("skip_workflow", "0", False), ("manual_number_types", "SM, SX", ("SM", "SX")),
    ("manual_number_types", ["SM"], ("SM",)), ("base_url", "https://h/a/b//", "https://h/a/b"),
    ("severity", {"SO-104": "ignore"}, {"SO-104": "ignore"}), ("ca_file", Path("/x/ca.pem"), Path("/x/ca.pem")),
    ("part_name", "", ""), ("poll_interval", 0.5, 0.5),
])
def test_values_are_understood(key: str, value: object, meaning: object, setup: Setup) -> None:
    assert getattr(setup.load(**{key: value}), key) == meaning


BAD = [
    ("timeout", '"soon"'), ("timeout", '"-5s"'), ("timeout", "-5"), ("timeout", "true"), ("timeout", "nan"),
    ("timeout", "inf"), ("timeout", '"5 weeks"'), ("timeout", "[]"), ("poll_interval", "0"), ("max_bytes", "0"),
    ("max_bytes", '"30 MX"'), ("max_bytes", '""'), ("max_bytes", "-1"), ("max_lines", "0"), ("max_lines", "1.5"),
    ("max_lines", "true"), ("max_lines", '"x"'), ("in_flight", "0"), ("headroom", "1"), ("headroom", "-0.1"),
    ("headroom", '"100%"'), ("skip_workflow", '"maybe"'), ("skip_workflow", "1"), ("company_id", "7"),
    ("company_id", '""'), ("erp", '" "'), ("base_url", '"erp.example.com"'), ("base_url", '"ftp://x"'),
    ("base_url", '"https://"'), ("base_url", '"https://x:99999"'), ("base_url", '"https://x?y=1"'),
    ("base_url", '"https://u:hunter2@x"'), ("token_url", '"https://u:hunter2@x:bad"'),
    ("proxy", '"http://u:hunter2@p:1"'), ("submit_path", '"v1/x"'), ("submit_path", '"/v1/../x"'),
    ("submit_path", '"//evil/x"'), ("submit_path", '"/v1?x=1"'), ("part_name", '"a\\nb"'),
    ("manual_number_types", "[1]"), ("manual_number_types", "7"), ("severity", '{ "SO-104" = "fatal" }'),
    ("severity", '"error"'), ("client_secret_command", '"pass show x"'), ("client_secret_command", "[]"),
    ("client_secret_keyring", '"noslash"'), ("password_file", "7"), ("client_secret", "1234"),
]


@pytest.mark.parametrize(("key", "text"), BAD)
def test_bad_values_are_refused_with_their_place(key: str, text: str, setup: Setup) -> None:
    setup.user(f"{key} = {text}\n")
    with pytest.raises(UsageError) as caught:
        setup.load()
    assert key in caught.value.message and f"user file {setup.user_file}" in caught.value.message
    assert "must" in caught.value.message and caught.value.next_step
    assert "hunter2" not in caught.value.message and "1234" not in caught.value.message


class TestFiles:
    @pytest.mark.parametrize(("text", "key", "hint"), [
        ('base_ulr = "https://x"\n', "base_ulr", "base_url"),
        ('[profiles.p]\nclient_secrets = "x"\n', "client_secrets", "client_secret"),
        ("[severty]\n", "severty", "severity"), ('[profile.p]\nerp = "unit4"\n', "profile", "profiles"),
    ])
    def test_an_unknown_key_is_refused_with_a_hint(self, text, key, hint, setup: Setup) -> None:
        setup.project(text)
        with pytest.raises(UsageError, match=f"no setting '{key}'") as caught:
            setup.load()
        assert "sobatch.toml" in caught.value.message and repr(hint) in (caught.value.next_step or "")

    @pytest.mark.parametrize("text", ["a = \n", "[profiles\n", "a = 1\na = 2\n", '"unclosed\n', "\x00"])
    def test_broken_toml_is_refused_with_its_place(self, text: str, setup: Setup) -> None:
        setup.project(text)
        with pytest.raises(UsageError, match=r"sobatch\.toml is not valid TOML.*line"):
            setup.load()

    def test_other_broken_files(self, setup: Setup) -> None:
        (setup.cwd / "sobatch.toml").write_bytes(b'a = "\xff"')
        with pytest.raises(UsageError, match="not UTF-8"):
            setup.load()
        for text in ("profiles = 7\n", "[profiles]\nx = 1\n", "default_profile = 7\n"):
            setup.project(text)
            with pytest.raises(UsageError, match=r"sobatch\.toml"):
                setup.load()
        setup.user_file.mkdir()
        (setup.cwd / "sobatch.toml").unlink()
        with pytest.raises(UsageError, match="cannot be read"):
            setup.load()

    def test_paths_start_where_they_are_written(self, setup: Setup, tmp_path: Path) -> None:
        setup.project('ca_file = "ca.pem"\nstate_dir = "~/state"\n')
        profile = setup.load()
        assert profile.ca_file == setup.cwd / "ca.pem" and profile.state_dir == tmp_path / "home" / "state"

    def test_the_sample_is_understood(self, setup: Setup) -> None:
        for name in ("test", "live", "on-premises"):
            profile = setup.load(config=str(SAMPLE), profile=name)
            assert profile.base_url and profile.warnings == ()
        assert setup.load(config=str(SAMPLE)).name == "test"


class TestSecrets:
    def test_come_from_a_private_file(self, setup: Setup) -> None:
        setup.project('client_secret_file = "secret"\n')
        secret = setup.load().client_secret
        assert secret is not None
        with pytest.raises(UsageError, match="secret: No such file"):
            secret.reveal()
        path = setup.cwd / "secret"
        path.write_text("hunter2\nsecond line\n")
        path.chmod(0o640)
        with pytest.raises(UsageError, match="0640") as caught:
            secret.reveal()
        assert "chmod 600" in (caught.value.next_step or "")
        path.chmod(0o400)
        assert secret.reveal() == "hunter2"

    def test_come_from_a_shared_file_when_that_is_intended(self, setup: Setup) -> None:
        (setup.cwd / "secret").write_text("hunter2")
        (setup.cwd / "secret").chmod(0o444)
        setup.project('client_secret_file = "secret"\nallow_readable_secrets = true\n')
        secret = setup.load().client_secret
        assert secret and secret.reveal() == "hunter2"

    def test_come_from_a_command_without_a_shell(self, setup: Setup) -> None:
        code = "import sys; print(sys.argv[1]); print('second')"
        setup.project(f"password_command = ['{sys.executable}', '-c', \"{code}\", '$HOME; hunter2']\n")
        secret = setup.load().password
        assert secret and secret.reveal() == "$HOME; hunter2"

    @pytest.mark.parametrize(("code", "words"), [
        ("import sys; print('hunter2', file=sys.stderr); sys.exit(3)", "ended with status 3"), ("pass", "is empty"),
        ("print('hunter2\\tx')", "control characters"),
    ])
    def test_a_command_that_fails_tells_nothing(self, code: str, words: str, setup: Setup) -> None:
        setup.project(f'password_command = ["{sys.executable}", "-c", "{code}"]\n')
        secret = setup.load().password
        assert secret is not None
        with pytest.raises(UsageError, match=words) as caught:
            secret.reveal()
        assert "hunter2" not in str(caught.value) + str(caught.value.next_step)

    def test_a_command_that_is_missing(self, setup: Setup) -> None:
        setup.project('password_command = ["./no-such-command"]\n')
        secret = setup.load().password
        assert secret is not None
        with pytest.raises(UsageError, match="password_command"):
            secret.reveal()

    def test_in_the_clear_only_in_the_users_own_private_file(self, setup: Setup) -> None:
        setup.user('client_secret = "hunter2"\n')
        secret = setup.load().client_secret
        assert secret and secret.reveal() == "hunter2"
        setup.user('client_secret = "hunter2"\n', mode=0o644)
        with pytest.raises(UsageError, match="can be read by others"):
            setup.load()
        setup.user("")
        setup.project('client_secret = "hunter2"\n')
        with pytest.raises(UsageError, match="in the clear") as caught:
            setup.load()
        assert "hunter2" not in caught.value.message

    def test_never_come_from_a_flag(self, setup: Setup) -> None:
        for flag in ("client_secret", "password", "client_secret_command"):
            with pytest.raises(UsageError, match="no flag"):
                setup.load(**{flag: "hunter2"})

    def test_have_one_source_per_place(self, setup: Setup) -> None:
        setup.project('client_secret_file = "a"\nclient_secret_keyring = "s/u"\n')
        with pytest.raises(UsageError, match="both client_secret_file and client_secret_keyring"):
            setup.load()

    def test_the_keyring_is_optional(self, setup: Setup) -> None:
        setup.project('client_secret_keyring = "service/part/user"\n')
        secret = setup.load().client_secret
        assert secret is not None
        try:
            import keyring  # noqa: F401
        except ImportError:
            with pytest.raises(UsageError, match="keyring"):
                secret.reveal()

    def test_print_as_stars_and_are_never_written_down(self, setup: Setup) -> None:
        setup.environ["SOBATCH_CLIENT_SECRET"] = "hunter2"
        profile = setup.load()
        secret = profile.client_secret
        assert secret is not None
        shown = f"{secret} {secret!r} {secret!s} {profile} {dataclasses.asdict(profile)} {copy.deepcopy(secret)}"
        assert "hunter2" not in shown and "********" in shown
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError):
                pickle.dumps(secret, protocol)
        assert not hasattr(secret, "__dict__")

    def test_are_fetched_once_and_only_when_needed(self) -> None:
        fetched = []
        secret = Secret(lambda: fetched.append(1) or "x")
        assert fetched == [] and secret.reveal() == secret.reveal() == "x" and fetched == [1]
