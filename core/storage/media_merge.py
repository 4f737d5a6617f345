"""Joining two media rows that turned out to be one file: nothing of either's history is lost."""

from __future__ import annotations

import sqlite3

# Tables where both rows may have an entry for the same thing: the kept media's entry stays.
_MOVE_IF_FREE = (
    ("media_paths", "path"),
    ("media_names", "name"),
    ("media_numbers", "profile_id"),
    ("list_entries", "list_id"),
    ("last_positions", "profile_id"),
    ("hard_negatives", "profile_id, start_ms"),
    ("crop_keyframes", "profile_id, time_ms"),
    ("media_features", "extractor"),
)
_SOFT_DELETED = (
    ("list_entries", "list_id"),
    ("hard_negatives", "profile_id, start_ms"),
    ("crop_keyframes", "profile_id, time_ms"),
)


def merge_media(connection: sqlite3.Connection, gone: int, kept: int) -> None:
    """Hand everything of media `gone` to media `kept` and delete the row, inside the caller's transaction."""
    pair = {"gone": gone, "kept": kept}
    connection.execute("UPDATE batches SET media_id = :kept WHERE media_id = :gone", pair)
    _merge_versions(connection, pair)
    connection.execute(
        "INSERT INTO media_flags (profile_id, media_id, hidden, disabled)"
        " SELECT profile_id, :kept, hidden, disabled FROM media_flags WHERE media_id = :gone"
        " ON CONFLICT DO UPDATE SET hidden = max(hidden, excluded.hidden), disabled = max(disabled, excluded.disabled)",
        pair,
    )
    connection.execute("DELETE FROM media_flags WHERE media_id = :gone", pair)
    for table, key in _SOFT_DELETED:
        connection.execute(
            f"UPDATE {table} SET deleted_at = NULL WHERE media_id = :kept AND ({key}) IN"
            f" (SELECT {key} FROM {table} WHERE media_id = :gone AND deleted_at IS NULL)",
            pair,
        )
    for table, key in _MOVE_IF_FREE:
        connection.execute(
            f"UPDATE {table} SET media_id = :kept WHERE media_id = :gone"
            f" AND ({key}) NOT IN (SELECT {key} FROM {table} WHERE media_id = :kept)",
            pair,
        )
        connection.execute(f"DELETE FROM {table} WHERE media_id = :gone", pair)
    connection.execute("DELETE FROM media WHERE id = :gone", pair)


def _merge_versions(connection: sqlite3.Connection, pair: dict[str, int]) -> None:
    """Scan versions of one model and time join; the others only change their media."""
    connection.execute(
        "UPDATE scan_regions SET version_id = (SELECT k.id FROM scan_versions g JOIN scan_versions k"
        " ON k.profile_id = g.profile_id AND k.model = g.model AND k.timestamp = g.timestamp AND k.media_id = :kept"
        " WHERE g.id = scan_regions.version_id)"
        " WHERE version_id IN (SELECT g.id FROM scan_versions g JOIN scan_versions k"
        " ON k.profile_id = g.profile_id AND k.model = g.model AND k.timestamp = g.timestamp AND k.media_id = :kept"
        " WHERE g.media_id = :gone)",
        pair,
    )
    connection.execute(
        "UPDATE scan_versions SET media_id = :kept WHERE media_id = :gone AND (profile_id, model, timestamp)"
        " NOT IN (SELECT profile_id, model, timestamp FROM scan_versions WHERE media_id = :kept)",
        pair,
    )
    connection.execute("DELETE FROM scan_versions WHERE media_id = :gone", pair)
