"""What coders answered and what was decided: logs to which rows are added and from which none is removed."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Sequence

from core.domain.annotation import Answer, Gold
from core.errors import UserError
from core.storage.database import Database, after

_COLUMNS = (
    "uid, item_key, task, coder, label, note, difficult, seconds, shown_at, saved_at, assisted, round, repeat,"
    " withdrawn, touched_at"
)
_TOUCH = "UPDATE annotation_answers SET withdrawn = ?, touched_at = ? WHERE project_id = ? AND uid = ?"
_SAME_SAVE = "project_id = ? AND coder = ? AND saved_at = ? AND item_key = ? AND repeat = ?"


class AnswerLog:
    """Answers and decisions of all projects."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def answers(self, project_id: int, task: str | None, coder: str | None, current: bool) -> tuple[Answer, ...]:
        """See `AnnotationStore.answers`."""
        where, values = ["project_id = ?"], [project_id]
        for column, wanted in (("task", task), ("coder", coder)):
            if wanted is not None:
                where.append(f"{column} = ?")
                values.append(wanted)
        if current:
            where.append("NOT withdrawn")
        found = self._db.query(
            f"SELECT {_COLUMNS} FROM annotation_answers WHERE {' AND '.join(where)} ORDER BY saved_at, uid", values
        )
        if not current:
            return tuple(map(_answer, found))
        newest = {(row["item_key"], row["task"], row["coder"], row["repeat"]): row for row in found}
        chosen = {row["uid"] for row in newest.values()}
        return tuple(_answer(row) for row in found if row["uid"] in chosen)

    def judged(self, project_id: int, coder: str) -> tuple[tuple[str, bool, str], ...]:
        """See `AnnotationStore.judged`."""
        rows = self._db.query(
            "SELECT item_key, repeat, task FROM annotation_answers WHERE project_id = ? AND coder = ? AND NOT withdrawn"
            " ORDER BY saved_at, uid",
            (project_id, coder),
        )
        return tuple((key, bool(repeat), task) for key, repeat, task in rows)

    def answered_by(self, project_id: int) -> dict[str, set[str]]:
        """See `AnnotationStore.answered_by`."""
        found: dict[str, set[str]] = {}
        for key, coder in self._db.query(
            "SELECT DISTINCT item_key, coder FROM annotation_answers WHERE project_id = ? AND NOT withdrawn",
            (project_id,),
        ):
            found.setdefault(key, set()).add(coder)
        return found

    def add(self, project_id: int, answers: Sequence[Answer]) -> None:
        """See `AnnotationStore.add_answers`."""
        with self._db.write() as connection:
            self._refuse_unknown(connection, project_id, answers)
            connection.executemany(
                f"INSERT INTO annotation_answers (project_id, {_COLUMNS}) VALUES (?{', ?' * 15})",
                [(project_id, *_values(answer)) for answer in answers],
            )

    def merge(self, project_id: int, answers: Sequence[Answer]) -> tuple[int, int]:
        """See `AnnotationStore.merge_answers`."""
        with self._db.write() as connection:
            self._refuse_unknown(connection, project_id, answers)
            known = {
                row["uid"]: (row["touched_at"], row["withdrawn"])
                for row in self._db.query(
                    "SELECT uid, touched_at, withdrawn FROM annotation_answers WHERE project_id = ?", (project_id,)
                )
            }
            theirs = {answer.uid: answer for answer in sorted(answers, key=_touched)}.values()
            new = [answer for answer in theirs if answer.uid not in known]
            later = [answer for answer in theirs if answer.uid in known and _touched(answer) > known[answer.uid]]
            connection.executemany(
                f"INSERT INTO annotation_answers (project_id, {_COLUMNS}) VALUES (?{', ?' * 15})",
                [(project_id, *_values(answer)) for answer in new],
            )
            connection.executemany(
                _TOUCH, [(answer.withdrawn, answer.touched_at, project_id, answer.uid) for answer in later]
            )
        return len(new), len(later)

    def next_moment(self, project_id: int, coder: str) -> str:
        """See `AnnotationStore.next_moment`."""
        latest = self._db.query(
            "SELECT max(saved_at) FROM annotation_answers WHERE project_id = :project AND coder = :coder"
            " UNION ALL SELECT max(touched_at) FROM annotation_answers"
            " WHERE project_id = :project AND coder = :coder AND touched_at != ''",
            {"project": project_id, "coder": coder},
        )
        return after(max(row[0] or "" for row in latest))

    def to_undo(self, project_id: int, coder: str) -> tuple[Answer, ...]:
        """See `AnnotationStore.to_undo`."""
        newest = self._db.one(
            "SELECT * FROM annotation_answers WHERE project_id = ? AND coder = ? AND NOT withdrawn"
            " ORDER BY saved_at DESC, uid DESC LIMIT 1",
            (project_id, coder),
        )
        return self._save_of(project_id, newest, "NOT withdrawn")

    def to_redo(self, project_id: int, coder: str) -> tuple[Answer, ...]:
        """See `AnnotationStore.to_redo`."""
        newest = self._db.one(
            "SELECT * FROM annotation_answers WHERE project_id = :project AND coder = :coder AND withdrawn"
            " AND touched_at != '' AND touched_at > (SELECT max(saved_at) FROM annotation_answers"
            " WHERE project_id = :project AND coder = :coder)"
            " ORDER BY touched_at DESC, saved_at, uid LIMIT 1",
            {"project": project_id, "coder": coder},
        )
        if newest is None:
            return ()
        return tuple(
            answer
            for answer in self._save_of(project_id, newest, "withdrawn")
            if answer.touched_at == newest["touched_at"]
        )

    def set_withdrawn(self, project_id: int, answers: Sequence[Answer], withdrawn: bool, moment: str) -> None:
        """See `AnnotationStore.set_withdrawn`."""
        with self._db.write() as connection:
            connection.executemany(_TOUCH, [(withdrawn, moment, project_id, answer.uid) for answer in answers])

    def gold(self, project_id: int) -> dict[tuple[str, str], str]:
        """See `AnnotationStore.gold`."""
        newest = {(gold.item_key, gold.task): gold.label for gold in self.gold_log(project_id)}
        return {place: label for place, label in newest.items() if label}

    def gold_log(self, project_id: int) -> tuple[Gold, ...]:
        """See `AnnotationStore.gold_log`."""
        rows = self._db.query(
            "SELECT uid, item_key, task, label, coder, decided_at FROM annotation_gold WHERE project_id = ?"
            " ORDER BY decided_at, uid",
            (project_id,),
        )
        return tuple(Gold(*row) for row in rows)

    def set_gold(self, project_id: int, item_key: str, task: str, label: str, coder: str) -> None:
        """See `AnnotationStore.set_gold`."""
        with self._db.write():
            latest = self._db.one(
                "SELECT max(decided_at) FROM annotation_gold WHERE project_id = ? AND item_key = ? AND task = ?",
                (project_id, item_key, task),
            )[0]
            decided = Gold(str(uuid.uuid4()), item_key, task, label, coder, after(latest))
            self.merge_gold(project_id, [decided])

    def merge_gold(self, project_id: int, gold: Sequence[Gold]) -> int:
        """See `AnnotationStore.merge_gold`."""
        with self._db.write() as connection:
            self._refuse_unknown(connection, project_id, gold)
            before = connection.total_changes
            connection.executemany(
                "INSERT INTO annotation_gold (uid, project_id, item_key, task, label, coder, decided_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [
                    (each.uid, project_id, each.item_key, each.task, each.label, each.coder, each.decided_at)
                    for each in gold
                ],
            )
            return connection.total_changes - before

    def _save_of(self, project_id: int, row: sqlite3.Row | None, state: str) -> tuple[Answer, ...]:
        """The answers that were saved together with this one."""
        if row is None:
            return ()
        # Left to itself SQLite reads the whole project by its primary key.
        found = self._db.query(
            f"SELECT {_COLUMNS} FROM annotation_answers INDEXED BY annotation_answers_by_coder"
            f" WHERE {_SAME_SAVE} AND {state}",
            (project_id, row["coder"], row["saved_at"], row["item_key"], row["repeat"]),
        )
        return tuple(sorted(map(_answer, found), key=lambda answer: answer.uid))

    def _refuse_unknown(self, connection: sqlite3.Connection, project_id: int, rows: Iterable[Answer | Gold]) -> None:
        """One sentence in place of a broken foreign key."""
        unknown = connection.execute(
            "SELECT value FROM json_each(?) WHERE NOT EXISTS"
            " (SELECT 1 FROM annotation_items WHERE project_id = ? AND item_key = value) LIMIT 1",
            (json.dumps(list({row.item_key for row in rows})), project_id),
        ).fetchone()
        if unknown is not None:
            raise UserError(
                "This item is not part of the project", f"The project has none with the key {unknown[0]}", "Add it"
            )


def _touched(answer: Answer) -> tuple[str, bool]:
    return answer.touched_at, answer.withdrawn


def _values(answer: Answer) -> tuple:
    return (
        answer.uid,
        answer.item_key,
        answer.task,
        answer.coder,
        answer.label,
        answer.note,
        answer.difficult,
        answer.seconds,
        answer.shown_at,
        answer.saved_at,
        answer.assisted,
        answer.round,
        answer.repeat,
        answer.withdrawn,
        answer.touched_at,
    )


def _answer(row: sqlite3.Row) -> Answer:
    uid, item, task, coder, label, note, difficult, seconds, shown, saved, assisted, number, repeat, gone, touched = row
    return Answer(
        uid,
        item,
        task,
        coder,
        label,
        note,
        bool(difficult),
        seconds,
        shown,
        saved,
        bool(assisted),
        number,
        bool(repeat),
        bool(gone),
        touched,
    )
