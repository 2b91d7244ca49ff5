"""A journal with a long past, written by SQL: closed runs of 100,000 created orders each, like the first."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_EACH = 100_000
_ORDERS = """
INSERT INTO orders (run, idx, part, position, part_offset, offset, length, line, col, rows, lines, content, number,
    external, reference, state, live, remote_number)
WITH RECURSIVE nth (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM nth LIMIT ?2)
SELECT ?1, i, 1, i, i * 200, i * 200, 190, i, 1, 4, 1, randomblob(16), NULL,
    'H' || ?1 || i, 'R' || (i % 1000), 'created', ?3, '9' || i FROM nth
"""


def fill(journal: Path, orders: int) -> None:
    """Add so many orders of earlier runs. Not durable, and quick."""
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous=OFF")
        db.execute("PRAGMA cache_size=-400000")
        ((like,),) = db.execute("SELECT id FROM run").fetchall()
        indexes = db.execute(
            "SELECT name, sql FROM sqlite_master WHERE name LIKE 'orders_by_%' AND sql > ''"
        ).fetchall()
        db.execute("BEGIN")
        for name, _ in indexes:
            db.execute(f"DROP INDEX {name}")
        for number in range(-(-orders // _EACH)):
            _add_run(db, like, f"20200101-{number:06d}-past", min(_EACH, orders - number * _EACH))
        for _, sql in indexes:
            db.execute(sql)
        db.execute("COMMIT")


def _add_run(db: sqlite3.Connection, like: str, run: str, orders: int) -> None:
    for table, key in (("run", "id"), ("part", "run")):
        names = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] != key]
        values = {"content": "hex(randomblob(16))", "orders": "?3", "remote_id": "hex(randomblob(8))"}
        chosen = ", ".join(values.get(name, name) for name in names)
        db.execute(
            f"INSERT INTO {table} ({key}, {', '.join(names)}) SELECT ?1, {chosen} FROM {table} WHERE {key} = ?2"
            " AND ?3 > 0",
            (run, like, orders),
        )
    attempt = db.execute(
        "INSERT INTO attempt (run, part, state, started, remote_id)"
        " SELECT run, number, 'accepted', 0, remote_id FROM part WHERE run = ?",
        (run,),
    ).lastrowid
    db.execute(_ORDERS, (run, orders, attempt))
    db.execute("INSERT INTO count VALUES (?, 'created', ?)", (run, orders))
