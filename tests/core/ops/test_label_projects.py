"""Projects that are deleted and come back, with everything in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.annotation.label_file import Labels
from core.db import ProcessedDB
from core.domain.annotation import ItemKind
from core.errors import UserError
from core.ops import label
from core.ops.label_exchange import collect, export_labels, import_labels
from core.ops.label_overview import overviews
from core.storage.migrate import FOLDER
from tests.core.annotation.labelled import MOOD, frame, project, say
from tests.core.storage.test_trash import older_history


def everything(db: ProcessedDB, uid: str) -> Labels:
    return collect(db, db.annotation.by_uid(uid))


def test_a_deleted_project_is_out_of_sight_and_comes_back_as_it_was(db: ProcessedDB) -> None:
    made, other = project(db, tasks=(MOOD,)), project(db, tasks=(MOOD,), name="garden")
    say(db, made, "anna", frame(0, 0), "happy")
    label.adjudicate(db, made, frame(0, 1).key, "mood", "sad", "anna")
    before = everything(db, made.uid)
    assert label.delete_project(db, made) == label.LABELS
    assert [each.project for each in overviews(db)] == [other]
    assert db.annotation.deleted_projects() == (made,)
    with pytest.raises(UserError, match="kitchen was deleted"):
        db.annotation.get("kitchen")
    assert label.restore_project(db, "kitchen") == (made, label.LABELS)
    assert everything(db, made.uid) == before
    assert db.annotation.deleted_projects() == ()


def test_what_was_not_deleted_cannot_be_brought_back(db: ProcessedDB) -> None:
    made = project(db)
    with pytest.raises(UserError, match="None is deleted"):
        label.restore_project(db, "kitchen")
    label.delete_project(db, made)
    with pytest.raises(UserError, match="Deleted are: kitchen"):
        label.restore_project(db, "garden")


def test_the_name_of_a_deleted_project_stays_its_own(db: ProcessedDB) -> None:
    label.delete_project(db, project(db))
    with pytest.raises(UserError, match="It was deleted and can be brought back"):
        label.create_project(db, "kitchen", ItemKind.FRAME, [MOOD])


def test_an_import_brings_its_project_back(db: ProcessedDB, tmp_path: Path) -> None:
    made = project(db, tasks=(MOOD,))
    say(db, made, "anna", frame(0, 0), "happy")
    export_labels(db, made, tmp_path / "labels.jsonl")
    label.delete_project(db, made)
    summary, changes = import_labels(db, tmp_path / "labels.jsonl")
    assert (summary.restored, summary.unchanged, summary.answers) == (True, False, 0)
    assert changes == label.LABELS
    assert db.annotation.projects() == (made,)
    again, changes = import_labels(db, tmp_path / "labels.jsonl")
    assert (again.restored, again.unchanged, bool(changes)) == (False, True, False)


def test_another_project_of_a_deleted_name_gets_a_name_of_its_own(db: ProcessedDB, tmp_path: Path) -> None:
    with ProcessedDB(tmp_path / "other.db") as other:
        export_labels(other, project(other, tasks=(MOOD,)), tmp_path / "theirs.jsonl")
    label.delete_project(db, project(db, tasks=(MOOD,)))
    summary, _ = import_labels(db, tmp_path / "theirs.jsonl")
    assert summary.project.name == "kitchen (2)"


def test_projects_of_a_history_from_before_deleting_are_all_there(tmp_path: Path) -> None:
    assert FOLDER.joinpath("0009_deleted_projects.sql").is_file()
    old = older_history(tmp_path / "old.db", 8)
    with old.write() as connection:
        connection.execute(
            "INSERT INTO annotation_projects (uid, name, kind, tasks, salt, overlap, repeats, created_at) VALUES"
            """ ('u', 'kitchen', 'frame', '[{"name": "mood", "classes": ["happy", "sad"], "screened": false}]', 'u',"""
            " 0.15, 0.05, '2026')"
        )
    old.close()
    with ProcessedDB(tmp_path / "old.db") as db:
        assert [each.name for each in db.annotation.projects()] == ["kitchen"]
        assert db.annotation.deleted_projects() == ()
