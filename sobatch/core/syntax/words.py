"""Puts into words why a strict reader came to a halt: looks at the byte that does not fit and at what came before.

Never moves a fault to a later place; moves it back where a person would look (the comma, not the bracket after it).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace

from sobatch.core.syntax import tokens
from sobatch.core.syntax.fault import Fault, Scene, character_at, pointer_at, quote
from sobatch.core.syntax.grammar import Expect

# Quotation marks of many languages, single and double, and the primes.
_CURLY = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb\u2039\u203a\u2032\u2033"
_CLOSES = {b"{": b"}", b"[": b"]"}
_DIGITS = b"0123456789"


def explain(scene: Scene) -> Fault | None:
    """The fault of this scene with its pointer; None when the text ran out before anything was wrong."""
    if not scene.byte:
        return None
    if scene.expect is Expect.NOTHING_DEEPER:
        message = f"Objects and arrays are nested more than {len(scene.opened)} deep here."
        fault: Fault | None = Fault("SO-045", scene.at, message, "An order needs about six levels; check the export.")
    else:
        fault = _anywhere(scene) or _BY_EXPECTATION[scene.expect](scene)
    if fault is None:
        return None
    return replace(fault, pointer=pointer_at(scene.text, scene.start, fault.offset))


def _anywhere(scene: Scene) -> Fault | None:
    """What is wrong wherever it stands outside a string."""
    text, at, byte = scene.text, scene.at, scene.byte
    if byte == b"\0":
        return tokens.nul_fault(at)
    if byte == b"#":
        return tokens.sheet_error(scene) or _comment(at, "#")
    if byte == b"/" and text[at + 1 : at + 2] in (b"/", b"*"):
        return _comment(at, quote(text[at : at + 2]))
    if byte in (b"'", b"`") and not text[at - 1 : at].isdigit():
        message = "Text is quoted with a single mark here." if byte == b"'" else "Text is quoted with a backtick here."
        return Fault("SO-033", at, message, 'JSON wants double quotes: "text".')
    if byte[0] >= 0x80:
        return _beyond_ascii(scene)
    if byte[0] < 0x20 or byte[0] == 0x7F:
        message = f"The control character 0x{byte[0]:02X} stands between the values."
        return Fault("SO-030", at, message, "Remove it; only space, tab and line breaks may stand there.")
    return _leftover(scene)


def _comment(at: int, mark: str) -> Fault:
    return Fault("SO-034", at, f"A comment begins here ({mark}); JSON has none.", "Remove it.", length=len(mark))


def _beyond_ascii(scene: Scene) -> Fault | None:
    char = character_at(scene.text, scene.at)
    if char in _CURLY:
        return tokens.curly_fault(scene.at, char)
    if char == "\ufeff":
        where = "in the middle of" if scene.at else "before"
        message = f"A byte order mark stands {where} the text."
        hint = "Remove it (bytes EF BB BF); in the middle it shows that files were joined end to end."
        return Fault("SO-014", scene.at, message, hint)
    if char == "…":
        return _placeholder(scene.at)
    if unicodedata.category(char) in ("Zs", "Zl", "Zp", "Cf"):
        name = unicodedata.name(char, "unnamed").lower()
        message = f"An invisible character (U+{ord(char):04X}, {name}) stands between the values."
        return Fault("SO-030", scene.at, message, "Replace it by an ordinary space; it often comes from a web page.")
    if char.isalpha() or char in "€£¥":
        return None
    return _unexpected(scene)


def _placeholder(at: int) -> Fault:
    return Fault("SO-030", at, "Three dots stand in place of data.", "Put the real data here, or remove the dots.")


def _leftover(scene: Scene) -> Fault | None:
    """Marks that other programs leave behind: conflict markers, templates, dots of an example."""
    head = scene.text[scene.at : scene.at + 7]
    if head in (b"<<<<<<<", b"=======", b">>>>>>>"):
        message = f"A merge conflict marker ({quote(head)}) stands here."
        return Fault("SO-030", scene.at, message, "Resolve the conflict in the file first.", length=7)
    if head.startswith(b"..."):
        return _placeholder(scene.at)
    if head.startswith((b"{{", b"{%", b"${")) or (head[:1] == b"{" and scene.previous == b"{"):
        message = "A template placeholder seems not to have been filled in."
        return Fault("SO-030", scene.at, message, "Check the program that wrote the file.")
    return None


def _value(scene: Scene) -> Fault | None:
    """A value was due."""
    byte, previous = scene.byte, scene.previous
    if byte == b'"':
        return tokens.string_fault(scene.text, scene.at)
    if byte == b",":
        return _no_value(scene) if previous == b":" else _comma_too_many(scene)
    if byte in b"]}":
        return _closed_early(scene)
    if byte == b":":
        message = "Two colons follow each other." if previous == b":" else "A colon stands where a value was due."
        return Fault("SO-052", scene.at, message, 'Write "name": value.')
    if character_at(scene.text, scene.at) in "$€£¥":
        return Fault("SO-040", scene.at, "A currency sign stands before the number.", "Write the bare number.")
    if byte in b"+-.":
        return tokens.number_fault(scene)
    if byte.isalpha() or byte == b"_" or byte[0] >= 0x80:
        return tokens.word_fault(scene)
    return _unexpected(scene)


def _no_value(scene: Scene) -> Fault:
    hint = 'Write the value; "" for an empty text, or null.'
    return Fault("SO-052", scene.before - 1, "A member has a name and a colon, but no value.", hint)


def _comma_too_many(scene: Scene) -> Fault:
    if scene.previous == b"," or (not scene.opened and scene.top and scene.previous != b"["):
        message = "Two commas follow each other."
        return Fault("SO-047", scene.at, message, f"Remove one, or add what is missing from the {scene.siblings}.")
    return Fault("SO-047", scene.at, f"A comma stands before the first of the {scene.siblings}.", "Remove it.")


def _closed_early(scene: Scene) -> Fault:
    """A closing bracket where a value or a name was due: nearly always a comma too many."""
    if scene.previous == b":":
        return _no_value(scene)
    if scene.byte != (_CLOSES[_opener(scene)] if scene.opened else b"]"):
        return _mismatch(scene)
    if scene.previous == b",":
        what = "name and value" if scene.in_object else "element" if scene.opened else "order"
        message = f"A comma stands after the last {what}."
        return Fault("SO-031", scene.before - 1, message, f"Remove the comma before the {scene.byte.decode()}.")
    if not scene.opened and scene.top and scene.byte == b"]":
        return Fault("SO-031", scene.at, "A comma stands after the last order.", "Remove the comma before the ].")
    return _mismatch(scene)


def _opener(scene: Scene) -> bytes:
    return scene.text[scene.opened[-1] : scene.opened[-1] + 1]


def _mismatch(scene: Scene) -> Fault:
    byte = scene.byte.decode()
    if not scene.opened:
        message = f"A closing {byte} stands here, but nothing is open that it could close."
        return Fault("SO-046", scene.at, message, "Remove it, or add the bracket that should open it.")
    opener = _opener(scene)
    line = scene.text.count(b"\n", scene.opened[-1], scene.at)
    where = "on this line" if not line else f"{line:,} line{'s' if line > 1 else ''} above"
    message = f"{byte} closes what was opened with {opener.decode()} ({where})."
    return Fault("SO-046", scene.at, message, f"A {_CLOSES[opener].decode()} is missing before it, or it is wrong.")


def _name(scene: Scene) -> Fault | None:
    """A member's name was due."""
    byte, previous = scene.byte, scene.previous
    if byte == b'"':
        return tokens.string_fault(scene.text, scene.at)
    if byte == b",":
        return _comma_too_many(scene)
    if byte in b"]}":
        return _closed_early(scene)
    if byte.isdigit() and previous == b"," and scene.before == scene.at:
        return _decimal_comma(scene)
    if byte == b":":
        return Fault("SO-052", scene.at, "A colon stands here without a name before it.", 'Write "name": value.')
    if byte in b"{[":
        message = "A name was due here, not a value: this is inside an object."
        return Fault("SO-052", scene.at, message, 'Write "name": before it, or check the } before it.')
    if scene.word:
        return tokens.bare_name_fault(scene)
    return _unexpected(scene)


