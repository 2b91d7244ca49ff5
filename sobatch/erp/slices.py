"""An order as slices of the user's own bytes, for ERPs where one order becomes several requests.

Values keep their spelling (`0.90` stays `0.90`); only the blanks between members may differ. And where an answer speaks
of a member of the order: its pointer as the user spelt it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sobatch.core.order.values import pointer_step

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])


def members(text: bytes) -> dict[str, bytes]:
    """The members of an object, each value as it is written. Raises `msgspec.DecodeError` for anything else."""
    return {name: bytes(value) for name, value in _OBJECT.decode(text).items()}


def elements(text: bytes) -> list[bytes]:
    """The elements of an array, each as it is written. Raises `msgspec.DecodeError` for anything else."""
    return [bytes(value) for value in _ARRAY.decode(text)]


def an_object(values: Mapping[str, bytes]) -> bytes:
    """An object of these members, in their order."""
    return b"{" + b",".join(msgspec.json.encode(name) + b":" + value for name, value in values.items()) + b"}"


def an_array(values: Iterable[bytes]) -> bytes:
    """An array of these elements."""
    return b"[" + b",".join(values) + b"]"


def spelt(pointer: str, order: Any) -> str:
    """A pointer in whose names no case matters, as the order (plain data) spells them.

    It stays as it came where it leads nowhere.
    """
    at, found = order, ""
    for step in pointer.split("/")[1:]:
        if isinstance(at, list):
            if not (step.isdecimal() and int(step) < len(at)):
                return pointer
            at, found = at[int(step)], f"{found}/{int(step)}"
            continue
        names = at if isinstance(at, dict) else {}
        name = next((each for each in names if pointer_step(each).lower() == step.lower()), None)
        if name is None:
            return pointer
        at, found = names[name], f"{found}/{pointer_step(name)}"
    return found
