-- Changes of the history that move files, the app's trash, and which dataset.json has to be written anew.

-- A change under way: clips that leave and clips that come (JSON arrays of ids). One found at the start was interrupted.
CREATE TABLE history_swaps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    leaving TEXT NOT NULL,
    coming TEXT NOT NULL,
    created_at TEXT NOT NULL
);

-- A file (or the folder of a picture sequence) of a clip, outside its export folder: leaving -> held -> coming -> gone,
-- or purged. A staged file of an overwrite begins as 'coming'.
CREATE TABLE trash_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    clip_id INTEGER NOT NULL REFERENCES clips(id),
    original TEXT NOT NULL,
    place TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('leaving', 'held', 'coming', 'purged')),
    swap_id INTEGER REFERENCES history_swaps(id),
    created_at TEXT NOT NULL
);
CREATE INDEX trash_items_by_clip ON trash_items(clip_id);
CREATE INDEX trash_items_by_original ON trash_items(original) WHERE state = 'held';
CREATE INDEX trash_items_by_swap ON trash_items(swap_id) WHERE swap_id IS NOT NULL;

CREATE TABLE manifests_due (
    folder TEXT PRIMARY KEY
) WITHOUT ROWID;

-- The batch whose files this export makes anew.
ALTER TABLE export_jobs ADD COLUMN replaces_batch_id INTEGER REFERENCES batches(id);