def _decimal_comma(scene: Scene) -> Fault | None:
    """Inside an object digits right after a comma can only be the rest of a number such as 1,5."""
    head = scene.text[max(scene.start, scene.at - 40) : scene.at - 1]
    begin = len(head)
    while begin and head[begin - 1] in b"0123456789.-":
        begin -= 1
    digits = head[begin:]
    if not digits or digits[-1] not in _DIGITS:
        return tokens.bare_name_fault(scene)
    whole = digits + b"," + scene.word
    meant = digits + (b"" if _three_digits(scene.word) else b".") + scene.word
    hint = f"Use a point for decimals and no separators for thousands: {quote(meant)}."
    message = f"{quote(whole)} has a comma inside the number."
    return Fault("SO-040", scene.at - 1 - len(digits), message, hint, length=len(whole))


def _colon(scene: Scene) -> Fault | None:
    """After a name a colon was due."""
    if scene.byte == b"=":
        return Fault("SO-044", scene.at, "An equals sign stands where a colon belongs.", 'Write "name": value.')
    if scene.byte in b",}]":
        hint = 'Write "name": value; a list of bare values goes in [ ].'
        return Fault("SO-044", scene.before, "A name without a colon and a value.", hint)
    span = scene.last_string
    holds_colon = span is not None and scene.text[span[0] : span[1] - 1].rstrip().endswith(b":")
    if holds_colon or (scene.word and scene.before == scene.at and not _begins_value(scene)):
        return tokens.quote_fault(scene) or _unexpected(scene)
    return Fault("SO-044", scene.before, "The colon between a name and its value is missing.", 'Write "name": value.')


