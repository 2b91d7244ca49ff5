"""End a run whose parts all have their outcomes: write the files to send next, fix the exit code, free the disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from sobatch.erp.ports import Kind
from sobatch.errors import worst
from sobatch.lifecycle.journal.ledger import Ledger
from sobatch.lifecycle.journal.rows import OrderRow, PartRow, PartState, RunRow
from sobatch.lifecycle.send.stage import SET_ASIDE
from sobatch.lifecycle.session import Session
from sobatch.lifecycle.settle.part_text import part_text

_REJECTED = ("rejected", "set_aside", "incomplete")


def close_run(session: Session, run: RunRow) -> int:
    """Close the run and return its exit code."""
    journal = session.journal
    ledger = journal.ledger(run.id)
    parts = journal.parts(run.id)
    rejects = remaining = None
    with session.clock.may_end():
        if ledger.rejected + ledger.set_aside + ledger.incomplete:
            rejects = _write_orders(session, run, "rejects", _REJECTED, parts)
        if ledger.not_created:
            remaining = _write_orders(session, run, "remaining", ("not_created",), parts)
    code = run_exit_code(run, ledger, parts)
    journal.close_run(run.id, code, str(rejects) if rejects else None, str(remaining) if remaining else None)
    for part in parts:
        session.storage.remove(session.folder(run.id) / part.file)
    session.storage.remove(session.folder(run.id) / SET_ASIDE)
    _forget_lists(session, run.id)
    return code


def _forget_lists(session: Session, run: str) -> None:
    """Remove what a killed process left of the result lists it was reading: they are as the ERP sent them."""
    for kind in Kind:
        for left in session.folder(run).glob(f"*.{kind}.json*"):
            session.storage.remove(left)


def run_exit_code(run: RunRow, ledger: Ledger, parts: list[PartRow]) -> int:
    """The exit code of a run whose work has ended (DESIGN.md section 8); several reasons at once: the worst."""
    codes = [ledger.exit_code()]
    if not all(part.adds_up for part in parts):
        codes.append(12)
    if run.cancelled or any(part.state is PartState.CANCELLED for part in parts):
        codes.append(9)
    if any(part.phase == "failed" for part in parts) and not ledger.created:
        codes.append(5)
    return worst(codes)


def _write_orders(session: Session, run: RunRow, what: str, states: tuple[str, ...], parts: list[PartRow]) -> Path:
    """A file that is valid input again: the same bytes, one array; with the reasons beside it, a line each."""
    stem = Path(run.source).name.split(".")[0] if run.source != "-" else "orders"
    name = f"{stem or 'orders'}.{run.id}.{what}"
    for folder in [Path(run.folder)] if run.folder else []:
        try:
            return _write_into(session, run, folder, name, states, parts)
        except OSError:
            break  # not a place to write to: the state folder is
    return _write_into(session, run, session.folder(run.id), name, states, parts)


def _write_into(
    session: Session, run: RunRow, folder: Path, name: str, states: tuple[str, ...], parts: list[PartRow]
) -> Path:
    storage = session.storage
    path, side = folder / f"{name}.json", folder / f"{name}.ndjson"
    drafts = [folder / f".{name}.json.tmp", folder / f".{name}.ndjson.tmp"]
    for draft in drafts:
        storage.remove(draft)
    try:
        with storage.create(drafts[0]) as file, storage.create(drafts[1]) as reasons:
            _write_slices(session, run, states, parts, file, reasons)
            storage.sync(file)
            storage.sync(reasons)
        storage.rename(drafts[1], side)
        storage.rename(drafts[0], path)
    finally:
        for draft in drafts:
            storage.remove(draft)
    return path


def _write_slices(
    session: Session, run: RunRow, states: tuple[str, ...], parts: list[PartRow], file: BinaryIO, reasons: BinaryIO
) -> None:
    file.write(b"[\n")
    for count, (raw, order) in enumerate(_slices(session, run, states, parts)):
        file.write((b",\n" if count else b"") + raw)
        reasons.write(json.dumps(_reason(order, count), ensure_ascii=False).encode() + b"\n")
    file.write(b"\n]\n")


def _slices(
    session: Session, run: RunRow, states: tuple[str, ...], parts: list[PartRow]
) -> Iterator[tuple[bytes, OrderRow]]:
    folder, journal = session.folder(run.id), session.journal
    sources = [(folder / part.file, journal.orders(run.id, part.number, states)) for part in parts]
    if "set_aside" in states:
        sources.append((folder / SET_ASIDE, journal.orders(run.id, None, ("set_aside",))))
    for path, orders in sources:
        first = next(orders, None)
        if first is not None:
            with part_text(path) as text:
                for order in chain((first,), orders):
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
