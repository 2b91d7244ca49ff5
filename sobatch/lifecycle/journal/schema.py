"""The journal's tables. What makes a second send impossible stands here as indexes and triggers, not in the code.

- An attempt is only ever inserted as `sending`; no UPDATE can make one `sending` again.
- `one_live_attempt`: a part has at most one attempt that is sending, accepted or unknown.
- `order_sent_once`: an order belongs to at most one live attempt, also after its part was cut in halves.
- `one_open_run`: one open run per target, company, content and run key.
- `step_made_once`: of a part's steps of one name at most one is under way, done or unknown.

The tables are made by `STEPS`, one after the other; a journal of an earlier version is given the steps it lacks. So a
new journal and an upgraded one cannot differ. A step that was ever released is never changed: a change is a new step.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """What leads from one schema to the next. `min_reader` is the earliest schema whose program may use the result."""

    sql: str
    min_reader: int


_RUNS_PARTS_ATTEMPTS_ORDERS = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE run (
    id TEXT PRIMARY KEY,
    created REAL NOT NULL,
    source TEXT NOT NULL,           -- as the user named it
    folder TEXT,                    -- where reject files go; NULL for a pipe
    erp TEXT NOT NULL,
    address TEXT NOT NULL,
    company TEXT NOT NULL,          -- '' is the user's default company
    run_key TEXT NOT NULL,          -- '' is none
    content TEXT NOT NULL,          -- digest over the canonical orders
    stored TEXT NOT NULL,           -- digest over the bytes as stored
    settings TEXT NOT NULL,         -- JSON; never a secret
    version TEXT NOT NULL,          -- of sobatch
    orders INTEGER NOT NULL DEFAULT 0,
    lines INTEGER NOT NULL DEFAULT 0,
    rows INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('staging', 'open', 'closed')),
    cancelled INTEGER NOT NULL DEFAULT 0,
    exit_code INTEGER,
    closed REAL,
    rejects TEXT,
    remaining TEXT
);
CREATE UNIQUE INDEX one_open_run ON run (erp, address, company, content, run_key) WHERE state = 'open';
CREATE INDEX run_by_content ON run (content);

CREATE TABLE part (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    parent INTEGER,                 -- the part this one was cut from, after a row overflow
    grouping TEXT NOT NULL,
    orders INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('planned', 'sending', 'accepted', 'finished', 'settled', 'refused', 'cancelled', 'unknown')),
    remote_id TEXT,
    phase TEXT,
    result TEXT,
    processed INTEGER,
    failed INTEGER,
    message TEXT,
    adds_up INTEGER NOT NULL DEFAULT 1,
    accepted REAL,
    PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX one_receipt ON part (run, remote_id) WHERE remote_id IS NOT NULL;

CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    part INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('sending', 'accepted', 'unknown', 'not_sent', 'throttled', 'expired', 'refused', 'absent', 'overflow')),
    started REAL NOT NULL,
    ended REAL,
    clock_offset REAL,
    http_status INTEGER,
    location TEXT,
    remote_id TEXT,
    server_time REAL,
    bytes_sent INTEGER,
    message TEXT,
    decided_by TEXT,
    FOREIGN KEY (run, part) REFERENCES part (run, number) ON DELETE CASCADE
);
CREATE UNIQUE INDEX one_live_attempt ON attempt (run, part) WHERE state IN ('sending', 'accepted', 'unknown');
CREATE TRIGGER never_sending_again BEFORE UPDATE OF state ON attempt WHEN NEW.state = 'sending'
    BEGIN SELECT RAISE(ABORT, 'an attempt is sent once'); END;

CREATE TABLE orders (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    idx INTEGER NOT NULL,           -- position in the input, from 0
    part INTEGER,                   -- NULL: set aside
    position INTEGER,               -- in the part, from 0
    part_offset INTEGER,            -- byte offset in the part's text
    offset INTEGER NOT NULL,        -- byte offset in the input's text
    length INTEGER NOT NULL,
    line INTEGER NOT NULL,          -- from 1
    col INTEGER NOT NULL,           -- from 1, in characters
    rows INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    content BLOB NOT NULL,
    number TEXT,
    external TEXT,
    reference TEXT,
    state TEXT NOT NULL CHECK (state IN
        ('set_aside', 'pending', 'not_created', 'created', 'incomplete', 'rejected', 'unknown')),
    live INTEGER,                   -- the live attempt that carries it
    remote_number TEXT,
    twins INTEGER,                  -- not NULL: one of several equal orders, which one is not known
    messages TEXT,
    PRIMARY KEY (run, idx)
) WITHOUT ROWID;
CREATE INDEX orders_by_part ON orders (run, part, position);
CREATE INDEX orders_by_content ON orders (content);
CREATE INDEX orders_by_number ON orders (number) WHERE number IS NOT NULL;
CREATE INDEX orders_by_external ON orders (external) WHERE external IS NOT NULL;
CREATE INDEX orders_by_reference ON orders (reference) WHERE reference IS NOT NULL;
CREATE TRIGGER order_sent_once BEFORE UPDATE OF live ON orders
    WHEN OLD.live IS NOT NULL AND NEW.live IS NOT NULL AND NEW.live <> OLD.live
    BEGIN SELECT RAISE(ABORT, 'an order is sent once'); END;

CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, run TEXT, kind TEXT NOT NULL, data TEXT NOT NULL);
CREATE TRIGGER events_stay BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are only added'); END;

CREATE TABLE learnt (erp TEXT, address TEXT, company TEXT, workflow TEXT, ratio REAL NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (erp, address, company, workflow)) WITHOUT ROWID;
"""

