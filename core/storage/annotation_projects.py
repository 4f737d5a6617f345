"""Labelling projects, their items and coders."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from core.domain.annotation import Coder, Item, ItemKind, Project, Task
from core.errors import UserError
from core.storage.database import Database, after, utc_now


class ProjectStore:
    """Projects by name and by uid."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def create(self, project: Project) -> Project:
        """See `AnnotationStore.create`."""
        with self._db.write() as connection:
            self._refuse_name(project)
            project_id = connection.execute(
                "INSERT INTO annotation_projects (uid, name, kind, tasks, salt, screener, overlap, repeats,"
                " show_picture, assisted, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    project.uid,
                    project.name,
                    project.kind.value,
                    tasks_to_json(project.tasks),
                    project.salt,
                    project.screener,
                    project.overlap,
                    project.repeats,
                    project.show_picture,
                    project.assisted,
                    utc_now(),
                ),
            ).lastrowid
        return replace(project, id=project_id)

    def change(self, project: Project, touched_at: str | None) -> Project:
        """See `AnnotationStore.change`."""
        with self._db.write() as connection:
            self._refuse_name(project)
            connection.execute(
                "UPDATE annotation_projects SET name = ?, screener = ?, overlap = ?, repeats = ?, show_picture = ?,"
                " assisted = ?, touched_at = ? WHERE id = ?",
                (
                    project.name,
                    project.screener,
                    project.overlap,
                    project.repeats,
                    project.show_picture,
                    project.assisted,
                    after(self.touched_at(project.id)) if touched_at is None else touched_at,
                    project.id,
                ),
            )
        return project

    def touched_at(self, project_id: int) -> str:
        """See `AnnotationStore.touched_at`."""
        return self._db.one("SELECT touched_at FROM annotation_projects WHERE id = ?", (project_id,))[0]

    def all(self, *, deleted: bool = False) -> tuple[Project, ...]:
        """See `AnnotationStore.projects` and `AnnotationStore.deleted_projects`."""
        rows = self._db.query(
            "SELECT * FROM annotation_projects WHERE (deleted_at IS NOT NULL) = ? ORDER BY name", (deleted,)
        )
        return tuple(map(_project, rows))

    def set_deleted(self, project_id: int, deleted: bool) -> None:
        """See `AnnotationStore.set_deleted`."""
        with self._db.write() as connection:
            connection.execute(
                "UPDATE annotation_projects SET deleted_at = ? WHERE id = ?",
                (utc_now() if deleted else None, project_id),
            )

    def get(self, name: str) -> Project:
        """See `AnnotationStore.get`."""
        row = self._db.one("SELECT * FROM annotation_projects WHERE name = ?", (name,))
        if row is not None and row["deleted_at"] is not None:
            raise UserError(f"The labelling project {name} was deleted", "", "Bring it back first")
        if row is None:
            there = ", ".join(project.name for project in self.all())
            raise UserError(
                f"There is no labelling project {name}",
                f"There are: {there}" if there else "There is none yet",
                "Choose one of them" if there else "Make one first",
            )
        return _project(row)

    def by_uid(self, uid: str) -> Project | None:
        """See `AnnotationStore.by_uid`."""
        row = self._db.one("SELECT * FROM annotation_projects WHERE uid = ?", (uid,))
        return _project(row) if row else None

    def add_items(self, project_id: int, items: Iterable[Item]) -> int:
        """See `AnnotationStore.add_items`."""
        with self._db.write() as connection:
            before = connection.total_changes
            connection.executemany(
                "INSERT INTO annotation_items (project_id, item_key, content_key, frame, start_s, end_s)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [
                    (project_id, item.key, item.content_key, item.frame, float(item.start_s), float(item.end_s))
                    for item in items
                ],
            )
            return connection.total_changes - before

    def items(self, project_id: int) -> tuple[Item, ...]:
        """See `AnnotationStore.items`."""
        rows = self._db.query(
            "SELECT content_key, frame, start_s, end_s FROM annotation_items WHERE project_id = ? ORDER BY item_key",
            (project_id,),
        )
        return tuple(map(_item, rows))

    def remove_items(self, project_id: int, keys: Iterable[str]) -> int:
        """See `AnnotationStore.remove_items`."""
        with self._db.write() as connection:
            return connection.execute(
                "DELETE FROM annotation_items AS i WHERE project_id = :project"
                " AND item_key IN (SELECT value FROM json_each(:keys)) AND NOT EXISTS"
                " (SELECT 1 FROM annotation_answers a WHERE a.project_id = i.project_id AND a.item_key = i.item_key)"
                " AND NOT EXISTS"
                " (SELECT 1 FROM annotation_gold g WHERE g.project_id = i.project_id AND g.item_key = i.item_key)"
                " AND NOT EXISTS (SELECT 1 FROM annotation_queue_entries q"
                " WHERE q.project_id = i.project_id AND q.item_key = i.item_key)",
                {"project": project_id, "keys": json.dumps(list(keys))},
            ).rowcount

    def known_items(self, project_id: int, keys: Iterable[str]) -> frozenset[str]:
        """See `AnnotationStore.known_items`."""
        rows = self._db.query(
            "SELECT item_key FROM annotation_items WHERE project_id = ?"
            " AND item_key IN (SELECT value FROM json_each(?))",
            (project_id, json.dumps(list(keys))),
        )
        return frozenset(row[0] for row in rows)

    def item(self, project_id: int, item_key: str) -> Item:
        """See `AnnotationStore.item`."""
        row = self._db.one(
            "SELECT content_key, frame, start_s, end_s FROM annotation_items WHERE project_id = ? AND item_key = ?",
            (project_id, item_key),
        )
        if row is None:
            raise UserError("This item is not part of the project", f"It has none with the key {item_key}", "Add it")
        return _item(row)

    def team(self, project_id: int) -> tuple[Coder, ...]:
        """See `AnnotationStore.team`."""
        rows = self._db.query(
            "SELECT name, away, touched_at FROM annotation_coders WHERE project_id = ? ORDER BY name", (project_id,)
        )
        return tuple(Coder(name, bool(away), touched_at) for name, away, touched_at in rows)

    def add_coder(self, project_id: int, name: str) -> str:
        """See `AnnotationStore.add_coder`."""
        known = coder_name(name)
        with self._db.write() as connection:
            connection.execute(
                "INSERT INTO annotation_coders (project_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (project_id, known),
            )
        return known

    def set_away(self, project_id: int, name: str, away: bool) -> None:
        """See `AnnotationStore.set_away`."""
        with self._db.write():
            known = {coder.name: coder for coder in self.team(project_id)}
            if name not in known:
                raise UserError(f"Nobody called {name} labels here", f"There are: {', '.join(known) or 'none'}", "")
            self.merge_coder(project_id, Coder(name, away, after(known[name].touched_at)))

    def merge_coder(self, project_id: int, coder: Coder) -> bool:
        """See `AnnotationStore.merge_coder`."""
        with self._db.write() as connection:
            before = connection.total_changes
            connection.execute(
                "INSERT INTO annotation_coders (project_id, name, away, touched_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (project_id, name) DO UPDATE SET away = excluded.away, touched_at = excluded.touched_at"
                " WHERE (excluded.touched_at, excluded.away) > (touched_at, away)",
                (project_id, coder.name, coder.away, coder.touched_at),
            )
            return connection.total_changes > before

    def _refuse_name(self, project: Project) -> None:
        if not project.name.strip():
            raise UserError("A labelling project needs a name", "It is empty", "Type one")
        taken = self._db.one("SELECT uid, deleted_at FROM annotation_projects WHERE name = ?", (project.name,))
        if taken is not None and taken["uid"] != project.uid:
            gone = taken["deleted_at"] is not None
            raise UserError(
                f"There is a labelling project {project.name} already",
                "It was deleted and can be brought back" if gone else "",
                "Choose another name",
            )


def coder_name(name: str) -> str:
    """A coder's name as it is stored, so that one person typed on two machines is one coder. Raises UserError."""
    known = unicodedata.normalize("NFC", " ".join(name.split()))
    if not known:
        raise UserError("A coder needs a name", "It is empty", "Type one")
    return known


def tasks_to_json(tasks: Iterable[Task]) -> str:
    """The tasks as a row stores them."""
    return json.dumps(
        [{"name": task.name, "classes": list(task.classes), "screened": task.screened} for task in tasks],
        ensure_ascii=False,
    )


def _item(row: sqlite3.Row) -> Item:
    content_key, frame, start_s, end_s = row
    return Item(content_key, ItemKind.WINDOW if frame < 0 else ItemKind.FRAME, frame, start_s, end_s)


def _project(row: sqlite3.Row) -> Project:
    tasks = tuple(Task(task["name"], tuple(task["classes"]), task["screened"]) for task in json.loads(row["tasks"]))
    return Project(
        row["id"],
        row["uid"],
        row["name"],
        ItemKind(row["kind"]),
        tasks,
        row["salt"],
        row["screener"],
        row["overlap"],
        row["repeats"],
        bool(row["show_picture"]),
        bool(row["assisted"]),
    )
