-- Figures of corpus runs, for the columns of the media list. Lists of numbers and vectors stay in the output folder.

CREATE TABLE feature_columns (
    name TEXT PRIMARY KEY,
    unit TEXT NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    place INTEGER NOT NULL
);

-- One row per media and extractor: figures is a JSON object by name of column, reason says why there are none.
CREATE TABLE media_features (
    media_id INTEGER NOT NULL REFERENCES media(id),
    extractor TEXT NOT NULL,
    version INTEGER NOT NULL,
    figures TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (media_id, extractor)
) WITHOUT ROWID;
