"""The kinds of values that settings have, and how each is read, be it typed in TOML, a flag or a variable's text.

A kind takes what the user wrote and returns what it means, or raises `BadValue` with the rule as a sentence.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from sobatch.core.order.setting import KindName, Setting

_UNITS_OF_TIME = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_UNITS_OF_SIZE = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SEVERITIES = ("error", "warning", "note", "ignore")
_LARGEST = 10**15

Kind = Callable[[object], Any]


class BadValue(Exception):
    """The value is not of its kind. `private` means that it must not be shown."""

    def __init__(self, rule: str, *, private: bool = False) -> None:
        super().__init__(rule)
        self.private = private


def text(value: object) -> str:
    """Text on one line; a bare number in a file is not text, since its leading zeros are gone already."""
    if not isinstance(value, str):
        raise BadValue("must be text, in quotes")
    if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in value):
        raise BadValue("must not hold control characters")
    return value


def filled(value: object) -> str:
    """Text that is not empty."""
    found = text(value).strip()
    if not found:
        raise BadValue("must not be empty")
    return found


def boolean(value: object) -> bool:
    """true or false."""
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    found = value if isinstance(value, bool) else words.get(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        raise BadValue("must be true or false")
    return found


def whole(value: object) -> int:
    """A whole number above 0."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _LARGEST:
        raise BadValue("must be a whole number above 0")
    return value


def from_zero(value: object) -> int:
    """A whole number from 0."""
    if str(value).strip() == "0" and not isinstance(value, bool):
        return 0
    try:
        return whole(value)
    except BadValue:
        raise BadValue("must be a whole number from 0") from None


def number(value: object) -> float:
    """A number from 0."""
    found = _number(value, {"": 1.0})
    if found is None or not 0 <= found <= _LARGEST:
        raise BadValue("must be a number from 0")
    return found


def first_index(value: object) -> int:
    """What an ERP's counting begins with: 0 or 1."""
    if isinstance(value, bool) or str(value).strip() not in ("0", "1"):
        raise BadValue("must be 0 or 1, the index of the first order")
    return int(str(value))


def fraction(value: object) -> float:
    """A share from 0 up to but not including 1; `5%` will do."""
    found = _number(value, {"": 1.0, "%": 0.01})
    if found is None or not 0 <= found < 1:
        raise BadValue("must be a share from 0 to below 1, such as 0.05 or 5%")
    return found


def duration(value: object) -> float:
    """Seconds, or a number with a unit."""
    found = _number(value, _UNITS_OF_TIME)
    if found is None or not 0 <= found <= 366 * 86400:
        raise BadValue("must be a time such as 90s, 15m or 2h, or a number of seconds")
    return found


def real_duration(value: object) -> float:
    """A duration that is not nothing."""
    found = duration(value)
    if found <= 0:
        raise BadValue("must be longer than 0 seconds")
    return found


def size(value: object) -> int:
    """Bytes, or a number with a unit."""
    found = _number(value, _UNITS_OF_SIZE)
    if found is None or not 1 <= found <= _LARGEST:
        raise BadValue("must be a size such as 30MB or 50MiB, or a number of bytes")
    return int(found)


def url(value: object) -> str:
    """An address without credentials, in one spelling: it is part of a run's identity, which must not depend on it."""
    found = filled(value)
    if "@" in found:
        raise BadValue("must not hold a user name or password", private=True)
    try:
        parts = urlsplit(found)
        port = parts.port
    except ValueError:
        raise BadValue("must be an address such as https://host/path") from None
    name = (parts.hostname or "").rstrip(".")  # the root of all names, which may be said or left out
    if parts.scheme not in ("http", "https") or not name or port == 0 or re.search(r"\s", found):
        raise BadValue("must be an address such as https://host/path")
    if parts.query or parts.fragment:
        raise BadValue("must end with its path: no ? and no #", private=True)
    host = f"[{name}]" if ":" in name else name
    usual = {"http": 80, "https": 443}[parts.scheme]
    place = posixpath.normpath(f"/{unquote(parts.path)}").lstrip("/")
    return (
        f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "") + (place and f"/{quote(place)}")
    )


def path(value: object) -> Path:
    """A file or folder."""
    return value if isinstance(value, Path) else Path(filled(value))


def url_path(value: object) -> str:
    """The path of an endpoint, from its first slash."""
    found = filled(value)
    if not re.fullmatch(r"/[A-Za-z0-9._~/-]*", found) or ".." in found or "//" in found:
        raise BadValue("must be a path such as /v1/batch/sales-orders")
    return found


def names(value: object) -> tuple[str, ...]:
    """A list of texts; a single text is split at its commas."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if not isinstance(value, (list, tuple)):
        raise BadValue('must be a list such as ["SM", "SX"]')
    return tuple(filled(each) for each in value)


def argv(value: object) -> tuple[str, ...]:
    """A command as a list, since no shell takes it apart."""
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value) or not value[0]:
        raise BadValue('must be a list such as ["pass", "show", "erp"]')
    return tuple(value)


def keyring_entry(value: object) -> str:
    """`service/user`."""
    found = filled(value)
    service, _, user = found.rpartition("/")
    if not service or not user:
        raise BadValue('must look like "service/user"')
    return found


def severities(value: object) -> dict[str, str]:
    """Problem codes and what each is worth."""
    if not isinstance(value, Mapping):
        raise BadValue('must be a table such as { "SO-104" = "warning" }')
    for code, severity in value.items():
        if severity not in _SEVERITIES:
            raise BadValue(f"{code} must be one of {', '.join(_SEVERITIES)}")
    return dict(value)


def _number(value: object, units: Mapping[str, float]) -> float | None:
    """A number, with or without one of the units, as a number of the smallest of them."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value) if abs(value) <= _LARGEST else None
    if not isinstance(value, str):
        return None
    match = re.fullmatch(r"([0-9][0-9_]{0,15}(?:\.[0-9]{1,9})?)\s*([A-Za-z%]*)", value.strip())
    if match is None or match[2].lower() not in units:
        return None
    return float(match[1].replace("_", "")) * units[match[2].lower()]


def choice(value: object, choices: Sequence[str]) -> str:
    """One of some words."""
    found = filled(value)
    if found not in choices:
        raise BadValue(f"must be one of {', '.join(choices)}")
    return found


KINDS: Mapping[KindName, Kind] = {
    "text": filled,
    "any text": text,
    "secret": text,
    "boolean": boolean,
    "count": whole,
    "whole": from_zero,
    "number": number,
    "first index": first_index,
    "share": fraction,
    "seconds": duration,
    "some seconds": real_duration,
    "size": size,
    "url": url,
    "url path": url_path,
    "path": path,
    "list": names,
    "choice": filled,
    "severities": severities,
}
_OF_SECRETS: Mapping[str, Kind] = {"_file": filled, "_command": argv, "_keyring": keyring_entry}


def understood(row: Setting, value: object, form: str = "") -> Any:
    """What a value of this setting means, or of this form of a secret. Raises `BadValue`."""
    if row.choices and not form:
        return choice(value, row.choices)
    return (_OF_SECRETS[form] if form else KINDS[row.kind])(value)
