"""Crop keyframes by media and profile."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.crop_plan import CropKeyframe, in_order
from core.storage.database import Database, utc_now


class CropStore:
    """The crop keyframes of a media in a profile; at most one per millisecond."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def keyframes(self, media_id: int, profile: str) -> tuple[CropKeyframe, ...]:
        """In order of time; none for a profile that is not there."""
        rows = self._db.query(
            "SELECT k.time_s, k.ratio, k.center, k.random_portrait, k.random_square FROM crop_keyframes k"
            " JOIN profiles p ON p.id = k.profile_id"
            " WHERE k.media_id = ? AND p.name = ? AND p.deleted_at IS NULL AND k.deleted_at IS NULL ORDER BY k.time_ms",
            (media_id, profile),
        )
        return tuple(CropKeyframe(row[0], row[1], row[2], bool(row[3]), bool(row[4])) for row in rows)

    def replace(self, profile_id: int, media_id: int, keyframes: Sequence[CropKeyframe]) -> None:
        """Let these be all the keyframes there are. Rows that leave are only marked, so undo finds them."""
        wanted = in_order(keyframes)
        with self._db.write() as connection:
            connection.execute(
                "UPDATE crop_keyframes SET deleted_at = ? WHERE profile_id = ? AND media_id = ? AND deleted_at IS NULL",
                (utc_now(), profile_id, media_id),
            )
            connection.executemany(
                "INSERT INTO crop_keyframes"
                " (profile_id, media_id, time_ms, time_s, ratio, center, random_portrait, random_square)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (profile_id, media_id, time_ms) DO UPDATE SET"
                " time_s = excluded.time_s, ratio = excluded.ratio, center = excluded.center,"
                " random_portrait = excluded.random_portrait, random_square = excluded.random_square,"
                " deleted_at = NULL",
                [
                    (
                        profile_id,
                        media_id,
                        round(each.time_s * 1000),
                        each.time_s,
                        each.ratio,
                        each.center,
                        int(each.random_portrait),
                        int(each.random_square),
                    )
                    for each in wanted
                ],
            )
