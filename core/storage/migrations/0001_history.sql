-- The history as of issue "cut clips". Times are seconds (REAL), dates are ISO 8601 in UTC (TEXT).
-- Rows with deleted_at set are gone for every reader but undo.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- content_key is 'b3-…' (identity by content), or 'path:…' / 'name:…' while nobody has seen the file itself.
CREATE TABLE media (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_key TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL,
    created_at TEXT NOT NULL
);

-- Where a media was seen. The sighting with the highest seen_no says whose a path is now.
CREATE TABLE media_paths (
    media_id INTEGER NOT NULL REFERENCES media(id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    seen_no INTEGER NOT NULL UNIQUE,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (media_id, path)
) WITHOUT ROWID;
CREATE INDEX media_paths_by_path ON media_paths(path, seen_no);

-- Every base name a media was known by, so that a script may say the old one after a rename.
CREATE TABLE media_names (
    name TEXT NOT NULL,
    media_id INTEGER NOT NULL REFERENCES media(id) ON DELETE CASCADE,
    PRIMARY KEY (name, media_id)
) WITHOUT ROWID;
CREATE INDEX media_names_by_media ON media_names(media_id);

-- last_media_number only grows: a number is never given to another media.
CREATE TABLE profiles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    last_media_number INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    deleted_at TEXT
);
CREATE UNIQUE INDEX profiles_by_name ON profiles(name) WHERE deleted_at IS NULL;

CREATE TABLE media_numbers (
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    media_id INTEGER NOT NULL REFERENCES media(id),
    number INTEGER NOT NULL,
    PRIMARY KEY (profile_id, media_id),
    UNIQUE (profile_id, number)
) WITHOUT ROWID;
CREATE INDEX media_numbers_by_media ON media_numbers(media_id);

CREATE TABLE media_flags (
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    media_id INTEGER NOT NULL REFERENCES media(id),
    hidden INTEGER NOT NULL DEFAULT 0,
    disabled INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (profile_id, media_id)
) WITHOUT ROWID;
CREATE INDEX media_flags_by_media ON media_flags(media_id);

-- folder is the export folder above vid_NNN, subprofile included; class_name its last part.
-- clip_group is what the names of its clips share: 'clip_003_m1.mp4' for clip_003_m1_0.mp4 and clip_003_m1_1.mp4.
-- settings is the rest of an export's settings as JSON.
CREATE TABLE batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    media_id INTEGER NOT NULL REFERENCES media(id),
    number INTEGER NOT NULL,
    scan_export INTEGER NOT NULL DEFAULT 0,
    cursor_s REAL NOT NULL,
    clips INTEGER NOT NULL,
    spread_s REAL NOT NULL,
    duration_s REAL NOT NULL,
    folder TEXT NOT NULL,
    class_name TEXT NOT NULL,
    clip_group TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    category TEXT NOT NULL DEFAULT '',
    format TEXT NOT NULL DEFAULT 'MP4',
    settings TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL,
    deleted_at TEXT
);
CREATE INDEX batches_by_media ON batches(media_id, profile_id, scan_export, number);
CREATE INDEX batches_by_class ON batches(profile_id, class_name, media_id);
CREATE INDEX batches_by_folder ON batches(folder);

CREATE TABLE clips (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch_id INTEGER NOT NULL REFERENCES batches(id),
    clip_index INTEGER NOT NULL,
    start_s REAL NOT NULL,
    duration_s REAL NOT NULL,
    path TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'done', 'failed')),
    error TEXT NOT NULL DEFAULT '',
    audit TEXT,
    portrait_ratio TEXT NOT NULL DEFAULT '',
    crop_center REAL NOT NULL DEFAULT 0.5,
    fps REAL,
    width INTEGER,
    height INTEGER,
    disabled INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    deleted_at TEXT,
    UNIQUE (batch_id, clip_index)
);
CREATE INDEX clips_by_path ON clips(path);
CREATE INDEX clips_done ON clips(batch_id, disabled) WHERE state = 'done' AND deleted_at IS NULL;

-- request is the snapshot the job was started with, as JSON.
CREATE TABLE export_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch_id INTEGER NOT NULL REFERENCES batches(id),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    media_number INTEGER NOT NULL,
    request TEXT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE INDEX export_jobs_open ON export_jobs(id) WHERE state IN ('waiting', 'running');
CREATE INDEX export_jobs_by_batch ON export_jobs(batch_id);

CREATE TABLE lists (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    name TEXT NOT NULL DEFAULT '',
    position INTEGER NOT NULL DEFAULT 0,
    deleted_at TEXT
);
CREATE INDEX lists_by_profile ON lists(profile_id, position);

CREATE TABLE list_entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    list_id INTEGER NOT NULL REFERENCES lists(id),
    media_id INTEGER NOT NULL REFERENCES media(id),
    position INTEGER NOT NULL,
    deleted_at TEXT,
    UNIQUE (list_id, media_id)
);
CREATE INDEX list_entries_in_order ON list_entries(list_id, position);
CREATE INDEX list_entries_by_media ON list_entries(media_id);

CREATE TABLE last_positions (
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    media_id INTEGER NOT NULL REFERENCES media(id),
    position_s REAL NOT NULL,
    visit_no INTEGER NOT NULL,
    PRIMARY KEY (profile_id, media_id)
) WITHOUT ROWID;
CREATE INDEX last_positions_latest ON last_positions(profile_id, visit_no);
CREATE INDEX last_positions_by_media ON last_positions(media_id);

-- One scan of one media with one model. Legacy rows from before versions share an empty timestamp.
CREATE TABLE scan_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    media_id INTEGER NOT NULL REFERENCES media(id),
    model TEXT NOT NULL,
    timestamp TEXT NOT NULL,
    UNIQUE (media_id, profile_id, model, timestamp)
);

CREATE TABLE scan_regions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version_id INTEGER NOT NULL REFERENCES scan_versions(id) ON DELETE CASCADE,
    start_s REAL NOT NULL,
    end_s REAL NOT NULL,
    score REAL NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    orig_start_s REAL NOT NULL,
    orig_end_s REAL NOT NULL
);
CREATE INDEX scan_regions_by_version ON scan_regions(version_id, start_s);

-- One row per moment of a media: times that agree to the millisecond are the same moment.
CREATE TABLE hard_negatives (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    media_id INTEGER NOT NULL REFERENCES media(id),
    start_ms INTEGER NOT NULL,
    start_s REAL NOT NULL,
    end_s REAL,
    region_id INTEGER,
    filename TEXT NOT NULL,
    source_path TEXT NOT NULL DEFAULT '',
    source_model TEXT NOT NULL DEFAULT '',
    scan_timestamp TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL,
    deleted_at TEXT,
    UNIQUE (profile_id, media_id, start_ms)
);
CREATE INDEX hard_negatives_by_media ON hard_negatives(media_id);

-- The journal of moving legacy exports: planned -> moved (file and paths) -> settled (folders, dataset.json), or kept.
-- Rows that are 'planned' or 'moved' at the start were interrupted.
CREATE TABLE file_moves (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'moved', 'settled', 'kept')),
    created_at TEXT NOT NULL
);
CREATE INDEX file_moves_open ON file_moves(state) WHERE state IN ('planned', 'moved');

INSERT INTO profiles (name, created_at) VALUES ('default', strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'));
