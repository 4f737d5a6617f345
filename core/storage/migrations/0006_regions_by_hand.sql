-- A region that a person made by splitting or merging, and those that it took the place of: undo brings them back.
ALTER TABLE scan_regions ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scan_regions ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0;
