-- Labelling. Everything that travels between machines has a uid or a key that is the same everywhere; times are ISO
-- 8601 in UTC. tasks is JSON: [{"name", "classes", "screened"}, …]. touched_at is when something was last changed, empty
-- for never: of two machines' copies the one touched last is right.
CREATE TABLE annotation_projects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('frame', 'window')),
    tasks TEXT NOT NULL,
    salt TEXT NOT NULL,
    screener TEXT NOT NULL DEFAULT '',
    overlap REAL NOT NULL CHECK (overlap BETWEEN 0 AND 1),
    repeats REAL NOT NULL CHECK (repeats BETWEEN 0 AND 1),
    show_picture INTEGER NOT NULL DEFAULT 0,
    assisted INTEGER NOT NULL DEFAULT 0,
    touched_at TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL
);

-- An item belongs to a video by content_key; the video itself need not be on this machine. frame is -1 for a window.
CREATE TABLE annotation_items (
    project_id INTEGER NOT NULL REFERENCES annotation_projects(id),
    item_key TEXT NOT NULL,
    content_key TEXT NOT NULL,
    frame INTEGER NOT NULL,
    start_s REAL NOT NULL,
    end_s REAL NOT NULL,
    PRIMARY KEY (project_id, item_key)
) WITHOUT ROWID;

CREATE TABLE annotation_coders (
    project_id INTEGER NOT NULL REFERENCES annotation_projects(id),
    name TEXT NOT NULL,
    away INTEGER NOT NULL DEFAULT 0,
    touched_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (project_id, name)
) WITHOUT ROWID;

-- A log: rows are added, never changed but for being withdrawn (undo) and brought back (redo).
CREATE TABLE annotation_answers (
    project_id INTEGER NOT NULL,
    uid TEXT NOT NULL,
    item_key TEXT NOT NULL,
    task TEXT NOT NULL,
    coder TEXT NOT NULL,
    label TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    difficult INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    shown_at TEXT NOT NULL DEFAULT '',
    saved_at TEXT NOT NULL,
    assisted INTEGER NOT NULL DEFAULT 0,
    round INTEGER NOT NULL DEFAULT -1,
    repeat INTEGER NOT NULL DEFAULT 0,
    withdrawn INTEGER NOT NULL DEFAULT 0,
    touched_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (project_id, uid),
    FOREIGN KEY (project_id, item_key) REFERENCES annotation_items(project_id, item_key),
    FOREIGN KEY (project_id, coder) REFERENCES annotation_coders(project_id, name)
) WITHOUT ROWID;
CREATE INDEX annotation_answers_by_item ON annotation_answers(project_id, item_key, task);
CREATE INDEX annotation_answers_by_coder ON annotation_answers(project_id, coder, saved_at);
CREATE INDEX annotation_answers_touched ON annotation_answers(project_id, coder, touched_at) WHERE touched_at != '';

-- Decisions on what is right, a log too; the newest of an item and task counts, an empty label takes it back.
CREATE TABLE annotation_gold (
    project_id INTEGER NOT NULL,
    uid TEXT NOT NULL,
    item_key TEXT NOT NULL,
    task TEXT NOT NULL,
    label TEXT NOT NULL,
    coder TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    PRIMARY KEY (project_id, uid),
    FOREIGN KEY (project_id, item_key) REFERENCES annotation_items(project_id, item_key)
) WITHOUT ROWID;
CREATE INDEX annotation_gold_by_item ON annotation_gold(project_id, item_key, task, decided_at);

-- metrics is JSON; finished_at is empty while a round runs.
CREATE TABLE annotation_rounds (
    project_id INTEGER NOT NULL REFERENCES annotation_projects(id),
    number INTEGER NOT NULL,
    folder TEXT NOT NULL,
    finished_at TEXT NOT NULL DEFAULT '',
    metrics TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (project_id, number)
) WITHOUT ROWID;

-- What a round wants judged next, in its order; made_at says which of two machines' queues of one round is newer.
CREATE TABLE annotation_queues (
    project_id INTEGER NOT NULL REFERENCES annotation_projects(id),
    round INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    PRIMARY KEY (project_id, round)
) WITHOUT ROWID;

CREATE TABLE annotation_queue_entries (
    project_id INTEGER NOT NULL,
    round INTEGER NOT NULL,
    position INTEGER NOT NULL,
    item_key TEXT NOT NULL,
    score REAL NOT NULL,
    reason TEXT NOT NULL,
    probability REAL NOT NULL,
    PRIMARY KEY (project_id, round, position),
    FOREIGN KEY (project_id, round) REFERENCES annotation_queues(project_id, round) ON DELETE CASCADE,
    FOREIGN KEY (project_id, item_key) REFERENCES annotation_items(project_id, item_key)
) WITHOUT ROWID;
