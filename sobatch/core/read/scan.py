"""Cut a byte stream into stretches of whole orders, with exact offsets, in flat memory.

A stretch ends where a *guess* says an order ends, and the guess counts only when parsing `[` + stretch + `]` proves
it: JSON is read left to right from a known state, so text that parses as an array, and is followed by `,` or `]`, ends
at a true element boundary. The caller may bring its own proof (a typed decode); what it cannot prove is proved by a
skip-parse, and what that cannot prove goes to `syntax`, which finds the boundary slowly or names the fault.
Only the end of the window decides "read more", never a parser's words.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Generic, cast

from sobatch.core.order.declared import Typed, typed
from sobatch.core.read.ahead import Ahead, Chunk
from sobatch.core.read.boundary import Guesser, proved
from sobatch.core.read.ndjson import Records, looks_like_records
from sobatch.core.read.source import Stream
from sobatch.core.read.stretch import MAX_DEPTH, Broken, Cursor, Form, Stretch, Summed, T, too_large
from sobatch.core.read.window import HEAD, Window
from sobatch.core.syntax.strict import Fault, Scanned, opening_fault, scan_elements, trailing_fault

__all__ = ["MAX_ORDER", "WINDOW", "Broken", "Cursor", "Form", "Scanner", "Stretch"]

WINDOW = 1 << 17  # small enough for a decoded stretch to stay in the processor's cache
MAX_ORDER = 16 << 20
_PATIENCE = 4  # chunks that may come back before the helpers are given up, windows that may grow in vain
_VAIN = 8  # times its size that a window grows for guesses that turned out wrong
_NOT_JSON = Fault("SO-030", 0, "The array does not go on as JSON does.", None)


class Scanner(Generic[T]):
    """The stretches of one stream, in order, then perhaps one `Broken`. Use it once.

    With an `order_type` a stretch of flawless orders comes decoded, each byte parsed once.
    """

    def __init__(
        self,
        stream: Stream,
        order_type: type[T] | None = None,
        *,
        window: int = WINDOW,
        max_order: int = MAX_ORDER,
        track: bool = False,
    ) -> None:
        self._window = Window(stream, window, track=track)
        self._guesser = Guesser(self._window)
        self._typed: Typed[T] | None = typed(order_type) if order_type is not None else None
        self._max_order = max_order
        self._vain_growths = _PATIENCE
        self._comma: int | None = None
        self.form: Form | None = None

    def __iter__(self) -> Iterator[Stretch[T] | Broken]:
        alone = filter(lambda piece: not isinstance(piece, Summed), self.pieces(None))  # unlike a loop, holds none
        return cast("Iterator[Stretch[T] | Broken]", alone)

    def pieces(self, ahead: Ahead | None) -> Iterator[Stretch[T] | Broken | Summed]:
        """The same, but what the helpers can prove comes as their sums. Not together with `track`."""
        window = self._window
        fault = self._opening()
        if fault is not None:
            yield Broken(fault)
            return
        start = window.blank_end(0)
        if window.byte(start) == b"[":
            self.form = Form.ARRAY
            yield from self._array(start + 1, ahead)
        elif looks_like_records(window, start, self._max_order):
            self.form = Form.NDJSON
            yield from Records(window, self._typed, self._max_order).scan(start)
        else:
            hint = "Put the orders into one array: [ {...}, {...} ], or write one order per line (NDJSON)."
            message = "The input is one JSON object, not an array of orders."
            yield Broken(window.placed(Fault("SO-011", start, message, hint)))

    def _opening(self) -> Fault | None:
        window = self._window
        window.fill(max(HEAD, window.size))
        fault = opening_fault(window.text[:HEAD])
        if fault is None or window.blank_end(0) < HEAD:
            return fault
        window.skip_blanks()  # thousands of blanks: the text may still begin
        window.drop(window.blank_end(0))
        window.fill(HEAD)
        if not window.text:
            return fault
        fault = opening_fault(window.text[:HEAD])
        return window.placed(fault) if fault is not None else None

    def _array(self, start: int, ahead: Ahead | None) -> Iterator[Stretch[T] | Broken | Summed]:
        window, first = self._window, True
        help_ = _Help(window, ahead, self._guesser) if ahead is not None else None
        while True:
            window.drop(start)
            if help_ is not None:
                yield from help_.summed()
            window.fill(window.size)
            window.skip_blanks()
            stretch, end = self._guessed()
            if stretch is None:
                found = yield from self._slowly(first)
                if found is None:
                    return
                end = found
            elif not (yield from self._within_cap(stretch)):
                return
            first, stretch = False, None  # nothing keeps a large order while the next one is read
            start = window.blank_end(end)
            if window.byte(start) == b"]":
                yield from self._after(start + 1)
                return
            self._comma = window.base + start
            start += 1

    def _guessed(self) -> tuple[Stretch[T] | None, int]:
        window = self._window
        while True:
            for end in self._ends():
                array = b"".join((b"[", memoryview(window.text)[:end], b"]"))
                stretch = proved(array, window.base, self._typed, window.here())
                if stretch is not None:
                    self._guesser.learn(stretch)
                    return stretch, end
            if not self._may_grow(_VAIN * window.size):
                self._vain_growths = max(0, self._vain_growths - 1)
                return None, 0
            window.fill(2 * len(window.text))  # braces in texts may have misled the guesses

    def _ends(self) -> Iterator[int]:
        """The guesses; where a large order has no end in the window yet, the window grows until it has."""
        window = self._window
        while (end := next(ends := self._guesser.ends(), None)) is None:
            if not self._may_grow(self._max_order):
                return
            window.fill(min(2 * len(window.text), self._max_order + HEAD))
        yield end
        yield from ends

    def _may_grow(self, most: int) -> bool:
        """Whether more text may show where an order ends; what is no object is none, and costs no memory."""
        window = self._window
        if window.at_end or not self._vain_growths or len(window.text) >= most:
            return False
        return window.byte(window.blank_end(0)) == b"{"

    def _within_cap(self, stretch: Stretch[T]) -> Generator[Stretch[T] | Broken, None, bool]:
        """Hand on a stretch up to the first order over the cap, whatever the window; whether there was none."""
        large = None
        if len(stretch.whole) > self._max_order:
            large = next((at for at, span in enumerate(stretch.cut()) if span[1] - span[0] > self._max_order), None)
        if large is None:
            yield stretch
            return True
        spans, base = stretch.cut(), self._window.base
        if large:
            yield self._window.stretch(stretch.text, stretch.form, spans=spans[:large])
        yield Broken(too_large(self._max_order, base + spans[large][0]), order_offset=base + spans[large][0])
        return False

    def _slowly(self, first: bool) -> Generator[Stretch[T] | Broken, None, int | None]:
        """The bounded linear scan. Returns the end of the last order it found, or None when the text ends here."""
        window, size = self._window, self._window.size
        while True:
            at_end = window.at_end and size >= len(window.text)
            scanned = scan_elements(window.text[:size], 0, at_end=at_end, first=first, max_depth=MAX_DEPTH)
            if scanned.elements or scanned.fault is not None or scanned.closed is not None:
                break
            if size > self._max_order:
                place = window.base + window.blank_end(0)
                yield Broken(too_large(self._max_order, place), order_offset=place)
                return None
            size = min(2 * max(size, HEAD), self._max_order + HEAD)
            window.fill(size)
        if scanned.elements:
            end = scanned.elements[-1][1]
            stretch: Stretch[T] = window.stretch(window.text[:end], Form.ARRAY, spans=list(scanned.elements))
            if not (yield from self._within_cap(stretch)):
                return None
            if self._follower_is_plain(end):
                return end
        if scanned.closed is not None:
            yield from self._after(scanned.closed)
        else:
            yield self._broken_off(scanned, first)
        return None

    def _broken_off(self, scanned: Scanned, first: bool) -> Broken:
        """The fault of a scan. One that stands between two orders belongs to neither of them."""
        window = self._window
        fault, at = window.placed(scanned.fault or _NOT_JSON), scanned.resume
        follows_an_order = bool(scanned.elements) and scanned.elements[-1][0] == at
        if not follows_an_order and window.byte(at) not in (b",", b"]", b"}", b""):
            return Broken(fault, order_offset=window.base + at)
        if fault.code == "SO-031" and self._comma is not None:
            fault = replace(fault, offset=self._comma)
        if fault.code == "SO-047" and first:
            fault = replace(fault, message="A comma stands before the first of the orders.", hint="Remove it.")
        return Broken(fault)

    def _follower_is_plain(self, end: int) -> bool:
        """Read until the byte after an element is known; whether it is `,` or `]`."""
        window = self._window
        while (follower := window.blank_end(end)) >= len(window.text) and not window.at_end:
            window.fill(2 * len(window.text))
        return window.byte(follower) in (b",", b"]")

    def _after(self, start: int) -> Iterator[Broken]:
        """What follows the closing bracket must be blank."""
        window = self._window
        while True:
            window.drop(start)
            if window.blank_end(0) < len(window.text):
                window.fill(HEAD)
                fault = trailing_fault(window.text)
                if fault is not None:
                    yield Broken(window.placed(fault))
                return
            if window.at_end:
                return
            start = len(window.text)
            window.fill(len(window.text) + window.size)


class _Help:
    """Hands chunks of a window to helpers and takes their sums back, strictly in order."""

    def __init__(self, window: Window, ahead: Ahead, guesser: Guesser) -> None:
        self._window = window
        self._ahead = ahead
        self._guesser = guesser
        self._patience = _PATIENCE
        self._alone_until = 0

    def summed(self) -> Iterator[Summed]:
        """Sums for as long as the helpers can prove what they are given; then the window stands at what they cannot."""
        ahead = self._ahead
        if self._guesser.separator is None or self._window.base < self._alone_until or not self._patience:
            return
        while True:
            chunk = None if ahead.full else self._next_chunk()
            if chunk is not None:
                ahead.give(chunk)
            elif not ahead.busy:
                return
            else:
                done, sums = ahead.take()
                if sums is None:
                    self._put_back([done, *ahead.give_back()])
                    return
                yield Summed(done.base, sums)

    def _next_chunk(self) -> Chunk | None:
        """Text up to the last separator in the window, dropped from it; None when there is no good guess."""
        window = self._window
        window.fill(self._ahead.chunk)
        at = window.text.rfind(self._guesser.separator or b"", 0, self._ahead.chunk)
        if at < 0:
            return None
        chunk = Chunk(window.base, window.text[: window.blank_end(at + 1) + 1], at + 1)
        window.drop(len(chunk.text))
        return chunk

    def _put_back(self, chunks: list[Chunk]) -> None:
        self._window.put_back(chunks[0].base, b"".join(chunk.text for chunk in chunks))
        self._alone_until = chunks[0].base + len(chunks[0].text)
        self._patience -= 1
