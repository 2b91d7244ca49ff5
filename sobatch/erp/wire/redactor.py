"""Takes secrets out of text that came from outside, in whatever spelling: as they are, percent-encoded, HTML- or
JSON-escaped (also in part, also twice), in base64 at any alignment, in hex. Short secrets count as whole words only.

The text is unescaped in layers that remember where each character came from; every layer is searched with plain
substring searches, so that a list of a hundred thousand messages costs seconds at most.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

STARS = "********"
LIMIT = 4096
_SHORT = 8
_ROUNDS = 3
_LONGEST_SPELLING = 12  # characters that one character may be spelled with, such as \u00XX twice escaped

_PERCENT = (
    "%[0-7][0-9A-Fa-f]|%[CDcd][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]|%[Ee][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){2}"
    "|%[Ff][0-7](?:%[89ABab][0-9A-Fa-f]){3}|%[0-9A-Fa-f]{2}|%u[0-9A-Fa-f]{4}"
)
_BACKSLASH = (
    r"\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}"
    r"""|\\x[0-9A-Fa-f]{2}|\\["'\\/bfnrt]"""
)
_AMPERSAND = "&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?"
_FAMILIES = (_PERCENT, _BACKSLASH, _AMPERSAND)
# All at once, and each alone: what is an escape of one kind may be plain text for another.
_ESCAPES = tuple(re.compile(pattern) for pattern in ("|".join(_FAMILIES), *_FAMILIES))
# A signed token is one by its form: that of an earlier command may still be good, and nobody here knows it.
_SIGNED = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")
_LEAST_SIGNED = 41
_LOWER = str.maketrans("ABCDEF", "abcdef")
_LETTERS_BEFORE = re.compile("[A-Za-z0-9+/]*$")
_LETTERS = re.compile("[A-Za-z0-9+/]*")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Core:
    """The base64 letters that a secret alone decides when it begins at this place of a group of three bytes."""

    letters: str
    place: int
    ragged: int

    @property
    def mixed(self) -> int:
        """Letters of the group before the core."""
        return (0, 2, 3)[self.place]


@dataclass(frozen=True, slots=True)
class _Secret:
    """One secret in the spellings that are looked for. A blank stands for `+` too, as forms write it."""

    words: tuple[str, ...]
    cores: tuple[_Core, ...]
    digits: str
    octets: str
    short: bool

    @property
    def least(self) -> int:
        """The characters of its shortest spelling."""
        return min(len(each) for each in (*self.words, *(core.letters for core in self.cores), self.digits))


class Redactor:
    """Replaces the secrets it was told of by stars, and signed tokens (JWT), in any text that came from outside.

    Safe beside other threads: what is known is replaced as a whole, never changed.
    """

    def __init__(self) -> None:
        self._learning = Lock()
        self._know({})

    def learn(self, *secrets: str) -> None:
        """Know a secret from now on."""
        with self._learning:
            new = {secret: _spelled(secret) for secret in filter(None, secrets) if secret not in self._secrets}
            if new:
                self._know({**self._secrets, **new})

    def _know(self, secrets: Mapping[str, _Secret]) -> None:
        self._secrets = secrets
        self._least = min((secret.least for secret in secrets.values()), default=0)
        self._reach = max((_LONGEST_SPELLING * len(secret) for secret in secrets), default=0)
        self._found = lru_cache(1024)(self._search)

    def __call__(self, text: str, limit: int = LIMIT) -> str:
        """What may be shown of the first `limit` characters; what they are the beginning of is looked at too."""
        head = text[: limit + self._reach]
        shown: list[str] = []
        at = 0
        for begin, end in self._found(head):
            if begin < limit:
                shown += (head[at:begin], STARS)
                at = end
        return "".join(shown) + head[at : max(at, limit)]

    def holds(self, text: str) -> bool:
        """Whether there is a secret in this text."""
        return bool(self._found(text))

    def _search(self, text: str) -> tuple[Span, ...]:
        if len(text) < min(self._least, _LEAST_SIGNED):
            return ()
        found = [
            (layer.begins[begin], layer.ends[end - 1]) for layer in _layers(text) for begin, end in self._in(layer.text)
        ]
        return tuple(_merged(sorted(found)))

    def _in(self, text: str) -> Iterator[Span]:
        words, digits = text.replace("+", " "), text.translate(_LOWER)
        letters = text.replace("-", "+").replace("_", "/")
        yield from (match.span() for match in _SIGNED.finditer(text))
        for secret in self._secrets.values():
            for word in secret.words:
                yield from (span for span in _all(words, word) if len(word) >= _SHORT or _alone(words, span))
            for core in secret.cores:
                for begin, end in _all(letters, core.letters):
                    if not secret.short or _alone_in_base64(letters, begin, end, core, secret.octets):
                        yield max(begin - (core.place > 0), 0), min(end + core.ragged, len(text))
            for span in _all(digits, secret.digits):
                if not secret.short or _alone_in_hex(digits, span):
                    yield span


