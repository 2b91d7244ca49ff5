"""Judges a text by its first bytes, and by what follows the end of its array.

The opening is where wrong encodings and wrong formats show; the end is where glued files and leftovers show.
"""

from __future__ import annotations

import codecs
import re

from sobatch.core.syntax.fault import Fault, Scene, quote
from sobatch.core.syntax.grammar import Expect, space_end
from sobatch.core.syntax.words import explain

_BOMS = (
    (b"\xff\xfe\0\0", "UTF-32LE"),
    (b"\0\0\xfe\xff", "UTF-32BE"),
    (b"\xff\xfe", "UTF-16LE"),
    (b"\xfe\xff", "UTF-16BE"),
)
_UTF8_BOM = b"\xef\xbb\xbf"
_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "gzip data (perhaps compressed twice)"),
    (b"\x28\xb5\x2f\xfd", "zstd data (perhaps compressed twice)"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"SQLite format 3", "an SQLite database"),
)
_html = re.compile(rb"<!doctype html|<html|<head|<body", re.I).match
_markup = re.compile(rb"<(?:\?xml|!--|!doctype|[A-Za-z])", re.I).match
_script = re.compile(
    rb"(?:var|let|const|export|module|window|self)\b[^\n]*[=.]|[\w$.]+\s*=\s*[\[{]|[\w$.]+\s*\(\s*[\[{]"
).match
_yaml = re.compile(rb"---(?:\s|$)|%YAML|- +[\w\"'{]|[\w\"-]+:(?: |\r?\n|$)").match
_table = re.compile(rb'(?:"[^"\r\n]*"|[^,;\t|\r\n]*)(?:([,;\t|])(?:"[^"\r\n]*"|[^,;\t|\r\n]*))+(?:\r?\n|$)').match
_SEPARATORS = {b",": "commas", b";": "semicolons", b"\t": "tabs", b"|": "bars"}


def opening_fault(head: bytes) -> Fault | None:
    """What the first bytes of a text tell against it; None if it may begin an array or an object."""
    fault = _encoding_fault(head)
    if fault is not None:
        return fault
    at = space_end(head, 0)
    if at == len(head):
        what = "empty" if not head else "blank: it holds nothing but white space"
        return Fault("SO-010", 0, f"The input is {what}.", "Check the export, or the path.", length=max(1, at))
    if head[at] in b"[{":
        return None
    return _format_fault(head, at) or _first_value_fault(head, at)


def _encoding_fault(head: bytes) -> Fault | None:
    for mark, name in _BOMS:
        if head.startswith(mark):
            return _wide_fault(name, "its byte order mark says so", len(mark))
    if head.startswith(_UTF8_BOM):
        message = "The text begins with a byte order mark (EF BB BF), which JSON does not allow."
        hint = "Save it as UTF-8 without BOM, or: tail -c +4 in.json > out.json"
        return Fault("SO-014", 0, message, hint, length=3)
    if b"\0" not in head[:4]:
        return None
    padded = _wide_name(head[:4])
    if padded:
        return _wide_fault(padded, "every character is padded with NUL bytes", 1)
    message = "The text begins with NUL bytes (value 0)."
    return Fault("SO-016", head.index(0), message, "The file is damaged or was never fully written; fetch it again.")


def _wide_name(first: bytes) -> str | None:
    """The encoding that the pattern of NUL bytes gives away, as in the older JSON standard."""
    zeros = tuple(byte == 0 for byte in first)
    by_pattern = {
        (False, True, True, True): "UTF-32LE",
        (True, True, True, False): "UTF-32BE",
        (False, True, False, True): "UTF-16LE",
        (True, False, True, False): "UTF-16BE",
        (False, True, False, False): "UTF-16LE",
        (True, False, False, False): "UTF-16BE",
        (False, True): "UTF-16LE",
        (True, False): "UTF-16BE",
    }
    return by_pattern.get(zeros)


def _wide_fault(name: str, why: str, length: int) -> Fault:
    # With its mark, iconv finds the byte order itself and drops the mark; without, it must be told.
    encoding = name if length == 1 else name[:-2]
    hint = f"Convert it: iconv -f {encoding} -t UTF-8 in.json > out.json"
    return Fault("SO-013", 0, f"The text is {name}, not UTF-8: {why}.", hint, length=length)