def _begins_value(scene: Scene) -> bool:
    byte = scene.byte
    return byte in b'"{[-0123456789' or scene.word in (b"true", b"false", b"null")


def _after(scene: Scene) -> Fault | None:
    """A value is complete: a comma or the closing bracket was due."""
    text, at, byte = scene.text, scene.at, scene.byte
    touching = text[at - 1 : at] if at > scene.start else b""
    if touching.isdigit() and (byte in b".eE+-'%_#" or byte.isalnum()):
        return tokens.number_fault(scene)
    if touching.isalpha() and byte.isalnum():
        return tokens.word_fault(scene)
    if byte in b"]}":
        return _mismatch(scene)
    if scene.in_object and touching == b" " and text[at - 2 : at - 1].isdigit() and _three_digits(scene.word):
        return _spaced_number(scene)
    if byte == b";":
        return Fault("SO-032", at, "A semicolon stands where a comma belongs.", "Replace it by a comma.")
    if byte == b":":
        in_array = "A name and a value stand directly in an array."
        message = "A second colon: a member has one name and one value." if scene.in_object else in_array
        return Fault("SO-052", at, message, "A comma is missing before, or { } around the members.")
    if not _begins_value(scene):
        return (tokens.quote_fault(scene) if scene.word else None) or _unexpected(scene)
    message = f"A comma is missing between two {scene.siblings}."
    return Fault("SO-032", scene.before, message, "Put a comma here.")


def _three_digits(word: bytes) -> bool:
    whole = word.partition(b".")[0]
    return len(whole) == 3 and whole.isdigit()


def _spaced_number(scene: Scene) -> Fault:
    head = scene.text[max(scene.start, scene.before - 40) : scene.before]
    begin = len(head)
    while begin and head[begin - 1] in b"0123456789.-":
        begin -= 1
    offset = scene.before - (len(head) - begin)
    message = f"{quote(head[begin:] + b' ' + scene.word)} has a space inside the number."
    hint = "Write the digits without separators; if these are two members, the second needs a name."
    return Fault("SO-040", offset, message, hint, length=scene.at + len(scene.word) - offset)


def _unexpected(scene: Scene) -> Fault:
    shown = quote(character_at(scene.text, scene.at).encode("utf-8", "replace"))
    message = f"The character {shown} does not belong here: {scene.expect.value} was due."
    return Fault("SO-030", scene.at, message, None)


_BY_EXPECTATION: dict[Expect, Callable[[Scene], Fault | None]] = {
    Expect.VALUE: _value,
    Expect.KEY: _name,
    Expect.COLON: _colon,
    Expect.AFTER: _after,
}
