"""The right pane: what scans found in the open media, and everything a person does about it."""
