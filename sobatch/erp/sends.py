"""What is sent, and what no receipt means: a staged part (a file of its own, or a slice of a page that many small parts
share), and the errors of a send.

Answers to a send are told apart by exception class, because the difference decides whether an order ships twice:
`NotSent` (no byte of the body was handed over), `Throttled` (429), `Refused` (a definite no) and `InDoubt`
(everything else). Only the first two may be followed by another attempt. (reliability.md E, DESIGN.md section 6)
"""

from __future__ import annotations

import errno
import gzip
import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sobatch.errors import Defect


@dataclass(frozen=True, slots=True)
class PartFile:
    """A staged part, durable on disk before its first byte goes out. `orders` is its length in orders.

    `size` are its bytes as stored, `sha256` is their digest. `start` is where they stand in a page that other parts
    share, in bytes; None: the part is the whole file.
    """

    run: str
    number: int
    group: str
    orders: int
    path: Path
    file_name: str
    sha256: str
    size: int
    start: int | None = None

    def open(self) -> BinaryIO:
        """The part's bytes as stored, from the first to the last, with seek and tell; `fileno` only for a whole file.

        Raises `OSError`, also for a page that ends too early.
        """
        return stored(self.path, self.start, self.size)

    def text(self) -> bytes:
        """The whole JSON text, an array, in memory: for a part of few orders. Raises `OSError` and `EOFError`."""
        with self.open() as file:
            raw = file.read()
        return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw

    def order(self) -> bytes:
        """The only order of a part of one order, as the user wrote it."""
        if self.orders != 1:  # sent as one, several would be anything but what they are
            raise Defect(f"part {self.number} was staged with {self.orders} orders, where a part is one order")
        return self.text().strip()[1:-1].strip()


def stored(path: Path, start: int | None, size: int) -> BinaryIO:
    """A file, or the `size` bytes from `start` on of a page: those are one small part, and are read into memory."""
    if start is None:
        return path.open("rb")
    with path.open("rb") as page:
        page.seek(start)
        raw = page.read(size)
    if len(raw) != size:
        raise OSError(errno.EIO, "the page of staged orders is shorter than it was", str(path))
    return io.BytesIO(raw)


class SendError(Exception):
    """A send that brought no receipt. `http_status` where there was one; `message` has the server's or our words."""

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        bytes_sent: int = 0,
        retry_after: float | None = None,
        server_time: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.http_status = http_status
        self.bytes_sent = bytes_sent
        self.retry_after = retry_after
        self.server_time = server_time


class NotSent(SendError):
    """No byte of the body was handed over (connect phase): may be tried again."""


class Throttled(SendError):
    """429: not processed; may be tried again after `retry_after` seconds."""


class TokenExpired(SendError):
    """401 on a send with a token: not processed; one more attempt with a fresh token."""


class Refused(SendError):
    """A definite no: 400, 401, 403, 404, 405, 413, 415, 422. The part was not created."""


class InDoubt(SendError):
    """The part may or may not have been received. Never re-sent by itself."""