# The mark: how many sends were begun, also kept outside the state folder, so that a copy that lacks some is noticed.
# What was pruned is still recognised. Earlier programs would neither count nor recognise, so they must not send.
_MARK_AND_FORGOTTEN = """
INSERT INTO meta SELECT 'journal_id', 'since ' || value FROM meta WHERE key = 'created';
INSERT INTO meta SELECT 'mark', coalesce(max(id), 0) FROM attempt;

ALTER TABLE run ADD COLUMN restored REAL;  -- when the operator said that the journal may lack sends of this run

CREATE TABLE forgotten (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL UNIQUE,
    erp TEXT NOT NULL,
    address TEXT NOT NULL,
    company TEXT NOT NULL,
    run_key TEXT NOT NULL,
    content TEXT NOT NULL,
    stored TEXT NOT NULL,
    closed REAL NOT NULL,
    all_free INTEGER NOT NULL       -- 1: nothing of it was created or may have been
);
CREATE INDEX forgotten_by_content ON forgotten (content);

CREATE TABLE forgotten_key (
    digest BLOB PRIMARY KEY,        -- of ERP, address, company, kind and key of an order that was created
    forgotten INTEGER NOT NULL
) WITHOUT ROWID;
"""

# An index for every question that a run asks per part; what was looked for in the events stands in the part itself.
# Parts in pages, steps of a part, and counts that are kept as verdicts come: earlier programs know none of that.
_LINEAR_WORK = """
CREATE INDEX attempt_by_part ON attempt (run, part);
CREATE INDEX attempt_by_remote_id ON attempt (remote_id COLLATE NOCASE) WHERE remote_id IS NOT NULL;
CREATE INDEX part_by_state ON part (run, state);
CREATE INDEX part_in_doubt ON part (run) WHERE adds_up = 0;
CREATE INDEX orders_in_doubt ON orders (run, part) WHERE state = 'unknown';
CREATE INDEX event_by_run ON event (run, kind);

ALTER TABLE part ADD COLUMN start INTEGER;  -- byte offset in a page that other parts share; NULL: the whole file
ALTER TABLE part ADD COLUMN ended REAL;     -- since when the ERP calls its work ended
ALTER TABLE part ADD COLUMN lists TEXT;     -- digest of both result lists at the last look
UPDATE part SET ended = e.at FROM (SELECT run, json_extract(data, '$.part') AS number, at, max(seq) FROM event
    WHERE kind = 'ended' GROUP BY 1, 2) AS e WHERE e.run = part.run AND e.number = part.number;
UPDATE part SET lists = e.lists FROM (SELECT run, json_extract(data, '$.part') AS number,
    json_extract(data, '$.lists') AS lists, max(seq) FROM event
    WHERE kind = 'lists' GROUP BY 1, 2) AS e WHERE e.run = part.run AND e.number = part.number;

CREATE TABLE count (                -- of a run's orders by state: kept with every verdict, proved at the run's end
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (run, state)
) WITHOUT ROWID;
INSERT INTO count SELECT run, state, count(*) FROM orders GROUP BY run, state;
CREATE TRIGGER orders_counted AFTER UPDATE OF state ON orders WHEN NEW.state <> OLD.state BEGIN
    UPDATE count SET n = n - 1 WHERE run = OLD.run AND state = OLD.state;
    INSERT INTO count VALUES (NEW.run, NEW.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TABLE step (                 -- one call of a part that changes something remotely
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    part INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sending', 'done', 'refused', 'unknown')),
    value TEXT,                     -- what is kept of a yes, or why it was refused or is unknown
    at REAL NOT NULL,
    FOREIGN KEY (run, part) REFERENCES part (run, number) ON DELETE CASCADE
);
CREATE INDEX step_by_part ON step (run, part);
CREATE INDEX step_by_value ON step (value, name) WHERE state = 'done';  -- whether a created id is known already
CREATE UNIQUE INDEX step_made_once ON step (run, part, name) WHERE state IN ('sending', 'done', 'unknown');
CREATE TRIGGER step_begun BEFORE INSERT ON step WHEN NEW.state <> 'sending' OR NOT EXISTS
    (SELECT 1 FROM attempt WHERE id = NEW.attempt AND run = NEW.run AND part = NEW.part AND state = 'sending')
    BEGIN SELECT RAISE(ABORT, 'a step is begun while its part is being sent'); END;
CREATE TRIGGER step_ended BEFORE UPDATE OF state ON step WHEN NEW.state = 'sending' OR OLD.state IN ('done', 'refused')
    BEGIN SELECT RAISE(ABORT, 'a step has one end'); END;
"""

# An ERP names its modes itself: the column that had one ERP's word for a name holds the mode.
_LEARNT_BY_MODE = """
CREATE TABLE learnt_by_mode (erp TEXT, address TEXT, company TEXT, mode TEXT, ratio REAL NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (erp, address, company, mode)) WITHOUT ROWID;
INSERT INTO learnt_by_mode SELECT * FROM learnt;
DROP TABLE learnt;
ALTER TABLE learnt_by_mode RENAME TO learnt;
"""

STEPS = (
    Step(_RUNS_PARTS_ATTEMPTS_ORDERS, 1),
    Step(_MARK_AND_FORGOTTEN, 2),
    Step(_LINEAR_WORK, 3),
    Step(_LEARNT_BY_MODE, 4),
)
VERSION = len(STEPS)
