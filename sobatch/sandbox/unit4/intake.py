"""Take an upload in: from the socket to disk, from disk into order rows, and at last one batch row.

The batch row is written last, in one small transaction: before it nothing was accepted, after it everything was. The
verdicts come later, page by page, in `batches`.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from ..pretend.answers import HungUp
from ..pretend.store import Store
from .cutting import BrokenUpload, orders_in, unpacked
from .options import Options
from .orders import Facts, examine

INSERT_ORDER = """INSERT INTO orders (batch, position, company, sha256, start, length, customer, type, number,
    external_order_id, external_reference, period, lines, rows_so_far, problems)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
INSERT_BATCH = """INSERT INTO batches (id, user, company, skip_workflow, file_name, upload_sha256, upload_bytes,
    received, begins, orders, rows, types, broken, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'N')"""
ROWS_AT_ONCE = 1000


class NoFile(Exception):
    """The form holds no file where the endpoint looks for one (POST_002)."""


class TooLarge(Exception):
    """The upload is over the cap of the batch framework."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A received file on disk."""

    path: Path
    file_name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms a file was submitted."""

    user: str
    company: str
    skip_workflow: bool


@contextmanager
def received_upload(environ: dict[str, Any], options: Options, folder: Path) -> Iterator[Upload]:
    """Read the form, streaming each file part to disk; the files are gone when the block ends."""
    spools: list[IO[bytes]] = []

    def spool(*_about: object, **_more: object) -> IO[bytes]:
        spools.append(tempfile.NamedTemporaryFile(dir=folder, suffix=".part"))
        return spools[-1]

    try:
        yield _wanted_part(environ, options, spool)
    finally:
        for each in spools:
            each.close()


def _wanted_part(environ: dict[str, Any], options: Options, spool: Callable[..., IO[bytes]]) -> Upload:
    parser = FormDataParser(stream_factory=spool, max_content_length=options.upload_cap, silent=False)
    try:
        _, _, files = parser.parse_from_environ(environ)
    except RequestEntityTooLarge as problem:
        raise TooLarge from problem
    except (ClientDisconnected, ConnectionError) as problem:
        raise HungUp from problem
    except ValueError as problem:
        raise NoFile from problem
    wanted = [part for name, part in files.items(multi=True) if options.part_name in (name, "*")]
    if not wanted:
        raise NoFile
    stream = wanted[0].stream
    stream.flush()
    path = Path(stream.name)
    with path.open("rb") as whole:
        digest = hashlib.file_digest(whole, "sha256").hexdigest()
    return Upload(path, wanted[0].filename or "", digest, path.stat().st_size)


@dataclass(slots=True)
class _Tally:
    """What is known of a file once it has been read to its end."""

    orders: int = 0
    rows: int = 0
    types: dict[str, None] = field(default_factory=dict)

    def count(self, facts: Facts) -> None:
        self.orders += 1
        self.rows += facts.rows
        if facts.type is not None:
            self.types.setdefault(facts.type)


def accept(store: Store, options: Options, terms: Terms, upload: Upload, now: float) -> str:
    """Make a batch of an upload and return its id. A broken file makes a batch too: one that will fail."""
    batch = str(uuid.uuid4())
    tally, broken = _Tally(), None
    try:
        _keep_orders(store, batch, upload, _reader(options, terms, tally))
    except BrokenUpload as problem:
        tally, broken = _Tally(), str(problem)
        _forget_orders(store, batch)
    with store.write() as database:
        database.execute(
            INSERT_BATCH,
            (
                batch,
                terms.user,
                terms.company,
                terms.skip_workflow,
                upload.file_name,
                upload.sha256,
                upload.size,
                now,
                now + options.start_delay,
                tally.orders,
                tally.rows,
                json.dumps(list(tally.types)),
                broken,
            ),
        )
    return batch


def _reader(options: Options, terms: Terms, tally: _Tally) -> Callable[[int, bytes, Any], tuple[Any, ...]]:
    """A function that turns one cut order into its row, counting as it goes."""

    def read(start: int, raw: bytes, value: Any) -> tuple[Any, ...]:
        facts = examine(value, options, terms.skip_workflow)
        tally.count(facts)
        return (
            tally.orders - 1,
            terms.company,
            hashlib.sha256(raw).hexdigest(),
            start,
            len(raw),
            facts.customer,
            facts.type,
            facts.number,
            facts.external_order_id,
            facts.external_reference,
            facts.period,
            facts.lines,
            tally.rows,
            json.dumps(facts.problems) if facts.problems else None,
        )

    return read


def _keep_orders(store: Store, batch: str, upload: Upload, read: Callable[[int, bytes, Any], tuple[Any, ...]]) -> None:
    """Cut the file and write its orders in short transactions, so that other requests are not held up."""
    with upload.path.open("rb") as packed, store.payload(batch).open("wb") as payload:
        source = unpacked(packed)

        def kept(size: int) -> bytes:
            block = source(size)
            payload.write(block)
            return block

        rows = ((batch, *read(*cut)) for cut in orders_in(kept))
        while some := list(islice(rows, ROWS_AT_ONCE)):
            with store.write() as database:
                database.executemany(INSERT_ORDER, some)


def _forget_orders(store: Store, batch: str) -> None:
    with store.write() as database:
        database.execute("DELETE FROM orders WHERE batch = ?", (batch,))
    store.payload(batch).unlink(missing_ok=True)


def find_batch(store: Store, batch: str) -> sqlite3.Row | None:
    """The row of a batch."""
    return store.row("SELECT * FROM batches WHERE id = ?", (batch,))