def _format_fault(head: bytes, at: int) -> Fault | None:
    """Text in some other format altogether."""
    if head[at] in b'"':
        return _not_json(at, _table_name(head[at:])) if _is_table(head[at:]) else None
    for magic, name in _MAGIC:
        if head.startswith(magic, at):
            return _not_json(at, name)
    if _html(head, at):
        return _not_json(at, "an HTML page, perhaps the login or error page of a server")
    if _markup(head, at):
        return _not_json(at, "XML")
    if _script(head, at):
        return _not_json(at, "program code around the data")
    if _yaml(head, at):
        return _not_json(at, "YAML")
    if _is_table(head[at:]) and (head[at : at + 1].isalpha() or head[at : at + 1].isdigit()):
        return _not_json(at, _table_name(head[at:]))
    return None


def _is_table(text: bytes) -> bool:
    """Whether at least the first line is split by the same separator, and no JSON bracket stands in it."""
    line = text.split(b"\n", 1)[0]
    found = _table(text)
    return found is not None and not any(mark in line for mark in (b"{", b"}", b"[", b"]"))


def _table_name(text: bytes) -> str:
    found = _table(text)
    separator = found.group(1) if found else b","
    return f"a table with {_SEPARATORS[separator]} between the columns (CSV)"


def _not_json(at: int, name: str) -> Fault:
    return Fault("SO-050", at, f"This is not JSON: it looks like {name}.", "Export the orders as a JSON array.")


def _first_value_fault(head: bytes, at: int) -> Fault | None:
    """The text begins with a single value, or with what can begin none."""
    if head[at] in b'"-0123456789' or head[at : at + 5].startswith((b"true", b"false", b"null")):
        message = "The text is a single value, not an array of orders."
        return Fault("SO-011", at, message, "Put the orders into an array: [ {…}, {…} ]")
    if head[at] in b"]}":
        message = f"The text begins with a closing {head[at : at + 1].decode()}."
        return Fault("SO-046", at, message, "The beginning of the file is missing.")
    if head[at] in b",:":
        message = f"The text begins with {quote(head[at : at + 1])}."
        return Fault("SO-030", at, message, "The beginning of the file is missing, or it was cut from another one.")
    fault = explain(Scene(head, at, at, Expect.VALUE, ()))
    if fault is None or fault.code in ("SO-041", "SO-030"):
        bad = bad_utf8(head, 0, at_end=False)
        return bad if bad and bad.offset <= at else _not_json(at, "plain text or binary data")
    return fault


def trailing_fault(rest: bytes) -> Fault | None:
    """What follows the end of the array, or of the one value of a line; None if it is only white space."""
    at = space_end(rest, 0)
    if at == len(rest):
        return None
    byte = rest[at : at + 1]
    if byte == b"[":
        message = "A second array begins where the text should end: files were joined end to end."
        return Fault("SO-036", at, message, "Make one array of them: put a comma in place of the ][ between them.")
    if byte in b'{"-0123456789' or rest[at : at + 5].startswith((b"true", b"false", b"null")):
        message = "Another value follows where the text should end."
        return Fault("SO-036", at, message, "Put all orders into one array, or each order on a line of its own.")
    if byte == b",":
        message = "A comma follows where the text should end."
        return Fault("SO-036", at, message, "Remove it; if more orders follow, the closing bracket came too early.")
    if byte == b"\x1a":
        message = "An end-of-file mark of DOS (Ctrl-Z, 0x1A) follows the text."
        return Fault("SO-036", at, message, "Remove the last byte of the file.")
    return _stray_fault(rest, at)


def _stray_fault(rest: bytes, at: int) -> Fault:
    scene = Scene(rest, at, at, Expect.AFTER, ())
    fault = explain(scene)
    if fault is not None and fault.code in ("SO-014", "SO-016", "SO-034", "SO-046"):
        return fault
    bad = bad_utf8(rest[: at + 4], at, at_end=True)
    if bad is not None and bad.offset == at:
        return bad
    word = scene.word or rest[at : at + 1]
    message = f"Text follows where the end should be: {quote(word)}."
    return Fault("SO-036", at, message, "Remove everything after the closing bracket.", length=len(word))


def bad_utf8(text: bytes, start: int, *, at_end: bool) -> Fault | None:
    """The first byte from `start` on that is not UTF-8; a character cut by the end counts only `at_end`."""
    try:
        codecs.utf_8_decode(memoryview(text)[start:], "strict", at_end)
    except UnicodeDecodeError as error:
        at = start + error.start
        return _foreign_byte(text, at)
    return None


def _foreign_byte(text: bytes, at: int) -> Fault:
    byte = text[at : at + 1]
    guess = byte.decode("cp1252", "ignore")
    reading = f"; in Windows-1252 it would be {guess}" if guess.isprintable() and guess else ""
    message = f"The byte 0x{byte[0]:02X} is not UTF-8 here{reading}."
    hint = "Convert the file: iconv -f WINDOWS-1252 -t UTF-8 in.json > out.json"
    return Fault("SO-015", at, message, hint)
