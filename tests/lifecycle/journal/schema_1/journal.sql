BEGIN TRANSACTION;
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
INSERT INTO "attempt" VALUES(1,'20261121-090000-vqfz',1,'accepted',1795251600.0,1795251600.0,NULL,201,'/v1/batch-operations/274f32cd-d82e-4803-a26d-172401a5bd5c/status','274f32cd-d82e-4803-a26d-172401a5bd5c',1795251600.0,NULL,NULL,NULL);
INSERT INTO "attempt" VALUES(2,'20261121-090000-wddf',1,'accepted',1795251600.0,1795251600.0,NULL,201,'/v1/batch-operations/01c8110b-0515-4818-8641-fdfc67c4ffc1/status','01c8110b-0515-4818-8641-fdfc67c4ffc1',1795251600.0,NULL,NULL,NULL);
INSERT INTO "attempt" VALUES(3,'20261121-090000-wddf',2,'unknown',1795251600.0,1795251600.0,0.0,NULL,NULL,NULL,NULL,179,'the answer was lost after 179 bytes: RemoteProtocolError: Server disconnected without sending a response.',NULL);
INSERT INTO "attempt" VALUES(4,'20261121-090005-jwgf',1,'accepted',1795251605.0,1795251605.0,NULL,201,'/v1/batch-operations/f774f71f-e37b-4d54-8d5b-7b42a028d20f/status','f774f71f-e37b-4d54-8d5b-7b42a028d20f',1795251605.0,NULL,NULL,NULL);
INSERT INTO "attempt" VALUES(5,'20261121-090005-jwgf',2,'refused',1795251605.0,1795251605.0,0.0,403,NULL,NULL,NULL,180,'the server answered 403',NULL);
INSERT INTO "attempt" VALUES(6,'20261121-090010-rkvw',1,'refused',1795251610.0,1795251610.0,NULL,403,NULL,NULL,NULL,180,'the server answered 403',NULL);
INSERT INTO "attempt" VALUES(7,'20261121-090010-rkvw',1,'sending',1795251610.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, run TEXT, kind TEXT NOT NULL, data TEXT NOT NULL);
INSERT INTO "event" VALUES(1,1795251600.0,'20261121-090000-vqfz','published','{}');
INSERT INTO "event" VALUES(2,1795251600.0,'20261121-090000-vqfz','accepted','{"part": 1, "remote_id": "274f32cd-d82e-4803-a26d-172401a5bd5c"}');
INSERT INTO "event" VALUES(3,1795251600.0,'20261121-090000-vqfz','settled','{"adds_up": true, "part": 1}');
INSERT INTO "event" VALUES(4,1795251600.0,'20261121-090000-vqfz','closed','{"exit_code": 0}');
INSERT INTO "event" VALUES(5,1795251600.0,'20261121-090000-wddf','published','{}');
INSERT INTO "event" VALUES(6,1795251600.0,'20261121-090000-wddf','accepted','{"part": 1, "remote_id": "01c8110b-0515-4818-8641-fdfc67c4ffc1"}');
INSERT INTO "event" VALUES(7,1795251600.0,'20261121-090000-wddf','settled','{"adds_up": true, "part": 1}');
INSERT INTO "event" VALUES(8,1795251605.0,'20261121-090005-jwgf','published','{}');
INSERT INTO "event" VALUES(9,1795251605.0,'20261121-090005-jwgf','accepted','{"part": 1, "remote_id": "f774f71f-e37b-4d54-8d5b-7b42a028d20f"}');
INSERT INTO "event" VALUES(10,1795251610.0,'20261121-090010-rkvw','published','{}');
CREATE TABLE learnt (erp TEXT, address TEXT, company TEXT, workflow TEXT, ratio REAL NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (erp, address, company, workflow)) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "meta" VALUES('created','1795251600.0');
INSERT INTO "meta" VALUES('min_reader','1');
INSERT INTO "meta" VALUES('schema_version','1');
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
INSERT INTO "orders" VALUES('20261121-090000-vqfz',0,1,0,1,2,194,2,1,4,1,X'E73127DE888A2625B6FF4371F4F020F8',NULL,'E00001',NULL,'created',1,'21000001',NULL,NULL);
INSERT INTO "orders" VALUES('20261121-090000-vqfz',1,1,1,197,198,194,3,1,4,1,X'B5E20642423FEA8DA92C6954566D917C',NULL,'E00002',NULL,'created',1,'21000002',NULL,NULL);
INSERT INTO "orders" VALUES('20261121-090000-wddf',0,1,0,1,2,194,2,1,4,1,X'7F4C72411FF769AA1085DBD9C121C711',NULL,'E00010',NULL,'created',2,'21000003',NULL,NULL);
INSERT INTO "orders" VALUES('20261121-090000-wddf',1,2,0,1,198,194,3,1,4,1,X'1FBF75FF74373C178E5032BB5B2E8ABB',NULL,'E00011',NULL,'unknown',3,NULL,NULL,NULL);
INSERT INTO "orders" VALUES('20261121-090000-wddf',2,3,0,1,394,194,4,1,4,1,X'6FB7980E4543CCCA7E01B5364AAD171D',NULL,'E00012',NULL,'pending',NULL,NULL,NULL,NULL);
INSERT INTO "orders" VALUES('20261121-090000-wddf',3,4,0,1,590,194,5,1,4,1,X'FD2D84FA00DA90BEE46AC00C5D414038',NULL,'E00013',NULL,'pending',NULL,NULL,NULL,NULL);
INSERT INTO "orders" VALUES('20261121-090005-jwgf',0,1,0,1,2,194,2,1,4,1,X'0F66F09AE1DED7B2435C01F15E3B4807',NULL,'E00020',NULL,'pending',4,NULL,NULL,NULL);
INSERT INTO "orders" VALUES('20261121-090005-jwgf',1,2,0,1,198,194,3,1,4,1,X'B0E728C27C90A3414F53981039CD8FD7',NULL,'E00021',NULL,'pending',NULL,NULL,NULL,NULL);
INSERT INTO "orders" VALUES('20261121-090005-jwgf',2,3,0,1,394,194,4,1,4,1,X'5AA015D434EC3890D8EA72BCE26DB74D',NULL,'E00022',NULL,'pending',NULL,NULL,NULL,NULL);
INSERT INTO "orders" VALUES('20261121-090010-rkvw',0,1,0,1,2,194,2,1,4,1,X'58ED3576D7500DD14CFBD7CD2C44BBFB',NULL,'E00030',NULL,'pending',7,NULL,NULL,NULL);
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
INSERT INTO "part" VALUES('20261121-090000-vqfz',1,NULL,'SO',2,2,8,'0001-SO-f727ecc9.json.gz',297,'f727ecc92cc54f18a1a5c7fd2ca4d62779da04517f28d8b3122854ead9046152','65d19f50d20da04d9c852a031cd07acd55dadd5b9d7a9b7282582b15242713d3','settled','274f32cd-d82e-4803-a26d-172401a5bd5c','finished','Success',2,0,NULL,1,1795251600.0);
INSERT INTO "part" VALUES('20261121-090000-wddf',1,NULL,'SO',1,1,4,'0001-SO-28d45667.json.gz',178,'28d4566790cfb1698a380383f685facea79944fd1902cf7203148e90e920fdd5','cd66dfca55ac5b0483a74e2c9d0df4831b66c8847967a5763b6e7ee0c00e3007','settled','01c8110b-0515-4818-8641-fdfc67c4ffc1','finished','Success',1,0,NULL,1,1795251600.0);
INSERT INTO "part" VALUES('20261121-090000-wddf',2,NULL,'SO',1,1,4,'0002-SO-97722a98.json.gz',179,'97722a98542aa39ad0a161e3f5baec07feab19d72f140e860c4255cc2395cdf9','1cc795eb1e0e1357d7bb6f01f13c7a8b7346a0dfc144c8f270cf1e78e32d594b','unknown',NULL,NULL,NULL,NULL,NULL,'the answer was lost after 179 bytes: RemoteProtocolError: Server disconnected without sending a response.',1,NULL);
INSERT INTO "part" VALUES('20261121-090000-wddf',3,NULL,'SO',1,1,4,'0003-SO-eeed0aeb.json.gz',180,'eeed0aeb41e635b7ee6f4e7c1b49532c4de92405f8d4de191a8ca5104193350f','c3f541a4bb0450aebca173be5fd837395308b9fb6f95e3c52ab88d0c665496d2','planned',NULL,NULL,NULL,NULL,NULL,NULL,1,NULL);
INSERT INTO "part" VALUES('20261121-090000-wddf',4,NULL,'SO',1,1,4,'0004-SO-d16c4a90.json.gz',180,'d16c4a9077e081b8b66f9be80dd1bf4a96675156c887e5d8224e1ad5beef27ab','a04e02dc52ca56c473c290611ff2ce801ea11fa8b722c98e0af893cbb02dc219','planned',NULL,NULL,NULL,NULL,NULL,NULL,1,NULL);
INSERT INTO "part" VALUES('20261121-090005-jwgf',1,NULL,'SO',1,1,4,'0001-SO-e4ca2b47.json.gz',180,'e4ca2b471b16d56d95761ec923091f83fb7489d2e92443eba94541ef1885bfef','319395e151e6049d1ed64d5c842114772fa3044f9a1bf6ec9e5889e02bdfbeb2','accepted','f774f71f-e37b-4d54-8d5b-7b42a028d20f',NULL,NULL,NULL,NULL,NULL,1,1795251605.0);
INSERT INTO "part" VALUES('20261121-090005-jwgf',2,NULL,'SO',1,1,4,'0002-SO-bad89376.json.gz',180,'bad89376697e32d18c834bb80a5400430342aeb1e827673733dd914934b5be53','af5e8f384ff46be42774b3e4b915de99029ca21c1e325ffb1e9d45619794bfe3','planned',NULL,NULL,NULL,NULL,NULL,NULL,1,NULL);
INSERT INTO "part" VALUES('20261121-090005-jwgf',3,NULL,'SO',1,1,4,'0003-SO-ca1dee18.json.gz',180,'ca1dee180c31d4d0594495c375777bcbb95e90a98876e1433bfbebdafe11252c','410f2b1bc48160baf2d2b045d5db2d40c53faca8a1848ad3ff6c3cb217ea2ba4','planned',NULL,NULL,NULL,NULL,NULL,NULL,1,NULL);
INSERT INTO "part" VALUES('20261121-090010-rkvw',1,NULL,'SO',1,1,4,'0001-SO-00518d8a.json.gz',180,'00518d8ac80a682e2c9a53c69219f739a58ed944b62144d600bb5168562b7aef','bab7e022385910ba6c9ef99c8032889e79670b5434e8a3f45bf1cd5dc32db3af','sending',NULL,NULL,NULL,NULL,NULL,NULL,1,NULL);
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
INSERT INTO "run" VALUES('20261121-090000-vqfz',1795251600.0,'{folder}/closed.json','{folder}','unit4','{address}','EN','','e5f7525cab6c0acf5fc8df17e3599fbcbc498c34d97b7e3b88cb59bcd9c7c6be','5917839c07930ecbdbb0c3b82f9b99cee5992e5add102435be429bcb6b418588','{"headroom": 0.05, "max_bytes": 30000000, "max_lines": 12, "max_rows": 37000, "profile": "default", "skip_workflow": false}','0.1.0',2,2,8,'closed',0,0,1795251600.0,NULL,NULL);
INSERT INTO "run" VALUES('20261121-090000-wddf',1795251600.0,'{folder}/doubtful.json','{folder}','unit4','{address}','EN','','56cfdbefa9efff2a383c7f14ee2124dde47ca263a0161350c74bcce1cec565ab','69f87826aacdf94d4e9dc835334d04da6d947abf436c650b34b7fb63581e2a59','{"headroom": 0.05, "max_bytes": 30000000, "max_lines": 12, "max_rows": 37000, "profile": "default", "skip_workflow": false}','0.1.0',4,4,16,'open',0,NULL,NULL,NULL,NULL);
INSERT INTO "run" VALUES('20261121-090005-jwgf',1795251605.0,'{folder}/running.json','{folder}','unit4','{address}','EN','','d8633fd224addca9087ad9c34e0a096c95c6e88a0e16362c0a8f74805a25de50','27dc54c65bb9c54394f0b70b0c004495770a906c3cf47ebe6af6aefbd8427589','{"headroom": 0.05, "max_bytes": 30000000, "max_lines": 1000, "max_rows": 1550000, "profile": "default", "skip_workflow": true}','0.1.0',3,3,12,'open',0,NULL,NULL,NULL,NULL);
INSERT INTO "run" VALUES('20261121-090010-rkvw',1795251610.0,'{folder}/died.json','{folder}','unit4','{address}','EN','','3fee4cc988efea840f4bc5d9aa6821efe07b98542d70158f5ad9b84a6a4d2830','fa2f6dd11e14918e526f11b460e645c75e8de8ea432ed2c08775233c5c8495c7','{"headroom": 0.05, "max_bytes": 30000000, "max_lines": 12, "max_rows": 37000, "profile": "default", "skip_workflow": false}','0.1.0',1,1,4,'open',0,NULL,NULL,NULL,NULL);
CREATE UNIQUE INDEX one_open_run ON run (erp, address, company, content, run_key) WHERE state = 'open';
CREATE INDEX run_by_content ON run (content);
CREATE UNIQUE INDEX one_receipt ON part (run, remote_id) WHERE remote_id IS NOT NULL;
CREATE UNIQUE INDEX one_live_attempt ON attempt (run, part) WHERE state IN ('sending', 'accepted', 'unknown');
CREATE TRIGGER never_sending_again BEFORE UPDATE OF state ON attempt WHEN NEW.state = 'sending'
    BEGIN SELECT RAISE(ABORT, 'an attempt is sent once'); END;
CREATE INDEX orders_by_part ON orders (run, part, position);
CREATE INDEX orders_by_content ON orders (content);
CREATE INDEX orders_by_number ON orders (number) WHERE number IS NOT NULL;
CREATE INDEX orders_by_external ON orders (external) WHERE external IS NOT NULL;
CREATE INDEX orders_by_reference ON orders (reference) WHERE reference IS NOT NULL;
CREATE TRIGGER order_sent_once BEFORE UPDATE OF live ON orders
    WHEN OLD.live IS NOT NULL AND NEW.live IS NOT NULL AND NEW.live <> OLD.live
    BEGIN SELECT RAISE(ABORT, 'an order is sent once'); END;
CREATE TRIGGER events_stay BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('event',10);
COMMIT;
