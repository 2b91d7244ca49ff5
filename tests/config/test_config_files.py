"""Files of settings and where secrets come from: what is refused, and that secrets stay secret."""

from __future__ import annotations

import copy
import dataclasses
import os
import pickle
import re
import sys
from pathlib import Path

import pytest
from config_setup import Setup, setup

from sobatch.config.secrets import Secret
from sobatch.erp import names
from sobatch.errors import UsageError

__all__ = ["setup"]

SAMPLE = Path(__file__).parents[2] / "samples" / "sobatch.toml"


class TestFiles:
    @pytest.mark.parametrize(
        ("text", "key", "hint"),
        [
            ('base_ulr = "https://x"\n', "base_ulr", "base_url"),
            ('[profiles.p]\nclient_secrets = "x"\n', "client_secrets", "client_secret"),
            ("[severty]\n", "severty", "severity"),
            ('[profile.p]\nerp = "unit4"\n', "profile", "profiles"),
        ],
    )
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

    @pytest.mark.parametrize("whole", [False, True])
    def test_the_sample_is_understood(self, whole: bool, setup: Setup) -> None:
        """As it is, and with the # taken away from all of its settings."""
        text = SAMPLE.read_text(encoding="utf-8")
        setup.project(re.sub(r"(?m)^#(?! )(?=\w)", "", text) if whole else text)
        for erp in names():
            profile = setup.load(profile=erp)
            assert profile.erp == erp and profile.base_url and profile.warnings == ()
            secrets = [profile[name] for name, row in profile.rows.items() if row.secret]
            assert all((secret is not None) == whole for secret in secrets)
        assert setup.load().name == names()[0]


class TestSecrets:
    def test_come_from_a_private_file(self, setup: Setup) -> None:
        setup.project('client_secret_file = "secret"\n')
        secret = setup.load()["client_secret"]
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
        secret = setup.load()["client_secret"]
        assert secret and secret.reveal() == "hunter2"

    def test_come_from_a_command_without_a_shell(self, setup: Setup) -> None:
        code = "import sys; print(sys.argv[1]); print('second')"
        setup.project(f"password_command = ['{sys.executable}', '-c', \"{code}\", '$HOME; hunter2']\n")
        secret = setup.load()["password"]
        assert secret and secret.reveal() == "$HOME; hunter2"

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("import sys; print('hunter2', file=sys.stderr); sys.exit(3)", "ended with status 3"),
            ("pass", "is empty"),
            ("print('hunter2\\tx')", "control characters"),
        ],
    )
    def test_a_command_that_fails_tells_nothing(self, code: str, words: str, setup: Setup) -> None:
        setup.project(f'password_command = ["{sys.executable}", "-c", "{code}"]\n')
        secret = setup.load()["password"]
        assert secret is not None
        with pytest.raises(UsageError, match=words) as caught:
            secret.reveal()
        assert "hunter2" not in str(caught.value) + str(caught.value.next_step)

    def test_a_command_that_is_missing(self, setup: Setup) -> None:
        setup.project('password_command = ["./no-such-command"]\n')
        secret = setup.load()["password"]
        assert secret is not None
        with pytest.raises(UsageError, match="password_command"):
            secret.reveal()

    def test_in_the_clear_only_in_the_users_own_private_file(self, setup: Setup) -> None:
        setup.user('client_secret = "hunter2"\n')
        secret = setup.load()["client_secret"]
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
        secret = setup.load()["client_secret"]
        assert secret is not None
        try:
            import keyring  # noqa: F401
        except ImportError:
            with pytest.raises(UsageError, match="keyring"):
                secret.reveal()

    def test_print_as_stars_and_are_never_written_down(self, setup: Setup) -> None:
        setup.environ["SOBATCH_CLIENT_SECRET"] = "hunter2"
        profile = setup.load()
        secret = profile["client_secret"]
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


BAD_ADDRESS = 'base_url = "https://evil.example"\nclient_secret_command = ["touch", "it-ran"]\n'
HOME = "the user's own file"
NAMED = "a file that was named"
PROJECT = "the file in this folder"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="this system knows no such rights")
@pytest.mark.parametrize(
    ("which", "mode", "owner", "fate"),
    [
        (PROJECT, 0o644, "me", "used"),
        (PROJECT, 0o644, "root", "used"),
        (PROJECT, 0o644, "another", "belongs to another user"),
        (PROJECT, 0o664, "me", "warned of"),
        (PROJECT, 0o664, "another", "belongs to another user"),
        (PROJECT, 0o646, "me", "written by everybody"),
        (PROJECT, 0o666, "root", "written by everybody"),
        (NAMED, 0o664, "another", "used"),
        (NAMED, 0o644, "me", "used"),
        (NAMED, 0o602, "me", "written by everybody"),
        (HOME, 0o644, "me", "used"),
        (HOME, 0o664, "root", "warned of"),
        (HOME, 0o644, "another", "belongs to another user"),
        (HOME, 0o666, "me", "written by everybody"),
    ],
)
def test_a_file_that_a_stranger_may_have_written_is_not_used(setup: Setup, monkeypatch, which, mode, owner, fate):
    path = setup.user_file if which is HOME else setup.cwd / "sobatch.toml"
    path.write_text(BAD_ADDRESS)
    path.chmod(mode)
    owners = {"me": 1000, "root": 0, "another": 815}
    fstat = os.fstat

    def owned(number: int) -> os.stat_result:
        found = fstat(number)
        return os.stat_result((*found[:4], owners[owner], *found[5:10]))

    monkeypatch.setattr(os, "getuid", lambda: owners["me"])
    monkeypatch.setattr(os, "fstat", owned)
    flags = {"config": str(path)} if which is NAMED else {}
    if fate in ("used", "warned of"):
        profile = setup.load(**flags)
        assert profile.base_url == "https://evil.example"
        assert [f"chmod g-w {path}" in each for each in profile.warnings] == [True] * (fate == "warned of")
    else:
        with pytest.raises(UsageError, match=fate) as caught:
            setup.load(**flags)
        assert str(path) in caught.value.message and "nothing in it was used" in caught.value.message
        assert str(path) in str(caught.value.next_step)
    assert not (setup.cwd / "it-ran").exists()


def test_the_null_device_is_an_empty_file(setup: Setup) -> None:
    assert setup.load(config=os.devnull).warnings == ()


def test_where_there_are_no_owners_every_file_passes(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.project('base_url = "https://erp.example"\n')
    (setup.cwd / "sobatch.toml").chmod(0o666)
    monkeypatch.delattr(os, "getuid", raising=False)
    assert setup.load().base_url == "https://erp.example"
