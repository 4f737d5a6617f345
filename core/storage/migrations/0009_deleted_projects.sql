-- A labelling project that was deleted keeps its rows, so that it comes back as it was.
ALTER TABLE annotation_projects ADD COLUMN deleted_at TEXT;
