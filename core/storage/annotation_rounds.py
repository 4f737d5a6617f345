"""Rounds of labelling, and what each wants judged next."""

from __future__ import annotations

import json
from collections.abc import Iterable

from core.domain.annotation import Queue, QueueEntry, Round
from core.errors import UserError
from core.storage.database import Database, utc_now


class RoundStore:
    """Rounds and queues by project and number."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def newest_queue(self, project_id: int) -> Queue | None:
        """See `AnnotationStore.newest_queue`."""
        made = self._db.one(
            "SELECT round, made_at FROM annotation_queues WHERE project_id = ? ORDER BY round DESC LIMIT 1",
            (project_id,),
        )
        if made is None:
            return None
        rows = self._db.query(
            "SELECT item_key, score, reason, probability FROM annotation_queue_entries"
            " WHERE project_id = ? AND round = ? ORDER BY position",
            (project_id, made["round"]),
        )
        return Queue(made["round"], made["made_at"], tuple(QueueEntry(*row) for row in rows))

    def set_queue(self, project_id: int, number: int, entries: Iterable[QueueEntry], made_at: str = "") -> None:
        """See `AnnotationStore.set_queue`."""
        entries = tuple(entries)
        with self._db.write() as connection:
            for entry in entries:
                known = connection.execute(
                    "SELECT 1 FROM annotation_items WHERE project_id = ? AND item_key = ?", (project_id, entry.item_key)
                ).fetchone()
                if known is None:
                    raise UserError(
                        "The queue holds an item that is not part of the project",
                        f"The project has none with the key {entry.item_key}",
                        "Leave it out, or add its video first",
                    )
            connection.execute("DELETE FROM annotation_queues WHERE project_id = ? AND round = ?", (project_id, number))
            connection.execute(
                "INSERT INTO annotation_queues (project_id, round, made_at) VALUES (?, ?, ?)",
                (project_id, number, made_at or utc_now()),
            )
            connection.executemany(
                "INSERT INTO annotation_queue_entries (project_id, round, position, item_key, score, reason,"
                " probability) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (project_id, number, position, each.item_key, each.score, each.reason, each.probability)
                    for position, each in enumerate(entries)
                ],
            )

    def all(self, project_id: int) -> tuple[Round, ...]:
        """See `AnnotationStore.rounds`."""
        rows = self._db.query(
            "SELECT number, folder, finished_at, metrics FROM annotation_rounds WHERE project_id = ? ORDER BY number",
            (project_id,),
        )
        return tuple(Round(number, folder, at, json.loads(metrics)) for number, folder, at, metrics in rows)

    def set(self, project_id: int, round_: Round) -> None:
        """See `AnnotationStore.set_round`."""
        with self._db.write() as connection:
            connection.execute(
                "INSERT INTO annotation_rounds (project_id, number, folder, finished_at, metrics)"
                " VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (project_id, number) DO UPDATE SET folder = excluded.folder,"
                " finished_at = excluded.finished_at, metrics = excluded.metrics",
                (
                    project_id,
                    round_.number,
                    round_.folder,
                    round_.finished_at,
                    json.dumps(round_.metrics, ensure_ascii=False, allow_nan=False),
                ),
            )
