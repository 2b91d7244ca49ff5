"""Where secrets come from, and the box they travel in. A `Secret` is opened only where it is sent; everywhere else it
prints as stars. Nothing here keeps, logs or quotes a secret, not even in an error.
"""

from __future__ import annotations

import importlib
import os
import stat
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from sobatch.errors import UsageError

_COMMAND_SECONDS = 60
_LONGEST = 65536


class Secret:
    """A secret that is fetched when first needed. Prints as stars and refuses to be pickled.

    `at_hand` says that nothing has to be asked for it.
    """

    __slots__ = ("_source", "_value", "at_hand")

    def __init__(self, source: Callable[[], str], *, at_hand: bool = False) -> None:
        self.at_hand = at_hand
        self._source = source
        self._value: str | None = None

    def reveal(self) -> str:
        """The secret itself. Raises `UsageError` when its source does not give one."""
        if self._value is None:
            self._value = self._source()
        return self._value

    def __repr__(self) -> str:
        return "********"

    __str__ = __repr__

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __copy__(self) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


def from_text(text: str, name: str, origin: str) -> Secret:
    """A secret that is there already: from the environment or a private file."""
    value = checked(text, name, origin)
    return Secret(lambda: value, at_hand=True)


def from_file(path: Path, name: str, *, shared: bool) -> Secret:
    """The first line of a file, which nobody else may read unless `shared`."""

    def read() -> str:
        if not shared:
            require_private(path, f"{name}_file")
        try:
            with path.open("rb") as file:
                first = file.read(_LONGEST).decode()
        except (OSError, UnicodeDecodeError) as error:
            reason = (error.strerror or "cannot be read") if isinstance(error, OSError) else "is not UTF-8 text"
            raise UsageError(
                f"{name}_file: {path}: {reason}",
                next_step=f"Write the secret into that file, or set SOBATCH_{name.upper()}.",
            ) from None
        return checked(_first_line(first), name, f"the file {path}")

    return Secret(read)


def from_command(argv: Sequence[str], name: str, environ: Mapping[str, str]) -> Secret:
    """The first line that a command prints. It is started without a shell."""

    def run() -> str:
        try:
            done = subprocess.run(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_COMMAND_SECONDS,
                env=dict(environ),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _failed_command(argv, name, f"did not end within {_COMMAND_SECONDS} seconds") from None
        except OSError as error:
            raise _failed_command(argv, name, error.strerror or "cannot be started") from None
        if done.returncode != 0:
            raise _failed_command(argv, name, f"ended with status {done.returncode}")
        return checked(_first_line(done.stdout.decode("utf-8", "replace")), name, f"the command {argv[0]}")

    return Secret(run)


def from_keyring(entry: str, name: str) -> Secret:
    """A password of the system's keyring, named "service/user"."""
    service, _, user = entry.rpartition("/")

    def ask() -> str:
        try:
            keyring = importlib.import_module("keyring")
        except ImportError:
            raise UsageError(
                f"{name}_keyring needs the keyring library", next_step="Install it with: pip install 'sobatch[keyring]'"
            ) from None
        try:
            value = keyring.get_password(service, user)
        except Exception as error:
            raise UsageError(
                f"{name}_keyring: the keyring does not answer ({type(error).__name__})",
                next_step="Unlock the keyring, or use another source for the secret.",
            ) from None
        return checked(value or "", name, f"the keyring entry {entry}")

    return Secret(ask)


def require_private(path: Path, what: str) -> None:
    """Refuse a file that others can read. Where the system knows no such rights, every file passes."""
    if os.name == "nt":
        return
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if stat.S_IMODE(mode) & 0o077:
        raise UsageError(
            f"{what}: {path} can be read by others than its owner (mode {stat.S_IMODE(mode):04o})",
            next_step=f"Run: chmod 600 {path}   # or set allow_readable_secrets = true if that is intended",
        )


def checked(text: str, name: str, origin: str) -> str:
    """A secret that can be one: not empty, one line, nothing invisible."""
    if not text:
        raise UsageError(f"{name} from {origin} is empty", next_step=f"Give {name} a value there.")
    if len(text) > _LONGEST or any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in text):
        raise UsageError(
            f"{name} from {origin} holds control characters or is too long",
            next_step="Check that the source holds the bare secret on one line.",
        )
    return text


def _first_line(text: str) -> str:
    return text.removeprefix("\ufeff").split("\n", 1)[0].rstrip("\r")


def _failed_command(argv: Sequence[str], name: str, reason: str) -> UsageError:
    return UsageError(
        f"{name}_command: {argv[0]} {reason}",
        next_step="Run the command by hand; it has to print the secret on its first line.",
    )
