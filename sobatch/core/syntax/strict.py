"""The strict second reading of JSON: where the elements of an array lie, and what is wrong when they cannot be read.

Exactly as strict as orjson, save that numbers beyond the range of a double pass. Only used where the fast reading in
blocks did not succeed, so it is built for exact answers and bounded effort, not for the last megabyte per second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sobatch.core.syntax.edges import bad_utf8, opening_fault, trailing_fault
from sobatch.core.syntax.fault import Fault, Scene, pointer_at
from sobatch.core.syntax.grammar import Expect, Stop, space_end, string_stop, value_end
from sobatch.core.syntax.tokens import number_begin
from sobatch.core.syntax.words import explain

__all__ = ["MAX_DEPTH", "Fault", "Scanned", "first_fault", "opening_fault", "scan_elements", "trailing_fault"]

MAX_DEPTH = 128
# How far beyond a fault the explainer may look: with less than this to come, it is asked again with a longer window.
_OUTLOOK = 512


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one window of an array holds.

    `elements` are the spans of the complete elements, in order, all valid; each was followed by its comma or bracket.
    `closed` is the offset just after the array's closing bracket. With neither `closed` nor `fault` the window ended
    too early, and `resume` is where the first incomplete element begins.
    """

    elements: list[tuple[int, int]]
    closed: int | None
    fault: Fault | None
    resume: int


def scan_elements(window: bytes, start: int, *, at_end: bool, first: bool, max_depth: int = MAX_DEPTH) -> Scanned:
    """Find the elements of an array in a window in which an element is due at `start`.

    `first`: `start` is just after the opening bracket, so the array may close at once; otherwise it is just after a
    comma. `at_end`: nothing comes after the window, so that what is incomplete is a fault.
    """
    elements: list[tuple[int, int]] = []
    at = space_end(window, start)
    if first and window[at : at + 1] == b"]":
        return Scanned(elements, at + 1, None, at + 1)
    halt = _take_elements(window, at, max_depth, elements)
    fault = explain(halt) if isinstance(halt, Scene) else None
    # A character cut by the end is part of a cut text; only where the text is wrong anyway it is the byte's own fault.
    foreign = bad_utf8(window, start, at_end=at_end and fault is not None)
    if isinstance(halt, int):
        if foreign is None or foreign.offset >= halt:
            return Scanned(elements, halt, None, halt)
        return _foreign_scanned(window, elements, elements[-1][0], foreign)
    if foreign is not None and (fault is None or foreign.offset <= _halted(halt)):
        return _foreign_scanned(window, elements, halt.start, foreign)
    if not at_end and (fault is None or len(window) - max(_halted(halt), fault.offset + fault.length) < _OUTLOOK):
        return Scanned(elements, None, None, halt.start)
    if fault is None:
        fault = _cut(halt)
    if halt.byte and halt.expect is Expect.AFTER and not halt.opened and fault.offset >= halt.before:
        elements.append((halt.start, halt.before))
    return Scanned(elements, None, fault, halt.start)


def _take_elements(window: bytes, at: int, max_depth: int, elements: list[tuple[int, int]]) -> int | Scene:
    """Collect elements from `at` on up to the array's end, whose offset is returned, or to where it goes no further."""
    while True:
        end = value_end(window, at, max_depth)
        if isinstance(end, Stop):
            return Scene(window, at, end.at, end.expect, end.opened, "orders")
        after = space_end(window, end)
        mark = window[after : after + 1]
        if mark not in (b",", b"]"):
            return Scene(window, at, after, Expect.AFTER, (), "orders")
        elements.append((at, end))
        if mark == b"]":
            return after + 1
        at = space_end(window, after + 1)


def _foreign_scanned(window: bytes, elements: list[tuple[int, int]], begin: int, foreign: Fault) -> Scanned:
    """Keep the elements before the byte that is not UTF-8, and say in which element it stands."""
    while elements and elements[-1][1] > foreign.offset:
        begin = elements.pop()[0]
    fault = replace(foreign, pointer=pointer_at(window, begin, foreign.offset))
    return Scanned(elements, None, fault, begin)


def _halted(scene: Scene) -> int:
    """The very byte that a strict reader could not accept; the fault may be placed before it."""
    in_string = scene.byte == b'"' and scene.expect in (Expect.VALUE, Expect.KEY)
    return string_stop(scene.text, scene.at) if in_string else scene.at


def _cut(scene: Scene) -> Fault:
    """The text ends where more was due; points at the beginning of the token that was cut."""
    begun, at = scene.byte, scene.at
    if begun == b'"':
        where = "inside a text in quotation marks"
    elif begun:
        where = "inside a number or a word"
        at = number_begin(scene)
    elif scene.opened:
        bracket = "}" if scene.in_object else "]"
        where = f"where {scene.expect.value} was due; the {bracket} is missing"
        where = where if scene.expect is not Expect.AFTER else f"before the {bracket} that closes what is open"
    else:
        where = "before the ] that closes the array" if scene.top else f"where {scene.expect.value} was due"
    hint = "The export or the transfer was cut short; fetch the file again."
    pointer = pointer_at(scene.text, scene.start, at)
    length = max(1, len(scene.text) - at)
    return Fault("SO-038", at, f"The text ends {where}.", hint, pointer, length)


def first_fault(record: bytes, *, max_depth: int = MAX_DEPTH) -> Fault | None:
    """What is wrong with one whole JSON value, such as an NDJSON record; None if it is valid."""
    at = space_end(record, 0)
    if at == len(record):
        return opening_fault(record)
    halted, fault = _value_fault(record, at, max_depth)
    foreign = bad_utf8(record, 0, at_end=fault is not None and fault.code != "SO-038")
    if foreign is not None and (fault is None or foreign.offset <= halted):
        return replace(foreign, pointer=pointer_at(record, at, foreign.offset))
    return fault


def _value_fault(record: bytes, at: int, max_depth: int) -> tuple[int, Fault | None]:
    """Where a strict reader has to stop in the value that begins at `at`, and why; UTF-8 apart."""
    end = value_end(record, at, max_depth)
    if isinstance(end, Stop):
        scene = Scene(record, at, end.at, end.expect, end.opened)
        return _halted(scene), explain(scene) or _cut(scene)
    after = space_end(record, end)
    if after == len(record):
        return after, None
    scene = Scene(record, at, after, Expect.AFTER, ())
    if after == end and record[at] not in b'"{[':
        return after, explain(scene) or _cut(scene)
    follows = trailing_fault(record[end:])
    return after, replace(follows, offset=end + follows.offset) if follows else None
