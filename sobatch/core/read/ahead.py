"""Examine orders ahead of time, in forked helpers, one for each processor.

The parent cuts the text where the learnt separator stands and goes on without waiting; a helper proves its chunk by
parsing all of it and sums it up. Chunks are accepted strictly in order: the first one starts at a known boundary, and a
chunk that is proved ends at one, so the next one starts at one. A chunk that a helper cannot prove comes back to the
parent, which goes on from there by itself. So helpers can only ever save time: what is reported never depends on them.
"""

from __future__ import annotations

import io
import mmap
import os
import pickle
import signal
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

CHUNK = 1 << 17
_SLOTS = 4
_MOST = 4
_TASK = struct.Struct("<II")
_LENGTH = struct.Struct("<I")
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM") if hasattr(signal, name)]

Digest = Callable[[bytes], "bytes | None"]
"""Packs the sums of a chunk, given as a JSON array; None when it is not proved to be a row of whole orders."""


@dataclass(slots=True)
class Chunk:
    """Text that was handed to a helper: whole orders up to `end`, then the separator up to the next order."""

    base: int
    text: bytes
    end: int


@dataclass(slots=True)
class _Helper:
    """One forked process with its pipes and its slots of shared memory."""

    process: int
    tasks: int
    answers: int
    slots: deque[int]


class Ahead:
    """A row of chunks being worked on. Close it, always."""

    def __init__(self, digest: Digest, helpers: int) -> None:
        self.chunk = CHUNK
        self._room = self.chunk + 2
        self._memory = mmap.mmap(-1, helpers * _SLOTS * self._room)
        self._helpers: list[_Helper] = []
        self._row: deque[tuple[Chunk, _Helper, int]] = deque()
        self._turn = 0
        for number in range(helpers):
            self._helpers.append(self._fork(digest, number))

    def _fork(self, digest: Digest, number: int) -> _Helper:
        task_out, task_in = os.pipe()
        answer_out, answer_in = os.pipe()
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # none may meet a child that is still the parent
        process = os.fork()
        if process == 0:
            _become_a_helper(heard)
            for other in self._helpers:
                os.close(other.tasks)
                os.close(other.answers)
            os.close(task_in)
            os.close(answer_out)
            _serve(self._memory, task_out, answer_in, digest)
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)
        os.close(task_out)
        os.close(answer_in)
        slots = deque((number * _SLOTS + slot) * self._room for slot in range(_SLOTS))
        return _Helper(process, task_in, answer_out, slots)

    @property
    def full(self) -> bool:
        """Whether the next chunk has to wait for an answer."""
        return not self._helpers[self._turn].slots

    @property
    def busy(self) -> bool:
        """Whether any chunk is under way."""
        return bool(self._row)

    def give(self, chunk: Chunk) -> None:
        """Hand a chunk to the next helper in turn."""
        helper = self._helpers[self._turn]
        self._turn = (self._turn + 1) % len(self._helpers)
        slot = helper.slots.popleft()
        end = slot + chunk.end + 2
        self._memory[slot:end] = b"".join((b"[", memoryview(chunk.text)[: chunk.end], b"]"))
        with suppress(BrokenPipeError):  # it is gone: there will be no answer, which is answer enough
            os.write(helper.tasks, _TASK.pack(slot, chunk.end + 2))
        self._row.append((chunk, helper, slot))

    def take(self) -> tuple[Chunk, Any | None]:
        """The oldest chunk with its sum, or None for one that is no row of whole orders (or whose helper is gone)."""
        chunk, helper, slot = self._row.popleft()
        helper.slots.append(slot)
        answer = _read(helper.answers)
        return chunk, pickle.loads(answer) if answer else None

    def give_back(self) -> list[Chunk]:
        """All chunks still under way, in order; nobody waits for their answers any more."""
        chunks = [chunk for chunk, _, _ in self._row]
        while self._row:
            self.take()
        return chunks

    def close(self) -> None:
        """End the helpers."""
        for helper in self._helpers:
            os.close(helper.tasks)
            os.close(helper.answers)
        for helper in self._helpers:
            os.waitpid(helper.process, 0)
        self._helpers.clear()
        self._memory.close()


def usable() -> bool:
    """Whether this process can be forked safely: a thread of its own would leave its locks behind."""
    return hasattr(os, "fork") and threading.active_count() == 1


def processors() -> int:
    """How many helpers are worth having here: one a processor, but not for a single one; at most 4."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(count, _MOST) if count > 1 else 0


def _read(descriptor: int) -> bytes:
    """One answer; empty when the helper is gone or had nothing good to say."""
    head = _exactly(descriptor, _LENGTH.size)
    return _exactly(descriptor, _LENGTH.unpack(head)[0]) if head else b""


def _exactly(descriptor: int, size: int) -> bytes:
    data = io.BytesIO()
    while size:
        piece = os.read(descriptor, size)
        if not piece:
            return b""
        data.write(piece)
        size -= len(piece)
    return data.getvalue()


def _become_a_helper(heard: Iterable[int]) -> None:
    """The terminal's Ctrl-C is the parent's business; other signals end a helper, and the parent goes on without."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def _serve(memory: mmap.mmap, tasks: int, answers: int, digest: Digest) -> None:
    """A helper's life: it ends with its parent, and never returns."""
    code = 1
    try:
        while task := _exactly(tasks, _TASK.size):
            slot, size = _TASK.unpack(task)
            answer = digest(memory[slot : slot + size]) or b""
            os.write(answers, _LENGTH.pack(len(answer)))
            _write_all(answers, answer)
        code = 0
    except BaseException:
        code = 1
    finally:
        os._exit(code)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
