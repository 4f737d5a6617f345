"""Figures of corpus runs by media."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from core.domain.features import FeatureColumn, Figure, MediaFigures
from core.storage.database import Database


class FeatureStore:
    """One row per media and extractor; what is loaded later takes the place of what was there."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put_columns(self, columns: Sequence[FeatureColumn]) -> None:
        """Add columns after those there are; one of a known name changes in its place."""
        with self._db.write() as connection:
            last = connection.execute("SELECT coalesce(max(place), 0) FROM feature_columns").fetchone()[0]
            connection.executemany(
                "INSERT INTO feature_columns (name, unit, kind, about, place) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET unit = excluded.unit, kind = excluded.kind, about = excluded.about",
                [
                    (column.name, column.unit, column.kind, column.about, place)
                    for place, column in enumerate(columns, start=last + 1)
                ],
            )

    def columns(self) -> tuple[FeatureColumn, ...]:
        """All columns, in the order they came."""
        rows = self._db.query("SELECT name, unit, kind, about FROM feature_columns ORDER BY place, name")
        return tuple(FeatureColumn(*row) for row in rows)

    def put(self, rows: Iterable[MediaFigures]) -> None:
        """Store figures."""
        with self._db.write() as connection:
            connection.executemany(
                "INSERT INTO media_features (media_id, extractor, version, figures, reason) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (media_id, extractor) DO UPDATE SET version = excluded.version,"
                " figures = excluded.figures, reason = excluded.reason",
                [(row.media_id, row.extractor, row.version, json.dumps(row.figures), row.reason) for row in rows],
            )

    def of_media(self, media_id: int) -> tuple[MediaFigures, ...]:
        """Everything known of a media, by extractor."""
        rows = self._db.query(
            "SELECT media_id, extractor, version, figures, reason FROM media_features WHERE media_id = ?"
            " ORDER BY extractor",
            (media_id,),
        )
        return tuple(MediaFigures(row[0], row[1], row[2], json.loads(row[3]), row[4]) for row in rows)

    def figures(self, name: str) -> dict[int, Figure]:
        """The figures of one column by media id; media without one are left out."""
        rows = self._db.query(
            "SELECT f.media_id, json_extract(f.figures, :path), c.kind FROM feature_columns c JOIN media_features f"
            " ON json_extract(f.figures, :path) IS NOT NULL WHERE c.name = :name",
            {"path": f'$."{name}"', "name": name},
        )
        return {row[0]: bool(row[1]) if row[2] == "bool" else row[1] for row in rows}
