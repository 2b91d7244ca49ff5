"""Explains single tokens that are nearly JSON: strings, numbers and words. Returns None when the text ran out instead.

"Ran out" means that everything up to the end could still become valid: the caller reads on, or says the file is cut.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from sobatch.core.syntax.fault import Fault, Scene, character_at, quote
from sobatch.core.syntax.grammar import string_stop

_HEX = rb"[0-9A-Fa-f]"
_escape_begun = re.compile(
    rb"\\(?:u(?:" + _HEX + rb"{0,3}|[Dd][89ABab]" + _HEX + rb"{2}(?:\\(?:u(?:[Dd](?:[C-Fc-f]" + _HEX + rb"?)?)?)?)?))?"
).fullmatch
_surrogate = re.compile(rb"\\u[Dd][89A-Fa-f]" + _HEX + rb"{2}").match
_member_follows = re.compile(rb'\s*+(?:"[^"\n]*+"\s*+:|[}\]])').match
_number_begun = re.compile(rb"-?(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?(?:[eE][+\-]?[0-9]*+)?)?").fullmatch
_number_tail = re.compile(rb"[-+.0-9eE]++\Z").search
_word_tail = re.compile(rb"[a-z]++\Z").search
_number_text = re.compile(rb"[-+.#\w'%]++").match
_not_a_number = re.compile(rb"[+-]?(?:nan|inf|infinity|1\.#(?:inf|ind|qnan|snan))(?:\(?\w*\)?)?", re.I).fullmatch
_sheet_error = re.compile(rb"#(?:N/A|REF!|DIV/0!|VALUE!|NUM!|NAME\?|NULL!)").match
_closes_soon = re.compile(rb'[^"\n,:{}\[\]]*+"[ \t\r\n]*+[,}\]:]').match

_MEANT = {
    "none": "null", "nil": "null", "undefined": "null", "void": "null", "na": "null", "n/a": "null",
    "yes": "true", "on": "true", "y": "true", "t": "true", "wahr": "true", "ja": "true",
    "no": "false", "off": "false", "n": "false", "f": "false", "falsch": "false", "nein": "false",
}  # fmt: skip
_LITERALS = (b"true", b"false", b"null")


def string_fault(text: bytes, begin: int) -> Fault | None:
    """Why the string whose opening quote stands at `begin` is not one."""
    at = string_stop(text, begin)
    if at >= len(text) or text[at] == b'"'[0]:
        return None
    if text[at] == 0:
        return nul_fault(at)
    if text[at] == b"\\"[0]:
        return _escape_fault(text, at)
    return _control_fault(text, begin, at)


def nul_fault(at: int) -> Fault:
    """A zero byte, which no JSON text may hold."""
    hint = "The file is damaged or was padded with zeros; export it again, or remove them: tr -d '\\000' < in > out"
    return Fault("SO-016", at, "A NUL byte (value 0) stands here.", hint)


def _escape_fault(text: bytes, at: int) -> Fault | None:
    if len(text) - at < 12 and _escape_begun(text, at):
        return None
    if _surrogate(text, at):
        shown = quote(text[at : at + 6])
        message = f"{shown} is one half of a surrogate pair without the other half."
        return Fault("SO-043", at, message, "Write the character itself in UTF-8, or both halves.", length=6)
    if text[at + 1 : at + 2] in (b"u", b"U"):
        message = f"The escape {quote(text[at : at + 6])} is not \\u and four hexadecimal digits."
        return Fault("SO-039", at, message, "Write it as \\u00e5; for a real backslash write \\\\.", length=2)
    message = f"{quote(text[at : at + 1] + character_at(text, at + 1).encode())} is not an escape that JSON knows."
    hint = 'After a backslash only " \\ / b f n r t u may come; write \\\\ for a backslash that is meant, as in a path.'
    return Fault("SO-039", at, message, hint, length=2)


def _control_fault(text: bytes, begin: int, at: int) -> Fault:
    byte = text[at]
    if byte in b"\r\n":
        rest = text[at : at + 400]
        if _member_follows(rest):
            shown = quote(text[begin:at].rstrip())
            message = f"The text {shown} has no closing quotation mark on its line."
            return Fault("SO-051", begin, message, 'Put the missing " at the end of the text.', length=at - begin)
        message = "A line break stands inside a text in quotation marks."
        return Fault("SO-037", at, message, "Write it as \\n (or \\r\\n), or close the text before the line ends.")
    name, way = ("A tab", "\\t") if byte == 9 else (f"The control character 0x{byte:02X}", f"\\u{byte:04x}")
    return Fault("SO-037", at, f"{name} stands raw inside a text.", f"Write it as {way}, or remove it.")


def quote_fault(scene: Scene) -> Fault | None:
    """After a string comes text that belongs to nothing: a quotation mark is missing, or one too many stands inside."""
    span = scene.last_string
    if span is None or span[1] != scene.before:
        return None
    begin, end = span
    inner = scene.text[begin + 1 : end - 1].rstrip()
    for mark in "\u201d\u2019\u201c":
        if inner.endswith((mark.encode(), mark.encode() + b",")):
            return curly_fault(begin, mark)
    if inner.endswith((b",", b":", b"{", b"[")):
        message = f"The text {quote(scene.text[begin:end])} seems to have lost its closing quotation mark."
        return Fault("SO-051", begin, message, 'Put the missing " where the text really ends.', length=end - begin)
    message = f"The text {quote(scene.text[begin:end])} ends here, yet more follows."
    hint = 'A quotation mark inside a text is written \\".'
    return Fault("SO-051", end - 1, message, hint)


def curly_fault(at: int, mark: str) -> Fault:
    """Typographic quotes, as word processors make them."""
    message = f"{mark} is a typographic quotation mark; JSON only knows the straight one."
    return Fault("SO-049", at, message, 'Replace it by ". Word processors and chat programs change it unasked.')


def number_begin(scene: Scene) -> int:
    """Where the number begins that goes on at this place, or the place itself."""
    tail = _number_tail(scene.text[max(scene.start, scene.at - 400) : scene.at])
    return scene.at - len(tail.group()) if tail else scene.at


def number_fault(scene: Scene) -> Fault | None:
    """What begins like a number, or follows one without a gap, and is none."""
    begin = number_begin(scene)
    if _number_begun(scene.text, begin):
        return None
    found = _number_text(scene.text, begin)
    whole = found.group() if found else scene.text[begin : begin + 1]
    if _not_a_number(whole):
        return _infinite(begin, whole)
    why, hint = _number_words(whole)
    return Fault("SO-040", begin, f"{quote(whole)} is not a number as JSON writes it: {why}.", hint, length=len(whole))


_NUMBER_WAYS: tuple[tuple[bytes, str, str], ...] = (
    (rb"\d{4}-\d{1,2}-\d{1,2}.*|\d{1,2}\.\d{1,2}\.\d{2,4}", "it looks like a date", "Put the date in double quotes."),
    (rb"-?0[xX].*", "it is hexadecimal", "Write it in decimal."),
    (rb"-?0\d.*", "it begins with a zero", "Drop the zero; if it is a code and not a number, put it in double quotes."),
    (rb"\+.*", "it begins with a plus", "Leave the plus out."),
    (rb"-?\.\d.*", "digits are missing before the point", "Write 0 before the point."),
    (rb"-?\d+\.(?:[eE].*)?", "digits are missing after the point", "Write 0 after the point, or drop the point."),
    (rb"-?[\d.]+[eE][+-]?", "digits are missing after the e", "Complete the exponent or drop it."),
    (rb"-?\d+(?:[_']\d+)+.*", "it has a thousands separator", "Write the digits without separators."),
    (rb"-?\d*\.\d+\..*", "it has two points", "Keep one decimal point; put a code or a date in double quotes."),
    (rb"-", "digits are missing after the minus", "Complete the number."),
    (rb".*%", "it has a percent sign", "Write the bare number."),
    (rb"-?[\d.]+[A-Za-z_].*", "letters follow", "Write the bare number; put a code in double quotes."),
)
_number_ways = tuple((re.compile(shape, re.S).fullmatch, why, hint) for shape, why, hint in _NUMBER_WAYS)


def _number_words(whole: bytes) -> tuple[str, str]:
    for matches, why, hint in _number_ways:
        if matches(whole):
            return why, hint
    return "the digits and signs do not fit together", "Write it like -12.5 or 1.25e3."


def _infinite(begin: int, whole: bytes) -> Fault:
    message = f"{quote(whole)} is not a value in JSON, which has no such numbers."
    return Fault("SO-035", begin, message, "Write the number that is meant, or null.", length=len(whole))


def word_fault(scene: Scene) -> Fault | None:
    """A word where a value is due: a misspelt true, false or null, a NaN, or text without its quotation marks."""
    tail = _word_tail(scene.text[max(scene.start, scene.at - 5) : scene.at])
    begin = scene.at - len(tail.group()) if tail else scene.at
    rest = scene.text[begin : begin + 64]
    if len(rest) < 5 and any(literal.startswith(rest) for literal in _LITERALS):
        return None
    word = rest[: scene.at - begin] + scene.word
    if _not_a_number(word):
        return _infinite(begin, word)
    if _closes_soon(scene.text, scene.at):
        return _opening_quote_fault(begin, word)
    meant = _meant(word.decode("utf-8", "replace"))
    if scene.text[begin + len(word) : begin + len(word) + 1] in (b"(", b'"', b"'"):
        message = f"{quote(word)} is program code, not JSON."
        hint = "Write the bare value; a date or an id goes in double quotes."
    elif meant:
        message, hint = f"{quote(word)} is not a word that JSON knows.", f"Did you mean {meant}? JSON writes it so."
    else:
        message = f"The text {quote(word)} stands without quotation marks."
        hint = f'Write "{quote(word)}"; only numbers, true, false and null stand bare.'
    return Fault("SO-041", begin, message, hint, length=len(word))


def sheet_error(scene: Scene) -> Fault | None:
    """An error value that a spreadsheet wrote in place of a cell."""
    found = _sheet_error(scene.text, scene.at)
    if found is None:
        return None
    message = f"{quote(found.group())} is an error value of a spreadsheet."
    return Fault("SO-041", scene.at, message, "Mend the cell and export again.", length=len(found.group()))


def _meant(word: str) -> str | None:
    lowered = word.lower()
    if lowered in _MEANT:
        return _MEANT[lowered]
    close = get_close_matches(lowered, ("true", "false", "null"), n=1, cutoff=0.7)
    return close[0] if close else None


def _opening_quote_fault(at: int, word: bytes) -> Fault:
    message = f"The text that begins with {quote(word)} has no opening quotation mark."
    return Fault("SO-051", at, message, 'Put a " before it.', length=len(word))


def bare_name_fault(scene: Scene) -> Fault:
    """A member's name that stands without quotation marks."""
    word = scene.word
    if _closes_soon(scene.text, scene.at):
        return _opening_quote_fault(scene.at, word)
    message = f"The name {quote(word)} stands without quotation marks."
    return Fault("SO-042", scene.at, message, f'Write "{quote(word)}".', length=max(1, len(word)))
