-- How the crop of a clip moves: JSON array of [seconds from the clip's start, centre]; empty where it stands still.
ALTER TABLE clips ADD COLUMN crop_path TEXT NOT NULL DEFAULT '[]';

-- One row per moment: from there on, clips of this media in this profile are cropped like this.
CREATE TABLE crop_keyframes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    media_id INTEGER NOT NULL REFERENCES media(id),
    time_ms INTEGER NOT NULL,
    time_s REAL NOT NULL,
    ratio TEXT NOT NULL,
    center REAL NOT NULL,
    random_portrait INTEGER NOT NULL DEFAULT 0,
    random_square INTEGER NOT NULL DEFAULT 0,
    deleted_at TEXT,
    UNIQUE (profile_id, media_id, time_ms)
);
CREATE INDEX crop_keyframes_by_media ON crop_keyframes(media_id);