@dataclass(frozen=True, slots=True)
class _Layer:
    """A text with some escapes undone, and where each of its characters begins and ends in the text as it came."""

    text: str
    begins: Sequence[int]
    ends: Sequence[int]


def _layers(text: str) -> Iterator[_Layer]:
    whole = _Layer(text, range(len(text)), range(1, len(text) + 1))
    yield whole
    seen = {text}
    for escape in _ESCAPES:
        layer = whole
        for _ in range(_ROUNDS):
            layer = _unescaped(layer, escape)
            if layer.text in seen:
                break
            seen.add(layer.text)
            yield layer


def _unescaped(layer: _Layer, escape: re.Pattern[str]) -> _Layer:
    pieces: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    at = 0
    for match in escape.finditer(layer.text):
        begin, end = match.span()
        meant = _meaning(match[0])
        pieces += (layer.text[at:begin], meant)
        begins += layer.begins[at:begin]
        begins += [layer.begins[begin]] * len(meant)
        ends += layer.ends[at:begin]
        ends += [layer.ends[end - 1]] * len(meant)
        at = end
    if not at:
        return layer
    return _Layer("".join(pieces) + layer.text[at:], [*begins, *layer.begins[at:]], [*ends, *layer.ends[at:]])


def _meaning(escape: str) -> str:
    if escape[0] == "&":
        return html.unescape(escape)
    if escape[1] in "ux" and escape[:2] != "\\u":
        return chr(int(escape[2:], 16))
    if escape[0] == "%":
        octets = bytes.fromhex(escape.replace("%", ""))
        try:
            return octets.decode()
        except UnicodeDecodeError:
            return octets.decode("latin-1")
    return "'" if escape[1] == "'" else str(json.loads(f'"{escape}"'))


def _spelled(secret: str) -> _Secret:
    octets = secret.encode("utf-8", "surrogatepass")
    words = dict.fromkeys(layer.text.replace("+", " ") for layer in _layers(secret))
    cores = (_core(octets, place) for place in range(3))
    return _Secret(
        words=tuple(filter(None, words)),
        cores=tuple(core for core in cores if len(core.letters) > 1),
        digits=octets.hex(),
        octets=octets.decode("latin-1"),
        short=len(secret) < _SHORT,
    )


def _core(octets: bytes, place: int) -> _Core:
    letters = base64.b64encode(bytes(place) + octets).decode().rstrip("=")
    ragged = (place + len(octets)) % 3 > 0
    return _Core(letters[(0, 2, 3)[place] : len(letters) - ragged], place, int(ragged))


def _all(text: str, word: str) -> Iterator[Span]:
    step = 1 if len(word) < 2 * _SHORT else len(word)  # what overlaps a long one is no longer whole
    at = text.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + step)


def _alone(text: str, span: Span) -> bool:
    begin, end = span
    return not _in_word(text[:begin][-1:]) and not _in_word(text[end : end + 1])


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _alone_in_base64(letters: str, begin: int, end: int, core: _Core, octets: str) -> bool:
    """Whether the bytes around a short secret, as far as they are there, make it a whole word."""
    before = _LETTERS_BEFORE.search(letters[max(begin - 8, 0) : begin])
    available = len(before[0]) if before else 0
    if available < core.mixed:
        return False
    first = begin - core.mixed - (4 if available >= core.mixed + 4 else 0)
    behind = _LETTERS.match(letters, end, end + 6)
    group = letters[first : behind.end() if behind else end]
    group = group[:-1] if len(group) % 4 == 1 else group
    text = base64.b64decode(group + "=" * (-len(group) % 4)).decode("latin-1")
    return any(_alone(text, span) for span in _all(text, octets))


def _alone_in_hex(digits: str, span: Span) -> bool:
    begin, end = span
    before, behind = digits[max(begin - 2, 0) : begin], digits[end : end + 2]
    return not _in_word(_octet(before) or before[-1:]) and not _in_word(_octet(behind) or behind[:1])


def _octet(digits: str) -> str | None:
    return chr(int(digits, 16)) if re.fullmatch("[0-9a-f]{2}", digits) else None


def _merged(spans: list[Span]) -> Iterator[Span]:
    """Ascending spans without overlaps; neighbours become one."""
    whole: Span | None = None
    for begin, end in spans:
        if whole is None or begin > whole[1]:
            if whole is not None:
                yield whole
            whole = begin, end
        else:
            whole = whole[0], max(whole[1], end)
    if whole is not None:
        yield whole
