"""End a run whose parts all have their outcomes: write the files to send next, fix the exit code, free the disk."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from sobatch.core.check.repeats import private_database
from sobatch.core.cut.storage import Storage
from sobatch.erp.ports import Kind
from sobatch.errors import worst
from sobatch.lifecycle.journal.asked import Ends
from sobatch.lifecycle.journal.ledger import Ledger
from sobatch.lifecycle.journal.rows import OrderRow, RunRow
from sobatch.lifecycle.send.stage import SET_ASIDE
from sobatch.lifecycle.session import Session
from sobatch.lifecycle.settle.part_text import Whole, part_text

REJECTED = ("rejected", "set_aside", "incomplete")
REMAINING = ("not_created",)
_GATHERED = "CREATE TABLE place (idx INTEGER PRIMARY KEY, at INTEGER)"
Slices = Callable[[], Iterator[tuple[bytes, OrderRow]]]
"""Gives the orders of a file from its beginning: their bytes, and what the journal says of them."""


def close_run(session: Session, run: RunRow) -> int:
    """Close the run and return its exit code."""
    journal = session.journal
    ledger = journal.proved_ledger(run.id)
    rejects = remaining = None
    with session.clock.may_end():
        if ledger.rejected + ledger.set_aside + ledger.incomplete:
            rejects = _write_orders(session, run, "rejects", lambda: _slices(session, run, REJECTED))
        if ledger.not_created:
            remaining = _write_orders(session, run, "remaining", lambda: _slices(session, run, REMAINING))
    code = run_exit_code(run, ledger, journal.part_ends(run.id))
    journal.close_run(run.id, code, str(rejects) if rejects else None, str(remaining) if remaining else None)
    _free(session, run.id)
    session.storage.remove(session.folder(run.id) / SET_ASIDE)
    _forget_lists(session, run.id)
    return code


def _forget_lists(session: Session, run: str) -> None:
    """Remove what a killed process left of the result lists it was reading: they are as the ERP sent them."""
    for kind in Kind:
        for left in session.folder(run).glob(f"*.{kind}.json*"):
            session.storage.remove(left)


def renew(session: Session, run_id: str) -> None:
    """Bring the exit code of a closed run up to what is known of its orders now, and free what need not be kept."""
    run = session.journal.run(run_id)
    if run.state != "closed":
        return
    code = run_exit_code(run, session.journal.ledger(run_id), session.journal.part_ends(run_id))
    if code != run.exit_code:
        session.journal.renew(run_id, code)
    _free(session, run_id)
    _forget_lists(session, run_id)


def _free(session: Session, run_id: str) -> None:
    """Remove the staged parts of a closed run, but for the files of those that a later look may still mend."""
    folder = session.folder(run_id)
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    kept = {part.file for part in session.journal.unsettled_ends(run_id)}
    for name in session.journal.part_files(run_id):
        if name not in kept:
            session.storage.remove(folder / name)


def run_exit_code(run: RunRow, ledger: Ledger, parts: Ends) -> int:
    """The exit code of a run whose work has ended (DESIGN.md section 8); several reasons at once: the worst."""
    codes = [ledger.exit_code()]
    if not parts.adds_up:
        codes.append(12)
    if run.cancelled or parts.cancelled:
        codes.append(9)
    if parts.failed:
        codes.append(5)
    return worst(codes)


def write_more(session: Session, run: RunRow, what: str, slices: Slices) -> Path:
    """Orders of a closed run whose verdict came late, in a file of their own: who has sent the first must not send any
    of its orders again with the second. Written before the journal names it; written again after a crash."""
    first = run.rejects if what == "rejects" else run.remaining
    more = "" if first is None else f"-{session.journal.count_events(run.id, 'mended') + 2}"
    return _write_orders(session, run, what + more, slices)


def _write_orders(session: Session, run: RunRow, what: str, slices: Slices) -> Path:
    """A file that is valid input again: the same bytes, one array; with the reasons beside it, a line each."""
    stem = Path(run.source).name.split(".")[0] if run.source != "-" else "orders"
    name = f"{stem or 'orders'}.{run.id}.{what}"
    for folder in [Path(run.folder)] if run.folder else []:
        try:
            return _write_into(session.storage, folder, name, slices)
        except OSError:
            break  # not a place to write to: the state folder is
    return _write_into(session.storage, session.folder(run.id), name, slices)


def _write_into(storage: Storage, folder: Path, name: str, slices: Slices) -> Path:
    path, side = folder / f"{name}.json", folder / f"{name}.ndjson"
    drafts = [folder / f".{name}.json.tmp", folder / f".{name}.ndjson.tmp"]
    for draft in drafts:
        storage.remove(draft)
    try:
        with storage.create(drafts[0]) as file, storage.create(drafts[1]) as reasons:
            _write_slices(slices(), file, reasons)
            storage.sync(file)
            storage.sync(reasons)
        storage.rename(drafts[1], side)
        storage.rename(drafts[0], path)
    finally:
        for draft in drafts:
            storage.remove(draft)
    return path


def _write_slices(slices: Iterator[tuple[bytes, OrderRow]], file: BinaryIO, reasons: BinaryIO) -> None:
    file.write(b"[\n")
    for count, (raw, order) in enumerate(slices):
        file.write((b",\n" if count else b"") + raw)
        reasons.write(json.dumps(_reason(order, count), ensure_ascii=False).encode() + b"\n")
    file.write(b"\n]\n")


def _slices(session: Session, run: RunRow, states: tuple[str, ...]) -> Iterator[tuple[bytes, OrderRow]]:
    """The orders in the order of the user's file, each with its bytes. Groups interleave there and parts do not, so
    the bytes are gathered part by part, each inflated once, and given out by index."""
    with tempfile.TemporaryFile(dir=session.folder(run.id)) as gathered, closing(private_database(_GATHERED)) as places:
        for raw, order in _by_part(session, run, states):
            places.execute("INSERT INTO place VALUES (?, ?)", (order.idx, gathered.tell()))
            gathered.write(raw)
        for order in session.journal.orders(run.id, None, states):
            (at,) = places.execute("SELECT at FROM place WHERE idx = ?", (order.idx,)).fetchone()
            gathered.seek(at)
            yield gathered.read(order.length), order


def _by_part(session: Session, run: RunRow, states: tuple[str, ...]) -> Iterator[tuple[bytes, OrderRow]]:
    folder, journal = session.folder(run.id), session.journal
    for part in journal.parts_holding(run.id, states):
        with part_text(folder, part) as text:
            for order in journal.orders(run.id, part.number, states):
                yield text.order(order), order
    if "set_aside" in states and journal.ledger(run.id).set_aside:
        with part_text(folder, Whole(SET_ASIDE)) as text:
            for order in journal.orders(run.id, None, ("set_aside",)):
                yield text.order(order), order


def _reason(order: OrderRow, position: int) -> dict[str, object]:
    return {
        "position": position,
        "index": order.idx,
        "offset": order.offset,
        "line": order.line,
        "column": order.col,
        "state": order.state,
        "twins": order.twins is not None,
        "messages": order.messages,
    }
