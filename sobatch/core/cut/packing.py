"""The bytes of one part as they are stored: `[` + slices of the user's own bytes + `]`, gzip with no time stamp, with
digests. Holds no file: whoever fills it writes the blocks where they belong.
"""

from __future__ import annotations

import hashlib
import struct

from isal import isal_zlib

GZIP_LEVEL = 2
BLOCK = 1 << 18
"""Bytes of text that a part gathers before they are compressed."""
GZIP_FRAME = 64  # header, trailer and the closing of the last block, generously
_GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # no name, no time
_LAST_BLOCK = b"\x03\0"
_RAW_DEFLATE = -15


class Packing:
    """One part in the making. Between two blocks it holds no compressor."""

    def __init__(self, *, compress: bool) -> None:
        self._compress = compress
        self._digest = hashlib.sha256()
        self._text_digest = hashlib.sha256()
        self._text = bytearray()
        self._checksum = 0
        self.size = 0
        self.text_size = 0

    @property
    def held(self) -> int:
        """Bytes of text that are still in memory."""
        return len(self._text)

    def add(self, raw: bytes) -> int:
        """Append one order; returns its offset in the text."""
        self._text += b",\n" if self.text_size else b"["
        offset = self.text_size + (2 if self.text_size else 1)
        self._text += raw
        self.text_size = offset + len(raw)
        return offset

    def head(self) -> bytes:
        """What is stored before the first block."""
        return self._stored(_GZIP_HEAD if self._compress else b"")

    def block(self) -> bytes:
        """What is in memory as it is stored: a block of its own, so that nothing has to be kept until the next."""
        text = bytes(self._text)
        self._text.clear()
        self._text_digest.update(text)
        if not self._compress:
            return self._stored(text)
        self._checksum = isal_zlib.crc32(text, self._checksum)
        block = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, _RAW_DEFLATE)
        return self._stored(bytes(block.compress(text) + block.flush(isal_zlib.Z_FULL_FLUSH)))

    def end(self) -> bytes:
        """What is stored last."""
        end = b"]\n" if self.text_size else b"[]\n"
        self._text += end
        self.text_size += len(end)
        last = self.block()
        if self._compress:
            last += self._stored(_LAST_BLOCK + struct.pack("<II", self._checksum, self.text_size & 0xFFFFFFFF))
        return last

    @property
    def sha256(self) -> str:
        """Digest of the stored bytes."""
        return self._digest.hexdigest()

    @property
    def text_sha256(self) -> str:
        """Digest of the JSON text."""
        return self._text_digest.hexdigest()

    def _stored(self, data: bytes) -> bytes:
        self._digest.update(data)
        self.size += len(data)
        return data
