-- What a version was made of: the score of every window, so that threshold and fusing never need another scan.
-- `scores` are little-endian float32; window k starts at k * hop_s.
CREATE TABLE scan_scores (
    version_id INTEGER PRIMARY KEY REFERENCES scan_versions(id) ON DELETE CASCADE,
    classifier TEXT NOT NULL,
    classifier_version TEXT NOT NULL,
    threshold REAL NOT NULL,
    fuse_s REAL NOT NULL,
    hop_s REAL NOT NULL,
    span_s REAL NOT NULL,
    duration_s REAL NOT NULL,
    scores BLOB NOT NULL
);

-- `inherited_from` is the row of an earlier version whose decision this one took over. A hidden row is one with a
-- decision that the present threshold does not show.
ALTER TABLE scan_regions ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scan_regions ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scan_regions ADD COLUMN inherited_from INTEGER;
