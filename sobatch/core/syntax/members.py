"""Finds members inside one order, whose bytes are known to be valid JSON: by pointer, or all that come twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from sobatch.core.syntax.fault import key_text
from sobatch.core.syntax.grammar import SCALAR, SPACE, space_end, string_stop

_mark = re.compile(rb'["{}\[\],]').search
_colon = re.compile(SPACE + rb":" + SPACE).match
_scalar = re.compile(SCALAR).match
_flat = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+){0,200}"){0,500}').match


def span_of(order: bytes, pointer: str, *, missing: bool = False) -> tuple[int, int]:
    """The span inside `order` of the value at a pointer relative to the order; of equal keys the last one counts.

    `missing`: the pointer names a member that is absent; the span is that of the object that lacks it. A pointer
    that leads nowhere gives the span of the innermost value that it still reaches.
    """
    steps = pointer.split("/")[1:]
    if missing:
        steps = steps[:-1]
    begin = space_end(order, 0)
    end: int | None = None
    for step in steps:
        found = _child(order, begin, step.replace("~1", "/").replace("~0", "~"))
        if found is None:
            break
        begin, end = found
    return begin, _end(order, begin) if end is None else end


def _end(text: bytes, begin: int) -> int:
    """The end of the value that begins here; brackets are only counted, since the order is known to be valid."""
    plain = _scalar(text, begin)
    if plain is not None:
        return plain.end()
    at, depth = begin, 0
    while at < len(text):
        mark = text[at]
        if mark == b'"'[0]:
            at = string_stop(text, at)
        elif mark in b"{[":
            depth += 1
        else:
            depth -= 1
        at += 1
        if depth <= 0:
            return at
        flat = _flat(text, at)
        at = flat.end() if flat else at
    return len(text)


def _child(text: bytes, begin: int, step: str) -> tuple[int, int] | None:
    """The span of the member or element that one step of a pointer names."""
    if text[begin : begin + 1] == b"{":
        found = None
        for key, _, value, end in _members(text, begin):
            if key == step:
                found = (value, end)
        return found
    if text[begin : begin + 1] == b"[" and step.isdecimal():
        for index, span in enumerate(_elements(text, begin)):
            if index == int(step):
                return span
    return None


def _members(text: bytes, begin: int) -> Iterator[tuple[str, int, int, int]]:
    """Of every member of the object at `begin`: its name, where the name begins, and the span of its value."""
    at = space_end(text, begin + 1)
    while text[at : at + 1] == b'"':
        key_end = string_stop(text, at) + 1
        colon = _colon(text, key_end)
        if colon is None:
            return
        value = colon.end()
        end = _end(text, value)
        yield key_text(text[at:key_end]), at, value, end
        at = space_end(text, end)
        if text[at : at + 1] != b",":
            return
        at = space_end(text, at + 1)


def _elements(text: bytes, begin: int) -> Iterator[tuple[int, int]]:
    """The span of every element of the array at `begin`."""
    at = space_end(text, begin + 1)
    while at < len(text) and text[at] != b"]"[0]:
        end = _end(text, at)
        yield at, end
        at = space_end(text, end)
        if text[at : at + 1] != b",":
            return
        at = space_end(text, at + 1)


class _Level:
    """An open object or array on the way down: the names seen so far, and the step to where we are."""

    __slots__ = ("index", "key", "seen")

    def __init__(self, is_object: bool) -> None:
        self.seen: set[str] | None = set() if is_object else None
        self.key: str | None = None
        self.index = 0

    def step(self) -> str:
        """The step of a JSON pointer from here to the current child."""
        return str(self.index) if self.key is None else self.key.replace("~", "~0").replace("/", "~1")


def duplicate_keys(order: bytes) -> Iterator[tuple[str, str, int]]:
    """Every name that an object of the order has used before: its pointer, the name, and the repetition's offset.

    Names are compared after their escapes are resolved, at every depth.
    """
    if _repeats(order):
        yield from _repetitions(order)


def _repeats(order: bytes) -> bool:
    """Whether any name comes twice, told by the fast parser of the standard library; a doubt counts as yes."""
    found = False

    def compare(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len(dict(pairs)) < len(pairs)

    try:
        json.loads(order, object_pairs_hook=compare)
    except (ValueError, RecursionError):  # an integer of thousands of digits, or very deep nesting
        return True
    return found


def _repetitions(order: bytes) -> Iterator[tuple[str, str, int]]:
    """Walk the order mark by mark, with the names seen at each level."""
    levels: list[_Level] = []
    at = 0
    while (found := _mark(order, at)) is not None:
        at, mark = found.end(), found.group()
        if mark == b'"':
            begin, at = at - 1, string_stop(order, at - 1) + 1
            level = levels[-1] if levels else None
            if level is None or level.seen is None or level.key is not None:
                continue
            key = level.key = key_text(order[begin:at])
            if key in level.seen:
                yield "".join(f"/{each.step()}" for each in levels), key, begin
            level.seen.add(key)
        elif mark in b"{[":
            levels.append(_Level(mark == b"{"))
        elif mark in b"}]":
            levels.pop()
        elif levels[-1].seen is None:
            levels[-1].index += 1
        else:
            levels[-1].key = None
