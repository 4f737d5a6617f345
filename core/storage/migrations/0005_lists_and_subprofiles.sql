-- Lists with folders, separators and places that leave room between rows; subprofiles.

ALTER TABLE lists ADD COLUMN folder TEXT NOT NULL DEFAULT '';
UPDATE lists SET name = 'List 1' WHERE name = '';
-- Places are compared, never counted: a moved row takes one between its new neighbours'.
UPDATE list_entries SET position = position * 1048576;

CREATE TABLE list_separators (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    list_id INTEGER NOT NULL REFERENCES lists(id),
    position INTEGER NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    deleted_at TEXT
);
CREATE INDEX list_separators_in_order ON list_separators(list_id, position);

ALTER TABLE profiles ADD COLUMN shown_list_id INTEGER REFERENCES lists(id);
ALTER TABLE profiles ADD COLUMN pinned_list_id INTEGER REFERENCES lists(id);

-- A variant of a profile's exports: another ending of the folder, or a folder of its own, and what differs in preset.
CREATE TABLE subprofiles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    name TEXT NOT NULL,
    key INTEGER CHECK (key BETWEEN 1 AND 9),
    suffix TEXT NOT NULL DEFAULT '',
    folder TEXT NOT NULL DEFAULT '',
    preset TEXT NOT NULL DEFAULT '{}',
    deleted_at TEXT
);
CREATE UNIQUE INDEX subprofiles_by_key ON subprofiles(profile_id, key) WHERE deleted_at IS NULL AND key IS NOT NULL;
CREATE UNIQUE INDEX subprofiles_by_name ON subprofiles(profile_id, name) WHERE deleted_at IS NULL;
