"""Labelling in the history file: the step to it, what the tables refuse, and what merging copies does."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from core.db import ProcessedDB
from core.domain.annotation import Answer, Coder, Gold, Item, ItemKind, Project, Step, Task
from core.errors import NewerDataError, UserError
from core.ops import label
from core.storage.backup import list_backups
from core.storage.database import Database
from core.storage.migrate import migrate, migrations
from tests.core.annotation.labelled import MOOD, frame, project, say


def history_before(folder: Path, path: Path) -> int:
    """A history of the version before labelling, with a scan in it; returns that version."""
    number = next(step.number for step in migrations() if step.path.stem.endswith("_annotation"))
    steps = folder / "steps"
    steps.mkdir()
    for step in migrations()[: number - 1]:
        shutil.copy(step.path, steps)
    old = Database(path)
    migrate(old, steps)
    with old.write() as connection:
        connection.execute("INSERT INTO media (content_key, path, created_at) VALUES ('b3-1', '/v/a.mp4', '2026')")
        connection.execute(
            "INSERT INTO scan_versions (profile_id, media_id, model, timestamp) VALUES (1, 1, 'dog', '20261101')"
        )
        connection.execute(
            "INSERT INTO scan_regions (version_id, start_s, end_s, score, orig_start_s, orig_end_s)"
            " VALUES (1, 1.0, 2.0, 0.9, 1.0, 2.0)"
        )
    old.close()
    return number - 1


def test_an_older_history_gets_the_tables_and_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    before = history_before(tmp_path, path)
    with ProcessedDB(path) as db:
        assert db.scans.results(1, 1, "20261101") == {"dog": [(1, 1.0, 2.0, 0.9, False, 1.0, 2.0)]}
        assert db.annotation.projects() == ()
        made = project(db, tasks=(MOOD,))
        say(db, made, "anna", frame(0, 0), "happy")
        assert len(db.annotation.answers(made.id)) == 1
    [backup] = list_backups(path)
    assert f"v{before}" in backup.path.name
    with sqlite3.connect(backup.path) as connection:
        assert connection.execute("SELECT count(*) FROM scan_regions").fetchone() == (1,)
        assert connection.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'annotation%'").fetchall() == []
    connection.close()


def test_a_history_of_a_newer_program_is_refused_with_its_labels_untouched(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with ProcessedDB(path) as db:
        say(db, project(db, tasks=(MOOD,)), "anna", frame(0, 0), "happy")
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(migrations()) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NewerDataError, match="was written by a newer 8-cut"):
        ProcessedDB(path)
    assert path.read_bytes() == before


def test_nothing_hangs_in_the_air(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    say(db, made, "anna", frame(0, 0), "happy")
    label.adjudicate(db, made, frame(0, 0).key, "mood", "sad", "bo")
    assert db._database.query("PRAGMA foreign_key_check") == []
    for table in ("annotation_items", "annotation_coders", "annotation_projects"):
        with pytest.raises(sqlite3.IntegrityError), db.write() as connection:
            connection.execute(f"DELETE FROM {table}")
    assert len(db.annotation.answers(made.id)) == 1


def test_a_read_only_history_shows_labels_and_takes_none(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with ProcessedDB(path) as db:
        made = project(db, tasks=(MOOD,))
        say(db, made, "anna", frame(0, 0), "happy")
    with ProcessedDB(path, read_only=True) as db:
        assert label.queue(db, made, "anna").done == 1
        with pytest.raises(UserError):
            label.save(db, made, "anna", Step(frame(0, 1)), {"mood": "sad"})


def test_names_of_any_letters_are_kept(db: ProcessedDB) -> None:
    tasks = (Task("Stimmung 😀", ("fröhlich", 'sad "very"'), screened=True),)
    made, _ = label.create_project(db, "Küche; DROP TABLE", ItemKind.FRAME, tasks)
    assert db.annotation.get("Küche; DROP TABLE") == made
    assert db.annotation.projects()[0].tasks == tasks


def test_items_are_sorted_by_key_and_added_once(db: ProcessedDB) -> None:
    made = project(db, videos=0)
    items = [Item("b3-1", ItemKind.FRAME, number, number / 25, number / 25) for number in (10, 2, 2, 33)]
    assert db.annotation.add_items(made.id, items) == 3
    assert db.annotation.add_items(made.id, items) == 0
    found = db.annotation.items(made.id)
    assert [item.key for item in found] == sorted({item.key for item in items})
    assert set(found) == set(items)
    assert db.annotation.item(made.id, "b3-1#10") == items[0]
    with pytest.raises(UserError, match="not part of the project"):
        db.annotation.item(made.id, "b3-1#11")


def test_two_projects_keep_their_rows_apart(db: ProcessedDB) -> None:
    one, two = project(db, tasks=(MOOD,)), project(db, tasks=(MOOD,), name="garden")
    say(db, one, "anna", frame(0, 0), "happy")
    [answer] = db.annotation.answers(one.id)
    db.annotation.add_coder(two.id, "anna")
    assert db.annotation.merge_answers(two.id, [replace(answer, label="sad")]) == (1, 0), "a copy under the same uid"
    assert db.annotation.answers(one.id) == (answer,)
    assert label.undo(db, two, "anna")[0] is not None
    assert db.annotation.answers(one.id) == (answer,)


def test_answers_can_be_asked_for_by_task_and_coder(db: ProcessedDB) -> None:
    made = project(db)
    for coder in ("anna", "bo"):
        label.save(db, made, coder, Step(frame(0, 0)), {"perspective": "1st person", "distance": "Social"})
    assert {each.coder for each in db.annotation.answers(made.id, task="distance")} == {"anna", "bo"}
    assert {each.task for each in db.annotation.answers(made.id, coder="bo")} == {"perspective", "distance"}
    assert len(db.annotation.answers(made.id, task="distance", coder="bo")) == 1
    assert db.annotation.answers(made.id, coder="cleo") == ()


def test_of_two_copies_the_one_touched_last_counts(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    db.annotation.add_coder(made.id, "anna")
    at = "2026-11-20T10:00:0{}.000000+00:00".format
    plain = Answer("u1", frame(0, 0).key, "mood", "anna", "happy", saved_at=at(0))
    copies = [plain, replace(plain, withdrawn=True, touched_at=at(1)), replace(plain, touched_at=at(2))]
    assert db.annotation.merge_answers(made.id, [copies[1], copies[0]]) == (1, 0)
    assert db.annotation.answers(made.id) == ()
    assert db.annotation.merge_answers(made.id, [copies[0]]) == (0, 0)
    assert db.annotation.merge_answers(made.id, [copies[2], copies[1]]) == (0, 1)
    assert db.annotation.answers(made.id) == (copies[2],)


def test_merging_what_belongs_to_unknown_items_is_refused(db: ProcessedDB) -> None:
    made = project(db, tasks=(MOOD,))
    at = "2026-11-20T10:00:00.000000+00:00"
    with pytest.raises(UserError, match="not part of the project"):
        db.annotation.merge_answers(made.id, [Answer("u", "b3-99#1", "mood", "anna", "happy", saved_at=at)])
    with pytest.raises(UserError, match="not part of the project"):
        db.annotation.merge_gold(made.id, [Gold("u", "b3-99#1", "mood", "happy", "anna", at)])


def test_coders_come_and_go(db: ProcessedDB) -> None:
    made = project(db)
    assert db.annotation.add_coder(made.id, " bo ") == "bo"
    db.annotation.add_coder(made.id, "bo")
    db.annotation.set_away(made.id, "bo", True)
    [away] = db.annotation.team(made.id)
    assert (away.name, away.away) == ("bo", True)
    assert not db.annotation.merge_coder(made.id, Coder("bo")), "who is not touched knows nothing newer"
    assert db.annotation.coders(made.id) == ("bo",)


def test_a_project_of_the_same_uid_cannot_be_made_twice(db: ProcessedDB) -> None:
    made = project(db)
    with pytest.raises(sqlite3.IntegrityError):
        db.annotation.create(Project(0, made.uid, "copy", made.kind, made.tasks, made.salt))
